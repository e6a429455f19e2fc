import assert from "node:assert/strict";
import { test } from "node:test";
import { world } from "../../testing/world.ts";
import { DEPLOYMENTS, REPLICA_SETS, type Deployment } from "../../typed/apps.ts";
import { PODS } from "../../typed/core.ts";
import type { New } from "../kit/api.ts";

/** No kubelets: Pods become ready when the test says so. */
function rollouts() {
  const made = world({ nodes: 0, scheduler: false });
  return {
    ...made,
    deployment: () => made.get(DEPLOYMENTS, "web"),
    sets: () => made.list(REPLICA_SETS).map(({ spec, status }) => `${spec.template.spec.containers[0]!.image} ${spec.replicas} (${status?.replicas ?? 0} ${status?.availableReplicas ?? 0})`),
    pods: () => made.list(PODS),
  };
}

const web = (replicas: number, image = "a", more: object = {}): New<Deployment> => ({
  metadata: { name: "web", namespace: "default" },
  spec: {
    replicas, selector: { matchLabels: { app: "web" } }, revisionHistoryLimit: 10, progressDeadlineSeconds: 600,
    strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: "25%" } },
    template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "main", image }] } }, ...more,
  },
});

test("a Deployment makes a ReplicaSet, Pods, and says when it is available", () => {
  const { api, settle, deployment, makeReady, pods } = rollouts();
  api.create(DEPLOYMENTS, web(3));
  settle();
  assert.equal(pods().length, 3);
  assert.match(pods()[0]!.metadata.generateName!, /^web-[bcdfghjklmnpqrstvwxz2456789]{8,10}-$/);
  assert.deepEqual(deployment().status, {
    observedGeneration: 1, replicas: 3, updatedReplicas: 3, unavailableReplicas: 3, terminatingReplicas: 0,
    conditions: [
      { type: "Available", status: "False", lastUpdateTime: "2027-01-15T08:00:00Z", lastTransitionTime: "2027-01-15T08:00:00Z", reason: "MinimumReplicasUnavailable", message: "Deployment does not have minimum availability." },
      { type: "Progressing", status: "True", lastUpdateTime: "2027-01-15T08:00:00Z", lastTransitionTime: "2027-01-15T08:00:00Z", reason: "ReplicaSetUpdated", message: `ReplicaSet "${pods()[0]!.metadata.generateName!.slice(0, -1)}" is progressing.` },
    ],
  });
  makeReady();
  assert.deepEqual(deployment().status!.conditions!.map(({ type, status, reason }) => `${type} ${status} ${reason}`), ["Available True MinimumReplicasAvailable", "Progressing True NewReplicaSetAvailable"]);
});

test("a rolling update keeps to its surge and to what may be unavailable", () => {
  const { api, settle, deployment, makeReady, sets, pods } = rollouts();
  api.create(DEPLOYMENTS, web(4));
  settle();
  makeReady();
  api.update(DEPLOYMENTS, { ...deployment(), spec: { ...deployment().spec, template: web(4, "b").spec.template } });
  settle();
  assert.deepEqual(sets(), ["a 3 (3 3)", "b 2 (2 0)"]);
  const steps: string[][] = [];
  for (let n = 0; n < 10 && deployment().status?.conditions?.at(-1)?.reason !== "NewReplicaSetAvailable"; n++) {
    const next = pods().find((pod) => pod.status?.phase !== "Running");
    makeReady((pod) => pod === next);
    steps.push(sets());
  }
  assert.deepEqual(steps.at(-1), ["a 0 (0 0)", "b 4 (4 4)"]);
  assert.equal(deployment().metadata.annotations!["deployment.kubernetes.io/revision"], "2");
});

