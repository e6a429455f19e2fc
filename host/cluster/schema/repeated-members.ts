/**
 * Members that a body gives twice. Go decodes each into what the one before has left: structs are filled up, maps too,
 * lists are overwritten item by item, the rest is replaced.
 */
import type { Json, JsonObject } from "../model.ts";
import type { Member, Oddities } from "./go-json.ts";
import { isObject, setMember } from "./json-values.ts";
import { Code, type Node, type Program } from "./program.ts";

/** The members of a struct, put into one object that has each once. Unknown ones are left out. */
export function mergeMembers(from: JsonObject, program: Program, odd: Oddities): JsonObject {
  const merged: JsonObject = {};
  addMembers(merged, from, program, odd);
  return merged;
}

function addMembers(merged: JsonObject, from: JsonObject, program: Program, odd: Oddities): void {
  for (const [key, value, literal] of membersOf(from, odd)) {
    const step = program.byName.get(key);
    if (step === undefined) continue;
    merged[key] = Object.hasOwn(merged, key) ? mergeValues(merged[key] as Json, value, step.node, step.pointer, odd) : value;
    keepLiteral(merged, key, literal, odd);
  }
}

function mergeValues(first: Json, second: Json, node: Node, pointer: boolean, odd: Oddities): Json {
  // Null is read as a number that isn't given.
  if (second === null && node.code === Code.intOrString && !pointer) return typeof first === "string" ? 0 : first;
  if (second === null) return keepsOnNull(node) && !pointer ? first : null;
  if (node.code === Code.struct && isObject(first) && isObject(second)) {
    const merged = mergeMembers(first, node.program(), odd);
    addMembers(merged, second, node.program(), odd);
    return merged;
  }
  if (node.code === Code.map && isObject(first) && isObject(second)) return mergeMaps(first, second, odd);
  if (node.code === Code.list && Array.isArray(first) && Array.isArray(second)) return mergeLists(first, second, node.item!, odd);
  return second;
}

/** Items behind the end of a list that was shortened: Go's slices still have them, and a longer list brings them back. */
const tails = new WeakMap<readonly Json[], readonly Json[]>();

function mergeLists(first: readonly Json[], second: readonly Json[], item: Node, odd: Oddities): Json[] {
  const before = [...first, ...tails.get(first) ?? []];
  const merged = second.map((value, index) => (index < before.length ? mergeValues(before[index]!, value, item, false, odd) : value));
  // An empty list is a new one.
  if (merged.length > 0 && merged.length < before.length) tails.set(merged, before.slice(merged.length));
  return merged;
}

function mergeMaps(first: JsonObject, second: JsonObject, odd: Oddities): JsonObject {
  const merged: JsonObject = {};
  for (const from of [first, second]) {
    for (const [key, value, literal] of membersOf(from, odd)) {
      setMember(merged, key, value);
      keepLiteral(merged, key, literal, odd);
    }
  }
  return merged;
}

/** Null is nothing to Go's plain values: they stay as they are. */
function keepsOnNull({ code }: Node): boolean {
  return code !== Code.list && code !== Code.map && code !== Code.time && code !== Code.microTime && code !== Code.quantity && code !== Code.bytes;
}

function keepLiteral(container: JsonObject, key: string, literal: string | undefined, { literals }: Oddities): void {
  const known = literals.get(container);
  if (literal === undefined) known?.delete(key);
  else literals.set(container, (known ?? new Map<string | number, string>()).set(key, literal));
}

function membersOf(object: JsonObject, odd: Oddities): readonly Member[] {
  const literals = odd.literals.get(object);
  return odd.members.get(object) ?? Object.entries(object).map(([key, value]) => [key, value as Json, literals?.get(key)]);
}
