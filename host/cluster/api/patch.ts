/**
 * Patches: the document that a patch makes of the object goes the way of an update.
 */
import { apiVersionOf, type ClusterObject, type Json, type JsonObject } from "../model.ts";
import { admissionOf, setManagedFields, type Written } from "./create.ts";
import { copyOf } from "./equal.ts";
import { dedupOwnerReferences, ensureNamespace } from "./metadata.ts";
import type { Scope } from "./scope.ts";
import { changeObject } from "./update.ts";

/** From the object as it is, in the version of the request, to the document that it is to become. */
export type Patching = (live: JsonObject) => Json;

/** `gate` sees the decoded result's unknown fields. */
export function patchObject(scope: Scope, name: string, patching: Patching, gate: (unknown: readonly string[]) => void = () => undefined): Written {
  const { kernel: { codec, admission }, kind } = scope;
  return changeObject(scope, name, {
    uid: undefined, createMissing: false,
    change(live) {
      const { object, unknown } = codec.decode(patching(live as JsonObject), kind);
      gate(unknown);
      kind.strategy.setDefaults(object);
      setManagedFields(scope, live, object);
      admission.mutate(admissionOf(scope, object, live), scope.context);
      dedupOwnerReferences(object, scope, true);
      return object;
    },
  });
}

export function mergePatchObject(scope: Scope, name: string, patch: Json): Written {
  return patchObject(scope, name, (live) => scope.kernel.merging.mergePatch(live, patch));
}

/** Server-side apply. `intent` is what the client sent, in the version of the request. */
export function applyObject(scope: Scope, name: string, intent: ClusterObject, force: boolean): Written {
  const { kernel: { merging, admission, codec }, kind, manager, subresource, now } = scope;
  return changeObject(scope, name, {
    uid: intent.metadata.uid, createMissing: subresource === undefined,
    change(live) {
      const asked = copyOf(intent);
      asked.apiVersion = apiVersionOf(kind.group, kind.version);
      asked.metadata.name = name;
      ensureNamespace(asked.metadata, scope.namespace);
      const applied = codec.decode(merging.applied(live, asked, { kind, manager, subresource, now, force }) as JsonObject, kind).object;
      kind.strategy.setDefaults(applied);
      admission.mutate(admissionOf(scope, applied, live), scope.context);
      dedupOwnerReferences(applied, scope, true);
      return applied;
    },
  });
}
