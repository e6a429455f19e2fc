/**
 * A CRD's structural schema, read into shapes without names: what `typing.ts` then turns into named types.
 *
 * Only what decides how a value looks is read. Validation (patterns, minimum, CEL rules) stays the API server's.
 */
import type { Json } from "../protocol/types.ts";
import type { Scalar } from "../protocol/manifest.ts";
import { oneOf } from "./suggest.ts";
import type { Cursor } from "./yaml.ts";

export type Shape =
  | { scalar: Scalar }
  | { list: Shape; listType: "atomic" | "set" | "map"; keys?: string[] }
  | { map: Shape; atomic?: true }
  | Structure;
export interface Structure {
  fields: { [name: string]: Field };
  atomic?: true;
}
export interface Field {
  shape: Shape;
  required?: true;
  default?: Json;
}

/** What stands for a value that could not be read: the complaint was made, the rest is read on. */
const UNREADABLE: Shape = { scalar: "json" };
const TYPES = ["object", "array", "string", "integer", "number", "boolean"];
/** Levels, and schemas in all: more is an alias that contains itself, or a file made to hurt. */
const DEPTH_MAX = 64;
const SCHEMAS_MAX = 20_000;

/** Reads one schema and all beneath it. Complains at the places that are wrong. */
export class SchemaReader {
  #schemas = 0;

  read(schema: Cursor, depth = 0): Shape {
    if (depth > DEPTH_MAX || ++this.#schemas > SCHEMAS_MAX) {
      if (this.#schemas !== Infinity) schema.error("YAML2112", "The schema is nested too deep or too large.", "Is there an alias (*name) that contains itself?");
      this.#schemas = Infinity;
      return UNREADABLE;
    }
    if (schema.shape !== "mapping") {
      schema.error("YAML2101", `${fieldPath(schema)} must be a schema, not a ${schema.shape}.`, "For example {type: string}.");
      return UNREADABLE;
    }
    if (schema.has("$ref")) {
      schema.errorAtKey("$ref", "YAML2102", "A CRD cannot use $ref.", "Write the schema out where it is used; tools such as controller-gen do that.");
      return UNREADABLE;
    }
    if (schema.boolean("x-kubernetes-int-or-string") === true) return { scalar: isQuantity(schema) ? "quantity" : "intOrString" };
    const type = this.#typeOf(schema);
    switch (type) {
      case "object": return this.#object(schema, depth);
      case "array": return this.#list(schema, depth);
      case "string": return { scalar: stringScalar(schema.text("format")) };
      case "integer": case "number": case "boolean": return { scalar: type };
      default: return UNREADABLE;
    }
  }

  #typeOf(schema: Cursor): string | undefined {
    const free = schema.boolean("x-kubernetes-preserve-unknown-fields") === true;
    const type = schema.get("type");
    if (type === undefined) {
      if (free) return undefined;
      const either = (schema.get("anyOf") ?? schema.get("oneOf"))?.items().map((s) => s.text("type")).sort().join();
      schema.error("YAML2101", `${fieldPath(schema)} has no 'type'.`, either === "integer,string"
        ? "For a number or a string write 'x-kubernetes-int-or-string: true'."
        : "The API server wants one everywhere; for free-form JSON write 'x-kubernetes-preserve-unknown-fields: true'.");
      return undefined;
    }
    if (type.shape === "list") {
      type.error("YAML2103", "A type is one word; a list of types is not allowed in a CRD.", "For a value that may be null write 'nullable: true' beside its type.");
      return undefined;
    }
    const name = type.shape === "string" ? (type.json() as string) : String(type.json());
    if (TYPES.includes(name)) return name;
    type.error("YAML2103", `There is no type '${name}'.`, ALIASES[name.toLowerCase()] ?? oneOf(name, TYPES));
    return undefined;
  }

