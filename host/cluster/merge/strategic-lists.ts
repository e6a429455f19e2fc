/**
 * Lists in a strategic merge patch: items are merged by their merge key, scalars as a set, and the result keeps the order
 * that the patch gives, as far as it gives one, and that of the list as it was.
 */
import type { StatusError } from "../api/status-error.ts";
import type { Json, JsonObject } from "../model.ts";
import { goTypeName, goValue } from "./go-text.ts";
import { isObject, member } from "./json.ts";
import { patchBreaksServer, patchDoesNotApply } from "./patched.ts";
import { kindName, type Lookup, type PatchSchema, plainError } from "./patch-schema.ts";
import { DIRECTIVE, unknownDirective, withoutDirectives } from "./strategic-directives.ts";

type MergeMap = (original: JsonObject, patch: JsonObject, schema: PatchSchema) => JsonObject;

/** A list that a patch names in `$setElementOrder/...`. Undefined: there is no such list. */
export function mergeOrdered(there: Json[] | undefined, wanted: Json[] | undefined, order: Json[], lookup: Lookup, mergeMap: MergeMap): Json[] | undefined {
  const { mergeKey, strategy } = lookup;
  checkOrder(wanted ?? [], order, mergeKey);
  if (there === undefined && wanted === undefined) return undefined;
  let merged: Json[];
  if (wanted === undefined) merged = there!;
  else if (there === undefined) merged = withoutDirectives(wanted) as Json[];
  else merged = strategy === "merge" ? mergeLists(there, wanted, lookup, false, mergeMap) : wanted;
  const { named, others } = partition(merged, order, mergeKey);
  const areMaps = elementType(there ?? [], wanted ?? []) === "map[string]interface {}";
  return inOrder(named, others, order, there ?? [], areMaps ? mergeKey : undefined);
}

/** What the patch has must come in the order that it gives, and be named in it. */
function checkOrder(wanted: readonly Json[], order: readonly Json[], mergeKey: string): void {
  if (order.length === 0 || wanted.length === 0) return;
  const kept = mergeKey === "" ? wanted : wanted.filter((item) => asMap(item)[DIRECTIVE] !== "delete");
  let at = 0;
  let inList = 0;
  while (at < kept.length && inList < order.length) {
    const item = kept[at]!;
    if (isObject(item) && member(item, DIRECTIVE) !== undefined) at++;
    else if (sameKey(item, order[inList++]!, mergeKey)) at++;
  }
  if (at < kept.length && inList >= order.length) {
    throw plainError(`The order in patch list:\n${goValue([...wanted])}\n doesn't match $setElementOrder list:\n${goValue([...order])}\n`);
  }
}

function sameKey(a: Json, b: Json, mergeKey: string): boolean {
  if (mergeKey === "") return equal(a, b);
  const [left, right] = [asMap(a), asMap(b)];
  return equal(keyOf(left, mergeKey), keyOf(right, mergeKey));
}

/** Merges `wanted` into `there`. `isDeletion`: takes its scalars out instead. */
export function mergeLists(there: Json[], wanted: Json[], { schema, mergeKey }: Lookup, isDeletion: boolean, mergeMap: MergeMap): Json[] {
  if (there.length === 0 && wanted.length === 0) return there;
  const areMaps = elementType(there, wanted) === "map[string]interface {}";
  if (!areMaps) {
    if (isDeletion) {
      const gone = new Set(wanted);
      return there.filter((item) => !gone.has(item));
    }
    const { named, others } = partition(deduplicated([...there, ...wanted]), wanted, mergeKey);
    return inOrder(named, others, wanted, there, undefined);
  }
  if (mergeKey === "") throw plainError(`cannot merge lists without merge key for ${kindName(schema)}`);
  const [rest, patch] = obeyDirectives(there as JsonObject[], wanted as JsonObject[], mergeKey);
  const merged = mergeItems(rest, patch, mergeKey, schema, mergeMap);
  const { named, others } = partition(merged, patch, mergeKey);
  return inOrder(named, others, patch, rest, mergeKey);
}

