/**
 * Patches: the document that a patch makes of the object goes the way of an update.
 */
import type { Kind } from "../kinds/kind.ts";
import { unfitConfiguration } from "../merge/apply.ts";
import { compareText } from "../merge/text-order.ts";
import type { ClusterObject, Json, JsonObject } from "../model.ts";
import { DecodeError, decodeRaw } from "../schema/decode.ts";
import { patchedTypeMeta } from "../schema/type-meta.ts";
import { misfit } from "../schema/unstructured.ts";
import { gateUnknown } from "./body.ts";
import { admissionOf, setManagedFields, type Written } from "./create.ts";
import { FieldErrors } from "./field-errors.ts";
import type { Patched } from "./machinery.ts";
import { dedupOwnerReferences, ensureNamespace, keepWishToForget } from "./metadata.ts";
import type { FieldValidation } from "./options.ts";
import type { Scope } from "./scope.ts";
import { badRequest, conflict, notFound, StatusError } from "./status-error.ts";
import { changeObject, checkName } from "./update.ts";

/** From the object as it is, in the version of the request, to the document that it is to become. */
export type Patching = (live: JsonObject) => Patched;

export function patchObject(scope: Scope, name: string, patching: Patching, validation: FieldValidation = "Ignore"): Written {
  return changeObject(scope, name, { uid: undefined, createMissing: false, change: (live) => patchedObject(scope, scope.kind, name, found(scope, name, live), patching, validation) });
}

/** Only an apply creates, even where a PUT would. */
function found(scope: Scope, name: string, live: ClusterObject | undefined): ClusterObject {
  if (live === undefined) throw notFound(scope.named, name);
  return live;
}

/** `kind` is that of the document: for a subresource, another than the scope's. */
export function patchedObject(scope: Scope, kind: Kind, name: string, live: ClusterObject, patching: Patching, validation: FieldValidation): ClusterObject {
  const object = decodedPatch(scope, kind, patching(live as JsonObject), validation);
  kind.strategy.setDefaults(object);
  setManagedFields(scope, live, object, kind);
  return admitted(scope, object, live, name);
}

function admitted(scope: Scope, object: ClusterObject, live: ClusterObject | undefined, name: string): ClusterObject {
  ensureNamespace(object.metadata, scope.namespace);
  checkName(object, name);
  scope.kernel.admission.mutate(admissionOf(scope, object, live), scope.context);
  dedupOwnerReferences(object, scope, true);
  return object;
}

function decodedPatch(scope: Scope, kind: Kind, patched: Patched, validation: FieldValidation): ClusterObject {
  try {
    const wrong = patched.byValue === undefined ? (kind.custom ? undefined : patchedTypeMeta(patched.value, kind)) : misfit(patched.value, kind.types, kind.type);
    const internal = wrong === "internal" && patched.byValue === undefined;
    if (wrong !== undefined && !internal) throw unfit(patched, wrong);
    const { object, unknown } = internal ? decodedInternal(patched.value) : decodeRaw(patched.value, kind);
    const all = [...patched.unknown, ...(patched.byValue === undefined ? unknown : [...unknown].sort(compareText))];
    if (all.length > 0 && validation === "Strict") throw unfit(patched, `strict decoding error: ${all.join(", ")}`);
    if (validation === "Warn") for (const each of all) scope.warn(each);
    keepWishToForget(patched.value, object);
    return object;
  } catch (error) {
    if (error instanceof DecodeError) throw unfit(patched, error.message);
    throw error;
  }
}

/** Without an apiVersion the server takes the document for its own form of the kind, none of whose fields JSON knows. */
function decodedInternal(value: Json): { object: ClusterObject; unknown: string[] } {
  const unknown = Object.keys(value as JsonObject).filter((key) => key !== "apiVersion" && key !== "kind");
  return { object: { apiVersion: "", kind: "", metadata: { name: "" } }, unknown: unknown.map((key) => `unknown field ${JSON.stringify(key)}`) };
}

/** The server doesn't know yet what it got: no kind and no name. */
function unfit(patched: Patched, why: string): StatusError {
  const errors = new FieldErrors();
  errors.invalid("patch", patched.shown(), why);
  const { causes } = errors.toStatusError("", "", "").details!;
  return new StatusError(422, "Invalid", ` "" is invalid: patch: ${causes![0]!.message!}`, { causes: causes! });
}

export function mergePatchObject(scope: Scope, name: string, patch: JsonObject): Written {
  return patchObject(scope, name, (live) => scope.kernel.merging.mergePatch(live, patch));
}

export interface ApplyOptions { readonly force: boolean; readonly validation?: FieldValidation; readonly repeated?: readonly string[] }

/** Server-side apply. `intent` is the body as it was parsed. */
export function applyObject(scope: Scope, name: string, intent: ClusterObject, options: ApplyOptions): Written {
  return changeObject(scope, name, {
    uid: undefined, createMissing: scope.subresource === undefined,
    change: (live) => appliedObject(scope, scope.kind, name, live, intent, options),
  });
}

/** `kind` is that of the document: for a subresource, another than the scope's. */
export function appliedObject(scope: Scope, kind: Kind, name: string, live: ClusterObject | undefined, intent: ClusterObject, options: ApplyOptions): ClusterObject {
  const { force, validation = "Ignore", repeated = [] } = options;
  const { kernel: { merging }, manager, subresource, now } = scope;
  const applied = decodedApply(kind, merging.applied(live, intent, { kind, manager, subresource, now, force }), intent);
  kind.strategy.setDefaults(applied);
  if (repeated.length > 0 && validation === "Strict") throw badRequest(`error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n${repeated.map((each) => `  ${each}`).join("\n")}`);
  gateUnknown(scope, kind, validation, repeated);
  const { uid = "" } = applied.metadata;
  if (live === undefined && uid !== "") throw conflict(scope.named, name, `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`);
  return admitted(scope, applied, live, name);
}

function decodedApply(kind: Kind, merged: ClusterObject, intent: ClusterObject): ClusterObject {
  const wrong = kind.custom ? undefined : misfit(merged as JsonObject, kind.types, kind.type);
  if (wrong !== undefined) throw unfitConfiguration({ intent: intent as JsonObject }, `unable to convert unstructured object to ${kind.group}/${kind.version}, Kind=${kind.kind}: ${wrong}`);
  try {
    return decodeRaw(merged as JsonObject, kind).object;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw unfitConfiguration({ intent: intent as JsonObject }, error.message);
  }
}
