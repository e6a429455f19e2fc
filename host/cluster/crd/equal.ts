/** Equality of JSON values: members in any order, `1` and `1n` the same. */
import type { Json } from "../model.ts";
import { isRecord } from "./json-schema.ts";

export function deepEqual(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, index) => deepEqual(item, b[index]));
  if (!isRecord(a)) return typeof a === "bigint" && typeof b === "number" ? a === BigInt(b) : false;
  if (!isRecord(b)) return false;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && deepEqual(a[name], b[name]));
}
