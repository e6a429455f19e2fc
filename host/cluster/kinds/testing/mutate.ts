/**
 * Objects with something changed, mostly for the worse: a field gone, another value at a boundary, a part of another object.
 * Walks the schema's types, so that fields are tried which no example has.
 */
import type { Dice } from "../../../../tests/fidelity/random.ts";
import type { Json, JsonObject } from "../../model.ts";
import { BUILTIN_TYPES } from "../../schema/facts.ts";
import type { Field, Type } from "../../schema/types.ts";

/** Parts of examples, by type ("Container") and, of scalars, by the name of their field. */
export interface Pool { readonly structs: Map<string, JsonObject[]>; readonly scalars: Map<string, Json[]> }

interface Place { readonly parent: JsonObject | Json[]; readonly key: string | number; readonly type: Type; readonly field: string; readonly values: readonly string[] }

/** Fields of the machinery, which has tests of its own. */
const SKIPPED: ReadonlySet<string> = new Set(["managedFields", "uid", "resourceVersion", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "apiVersion", "kind", "generation", "generateName", "namespace", "ownerReferences"]);

/** Lists that mean something when they are there and empty; to our decoding an empty list is none. */
const EMPTY_IS_SET: ReadonlySet<string> = new Set(["supplementalGroups", "policies"]);

/** More values than examples have: a field's own syntax is tried. */
const MANY = 12;

const STRINGS = [
  "", "x", "a-b", "A", "a_b", "a.b", "-a", "a-", "a b", "a/b", "/a", "a/b/c", "/", "..", "../a", "a/../b", "a:b", "x".repeat(63), "y".repeat(64), "z".repeat(254), "1", "0", "-1", "http", "k8s.io/a", "kubernetes.io/x",
  "example.com/gpu", "example.com", "cpu", "memory", "hugepages-2Mi", "ephemeral-storage", "10.0.0.1", "010.0.0.1", "::1", "fd00::1", "1.2.3.4/24", "127.0.0.1", "None", "Always", "Never", "TCP", "In", "Exists", "DoesNotExist",
  "NotIn", "Gt", "Equal", "metadata.name", "metadata.labels['a']", "limits.cpu", "\u00e9", "a=b", "*", "*.example.com", "Localhost", "RuntimeDefault", "25%", "kubernetes", "Block",
];
const NUMBERS = [0, 1, -1, 2, 3, 10, 60, 100, 101, 255, 256, 443, 511, 512, 3600, 65_535, 65_536, 86_400, 86_401, 2_147_483_647, -2_147_483_648];
const QUANTITIES = ["0", "-1", "1", "100m", "1500m", "1", "2", "1Gi", "3Mi", "0.5", "1e3", "1k", "2500u", "-100m", "1025Mi", "4Mi"];
const INTS_OR_STRINGS: Json[] = [0, 1, -1, 80, 65_536, "25%", "100%", "101%", "-1%", "http", "a b", "", "1", "150%"];
const TIMES = ["2026-11-22T10:00:00Z", "2020-01-01T00:00:00Z", "2026-11-22T10:00:00+02:00"];

/** Collects the parts of an example into the pool. */
export function harvest(value: Json, type: Type, field: string, pool: Pool): void {
  if ("struct" in type) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return;
    add(pool.structs, type.struct, value);
    for (const [name, { type: inner }] of Object.entries(BUILTIN_TYPES[type.struct]!.fields)) if (value[name] !== undefined) harvest(value[name], inner, name, pool);
  } else if ("list" in type) {
    if (Array.isArray(value)) for (const item of value) harvest(item, type.list, field, pool);
  } else if ("map" in type) {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) for (const item of Object.values(value)) harvest(item, type.map, field, pool);
  } else {
    add(pool.scalars, field, value);
  }
}
function add<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

/** A copy with `times` changes. `root`: the type's name; only what stands under one of `under` is changed ("spec"). */
export function mutate(object: JsonObject, root: string, under: readonly string[], times: number, pool: Pool, dice: Dice): JsonObject {
  const copy = structuredClone(object);
  for (let n = 0; n < times; n++) {
    const places: Place[] = [];
    for (const name of under) {
      const field = BUILTIN_TYPES[root]!.fields[name];
      if (field !== undefined) collect(copy, name, field, places);
    }
    if (places.length > 0) change(dice.of(places), pool, dice);
  }
  return copy;
}

