/**
 * All fields of a value: as they appear (or go) when the value does, where containers are in the set themselves, and as
 * applying it would own them, where a structure is only what is in it.
 */
import type { Json, JsonObject } from "../model.ts";
import { compareElements } from "./element.ts";
import { EMPTY_SET, type FieldSet, nodeOf } from "./field-set.ts";
import { isObject, member } from "./json.ts";
import { type Shape, ShapeMismatch } from "./shape.ts";
import { compareText } from "./text-order.ts";

type Writable = { [element: string]: FieldSet };

/** The node of a value that is new, or gone: it and everything in it. */
export function wholeNode(value: Json, shape: Shape): FieldSet {
  switch (shape.kind) {
    case "map": case "any":
      return isObject(value) ? wholeMembers(value, shape) : EMPTY_SET;
    case "set": case "keyedList":
      return Array.isArray(value) && value.length > 0 ? wholeItems(value, shape) : EMPTY_SET;
    default:
      return EMPTY_SET;
  }
}

function wholeMembers(value: JsonObject, shape: Shape): FieldSet {
  const names = namesOf(value);
  if (names.length === 0) return EMPTY_SET;
  const node: Writable = { ".": EMPTY_SET };
  if (shape.members === undefined) {
    for (const name of sortedNames(names)) node[`f:${name}`] = wholeNode(member(value, name)!, shape.inner!);
    return node;
  }
  for (const each of shape.inOrder(names)) {
    if (each.shape.kind !== "skip") node[each.element] = wholeNode(member(value, each.name)!, each.shape);
  }
  return node;
}

function wholeItems(items: readonly Json[], shape: Shape): FieldSet {
  const node: Writable = { ".": EMPTY_SET };
  for (const [element, item] of inElementOrder(items, shape)) {
    node[element] = item === undefined ? EMPTY_SET : wholeNode(item, shape.inner!);
  }
  return node;
}

/** The set that applying `value` would own. */
export function appliedSet(value: JsonObject, shape: Shape): FieldSet {
  return appliedMembers(value, shape);
}

/** What is beneath a value, and whether it counts as a field itself. */
function appliedNode(value: Json, shape: Shape, self: boolean): FieldSet | undefined {
  switch (shape.kind) {
    case "map": case "any":
      if (isObject(value)) return nodeOf(self, appliedMembers(value, shape));
      return nodeOf(self || (shape.kind === "any" && value !== null), undefined);
    case "set": case "keyedList":
      return nodeOf(self, Array.isArray(value) && value.length > 0 ? appliedItems(value, shape) : undefined);
    case "skip":
      return undefined;
    default:
      return EMPTY_SET;
  }
}

function appliedMembers(value: JsonObject, shape: Shape): FieldSet {
  const node: Writable = {};
  const names = namesOf(value);
  if (shape.members === undefined) {
    for (const name of sortedNames(names)) node[`f:${name}`] = appliedNode(member(value, name)!, shape.inner!, true)!;
    return node;
  }
  for (const each of shape.inOrder(names)) {
    const found = member(value, each.name)!;
    const self = found === null || (isObject(found) && namesOf(found).length === 0) || !shape.declares(each.name);
    const made = appliedNode(found, each.shape, self);
    if (made !== undefined) node[each.element] = made;
  }
  return node;
}

function appliedItems(items: readonly Json[], shape: Shape): FieldSet {
  const node: Writable = {};
  for (const [element, item] of inElementOrder(items, shape)) {
    node[element] = item === undefined ? EMPTY_SET : appliedNode(item, shape.inner!, true)!;
  }
  return node;
}

/** Items by their elements, sorted. An element that several items have comes once, without an item. */
export function inElementOrder(items: readonly Json[], shape: Shape): [element: string, item: Json | undefined][] {
  const found: [string, Json | undefined][] = [];
  let sorted = true;
  for (let at = 0; at < items.length; at++) {
    const element = elementAt(items, at, shape);
    if (at > 0 && sorted && compareElements(found[at - 1]![0], element) >= 0) sorted = false;
    found.push([element, items[at]!]);
  }
  if (sorted) return found;
  found.sort((a, b) => compareElements(a[0], b[0]));
  const unique: [string, Json | undefined][] = [];
  for (const each of found) {
    const last = unique[unique.length - 1];
    if (last !== undefined && last[0] === each[0]) last[1] = undefined;
    else unique.push(each);
  }
  return unique;
}

/** As `shape.elementOf`, with the item's place in the message. */
export function elementAt(items: readonly Json[], at: number, shape: Shape): string {
  try {
    return shape.elementOf(items[at]!);
  } catch (error) {
    if (error instanceof ShapeMismatch) throw new ShapeMismatch("", `element ${at}: ${error.message}`);
    throw error;
  }
}

function namesOf(value: JsonObject): string[] {
  const names = Object.keys(value);
  for (const name of names) if (value[name] === undefined && member(value, name) === undefined) return names.filter((each) => member(value, each) !== undefined);
  return names;
}

function sortedNames(names: string[]): string[] {
  for (let at = 1; at < names.length; at++) if (compareText(names[at - 1]!, names[at]!) > 0) return [...names].sort(compareText);
  return names;
}
