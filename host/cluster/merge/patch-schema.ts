/** How a strategic merge patch is to treat each field, from the type table, as the server finds it in its Go types. */
import { StatusError } from "../api/status-error.ts";
import type { Field, Type, TypeTable } from "../schema/types.ts";
import { goQuote } from "./go-text.ts";

/** A type on the way through a patch. `pointer`: Go's type is a pointer to it. */
export interface PatchSchema { readonly types: TypeTable; readonly type: Type; readonly pointer: boolean }

/** What a field's patch strategy comes to. */
export interface Lookup { readonly schema: PatchSchema; readonly strategy: string; readonly mergeKey: string }

/** An error that the server has no status for: 500, with its text. */
export function plainError(message: string): StatusError {
  return new StatusError(500, "", message);
}

export function rootSchema(types: TypeTable, type: string): PatchSchema {
  return { types, type: { struct: type }, pointer: false };
}

/** The member `name` of an object of this type. */
export function lookupMember({ types, type }: PatchSchema, name: string): Lookup {
  if (!("struct" in type)) {
    if ("scalar" in type && kindOf(type) === "struct") throw noSuchField(goStructOf(type), name);
    throw plainError(`merging an object in json but data type is not struct, instead is: ${kindOf(type)}`);
  }
  const struct = types[type.struct];
  const field = fieldNamed(struct?.fields ?? {}, name);
  if (field === undefined) throw noSuchField(struct?.go?.split(".").at(-1) ?? type.struct, name);
  return { schema: { types, type: field.type, pointer: isPointer(field) }, strategy: mergeStrategy(field), mergeKey: field.patch?.mergeKey ?? "" };
}

/** The items of the list that the member `name` is. */
export function lookupItems(schema: PatchSchema, name: string): Lookup {
  const found = lookupMember(schema, name);
  const { types, type, pointer } = found.schema;
  if ("list" in type) {
    if ("list" in type.list && !pointer) throw plainError("unexpected slice of slice");
    return { ...found, schema: { types, type: type.list, pointer: false } };
  }
  if (pointer) return { ...found, schema: { types, type, pointer: false } };
  throw plainError(`expected slice or array type, but got: ${kindName(schema)}`);
}

/** Go's word for the type ("struct", "map"), in messages. */
export function kindName({ type, pointer }: PatchSchema): string {
  return pointer ? "ptr" : kindOf(type);
}

function noSuchField(struct: string, name: string): StatusError {
  return plainError(`unable to find api field in struct ${struct} for the json field ${goQuote(name)}`);
}

/** Members are found by their exact name first, then in any case, as Go's decoder finds them. */
function fieldNamed(fields: { readonly [name: string]: Field }, name: string): Field | undefined {
  if (Object.hasOwn(fields, name)) return fields[name];
  const folded = name.toLowerCase();
  const other = Object.keys(fields).sort().find((each) => each.toLowerCase() === folded);
  return other === undefined ? undefined : fields[other];
}

function isPointer({ omit }: Field): boolean {
  return omit === "absent" || omit === "null";
}

/** Beside `retainKeys`, which a patch asks for by itself. */
function mergeStrategy({ patch }: Field): string {
  return (patch?.strategy ?? "").split(",").filter((each) => each !== "retainKeys")[0] ?? "";
}

const STRUCTS: { readonly [scalar: string]: string } = {
  quantity: "Quantity", intOrString: "IntOrString", time: "Time", microTime: "MicroTime", any: "",
};

function goStructOf(type: Extract<Type, { scalar: string }>): string {
  return (type.go ?? "").split(".").at(-1) || STRUCTS[type.scalar] || "";
}

function kindOf(type: Type): string {
  if ("struct" in type) return "struct";
  if ("list" in type) return "slice";
  if ("map" in type) return "map";
  switch (type.scalar) {
    case "boolean": return "bool";
    case "double": return "float64";
    case "bytes": return "slice";
    case "string": case "int32": case "int64": return type.scalar;
    default: return "struct";
  }
}
