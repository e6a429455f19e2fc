/**
 * Patches as clients send them: of four kinds, each with its own way to be wrong.
 */
import type { ClusterObject, JsonObject } from "../model.ts";
import { duplicateFields } from "../schema/body.ts";
import { bodyText, parseText, type ReadBody } from "./body.ts";
import type { Written } from "./create.ts";
import type { Patched } from "./machinery.ts";
import { mediaTypeOf, unsupportedMediaType } from "./negotiate.ts";
import { patchOptions, type FieldValidation } from "./options.ts";
import { applyObject, patchObject } from "./patch.ts";
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

export function patchRequest(request: ResourceRequest): Written {
  const { scope, call, path, info } = request;
  const media = mediaTypeOf(call.headers["content-type"]);
  const text = bodyText(scope.kernel, call);
  const options = patchOptions(info.query, media === APPLY);
  scope.setOptions(options, call.headers["user-agent"]);
  if (media === APPLY) {
    const body = parseText(scope.kernel, text.trimStart().startsWith("{") ? "json" : "yaml", text, (why) => badRequest(`error decoding YAML: ${why}`));
    return applyObject(scope, path.name, intentOf(body), { force: options.force, validation: options.fieldValidation, repeated: body.repeated });
  }
  const body = parseText(scope.kernel, "json", text, (why) => badRequest(media === STRATEGIC ? why : `error decoding patch: ${why}`));
  return patchObject(scope, path.name, (live) => patched(request, media, live, body, options.fieldValidation), options.fieldValidation);
}

function intentOf({ value }: ReadBody): ClusterObject {
  if (value === null || typeof value !== "object" || Array.isArray(value)) throw badRequest(`error decoding YAML: json: cannot unmarshal ${Array.isArray(value) ? "array" : value === null ? "null" : typeof value} into Go value of type map[string]interface {}`);
  return value as unknown as ClusterObject;
}

function patched({ scope: { kernel: { merging }, kind } }: ResourceRequest, media: string, live: JsonObject, body: ReadBody, validation: FieldValidation): Patched {
  if (media === JSON_PATCH) return merging.jsonPatch(live, body.value, validation !== "Ignore");
  const repeated = validation === "Ignore" ? [] : duplicateFields(body);
  const result = media === MERGE ? merging.mergePatch(live, body.value) : merging.strategicMergePatch(live, body.value, kind);
  return repeated.length === 0 ? result : { ...result, unknown: [...repeated, ...result.unknown] };
}
