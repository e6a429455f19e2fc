/**
 * Small things on JSON values: equality as server-side apply has it, and members that are safe from names such as
 * "constructor" and "__proto__", which clients may use.
 */
import type { Json, JsonObject } from "../model.ts";

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An object of a declared interface as the JSON that it is. */
export function asJson(value: object): JsonObject {
  return value as JsonObject;
}

/** The member itself; never what an object inherits. */
export function member(object: JsonObject, name: string): Json | undefined {
  const found = object[name];
  return typeof found === "function" || name === "__proto__" ? ownMember(object, name) : found;
}

function ownMember(object: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(object, name) ? Object.getOwnPropertyDescriptor(object, name)!.value as Json : undefined;
}

/** `object[name] = value` that makes a member of every name. */
export function setMember(object: { [name: string]: unknown }, name: string, value: unknown): void {
  if (name === "__proto__") Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
  else object[name] = value;
}

/** Equal values: numbers by value, members in any order. An undefined member is none. */
export function sameJson(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object") return isNumber(a) && isNumber(b) && a == b;
  if (a === null || b === null) return false;
  if (Array.isArray(a)) return Array.isArray(b) && sameItems(a, b);
  return !Array.isArray(b) && sameMembers(a, b);
}

function isNumber(value: Json | undefined): boolean {
  return typeof value === "number" || typeof value === "bigint";
}

function sameItems(a: readonly Json[], b: readonly Json[]): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (!sameJson(a[at], b[at])) return false;
  return true;
}

function sameMembers(a: JsonObject, b: JsonObject): boolean {
  let surplus = 0;
  for (const name in a) {
    if (a[name] === undefined) continue;
    surplus++;
    const other = member(b, name);
    if (other === undefined || !sameJson(member(a, name), other)) return false;
  }
  for (const name in b) if (b[name] !== undefined) surplus--;
  return surplus === 0;
}

/** A copy that may be changed in place. */
export function cloneJson<T extends Json>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(cloneJson) as T;
  const copy: JsonObject = {};
  for (const name of Object.keys(value)) {
    const found = member(value as JsonObject, name);
    if (found !== undefined) setMember(copy, name, cloneJson(found));
  }
  return copy as T;
}
