/** The merging of `merge/`, for the kinds that a registry serves. */
import { applyConfiguration } from "../merge/apply.ts";
import { jsonPatch } from "../merge/json-patch.ts";
import { mergePatch } from "../merge/merge-patch.ts";
import { builtinResetFields, customResetFields } from "../merge/reset-fields.ts";
import { strategicMergePatch } from "../merge/strategic-patch.ts";
import type { Tracked, Versions } from "../merge/tracking.ts";
import { updateManagedFields } from "../merge/update.ts";
import { apiVersionOf, type ClusterObject, groupVersionOf, type JsonObject } from "../model.ts";
import type { Kind } from "../kinds/kind.ts";
import type { Fields, Merging } from "./machinery.ts";
import type { Registry } from "./registry.ts";

export function mergingOf(registry: Registry): Merging {
  return {
    updated: (live, next, fields) => updateManagedFields({ ...tracked(registry, live, fields), next }),
    applied: (live, intent, fields) => applyConfiguration({ ...tracked(registry, live, fields), intent: intent as JsonObject, force: fields.force }),
    jsonPatch, mergePatch,
    strategicMergePatch: (document, patch, kind) => strategicMergePatch(document, patch, kind.types, kind.type),
  };
}

function tracked(registry: Registry, live: ClusterObject | undefined, { kind, manager, subresource, now }: Fields): Tracked {
  const apiVersion = apiVersionOf(kind.group, kind.version);
  const reset = kind.custom ? customResetFields(apiVersion, subresource, kind.status) : builtinResetFields({ group: kind.group, resource: kind.plural }, subresource, kind.status);
  return { live, types: kind.types, type: kind.type, apiVersion, kind: kind.kind, manager, subresource, now, reset, custom: kind.custom, versions: versionsOf(registry, kind) };
}

function versionsOf(registry: Registry, kind: Kind): Versions {
  const find = (apiVersion: string): Kind | undefined => {
    const [group, version] = groupVersionOf(apiVersion);
    return group === kind.group ? registry.entry(kind.group, kind.plural)?.versions.get(version) : undefined;
  };
  return {
    typeIn: find,
    convert(object, apiVersion) {
      const stored = kind.convert?.toStorage(object) ?? object;
      return find(apiVersion)?.convert?.fromStorage(stored) ?? stored;
    },
  };
}
