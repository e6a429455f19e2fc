import assert from "node:assert/strict";
import { test } from "node:test";
import { world } from "../../testing/world.ts";
import { CRON_JOBS, JOBS, type CronJob, type Job, type JobSpec } from "../../typed/batch.ts";
import { PODS } from "../../typed/core.ts";
import type { New } from "../kit/api.ts";
import { firstFree, parseIndexes, textOfIndexes, withIndexes } from "./job-indexes.ts";

/** As the API's own defaults leave it. */
const job = (script: string, more: Partial<JobSpec> = {}): New<Job> => ({
  metadata: { name: "task", namespace: "default" },
  spec: {
    parallelism: 1, completions: 1, backoffLimit: 6, completionMode: "NonIndexed", suspend: false, podReplacementPolicy: "TerminatingOrFailed",
    template: { spec: { restartPolicy: "Never", containers: [{ name: "main", image: "busybox", command: ["sh", "-c", script] }] } }, ...more,
  },
});

function jobs() {
  const made = world({ timing: { pullMs: 0 } });
  return {
    ...made,
    job: () => made.get(JOBS, "task"),
    conditions: () => (made.get(JOBS, "task").status!.conditions ?? []).map(({ type, status, reason }) => `${type} ${status} ${reason}`),
    phases: () => made.list(PODS).map(({ status }) => status!.phase).sort(),
  };
}

test("a Job runs as many Pods as it has completions, so many at a time", () => {
  const { api, advance, runUntil, job: task, conditions, list, events } = jobs();
  api.create(JOBS, job("sleep 2", { completions: 5, parallelism: 2 }));
  let most = 0;
  assert.ok(runUntil(() => {
    most = Math.max(most, task().status?.active ?? 0);
    return conditions().includes("Complete True CompletionsReached");
  }, 60_000));
  assert.equal(most, 2);
  const { status } = task();
  assert.deepEqual([status!.succeeded, status!.active, status!.ready, status!.terminating, status!.uncountedTerminatedPods], [5, undefined, 0, 0, {}]);
  assert.deepEqual(conditions(), ["SuccessCriteriaMet True CompletionsReached", "Complete True CompletionsReached"]);
  assert.ok(status!.completionTime! > status!.startTime!);
  advance(1000);
  assert.equal(list(PODS).length, 5);
  assert.equal(list(PODS).some(({ metadata }) => metadata.finalizers !== undefined), false);
  assert.ok(events().includes("Completed: Job completed"));
});

test("failures are tried again with growing waits, and not for ever", () => {
  const { api, runUntil, job: task, conditions, kit, phases } = jobs();
  api.create(JOBS, job("exit 1", { backoffLimit: 2 }));
  const startedMs = kit.nowMs();
  assert.ok(runUntil(() => conditions().includes("Failed True BackoffLimitExceeded"), 600_000));
  assert.deepEqual([task().status!.failed, phases()], [3, ["Failed", "Failed", "Failed"]]);
  // 10 s after the first failure, 20 s after the second.
  assert.equal(Math.round((kit.nowMs() - startedMs) / 10_000), 3);
});

test("an indexed Job has one Pod for each index, and counts indexes, not Pods", () => {
  const { api, runUntil, job: task, conditions, list, nodes } = jobs();
  nodes.images.register("worker", { start: ({ env, after, exit, restarts, pod }) => {
    after(1000, () => exit(env["JOB_COMPLETION_INDEX"] === "1" && restarts === 0 && !pod.labels["again"] && first() ? 3 : 0));
    return {};
  } });
  let failures = 0;
  const first = (): boolean => failures++ === 0;
  api.create(JOBS, job("", { completions: 3, parallelism: 3, completionMode: "Indexed", template: { spec: { restartPolicy: "Never", containers: [{ name: "main", image: "worker" }] } } }));
  assert.ok(runUntil(() => conditions().includes("Complete True CompletionsReached"), 120_000));
  assert.deepEqual([task().status!.completedIndexes, task().status!.succeeded, task().status!.failed], ["0-2", 3, 1]);
  assert.match(list(PODS)[0]!.metadata.name, /^task-0-[a-z0-9]{5}$/);
  assert.equal(list(PODS)[0]!.spec.hostname, "task-0");
});

