/**
 * The Secret in which hosts keep the key of the hashes that stand for Secrets' values: what needs it, and the right to it.
 *
 * One for all hosts of a namespace, so that a leader and its standby, and a host and its restart, give the same hashes.
 */
import type { Manifest } from "../protocol/manifest.ts";
import type { Rule } from "./rbac.ts";

export const HASH_KEY_SECRET = "toque-hash-key";

/** True when the host hashes values for this operator: it owns or reads Secrets. */
export function declaresSecrets(manifest: Manifest): boolean {
  return [...manifest.owns, ...manifest.reads].some(({ apiVersion, kind }) => apiVersion === "v1" && kind === "Secret");
}

/**
 * To read that Secret and to make it where it is missing, and nothing else: it is neither changed nor deleted.
 *
 * NOTE: `create` cannot be restricted to a name, for the name is in the body, which is not authorised. It reaches no Secret that exists.
 */
export function hashKeyRules(): Rule[] {
  return [
    { apiGroups: [""], resources: ["secrets"], verbs: ["create"] },
    { apiGroups: [""], resources: ["secrets"], verbs: ["get"], resourceNames: [HASH_KEY_SECRET] },
  ];
}
