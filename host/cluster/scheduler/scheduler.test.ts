import assert from "node:assert/strict";
import { test } from "node:test";
import { Api } from "../controllers/kit/api.ts";
import { MemoryCluster } from "../controllers/testing/memory-cluster.ts";
import { EVENTS, NODES, PODS, type Node, type PodSpec } from "../typed/core.ts";
import { Scheduler } from "./scheduler.ts";

function world() {
  const cluster = new MemoryCluster();
  const kit = cluster.kit();
  new Scheduler(kit);
  const api = new Api(cluster);
  return {
    api, kit, ...cluster.simulated,
    node: (name: string, spec: Node["spec"] = {}, labels: { [label: string]: string } = {}, allocatable: { [resource: string]: string } = {}) =>
      api.create(NODES, { metadata: { name, labels: { "kubernetes.io/hostname": name, ...labels } }, spec, status: { allocatable: { cpu: "4", memory: "8Gi", pods: "110", ...allocatable } } }),
    pod: (name: string, spec: Partial<PodSpec> = {}, labels: { [label: string]: string } = {}) =>
      api.create(PODS, { metadata: { name, namespace: "default", labels }, spec: { containers: [{ name: "main", image: "x" }], ...spec } }),
    where: (name: string) => api.get(PODS, "default", name)?.spec.nodeName,
    why: (name: string) => api.get(PODS, "default", name)?.status?.conditions?.find(({ type }) => type === "PodScheduled")?.message,
  };
}
const asks = (cpu: string): Partial<PodSpec> => ({ containers: [{ name: "main", image: "x", resources: { requests: { cpu } } }] });

test("Pods spread over nodes with room, in an order that is always the same", () => {
  const { node, pod, where, settle } = world();
  for (const name of ["a", "b", "c"]) node(name);
  for (let n = 0; n < 6; n++) pod(`p${n}`);
  settle();
  assert.deepEqual([0, 1, 2, 3, 4, 5].map((n) => where(`p${n}`)), ["a", "b", "c", "a", "b", "c"]);
});

test("a Pod that fits nowhere is told why, for each node, and goes where a change lets it", () => {
  const { api, node, pod, where, why, settle, advance, kit } = world();
  pod("early");
  settle();
  assert.equal(why("early"), "no nodes available to schedule pods");
  node("tainted", { taints: [{ key: "only", value: "db", effect: "NoSchedule" }] });
  node("small", {}, {}, { cpu: "1", memory: "1Gi" });
  node("closed", { unschedulable: true });
  advance(1000);
  assert.equal(where("early"), "small");
  pod("large", { containers: [{ name: "main", image: "x", resources: { requests: { cpu: "2", memory: "2Gi" } } }] });
  settle();
  assert.equal(why("large"), "0/3 nodes are available: 1 Insufficient cpu, 1 Insufficient memory, 1 node(s) had untolerated taint(s), 1 node(s) were unschedulable. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.");
  assert.ok(kit.store(EVENTS).list().some(({ reason, message }) => reason === "FailedScheduling" && message === why("large")));
  const closed = api.get(NODES, undefined, "closed")!;
  api.update(NODES, { ...closed, spec: {} });
  advance(10_000);
  assert.equal(where("large"), "closed");
});

test("room that Pods give back is taken", () => {
  const { api, node, pod, where, why, settle, advance } = world();
  node("a", {}, {}, { cpu: "1" });
  pod("first", asks("800m"));
  settle();
  pod("second", asks("500m"));
  settle();
  assert.match(why("second")!, /1 Insufficient cpu. preemption: 0\/1 nodes are available: 1 No preemption victims found for incoming pod.$/);
  api.delete(PODS, api.get(PODS, "default", "first")!, { gracePeriodSeconds: 0 });
  advance(2000);
  assert.equal(where("second"), "a");
});

test("selectors, affinity, anti-affinity and topology spread are held", () => {
  const { node, pod, where, why, settle } = world();
  for (const [name, zone] of [["a", "x"], ["b", "x"], ["c", "y"]] as const) node(name, {}, { zone, ...(name === "c" ? { disk: "ssd" } : {}) });
  pod("selected", { nodeSelector: { disk: "ssd" } });
  pod("affine", { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: "zone", operator: "NotIn", values: ["x"] }] }] } } } });
  pod("nowhere", { nodeSelector: { disk: "tape" } });
  settle();
  assert.deepEqual([where("selected"), where("affine"), where("nowhere")], ["c", "c", undefined]);
  assert.match(why("nowhere")!, /^0\/3 nodes are available: 3 node\(s\) didn't match Pod's node affinity\/selector\. preemption: /);
  const apart: Partial<PodSpec> = { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: { app: "db" } } }] } } };
  for (let n = 0; n < 4; n++) pod(`db-${n}`, apart, { app: "db" });
  settle();
  assert.deepEqual([0, 1, 2, 3].map((n) => where(`db-${n}`)), ["a", "b", "c", undefined]);
  assert.match(why("db-3")!, /3 node\(s\) didn't match pod anti-affinity rules/);
  const even: Partial<PodSpec> = { topologySpreadConstraints: [{ maxSkew: 1, topologyKey: "zone", whenUnsatisfiable: "DoNotSchedule", labelSelector: { matchLabels: { app: "web" } } }] };
  for (let n = 0; n < 4; n++) pod(`web-${n}`, even, { app: "web" });
  settle();
  const zones = [0, 1, 2, 3].map((n) => (where(`web-${n}`) === "c" ? "y" : "x"));
  assert.equal(zones.filter((zone) => zone === "y").length, 2, zones.join());
  const near: Partial<PodSpec> = { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: "zone", labelSelector: { matchLabels: { app: "cache" } } }] } } };
  pod("cache-0", { ...near, nodeSelector: { disk: "ssd" } }, { app: "cache" });
  settle();
  pod("cache-1", near, { app: "cache" });
  settle();
  assert.deepEqual([where("cache-0"), where("cache-1")], ["c", "c"]);
});

test("what is requested of a Pod counts its init containers and sidecars as they run", async () => {
  const { requestsOf } = await import("../controllers/kit/requests.ts");
  const of = (cpu: string, restartPolicy?: string) => ({ name: "c", resources: { requests: { cpu } }, ...(restartPolicy === undefined ? {} : { restartPolicy }) });
  assert.deepEqual(requestsOf({ containers: [of("100m"), of("200m")], initContainers: [of("250m")] }), { cpu: 300 });
  assert.deepEqual(requestsOf({ containers: [of("100m")], initContainers: [of("50m", "Always"), of("1")] }), { cpu: 1050 });
  assert.deepEqual(requestsOf({ containers: [of("1")], initContainers: [of("50m", "Always"), of("100m")] }), { cpu: 1050 });
});
