/**
 * Patches: the document that a patch makes of the object goes the way of an update.
 */
import type { ClusterObject, JsonObject } from "../model.ts";
import { DecodeError, decodeRaw } from "../schema/decode.ts";
import { gateUnknown } from "./body.ts";
import { admissionOf, setManagedFields, type Written } from "./create.ts";
import { FieldErrors } from "./field-errors.ts";
import type { Patched } from "./machinery.ts";
import { dedupOwnerReferences, ensureNamespace } from "./metadata.ts";
import type { FieldValidation } from "./options.ts";
import type { Scope } from "./scope.ts";
import { badRequest, conflict, StatusError } from "./status-error.ts";
import { changeObject, checkName } from "./update.ts";

/** `patching` goes from the object as it is, in the version of the request, to the document that it is to become. */
export function patchObject(scope: Scope, name: string, patching: (live: JsonObject) => Patched, validation: FieldValidation = "Ignore"): Written {
  const { kernel: { admission }, kind } = scope;
  return changeObject(scope, name, {
    uid: undefined, createMissing: false,
    change(live) {
      const object = decodedPatch(scope, patching(live as JsonObject), validation);
      kind.strategy.setDefaults(object);
      setManagedFields(scope, live, object);
      ensureNamespace(object.metadata, scope.namespace);
      checkName(object, name);
      admission.mutate(admissionOf(scope, object, live), scope.context);
      dedupOwnerReferences(object, scope, true);
      return object;
    },
  });
}

function decodedPatch(scope: Scope, patched: Patched, validation: FieldValidation): ClusterObject {
  try {
    const { object, unknown } = decodeRaw(patched.value, scope.kind);
    const all = [...patched.unknown, ...unknown];
    if (all.length > 0 && validation === "Strict") throw unfit(patched, `strict decoding error: ${all.join(", ")}`);
    if (validation === "Warn") for (const each of all) scope.warn(each);
    return object;
  } catch (error) {
    if (error instanceof DecodeError) throw unfit(patched, error.message);
    throw error;
  }
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
export function applyObject(scope: Scope, name: string, intent: ClusterObject, { force, validation = "Ignore", repeated = [] }: ApplyOptions): Written {
  const { kernel: { merging, admission }, kind, manager, subresource, now } = scope;
  return changeObject(scope, name, {
    uid: undefined, createMissing: true,
    change(live) {
      const applied = decodedApply(scope, merging.applied(live, intent, { kind, manager, subresource, now, force }));
      kind.strategy.setDefaults(applied);
      if (repeated.length > 0 && validation === "Strict") throw badRequest(`error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n${repeated.map((each) => `  ${each}`).join("\n")}`);
      gateUnknown(scope, kind, validation, repeated);
      if (live === undefined && (applied.metadata.uid ?? "") !== "") {
        throw conflict(scope.named, name, `uid mismatch: the provided object specified uid ${applied.metadata.uid!}, and no existing object was found`);
      }
      ensureNamespace(applied.metadata, scope.namespace);
      checkName(applied, name);
      admission.mutate(admissionOf(scope, applied, live), scope.context);
      dedupOwnerReferences(applied, scope, true);
      return applied;
    },
  });
}

function decodedApply(scope: Scope, merged: ClusterObject): ClusterObject {
  try {
    return decodeRaw(merged as JsonObject, scope.kind).object;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new StatusError(500, "", `failed to convert new object (${merged.metadata.namespace ?? ""}/${merged.metadata.name}; ${scope.kind.group}/${scope.kind.version}, Kind=${scope.kind.kind}) to proper version: ${error.message}`);
  }
}
