/** JSON merge patch (RFC 7386), as the server's library applies it. */
import { badRequest } from "../api/status-error.ts";
import type { Json, JsonObject } from "../model.ts";
import { isObject, member, setMember } from "./json.ts";
import { cannotUnmarshal, type Patched, shownJson } from "./patched.ts";
import { sortTexts } from "./text-order.ts";

/**
 * Applies `patch` to `doc`; neither is changed. `strict`: fieldValidation is Warn or Strict (the default is Warn), where
 * what is no object is refused before it is looked at.
 */
export function mergePatch(doc: JsonObject, patch: Json, strict = true): Patched {
  if (patch === null) throw badRequest("Invalid JSON Patch");
  if (!isObject(patch)) {
    if (strict) throw cannotUnmarshal(patch, "value of type map[string]interface {}", "error decoding patch: ");
    if (!Array.isArray(patch)) throw badRequest("Invalid JSON Patch");
    const value = patch.map((item) => withoutNulls(item));
    return { value, unknown: [], shown: shownJson(value) };
  }
  const value = mergeObjects(doc, patch);
  return { value, unknown: [], shown: shownJson(value) };
}

function mergeObjects(into: JsonObject, patch: JsonObject): JsonObject {
  const names = new Set(Object.keys(into));
  for (const name of Object.keys(patch)) names.add(name);
  const merged: JsonObject = {};
  for (const name of sortTexts([...names])) {
    const wanted = member(patch, name);
    const there = member(into, name);
    const value = wanted === undefined ? there : wanted === null ? undefined : mergeValues(there, wanted);
    if (value !== undefined) setMember(merged, name, value);
  }
  return merged;
}

function mergeValues(there: Json | undefined, wanted: Json): Json {
  if (!isObject(there)) return withoutNulls(wanted);
  return isObject(wanted) ? mergeObjects(there, wanted) : wanted;
}

/** Members that are null go, items of arrays stay. */
function withoutNulls(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isObject(value)) return value;
  const kept: JsonObject = {};
  for (const name of sortTexts(Object.keys(value))) {
    const found = member(value, name)!;
    if (found !== null) setMember(kept, name, withoutNulls(found));
  }
  return kept;
}
