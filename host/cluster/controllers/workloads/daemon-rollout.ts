/** How a DaemonSet gets from one template to the next: taking down a few old Pods at a time, or putting new ones beside them. */
import type { DaemonSet } from "../../typed/apps.ts";
import type { Pod } from "../../typed/core.ts";
import { scaled } from "../kit/numbers.ts";
import { isAvailable } from "../kit/pods.ts";
import { isUpdated } from "./daemon-pods.ts";

export interface OnNode { readonly node: string; readonly run: boolean; readonly pods: readonly Pod[] }
export interface Change { readonly create: string[]; readonly remove: Pod[] }

interface Pair extends OnNode { readonly updated: Pod | undefined; readonly old: Pod | undefined; readonly crowded: boolean }

export function rollOver(set: DaemonSet, places: readonly OnNode[], hash: string, nowMs: number): Change {
  const desired = places.filter(({ run }) => run).length;
  const { maxSurge, maxUnavailable } = set.spec.updateStrategy.rollingUpdate ?? {};
  const surge = scaled(maxSurge, desired, "up");
  const unavailable = scaled(maxUnavailable, desired, "up");
  const pairs = places.map((place): Pair => {
    const staying = place.pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    const [updated, old] = [staying.filter((pod) => isUpdated(set, pod, hash)), staying.filter((pod) => !isUpdated(set, pod, hash))];
    return { ...place, updated: updated[0], old: old[0], crowded: updated.length > 1 || old.length > 1 };
  });
  const available = (pod: Pod): boolean => isAvailable(pod, set.spec.minReadySeconds ?? 0, nowMs);
  // Where neither is given, something has to give.
  return surge === 0 ? takeDown(pairs, desired > 0 && unavailable === 0 ? 1 : unavailable, available) : putBeside(pairs, surge, desired, available);
}

function takeDown(pairs: readonly Pair[], maxUnavailable: number, available: (pod: Pod) => boolean): Change {
  const remove: Pod[] = [];
  const candidates: Pod[] = [];
  let unavailable = 0;
  for (const { updated, old, crowded } of pairs) {
    if (crowded || (updated === undefined) === (old === undefined)) unavailable++;
    else if (updated !== undefined) unavailable += available(updated) ? 0 : 1;
    else if (!available(old!)) {
      // One that serves nobody can go without asking.
      remove.push(old!);
      unavailable++;
    } else candidates.push(old!);
  }
  return { create: [], remove: [...remove, ...candidates.slice(0, Math.max(0, maxUnavailable - unavailable))] };
}

function putBeside(pairs: readonly Pair[], maxSurge: number, desired: number, available: (pod: Pod) => boolean): Change {
  const create: string[] = [];
  const remove: Pod[] = [];
  const candidates: string[] = [];
  const sunset: Pod[] = [];
  let [surging, serving] = [0, 0];
  for (const { node, run, updated, old, crowded } of pairs) {
    if (crowded) {
      surging++;
      continue;
    }
    if ((old !== undefined && available(old)) || (old === undefined && updated !== undefined && available(updated))) serving++;
    if (old === undefined) continue;
    if (updated !== undefined) {
      if (available(updated)) remove.push(old);
      else surging++;
    } else if (!available(old)) {
      if (run) create.push(node);
      else remove.push(old);
    } else if (run) candidates.push(node);
    else sunset.push(old);
  }
  // A node that is not wanted any more keeps its Pod until there are enough elsewhere.
  remove.push(...sunset.slice(0, Math.max(0, serving - desired)));
  return { create: [...create, ...candidates.slice(0, Math.max(0, maxSurge - surging))], remove };
}