  #object(schema: Cursor, depth: number): Shape {
    const properties = schema.take("properties", "mapping");
    const additional = schema.get("additionalProperties");
    if (properties !== undefined && additional !== undefined) {
      schema.errorAtKey("additionalProperties", "YAML2104", `${fieldPath(schema)} has both 'properties' and 'additionalProperties'.`,
        "The API server allows one: 'properties' for a structure, 'additionalProperties' for a map.");
      return UNREADABLE;
    }
    const atomic = atomicOf(schema);
    if (additional !== undefined) {
      if (additional.shape === "boolean") return { scalar: "json" };
      return { map: this.read(additional, depth + 1), ...atomic };
    }
    // An object without any field is a marker ("emptyDir: {}"), or free-form.
    if (properties === undefined || properties.keys().length === 0) return { scalar: "json" };
    return { fields: this.fields(schema, properties, depth), ...atomic };
  }

  /** The fields of a structure, sorted by name. */
  fields(schema: Cursor, properties: Cursor, depth: number): { [name: string]: Field } {
    const required = new Set<string>();
    for (const { text, at } of schema.texts("required")) {
      if (properties.has(text)) required.add(text);
      else if (schema.boolean("x-kubernetes-preserve-unknown-fields") !== true) at.error("YAML2105", `'${text}' is required, but is not among the properties.`, oneOf(text, properties.keys()));
    }
    const fields: { [name: string]: Field } = {};
    for (const name of properties.keys().sort()) {
      const property = properties.get(name);
      if (property === undefined) {
        properties.errorAtKey(name, "YAML2101", `'${name}' has no schema.`, `For example '${name}: {type: string}'.`);
        continue;
      }
      const field: Field = { shape: this.read(property, depth + 1) };
      // A null is read as a missing value, so a required field that may be null may be missing.
      if (required.has(name) && property.boolean("nullable") !== true) field.required = true;
      const value = property.get("default");
      if (value !== undefined) field.default = value.json();
      Object.defineProperty(fields, name, { value: field, enumerable: true, configurable: true, writable: true });
    }
    return fields;
  }

  #list(schema: Cursor, depth: number): Shape {
    const items = schema.get("items");
    if (items === undefined) {
      schema.error("YAML2106", `${fieldPath(schema)} is an array without 'items'.`, "Say what it holds, for example 'items: {type: string}'.");
      return UNREADABLE;
    }
    const list = this.read(items, depth + 1);
    const listType = schema.get("x-kubernetes-list-type");
    const written = listType === undefined ? "atomic" : String(listType.json());
    if (written === "atomic" || written === "set") return { list, listType: written };
    if (written === "map") return { list, listType: written, keys: keysOf(schema, list) };
    listType?.error("YAML2107", `There is no list type '${written}'.`, oneOf(written, ["atomic", "set", "map"]));
    return UNREADABLE;
  }
}

const ALIASES: { [written: string]: string } = {
  int: "Did you mean 'integer'?", int32: "Did you mean 'integer'? The width is its 'format: int32'.", int64: "Did you mean 'integer'? The width is its 'format: int64'.",
  float: "Did you mean 'number'?", double: "Did you mean 'number'?", bool: "Did you mean 'boolean'?", str: "Did you mean 'string'?", list: "Did you mean 'array'?",
  map: "Did you mean 'object', with 'additionalProperties'?", date: "Did you mean 'string', with 'format: date-time'?", null: "Write 'nullable: true' beside the type of the value.",
};

/** "spec.ports[].name" for ".../openAPIV3Schema/properties/spec/properties/ports/items/properties/name". */
function fieldPath({ path }: Cursor): string {
  const inner = path.replace(/^.*?openAPIV3Schema\.?/, "");
  return inner.replace(/\.?items(?=\.|$)/g, "[]").replace(/\.?additionalProperties(?=\.|$)/g, "{}").replace(/(^|\.)properties\./g, "$1") || "the schema";
}

/** The keys of a list of type map: each must be a field of the items that is always there. */
function keysOf(schema: Cursor, list: Shape): string[] {
  const keys = schema.texts("x-kubernetes-list-map-keys");
  if (keys.length === 0) {
    schema.error("YAML2108", `${fieldPath(schema)} is a list of type map without 'x-kubernetes-list-map-keys'.`, "Name the fields that tell its items apart: [name].");
  }
  for (const { text, at } of keys) {
    const field = "fields" in list ? list.fields[text] : undefined;
    if (field === undefined) {
      at.error("YAML2108", `The items have no field '${text}' to be told apart by.`, "fields" in list ? oneOf(text, Object.keys(list.fields)) : "Items of a list of type map must be objects with properties.");
    } else if (field.required === undefined && field.default === undefined) {
      at.error("YAML2108", `The key '${text}' may be missing from an item.`, `Make '${text}' required, or give it a default.`);
    }
  }
  return keys.map((key) => key.text);
}

function atomicOf(schema: Cursor): { atomic?: true } {
  return schema.text("x-kubernetes-map-type") === "atomic" ? { atomic: true } : {};
}

function stringScalar(format: string | undefined): Scalar {
  if (format === "date-time") return "time";
  return format === "byte" ? "bytes" : "string";
}

/** The suffixes of resource.Quantity, which no other pattern has. */
function isQuantity(schema: Cursor): boolean {
  return schema.text("pattern")?.includes("[KMGTPE]i") === true;
}
