/**
 * A sorted map from text to values that can be frozen in constant time: a B+ tree whose nodes are copied on the way to a
 * change, but only those that a frozen copy may still be looking at.
 *
 * Every node belongs to the tree that made it. Freezing gives the tree a new identity, so that what it had made before is
 * nobody's, and is copied when next written.
 */
const WIDTH_MAX = 64;

interface Leaf<Value> { owner: object; keys: string[]; values: Value[]; readonly children: undefined }
/** `keys[n]` is not above any key in `children[n]`, and above all in `children[n - 1]`; `keys[0]` is never looked at. */
interface Inner<Value> { owner: object; keys: string[]; readonly values: undefined; children: Node<Value>[] }
type Node<Value> = Leaf<Value> | Inner<Value>;

export class Tree<Value> {
  #owner: object = {};
  #root: Node<Value>;
  #count: number;

  constructor() {
    this.#root = { owner: this.#owner, keys: [], values: [], children: undefined };
    this.#count = 0;
  }

  get count(): number { return this.#count; }

  /** An independent tree with the same entries. Constant time. */
  fork(): Tree<Value> {
    const copy = new Tree<Value>();
    copy.#root = this.#root;
    copy.#count = this.#count;
    this.#owner = {};
    return copy;
  }

  get(key: string): Value | undefined {
    let node = this.#root;
    while (node.children !== undefined) node = node.children[childAt(node.keys, key)]!;
    const at = lowerBound(node.keys, key);
    return node.keys[at] === key ? node.values[at] : undefined;
  }

  set(key: string, value: Value): void {
    this.#root = this.#owned(this.#root);
    const right = this.#insert(this.#root, key, value);
    if (right === undefined) return;
    this.#root = { owner: this.#owner, keys: ["", right.keys[0]!], values: undefined, children: [this.#root, right] };
    // An inner node's first key is never looked at, so its own lower bound is kept for the parent only.
  }

  delete(key: string): boolean {
    if (this.get(key) === undefined) return false;
    this.#root = this.#owned(this.#root);
    this.#remove(this.#root, key);
    while (this.#root.children?.length === 1) this.#root = this.#root.children[0]!;
    if (this.#root.children?.length === 0) this.#root = { owner: this.#owner, keys: [], values: [], children: undefined };
    this.#count--;
    return true;
  }

  /**
   * Values from the first key that is not below `from`, in order, as long as keys are below `to` (undefined: to the end).
   * The tree must not change meanwhile: iterate over a fork, or take what is needed at once.
   */
  *range(from: string, to?: string): Generator<Value, void, undefined> {
    const path: { node: Inner<Value>; at: number }[] = [];
    let node = this.#root;
    while (node.children !== undefined) {
      const at = childAt(node.keys, from);
      path.push({ node, at });
      node = node.children[at]!;
    }
    for (let at = lowerBound(node.keys, from); ; at = 0) {
      for (; at < node.keys.length; at++) {
        if (to !== undefined && node.keys[at]! >= to) return;
        yield node.values[at]!;
      }
      const next = nextLeaf(path);
      if (next === undefined) return;
      node = next;
    }
  }

  #owned(node: Node<Value>): Node<Value> {
    if (node.owner === this.#owner) return node;
    return node.children === undefined
      ? { owner: this.#owner, keys: node.keys.slice(), values: node.values.slice(), children: undefined }
      : { owner: this.#owner, keys: node.keys.slice(), values: undefined, children: node.children.slice() };
  }

  /** Into a node that is ours. Returns the right half when it had to be split. */
  #insert(node: Node<Value>, key: string, value: Value): Node<Value> | undefined {
    if (node.children === undefined) {
      const at = lowerBound(node.keys, key);
      if (node.keys[at] === key) {
        node.values[at] = value;
        return undefined;
      }
      node.keys.splice(at, 0, key);
      node.values.splice(at, 0, value);
      this.#count++;
      return node.keys.length > WIDTH_MAX ? this.#split(node, at) : undefined;
    }
    const at = childAt(node.keys, key);
    const child = node.children[at] = this.#owned(node.children[at]!);
    const right = this.#insert(child, key, value);
    if (right === undefined) return undefined;
    node.keys.splice(at + 1, 0, right.keys[0]!);
    node.children.splice(at + 1, 0, right);
    return node.children.length > WIDTH_MAX ? this.#split(node, at + 1) : undefined;
  }

  /** Where entries arrive in order, the left half stays full: nothing will come into it any more. */
  #split(node: Node<Value>, inserted: number): Node<Value> {
    const at = inserted === node.keys.length - 1 ? WIDTH_MAX - 1 : WIDTH_MAX >> 1;
    const keys = node.keys.splice(at);
    return node.children === undefined
      ? { owner: this.#owner, keys, values: node.values.splice(at), children: undefined }
      : { owner: this.#owner, keys, values: undefined, children: node.children.splice(at) };
  }

  /** From a node that is ours and has the key. Nodes may stay thin; empty ones go. */
  #remove(node: Node<Value>, key: string): void {
    if (node.children === undefined) {
      const at = lowerBound(node.keys, key);
      node.keys.splice(at, 1);
      node.values.splice(at, 1);
      return;
    }
    const at = childAt(node.keys, key);
    const child = node.children[at] = this.#owned(node.children[at]!);
    this.#remove(child, key);
    if (child.keys.length > 0) return;
    node.keys.splice(at, 1);
    node.children.splice(at, 1);
  }
}

/** The leaf behind the one that `path` leads to. */
function nextLeaf<Value>(path: { node: Inner<Value>; at: number }[]): Leaf<Value> | undefined {
  while (path.length > 0) {
    const last = path.at(-1)!;
    last.at++;
    if (last.at >= last.node.children.length) {
      path.pop();
      continue;
    }
    let node = last.node.children[last.at]!;
    while (node.children !== undefined) {
      path.push({ node, at: 0 });
      node = node.children[0]!;
    }
    return node;
  }
  return undefined;
}

/** Index of the first key that is not below `key`. */
function lowerBound(keys: readonly string[], key: string): number {
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (keys[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Index of the child that has `key`, if any has. */
function childAt(keys: readonly string[], key: string): number {
  let [low, high] = [1, keys.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (keys[middle]! <= key) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
