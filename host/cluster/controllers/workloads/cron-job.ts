/** CronJob: a Job at each time of its schedule. */
import { rfc3339 } from "../../../values/time.ts";
import { CRON_JOBS, JOBS, type CronJob, type Job } from "../../typed/batch.ts";
import { keyOf } from "../../typed/resource.ts";
import { isAlreadyExists, isNamespaceTerminating, messageOf, type Api, type New } from "../kit/api.ts";
import { isTrue } from "../kit/conditions.ts";
import type { Queue } from "../kit/dispatcher.ts";
import { sameJson } from "../kit/hash.ts";
import type { Kit } from "../kit/kit.ts";
import { timeMs } from "../kit/numbers.ts";
import { controlledBy } from "../kit/pods.ts";
import type { Recorder } from "../kit/recorder.ts";
import { controllerOf, type Store } from "../kit/store.ts";
import { parseSchedule, rfc3339In, type Schedule } from "./cron.ts";
import { isOver } from "./job.ts";

const MANAGER = "kube-controller-manager";
const SCHEDULED_AT = "batch.kubernetes.io/cronjob-scheduled-timestamp";
/** Times are met a little late rather than early. */
const PADDING_MS = 100;
/** So many missed times are a clock that went wrong, or a controller that was away for long. */
const MISSED_MANY = 100;

type Status = NonNullable<CronJob["status"]>;

export class CronJobController {
  readonly #kit: Kit;
  readonly #api: Api;
  readonly #events: Recorder;
  readonly #cronJobs: Store<CronJob>;
  readonly #jobs: Store<Job>;
  readonly #queue: Queue;

