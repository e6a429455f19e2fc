/**
 * Who calls whom. Only recursion can nest calls without bound, so only functions that lie on a cycle of the call graph pay
 * call depth at each call. What the others stack up is known from the code: along any path each of them appears once at most.
 */

export interface CallGraph {
  /** Functions called, by caller: one list for each function. */
  callees: readonly (readonly number[])[];
  /** Whether a function calls through the table. */
  indirect: readonly boolean[];
  /** Functions in the table: any of them may be meant by an indirect call. */
  table: readonly number[];
}

/** The graph by its cycles. Node `count` stands for the table: whoever calls indirectly calls it, and it calls every function in the table. */
export interface CallOrder {
  edges: readonly (readonly number[])[];
  /** Strongly connected components, callees first. */
  components: readonly (readonly number[])[];
  /** By node: whether it lies on a cycle. */
  cyclic: readonly boolean[];
}

export interface Depths {
  /** What each function pays when called: its frame, or 0 outside of cycles. */
  units: number[];
  /** The most units that functions which don't pay can have on the stack at once. */
  unpaidMax: number;
}

/** Linear in the number of calls; never recursive, since the graph may be hostile. */
export function callOrder(graph: CallGraph): CallOrder {
  const count = graph.callees.length;
  const edges = graph.callees.map((callees, node) => (graph.indirect[node] === true ? [...callees, count] : callees));
  edges.push(graph.table);
  const components = componentsOf(edges);
  const cyclic = new Array<boolean>(count + 1).fill(false);
  for (const members of components) {
    if (members.length > 1 || edges[members[0]!]!.includes(members[0]!)) for (const member of members) cyclic[member] = true;
  }
  return { edges, components, cyclic };
}

/** What every function pays; `frames`: depth units of each function's own frame. */
export function depthsOf({ edges, components, cyclic }: CallOrder, frames: readonly number[]): Depths {
  const count = edges.length - 1;
  const units = new Array<number>(count).fill(0);
  /** The most unpaid units on the stack from a call of the node on. */
  const unpaid = new Array<number>(count + 1).fill(0);
  let unpaidMax = 0;
  for (const members of components) {
    let deepest = 0;
    // Callees outside of the component are done; those inside still count as 0, as they should.
    for (const member of members) for (const callee of edges[member]!) if (unpaid[callee]! > deepest) deepest = unpaid[callee]!;
    for (const member of members) {
      const frame = frames[member] ?? 0;
      if (cyclic[member] === true && member < count) units[member] = frame;
      unpaid[member] = cyclic[member] === true ? deepest : deepest + frame;
    }
    unpaidMax = Math.max(unpaidMax, unpaid[members[0]!]!);
  }
  return { units, unpaidMax };
}

/** Tarjan's strongly connected components, callees first, with a stack of its own. */
function componentsOf(edges: readonly (readonly number[])[]): number[][] {
  const count = edges.length;
  const index = new Int32Array(count).fill(-1);
  const low = new Int32Array(count);
  const onStack = new Uint8Array(count);
  const found: number[][] = [];
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
    for (const member of members) onStack[member] = 0;
    found.push(members);
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
  return found;
}
