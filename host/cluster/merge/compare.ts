/**
 * What differs between two states of an object, field by field, as server-side apply counts fields: which are new, which are
 * gone, which have another value.
 */
import type { Json, JsonObject } from "../model.ts";
import { EMPTY_SET, type FieldSet, nodeOf } from "./field-set.ts";
import { Gather } from "./gather.ts";
import { isObject, member, sameJson } from "./json.ts";
import { type Shape, ShapeMismatch } from "./shape.ts";
import { elementAt, wholeNode } from "./whole-set.ts";

/** The three have no element in common. */
export interface Comparison { readonly modified: FieldSet; readonly added: FieldSet; readonly removed: FieldSet }

/**
 * From `before` to `after`, both whole objects of the shape. Throws `ShapeMismatch` where one has items or members that its
 * type can't have.
 */
export function compareObjects(before: JsonObject, after: JsonObject, shape: Shape): Comparison {
  const level = levelAt(0);
  compareMembers(before, after, shape, level, 0);
  const [modified, added, removed] = [level.modified, level.added, level.removed].map((gather) => gather.take(shape.recent) ?? EMPTY_SET);
  return { modified: modified!, added: added!, removed: removed! };
}

/** What was found beneath a value, until it is hung under the value's element. Used again and again, one for each depth. */
class Level {
  readonly modified = new Gather();
  readonly added = new Gather();
  readonly removed = new Gather();
}
const levels: Level[] = [];

function levelAt(depth: number): Level {
  const level = levels[depth] ??= new Level();
  // A comparison that threw left something behind.
  level.modified.clear();
  level.added.clear();
  level.removed.clear();
  return level;
}

/** Compares what is at `element`, and hangs what differs into `level`. */
function compareAt(element: string, before: Json | undefined, after: Json | undefined, shape: Shape, level: Level, depth: number): void {
  if (before === after || shape.kind === "skip") return;
  if (before === undefined) level.added.add(element, wholeNode(after!, shape));
  else if (after === undefined) level.removed.add(element, wholeNode(before, shape));
  else compareBoth(element, before, after, shape, level, depth);
}

function compareBoth(element: string, before: Json, after: Json, shape: Shape, level: Level, depth: number): void {
  const { kind } = shape;
  const byParts = kind === "map" || kind === "set" || kind === "keyedList" || (kind === "any" && (isObject(before) || isObject(after)));
  if (!byParts) {
    if (!sameJson(before, after)) level.modified.add(element, EMPTY_SET);
    return;
  }
  const inner = levelAt(depth + 1);
  let differs = kind === "map" || kind === "any"
    ? compareMaps(before, after, shape, inner, depth + 1)
    : compareLists(before, after, shape, inner, depth + 1);
  // Of no declared type, and an object on one side only: a change of the value itself, beside what is or was in it.
  if (kind === "any" && (!isObject(before ?? NOTHING) || !isObject(after ?? NOTHING))) differs = true;
  hang(level.modified, element, differs, inner.modified, shape);
  hang(level.added, element, false, inner.added, shape);
  hang(level.removed, element, false, inner.removed, shape);
}

function hang(into: Gather, element: string, self: boolean, from: Gather, shape: Shape): void {
  const inner = from.take(shape.recent);
  if (!self && inner === undefined) return;
  into.add(element, nodeOf(self, inner)!);
}

/** True where the map itself counts as changed: null against empty. */
function compareMaps(before: Json, after: Json, shape: Shape, level: Level, depth: number): boolean {
  const left = isObject(before) ? before : NOTHING;
  const right = isObject(after) ? after : NOTHING;
  if (isEmpty(left) && isEmpty(right)) return !sameJson(before, after);
  compareMembers(left, right, shape, level, depth);
  return false;
}

const NOTHING: JsonObject = {};

function isEmpty(object: JsonObject): boolean {
  for (const name in object) if (object[name] !== undefined) return false;
  return true;
}

function compareMembers(before: JsonObject, after: JsonObject, shape: Shape, level: Level, depth: number): void {
  for (const name in after) {
    const right = member(after, name);
    if (right === undefined) continue;
    const left = member(before, name);
    if (left === right) continue;
    const found = shape.memberNamed(name);
    if (found === undefined) throw new ShapeMismatch(`.${name}`, "field not declared in schema");
    compareAt(found.element, left, right, found.shape, level, depth);
  }
  for (const name in before) {
    if (member(after, name) !== undefined) continue;
    const left = member(before, name);
    if (left === undefined) continue;
    const found = shape.memberNamed(name);
    if (found === undefined) throw new ShapeMismatch(`.${name}`, "field not declared in schema");
    compareAt(found.element, left, undefined, found.shape, level, depth);
  }
}

/** True where the list itself counts as changed: null against empty. */
function compareLists(before: Json, after: Json, shape: Shape, level: Level, depth: number): boolean {
  const left = Array.isArray(before) ? before : NO_ITEMS;
  const right = Array.isArray(after) ? after : NO_ITEMS;
  if (left.length === 0 && right.length === 0) return !sameJson(before, after);
  if (sameJson(left, right)) return false;
  const rights = byElement(right, shape);
  const lefts = byElement(left, shape);
  for (const [element, was] of lefts) compareItems(element, was, rights.get(element), shape, level, depth);
  for (const [element, is] of rights) if (!lefts.has(element)) compareItems(element, undefined, is, shape, level, depth);
  return false;
}

const NO_ITEMS: Json[] = [];

/** A single item, or the several that have one element. */
type Items = { readonly one: Json } | { readonly many: Json[] };

function byElement(items: readonly Json[], shape: Shape): Map<string, Items> {
  const found = new Map<string, Items>();
  for (let at = 0; at < items.length; at++) {
    const element = elementAt(items, at, shape);
    const before = found.get(element);
    if (before === undefined) found.set(element, { one: items[at]! });
    else if ("many" in before) before.many.push(items[at]!);
    else found.set(element, { many: [before.one, items[at]!] });
  }
  return found;
}

/** Duplicates are one field, whatever is in them. */
function compareItems(element: string, was: Items | undefined, is: Items | undefined, shape: Shape, level: Level, depth: number): void {
  const before = was === undefined || "many" in was ? undefined : was.one;
  const after = is === undefined || "many" in is ? undefined : is.one;
  const manyBefore = was !== undefined && "many" in was;
  const manyAfter = is !== undefined && "many" in is;
  if (manyBefore && manyAfter) {
    if (!sameJson(was.many, is.many)) level.modified.add(element, EMPTY_SET);
  } else if (manyBefore) {
    level.removed.add(element, EMPTY_SET);
    if (after !== undefined) level.added.add(element, wholeNode(after, shape.inner!));
  } else if (manyAfter) {
    level.added.add(element, EMPTY_SET);
    if (before !== undefined) level.removed.add(element, wholeNode(before, shape.inner!));
  } else compareAt(element, before, after, shape.inner!, level, depth);
}