test("a failure policy ends it at once, or does not count", () => {
  const { api, runUntil, job: task, conditions } = jobs();
  api.create(JOBS, job("exit 42", { podReplacementPolicy: "Failed", podFailurePolicy: { rules: [{ action: "FailJob", onExitCodes: { operator: "In", values: [42] } }] } }));
  assert.ok(runUntil(() => conditions().includes("Failed True PodFailurePolicy"), 60_000));
  assert.match(task().status!.conditions!.at(-1)!.message!, /^Container main for pod default\/task-[a-z0-9]{5} failed with exit code 42 matching FailJob rule at index 0$/);
});

test("a suspended Job gives up its Pods, and starts anew when it may", () => {
  const { api, advance, job: task, conditions, list, runUntil } = jobs();
  api.create(JOBS, job("sleep 5"));
  advance(2000);
  api.update(JOBS, { ...task(), spec: { ...task().spec, suspend: true } });
  advance(40_000);
  assert.deepEqual([list(PODS).length, conditions(), task().status!.startTime], [0, ["Suspended True JobSuspended"], undefined]);
  api.update(JOBS, { ...task(), spec: { ...task().spec, suspend: false } });
  assert.ok(runUntil(() => conditions().includes("Complete True CompletionsReached"), 60_000));
  assert.deepEqual(conditions(), ["Suspended False JobResumed", "SuccessCriteriaMet True CompletionsReached", "Complete True CompletionsReached"]);
});

test("a deadline ends what takes too long; a TTL takes away what is over, with its Pods", () => {
  const { api, runUntil, conditions, list, advance } = jobs();
  api.create(JOBS, job("sleep 1000", { activeDeadlineSeconds: 30, ttlSecondsAfterFinished: 60 }));
  assert.ok(runUntil(() => conditions().includes("Failed True DeadlineExceeded"), 120_000));
  advance(61_000);
  assert.deepEqual([list(JOBS), list(PODS)], [[], []]);
});

test("a deleted Job lets its Pods go, whatever they were waiting for", () => {
  const { api, advance, job: task, list } = jobs();
  api.create(JOBS, job("sleep 1000"));
  advance(2000);
  assert.equal(list(PODS)[0]!.metadata.finalizers![0], "batch.kubernetes.io/job-tracking");
  api.delete(JOBS, task(), { propagation: "Background" });
  advance(60_000);
  assert.deepEqual([list(JOBS), list(PODS)], [[], []]);
});

test("a CronJob starts a Job at each of its times, keeps the last few, and forbids what overlaps", () => {
  const { api, advance, list, kit, get } = jobs();
  const cron = (more: Partial<CronJob["spec"]>): New<CronJob> => ({
    metadata: { name: "tick", namespace: "default" },
    spec: { schedule: "*/5 * * * *", concurrencyPolicy: "Allow", suspend: false, successfulJobsHistoryLimit: 2, failedJobsHistoryLimit: 1, jobTemplate: { spec: job("sleep 10").spec }, ...more },
  });
  api.create(CRON_JOBS, cron({}));
  advance(16 * 60_000);
  const minute = Math.floor(kit.nowMs() / 300_000) * 5;
  assert.deepEqual(list(JOBS).map(({ metadata }) => metadata.name).sort(), [`tick-${minute - 5}`, `tick-${minute}`]);
  assert.equal(get(CRON_JOBS, "tick").status!.active, undefined);
  api.delete(CRON_JOBS, get(CRON_JOBS, "tick"), { propagation: "Background" });
  advance(60_000);
  api.create(CRON_JOBS, cron({ schedule: "* * * * *", concurrencyPolicy: "Forbid", jobTemplate: { spec: job("sleep 150").spec } }));
  advance(170_000);
  assert.equal(list(JOBS).length, 1);
});

test("indexes are kept as intervals", () => {
  const some = withIndexes(parseIndexes("0,2-4,9", 8), [6, 1]);
  assert.equal(textOfIndexes(some), "0-4,6");
  assert.deepEqual(firstFree(some, 3, 10), [5, 7, 8]);
  assert.equal(textOfIndexes(parseIndexes("0,1", 5)), "0,1");
});
