/** Jobs. */
import type { Loose } from "../../../support/api-client.ts";
import { scenario } from "../stage.ts";

const job = (spec: Loose, template: Loose = {}): Loose => ({
  apiVersion: "batch/v1", kind: "Job", metadata: { name: "task" },
  spec: { ...spec, template: { ...template, spec: { restartPolicy: "Never", containers: [{ name: "main", image: "task:1" }], ...template.spec } } },
});
const ALL = ["jobs", "pods"];
const active = (pods: Loose[]): Loose[] => pods.filter(({ status, metadata }) => status.phase !== "Succeeded" && status.phase !== "Failed" && metadata.deletionTimestamp === undefined);

export const JOBS = [
  scenario("job from start to end", async (stage) => {
    await stage.create("jobs", job({ completions: 3, parallelism: 2 }));
    await stage.look("begun", ...ALL, "events");
    await stage.ready((await stage.pods(2)).slice(0, 1));
    await stage.look("one ready", ...ALL);
    await stage.end((await stage.pods(2)).slice(0, 1), "Succeeded");
    await stage.until("the third", async () => (await stage.list("pods")).length === 3);
    await stage.look("one through", ...ALL);
    await stage.end(active(await stage.pods(3)), "Succeeded");
    await stage.look("done", ...ALL, "events");
  }),
  scenario("job that fails", async (stage) => {
    await stage.create("jobs", job({ backoffLimit: 0 }));
    await stage.end(await stage.pods(1), "Failed");
    await stage.look("failed", ...ALL, "events");
  }),
  scenario("job without completions", async (stage) => {
    await stage.create("jobs", job({ parallelism: 2 }));
    const [first, second] = await stage.pods(2);
    await stage.end([first], "Succeeded");
    await stage.look("one through", ...ALL);
    await stage.end([second], "Failed");
    await stage.look("done", ...ALL);
  }),
  scenario("job by index", async (stage) => {
    await stage.create("jobs", job({ completions: 4, parallelism: 3, completionMode: "Indexed" }));
    await stage.look("begun", ...ALL);
    const of = async (index: number): Promise<Loose[]> => (await stage.list("pods", `batch.kubernetes.io/job-completion-index=${index}`)).filter(({ status }) => status.phase === "Pending");
    await stage.end([...await of(0), ...await of(2)], "Succeeded");
    await stage.until("the last index", async () => (await of(3)).length === 1);
    await stage.look("two through", ...ALL);
    await stage.end([...await of(1), ...await of(3)], "Succeeded");
    await stage.look("done", ...ALL, "events");
  }),
  scenario("job with limits for each index", async (stage) => {
    await stage.create("jobs", job({ completions: 2, parallelism: 2, completionMode: "Indexed", backoffLimitPerIndex: 0, maxFailedIndexes: 2 }));
    const of = async (index: number): Promise<Loose[]> => stage.list("pods", `batch.kubernetes.io/job-completion-index=${index}`);
    await stage.pods(2);
    await stage.end(await of(0), "Failed");
    await stage.look("one index failed", ...ALL);
    await stage.end(await of(1), "Succeeded");
    await stage.look("failed", ...ALL, "events");
  }),
  scenario("job with a success policy", async (stage) => {
    await stage.create("jobs", job({ completions: 3, parallelism: 3, completionMode: "Indexed", successPolicy: { rules: [{ succeededIndexes: "1-2", succeededCount: 1 }] } }));
    await stage.pods(3);
    await stage.end(await stage.list("pods", "batch.kubernetes.io/job-completion-index=2"), "Succeeded");
    await stage.look("enough", ...ALL, "events");
  }),
  scenario("job with a failure policy", async (stage) => {
    await stage.create("jobs", job({
      completions: 2, parallelism: 2, backoffLimit: 1,
      podFailurePolicy: { rules: [{ action: "Ignore", onExitCodes: { operator: "In", values: [7] } }, { action: "FailJob", onExitCodes: { containerName: "main", operator: "In", values: [42] } }] },
    }));
    const [first] = await stage.pods(2);
    await stage.end([first], "Failed", 7);
    stage.pass(30);
    await stage.until("another", async () => (await stage.list("pods")).length === 3);
    await stage.look("one ignored", ...ALL);
    await stage.end(active(await stage.list("pods")).slice(0, 1), "Failed", 42);
    await stage.look("over", ...ALL);
  }),
  scenario("job suspended and resumed", async (stage) => {
    await stage.create("jobs", job({ suspend: true, parallelism: 2, completions: 2 }));
    await stage.look("suspended", ...ALL, "events");
    await stage.patch("jobs", "task", { spec: { suspend: false } });
    await stage.pods(2);
    await stage.look("resumed", ...ALL, "events");
    await stage.patch("jobs", "task", { spec: { suspend: true } });
    await stage.look("suspended again", ...ALL);
  }),
  scenario("job past its deadline and away", async (stage) => {
    await stage.create("jobs", job({ activeDeadlineSeconds: 2, ttlSecondsAfterFinished: 0 }));
    await stage.pods(1);
    stage.pass(10);
    await stage.look("gone", ...ALL);
  }),
  scenario("job scaled and deleted", async (stage) => {
    await stage.create("jobs", job({ parallelism: 3, completions: 5 }));
    await stage.pods(3);
    await stage.patch("jobs", "task", { spec: { parallelism: 1 } });
    await stage.look("fewer at a time", ...ALL);
    await stage.patch("jobs", "task", { spec: { parallelism: 0 } });
    await stage.look("none", ...ALL);
    await stage.patch("jobs", "task", { spec: { parallelism: 2 } });
    await stage.pods(2);
    await stage.delete("jobs", "task", "Orphan");
    await stage.look("orphaned", ...ALL);
  }),
];
