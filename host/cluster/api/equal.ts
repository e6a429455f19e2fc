/** Values of JSON: deep copies and comparison. */
import type { ClusterObject } from "../model.ts";

export function copyOf<Value>(value: Value): Value {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(copyOf) as Value;
  const copy: { [field: string]: unknown } = {};
  for (const field in value) {
    const member = (value as { [field: string]: unknown })[field];
    if (member === undefined) continue;
    // Written as a property of its own, where an assignment would set the prototype.
    if (field === "__proto__") Object.defineProperty(copy, field, { value: copyOf(member), enumerable: true, configurable: true, writable: true });
    else copy[field] = member !== null && typeof member === "object" ? copyOf(member) : member;
  }
  return copy as Value;
}

/** Members that are undefined are as good as absent; order of members does not matter. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (a === null || b === null || typeof a !== "object" || typeof b !== "object") return false;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((each, n) => sameValue(each, b[n]));
  if (Array.isArray(b)) return false;
  let members = 0;
  for (const field in a) {
    const value = (a as { [field: string]: unknown })[field];
    if (value === undefined) continue;
    members++;
    if (!Object.hasOwn(b, field) || !sameValue(value, (b as { [field: string]: unknown })[field])) return false;
  }
  for (const field in b) if ((b as { [field: string]: unknown })[field] !== undefined) members--;
  return members === 0;
}

/** Apart from the resourceVersion. */
export function sameObject(a: ClusterObject, b: ClusterObject): boolean {
  const without = ({ metadata, ...rest }: ClusterObject): object => ({ ...rest, metadata: { ...metadata, resourceVersion: undefined } });
  return sameValue(without(a), without(b));
}
