/**
 * OpenAPI v3 schemas of the built-in types, made from the tables when they are asked for: as the real API server's, without
 * descriptions.
 */
import type { Json, JsonObject } from "../model.ts";
import { BUILTIN_KINDS, BUILTIN_TYPES } from "./facts.ts";
import type { Field, ScalarType, Type } from "./types.ts";

export interface Schemas { [component: string]: JsonObject }

const META = "io.k8s.apimachinery.pkg.apis.meta.v1";
const PREFIX = "#/components/schemas/";

/** Types of Go that are components of their own, though they are scalars to everybody else. */
const SPECIAL: { [scalar in ScalarType]?: [component: string, schema: JsonObject] } = {
  quantity: ["io.k8s.apimachinery.pkg.api.resource.Quantity", { oneOf: [{ type: "string" }, { type: "number" }] }],
  intOrString: ["io.k8s.apimachinery.pkg.util.intstr.IntOrString", { oneOf: [{ type: "integer" }, { type: "string" }], format: "int-or-string" }],
  time: [`${META}.Time`, { type: "string", format: "date-time" }],
  microTime: [`${META}.MicroTime`, { type: "string", format: "date-time" }],
};
const ANY: { [go: string]: [component: string, schema: JsonObject] } = {
  "runtime.RawExtension": ["io.k8s.apimachinery.pkg.runtime.RawExtension", { type: "object" }],
  "v1.FieldsV1": [`${META}.FieldsV1`, { type: "object" }],
};
const CRD = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1";

const PLAIN: { [scalar in ScalarType]?: [schema: JsonObject, zero: Json] } = {
  string: [{ type: "string" }, ""], boolean: [{ type: "boolean" }, false], int32: [{ type: "integer", format: "int32" }, 0],
  int64: [{ type: "integer", format: "int64" }, 0], double: [{ type: "number", format: "double" }, 0], bytes: [{ type: "string", format: "byte" }, null],
};

export interface Gvk extends JsonObject { group: string; version: string; kind: string }

/** The kinds among the types. */
const KINDS = new Map<string, Gvk>();
for (const kind of BUILTIN_KINDS) {
  for (const each of [kind, ...kind.subresources]) KINDS.set(each.type, { group: each.kindGroup, version: each.kindVersion, kind: each.kind });
}

/** "io.k8s.api.core.v1.Pod" of a name in the table of types. */
export function componentOf(type: string): string {
  return (BUILTIN_TYPES[type]!.go ?? type).replace(/^k8s\.io\//, "io.k8s.").replaceAll("/", ".");
}

export function referenceTo(component: string): JsonObject { return { $ref: PREFIX + component }; }

/** Adds the schema of a built-in type and of all that it reaches. Returns its component's name. */
export function addSchema(schemas: Schemas, type: string): string {
  const component = componentOf(type);
  if (schemas[component] !== undefined) return component;
  const schema: JsonObject = { type: "object" };
  // Types contain themselves: it must be there before its fields are looked at.
  schemas[component] = schema;
  const struct = BUILTIN_TYPES[type]!;
  const required = Object.entries(struct.fields).filter(([, field]) => field.required === true).map(([name]) => name);
  const fields = Object.entries(struct.fields).sort(([a], [b]) => (a < b ? -1 : 1));
  if (required.length > 0) schema.required = required;
  if (fields.length > 0) schema.properties = Object.fromEntries(fields.map(([name, field]) => [name, propertyOf(schemas, field)]));
  if (struct.atomic === true) schema["x-kubernetes-map-type"] = "atomic";
  const kind = KINDS.get(type);
  if (kind !== undefined) label(schema, kind);
  return component;
}

/** Says that a schema is that of a kind. */
export function label(schema: JsonObject, gvk: Gvk): void {
  const known = (schema["x-kubernetes-group-version-kind"] ??= []) as Gvk[];
  if (!known.some(({ group, version, kind }) => group === gvk.group && version === gvk.version && kind === gvk.kind)) known.push({ ...gvk });
}

function propertyOf(schemas: Schemas, field: Field): JsonObject {
  const { type, patch, values } = field;
  const fallback = field.default ?? (field.omit === "never" ? zeroOf(type) : undefined);
  return schemaOf(schemas, type, {
    ...(fallback === undefined ? {} : { default: fallback }),
    ...("granular" in type ? { "x-kubernetes-map-type": "granular" } : {}),
    ...(patch?.mergeKey === undefined ? {} : { "x-kubernetes-patch-merge-key": patch.mergeKey }),
    ...(patch?.strategy === undefined ? {} : { "x-kubernetes-patch-strategy": patch.strategy }),
  }, values);
}

/** `siblings`: what else the schema says. `values`: those of the scalars in it. */
function schemaOf(schemas: Schemas, type: Type, siblings: JsonObject, values: readonly string[] | undefined): JsonObject {
  if ("struct" in type) return reference(addSchema(schemas, type.struct), siblings);
  if ("list" in type) {
    const keys: JsonObject = type.keys === undefined ? {} : { "x-kubernetes-list-map-keys": [...type.keys] };
    return { type: "array", items: innerSchema(schemas, type.list, values), ...siblings, ...keys, "x-kubernetes-list-type": type.listType };
  }
  if ("map" in type) return { type: "object", additionalProperties: innerSchema(schemas, type.map, values), ...siblings, ...(type.atomic === true ? { "x-kubernetes-map-type": "atomic" } : {}) };
  const plain = PLAIN[type.scalar];
  if (plain !== undefined) return { ...plain[0], ...siblings, ...(values === undefined ? {} : { enum: [...values] }) };
  const [component, schema] = SPECIAL[type.scalar] ?? ANY[type.go!] ?? [`${CRD}.${type.go!.slice(3)}`, {}];
  schemas[component] ??= schema;
  return reference(component, siblings);
}

/** Of an item of a list or map. */
function innerSchema(schemas: Schemas, type: Type, values: readonly string[] | undefined): JsonObject {
  const zero = zeroOf(type);
  return schemaOf(schemas, type, zero === undefined ? {} : { default: zero }, values);
}

function reference(component: string, siblings: JsonObject): JsonObject {
  return Object.keys(siblings).length === 0 ? referenceTo(component) : { allOf: [referenceTo(component)], ...siblings };
}

/** Go's zero, as the real server lists it among the defaults. */
function zeroOf(type: Type): Json | undefined {
  if ("struct" in type) return {};
  return "scalar" in type ? PLAIN[type.scalar]?.[1] ?? undefined : undefined;
}

/** A list of objects: apiVersion, kind, metadata, items. `standard`: Go's defaults, which custom resources have none of. */
export function listSchema(schemas: Schemas, item: string, standard: JsonObject): JsonObject {
  return {
    type: "object", required: ["items"],
    properties: {
      apiVersion: { type: "string" }, items: { type: "array", items: reference(item, standard) }, kind: { type: "string" },
      metadata: reference(addSchema(schemas, "ListMeta"), standard),
    },
  };
}