test("Recreate waits for the last old Pod before it makes a new one", () => {
  const { api, settle, advance, deployment, pods, sets } = (() => {
    const made = world({ nodes: 1, timing: { pullMs: 0 } });
    return { ...made, deployment: () => made.get(DEPLOYMENTS, "web"), pods: () => made.list(PODS), sets: () => made.list(REPLICA_SETS).map(({ spec }) => `${spec.template.spec.containers[0]!.image} ${spec.replicas}`) };
  })();
  const slow = { strategy: { type: "Recreate" as const }, template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "main", image: "a", lifecycle: { preStop: { sleep: { seconds: 5 } } } }] } } };
  api.create(DEPLOYMENTS, web(2, "a", slow));
  advance(1000);
  const template = web(2, "b").spec.template;
  api.update(DEPLOYMENTS, { ...deployment(), spec: { ...deployment().spec, template } });
  settle();
  assert.deepEqual(sets(), ["a 0"]);
  assert.equal(pods().every(({ metadata }) => metadata.deletionTimestamp !== undefined), true);
  advance(6000);
  assert.deepEqual(sets(), ["a 0", "b 2"]);
  assert.equal(deployment().status!.availableReplicas, 2);
});

test("a pause holds the rollout, and no deadline runs meanwhile", () => {
  const { api, settle, advance, deployment, makeReady, sets } = rollouts();
  api.create(DEPLOYMENTS, web(2, "a", { progressDeadlineSeconds: 60 }));
  settle();
  makeReady();
  const progressing = () => { const found = deployment().status!.conditions!.find(({ type }) => type === "Progressing")!; return `${found.status} ${found.reason}`; };
  api.update(DEPLOYMENTS, { ...deployment(), spec: { ...deployment().spec, paused: true, template: web(2, "b").spec.template } });
  settle();
  assert.deepEqual([sets().length, progressing()], [1, "Unknown DeploymentPaused"]);
  advance(300_000);
  assert.equal(progressing(), "Unknown DeploymentPaused");
  const { paused: _, ...spec } = deployment().spec;
  api.update(DEPLOYMENTS, { ...deployment(), spec });
  settle();
  assert.deepEqual([sets().length, progressing()], [2, "True ReplicaSetUpdated"]);
  advance(62_000);
  assert.equal(progressing(), "False ProgressDeadlineExceeded");
  makeReady();
  for (let n = 0; n < 5; n++) makeReady();
  assert.equal(progressing(), "True NewReplicaSetAvailable");
});

test("in the middle of a rollout, a new size is shared out in proportion", () => {
  const { api, settle, deployment, makeReady, sets } = rollouts();
  api.create(DEPLOYMENTS, web(10, "a", { strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } } }));
  settle();
  makeReady();
  api.update(DEPLOYMENTS, { ...deployment(), spec: { ...deployment().spec, template: web(10, "b").spec.template } });
  settle();
  assert.deepEqual(sets().map((set) => set.replace(/ \(.*/, "")), ["a 8", "b 5"]);
  api.update(DEPLOYMENTS, { ...deployment(), spec: { ...deployment().spec, replicas: 15 } });
  settle();
  // 15 + 3 Pods, by 8 to 5.
  assert.deepEqual(sets().map((set) => set.replace(/ \(.*/, "")), ["a 11", "b 7"]);
});

test("going back to an earlier template takes its ReplicaSet again; of old ones only so many are kept", () => {
  const { api, settle, deployment, makeReady, list } = rollouts();
  api.create(DEPLOYMENTS, web(1, "a", { revisionHistoryLimit: 1 }));
  const roll = (image: string): void => {
    settle();
    for (let n = 0; n < 4; n++) makeReady();
    api.update(DEPLOYMENTS, { ...deployment(), spec: { ...deployment().spec, template: web(1, image).spec.template } });
    settle();
    for (let n = 0; n < 4; n++) makeReady();
  };
  roll("b");
  const [first] = list(REPLICA_SETS);
  roll("a");
  const again = list(REPLICA_SETS).find(({ metadata }) => metadata.uid === first!.metadata.uid)!;
  assert.deepEqual([again.spec.replicas, again.metadata.annotations!["deployment.kubernetes.io/revision"], again.metadata.annotations!["deployment.kubernetes.io/revision-history"]], [1, "3", "1"]);
  assert.equal(deployment().metadata.annotations!["deployment.kubernetes.io/revision"], "3");
  roll("c");
  roll("d");
  assert.deepEqual(list(REPLICA_SETS).map(({ spec }) => spec.template.spec.containers[0]!.image).sort(), ["c", "d"]);
});
