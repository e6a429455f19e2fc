/** A Deployment's arithmetic: how many more and how many fewer Pods a rollout may have, and whose revision is which. */
import type { Deployment, DeploymentStatus, ReplicaSet } from "../../typed/apps.ts";
import { scaled } from "../kit/numbers.ts";

export const REVISION = "deployment.kubernetes.io/revision";
export const REVISION_HISTORY = "deployment.kubernetes.io/revision-history";
export const DESIRED_REPLICAS = "deployment.kubernetes.io/desired-replicas";
export const MAX_REPLICAS = "deployment.kubernetes.io/max-replicas";
export const TEMPLATE_HASH = "pod-template-hash";
const INT32_MAX = 2_147_483_647;

export function maxSurge({ spec: { strategy, replicas } }: Deployment): number {
  return strategy.type === "RollingUpdate" ? scaled(strategy.rollingUpdate?.maxSurge, replicas, "up") : 0;
}
/** At least one, where percentages leave nothing to move: a rollout must get on. */
export function maxUnavailable(deployment: Deployment): number {
  const { spec: { strategy, replicas } } = deployment;
  if (strategy.type !== "RollingUpdate" || replicas === 0) return 0;
  const unavailable = scaled(strategy.rollingUpdate?.maxUnavailable, replicas, "down");
  return Math.min(replicas, unavailable === 0 && maxSurge(deployment) === 0 ? 1 : unavailable);
}
/** The largest number means: none. */
export function hasDeadline({ spec: { progressDeadlineSeconds } }: Deployment): boolean {
  return progressDeadlineSeconds !== undefined && progressDeadlineSeconds !== INT32_MAX;
}
export function hasHistoryLimit({ spec: { revisionHistoryLimit } }: Deployment): boolean {
  return revisionHistoryLimit !== undefined && revisionHistoryLimit !== INT32_MAX;
}
/** Everything that is asked for runs the newest template and is available. */
export function isComplete({ spec: { replicas }, metadata: { generation = 0 } }: Deployment, status: DeploymentStatus | undefined): boolean {
  return (status?.updatedReplicas ?? 0) === replicas && (status?.replicas ?? 0) === replicas &&
    (status?.availableReplicas ?? 0) === replicas && (status?.observedGeneration ?? 0) >= generation;
}

/** A count that the controller wrote on a ReplicaSet; undefined when somebody spoilt it. */
export function annotatedCount(set: ReplicaSet, annotation: string): number | undefined {
  const text = set.metadata.annotations?.[annotation];
  if (text === undefined || !/^\d+$/.test(text)) return undefined;
  const value = Number(text);
  return value > INT32_MAX ? undefined : value;
}
/** 0 for none, undefined for text that is no number. */
export function revisionOf(set: ReplicaSet): number | undefined {
  const text = set.metadata.annotations?.[REVISION];
  if (text === undefined || text === "") return 0;
  return /^[+-]?\d+$/.test(text) ? Number(text) : undefined;
}

export function sum(sets: readonly ReplicaSet[], of: (set: ReplicaSet) => number | undefined): number {
  return sets.reduce((total, set) => total + (of(set) ?? 0), 0);
}
export const specReplicas = ({ spec }: ReplicaSet): number => spec.replicas;

export function byCreation(a: ReplicaSet, b: ReplicaSet): number {
  const [left, right] = [a.metadata, b.metadata];
  if (left.creationTimestamp !== right.creationTimestamp) return left.creationTimestamp! < right.creationTimestamp! ? -1 : 1;
  return left.name < right.name ? -1 : left.name > right.name ? 1 : 0;
}
export function byRevision(a: ReplicaSet, b: ReplicaSet): number {
  const [left, right] = [revisionOf(a), revisionOf(b)];
  return left === undefined || right === undefined || left === right ? byCreation(a, b) : left - right;
}
