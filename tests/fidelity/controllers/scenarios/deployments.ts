/** Deployments and ReplicaSets. */
import type { Loose } from "../../../support/api-client.ts";
import { scenario, type Stage } from "../stage.ts";

const template = (image: string, labels: Loose = { app: "web" }): Loose => ({ metadata: { labels }, spec: { containers: [{ name: "main", image }] } });
const deployment = (replicas: number, image = "web:1", more: Loose = {}): Loose => ({
  apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web", annotations: { note: "a" } },
  spec: { replicas, selector: { matchLabels: { app: "web" } }, template: template(image), ...more },
});
const replicaSet = (replicas: number, more: Loose = {}): Loose => ({ apiVersion: "apps/v1", kind: "ReplicaSet", metadata: { name: "set" }, spec: { replicas, selector: { matchLabels: { app: "web" } }, template: template("web:1"), ...more } });
const ALL = ["deployments", "replicasets", "pods"];
const ofImage = (pods: Loose[], image: string): Loose[] => pods.filter(({ spec }) => spec.containers[0].image === image);
const notReady = (pods: Loose[]): Loose[] => pods.filter(({ status }) => status.phase !== "Running");

async function readyAll(stage: Stage, count: number): Promise<void> { await stage.ready(notReady(await stage.pods(count))); }

