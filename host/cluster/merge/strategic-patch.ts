/**
 * Strategic merge patch: a merge patch that knows the types. Lists whose type says so are merged item by item, and the
 * directives `$patch`, `$retainKeys`, `$setElementOrder/...` and `$deleteFromPrimitiveList/...` are obeyed.
 *
 * A copy of the patch is used up on the way, as the server does: what a refusal shows is what is left of it.
 */
import { badRequest } from "../api/status-error.ts";
import type { Json, JsonObject } from "../model.ts";
import type { TypeTable } from "../schema/types.ts";
import { goValue } from "./go-text.ts";
import { cloneJson, isObject, member, setMember } from "./json.ts";
import { cannotUnmarshal, type Patched } from "./patched.ts";
import { lookupItems, lookupMember, type PatchSchema, rootSchema } from "./patch-schema.ts";
import { DIRECTIVE, unknownDirective, withoutDirectives } from "./strategic-directives.ts";
import { badArgType, mergeLists, mergeOrdered } from "./strategic-lists.ts";

const RETAIN_KEYS = "$retainKeys";
const DELETE_FROM = "$deleteFromPrimitiveList";
const SET_ORDER = "$setElementOrder";

/** Applies `patch` to `doc`, an object of `type`; neither is changed. The result is still to be decoded. */
export function strategicMergePatch(doc: JsonObject, patch: Json, types: TypeTable, type: string): Patched {
  if (patch !== null && !isObject(patch)) throw cannotUnmarshal(patch, "value of type map[string]interface {}");
  const used = cloneJson(patch ?? {});
  const value = mergeMap(cloneJson(doc), used, rootSchema(types, type));
  return { value, unknown: [], shown: () => goValue(used) };
}

/** Merges `patch` into `original`, which are both used up. */
export function mergeMap(original: JsonObject, patch: JsonObject, schema: PatchSchema): JsonObject {
  const directive = member(patch, DIRECTIVE);
  if (directive !== undefined) return directed(directive, patch);
  retainKeys(original, patch);
  for (const key of Object.keys(patch)) if (key.startsWith(SET_ORDER)) setOrder(original, patch, key, schema);
  for (const key of Object.keys(patch)) mergeKey(original, key, member(patch, key)!, schema);
  return original;
}

/** The whole patch is an instruction. */
function directed(directive: Json, patch: JsonObject): JsonObject {
  if (directive === "replace") {
    delete patch[DIRECTIVE];
    return patch;
  }
  if (directive === "delete") return {};
  throw unknownDirective(directive, patch);
}

/** `$retainKeys` names all members that are to be there afterwards. */
function retainKeys(original: JsonObject, patch: JsonObject): void {
  const listed = member(patch, RETAIN_KEYS);
  if (listed === undefined) return;
  delete patch[RETAIN_KEYS];
  if (!Array.isArray(listed)) throw badRequest("invalid patch format of retainKeys");
  for (const [key, value] of Object.entries(patch)) {
    if (value === null || key.startsWith(DELETE_FROM) || key.startsWith(SET_ORDER)) continue;
    if (!listed.includes(key)) throw badRequest("invalid patch format of retainKeys");
  }
  for (const key of Object.keys(original)) if (!listed.includes(key)) delete original[key];
}

/** Merges a list together with the order that the patch gives for it, and takes both off the patch. */
function setOrder(original: JsonObject, patch: JsonObject, directive: string, schema: PatchSchema): void {
  const order = member(patch, directive);
  delete patch[directive];
  if (!Array.isArray(order)) throw badArgType([], order);
  const key = behindSlash(directive, SET_ORDER, "invalid patch format of setElementOrder list");
  const there = member(original, key);
  const wanted = member(patch, key);
  if (there !== undefined && !Array.isArray(there)) throw badArgType([], there);
  if (wanted !== undefined && !Array.isArray(wanted)) throw badArgType([], wanted);
  const merged = mergeOrdered(there, wanted, order, lookupItems(schema, key), mergeMap);
  if (merged === undefined) return;
  setMember(original, key, merged);
  delete patch[key];
}

function behindSlash(directive: string, prefix: string, complaint: string): string {
  if (directive[prefix.length] !== "/") throw badRequest(complaint);
  return directive.slice(prefix.length + 1);
}

function mergeKey(original: JsonObject, patchKey: string, value: Json, schema: PatchSchema): void {
  const isDeletion = patchKey.startsWith(DELETE_FROM);
  const bare = isDeletion ? behindSlash(patchKey, DELETE_FROM, "invalid patch format of primitive list") : "";
  const key = bare === "" ? patchKey : bare;
  if (value === null) {
    delete original[key];
    return;
  }
  const there = member(original, key);
  if (there === undefined || goTypeOf(there) !== goTypeOf(value)) {
    if (!isDeletion) take(original, key, withoutNulls(value));
  } else if (isObject(there)) {
    const { schema: inner, strategy } = lookupMember(schema, key);
    setMember(original, key, strategy === "replace" ? value : mergeMap(there, value as JsonObject, inner));
  } else if (Array.isArray(there)) {
    const lookup = lookupItems(schema, key);
    const merges = lookup.strategy === "merge" || isDeletion;
    setMember(original, key, merges ? mergeLists(there, value as Json[], lookup, isDeletion, mergeMap) : value);
  } else take(original, key, value);
}

/** Integers and other numbers are two types to Go. */
function goTypeOf(value: Json): string {
  if (value === null) return "null";
  if (typeof value === "number") return Number.isInteger(value) ? "bigint" : "number";
  return Array.isArray(value) ? "array" : typeof value;
}

/** Sets what the patch gives, unless that is an instruction itself. */
function take(original: JsonObject, key: string, value: Json): void {
  const cleaned = withoutDirectives(value);
  if (cleaned === undefined) delete original[key];
  else setMember(original, key, cleaned);
}

/** Members that are null go, at any depth. */
function withoutNulls(value: Json): Json {
  if (Array.isArray(value)) value.forEach(withoutNulls);
  else if (isObject(value)) {
    for (const key of Object.keys(value)) {
      if (member(value, key) === null) delete value[key];
      else withoutNulls(member(value, key)!);
    }
  }
  return value;
}
