/**
 * What a schema makes of a value before it is validated: unknown fields are pruned, defaults filled in, nulls that aren't
 * allowed dropped. All return new values where something changes, and the same where nothing does.
 */
import type { Json, JsonObject } from "../model.ts";
import { isRecord, type JsonSchema, memberPath, memberSchema } from "./json-schema.ts";

const EMBEDDED = new Set(["apiVersion", "kind", "metadata"]);

/** Drops what the schema doesn't know, and lists its paths ("spec.foo") in `unknown`. The root knows what embedded objects do. */
export function prune(value: Json, schema: JsonSchema, unknown: string[], path = "", root = true): Json {
  if (Array.isArray(value)) {
    if (schema.items === undefined && schema["x-kubernetes-preserve-unknown-fields"] === true) return value;
    // Nothing is known of what lies in a list where none belongs.
    return mapped(value, (item, index) => prune(item, schema.items ?? {}, unknown, `${path}[${index}]`, false));
  }
  if (!isRecord(value)) return value;
  const embedded = root || schema["x-kubernetes-embedded-resource"] === true;
  const keeps = schema["x-kubernetes-preserve-unknown-fields"] === true || schema.additionalProperties === true;
  return mappedMembers(value, (member, name) => {
    if (embedded && EMBEDDED.has(name)) return member;
    const known = memberSchema(schema, name);
    if (known !== undefined) return prune(member, known, unknown, memberPath(path, name), false);
    if (keeps) return member;
    unknown.push(memberPath(path, name));
    return undefined;
  });
}

/** Fills in defaults, outermost first: a default object gets its own members' defaults. */
export function withDefaults(value: Json, schema: JsonSchema): Json {
  if (Array.isArray(value)) return schema.items === undefined ? value : mapped(value, (item) => withDefaults(nullDefault(item, schema.items!), schema.items!));
  if (!isRecord(value)) return value;
  let filled = value;
  for (const [name, known] of Object.entries(schema.properties ?? {})) {
    if (known.default === undefined) continue;
    const found = Object.hasOwn(filled, name) ? filled[name]! : undefined;
    if (found === undefined || (found === null && known.nullable !== true)) filled = { ...filled, [name]: structuredClone(known.default) };
  }
  return mappedMembers(filled, (member, name) => {
    const known = memberSchema(schema, name);
    return known === undefined ? member : withDefaults(nullDefault(member, known), known);
  });
}

function nullDefault(value: Json, schema: JsonSchema): Json {
  return value === null && schema.nullable !== true && schema.default !== undefined ? structuredClone(schema.default) : value;
}

/** A null for a field that isn't nullable and has no default is as good as no field. */
export function dropNulls(value: Json, schema: JsonSchema): Json {
  if (Array.isArray(value)) return schema.items === undefined ? value : mapped(value, (item) => dropNulls(item, schema.items!));
  if (!isRecord(value)) return value;
  return mappedMembers(value, (member, name) => {
    const known = memberSchema(schema, name);
    if (known === undefined) return member;
    return member === null && known.nullable !== true && schema["x-kubernetes-preserve-unknown-fields"] !== true ? undefined : dropNulls(member, known);
  });
}

function mapped(items: Json[], each: (item: Json, index: number) => Json): Json[] {
  let changed: Json[] | undefined;
  items.forEach((item, index) => {
    const next = each(item, index);
    if (next !== item) (changed ??= [...items])[index] = next;
  });
  return changed ?? items;
}

/** `each` gives undefined to leave a member out. */
function mappedMembers(object: JsonObject, each: (member: Json, name: string) => Json | undefined): JsonObject {
  let changed = false;
  const entries: [string, Json][] = [];
  for (const [name, member] of Object.entries(object)) {
    const next = each(member, name);
    if (next !== member) changed = true;
    if (next !== undefined) entries.push([name, next]);
  }
  // Not by assignment: a field may be called __proto__.
  return changed ? Object.fromEntries(entries) : object;
}
