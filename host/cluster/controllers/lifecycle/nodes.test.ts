import assert from "node:assert/strict";
import { test } from "node:test";
import { world } from "../../testing/world.ts";
import { DEPLOYMENTS } from "../../typed/apps.ts";
import { NODES, PODS } from "../../typed/core.ts";
import { LEASES } from "../../typed/others.ts";

function fleet() {
  const made = world({ timing: { pullMs: 0 } });
  const ready = (name: string): string => made.get(NODES, name).status!.conditions!.find(({ type }) => type === "Ready")!.status;
  return {
    ...made, ready,
    taints: (name: string) => (made.get(NODES, name).spec.taints ?? []).map(({ key, effect }) => `${key.replace("node.kubernetes.io/", "")}:${effect}`).sort(),
    web: (replicas: number) => {
      made.api.create(DEPLOYMENTS, {
        metadata: { name: "web", namespace: "default" },
        spec: { replicas, selector: { matchLabels: { app: "web" } }, template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "main", image: "nginx" }] } }, strategy: { type: "RollingUpdate" } },
      });
      made.advance(2000);
    },
    on: (node: string) => made.list(PODS).filter(({ spec, metadata }) => spec.nodeName === node && metadata.deletionTimestamp === undefined).length,
  };
}

test("nodes register, are ready, and renew their leases", () => {
  const { list, advance, ready, taints } = fleet();
  assert.deepEqual(list(NODES).map(({ metadata }) => metadata.name), ["n1", "n2", "n3"]);
  const [before] = list(LEASES);
  advance(30_000);
  assert.notEqual(list(LEASES)[0]!.spec.renewTime, before!.spec.renewTime);
  assert.deepEqual([ready("n1"), taints("n1")], ["True", []]);
});

test("a node that falls silent is unreachable; its Pods are not ready, then evicted, and made elsewhere", () => {
  const { web, advance, nodes, ready, taints, list, on, get, events } = fleet();
  web(3);
  assert.equal(on("n1"), 1);
  nodes.get("n1").fail();
  advance(45_000);
  assert.equal(ready("n1"), "True");
  advance(20_000);
  assert.equal(ready("n1"), "Unknown");
  assert.deepEqual(taints("n1"), ["unreachable:NoExecute", "unreachable:NoSchedule"]);
  assert.equal(list(PODS).find(({ spec }) => spec.nodeName === "n1")!.status!.conditions!.find(({ type }) => type === "Ready")!.status, "False");
  assert.equal(get(DEPLOYMENTS, "web").status!.availableReplicas, 2);
  advance(310_000);
  assert.deepEqual([on("n1"), on("n2") + on("n3")], [0, 3]);
  const [stuck] = list(PODS).filter(({ spec }) => spec.nodeName === "n1");
  assert.equal(stuck!.status!.conditions!.find(({ type }) => type === "DisruptionTarget")!.reason, "DeletionByTaintManager");
  assert.ok(events().includes(`TaintManagerEviction: Marking for deletion Pod default/${stuck!.metadata.name}`));
  nodes.get("n1").recover();
  advance(60_000);
  assert.deepEqual([ready("n1"), taints("n1"), list(PODS).length], ["True", [], 3]);
});

test("a node that is cut off and comes back in time keeps its Pods", () => {
  const { web, advance, nodes, ready, taints, list, events } = fleet();
  web(3);
  const before = list(PODS).map(({ metadata }) => metadata.uid).sort();
  nodes.get("n2").partition();
  advance(120_000);
  assert.equal(ready("n2"), "Unknown");
  nodes.get("n2").heal();
  advance(10_000);
  assert.deepEqual([ready("n2"), taints("n2"), list(PODS).map(({ metadata }) => metadata.uid).sort()], ["True", [], before]);
  assert.equal(list(PODS).every(({ status }) => status!.conditions!.some(({ type, status: is }) => type === "Ready" && is === "True")), true);
  assert.ok(events().some((event) => event.startsWith("TaintManagerEviction: Cancelling deletion of Pod default/web-")));
});

test("when all are silent at once, nobody is evicted", () => {
  const { web, advance, nodes, taints, list } = fleet();
  web(3);
  for (const name of ["n1", "n2", "n3"]) nodes.get(name).partition();
  advance(600_000);
  assert.deepEqual(taints("n1"), ["unreachable:NoSchedule"]);
  assert.equal(list(PODS).some(({ metadata }) => metadata.deletionTimestamp !== undefined), false);
});

test("Pods of a node that is deleted are taken away after a while", () => {
  const { web, api, advance, nodes, get, list, on } = fleet();
  web(3);
  nodes.get("n3").fail();
  api.delete(NODES, get(NODES, "n3"));
  advance(180_000);
  assert.deepEqual([on("n3"), list(PODS).length], [0, 3]);
});

test("a node that is drained by hand takes no more", () => {
  const { web, api, get, taints, settle, advance, on } = fleet();
  api.patch(NODES, get(NODES, "n1"), { spec: { unschedulable: true } });
  settle();
  assert.deepEqual(taints("n1"), ["unschedulable:NoSchedule"]);
  web(4);
  assert.equal(on("n1"), 0);
  api.patch(NODES, get(NODES, "n1"), { spec: { unschedulable: null } });
  advance(1000);
  assert.deepEqual(taints("n1"), []);
});
