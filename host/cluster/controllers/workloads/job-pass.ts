/**
 * One pass over a Job: what its Pods have come to, whether that is the end, and what is to be made or deleted.
 *
 * A Pod that ended is first noted as uncounted in the status, then let go, then counted: whenever this is cut short, no Pod
 * is counted twice or forgotten.
 */
import { JOBS, type Job, type JobStatus } from "../../typed/batch.ts";
import type { Pod } from "../../typed/core.ts";
import type { Condition } from "../../typed/resource.ts";
import { isNamespaceTerminating, type Api } from "../kit/api.ts";
import { findCondition } from "../kit/conditions.ts";
import { sameJson } from "../kit/hash.ts";
import type { Kit } from "../kit/kit.ts";
import { timeMs } from "../kit/numbers.ts";
import { isActive, isReady, isTerminating, type PodControl } from "../kit/pods.ts";
import type { Recorder } from "../kit/recorder.ts";
import { firstToGo } from "./deletion-order.ts";
import { countOf, firstFree, hasIndex, merged, parseIndexes, textOfIndexes, withIndexes, type Indexes } from "./job-indexes.ts";
import { annotated, isTracked, jobPod, letGo, toRemove } from "./job-pods.ts";
import { backoffLeftMs, FAILURE_COUNT, finishedMs, hasFailed, hasLimitPerIndex, indexOf, isIndexed, judge, nextBackoff, restartsExceed, successOf, waitsForFailure, type Backoff } from "./job-policy.ts";

const PODS_PER_PASS_MAX = 500;

export interface JobTools { readonly api: Api; readonly events: Recorder; readonly control: PodControl; readonly kit: Kit }
interface End { readonly type: "SuccessCriteriaMet" | "FailureTarget"; readonly reason: string; readonly message: string }

export class JobPass {
  backoff: Backoff | undefined;
  againInMs: number | undefined;
  #job: Job;
  readonly #tools: JobTools;
  readonly #pods: readonly Pod[];
  readonly #status: JobStatus;
  /** Pods as they are after this pass's own writes. */
  #active: Pod[];
  #terminating: number;
  #succeededIndexes: Indexes = [];
  #failedIndexes: Indexes | undefined;
  readonly #newlySucceeded: readonly Pod[];
  readonly #newlyFailed: readonly Pod[];

