/**
 * Nodes of field sets that were made lately, so that values of the same structure share one node instead of having one each:
 * a thousand Pods of one Deployment own the same fields.
 */
import { EMPTY_SET, type FieldSet } from "./field-set.ts";

interface Made { readonly elements: readonly string[]; readonly nodes: readonly FieldSet[]; readonly self: boolean; readonly node: FieldSet }
const KEPT = 6;

export class RecentNodes {
  readonly #made: Made[] = [];
  #next = 0;

  /** The node with these elements, and what is beneath each; `self`: it is in the set itself. Elements are sorted. */
  node(elements: readonly string[], nodes: readonly FieldSet[], self: boolean): FieldSet {
    if (elements.length === 0) return EMPTY_SET;
    for (const each of this.#made) {
      if (each.self === self && same(each.nodes, nodes) && (each.elements === elements || same(each.elements, elements))) return each.node;
    }
    const node: { [element: string]: FieldSet } = self ? { ".": EMPTY_SET } : {};
    for (let at = 0; at < elements.length; at++) node[elements[at]!] = nodes[at]!;
    this.#made[this.#next] = { elements, nodes, self, node };
    this.#next = (this.#next + 1) % KEPT;
    return node;
  }
}

function same(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}
