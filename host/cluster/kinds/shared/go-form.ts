/**
 * Objects as the real server holds them inside, where complaints show them so: Go's names in Go's order, nothing left out.
 */
import type { Json, JsonObject } from "../../model.ts";
import { sorted } from "../../api/field-errors.ts";
import { INNER_TYPES } from "../generated/inner-types.ts";

/** A field of a struct: Go's name, JSON's, and "text", "slice.Container" ... */
interface Field { readonly name: string; readonly json: string; readonly form: string; readonly type: string }

const read = new Map<string, readonly Field[]>();

function fieldsOf(type: string): readonly Field[] {
  let fields = read.get(type);
  if (fields === undefined) {
    fields = INNER_TYPES[type]!.split(" ").map((text) => {
      const [name, json, whole] = text.split(":") as [string, string, string];
      const [form, inner = ""] = whole.split(".") as [string, string?];
      return { name, json, form, type: inner };
    });
    read.set(type, fields);
  }
  return fields;
}

/** `type`: Go's name of the inner type ("PodSpec"). */
export function goForm(value: object | null | undefined, type: string): JsonObject | null {
  if (value === undefined || value === null) return null;
  const made: JsonObject = {};
  for (const field of fieldsOf(type)) {
    if (field.form === "meta") Object.assign(made, metadataOf((value as JsonObject).metadata as JsonObject | undefined));
    else made[field.name] = formOf((type === "PodSpec" && field.json === "securityContext" ? securityOf(value as JsonObject) : value as JsonObject)[field.json], field);
  }
  return made;
}

function formOf(value: Json | undefined, { form, type }: Field): Json {
  switch (form) {
    case "text": return value ?? "";
    case "false": return value ?? false;
    case "number": return value ?? 0;
    case "quantity": return value ?? "0";
    case "plain": return value ?? {};
    case "struct": return goForm(value as JsonObject | undefined ?? {}, type);
    case "ptr": return goForm(value as JsonObject | undefined, type);
    case "slice": return Array.isArray(value) ? value.map((each) => goForm(each as JsonObject, type)) : null;
    case "map": return value === undefined ? null : Object.fromEntries(Object.entries(sorted(value as JsonObject)).map(([key, each]) => [key, goForm(each as JsonObject, type)]));
    case "keys": return value === undefined ? null : sorted(value as JsonObject) as JsonObject;
    default: return value ?? null;
  }
}

/** Back from Go's names; what is nothing is left out. */
export function fromGoForm(value: JsonObject, type: string): JsonObject {
  const made: JsonObject = {};
  for (const { name, json, form, type: inner } of fieldsOf(type)) {
    const field = value[name] ?? value[json];
    if (field === undefined || field === null) continue;
    made[json] = form === "ptr" || form === "struct" ? fromGoForm(field as JsonObject, inner) : form === "slice" ? (field as JsonObject[]).map((each) => fromGoForm(each, inner)) : field;
  }
  return made;
}

/** Inside, what a Pod shares with its node stands with its security. */
const SHARED = ["hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace", "hostUsers"];
function securityOf(spec: JsonObject): JsonObject {
  const security: JsonObject = { ...spec.securityContext as JsonObject };
  for (const field of SHARED) if (spec[field] !== undefined) security[field] = spec[field];
  return { securityContext: security };
}

const METADATA = ["name", "generateName", "namespace", "selfLink", "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "labels", "annotations", "ownerReferences", "finalizers", "managedFields"];
/** Metadata has its JSON names inside, too. */
function metadataOf(metadata: JsonObject = {}): JsonObject {
  const made: JsonObject = {};
  for (const field of METADATA) {
    const value = metadata[field];
    if (value === undefined || value === "" || (Array.isArray(value) && value.length === 0)) continue;
    made[field] = field === "labels" || field === "annotations" ? sorted(value as JsonObject) as JsonObject : value;
  }
  return made;
}
