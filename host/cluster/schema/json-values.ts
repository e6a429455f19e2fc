/** Small questions about JSON values, as Go would ask them. */
import { compareText } from "../merge/text-order.ts";
import type { Json, JsonObject } from "../model.ts";

const INT32_MAX = 2 ** 31 - 1;
const INT64_MAX = 2n ** 63n - 1n;

export function isObject(value: Json): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Assigning to `__proto__` would set the prototype. */
export function setMember(object: JsonObject, key: string, value: Json): void {
  if (key === "__proto__") Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  else object[key] = value;
}

export function isEmpty(value: Json | undefined): boolean {
  if (typeof value !== "object") return value === undefined || value === "" || value === 0 || value === false;
  if (value === null) return true;
  if (Array.isArray(value)) return value.length === 0;
  for (const _ in value) return false;
  return true;
}

export function isInt32(value: Json): value is number {
  return typeof value === "number" && Number.isInteger(value) && value <= INT32_MAX && value >= -INT32_MAX - 1;
}
export function isInt64(value: number | bigint): boolean {
  return typeof value === "number" ? Number.isSafeInteger(value) : value <= INT64_MAX && value >= -INT64_MAX - 1n;
}

export function quantityText(value: Json, literal: string | undefined): string {
  // Between the quotes Go takes the text as it stands, escapes and all; what is no string is no quantity either.
  if (typeof value === "string") return JSON.stringify(value).slice(1, -1).trim();
  if (literal !== undefined) return literal;
  return typeof value === "number" || typeof value === "bigint" ? String(value) : JSON.stringify(value);
}

/** True when it has more than `levels` of objects and arrays. Level by level, since it may be deeper than the engine's stack. */
export function isDeeper(value: Json, levels: number): boolean {
  let level = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > levels) return true;
    level = level.flatMap((each) => (typeof each === "object" && each !== null ? Object.values(each) as Json[] : [])).filter((each) => typeof each === "object");
  }
  return false;
}

/** As Go names JSON's kinds. */
export function kindOf(value: Json): string {
  if (Array.isArray(value)) return "array";
  return typeof value === "boolean" ? "bool" : typeof value === "bigint" ? "number" : typeof value;
}

/** Sorts keys in place, as Go writes those of maps. */
export function inOrder(keys: string[]): string[] {
  for (let n = 1; n < keys.length; n++) if (keys[n - 1]! > keys[n]!) return keys.sort(compareText);
  return keys;
}
