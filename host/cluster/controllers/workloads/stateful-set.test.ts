import assert from "node:assert/strict";
import { test } from "node:test";
import { world } from "../../testing/world.ts";
import { CONTROLLER_REVISIONS, STATEFUL_SETS, type StatefulSet } from "../../typed/apps.ts";
import { CLAIMS, PODS, VOLUMES } from "../../typed/core.ts";
import type { New } from "../kit/api.ts";

const db = (replicas: number, more: Partial<StatefulSet["spec"]> = {}, image = "db:1"): New<StatefulSet> => ({
  metadata: { name: "db", namespace: "default" },
  spec: {
    replicas, serviceName: "db", selector: { matchLabels: { app: "db" } }, updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 0 } },
    template: { metadata: { labels: { app: "db" } }, spec: { containers: [{ name: "main", image }] } }, ...more,
  },
});

function sets(nodes: 0 | 3 = 0) {
  const made = world({ nodes, scheduler: nodes > 0, timing: { pullMs: 0 } });
  return {
    ...made,
    set: () => made.get(STATEFUL_SETS, "db"),
    names: () => made.list(PODS).map(({ metadata: { name, deletionTimestamp } }) => (deletionTimestamp === undefined ? name : `${name} going`)).sort(),
    image: (name: string) => made.pod(name).spec.containers[0]!.image,
    update: (change: Partial<StatefulSet["spec"]>) => {
      const live = made.get(STATEFUL_SETS, "db");
      made.api.update(STATEFUL_SETS, { ...live, spec: { ...live.spec, ...change } });
      made.settle();
    },
  };
}

test("Pods are made one by one, each when the one before is ready; gone in the other order", () => {
  const { api, settle, names, makeReady, update, set, pod } = sets();
  api.create(STATEFUL_SETS, db(3));
  settle();
  assert.deepEqual(names(), ["db-0"]);
  makeReady();
  assert.deepEqual(names(), ["db-0", "db-1"]);
  makeReady();
  makeReady();
  assert.deepEqual(names(), ["db-0", "db-1", "db-2"]);
  const { spec, metadata: { labels, ownerReferences } } = pod("db-1");
  assert.deepEqual([spec.hostname, spec.subdomain, labels!["statefulset.kubernetes.io/pod-name"], labels!["apps.kubernetes.io/pod-index"], labels!["controller-revision-hash"], ownerReferences![0]!.kind], ["db-1", "db", "db-1", "1", set().status!.currentRevision, "StatefulSet"]);
  const { status } = set();
  assert.deepEqual([status!.replicas, status!.readyReplicas, status!.currentReplicas, status!.updatedReplicas, status!.availableReplicas, status!.collisionCount], [3, 3, 3, 3, 3, 0]);
  update({ replicas: 1 });
  assert.deepEqual(names(), ["db-0"]);
});

test("in parallel, they are all made at once", () => {
  const { api, settle, names } = sets();
  api.create(STATEFUL_SETS, db(3, { podManagementPolicy: "Parallel", ordinals: { start: 5 } }));
  settle();
  assert.deepEqual(names(), ["db-5", "db-6", "db-7"]);
});

test("a rolling update goes from the last to the first, as far as the partition; a revision is kept for each template", () => {
  const { api, settle, makeReady, update, image, set, list } = sets();
  api.create(STATEFUL_SETS, db(3));
  settle();
  for (let n = 0; n < 3; n++) makeReady();
  update({ template: db(3, {}, "db:2").spec.template, updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 1 } } });
  assert.deepEqual([image("db-0"), image("db-1"), image("db-2")], ["db:1", "db:1", "db:2"]);
  for (let n = 0; n < 4; n++) makeReady();
  assert.deepEqual([image("db-0"), image("db-1"), image("db-2")], ["db:1", "db:2", "db:2"]);
  assert.deepEqual([set().status!.currentReplicas, set().status!.updatedReplicas], [1, 2]);
  update({ updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 0 } } });
  for (let n = 0; n < 4; n++) makeReady();
  assert.equal(image("db-0"), "db:2");
  assert.equal(set().status!.currentRevision, set().status!.updateRevision);
  assert.deepEqual(list(CONTROLLER_REVISIONS).map(({ revision }) => revision), [1, 2]);
});

test("OnDelete renews only what somebody deletes", () => {
  const { api, settle, makeReady, update, image, pod } = sets();
  api.create(STATEFUL_SETS, db(2, { updateStrategy: { type: "OnDelete" } }));
  settle();
  for (let n = 0; n < 2; n++) makeReady();
  update({ template: db(2, {}, "db:2").spec.template });
  assert.deepEqual([image("db-0"), image("db-1")], ["db:1", "db:1"]);
  api.delete(PODS, pod("db-0"));
  settle();
  assert.deepEqual([image("db-0"), image("db-1")], ["db:2", "db:1"]);
});

const withVolume = { volumeClaimTemplates: [{ apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name: "data" }, spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } } }] };

test("each Pod keeps its volume through death and scaling, and what is on it", () => {
  const made = sets(3);
  const { api, advance, update, list, names, nodes } = made;
  nodes.images.register("db*", { start: ({ volume, container: { image } }) => (volume("/data")!.set("seen", `${volume("/data")!.get("seen") ?? ""}${image} `), {}) });
  const mount = (image: string) => ({ metadata: { labels: { app: "db" } }, spec: { containers: [{ name: "main", image, volumeMounts: [{ name: "data", mountPath: "/data" }] }] } });
  api.create(STATEFUL_SETS, db(2, { ...withVolume, template: mount("db:1") }));
  advance(5000);
  assert.deepEqual(list(CLAIMS).map(({ metadata: { name }, status }) => `${name} ${status!.phase}`), ["data-db-0 Bound", "data-db-1 Bound"]);
  assert.equal(list(VOLUMES).every(({ status }) => status!.phase === "Bound"), true);
  update({ template: mount("db:2") });
  advance(60_000);
  const volume = made.get(CLAIMS, "data-db-0").spec.volumeName!;
  assert.equal(nodes.volumes.ofPersistentVolume(volume).get("seen"), "db:1 db:2 ");
  update({ replicas: 0 });
  advance(60_000);
  assert.deepEqual([names(), list(CLAIMS).length], [[], 2]);
});

test("by its policy, claims go with the Pods that are scaled away, and with the set", () => {
  const { api, advance, update, list, set } = sets(3);
  api.create(STATEFUL_SETS, db(3, { ...withVolume, persistentVolumeClaimRetentionPolicy: { whenScaled: "Delete", whenDeleted: "Delete" } }));
  advance(5000);
  assert.deepEqual(list(CLAIMS).map(({ metadata }) => metadata.ownerReferences!.map(({ kind }) => kind).join()), ["StatefulSet", "StatefulSet", "StatefulSet"]);
  update({ replicas: 1 });
  advance(60_000);
  assert.deepEqual(list(CLAIMS).map(({ metadata }) => metadata.name), ["data-db-0"]);
  api.delete(STATEFUL_SETS, set());
  advance(60_000);
  assert.deepEqual([list(CLAIMS), list(PODS), list(VOLUMES)], [[], [], []]);
});
