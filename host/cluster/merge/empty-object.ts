/**
 * What a kind's object is before anything is in it: the members that the server always writes. The state from which a
 * creation is counted, so that these don't count as new.
 */
import type { ClusterObject, Json, JsonObject } from "../model.ts";
import type { Field, Type, TypeTable } from "../schema/types.ts";

const madeOf = new WeakMap<TypeTable, Map<string, JsonObject>>();

/** Custom resources have none: `{ apiVersion, kind }`. Shared; never to be changed. */
export function emptyObject(types: TypeTable, type: string, apiVersion: string, kind: string): ClusterObject {
  let made = madeOf.get(types);
  if (made === undefined) madeOf.set(types, made = new Map());
  const key = `${type} ${apiVersion} ${kind}`;
  let object = made.get(key);
  if (object === undefined) made.set(key, object = { ...emptyStruct(types, type), apiVersion, kind });
  return object as ClusterObject;
}

function emptyStruct(types: TypeTable, name: string): JsonObject {
  const object: JsonObject = {};
  for (const [field, { type, omit }] of Object.entries<Field>(types[name]?.fields ?? {})) {
    if (omit === "null") object[field] = null;
    else if (omit === "never") object[field] = zeroOf(types, type);
  }
  return object;
}

function zeroOf(types: TypeTable, type: Type): Json {
  if ("struct" in type) return emptyStruct(types, type.struct);
  if ("list" in type || "map" in type) return null;
  switch (type.scalar) {
    case "string": return "";
    case "boolean": return false;
    case "int32": case "int64": case "double": case "intOrString": return 0;
    case "quantity": return "0";
    case "time": case "microTime": case "bytes": case "any": return null;
  }
}
