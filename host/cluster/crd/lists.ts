/** Lists of type set and map: no item twice. Lists that an update leaves as they are pass, whatever is in them. */
import type { FieldErrors } from "../api/field-errors.ts";
import type { Json, JsonObject } from "../model.ts";
import { deepEqual } from "./equal.ts";
import { isRecord, type JsonSchema, memberPath, memberSchema } from "./json-schema.ts";

export function validateLists(value: Json, schema: JsonSchema, errors: FieldErrors, path = "", old?: Json): void {
  if (old !== undefined && deepEqual(value, old)) return;
  if (Array.isArray(value)) {
    const keys = schema["x-kubernetes-list-map-keys"];
    if (schema["x-kubernetes-list-type"] === "set") duplicates(value, (item) => item, errors, path);
    else if (schema["x-kubernetes-list-type"] === "map" && keys !== undefined) {
      value.forEach((item, index) => { if (!isRecord(item)) errors.invalid(`${path}[${index}]`, item, "must be an object for an array of list-type map"); });
      duplicates(value.filter(isRecord), (item) => keysOf(item, keys), errors, path);
    }
    if (schema.items !== undefined) value.forEach((item, index) => validateLists(item, schema.items!, errors, `${path}[${index}]`));
  } else if (isRecord(value)) {
    for (const [name, member] of Object.entries(value)) {
      const known = memberSchema(schema, name);
      if (known !== undefined) validateLists(member, known, errors, memberPath(path, name), isRecord(old) && Object.hasOwn(old, name) ? old[name] : undefined);
    }
  }
}

function duplicates(items: readonly Json[], identity: (item: Json) => Json, errors: FieldErrors, path: string): void {
  /** How often each was seen: the second one is told, the third no more. */
  const seen = new Map<string, number>();
  items.forEach((item, index) => {
    const found = identity(item);
    const text = canonical(found);
    const times = (seen.get(text) ?? 0) + 1;
    if (times === 2) errors.duplicate(`${path}[${index}]`, found);
    seen.set(text, times);
  });
}

function keysOf(item: Json, keys: readonly string[]): JsonObject {
  const found = isRecord(item) ? item : {};
  return Object.fromEntries([...keys].sort().filter((key) => Object.hasOwn(found, key)).map((key) => [key, found[key]!]));
}

function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (!isRecord(value)) return typeof value === "bigint" ? String(value) : JSON.stringify(value);
  return `{${Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name]!)}`).join()}}`;
}
