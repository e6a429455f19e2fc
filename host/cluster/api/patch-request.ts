/**
 * Patches as clients send them: of four kinds, each with its own way to be wrong.
 */
import type { Kind } from "../kinds/kind.ts";
import type { ClusterObject, JsonObject } from "../model.ts";
import { duplicateFields } from "../schema/body.ts";
import { bodyText, parseText, type ReadBody } from "./body.ts";
import type { Written } from "./create.ts";
import type { Patched } from "./machinery.ts";
import { mediaTypeOf, unsupportedMediaType } from "./negotiate.ts";
import { patchOptions, type FieldValidation } from "./options.ts";
import { applyObject, patchObject, type ApplyOptions, type Patching } from "./patch.ts";
import type { Kernel } from "./scope.ts";
import { badRequest, StatusError } from "./status-error.ts";
import type { ResourceRequest } from "./verbs.ts";

export const APPLY = "application/apply-patch+yaml";
const JSON_PATCH = "application/json-patch+json";
const MERGE = "application/merge-patch+json";
const STRATEGIC = "application/strategic-merge-patch+json";
export const PATCH_TYPES = [JSON_PATCH, MERGE, STRATEGIC, APPLY];
const CUSTOM_PATCH_TYPES = [JSON_PATCH, MERGE, APPLY];

/** Throws the 415 that comes before all else. Built-in kinds and custom ones word it differently. */
export function checkPatchType(contentType: string | undefined, custom: boolean): void {
  const media = mediaTypeOf(contentType);
  if (custom ? CUSTOM_PATCH_TYPES.includes(media) : PATCH_TYPES.includes(media)) return;
  if (custom) throw unsupportedMediaType(CUSTOM_PATCH_TYPES);
  throw new StatusError(415, "UnsupportedMediaType", "415: Unsupported Media Type", {});
}

/** A patch that has been read, and not yet applied. */
export type PatchBody =
  | { readonly apply: ClusterObject; readonly options: ApplyOptions }
  | { readonly apply: undefined; readonly patching: Patching; readonly validation: FieldValidation };

export function patchRequest(request: ResourceRequest): Written {
  const { scope, path } = request;
  const body = readPatch(request, scope.kind);
  return body.apply === undefined ? patchObject(scope, path.name, body.patching, body.validation) : applyObject(scope, path.name, body.apply, body.options);
}

/** `kind`: of the document that the patch is for. Sets the scope's options as well. */
export function readPatch({ scope, call, info }: ResourceRequest, kind: Kind): PatchBody {
  const media = mediaTypeOf(call.headers["content-type"]);
  const text = bodyText(scope.kernel, call);
  const options = patchOptions(info.query, media === APPLY);
  scope.setOptions(options, call.headers["user-agent"]);
  if (media === APPLY) {
    const body = parseText(scope.kernel, text.trimStart().startsWith("{") ? "json" : "yaml", text, (why) => badRequest(`error decoding YAML: ${why}`));
    return { apply: intentOf(body), options: { force: options.force, validation: options.fieldValidation, repeated: body.repeated } };
  }
  const body = parseText(scope.kernel, "json", text, (why) => badRequest(media === STRATEGIC ? why : `error decoding patch: ${why}`));
  const validation = options.fieldValidation;
  return { apply: undefined, validation, patching: (live) => patched(scope.kernel, kind, media, live, body, validation) };
}

function intentOf({ value }: ReadBody): ClusterObject {
  if (value === null || typeof value !== "object" || Array.isArray(value)) throw badRequest(`error decoding YAML: json: cannot unmarshal ${Array.isArray(value) ? "array" : value === null ? "null" : typeof value} into Go value of type map[string]interface {}`);
  return value as unknown as ClusterObject;
}

function patched({ merging }: Kernel, kind: Kind, media: string, live: JsonObject, body: ReadBody, validation: FieldValidation): Patched {
  if (media === JSON_PATCH) return merging.jsonPatch(live, body.value, validation !== "Ignore");
  const repeated = validation === "Ignore" ? [] : duplicateFields(body);
  const result: Patched = media === MERGE ? merging.mergePatch(live, body.value) : { ...merging.strategicMergePatch(live, body.value, kind), byValue: true };
  return repeated.length === 0 ? result : { ...result, unknown: [...repeated, ...result.unknown] };
}
