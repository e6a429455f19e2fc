/** A custom resource's schema as types, so that apply and patches treat it like any other kind. */
import { BUILTIN_TYPES } from "../schema/facts.ts";
import type { Field, StructType, Type, TypeTable } from "../schema/types.ts";
import type { JsonSchema } from "./json-schema.ts";

/** The name of the root type; inner ones are called by their path (".spec.template"). */
export const ROOT = "";

const ANY: Type = { scalar: "any" };
const STRING: Field = { type: { scalar: "string" } };

/** Metadata's own types come from the built-in ones. */
export function typesOf(schema: JsonSchema): TypeTable {
  const table: { [name: string]: StructType } = Object.create(Object.freeze({ ...BUILTIN_TYPES })) as { [name: string]: StructType };
  struct(table, ROOT, schema, true);
  return table;
}

function struct(table: { [name: string]: StructType }, name: string, schema: JsonSchema, object: boolean): Type {
  const fields: { [name: string]: Field } = Object.create(null) as { [name: string]: Field };
  if (object) Object.assign(fields, { apiVersion: STRING, kind: STRING, metadata: { type: { struct: "ObjectMeta" } } });
  for (const [field, member] of Object.entries(schema.properties ?? {})) {
    if (object && (field === "apiVersion" || field === "kind" || field === "metadata")) continue;
    fields[field] = {
      type: typeOf(table, `${name}.${field}`, member),
      ...(schema.required?.includes(field) === true ? { required: true as const } : {}),
      ...(member.default === undefined ? {} : { default: member.default }),
      ...(member.nullable === true ? { nullable: true as const } : {}),
    };
  }
  table[name] = {
    fields,
    ...(schema["x-kubernetes-map-type"] === "atomic" ? { atomic: true as const } : {}),
    ...(schema["x-kubernetes-preserve-unknown-fields"] === true || schema.additionalProperties === true ? { open: true as const } : {}),
    ...(object && name !== ROOT ? { embedded: true as const } : {}),
  };
  return { struct: name };
}

function typeOf(table: { [name: string]: StructType }, name: string, schema: JsonSchema): Type {
  if (schema["x-kubernetes-int-or-string"] === true) return { scalar: "intOrString" };
  switch (schema.type) {
    case "string": return { scalar: schema.format === "byte" ? "bytes" : "string" };
    case "boolean": return { scalar: "boolean" };
    case "integer": return { scalar: schema.format === "int32" ? "int32" : "int64" };
    case "number": return { scalar: "double" };
    case "array": return listOf(table, name, schema);
    case "object": return objectOf(table, name, schema);
    default: return ANY;
  }
}

function listOf(table: { [name: string]: StructType }, name: string, schema: JsonSchema): Type {
  const items = schema.items === undefined ? ANY : typeOf(table, `${name}[]`, schema.items);
  const keys = schema["x-kubernetes-list-map-keys"];
  return { list: items, listType: schema["x-kubernetes-list-type"] ?? "atomic", ...(keys === undefined ? {} : { keys }) };
}

function objectOf(table: { [name: string]: StructType }, name: string, schema: JsonSchema): Type {
  const { properties, additionalProperties } = schema;
  if (properties === undefined && typeof additionalProperties === "object") {
    return { map: typeOf(table, `${name}{}`, additionalProperties), ...(schema["x-kubernetes-map-type"] === "atomic" ? { atomic: true as const } : {}) };
  }
  return struct(table, name, schema, schema["x-kubernetes-embedded-resource"] === true);
}
