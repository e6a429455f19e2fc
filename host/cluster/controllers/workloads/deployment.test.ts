import assert from "node:assert/strict";
import { test } from "node:test";
import { DEPLOYMENTS, REPLICA_SETS, type Deployment } from "../../typed/apps.ts";
import { PODS, type Pod } from "../../typed/core.ts";
import { Api } from "../kit/api.ts";
import { MemoryCluster } from "../testing/memory-cluster.ts";
import { DeploymentController } from "./deployment.ts";
import { ReplicaSetController } from "./replica-set.ts";

function world() {
  const cluster = new MemoryCluster();
  const kit = cluster.kit();
  new DeploymentController(kit);
  new ReplicaSetController(kit);
  const api = new Api(cluster);
  const { simulated } = cluster;
  return {
    cluster, api, simulated, kit,
    deployment: () => api.get(DEPLOYMENTS, "default", "web")!,
    sets: () => kit.store(REPLICA_SETS).list().map(({ spec, status }) => `${spec.template.spec.containers[0]!.image} ${spec.replicas} (${status?.replicas ?? 0} ${status?.availableReplicas ?? 0})`),
    pods: () => kit.store(PODS).list(),
    makeReady: (which: (pod: Pod) => boolean = () => true) => {
      for (const pod of kit.store(PODS).list().filter(which)) {
        if (pod.status?.phase === "Running") continue;
        api.updateStatus(PODS, { ...pod, status: { phase: "Running", conditions: [{ type: "Ready", status: "True", lastTransitionTime: kit.now() }] } });
      }
      simulated.settle();
    },
  };
}

const web = (replicas: number, image = "a", more: object = {}): Omit<Deployment, "apiVersion" | "kind"> => ({
  metadata: { name: "web", namespace: "default" },
  spec: {
    replicas, selector: { matchLabels: { app: "web" } }, revisionHistoryLimit: 10, progressDeadlineSeconds: 600,
    strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: "25%" } },
    template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "main", image }] } }, ...more,
  },
});

test("a Deployment makes a ReplicaSet, Pods, and says when it is available", () => {
  const { cluster, api, simulated, deployment, makeReady, pods } = world();
  api.create(DEPLOYMENTS, web(3));
  simulated.settle();
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
  assert.deepEqual(cluster.problems, []);
});

test("a rolling update keeps to its surge and to what may be unavailable", () => {
  const { api, simulated, deployment, makeReady, sets, pods } = world();
  api.create(DEPLOYMENTS, web(4));
  simulated.settle();
  makeReady();
  api.update(DEPLOYMENTS, { ...deployment(), spec: { ...deployment().spec, template: web(4, "b").spec.template } });
  simulated.settle();
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

test("1,000 Deployments: passes and writes stay in proportion", () => {
  const { cluster, api, simulated, kit, makeReady } = world();
  const started = performance.now();
  for (let n = 0; n < 1000; n++) {
    const { metadata, spec } = web(3);
    const labels = { app: `web-${n}` };
    api.create(DEPLOYMENTS, { metadata: { ...metadata, name: `web-${n}` }, spec: { ...spec, selector: { matchLabels: labels }, template: { ...spec.template, metadata: { labels } } } });
  }
  simulated.settle();
  makeReady();
  assert.equal(kit.store(DEPLOYMENTS).list().filter(({ status }) => status?.availableReplicas === 3).length, 1000);
  const [writes, tookMs] = [cluster.writes, performance.now() - started];
  if (process.env.SHOW !== undefined) process.stderr.write(`${writes} writes, ${tookMs.toFixed(0)} ms\n`);
  assert.ok(writes < 20_000, `${writes} writes`);
});