  constructor(tools: JobTools, job: Job, pods: readonly Pod[], backoff: Backoff | undefined) {
    this.#tools = tools;
    this.#job = job;
    this.#pods = pods;
    this.#status = { ...job.status, conditions: [...job.status?.conditions ?? []] };
    this.#active = pods.filter(isActive);
    this.#terminating = pods.filter(isTerminating).length;
    this.#newlySucceeded = pods.filter((pod) => this.#isCountable(pod) && pod.status?.phase === "Succeeded");
    this.#newlyFailed = pods.filter((pod) => this.#isCountable(pod) && hasFailed(pod, job));
    this.backoff = nextBackoff(backoff, this.#newlySucceeded, this.#newlyFailed);
  }

  run(): void {
    const job = this.#job;
    if (this.#status.startTime === undefined && job.spec.suspend !== true) this.#status.startTime = this.#tools.kit.now();
    if (isIndexed(job)) this.#countIndexes();
    let end = this.#endSoFar();
    let failure: unknown;
    try {
      if (end !== undefined) this.#deleteActive();
      else {
        if (job.metadata.deletionTimestamp === undefined) this.#manage();
        if (this.#isComplete()) end = { type: "SuccessCriteriaMet", reason: "CompletionsReached", message: "Reached expected number of succeeded pods" };
        else if (job.metadata.deletionTimestamp === undefined) this.#tellSuspension();
      }
    } catch (error) {
      if (!isNamespaceTerminating(error)) failure = error;
    }
    this.#track(failure === undefined ? end : undefined);
    if (failure !== undefined) throw failure;
  }

  /** It can still be counted: nobody has let it go. */
  #isCountable(pod: Pod): boolean {
    if (!isTracked(pod)) return false;
    const { succeeded = [], failed = [] } = this.#job.status?.uncountedTerminatedPods ?? {};
    if (succeeded.includes(pod.metadata.uid!) || failed.includes(pod.metadata.uid!)) return false;
    return !isIndexed(this.#job) || (indexOf(pod) >= 0 && indexOf(pod) < this.#job.spec.completions!);
  }

  #countIndexes(): void {
    const job = this.#job;
    const completions = job.spec.completions!;
    const done = this.#pods.filter((pod) => isTracked(pod) && pod.status?.phase === "Succeeded" && indexOf(pod) >= 0 && indexOf(pod) < completions);
    this.#succeededIndexes = withIndexes(parseIndexes(job.status?.completedIndexes, completions), done.map(indexOf));
    if (!hasLimitPerIndex(job)) return;
    const failed = this.#pods.filter((pod) => isTracked(pod) && indexOf(pod) >= 0 && indexOf(pod) < completions && this.#indexFailed(pod));
    this.#failedIndexes = withIndexes(parseIndexes(job.status?.failedIndexes, completions), failed.map(indexOf));
  }

  #indexFailed(pod: Pod): boolean {
    if (!hasFailed(pod, this.#job)) return false;
    const { counts, action } = judge(this.#job, pod);
    return action === "FailIndex" || (counts && annotated(pod, FAILURE_COUNT) >= this.#job.spec.backoffLimitPerIndex!);
  }

  get #succeeded(): number {
    if (isIndexed(this.#job)) return countOf(this.#succeededIndexes);
    return (this.#job.status?.succeeded ?? 0) + this.#newlySucceeded.length + (this.#job.status?.uncountedTerminatedPods?.succeeded?.length ?? 0);
  }
  get #failed(): number {
    const counted = this.#newlyFailed.filter((pod) => judge(this.#job, pod).counts).length;
    return (this.#job.status?.failed ?? 0) + counted + (this.#job.status?.uncountedTerminatedPods?.failed?.length ?? 0);
  }

  /** How it ends, by what has been decided before, by its policies and its limits; undefined: not yet. */
  #endSoFar(): End | undefined {
    const { spec, status } = this.#job;
    for (const type of ["SuccessCriteriaMet", "FailureTarget"] as const) {
      const decided = findCondition(status?.conditions, type);
      if (decided?.status === "True") return { type, reason: decided.reason ?? "", message: decided.message ?? "" };
    }
    const fatal = spec.podFailurePolicy === undefined ? undefined : this.#pods.filter((pod) => hasFailed(pod, this.#job)).map((pod) => judge(this.#job, pod).message).find((message) => message !== undefined);
    if (fatal !== undefined) return { type: "FailureTarget", reason: "PodFailurePolicy", message: fatal };
    if (this.#failed > (spec.backoffLimit ?? 6) || restartsExceed(this.#job, this.#pods)) return { type: "FailureTarget", reason: "BackoffLimitExceeded", message: "Job has reached the specified backoff limit" };
    if (this.#pastDeadline()) return { type: "FailureTarget", reason: "DeadlineExceeded", message: "Job was active longer than specified deadline" };
    const failed = this.#failedIndexes === undefined ? 0 : countOf(this.#failedIndexes);
    if (spec.maxFailedIndexes !== undefined && failed > spec.maxFailedIndexes) return { type: "FailureTarget", reason: "MaxFailedIndexesExceeded", message: "Job has exceeded the specified maximal number of failed indexes" };
    if (failed > 0 && failed + this.#succeeded >= spec.completions!) return { type: "FailureTarget", reason: "FailedIndexes", message: "Job has failed indexes" };
    const enough = isIndexed(this.#job) ? successOf(this.#job, this.#succeededIndexes) : undefined;
    return enough === undefined ? undefined : { type: "SuccessCriteriaMet", reason: "SuccessPolicy", message: enough };
  }

  #pastDeadline(): boolean {
    const { activeDeadlineSeconds, suspend } = this.#job.spec;
    if (activeDeadlineSeconds === undefined || suspend === true || this.#status.startTime === undefined) return false;
    const leftMs = timeMs(this.#status.startTime)! + activeDeadlineSeconds * 1000 - this.#tools.kit.nowMs();
    if (leftMs > 0) this.#again(leftMs);
    return leftMs <= 0;
  }

  #isComplete(): boolean {
    const { completions } = this.#job.spec;
    return this.#active.length === 0 && (completions === undefined ? this.#succeeded > 0 : this.#succeeded >= completions);
  }

  #manage(): void {
    const { spec } = this.#job;
    if (spec.suspend === true) return this.#remove(toRemove(this.#job, this.#active, this.#active.length, this.#order));
    const parallelism = spec.parallelism ?? 1;
    const wanted = spec.completions === undefined
      ? this.#succeeded > 0 ? this.#active.length : parallelism
      : Math.max(0, Math.min(parallelism, spec.completions - this.#succeeded));
    const surplus = toRemove(this.#job, this.#active, Math.max(0, this.#active.length - wanted), this.#order);
    if (surplus.length > 0) return this.#remove(surplus.slice(0, PODS_PER_PASS_MAX));
    const missing = wanted - this.#active.length - (waitsForFailure(this.#job) ? this.#terminating : 0);
    if (missing > 0) this.#create(Math.min(missing, PODS_PER_PASS_MAX));
  }

  readonly #order = (pods: readonly Pod[], count: number): Pod[] => (count <= 0 ? [] : firstToGo(pods, [], count, this.#tools.kit.nowMs()));

  #create(count: number): void {
    const job = this.#job;
    const nowMs = this.#tools.kit.nowMs();
    if (!hasLimitPerIndex(job)) {
      const waitMs = backoffLeftMs(this.backoff, nowMs);
      if (waitMs > 0) return this.#again(waitMs);
    }
    if (!isIndexed(job)) {
      for (let n = 0; n < count; n++) this.#active.push(this.#tools.control.create(job, jobPod(job, -1, undefined)));
      return;
    }
    const taken = withIndexes(merged(this.#succeededIndexes, this.#failedIndexes ?? []), [
      ...this.#active.map(indexOf), ...(waitsForFailure(job) ? this.#pods.filter(isTerminating).map(indexOf) : []),
    ].filter((index) => index >= 0));
    for (const index of firstFree(taken, count, job.spec.completions!)) {
      const replaced = hasLimitPerIndex(job) ? this.#replacedBy(index) : undefined;
      const waitMs = replaced === undefined ? 0 : backoffLeftMs({ failures: annotated(replaced, FAILURE_COUNT) + 1, lastMs: finishedMs(replaced) }, nowMs);
      if (waitMs > 0) this.#again(waitMs);
      else this.#active.push(this.#tools.control.create(job, jobPod(job, index, replaced)));
    }
  }

  /** The latest failed Pod of an index: it stays until its successor has taken over its count. */
  #replacedBy(index: number): Pod | undefined {
    return this.#pods.filter((pod) => isTracked(pod) && indexOf(pod) === index && hasFailed(pod, this.#job)).sort((a, b) => annotated(a, FAILURE_COUNT) - annotated(b, FAILURE_COUNT) || finishedMs(a) - finishedMs(b)).at(-1);
  }

  #remove(pods: readonly Pod[]): void {
    for (const pod of pods) {
      if (isTracked(pod)) letGo(this.#tools.api, pod);
      this.#delete(pod);
    }
  }
  #deleteActive(): void {
    for (const pod of [...this.#active]) this.#delete(pod);
  }
  #delete(pod: Pod): void {
    this.#tools.control.delete(this.#job, pod);
    this.#active = this.#active.filter((each) => each !== pod);
    this.#terminating++;
  }

  #tellSuspension(): void {
    const suspended = this.#job.spec.suspend === true;
    const known = findCondition(this.#status.conditions, "Suspended");
    const status = suspended ? "True" : "False";
    if (known?.status === status || (known === undefined && !suspended)) return;
    const [reason, message] = suspended ? ["JobSuspended", "Job suspended"] : ["JobResumed", "Job resumed"];
    this.#setCondition("Suspended", status, reason, message);
    this.#tools.events.normal(this.#job, suspended ? "Suspended" : "Resumed", message);
    if (suspended) delete this.#status.startTime;
    else this.#status.startTime = this.#tools.kit.now();
  }

  /** Notes, lets go, counts, and ends it when everything is counted. */
  #track(end: End | undefined): void {
    const status = this.#status;
    status.active = this.#active.length;
    status.ready = this.#active.filter(isReady).length;
    status.terminating = this.#terminating;
    const { succeeded, failed, leaving } = this.#noteEnded(end);
    status.uncountedTerminatedPods = { ...(succeeded.length === 0 ? {} : { succeeded }), ...(failed.length === 0 ? {} : { failed }) };
    if (isIndexed(this.#job)) {
      status.succeeded = countOf(this.#succeededIndexes);
      status.completedIndexes = textOfIndexes(this.#succeededIndexes);
      if (this.#failedIndexes !== undefined) status.failedIndexes = textOfIndexes(this.#failedIndexes);
    }
    if (end !== undefined && findCondition(status.conditions, end.type)?.status !== "True") this.#setCondition(end.type, "True", end.reason, end.message);
    this.#write();
    for (const pod of leaving) letGo(this.#tools.api, pod);
    status.succeeded = (status.succeeded ?? 0) + succeeded.length;
    status.failed = (status.failed ?? 0) + failed.length;
    status.uncountedTerminatedPods = {};
    const finished = end !== undefined && this.#pods.filter(isTerminating).length === 0 && this.#terminating === 0;
    if (finished) this.#finish(end);
    this.#write();
    if (finished) this.#tellEnd(end);
  }

  #noteEnded(end: End | undefined): { succeeded: string[]; failed: string[]; leaving: Pod[] } {
    const job = this.#job;
    const uncounted = job.status?.uncountedTerminatedPods ?? {};
    const [succeeded, failed] = [[...uncounted.succeeded ?? []], [...uncounted.failed ?? []]];
    const leaving: Pod[] = [];
    for (const pod of this.#pods) {
      if (!isTracked(pod)) continue;
      const [ok, bad] = [pod.status?.phase === "Succeeded", hasFailed(pod, job)];
      if (!(job.metadata.deletionTimestamp !== undefined || end !== undefined || ok || bad)) continue;
      const index = indexOf(pod);
      const waited = bad && !ok && end === undefined && job.metadata.deletionTimestamp === undefined && hasLimitPerIndex(job) && this.#replacedBy(index) === pod;
      if (waited && !hasIndex(this.#succeededIndexes, index) && !hasIndex(this.#failedIndexes ?? [], index) && !this.#active.some((each) => indexOf(each) === index)) continue;
      leaving.push(pod);
      if (!this.#isCountable(pod)) continue;
      if (ok && !isIndexed(job)) succeeded.push(pod.metadata.uid!);
      else if (!ok && (bad || (end !== undefined && end.type === "FailureTarget")) && judge(job, pod).counts) failed.push(pod.metadata.uid!);
    }
    return { succeeded, failed, leaving };
  }

  #finish(end: End): void {
    const type = end.type === "SuccessCriteriaMet" ? "Complete" : "Failed";
    this.#setCondition(type, "True", end.reason, end.message);
    if (type === "Complete") this.#status.completionTime = this.#tools.kit.now();
  }
  #tellEnd(end: End): void {
    const { events } = this.#tools;
    if (end.type === "FailureTarget") return events.warning(this.#job, end.reason, end.message);
    const { completions } = this.#job.spec;
    if (completions !== undefined && (this.#status.succeeded ?? 0) > completions) events.warning(this.#job, "TooManySucceededPods", "Too many succeeded pods running after completion count reached");
    events.normal(this.#job, "Completed", "Job completed");
  }

  #setCondition(type: string, status: "True" | "False", reason: string, message: string): void {
    const { kit } = this.#tools;
    const next: Condition = { type, status, lastProbeTime: kit.now(), lastTransitionTime: kit.now(), reason, message };
    const at = this.#status.conditions!.findIndex((condition) => condition.type === type);
    if (at === -1) this.#status.conditions!.push(next);
    else this.#status.conditions![at] = next;
  }

  /** Zeros are left out, as the server leaves them out; `ready` and `terminating` are always told. */
  #write(): void {
    const { active, succeeded, failed, conditions, completedIndexes, ...rest } = this.#status;
    const status: JobStatus = {
      ...rest, ...(active ? { active } : {}), ...(succeeded ? { succeeded } : {}), ...(failed ? { failed } : {}),
      ...(conditions!.length === 0 ? {} : { conditions: [...conditions!] }), ...(completedIndexes ? { completedIndexes } : {}),
    };
    if (sameJson(status, this.#job.status)) return;
    this.#job = this.#tools.api.updateStatus(JOBS, { ...this.#job, status: { ...status } });
  }

  #again(delayMs: number): void { this.againInMs = Math.min(this.againInMs ?? Infinity, delayMs); }
}
