/** Names and ordinals of a StatefulSet's Pods and claims. */
import type { StatefulSet } from "../../typed/apps.ts";
import type { PersistentVolumeClaim, Pod } from "../../typed/core.ts";
import { REVISION_HASH } from "../kit/history.ts";

export const POD_NAME = "statefulset.kubernetes.io/pod-name";
export const POD_INDEX = "apps.kubernetes.io/pod-index";
const INT32_MAX = 2_147_483_647;

/** -1 for a name that no StatefulSet gives. */
export function ordinalOf({ metadata: { name } }: Pod): number {
  const digits = /-(\d+)$/.exec(name)?.[1];
  return digits === undefined || Number(digits) > INT32_MAX ? -1 : Number(digits);
}
export function isMember(set: StatefulSet, { metadata: { name } }: Pod): boolean { return /-\d+$/.test(name) && name.replace(/-\d+$/, "") === set.metadata.name; }
export function startOf({ spec: { ordinals } }: StatefulSet): number { return ordinals?.start ?? 0; }
export function isInRange(set: StatefulSet, ordinal: number): boolean { return ordinal >= startOf(set) && ordinal < startOf(set) + set.spec.replicas; }
export function claimNameFor(set: StatefulSet, template: PersistentVolumeClaim, ordinal: number): string { return `${template.metadata.name}-${set.metadata.name}-${ordinal}`; }
/** The name of the ControllerRevision that the Pod was made of. */
export function revisionOfPod({ metadata: { labels } }: Pod): string { return labels?.[REVISION_HASH] ?? ""; }
