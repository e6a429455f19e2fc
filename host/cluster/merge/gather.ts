/** Puts a set of fields together, element by element, in whatever order they come. */
import { compareElements, placesInOrder } from "./element.ts";
import type { FieldSet } from "./field-set.ts";
import type { RecentNodes } from "./recent-nodes.ts";

export class Gather {
  #elements: string[] = [];
  #nodes: FieldSet[] = [];
  #sorted = true;

  add(element: string, node: FieldSet): void {
    const count = this.#elements.length;
    if (count > 0 && this.#sorted && compareElements(this.#elements[count - 1]!, element) > 0) this.#sorted = false;
    this.#elements.push(element);
    this.#nodes.push(node);
  }

  clear(): void {
    if (this.#elements.length === 0) return;
    this.#elements.length = 0;
    this.#nodes.length = 0;
    this.#sorted = true;
  }

  /** The set, undefined for none; and nothing is left here. */
  take(recent: RecentNodes): FieldSet | undefined {
    const elements = this.#elements;
    const nodes = this.#nodes;
    if (elements.length === 0) return undefined;
    this.#elements = [];
    this.#nodes = [];
    if (this.#sorted) return recent.node(elements, nodes, false);
    this.#sorted = true;
    const places = placesInOrder(elements);
    return recent.node(places.map((at) => elements[at]!), places.map((at) => nodes[at]!), false);
  }
}
