/** When the size of a Deployment changes in the middle of a rollout, all its ReplicaSets grow or shrink in proportion. */
import type { ReplicaSet } from "../../typed/apps.ts";
import { annotatedCount, byCreation, DESIRED_REPLICAS, MAX_REPLICAS, maxSurge, specReplicas, sum } from "./deployment-numbers.ts";
import type { Rollout } from "./deployment-rollout.ts";

/** Whether a ReplicaSet was sized for another number of replicas than the Deployment asks for now. */
export function wasScaled(rollout: Rollout): boolean {
  return rollout.activeSets.some((set) => {
    const desired = annotatedCount(set, DESIRED_REPLICAS);
    return desired !== undefined && desired !== rollout.deployment.spec.replicas;
  });
}

export function scaleAll(rollout: Rollout): void {
  const { deployment, newSet } = rollout;
  const { replicas, strategy } = deployment.spec;
  const active = rollout.activeSets;
  const alone = active.length === 1 ? active[0] : active.length === 0 ? newSet ?? rollout.oldSets.at(-1) : undefined;
  if (active.length <= 1) {
    if (alone !== undefined) rollout.scale(alone, replicas);
    return;
  }
  if (newSet !== undefined && isSaturated(newSet, replicas)) {
    for (const set of rollout.activeOldSets) rollout.scale(set, 0);
    return;
  }
  if (strategy.type === "RollingUpdate") scaleInProportion(rollout, active);
}

function isSaturated(set: ReplicaSet, replicas: number): boolean {
  return set.spec.replicas === replicas && annotatedCount(set, DESIRED_REPLICAS) === replicas && set.status?.availableReplicas === replicas;
}

function scaleInProportion(rollout: Rollout, active: ReplicaSet[]): void {
  const { deployment } = rollout;
  const { replicas } = deployment.spec;
  const allowed = replicas > 0 ? replicas + maxSurge(deployment) : 0;
  const toAdd = allowed - sum(active, specReplicas);
  // The largest first; of the same size, the newer grows first and the older shrinks first.
  const order = toAdd > 0 ? -1 : 1;
  const sets = [...active].sort((a, b) => b.spec.replicas - a.spec.replicas || order * byCreation(a, b));
  let added = 0;
  const sizes = sets.map((set) => {
    const share = toAdd === 0 || toAdd === added ? 0 : fraction(rollout, set);
    const change = toAdd > 0 ? Math.min(share, toAdd - added) : Math.max(share, toAdd - added);
    added += change;
    return set.spec.replicas + change;
  });
  if (toAdd !== 0) sizes[0] = Math.max(0, sizes[0]! + toAdd - added);
  sets.forEach((set, n) => rollout.scale(set, sizes[n]!, true));
}

/** By how much the set would change to keep its part of the whole. */
function fraction({ deployment }: Rollout, set: ReplicaSet): number {
  const { replicas } = deployment.spec;
  if (replicas === 0) return -set.spec.replicas;
  const before = annotatedCount(set, MAX_REPLICAS) || (deployment.status?.replicas ?? 0);
  if (before === 0) return 0;
  const share = (set.spec.replicas * (replicas + maxSurge(deployment))) / before;
  return Math.sign(share) * Math.round(Math.abs(share)) - set.spec.replicas;
}
