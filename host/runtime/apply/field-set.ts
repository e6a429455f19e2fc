/**
 * Which fields an apply would own, as Kubernetes counts them (`managedFields[].fieldsV1`): so that the host can tell,
 * without asking, that an apply would neither take nor give up a field.
 *
 * The rules are those of structured-merge-diff's ToFieldSet: a scalar, an atomic list, map or struct is one field; members
 * of maps and items of associative lists are fields themselves, beside what is in them; members of structs only when null
 * or empty; empty associative lists leave no trace. `fieldsV1` spells a set as nested objects: "f:name", "k:{keys}",
 * "v:value", and "." for the field itself where there is something beneath it.
 */
import type { TypeRef } from "../../../bindings/protocol/manifest.ts";
import { parseJson } from "../../../bindings/protocol/json.ts";
import type { Json, JsonObject } from "../../../bindings/protocol/types.ts";
import { IDENTITY } from "./metadata.ts";
import { ANY_JSON, canonical, fieldOf, isObject, itemKey, type ListType, type Types, typeNamed } from "./types.ts";

export interface FieldNode {
  /** The field itself is owned, not only what is beneath it. */
  self: boolean;
  /** A value of no declared type: the server's schema may count it as one field, or by its members. */
  untyped: boolean;
  readonly children: Map<string, FieldNode>;
}

/** The set that applying `intent` (a whole object) would own. */
export function fieldSetOf(intent: JsonObject, rootType: string, types: Types): FieldNode {
  const root = emptyNode();
  visitMembers(root, intent, rootType, types, true);
  root.children.delete("f:apiVersion");
  root.children.delete("f:kind");
  const metadata = root.children.get("f:metadata");
  if (metadata !== undefined) {
    for (const name of IDENTITY) metadata.children.delete(`f:${name}`);
    metadata.self = false;
    if (metadata.children.size === 0) root.children.delete("f:metadata");
  }
  return root;
}

/** True when the `fieldsV1` text of an Apply entry says the same as `set`. An absent entry owns nothing. */
export function ownsExactly(set: FieldNode, fieldsV1: string | undefined): boolean {
  const applied = fieldsV1 === undefined || fieldsV1 === "" ? {} : parseJson(fieldsV1);
  return isObject(applied) && sameChildren(set, applied);
}

/** True when the `fieldsV1` text holds the field at `path` (struct members only), or something beneath it. */
export function ownsPath(fieldsV1: string | undefined, path: readonly string[]): boolean {
  if (fieldsV1 === undefined || fieldsV1 === "") return false;
  let at: Json | undefined = parseJson(fieldsV1);
  for (const name of path) at = isObject(at) ? at[`f:${name}`] : undefined;
  return at !== undefined;
}

function emptyNode(): FieldNode {
  return { self: false, untyped: false, children: new Map() };
}

function visit(node: FieldNode, value: Json, type: TypeRef, types: Types): void {
  if ("scalar" in type) {
    if (type.scalar === "json") visitUntyped(node, value);
    else node.self = true;
  } else if ("object" in type) {
    if (typeNamed(types, type.object)?.atomic === true) node.self = true;
    else if (isObject(value)) visitMembers(node, value, type.object, types, false);
  } else if ("list" in type) {
    if (type.listType === "atomic") node.self = true;
    else if (Array.isArray(value)) visitItems(node, value, type, types);
  } else if (type.atomic === true) {
    node.self = true;
  } else if (isObject(value)) {
    for (const [name, member] of Object.entries(value)) visitChild(node, `f:${name}`, member, type.map, types, true);
  }
}

function visitMembers(node: FieldNode, value: JsonObject, typeName: string, types: Types, isRoot: boolean): void {
  const def = typeNamed(types, typeName);
  for (const [name, member] of Object.entries(value)) {
    const field = fieldOf(def, name, isRoot);
    const empty = member === null || (isObject(member) && Object.keys(member).length === 0);
    visitChild(node, `f:${name}`, member, field?.type ?? ANY_JSON, types, empty);
  }
}

function visitItems(node: FieldNode, items: readonly Json[], type: ListType, types: Types): void {
  for (const item of items) {
    const element = type.listType === "set" ? `v:${canonical(item)}` : `k:${itemKey(item, type.keys ?? [], type.list, types)}`;
    visitChild(node, element, item, type.list, types, true);
  }
}

function visitChild(node: FieldNode, element: string, value: Json, type: TypeRef, types: Types, alsoItself: boolean): void {
  const child = node.children.get(element) ?? emptyNode();
  visit(child, value, type, types);
  if (alsoItself) child.self = true;
  if (child.self || child.children.size > 0) node.children.set(element, child);
}

/** As a schema that leaves the type open counts: maps by member, lists and scalars whole. */
function visitUntyped(node: FieldNode, value: Json): void {
  node.untyped = true;
  if (!isObject(value)) {
    node.self = true;
    return;
  }
  for (const [name, member] of Object.entries(value)) {
    const child = emptyNode();
    visitUntyped(child, member);
    child.self = true;
    node.children.set(`f:${name}`, child);
  }
}

function sameNode(node: FieldNode, applied: JsonObject): boolean {
  const names = Object.keys(applied);
  const self = names.length === 0 || Object.hasOwn(applied, ".");
  if (node.untyped && names.length === 0) return true;
  return node.self === self && sameChildren(node, applied);
}

function sameChildren(node: FieldNode, applied: JsonObject): boolean {
  let seen = 0;
  for (const [name, beneath] of Object.entries(applied)) {
    if (name === ".") continue;
    const child = node.children.get(name) ?? node.children.get(canonicalElement(name));
    if (child === undefined || !isObject(beneath) || !sameNode(child, beneath)) return false;
    seen++;
  }
  return seen === node.children.size;
}

/** Another server may spell the keys in another order or with other escapes. */
function canonicalElement(name: string): string {
  if (!name.startsWith("k:") && !name.startsWith("v:")) return name;
  try {
    return name.slice(0, 2) + canonical(parseJson(name.slice(2)));
  } catch {
    return name;
  }
}