  constructor(kit: Kit) {
    this.#kit = kit;
    this.#api = kit.api(MANAGER);
    this.#events = kit.recorder("cronjob-controller", MANAGER);
    this.#cronJobs = kit.store(CRON_JOBS);
    this.#jobs = kit.store(JOBS);
    this.#queue = kit.queue("cronjob", (key) => this.#pass(key));
    this.#cronJobs.on(({ type, object }) => {
      if (type !== "DELETED") this.#queue.add(keyOf(object));
    });
    this.#jobs.on(({ object }) => {
      const owner = controllerOf(object);
      if (owner?.kind === "CronJob") this.#queue.add(`${object.metadata.namespace}/${owner.name}`);
    });
  }

  #pass(key: string): void {
    const cronJob = this.#cronJobs.get(key);
    if (cronJob === undefined) return;
    const jobs = this.#jobs.ownedBy(cronJob.metadata.uid!);
    const status: Status = { ...cronJob.status, active: [...cronJob.status?.active ?? []] };
    this.#cleanUp(cronJob, jobs, status);
    this.#follow(cronJob, jobs, status);
    try {
      const nextMs = cronJob.metadata.deletionTimestamp === undefined ? this.#start(cronJob, status) : undefined;
      if (nextMs !== undefined) this.#queue.addAfter(key, Math.max(0, nextMs - this.#kit.nowMs()) + PADDING_MS);
    } finally {
      const { active, ...rest } = status;
      const next = active!.length === 0 ? rest : status;
      const live = this.#cronJobs.get(key);
      if (live !== undefined && !sameJson(next, cronJob.status ?? {})) this.#api.updateStatus(CRON_JOBS, { ...live, status: next });
    }
  }

  /** Finished Jobs beyond the limits of the history go, the oldest first. */
  #cleanUp(cronJob: CronJob, jobs: readonly Job[], status: Status): void {
    const { successfulJobsHistoryLimit, failedJobsHistoryLimit } = cronJob.spec;
    for (const [type, limit] of [["Complete", successfulJobsHistoryLimit], ["Failed", failedJobsHistoryLimit]] as const) {
      if (limit === undefined) continue;
      const finished = jobs.filter((job) => isTrue(job.status?.conditions, type) && job.metadata.deletionTimestamp === undefined).sort(byStart);
      for (const job of finished.slice(0, Math.max(0, finished.length - limit))) this.#delete(cronJob, job, status);
    }
  }

  /** Which of its Jobs still run, and when the last one succeeded. */
  #follow(cronJob: CronJob, jobs: readonly Job[], status: Status): void {
    const there = new Set<string>();
    for (const job of jobs) {
      const { uid, name } = job.metadata;
      there.add(uid!);
      const known = status.active!.some((each) => each.uid === uid);
      if (!isOver(job)) {
        if (!known && job.metadata.deletionTimestamp === undefined) this.#events.warning(cronJob, "UnexpectedJob", `Saw a job that the controller did not create or forgot: ${name}`);
        continue;
      }
      const condition = isTrue(job.status?.conditions, "Complete") ? "Complete" : "Failed";
      if (known) {
        status.active = status.active!.filter((each) => each.uid !== uid);
        this.#events.normal(cronJob, "SawCompletedJob", `Saw completed job: ${name}, condition: ${condition}`);
      }
      const { completionTime } = job.status!;
      if (condition === "Complete" && completionTime !== undefined && (status.lastSuccessfulTime === undefined || timeMs(completionTime)! > timeMs(status.lastSuccessfulTime)!)) status.lastSuccessfulTime = completionTime;
    }
    for (const { uid, name } of status.active!.filter((each) => !there.has(each.uid!))) {
      this.#events.normal(cronJob, "MissingJob", `Active job went missing: ${name}`);
      status.active = status.active!.filter((each) => each.uid !== uid);
    }
  }

  /** Starts what is due. Returns when to look again; undefined: when the object changes. */
  #start(cronJob: CronJob, status: Status): number | undefined {
    const { spec: { schedule: text, timeZone, suspend, startingDeadlineSeconds, concurrencyPolicy } } = cronJob;
    let schedule: Schedule;
    try {
      schedule = parseSchedule(text, timeZone);
    } catch (error) {
      const unknown = messageOf(error).startsWith("unknown time zone");
      if (unknown) this.#events.warning(cronJob, "UnknownTimeZone", `invalid timeZone: ${JSON.stringify(timeZone)}: ${messageOf(error)}`);
      else this.#events.warning(cronJob, "UnparseableSchedule", `unparseable schedule: ${JSON.stringify(text)} : ${messageOf(error)}`);
      return undefined;
    }
    if (suspend === true) return undefined;
    const nowMs = this.#kit.nowMs();
    const dueMs = this.#due(cronJob, status, schedule, nowMs);
    if (dueMs === undefined) return schedule.next(Math.max(nowMs, lastMs(cronJob, status)));
    const nextMs = schedule.next(Math.max(dueMs, nowMs));
    if (startingDeadlineSeconds !== undefined && dueMs + startingDeadlineSeconds * 1000 < nowMs) {
      this.#events.warning(cronJob, "MissSchedule", `Missed scheduled time to start a job: ${rfc1123(dueMs)}`);
      return nextMs;
    }
    const name = jobName(cronJob, dueMs);
    if (status.active!.some((each) => each.name === name) || status.lastScheduleTime === rfc3339(dueMs)) return nextMs;
    if (concurrencyPolicy === "Forbid" && status.active!.length > 0) {
      this.#events.normal(cronJob, "JobAlreadyActive", "Not starting job because prior execution is running and concurrency policy is Forbid");
      return nextMs;
    }
    if (concurrencyPolicy === "Replace") {
      for (const { name: running } of [...status.active!]) {
        const job = this.#jobs.get(`${cronJob.metadata.namespace}/${running}`);
        if (job !== undefined) this.#delete(cronJob, job, status);
      }
    }
    this.#create(cronJob, status, dueMs, name);
    return nextMs;
  }

  /** The most recent time that has passed since the last start; undefined: none has. */
  #due(cronJob: CronJob, status: Status, schedule: Schedule, nowMs: number): number | undefined {
    const { startingDeadlineSeconds } = cronJob.spec;
    const deadlineMs = startingDeadlineSeconds === undefined ? -Infinity : nowMs - startingDeadlineSeconds * 1000;
    const first = schedule.next(Math.max(lastMs(cronJob, status), deadlineMs));
    const second = first === undefined ? undefined : schedule.next(first);
    if (first === undefined || first > nowMs) return undefined;
    if (second === undefined || second > nowMs) return first;
    const missed = Math.floor((nowMs - first) / (second - first)) + 1;
    if (missed > MISSED_MANY) this.#events.warning(cronJob, "TooManyMissedTimes", "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew");
    let dueMs = first;
    for (let ms = schedule.next(first + (missed - 2) * (second - first)); ms !== undefined && ms <= nowMs; ms = schedule.next(ms)) dueMs = ms;
    return dueMs;
  }

  #create(cronJob: CronJob, status: Status, dueMs: number, name: string): void {
    let job: Job;
    try {
      job = this.#api.create(JOBS, jobFor(cronJob, dueMs, name));
      this.#events.normal(cronJob, "SuccessfulCreate", `Created job ${name}`);
    } catch (error) {
      const there = isAlreadyExists(error) ? this.#jobs.get(`${cronJob.metadata.namespace}/${name}`) : undefined;
      if (there === undefined || controllerOf(there)?.uid !== cronJob.metadata.uid) {
        if (isAlreadyExists(error)) return;
        if (!isNamespaceTerminating(error)) this.#events.warning(cronJob, "FailedCreate", `Error creating job: ${messageOf(error)}`);
        throw error;
      }
      job = there;
    }
    const { namespace, uid, resourceVersion } = job.metadata;
    status.active = [...status.active!, { kind: "Job", namespace: namespace!, name, uid: uid!, apiVersion: "batch/v1", resourceVersion: resourceVersion! }];
    status.lastScheduleTime = rfc3339(dueMs);
  }

  #delete(cronJob: CronJob, job: Job, status: Status): void {
    this.#api.delete(JOBS, job, { propagation: "Background" });
    status.active = status.active!.filter((each) => each.uid !== job.metadata.uid);
    this.#events.normal(cronJob, "SuccessfulDelete", `Deleted job ${job.metadata.name}`);
  }
}

function lastMs(cronJob: CronJob, status: Status): number { return timeMs(status.lastScheduleTime) ?? timeMs(cronJob.metadata.creationTimestamp) ?? 0; }
/** The same time always makes the same name: no Job is started twice. */
function jobName({ metadata: { name } }: CronJob, dueMs: number): string { return `${name}-${Math.floor(dueMs / 60_000)}`; }

function jobFor(cronJob: CronJob, dueMs: number, name: string): New<Job> {
  const { jobTemplate: { metadata, spec }, timeZone } = cronJob.spec;
  return {
    metadata: {
      name, namespace: cronJob.metadata.namespace!, ...(metadata?.labels === undefined ? {} : { labels: metadata.labels }),
      annotations: { ...metadata?.annotations, [SCHEDULED_AT]: rfc3339In(dueMs, timeZone) }, ownerReferences: [controlledBy(cronJob)],
    },
    spec,
  };
}

function byStart(a: Job, b: Job): number {
  const [left, right] = [a.status?.startTime, b.status?.startTime];
  if (left !== right) return left === undefined ? 1 : right === undefined ? -1 : left < right ? -1 : 1;
  return a.metadata.name < b.metadata.name ? -1 : 1;
}

/** "Mon, 02 Jan 2006 15:04:05 +0000". */
function rfc1123(ms: number): string { return new Date(ms).toUTCString().replace("GMT", "+0000"); }
