/**
 * What a StatefulSet does next, as a decision without effects: scale first, then renew. In order means: one Pod at a time,
 * and only beside Pods that are all well.
 */
import type { StatefulSet } from "../../typed/apps.ts";
import type { Pod } from "../../typed/core.ts";
import { isAvailable, isFinished, isReady } from "../kit/pods.ts";
import { isInRange, ordinalOf, revisionOfPod, startOf } from "./stateful-names.ts";

export interface Arrangement {
  /** By place: ordinal less the first one. */
  readonly replicas: readonly (Pod | undefined)[];
  /** Beyond the range, the highest ordinal first. */
  readonly condemned: readonly Pod[];
  readonly nowMs: number;
}
export interface Step {
  /** `pod`: one that is pending; only its claims may be missing. */
  readonly create: { readonly ordinal: number; readonly pod: Pod | undefined }[];
  /** Pods whose identity or claims may have to be put right. */
  readonly settle: Pod[];
  readonly remove: Pod[];
}

export function arrange(set: StatefulSet, pods: readonly Pod[], nowMs: number): Arrangement {
  const replicas: (Pod | undefined)[] = Array(set.spec.replicas).fill(undefined);
  const condemned: Pod[] = [];
  for (const pod of pods) {
    const ordinal = ordinalOf(pod);
    if (isInRange(set, ordinal)) replicas[ordinal - startOf(set)] = pod;
    else if (ordinal >= 0) condemned.push(pod);
  }
  return { replicas, condemned: condemned.sort((a, b) => ordinalOf(b) - ordinalOf(a)), nowMs };
}

export function nextStep(set: StatefulSet, arrangement: Arrangement, updateRevision: string): Step {
  const step: Step = { create: [], settle: [], remove: [] };
  const inOrder = set.spec.podManagementPolicy !== "Parallel";
  const well = (pod: Pod | undefined): boolean => pod !== undefined && pod.metadata.deletionTimestamp === undefined && isAvailable(pod, set.spec.minReadySeconds ?? 0, arrangement.nowMs);
  if (!fill(set, arrangement, step, inOrder, well)) return step;
  step.settle.push(...arrangement.condemned);
  if (!shrink(arrangement, step, inOrder, well)) return step;
  if (set.spec.updateStrategy.type === "RollingUpdate") renew(set, arrangement, updateRevision, step, well);
  return step;
}

/** False: nothing else may be done for now. */
function fill(set: StatefulSet, { replicas }: Arrangement, step: Step, inOrder: boolean, well: (pod: Pod | undefined) => boolean): boolean {
  let blocked = false;
  for (const [place, pod] of replicas.entries()) {
    const ordinal = startOf(set) + place;
    if (pod !== undefined && isFinished(pod)) {
      // It is made anew when it is gone.
      if (pod.metadata.deletionTimestamp === undefined) step.remove.push(pod);
      blocked = inOrder;
    } else if (pod === undefined) {
      step.create.push({ ordinal, pod: undefined });
      blocked = inOrder;
    } else {
      if (pod.status?.phase === "Pending") step.create.push({ ordinal, pod });
      if (inOrder && (pod.status?.phase !== "Running" || !isReady(pod) || !well(pod))) blocked = true;
      else step.settle.push(pod);
    }
    if (blocked) return false;
  }
  return true;
}

function shrink({ replicas, condemned }: Arrangement, step: Step, inOrder: boolean, well: (pod: Pod | undefined) => boolean): boolean {
  // The first that isn't well, from the bottom: it may go even though it isn't.
  const ailing = replicas.every(well) ? condemned.findLast((pod) => !well(pod)) : undefined;
  for (const pod of condemned) {
    const leaving = pod.metadata.deletionTimestamp !== undefined;
    if (inOrder && (leaving || (!well(pod) && pod !== ailing))) return false;
    if (leaving) continue;
    step.remove.push(pod);
    if (inOrder) return false;
  }
  return true;
}

/** The highest ordinal that is not of the update's revision goes, once everything above it is well. */
function renew(set: StatefulSet, { replicas }: Arrangement, updateRevision: string, step: Step, well: (pod: Pod | undefined) => boolean): void {
  const least = set.spec.updateStrategy.rollingUpdate?.partition ?? 0;
  for (let place = replicas.length - 1; place >= least; place--) {
    const pod = replicas[place];
    if (pod === undefined) return;
    if (revisionOfPod(pod) !== updateRevision && pod.metadata.deletionTimestamp === undefined) {
      step.remove.push(pod);
      return;
    }
    if (!well(pod)) return;
  }
}