/** What is left to do when `$patch: delete` and `$patch: replace` of single items are done. */
function obeyDirectives(there: JsonObject[], wanted: JsonObject[], mergeKey: string): [rest: JsonObject[], patch: JsonObject[]] {
  let rest = there;
  let replaces = false;
  const patch: JsonObject[] = [];
  for (const item of wanted) {
    const directive = member(item, DIRECTIVE);
    if (directive === undefined) patch.push(item);
    else if (directive === "delete") {
      const key = keyOf(item, mergeKey);
      rest = rest.filter((each) => member(each, mergeKey) === undefined || !equal(member(each, mergeKey)!, key));
    } else if (directive === "replace") replaces = true;
    else if (directive === "merge") throw plainError("merging lists cannot yet be specified in the patch");
    else throw unknownDirective(directive, item);
  }
  return replaces ? [patch, []] : [rest, patch];
}

function mergeItems(there: JsonObject[], patch: JsonObject[], mergeKey: string, schema: PatchSchema, mergeMap: MergeMap): JsonObject[] {
  const merged = [...there];
  const places = new Map<Json, number>();
  const remember = (item: JsonObject, at: number): void => {
    const key = member(item, mergeKey);
    if (key !== undefined && !places.has(key)) places.set(key, at);
  };
  merged.forEach(remember);
  for (const item of patch) {
    const place = find(places, keyOf(item, mergeKey));
    if (place === undefined) {
      remember(item, merged.length);
      merged.push(item);
    } else merged[place] = mergeMap(merged[place]!, item, schema);
  }
  return merged;
}

/** Those that `by` has too, and the others. */
function partition(items: readonly Json[], by: readonly Json[], mergeKey: string): { named: Json[]; others: Json[] } {
  const places = mergeKey === "" ? new Map(by.map((each, at) => [hashable(each), at])) : placesOf(by, mergeKey);
  const broken = mergeKey === "" ? -1 : by.findIndex((each) => !isObject(each));
  const named: Json[] = [];
  const others: Json[] = [];
  for (const item of items) {
    const place = mergeKey === "" ? places.get(hashable(item)) : find(places, keyOf(asMap(item), mergeKey));
    // The server looks from the front, and stops at what it looks for.
    if (broken !== -1 && (place === undefined || place > broken)) throw plainError(`value for key ${broken} is not a map`);
    (place !== undefined ? named : others).push(item);
  }
  return { named, others };
}

/**
 * `named` in the order of `order`, with `others` among them where the list had them before. `mergeKey` undefined: items are
 * scalars.
 */
function inOrder(named: Json[], others: Json[], order: readonly Json[], before: readonly Json[], mergeKey: string | undefined): Json[] {
  const places = placesOf(before, mergeKey);
  const right = sortedBy(named, order, placesOf(order, mergeKey), mergeKey);
  const left = sortedBy(others, before, places, mergeKey);
  const merged: Json[] = [];
  let i = 0;
  let j = 0;
  while (i < left.length || j < right.length) {
    const here = i < left.length ? places.get(identity(left[i]!, mergeKey)) : undefined;
    const there = j < right.length ? places.get(identity(right[j]!, mergeKey)) : undefined;
    const takesLeft = j >= right.length || (i < left.length && here !== undefined && there !== undefined && here < there);
    merged.push(takesLeft ? left[i++]! : right[j++]!);
  }
  return merged;
}

/** Items that are to be deleted come last. One that has no place goes before those that it is compared with. */
function sortedBy(items: readonly Json[], order: readonly Json[], places: ReadonlyMap<Json | undefined, number>, mergeKey: string | undefined): Json[] {
  if (mergeKey === undefined) return insertionSorted(items, places, mergeKey);
  for (const each of [...items, ...order]) keyOf(asMap(each), mergeKey);
  const isDeletion = (item: Json): boolean => member(item as JsonObject, DIRECTIVE) === "delete";
  return [...insertionSorted(items.filter((item) => !isDeletion(item)), places, mergeKey), ...items.filter(isDeletion)];
}

