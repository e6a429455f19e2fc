/** Puts a set of fields together, element by element, in whatever order they come. */
import { compareElements } from "./element.ts";
import type { FieldSet } from "./field-set.ts";

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
  take(): FieldSet | undefined {
    const count = this.#elements.length;
    if (count === 0) return undefined;
    const set: { [element: string]: FieldSet } = {};
    if (this.#sorted) {
      for (let at = 0; at < count; at++) set[this.#elements[at]!] = this.#nodes[at]!;
    } else {
      const places = this.#elements.map((_, at) => at).sort((a, b) => compareElements(this.#elements[a]!, this.#elements[b]!));
      for (const at of places) set[this.#elements[at]!] = this.#nodes[at]!;
    }
    this.clear();
    return set;
  }
}
