/**
 * Who must pay call depth, and how much. Only recursion can nest calls without bound, so only functions that lie on a cycle of
 * the call graph pay at each call; what the functions they call stack up on top, which no cycle multiplies, is paid with it.
 * A function outside of every cycle pays nothing: how deep such calls nest is known from the code.
 */

export interface CallGraph {
  /** Functions called, by caller: one list for each function. */
  callees: readonly (readonly number[])[];
  /** Whether a function calls through the table. */
  indirect: readonly boolean[];
  /** Functions in the table: any of them may be meant by an indirect call. */
  table: readonly number[];
  /** Depth units of each function's own frame. */
  frames: readonly number[];
}

export interface Depths {
  /** What each function pays when called: 0 outside of cycles. */
  units: number[];
  /** The most units that calls nest without passing a function that pays. */
  unpaidMax: number;
}

/** Computes what every function pays. Linear in the number of calls; never recursive, since the graph may be hostile. */
export function depthsOf(graph: CallGraph): Depths {
  const count = graph.callees.length;
  // Node `count` stands for the table: whoever calls indirectly calls it, and it calls every function in the table.
  const edges = graph.callees.map((callees, node) => (graph.indirect[node] === true ? [...callees, count] : callees));
  edges.push(graph.table);
  const { order, cyclic } = components(edges);

  const units = new Array<number>(count).fill(0);
  /** Units that a call of the node stacks up until the next function that pays; 0 for those that pay. */
  const chain = new Array<number>(count + 1).fill(0);
  let unpaidMax = 0;
  // In `order` callees come first, except along cycles; and a cycle's members count as 0 for one another.
  for (const node of order) {
    let deepest = 0;
    for (const callee of edges[node]!) if (!cyclic[callee] && chain[callee]! > deepest) deepest = chain[callee]!;
    const total = deepest + (graph.frames[node] ?? 0);
    if (!cyclic[node]) chain[node] = total;
    else if (node < count) units[node] = total;
    else chain[node] = 0;
    unpaidMax = Math.max(unpaidMax, chain[node]!);
  }
  return { units, unpaidMax };
}

/** Tarjan's strongly connected components, with a stack of its own: nodes in an order of callees first, and those on cycles. */
function components(edges: readonly (readonly number[])[]): { order: number[]; cyclic: boolean[] } {
  const count = edges.length;
  const index = new Int32Array(count).fill(-1);
  const low = new Int32Array(count);
  const onStack = new Uint8Array(count);
  const cyclic = new Array<boolean>(count).fill(false);
  const order: number[] = [];
  const stack: number[] = [];
  let next = 0;

  const visit = (node: number): { node: number; edge: number } => {
    index[node] = low[node] = next++;
    stack.push(node);
    onStack[node] = 1;
    return { node, edge: 0 };
  };
  const finish = (node: number): void => {
    if (low[node] !== index[node]) return;
    const members = stack.splice(stack.lastIndexOf(node));
    for (const member of members) {
      onStack[member] = 0;
      cyclic[member] = members.length > 1 || edges[member]!.includes(member);
      order.push(member);
    }
  };

  for (let root = 0; root < count; root++) {
    if (index[root] !== -1) continue;
    const path = [visit(root)];
    while (path.length > 0) {
      const step = path.at(-1)!;
      const callee = edges[step.node]![step.edge++];
      if (callee === undefined) {
        path.pop();
        finish(step.node);
        const caller = path.at(-1);
        if (caller !== undefined) low[caller.node] = Math.min(low[caller.node]!, low[step.node]!);
      } else if (index[callee] === -1) path.push(visit(callee));
      else if (onStack[callee] === 1) low[step.node] = Math.min(low[step.node]!, index[callee]!);
    }
  }
  return { order, cyclic };
}
