/**
 * All fields of a value: as they appear (or go) when the value does, where containers are in the set themselves, and as
 * applying it would own them, where a structure is only what is in it.
 */
import type { Json, JsonObject } from "../model.ts";
import { compareElements, placesInOrder } from "./element.ts";
import { beneath, EMPTY_SET, type FieldSet } from "./field-set.ts";
import { isObject, member } from "./json.ts";
import { type Shape, ShapeMismatch } from "./shape.ts";
import { compareText, sortTexts } from "./text-order.ts";

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
  if (shape.members === undefined) {
    const names = sortedNames(value);
    return shape.recent.node(names.map(fieldElement), names.map((name) => wholeNode(member(value, name)!, shape.inner!)), true);
  }
  const { members, elements } = shape.inOrder(value);
  const nodes: FieldSet[] = [];
  for (const each of members) nodes.push(wholeNode(member(value, each.name)!, each.shape));
  return shape.recent.node(elements, nodes, true);
}

function wholeItems(items: readonly Json[], shape: Shape): FieldSet {
  const { elements, ordered } = inElementOrder(items, shape);
  return shape.recent.node(elements, ordered.map((item) => (item === undefined ? EMPTY_SET : wholeNode(item, shape.inner!))), true);
}

/** The set that applying `value` would own. */
export function appliedSet(value: JsonObject, shape: Shape): FieldSet {
  return appliedMembers(value, shape, false);
}

/** The node of a value that is applied; `self`: it counts as a field itself. Undefined for a value that leaves no trace. */
function appliedNode(value: Json, shape: Shape, self: boolean): FieldSet | undefined {
  switch (shape.kind) {
    case "map": case "any":
      if (isObject(value)) return filled(appliedMembers(value, shape, self), self);
      return self || (shape.kind === "any" && value !== null) ? EMPTY_SET : undefined;
    case "set": case "keyedList":
      return Array.isArray(value) && value.length > 0 ? appliedItems(value, shape, self) : self ? EMPTY_SET : undefined;
    default:
      return EMPTY_SET;
  }
}

/** A structure that has nothing leaves no trace by itself. */
function filled(node: FieldSet, self: boolean): FieldSet | undefined {
  return node === EMPTY_SET && !self ? undefined : node;
}

function appliedMembers(value: JsonObject, shape: Shape, self: boolean): FieldSet {
  if (shape.members === undefined) {
    const names = sortedNames(value);
    return shape.recent.node(names.map(fieldElement), names.map((name) => appliedNode(member(value, name)!, shape.inner!, true)!), self);
  }
  const { members, elements } = shape.inOrder(value);
  const nodes: (FieldSet | undefined)[] = [];
  let traces = 0;
  for (const each of members) {
    const found = member(value, each.name)!;
    const counts = found === null || (isObject(found) && isEmptyObject(found)) || !shape.declares(each.name);
    const node = appliedNode(found, each.shape, counts);
    nodes.push(node);
    if (node !== undefined) traces++;
  }
  if (traces === nodes.length) return shape.recent.node(elements, nodes as FieldSet[], self);
  return shape.recent.node(elements.filter((_, at) => nodes[at] !== undefined), nodes.filter((node) => node !== undefined), self);
}

/** The same with every container that has something in it as a field itself: what taking out looks at. */
export function namedSet(value: JsonObject, shape: Shape): FieldSet {
  const found = namedNode(value, shape)!;
  return isEmptyObject(found) ? found : beneath(found);
}

function namedNode(value: Json, shape: Shape): FieldSet | undefined {
  const { kind } = shape;
  if ((kind === "set" || kind === "keyedList") && (!Array.isArray(value) || value.length === 0)) return value === null ? EMPTY_SET : undefined;
  if (kind === "set" || kind === "keyedList") {
    const { elements, ordered } = inElementOrder(value as Json[], shape);
    return shape.recent.node(elements, ordered.map((item) => (item === undefined ? EMPTY_SET : namedNode(item, shape.inner!) ?? EMPTY_SET)), true);
  }
  if ((kind !== "map" && kind !== "any") || !isObject(value)) return kind === "skip" ? undefined : EMPTY_SET;
  return namedMembers(value, shape);
}

function namedMembers(value: JsonObject, shape: Shape): FieldSet | undefined {
  if (shape.members === undefined) {
    const names = sortedNames(value);
    return shape.recent.node(names.map(fieldElement), names.map((name) => namedNode(member(value, name)!, shape.inner!) ?? EMPTY_SET), true);
  }
  const { members, elements } = shape.inOrder(value);
  const nodes = members.map((each) => namedNode(member(value, each.name)!, each.shape));
  if (!nodes.includes(undefined)) return shape.recent.node(elements, nodes as FieldSet[], true);
  const kept = nodes.filter((node) => node !== undefined);
  return kept.length === 0 ? undefined : shape.recent.node(elements.filter((_, at) => nodes[at] !== undefined), kept, true);
}

function appliedItems(items: readonly Json[], shape: Shape, self: boolean): FieldSet {
  const { elements, ordered } = inElementOrder(items, shape);
  return shape.recent.node(elements, ordered.map((item) => (item === undefined ? EMPTY_SET : appliedNode(item, shape.inner!, true)!)), self);
}

/** Items sorted by their elements. An element that several items have comes once, without an item. */
function inElementOrder(items: readonly Json[], shape: Shape): { elements: readonly string[]; ordered: readonly (Json | undefined)[] } {
  const elements: string[] = [];
  let sorted = true;
  for (let at = 0; at < items.length; at++) {
    elements.push(elementAt(items, at, shape));
    if (at > 0 && sorted && compareElements(elements[at - 1]!, elements[at]!) >= 0) sorted = false;
  }
  if (sorted) return { elements, ordered: items };
  const unique: string[] = [];
  const ordered: (Json | undefined)[] = [];
  for (const at of placesInOrder(elements)) {
    if (unique.at(-1) === elements[at]) {
      ordered[ordered.length - 1] = undefined;
      continue;
    }
    unique.push(elements[at]!);
    ordered.push(items[at]!);
  }
  return { elements: unique, ordered };
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

function fieldElement(name: string): string {
  return `f:${name}`;
}

function isEmptyObject(value: JsonObject): boolean {
  for (const name in value) if (value[name] !== undefined) return false;
  return true;
}

function sortedNames(value: JsonObject): string[] {
  const names = Object.keys(value);
  let sorted = true;
  for (let at = 0; at < names.length; at++) {
    if (value[names[at]!] === undefined && member(value, names[at]!) === undefined) return sortTexts(Object.keys(value).filter((name) => member(value, name) !== undefined));
    if (at > 0 && sorted && compareText(names[at - 1]!, names[at]!) > 0) sorted = false;
  }
  return sorted ? names : sortTexts(names);
}
