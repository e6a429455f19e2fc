/**
 * Fields that were recorded under an older schema: where a list, map or structure has become one field since, who owned
 * something in it owns it whole.
 */
import { EMPTY_SET, type FieldSet, isEmptySet, recursiveDifference, union } from "./field-set.ts";
import type { Shape } from "./shape.ts";

type Writable = { [element: string]: FieldSet };

/** The same set when nothing in it changed its nature. */
export function reconciled(set: FieldSet, shape: Shape): FieldSet {
  const whole: Writable = {};
  collect(set, shape, whole);
  return isEmptySet(whole) ? set : union(recursiveDifference(set, whole), whole);
}

/** Adds to `into` the paths that are one field now, but have something beneath them in `set`. */
function collect(set: FieldSet, shape: Shape, into: Writable): void {
  for (const element in set) {
    if (element === ".") continue;
    const inner = shapeBeneath(shape, element);
    if (inner === undefined) continue;
    const node = set[element]!;
    if (inner.kind === "atomicList" || inner.kind === "atomicMap" || inner.kind === "whole") {
      if (hasInner(node)) into[element] = EMPTY_SET;
      continue;
    }
    const found: Writable = {};
    collect(node, inner, found);
    if (!isEmptySet(found)) into[element] = found;
  }
}

function hasInner(node: FieldSet): boolean {
  for (const element in node) if (element !== ".") return true;
  return false;
}

function shapeBeneath(shape: Shape, element: string): Shape | undefined {
  switch (shape.kind) {
    case "map": return element.startsWith("f:") ? shape.memberNamed(element.slice(2))?.shape : shape.inner;
    case "set": case "keyedList": return shape.inner;
    default: return undefined;
  }
}
