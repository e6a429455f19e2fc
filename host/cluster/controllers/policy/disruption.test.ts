import assert from "node:assert/strict";
import { test } from "node:test";
import { world } from "../../testing/world.ts";
import { DEPLOYMENTS } from "../../typed/apps.ts";
import { PODS } from "../../typed/core.ts";
import { AUTOSCALERS, BUDGETS, type PodDisruptionBudget } from "../../typed/others.ts";

function guarded(replicas: number, spec: PodDisruptionBudget["spec"]) {
  const made = world({ timing: { pullMs: 0 } });
  const { api, advance } = made;
  const labels = { app: "web" };
  api.create(DEPLOYMENTS, { metadata: { name: "web", namespace: "default" }, spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [{ name: "main", image: "nginx" }] } }, strategy: { type: "RollingUpdate" } } });
  api.create(BUDGETS, { metadata: { name: "web", namespace: "default" }, spec: { selector: { matchLabels: labels }, ...spec } });
  advance(2000);
  return {
    ...made,
    counts: () => { const { status } = made.get(BUDGETS, "web"); return [status!.expectedPods, status!.desiredHealthy, status!.currentHealthy, status!.disruptionsAllowed]; },
    evict: (name: string) => api.post(PODS, made.pod(name), "eviction", { apiVersion: "policy/v1", kind: "Eviction", metadata: { name, namespace: "default" } }),
  };
}

test("a budget counts who is healthy, by number and by share", () => {
  assert.deepEqual(guarded(4, { minAvailable: 3 }).counts(), [4, 3, 4, 1]);
  assert.deepEqual(guarded(4, { maxUnavailable: "50%" }).counts(), [4, 2, 4, 2]);
  assert.deepEqual(guarded(3, { minAvailable: "50%" }).counts(), [3, 2, 3, 1]);
  assert.deepEqual(guarded(2, { minAvailable: 3 }).counts(), [2, 3, 2, 0]);
});

test("evictions spend the budget, and are refused when it is spent", () => {
  const { counts, evict, list, settle, advance, get } = guarded(3, { minAvailable: 2 });
  const [first, second] = list(PODS).map(({ metadata }) => metadata.name);
  assert.equal(get(BUDGETS, "web").status!.conditions![0]!.reason, "SufficientPods");
  evict(first!);
  assert.throws(() => evict(second!), /Cannot evict pod as it would violate the pod's disruption budget/);
  settle();
  assert.equal(get(BUDGETS, "web").status!.conditions![0]!.reason, "InsufficientPods");
  advance(60_000);
  assert.deepEqual(counts(), [3, 2, 3, 1]);
  evict(second!);
});

test("an autoscaler keeps to its bounds, and says that it sees no metrics", () => {
  const { api, advance, get } = guarded(1, { minAvailable: 0 });
  api.create(AUTOSCALERS, { metadata: { name: "web", namespace: "default" }, spec: { scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" }, minReplicas: 2, maxReplicas: 4 } });
  advance(60_000);
  assert.equal(get(DEPLOYMENTS, "web").spec.replicas, 2);
  assert.deepEqual(get(AUTOSCALERS, "web").status!.conditions!.map(({ type, status, reason }) => `${type} ${status} ${reason}`), ["AbleToScale True SucceededGetScale", "ScalingActive False FailedGetResourceMetric"]);
});
