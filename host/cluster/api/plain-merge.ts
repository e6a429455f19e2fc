/** JSON merge patch (RFC 7386). */
import type { Json, JsonObject } from "../model.ts";
import { copyOf } from "./equal.ts";

export function mergePatch(document: JsonObject, patch: Json): JsonObject {
  if (patch === null || typeof patch !== "object" || Array.isArray(patch)) return patch as unknown as JsonObject;
  const merged: JsonObject = { ...document };
  for (const field of Object.keys(patch)) {
    const change = patch[field]!;
    if (change === null) delete merged[field];
    else if (typeof change === "object" && !Array.isArray(change)) {
      const before = merged[field];
      merged[field] = mergePatch(typeof before === "object" && before !== null && !Array.isArray(before) ? before : {}, change);
    } else merged[field] = copyOf(change);
  }
  return merged;
}