export const DEPLOYMENTS = [
  scenario("deployment from nothing to ready", async (stage) => {
    await stage.create("deployments", deployment(3));
    await stage.pods(3);
    await stage.look("created", ...ALL, "events");
    const [first, ...others] = await stage.pods(3);
    await stage.ready([first]);
    await stage.look("one ready", ...ALL);
    await stage.ready(others);
    await stage.look("all ready", ...ALL, "events");
    await stage.ready([first], false);
    await stage.look("one not ready any more", ...ALL);
  }),
  scenario("deployment rolling update", async (stage) => {
    await stage.create("deployments", deployment(4, "web:1", { strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } } }));
    await readyAll(stage, 4);
    await stage.look("first", ...ALL);
    await stage.patch("deployments", "web", { spec: { template: template("web:2") } });
    await stage.look("begun", ...ALL);
    for (let step = 0; step < 4; step++) {
      await stage.until("a new Pod", async () => notReady(ofImage(await stage.list("pods"), "web:2")).length > 0);
      await stage.ready(notReady(ofImage(await stage.list("pods"), "web:2")).slice(0, 1));
      await stage.look(`step ${step}`, ...ALL);
    }
    await stage.look("done", ...ALL, "events");
  }),
  scenario("deployment recreate", async (stage) => {
    await stage.create("deployments", deployment(2, "web:1", { strategy: { type: "Recreate" } }));
    await readyAll(stage, 2);
    await stage.look("first", ...ALL);
    await stage.patch("deployments", "web", { spec: { template: template("web:2") } });
    await stage.look("second", ...ALL, "events");
    await readyAll(stage, 2);
    await stage.look("ready", ...ALL);
  }),
  scenario("deployment scaled in the middle", async (stage) => {
    await stage.create("deployments", deployment(6, "web:1", { strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 2, maxUnavailable: 1 } } }));
    await readyAll(stage, 6);
    await stage.look("first", ...ALL);
    await stage.patch("deployments", "web", { spec: { template: template("web:2") } });
    await stage.look("begun", ...ALL);
    await stage.patch("deployments", "web", { spec: { replicas: 11 } });
    await stage.look("larger", ...ALL);
    await stage.patch("deployments", "web", { spec: { replicas: 3 } });
    await stage.look("smaller", ...ALL);
    await stage.patch("deployments", "web", { spec: { replicas: 0 } });
    await stage.look("none", ...ALL, "events");
  }),
  scenario("deployment paused and resumed", async (stage) => {
    await stage.create("deployments", deployment(2));
    await readyAll(stage, 2);
    await stage.look("first", ...ALL);
    await stage.patch("deployments", "web", { spec: { paused: true } });
    await stage.look("paused", ...ALL);
    await stage.patch("deployments", "web", { spec: { template: template("web:2"), replicas: 3 } });
    await stage.look("changed while paused", ...ALL);
    await stage.patch("deployments", "web", { spec: { paused: false } });
    await stage.look("resumed", ...ALL);
  }),
  scenario("deployment rolled back", async (stage) => {
    await stage.create("deployments", deployment(1, "web:1", { revisionHistoryLimit: 1 }));
    const roll = async (image: string): Promise<void> => {
      await stage.patch("deployments", "web", { spec: { template: template(image) } });
      await stage.until("a new Pod", async () => notReady(ofImage(await stage.list("pods"), image)).length > 0);
      await stage.ready(notReady(ofImage(await stage.list("pods"), image)));
      await stage.look(`at ${image} ${rolls++}`, ...ALL);
    };
    let rolls = 0;
    await readyAll(stage, 1);
    await stage.look("first", ...ALL);
    await roll("web:2");
    await roll("web:1");
    await roll("web:3");
    await roll("web:4");
  }),
  scenario("deployment past its deadline", async (stage) => {
    await stage.create("deployments", deployment(1, "web:1", { progressDeadlineSeconds: 2 }));
    await stage.pods(1);
    stage.pass(5);
    await stage.look("late", ...ALL);
    await readyAll(stage, 1);
    await stage.look("ready after all", ...ALL);
  }),
  scenario("deployment with availability delayed", async (stage) => {
    await stage.create("deployments", deployment(1, "web:1", { minReadySeconds: 3 }));
    await readyAll(stage, 1);
    stage.pass(6);
    await stage.look("available", ...ALL);
    await stage.patch("deployments", "web", { spec: { minReadySeconds: 1 }, metadata: { annotations: { note: "b", more: "c" } } });
    await stage.look("other annotations", ...ALL);
  }),
  scenario("deployment adopts and is deleted", async (stage) => {
    await stage.create("deployments", deployment(1));
    await stage.pods(1);
    await stage.delete("deployments", "web", "Orphan");
    await stage.look("orphaned", ...ALL);
    await stage.create("deployments", deployment(2));
    await stage.look("adopted", ...ALL);
    await stage.delete("deployments", "web", "Foreground");
    await stage.look("gone", ...ALL);
  }),
  scenario("replicaset scaled", async (stage) => {
    await stage.create("replicasets", replicaSet(2));
    await stage.ready((await stage.pods(2)).slice(0, 1));
    await stage.look("made", "replicasets", "pods", "events");
    await stage.patch("replicasets", "set", { spec: { replicas: 4 } });
    await stage.look("larger", "replicasets", "pods");
    await stage.patch("replicasets", "set", { spec: { replicas: 1 } });
    // The one that is ready is the one that stays.
    await stage.look("smaller", "replicasets", "pods", "events");
    await stage.delete("replicasets", "set", "Background");
    await stage.look("gone", "replicasets", "pods");
  }),
  scenario("replicaset chooses whom to give up", async (stage) => {
    await stage.create("replicasets", replicaSet(3));
    const [a, b, c] = await stage.pods(3);
    await stage.ready([a, b, c]);
    await stage.patch("pods", a.metadata.name, { metadata: { annotations: { "controller.kubernetes.io/pod-deletion-cost": "100", mark: "dear" } } });
    await stage.patch("pods", b.metadata.name, { metadata: { annotations: { "controller.kubernetes.io/pod-deletion-cost": "-5", mark: "cheap" } } });
    await stage.patch("pods", c.metadata.name, { metadata: { annotations: { mark: "plain" } } });
    await stage.patch("replicasets", "set", { spec: { replicas: 2 } });
    await stage.look("two", "replicasets", "pods");
    await stage.patch("replicasets", "set", { spec: { replicas: 1 } });
    await stage.look("one", "replicasets", "pods");
  }),
  scenario("replicaset adopts and lets go", async (stage) => {
    await stage.create("pods", { apiVersion: "v1", kind: "Pod", metadata: { name: "stray", labels: { app: "web" } }, spec: { containers: [{ name: "main", image: "stray" }] } });
    await stage.create("replicasets", replicaSet(2));
    await stage.look("adopted", "replicasets", "pods");
    await stage.patch("pods", "stray", { metadata: { labels: { app: "other" } } });
    await stage.look("released", "replicasets", "pods");
    await stage.patch("pods", "stray", { metadata: { labels: { app: "web" } } });
    await stage.look("one too many", "replicasets", "pods");
  }),
  scenario("replicaset that may not make pods", async (stage) => {
    await stage.create("replicasets", replicaSet(2, { template: { metadata: { labels: { app: "web" } }, spec: { serviceAccountName: "nobody", containers: [{ name: "main", image: "web:1" }] } } }));
    await stage.look("refused", "replicasets", "pods");
    await stage.create("serviceaccounts", { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "nobody" } });
    stage.pass(60);
    await stage.look("let in", "replicasets", "pods");
  }),
  scenario("replicaset replaces the failed", async (stage) => {
    await stage.create("replicasets", replicaSet(2));
    const [first] = await stage.pods(2);
    await stage.end([first], "Failed");
    await stage.look("replaced", "replicasets", "pods");
  }),
];
