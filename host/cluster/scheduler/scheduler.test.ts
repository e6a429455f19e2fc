import assert from "node:assert/strict";
import { test } from "node:test";
import { world } from "../testing/world.ts";
import { EVENTS, NODES, PODS, type Node, type PodSpec } from "../typed/core.ts";

/** Nodes that are only said to be there. */
function places() {
  const made = world({ nodes: 0 });
  const { api, kit } = made;
  return {
    ...made,
    node: (name: string, spec: Node["spec"] = {}, labels: { [label: string]: string } = {}, allocatable: { [resource: string]: string } = {}) => {
      const node = api.create(NODES, { metadata: { name, labels: { "kubernetes.io/hostname": name, ...labels } }, spec: { ...spec, taints: spec.taints ?? [] } });
      const ready = { type: "Ready", status: "True" as const, lastHeartbeatTime: kit.now(), lastTransitionTime: kit.now(), reason: "KubeletReady", message: "" };
      const all = { cpu: "4", memory: "8Gi", pods: "110", ...allocatable };
      api.updateStatus(NODES, { ...node, status: { capacity: all, allocatable: all, conditions: [ready] } });
    },
    put: (name: string, spec: Partial<PodSpec> = {}, labels?: { [label: string]: string }) => made.run(name, spec, labels),
    where: (name: string) => made.pod(name).spec.nodeName,
    why: (name: string) => made.pod(name).status?.conditions?.find(({ type }) => type === "PodScheduled")?.message,
  };
}
const asks = (cpu: string): Partial<PodSpec> => ({ containers: [{ name: "main", image: "x", resources: { requests: { cpu } } }] });

test("Pods spread over nodes with room, in an order that is always the same", () => {
  const { node, put, where, settle } = places();
  for (const name of ["a", "b", "c"]) node(name);
  for (let n = 0; n < 6; n++) put(`p${n}`);
  settle();
  assert.deepEqual([0, 1, 2, 3, 4, 5].map((n) => where(`p${n}`)), ["a", "b", "c", "a", "b", "c"]);
});

test("a Pod that fits nowhere is told why, for each node, and goes where a change lets it", () => {
  const { api, node, put, where, why, settle, advance, kit } = places();
  put("early");
  settle();
  assert.equal(why("early"), "no nodes available to schedule pods");
  node("tainted", { taints: [{ key: "only", value: "db", effect: "NoSchedule" }] });
  node("small", {}, {}, { cpu: "1", memory: "1Gi" });
  node("closed", { unschedulable: true });
  advance(1000);
  assert.equal(where("early"), "small");
  put("large", { containers: [{ name: "main", image: "x", resources: { requests: { cpu: "2", memory: "2Gi" } } }] });
  settle();
  assert.equal(why("large"), "0/3 nodes are available: 1 Insufficient cpu, 1 Insufficient memory, 1 node(s) had untolerated taint(s), 1 node(s) were unschedulable. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.");
  assert.ok(kit.store(EVENTS).list().some(({ reason, message }) => reason === "FailedScheduling" && message === why("large")));
  const closed = api.get(NODES, undefined, "closed")!;
  api.update(NODES, { ...closed, spec: {} });
  advance(10_000);
  assert.equal(where("large"), "closed");
});

test("room that Pods give back is taken", () => {
  const { api, node, put, where, why, settle, advance } = places();
  node("a", {}, {}, { cpu: "1" });
  put("first", asks("800m"));
  settle();
  put("second", asks("500m"));
  settle();
  assert.match(why("second")!, /1 Insufficient cpu. preemption: 0\/1 nodes are available: 1 No preemption victims found for incoming pod.$/);
  api.delete(PODS, api.get(PODS, "default", "first")!, { gracePeriodSeconds: 0 });
  advance(2000);
  assert.equal(where("second"), "a");
});

test("selectors, affinity, anti-affinity and topology spread are held", () => {
  const { node, put, where, why, settle } = places();
  for (const [name, zone] of [["a", "x"], ["b", "x"], ["c", "y"]] as const) node(name, {}, { zone, ...(name === "c" ? { disk: "ssd" } : {}) });
  put("selected", { nodeSelector: { disk: "ssd" } });
  put("affine", { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: "zone", operator: "NotIn", values: ["x"] }] }] } } } });
  put("nowhere", { nodeSelector: { disk: "tape" } });
  settle();
  assert.deepEqual([where("selected"), where("affine"), where("nowhere")], ["c", "c", undefined]);
  assert.match(why("nowhere")!, /^0\/3 nodes are available: 3 node\(s\) didn't match Pod's node affinity\/selector\. preemption: /);
  const apart: Partial<PodSpec> = { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: { app: "db" } } }] } } };
  for (let n = 0; n < 4; n++) put(`db-${n}`, apart, { app: "db" });
  settle();
  assert.deepEqual([0, 1, 2, 3].map((n) => where(`db-${n}`)), ["a", "b", "c", undefined]);
  assert.match(why("db-3")!, /3 node\(s\) didn't match pod anti-affinity rules/);
  const even: Partial<PodSpec> = { topologySpreadConstraints: [{ maxSkew: 1, topologyKey: "zone", whenUnsatisfiable: "DoNotSchedule", labelSelector: { matchLabels: { app: "web" } } }] };
  for (let n = 0; n < 4; n++) put(`web-${n}`, even, { app: "web" });
  settle();
  const zones = [0, 1, 2, 3].map((n) => (where(`web-${n}`) === "c" ? "y" : "x"));
  assert.equal(zones.filter((zone) => zone === "y").length, 2, zones.join());
  const near: Partial<PodSpec> = { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: "zone", labelSelector: { matchLabels: { app: "cache" } } }] } } };
  put("cache-0", { ...near, nodeSelector: { disk: "ssd" } }, { app: "cache" });
  settle();
  put("cache-1", near, { app: "cache" });
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
