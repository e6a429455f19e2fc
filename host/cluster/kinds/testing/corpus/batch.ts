import type { JsonObject } from "../../../model.ts";
import type { Corpus } from "../differential.ts";
import { pods } from "./pods.ts";

const of = (kind: string, name: string, spec: JsonObject, metadata: JsonObject = {}): JsonObject => ({ apiVersion: "batch/v1", kind, metadata: { name, ...metadata }, spec });
const template = (more: JsonObject = {}): JsonObject => ({ spec: { restartPolicy: "Never", containers: [{ name: "main", image: "nginx" }], ...more } });
const failurePolicy: JsonObject = {
  rules: [
    { action: "FailJob", onExitCodes: { containerName: "main", operator: "In", values: [1, 42] } }, { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget" }] },
    { action: "Count", onExitCodes: { operator: "NotIn", values: [0, 2] } }, { action: "FailJob", onPodConditions: [{ type: "ConfigIssue", status: "False" }] },
  ],
};
const rich: JsonObject[] = pods.objects.map(({ spec }) => ({ metadata: { labels: { a: "b" } }, spec: { ...spec as JsonObject, restartPolicy: "OnFailure" } }));

const specs: { readonly [name: string]: JsonObject } = {
  small: { template: template() }, labelled: { template: { metadata: { labels: { a: "b" } }, ...template() } }, parallel: { parallelism: 3, template: template() },
  "a.b": { completions: 3, parallelism: 2, activeDeadlineSeconds: 60, backoffLimit: 2, ttlSecondsAfterFinished: 30, template: template({ restartPolicy: "OnFailure" }) },
  indexed: { completionMode: "Indexed", completions: 5, parallelism: 5, backoffLimitPerIndex: 1, maxFailedIndexes: 2, template: template() },
  success: { completionMode: "Indexed", completions: 9, successPolicy: { rules: [{ succeededIndexes: "0,2-4", succeededCount: 2 }, { succeededIndexes: "7" }, { succeededCount: 3 }] }, template: template() },
  failure: { podFailurePolicy: failurePolicy, template: template() }, managed: { managedBy: "example.com/boss", suspend: true, podReplacementPolicy: "Failed", template: template() },
  suspended: { suspend: true, template: template({ nodeSelector: { a: "b" }, tolerations: [{ operator: "Exists" }] }) },
  large: { completionMode: "Indexed", completions: 100_001, parallelism: 10_001, backoffLimitPerIndex: 1, maxFailedIndexes: 10_001, template: template() },
};
const ownLabels = { mine: "yes" };

export const jobs: Corpus = {
  group: "batch", kind: "Job", subresources: { status: ["status"] },
  objects: [
    ...Object.entries(specs).map(([name, spec]) => of("Job", name, spec)),
    of("Job", "manual", { manualSelector: true, selector: { matchLabels: ownLabels }, template: { metadata: { labels: ownLabels }, ...template() } }),
    of("Job", "named", { template: template() }, { labels: { l: "m" } }), of("Job", "x".repeat(62), { completionMode: "Indexed", completions: 11, template: template() }),
    ...rich.slice(0, 5).map((each, index) => of("Job", `rich-${index}`, { suspend: index % 2 === 0, template: each })),
  ],
};

const schedules = ["*/5 * * * *", "@daily", "@every 1h30m", "0 0 1-5 jan,FEB mon", "0 0,12 * * ?"];
export const cronJobs: Corpus = {
  group: "batch", kind: "CronJob", subresources: { status: ["status"] },
  values: {
    schedule: [
      ...schedules, "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 7", "*/0 * * * *", "5-1 * * * *", "1-2-3 * * * *", "1/2/3 * * * *", "a * * * *", "-1 * * * *", "* * * foo *",
      "@never", "@every x", "@every 5", "@every 1.5h", "@every 1d", "@every -5m", "TZ=UTC 0 0 * * *", "CRON_TZ=Europe/Berlin 0 0 * * *", "TZ=Nowhere 0 0 * * *", "TZ=UTC", "99999999999999999999 * * * *", ", * * * *", "1, * * * *", " ", "@hourly ",
    ],
    timeZone: ["Europe/Berlin", "UTC", "Etc/UTC", "Nowhere", "utc", "Local", "local", "", "../x", "-a/b", "America/Argentina/Buenos_Aires", "Asia/Calcutta", "EST5EDT", "a..b", "europe/berlin", "+01"],
  },
  objects: [
    ...schedules.map((schedule, index) => of("CronJob", `cron-${index}`, { schedule, jobTemplate: { spec: Object.values(specs)[index]! } })),
    of("CronJob", "full", { schedule: "1 2 3 4 5", timeZone: "Europe/Berlin", startingDeadlineSeconds: 10, concurrencyPolicy: "Forbid", suspend: true, successfulJobsHistoryLimit: 0, failedJobsHistoryLimit: 5, jobTemplate: { metadata: { labels: { a: "b" } }, spec: specs.success! } }),
    of("CronJob", "x".repeat(53), { schedule: "* * * * *", jobTemplate: { spec: specs.small! } }), of("CronJob", "failing", { schedule: "* * * * *", jobTemplate: { spec: specs.failure! } }),
    ...rich.slice(0, 4).map((each, index) => of("CronJob", `rich-${index}`, { schedule: "* * * * *", concurrencyPolicy: "Replace", jobTemplate: { spec: { template: each } } })),
  ],
};
