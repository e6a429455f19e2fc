/** What the patches have in common: their result, and the server's words for those that can't be applied. */
import { FieldErrors } from "../api/field-errors.ts";
import { badRequest, StatusError } from "../api/status-error.ts";
import type { Json } from "../model.ts";
import { goJson } from "./go-text.ts";

export interface Patched {
  /** The patched object, still to be decoded. An array or a scalar where the patch replaced the whole object by one. */
  readonly value: Json;
  /** `fieldValidation` Warn and Strict: what is unknown in the patch itself, as decoding says it ('unknown field "[0].x"'). */
  readonly unknown: readonly string[];
  /** What a refusal shows: the result of a JSON or merge patch, a strategic merge patch itself. */
  shown(): string;
}

/** The 422 of a patch whose result can't be decoded, or has unknown fields under `fieldValidation=Strict`. */
export function unfitPatch(patched: Pick<Patched, "shown">, why: string): StatusError {
  const errors = new FieldErrors();
  errors.invalid("patch", patched.shown(), why);
  const { causes } = errors.toStatusError("", "", "").details!;
  // No kind and no name: the server doesn't know yet what it got.
  return new StatusError(422, "Invalid", ` "" is invalid: patch: ${causes![0]!.message!}`, { causes: causes! });
}

/** The 422 of a patch that does not apply. The server keeps to itself what is wrong. */
export function patchDoesNotApply(): StatusError {
  return new StatusError(422, "Invalid", "the server rejected our request due to an error in our request", {});
}

/** A real server breaks the connection here. */
export function patchBreaksServer(): StatusError {
  return new StatusError(500, "InternalError", "Internal error occurred: this patch has a null or no value where one is needed");
}

/** `json` as Go's decoder names it in "cannot unmarshal X into Go value". */
export function goJsonKind(json: Json): string {
  switch (typeof json) {
    case "string": return "string";
    case "boolean": return "bool";
    case "number": case "bigint": return "number";
    default: return Array.isArray(json) ? "array" : "object";
  }
}

export function cannotUnmarshal(json: Json, into: string, prefix = ""): StatusError {
  return badRequest(`${prefix}json: cannot unmarshal ${goJsonKind(json)} into Go ${into}`);
}

/** The text of a patched object: members of what was touched sorted, the rest as it was. */
export function shownJson(value: Json): () => string {
  return () => goJson(value);
}
