/**
 * Types by name, with `metadata` the same for every kind; and the small tests on JSON values that the walks share.
 */
import type { FieldDef, TypeDef, TypeRef } from "../../../bindings/protocol/manifest.ts";
import type { Json, JsonObject } from "../../../bindings/protocol/types.ts";
import { METADATA_FIELD, METADATA_TYPES } from "./metadata.ts";

export type Types = { readonly [typeName: string]: TypeDef };

export type ListType = Extract<TypeRef, { list: TypeRef }>;
export type MapType = Extract<TypeRef, { map: TypeRef }>;

/** A field that no type names (pruned, or unknown): any JSON. */
export const ANY_JSON: TypeRef = { scalar: "json" };

export function typeNamed(types: Types, name: string): TypeDef | undefined {
  return METADATA_TYPES[name] ?? types[name];
}

/** The field `name` of a struct; of a root, `metadata` is the common one. */
export function fieldOf(def: TypeDef | undefined, name: string, isRoot: boolean): FieldDef | undefined {
  if (isRoot && name === "metadata") return METADATA_FIELD;
  return def !== undefined && Object.hasOwn(def.fields, name) ? def.fields[name] : undefined;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** False, 0, "", null, and what holds nothing else: what Go's `omitempty` leaves out. */
export function isZero(value: Json): boolean {
  if (value === null || value === false || value === "" || value === 0 || value === 0n) return true;
  if (Array.isArray(value)) return value.length === 0;
  return isObject(value) && Object.values(value).every(isZero);
}

/** The keys of a list item as canonical JSON, members sorted; a missing key takes its schema's default. */
export function itemKey(item: Json, keys: readonly string[], element: TypeRef, types: Types): string {
  const def = "object" in element ? typeNamed(types, element.object) : undefined;
  const found: [string, Json][] = [];
  for (const key of [...keys].sort()) {
    const value = isObject(item) && Object.hasOwn(item, key) ? item[key]! : fieldOf(def, key, false)?.default;
    if (value !== undefined && value !== null) found.push([key, value]);
  }
  return canonical(Object.fromEntries(found));
}

/** JSON text with members sorted: equal values, equal text. */
export function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (isObject(value)) {
    const members = Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key]!)}`);
    return `{${members.join(",")}}`;
  }
  return typeof value === "bigint" ? value.toString() : JSON.stringify(value);
}
