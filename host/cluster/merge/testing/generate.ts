/** Random values of a type, and ones that only look like it. */
import type { Json, JsonObject } from "../../model.ts";
import type { Type, TypeTable } from "../../schema/types.ts";
import type { Random } from "./random.ts";

const NAMES = ["a", "b", "c", "app", "x.y/z", "__proto__", "constructor", "toString", "", "<&>", "\u{1F600}", "\uffee", "length"];

/** A value of the type; `wild`: how likely any part of it is something else. */
export function someValue(types: TypeTable, type: Type, random: Random, depth: number, wild: number): Json {
  if (random.chance(wild)) return junk(random, 2);
  if ("struct" in type) return someStruct(types, type.struct, random, depth, wild);
  if ("list" in type) return Array.from({ length: depth === 0 ? 0 : random.below(4) }, () => someValue(types, type.list, random, depth - 1, wild));
  if ("map" in type) {
    const map: JsonObject = {};
    for (let at = 0; depth > 0 && at < random.below(4); at++) define(map, random.pick(NAMES), someValue(types, type.map, random, depth - 1, wild));
    return map;
  }
  switch (type.scalar) {
    case "string": case "bytes": return random.pick(["", "a", "b", "TCP", "<x>", "\u{1F600}"]);
    case "boolean": return random.chance(0.5);
    case "int32": case "int64": return random.pick<Json>([0, 1, 9, 10, 80, 443, -1, 4611686018427387905n]);
    case "double": return random.pick([0, 0.5, 1e21, -3]);
    case "quantity": return random.pick<Json>(["1", "500m", "1Gi", 2]);
    case "intOrString": return random.pick<Json>([1, "http", "25%"]);
    case "time": return "2026-01-01T00:00:00Z";
    case "microTime": return "2026-01-01T00:00:00.000000Z";
    case "any": return junk(random, 3);
  }
}

export function someStruct(types: TypeTable, name: string, random: Random, depth: number, wild: number): JsonObject {
  const object: JsonObject = {};
  for (const [field, { type }] of Object.entries(types[name]?.fields ?? {})) {
    if (field === "managedFields" || depth === 0 || !random.chance(0.4)) continue;
    object[field] = someValue(types, type, random, depth - 1, wild);
  }
  if (random.chance(wild)) define(object, random.pick(NAMES), junk(random, 1));
  return object;
}

/** Any JSON. */
export function junk(random: Random, depth: number): Json {
  const leaf = (): Json => random.pick<Json>([null, true, 0, 1.5, "", "x", 12345678901234567890n]);
  if (depth === 0 || random.chance(0.5)) return leaf();
  if (random.chance(0.5)) return Array.from({ length: random.below(4) }, () => junk(random, depth - 1));
  const object: JsonObject = {};
  for (let at = 0; at < random.below(4); at++) define(object, random.pick([...NAMES, "$patch", "$retainKeys", "$setElementOrder/a", "op", "path", "value"]), junk(random, depth - 1));
  return object;
}

/** Makes a member of any name, as JSON.parse does. */
function define(object: JsonObject, name: string, value: Json): void {
  Object.defineProperty(object, name, { value, enumerable: true, writable: true, configurable: true });
}
