/** What a Job's policies make of its Pods: which failures count, which end it, what is success enough. */
import type { FailureAction, Job, PodFailurePolicyRule } from "../../typed/batch.ts";
import type { ContainerStatus, Pod } from "../../typed/core.ts";
import { findCondition } from "../kit/conditions.ts";
import { timeMs } from "../kit/numbers.ts";
import { countOf, overlap, parseIndexes, type Indexes } from "./job-indexes.ts";

export const COMPLETION_INDEX = "batch.kubernetes.io/job-completion-index";
export const FAILURE_COUNT = "batch.kubernetes.io/job-index-failure-count";
export const IGNORED_COUNT = "batch.kubernetes.io/job-index-ignored-failure-count";

export function isIndexed({ spec }: Job): boolean { return spec.completionMode === "Indexed"; }
export function hasLimitPerIndex(job: Job): boolean { return isIndexed(job) && job.spec.backoffLimitPerIndex !== undefined; }
/** -1 for none. */
export function indexOf({ metadata: { annotations } }: Pod): number {
  const text = annotations?.[COMPLETION_INDEX];
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : -1;
}

/** New Pods only take the place of those that have failed for sure, not of those on their way out. */
export function waitsForFailure({ spec }: Job): boolean { return spec.podReplacementPolicy === "Failed" || spec.podFailurePolicy !== undefined; }
/** A deleted Pod counts as failed, for it may never get to say so itself. */
export function hasFailed(pod: Pod, job: Job): boolean {
  const phase = pod.status?.phase;
  if (phase === "Failed") return true;
  return !waitsForFailure(job) && pod.metadata.deletionTimestamp !== undefined && phase !== "Succeeded";
}

export interface Judgement { readonly counts: boolean; readonly action: FailureAction | undefined; readonly message: string | undefined }

/** What the first rule that matches makes of a failed Pod. */
export function judge(job: Job, pod: Pod): Judgement {
  const where = `${pod.metadata.namespace}/${pod.metadata.name}`;
  for (const [index, rule] of (job.spec.podFailurePolicy?.rules ?? []).entries()) {
    const container = rule.onExitCodes === undefined ? undefined : exitMatching(pod, rule.onExitCodes);
    const condition = rule.onExitCodes !== undefined ? undefined : conditionMatching(pod, rule);
    if (container === undefined && condition === undefined) continue;
    const end = `matching ${rule.action} rule at index ${index}`;
    const message = container !== undefined
      ? `Container ${container.name} for pod ${where} failed with exit code ${container.state.terminated!.exitCode} ${end}`
      : `Pod ${where} has condition ${condition} ${end}`;
    return { counts: rule.action !== "Ignore", action: rule.action, message: rule.action === "FailJob" ? message : undefined };
  }
  return { counts: true, action: undefined, message: undefined };
}

function exitMatching({ status }: Pod, { containerName, operator, values }: NonNullable<PodFailurePolicyRule["onExitCodes"]>): ContainerStatus | undefined {
  return [...status?.containerStatuses ?? [], ...status?.initContainerStatuses ?? []].find(({ name, state: { terminated } }) =>
    terminated !== undefined && terminated.exitCode !== 0 && (containerName === undefined || containerName === name) && values.includes(terminated.exitCode) === (operator === "In"));
}
function conditionMatching({ status }: Pod, { onPodConditions = [] }: PodFailurePolicyRule): string | undefined {
  return status?.conditions?.find(({ type, status: is }) => onPodConditions.some((pattern) => pattern.type === type && pattern.status === is))?.type;
}

/** Why the Job counts as done, by its success policy; undefined: it doesn't yet. */
export function successOf({ spec }: Job, succeeded: Indexes): string | undefined {
  if (succeeded.length === 0) return undefined;
  const rule = (spec.successPolicy?.rules ?? []).findIndex(({ succeededIndexes, succeededCount }) => {
    if (succeededIndexes === undefined) return succeededCount !== undefined && countOf(succeeded) >= succeededCount;
    const required = parseIndexes(succeededIndexes, spec.completions ?? 0);
    if (required.length === 0) return false;
    const met = overlap(required, succeeded);
    return met === countOf(required) || (succeededCount !== undefined && met >= succeededCount);
  });
  return rule === -1 ? undefined : `Matched rules at index ${rule}`;
}

/** Restarts within Pods count against the limit too, where containers are restarted in place. */
export function restartsExceed({ spec }: Job, pods: readonly Pod[]): boolean {
  if (spec.template.spec.restartPolicy !== "OnFailure") return false;
  let restarts = 0;
  for (const { status } of pods) {
    if (status?.phase !== "Running" && status?.phase !== "Pending") continue;
    for (const { restartCount } of [...status.initContainerStatuses ?? [], ...status.containerStatuses ?? []]) restarts += restartCount;
  }
  const limit = spec.backoffLimit ?? 6;
  return limit === 0 ? restarts > 0 : restarts >= limit;
}

/** When the Pod's last container ended, as well as that is known; milliseconds. */
export function finishedMs({ status, metadata }: Pod): number {
  const ends = (status?.containerStatuses ?? []).map(({ state }) => timeMs(state.terminated?.finishedAt));
  if (ends.length > 0 && ends.every((end) => end !== undefined)) return Math.max(...ends as number[]);
  const ready = findCondition(status?.conditions, "Ready");
  const unreadyMs = ready?.status === "False" ? timeMs(ready.lastTransitionTime) : undefined;
  if (unreadyMs !== undefined) return unreadyMs;
  const deletedMs = timeMs(metadata.deletionTimestamp);
  return deletedMs !== undefined ? deletedMs - (metadata.deletionGracePeriodSeconds ?? 0) * 1000 : timeMs(metadata.creationTimestamp) ?? 0;
}

const BACKOFF_FIRST_MS = 10_000;
const BACKOFF_MAX_MS = 600_000;

/** Failures in a row, and when the last of them was. */
export interface Backoff { readonly failures: number; readonly lastMs: number }

export function nextBackoff(known: Backoff | undefined, succeeded: readonly Pod[], failed: readonly Pod[]): Backoff | undefined {
  if (succeeded.length === 0 && failed.length === 0) return known;
  const lastSuccessMs = Math.max(-Infinity, ...succeeded.map(finishedMs));
  const since = failed.map(finishedMs).filter((ms) => ms > lastSuccessMs);
  const before = succeeded.length > 0 ? 0 : known?.failures ?? 0;
  return since.length === 0 ? (succeeded.length > 0 ? undefined : known) : { failures: before + since.length, lastMs: Math.max(...since) };
}
export function backoffLeftMs(backoff: Backoff | undefined, nowMs: number): number {
  if (backoff === undefined) return 0;
  return Math.max(0, backoff.lastMs + Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** Math.min(30, backoff.failures - 1)) - nowMs);
}