function collect(parent: JsonObject, key: string, { type, values = [] }: Field, places: Place[]): void {
  places.push({ parent, key, type, field: key, values });
  descend(parent[key], type, key, places);
}
function descend(value: Json | undefined, type: Type, field: string, places: Place[]): void {
  if (value === undefined || value === null || typeof value !== "object") return;
  if ("struct" in type && !Array.isArray(value)) {
    for (const [name, inner] of Object.entries(BUILTIN_TYPES[type.struct]!.fields)) if (!SKIPPED.has(name)) collect(value, name, inner, places);
  } else if ("list" in type && Array.isArray(value)) {
    value.forEach((item, index) => {
      places.push({ parent: value, key: index, type: type.list, field, values: [] });
      descend(item, type.list, field, places);
    });
  } else if ("map" in type && !Array.isArray(value)) {
    for (const key of Object.keys(value)) {
      places.push({ parent: value, key, type: type.map, field, values: [] });
      descend(value[key], type.map, field, places);
    }
  }
}

function change({ parent, key, type, field, values }: Place, pool: Pool, dice: Dice): void {
  const there = (parent as JsonObject)[key] !== undefined;
  if (there && dice.chance(0.2)) {
    if (Array.isArray(parent)) {
      if (parent.length > 1 || !EMPTY_IS_SET.has(field)) parent.splice(key as number, 1);
    } else {
      delete parent[key as string];
    }
    return;
  }
  if (Array.isArray(parent) && dice.chance(0.15)) {
    parent.push(structuredClone(parent[key as number]!));
    return;
  }
  (parent as JsonObject)[key] = another((parent as JsonObject)[key], type, field, values, pool, dice);
}

function another(value: Json | undefined, type: Type, field: string, values: readonly string[], pool: Pool, dice: Dice): Json {
  if ("struct" in type) return anotherStruct(type.struct, pool, dice);
  if ("list" in type) {
    const list = Array.isArray(value) ? [...value] : [];
    if (list.length > 0 && !EMPTY_IS_SET.has(field) && dice.chance(0.2)) return [];
    const item = another(undefined, type.list, field, values, pool, dice);
    return dice.chance(0.5) ? [...list, item] : [item, ...list];
  }
  if ("map" in type) {
    const map: JsonObject = typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
    return { ...map, [dice.of(STRINGS)]: another(undefined, type.map, field, values, pool, dice) };
  }
  const known = pool.scalars.get(field) ?? [];
  if (known.length > 0 && dice.chance(known.length > MANY ? 0.6 : 0.25)) return structuredClone(dice.of(known));
  if (type.scalar === "string" && values.length > 0 && dice.chance(0.4)) return dice.of(values);
  return scalar(type.scalar, dice);
}
function anotherStruct(name: string, pool: Pool, dice: Dice): Json {
  const known = pool.structs.get(name) ?? [];
  if (known.length > 0 && dice.chance(0.7)) return structuredClone(dice.of(known));
  const made: JsonObject = {};
  const fields = Object.entries(BUILTIN_TYPES[name]!.fields).filter(([field]) => !SKIPPED.has(field));
  if (fields.length === 0) return made;
  for (let n = dice.below(3); n > 0; n--) {
    const [field, { type, values = [] }] = dice.of(fields);
    made[field] = "struct" in type ? {} : another(undefined, type, field, values, pool, dice);
  }
  return made;
}
function scalar(type: string, dice: Dice): Json {
  switch (type) {
    case "boolean": return dice.chance(0.5);
    case "int32": case "int64": return dice.of(NUMBERS);
    case "double": return dice.of([0, 1, 0.5, -1]);
    case "quantity": return dice.of(QUANTITIES);
    case "intOrString": return dice.of(INTS_OR_STRINGS);
    case "time": return dice.of(TIMES);
    case "microTime": return "2026-11-22T10:00:00.123456Z";
    case "bytes": return dice.of(["", "YQ==", "e30=", "bnVsbA=="]);
    case "any": return { a: 1 };
    default: return dice.of(STRINGS);
  }
}
