import assert from "node:assert/strict";
import { test } from "node:test";
import { world } from "../../testing/world.ts";
import { CLAIMS, PODS, VOLUMES, type PersistentVolumeClaim } from "../../typed/core.ts";
import { STORAGE_CLASSES } from "../../typed/others.ts";

function disks() {
  const made = world({ timing: { pullMs: 0 } });
  return {
    ...made,
    claim: (name: string, spec: Partial<PersistentVolumeClaim["spec"]> = {}) => made.api.create(CLAIMS, { metadata: { name, namespace: "default" }, spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } }, ...spec } }),
    phase: (name: string) => made.get(CLAIMS, name).status?.phase,
    user: (name: string, claimName: string) => made.run(name, { containers: [{ name: "main", image: "nginx", volumeMounts: [{ name: "data", mountPath: "/data" }] }], volumes: [{ name: "data", persistentVolumeClaim: { claimName } }] }),
  };
}

test("a claim gets a volume of its class, and both know of each other", () => {
  const { claim, settle, get, list, events } = disks();
  claim("data");
  settle();
  const data = get(CLAIMS, "data");
  const [volume] = list(VOLUMES);
  assert.equal(data.spec.volumeName, `pvc-${data.metadata.uid}`);
  assert.deepEqual(data.status, { phase: "Bound", accessModes: ["ReadWriteOnce"], capacity: { storage: "1Gi" } });
  assert.deepEqual([volume!.metadata.name, volume!.status!.phase, volume!.spec.claimRef!.uid, volume!.metadata.finalizers], [data.spec.volumeName, "Bound", data.metadata.uid, ["kubernetes.io/pv-protection"]]);
  assert.equal(data.metadata.annotations!["pv.kubernetes.io/bind-completed"], "yes");
  assert.ok(events().some((event) => event.startsWith("ProvisioningSucceeded: Successfully provisioned volume pvc-")));
});

test("a claim in use outlives its deletion; its volume goes with it", () => {
  const { claim, user, advance, api, get, list, pod } = disks();
  claim("data");
  user("web", "data");
  advance(2000);
  assert.equal(pod("web").status!.phase, "Running");
  api.delete(CLAIMS, get(CLAIMS, "data"));
  advance(5000);
  assert.ok(get(CLAIMS, "data").metadata.deletionTimestamp);
  api.delete(PODS, pod("web"));
  advance(5000);
  assert.deepEqual([list(CLAIMS), list(VOLUMES)], [[], []]);
});

test("what is to be retained is retained, and offered to nobody else", () => {
  const { claim, settle, api, get, list, phase } = disks();
  api.create(VOLUMES, { metadata: { name: "mine" }, spec: { capacity: { storage: "5Gi" }, accessModes: ["ReadWriteOnce"], hostPath: { path: "/x" }, persistentVolumeReclaimPolicy: "Retain", storageClassName: "" } });
  settle();
  assert.equal(list(VOLUMES)[0]!.status!.phase, "Available");
  claim("large", { storageClassName: "", resources: { requests: { storage: "8Gi" } } });
  claim("small", { storageClassName: "" });
  settle();
  assert.deepEqual([phase("large"), phase("small"), get(CLAIMS, "small").spec.volumeName], ["Pending", "Bound", "mine"]);
  assert.deepEqual(get(CLAIMS, "small").status!.capacity, { storage: "5Gi" });
  api.delete(CLAIMS, get(CLAIMS, "small"));
  settle();
  assert.equal(list(VOLUMES)[0]!.status!.phase, "Released");
  claim("next", { storageClassName: "" });
  settle();
  assert.equal(phase("next"), "Pending");
});

test("a class may wait for the first Pod", () => {
  const { claim, user, advance, settle, api, phase, pod, get, events } = disks();
  api.create(STORAGE_CLASSES, { metadata: { name: "late" }, provisioner: "late.example.dev", reclaimPolicy: "Delete", volumeBindingMode: "WaitForFirstConsumer" });
  claim("data", { storageClassName: "late" });
  settle();
  assert.equal(phase("data"), "Pending");
  assert.ok(events().includes("WaitForFirstConsumer: waiting for first consumer to be created before binding"));
  user("web", "data");
  advance(2000);
  assert.deepEqual([phase("data"), pod("web").status!.phase, get(CLAIMS, "data").metadata.annotations!["volume.kubernetes.io/selected-node"]], ["Bound", "Running", pod("web").spec.nodeName]);
});

test("a Pod waits for claims, ConfigMaps and Secrets that aren't there", () => {
  const { user, claim, advance, pod } = disks();
  user("web", "data");
  advance(1000);
  assert.match(pod("web").status!.conditions!.find(({ type }) => type === "PodScheduled")!.message!, /^0\/3 nodes are available: persistentvolumeclaim "data" not found\. preemption: 0\/3 nodes are available: 3 Preemption is not helpful for scheduling\.$/);
  claim("data");
  advance(5000);
  assert.equal(pod("web").status!.phase, "Running");
});

test("a Pod's ephemeral volume is a claim that goes with it; a bigger wish is granted", () => {
  const { run, advance, api, list, pod, get } = disks();
  run("web", { containers: [{ name: "main", image: "nginx", volumeMounts: [{ name: "scratch", mountPath: "/s" }] }], volumes: [{ name: "scratch", ephemeral: { volumeClaimTemplate: { spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } } } } }] });
  advance(15_000);
  assert.deepEqual([pod("web").status!.phase, list(CLAIMS).map(({ metadata }) => metadata.name)], ["Running", ["web-scratch"]]);
  api.patch(CLAIMS, get(CLAIMS, "web-scratch"), { spec: { resources: { requests: { storage: "3Gi" } } } });
  advance(1000);
  assert.deepEqual(get(CLAIMS, "web-scratch").status!.capacity, { storage: "3Gi" });
  api.delete(PODS, pod("web"));
  advance(10_000);
  assert.deepEqual([list(CLAIMS), list(VOLUMES)], [[], []]);
});
