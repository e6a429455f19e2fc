/**
 * Three kinds without rules, and machinery that does nothing: what the server runs on where the real parts are not in place.
 */
import { copyOf } from "./api/equal.ts";
import type { Kernel } from "./api/scope.ts";
import type { Kind, Strategy } from "./kinds/kind.ts";
import type { ClusterObject } from "./model.ts";

const STRATEGY: Strategy = {
  setDefaults: () => undefined,
  prepareForCreate: () => undefined,
  prepareForUpdate: () => undefined,
  validate: () => undefined,
  validateUpdate: () => undefined,
  unconditionalUpdate: true,
  createOnUpdate: false,
};

export const BARE_MACHINERY: Pick<Kernel, "codec" | "merging" | "admission"> = {
  codec: { decode: (value) => ({ object: copyOf(value) as unknown as ClusterObject, unknown: [] }) },
  merging: {
    updated: () => undefined, applied: (_live, intent) => intent,
    jsonPatch: (document) => document, mergePatch: (document) => document, strategicMergePatch: (document) => document,
  },
  admission: { mutate: () => undefined, validate: () => undefined },
};

export function bareKinds(): Kind[] {
  return [["Namespace", "namespaces", false], ["ConfigMap", "configmaps", true], ["Secret", "secrets", true]].map(([kind, plural, namespaced]) => ({
    group: "", version: "v1", kind: kind as string, listKind: `${kind as string}List`, plural: plural as string, singular: (kind as string).toLowerCase(),
    shortNames: [], categories: [], namespaced: namespaced as boolean,
    verbs: ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"],
    types: {}, type: "", custom: false, status: false, scale: undefined, strategy: STRATEGY, columns: [], selectable: {}, convert: undefined,
  }));
}