function insertionSorted(items: readonly Json[], places: ReadonlyMap<Json | undefined, number>, mergeKey: string | undefined): Json[] {
  const ranks = items.map((item) => places.get(identity(item, mergeKey)));
  const indices = items.map((_, at) => at);
  if (ranks.every((rank) => rank !== undefined)) return indices.sort((a, b) => ranks[a]! - ranks[b]!).map((at) => items[at]!);
  for (let at = 1; at < indices.length; at++) {
    for (let back = at; back > 0; back--) {
      const [rank, before] = [ranks[indices[back]!], ranks[indices[back - 1]!]];
      if (rank !== undefined && before !== undefined && rank >= before) break;
      [indices[back - 1], indices[back]] = [indices[back]!, indices[back - 1]!];
    }
  }
  return indices.map((at) => items[at]!);
}

function placesOf(items: readonly Json[], mergeKey: string | undefined): Map<Json | undefined, number> {
  const places = new Map<Json | undefined, number>();
  items.forEach((item, at) => {
    const key = identity(item, mergeKey);
    if (!places.has(key)) places.set(key, at);
  });
  return places;
}

function identity(item: Json, mergeKey: string | undefined): Json | undefined {
  if (mergeKey === undefined) return item;
  return isObject(item) ? member(item, mergeKey) : undefined;
}

/** The first of each value stays; the last item moves to where a later one was. */
function deduplicated(items: Json[]): Json[] {
  if (new Set(items).size === items.length) return items;
  for (let i = 0; i < items.length - 1; i++) {
    for (let j = i + 1; j < items.length; j++) {
      if (items[i] !== items[j]) continue;
      items[j] = items.at(-1)!;
      items.pop();
      j--;
    }
  }
  return items;
}

/** The Go type that all items have. */
function elementType(...lists: Json[][]): string {
  let found: string | undefined;
  for (const item of lists.flat()) {
    if (item === null && found === undefined) throw patchBreaksServer();
    const type = goTypeName(item);
    if (found === undefined) {
      found = type;
      if (type === "[]interface {}") throw patchDoesNotApply();
    } else if (found !== type) throw plainError(`list element types are not identical: [${lists.map(goValue).join(" ")}]`);
  }
  if (found === undefined) throw plainError("no elements in any of the given slices");
  return found;
}

function asMap(item: Json): JsonObject {
  if (!isObject(item)) throw badArgType({}, item);
  return item;
}

function keyOf(item: JsonObject, mergeKey: string): Json {
  const key = member(item, mergeKey);
  if (key === undefined) throw plainError(`map: ${goValue(item)} does not contain declared merge key: ${mergeKey}`);
  return key;
}

/** Go's `==`: maps and lists can't be compared with their like, and it does not survive the attempt. */
function equal(a: Json, b: Json): boolean {
  if (typeof a === "object" && typeof b === "object" && a !== null && b !== null && Array.isArray(a) === Array.isArray(b)) throw patchBreaksServer();
  return a === b;
}

/** Looks through the keys from the front, by Go's `==`. */
function find(places: ReadonlyMap<Json | undefined, number>, key: Json): number | undefined {
  if (typeof key !== "object" || key === null) return places.get(key);
  for (const other of places.keys()) if (other !== undefined && equal(other, key)) return places.get(other);
  return undefined;
}

/** Nor can it look them up. */
function hashable(value: Json): Json {
  if (typeof value === "object" && value !== null) throw patchBreaksServer();
  return value;
}

export function badArgType(expected: Json, actual: Json | undefined): StatusError {
  return plainError(`expected a ${goTypeName(expected)}, but received a ${actual === null ? "%!s(<nil>)" : goTypeName(actual)}`);
}

