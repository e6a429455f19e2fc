/** Takes fields out of an object. What stays as it was is shared. */
import type { Json, JsonObject } from "../model.ts";
import { beneath, EMPTY_SET, type FieldSet, isEmptySet } from "./field-set.ts";
import { isObject, member, setMember } from "./json.ts";
import type { Shape } from "./shape.ts";

/** The object without the members and items that are in `set`. A container that loses everything is null afterwards. */
export function removeItems(object: JsonObject, set: FieldSet, shape: Shape): JsonObject {
  return isEmptySet(set) ? object : remove(object, set, shape) as JsonObject;
}

function remove(value: Json, set: FieldSet, shape: Shape): Json {
  switch (shape.kind) {
    case "map":
      return isObject(value) ? withoutMembers(value, set, shape) : null;
    case "any":
      if (isObject(value)) return withoutMembers(value, set, shape);
      return Array.isArray(value) ? null : value;
    case "set": case "keyedList":
      return Array.isArray(value) ? withoutItems(value, set, shape) : null;
    case "atomicList": case "atomicMap":
      return null;
    case "whole":
      return typeof value === "object" ? null : value;
    default:
      return value;
  }
}

function withoutMembers(object: JsonObject, set: FieldSet, shape: Shape): Json {
  const kept: JsonObject = {};
  let count = 0;
  for (const name of Object.keys(object)) {
    const value = member(object, name);
    if (value === undefined) continue;
    const found = shape.memberNamed(name);
    const node = found === undefined ? undefined : set[found.element];
    if (node !== undefined && isSelf(node)) continue;
    count++;
    setMember(kept, name, node === undefined ? value : remove(value, node, found!.shape));
  }
  return count === 0 ? null : kept;
}

function withoutItems(items: readonly Json[], set: FieldSet, shape: Shape): Json {
  const kept: Json[] = [];
  for (const item of items) {
    const node = set[shape.elementOf(item)];
    if (node === undefined) kept.push(item);
    else if (!isSelf(node)) kept.push(remove(item, node, shape.inner!));
  }
  return kept.length === 0 ? null : kept;
}

function isSelf(node: FieldSet): boolean {
  return node["."] !== undefined || isEmptySet(node);
}

/**
 * The set with every declared member that leads to something in it: who owns a field of a structure owns the structure,
 * as far as taking out goes.
 */
export function withNamedFields(set: FieldSet, shape: Shape | undefined): FieldSet {
  const out: { [element: string]: FieldSet } = {};
  for (const element in set) {
    if (element === ".") continue;
    const node = set[element]!;
    const inner = beneath(node);
    const name = element.startsWith("f:") ? element.slice(2) : undefined;
    const found = shape === undefined ? undefined : shapeBeneath(shape, element, name);
    const self = isSelf(node) || (name !== undefined && shape !== undefined && shape.declares(name));
    const named = isEmptySet(inner) ? EMPTY_SET : withNamedFields(inner, found);
    out[element] = self && !isEmptySet(named) ? { ".": EMPTY_SET, ...named } : named;
  }
  return out;
}

function shapeBeneath(shape: Shape, element: string, name: string | undefined): Shape | undefined {
  if (name === undefined) return element.startsWith("k:") ? shape.inner : undefined;
  return shape.kind === "map" || shape.kind === "any" || shape.kind === "atomicMap" ? shape.memberNamed(name)?.shape : undefined;
}
