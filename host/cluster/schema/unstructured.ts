/**
 * What is wrong with a value that is no text any more: strategic merge patches are not decoded from JSON on the real server,
 * but carried over value by value, which has words of its own for what doesn't fit.
 */
import type { Json, JsonObject } from "../model.ts";
import { DecodeError } from "./problems.ts";
import { decodeValue } from "./decode.ts";
import type { Field, ScalarType, Type, TypeTable } from "./types.ts";

/** The first complaint, in the order of the type's fields; undefined when all fits. */
export function misfit(value: Json, types: TypeTable, type: string): string | undefined {
  return structMisfit(value, types, type);
}

function structMisfit(value: Json, types: TypeTable, name: string): string | undefined {
  if (kindOf(value) !== "map") return `cannot restore struct from: ${kindOf(value)}`;
  for (const [field, { type }] of Object.entries<Field>(types[name]?.fields ?? {})) {
    if (!Object.hasOwn(value as JsonObject, field)) continue;
    const found = valueMisfit((value as JsonObject)[field]!, types, type);
    if (found !== undefined) return found;
  }
  return undefined;
}

function valueMisfit(value: Json, types: TypeTable, type: Type): string | undefined {
  if (value === null) return undefined;
  if ("struct" in type) return structMisfit(value, types, type.struct);
  if ("list" in type) {
    if (!Array.isArray(value)) return `cannot restore slice from ${kindOf(value)}`;
    return first(value, (item) => valueMisfit(item, types, type.list));
  }
  if ("map" in type) {
    if (kindOf(value) !== "map") return `cannot restore map from ${kindOf(value)}`;
    return first(Object.values(value as JsonObject), (member) => valueMisfit(member, types, type.map));
  }
  return scalarMisfit(value, type);
}

function first(values: readonly Json[], check: (value: Json) => string | undefined): string | undefined {
  for (const value of values) {
    const found = check(value);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Go's names. */
const GO_KINDS: { readonly [scalar in ScalarType]?: string } = { string: "string", boolean: "bool", int32: "int32", int64: "int64", double: "float64" };

function scalarMisfit(value: Json, { scalar, go }: { readonly scalar: ScalarType; readonly go?: string }): string | undefined {
  const [from, to] = [kindOf(value), GO_KINDS[scalar]];
  if (to === undefined) return scalar === "bytes" ? bytesMisfit(value) : unreadable(value, scalar);
  if (from === to || (from === "int64" && to !== "string" && to !== "bool")) return undefined;
  if (from === "float64" && (to === "int32" || to === "int64")) return Number.isInteger(value) ? undefined : `cannot convert float64 to ${go ?? to}`;
  // Go would convert a number to the character of that code, which nobody means.
  return from === "int64" && to === "string" ? `cannot convert int64 to ${go ?? to}` : `unrecognized type: ${to}`;
}

function bytesMisfit(value: Json): string | undefined {
  if (Array.isArray(value)) return first(value, (item) => (item === null || kindOf(item) === "int64" ? undefined : kindOf(item) === "float64" ? "cannot convert float64 to uint8" : "unrecognized type: uint8"));
  if (typeof value !== "string") return `cannot restore slice from ${kindOf(value)}`;
  const found = unreadable(value, "bytes");
  return found === undefined ? undefined : `error decoding from json: ${found}`;
}

const SINGLE = new Map<ScalarType, TypeTable>();

/** Types that read their own text complain in the same words wherever they are read. */
function unreadable(value: Json, scalar: ScalarType): string | undefined {
  let table = SINGLE.get(scalar);
  if (table === undefined) SINGLE.set(scalar, table = { Single: { fields: { value: { type: { scalar } } } } });
  try {
    decodeValue({ value }, table, "Single");
    return undefined;
  } catch (error) {
    if (error instanceof DecodeError) return error.message.replace("Go struct field Single.value of type", "Go value of type");
    throw error;
  }
}

function kindOf(value: Json): "map" | "slice" | "string" | "bool" | "int64" | "float64" {
  switch (typeof value) {
    case "string": return "string";
    case "boolean": return "bool";
    case "bigint": return "int64";
    case "number": return Number.isInteger(value) ? "int64" : "float64";
    default: return Array.isArray(value) ? "slice" : "map";
  }
}
