/** What a Deployment tells of itself: counts, availability, and whether its rollout gets on. */
import type { Deployment, DeploymentStatus } from "../../typed/apps.ts";
import type { Condition } from "../../typed/resource.ts";
import { findCondition, withCondition, withoutCondition } from "../kit/conditions.ts";
import type { Kit } from "../kit/kit.ts";
import { timeMs } from "../kit/numbers.ts";
import { hasDeadline, isComplete, maxUnavailable, specReplicas, sum } from "./deployment-numbers.ts";
import type { Rollout } from "./deployment-rollout.ts";
import { counted } from "./replica-set.ts";

/** Time spent paused is no lack of progress; the condition says so when a pause begins or ends. */
export function pausedCondition(deployment: Deployment, now: string): Condition[] | undefined {
  const { spec: { paused = false }, status } = deployment;
  const known = findCondition(status?.conditions, "Progressing");
  if (!hasDeadline(deployment) || known?.reason === "ProgressDeadlineExceeded") return status?.conditions;
  if (paused === (known?.reason === "DeploymentPaused")) return status?.conditions;
  const [reason, message] = paused ? ["DeploymentPaused", "Deployment is paused"] : ["DeploymentResumed", "Deployment is resumed"];
  return withCondition(status?.conditions, { type: "Progressing", status: "Unknown", lastUpdateTime: now, lastTransitionTime: now, reason, message });
}

export function statusOf(rollout: Rollout, now: string): DeploymentStatus {
  const { deployment, newSet, allSets } = rollout;
  const { spec: { replicas }, metadata: { generation } } = deployment;
  const available = sum(allSets, ({ status }) => status?.availableReplicas);
  const enough = available >= replicas - maxUnavailable(deployment);
  const availability: Condition = {
    type: "Available", status: enough ? "True" : "False", lastUpdateTime: now, lastTransitionTime: now,
    reason: enough ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
    message: enough ? "Deployment has minimum availability." : "Deployment does not have minimum availability.",
  };
  const terminating = terminatingOf(rollout);
  return {
    ...counted({
      observedGeneration: generation ?? 0,
      replicas: sum(allSets, ({ status }) => status?.replicas),
      updatedReplicas: newSet?.status?.replicas ?? 0,
      readyReplicas: sum(allSets, ({ status }) => status?.readyReplicas),
      availableReplicas: available,
      unavailableReplicas: Math.max(0, sum(allSets, specReplicas) - available),
    }),
    ...(terminating === undefined ? {} : { terminatingReplicas: terminating }),
    conditions: withCondition(rollout.conditions, availability),
    ...(rollout.collisionCount === undefined ? {} : { collisionCount: rollout.collisionCount }),
  };
}

/** Undefined while a set that was observed does not tell. */
function terminatingOf({ allSets }: Rollout): number | undefined {
  let count = 0;
  for (const { status } of allSets) {
    if (status?.terminatingReplicas === undefined && (status?.observedGeneration ?? 0) > 0) return undefined;
    count += status?.terminatingReplicas ?? 0;
  }
  return count;
}

/** Adds how the rollout gets on, and what keeps ReplicaSets from making Pods. */
export function withProgress(rollout: Rollout, status: DeploymentStatus, kit: Kit): DeploymentStatus {
  const { deployment } = rollout;
  let conditions = hasDeadline(deployment) ? progressOf(rollout, status, kit) : withoutCondition(status.conditions, "Progressing");
  const failure = [rollout.newSet, ...rollout.allSets].map((set) => findCondition(set?.status?.conditions, "ReplicaFailure")).find((each) => each !== undefined);
  conditions = failure === undefined
    ? withoutCondition(conditions, "ReplicaFailure")
    : withCondition(conditions, { ...failure, lastUpdateTime: failure.lastTransitionTime! });
  return { ...status, conditions: conditions! };
}

function progressOf(rollout: Rollout, status: DeploymentStatus, kit: Kit): Condition[] | undefined {
  const { deployment, newSet } = rollout;
  const known = findCondition(status.conditions, "Progressing");
  // A rollout that has ended is not one that fails to get on.
  if ((status.replicas ?? 0) === (status.updatedReplicas ?? 0) && known?.reason === "NewReplicaSetAvailable") return status.conditions;
  const who = newSet === undefined ? `Deployment "${deployment.metadata.name}"` : `ReplicaSet "${newSet.metadata.name}"`;
  const condition = (is: "True" | "False", reason: string, message: string): Condition =>
    ({ type: "Progressing", status: is, lastUpdateTime: kit.now(), lastTransitionTime: kit.now(), reason, message: `${who} ${message}` });
  if (isComplete(deployment, status)) return withCondition(status.conditions, condition("True", "NewReplicaSetAvailable", "has successfully progressed."));
  if (gotOn(deployment.status ?? {}, status)) {
    const next = condition("True", "ReplicaSetUpdated", "is progressing.");
    // Each step forward moves lastUpdateTime, which the deadline counts from, even where nothing else changes.
    const since = known?.status === "True" ? known.lastTransitionTime! : next.lastTransitionTime!;
    return [...withoutCondition(status.conditions, "Progressing") ?? [], { ...next, lastTransitionTime: since }];
  }
  if (timedOut(deployment, known, kit.nowMs())) return withCondition(status.conditions, condition("False", "ProgressDeadlineExceeded", "has timed out progressing."));
  return status.conditions;
}

function gotOn(before: DeploymentStatus, now: DeploymentStatus): boolean {
  const old = ({ replicas = 0, updatedReplicas = 0 }: DeploymentStatus): number => replicas - updatedReplicas;
  return (now.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) || old(now) < old(before) ||
    (now.readyReplicas ?? 0) > (before.readyReplicas ?? 0) || (now.availableReplicas ?? 0) > (before.availableReplicas ?? 0);
}

function timedOut({ spec }: Deployment, known: Condition | undefined, nowMs: number): boolean {
  if (known === undefined || known.reason === "NewReplicaSetAvailable") return false;
  if (known.reason === "ProgressDeadlineExceeded") return true;
  return (timeMs(known.lastUpdateTime) ?? 0) + spec.progressDeadlineSeconds! * 1000 < nowMs;
}

/** When to look whether the deadline has passed; undefined where there is nothing to wait for. */
export function stuckCheckInMs(deployment: Deployment, status: DeploymentStatus, nowMs: number): number | undefined {
  const known = findCondition(status.conditions, "Progressing");
  if (known === undefined || known.reason === "ProgressDeadlineExceeded" || isComplete(deployment, status)) return undefined;
  const deadlineMs = (timeMs(known.lastUpdateTime) ?? 0) + deployment.spec.progressDeadlineSeconds! * 1000;
  return Math.max(0, deadlineMs - nowMs) + 1000;
}
