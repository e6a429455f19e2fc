import assert from "node:assert/strict";
import { test } from "node:test";
import { world } from "../../testing/world.ts";
import { DAEMON_SETS, type DaemonSet } from "../../typed/apps.ts";
import { NODES, PODS } from "../../typed/core.ts";
import type { New } from "../kit/api.ts";

const agent = (image = "agent:1", more: Partial<DaemonSet["spec"]> = {}): New<DaemonSet> => ({
  metadata: { name: "agent", namespace: "default" },
  spec: {
    selector: { matchLabels: { app: "agent" } }, updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } }, revisionHistoryLimit: 10,
    template: { metadata: { labels: { app: "agent" } }, spec: { containers: [{ name: "main", image }] } }, ...more,
  },
});

function daemons() {
  const made = world({ timing: { pullMs: 0 } });
  return {
    ...made,
    set: () => made.get(DAEMON_SETS, "agent"),
    where: () => made.list(PODS).filter(({ metadata }) => metadata.deletionTimestamp === undefined).map(({ spec }) => `${spec.nodeName} ${spec.containers[0]!.image}`).sort(),
    change: (change: Partial<DaemonSet["spec"]>) => {
      const live = made.get(DAEMON_SETS, "agent");
      made.api.update(DAEMON_SETS, { ...live, spec: { ...live.spec, ...change } });
    },
  };
}

test("one Pod on each node that will have it, also on nodes that come later", () => {
  const { api, advance, nodes, set, where, get } = daemons();
  api.create(DAEMON_SETS, agent());
  advance(2000);
  assert.deepEqual(where(), ["n1 agent:1", "n2 agent:1", "n3 agent:1"]);
  const { status } = set();
  assert.deepEqual([status!.desiredNumberScheduled, status!.currentNumberScheduled, status!.numberReady, status!.updatedNumberScheduled, status!.numberAvailable, status!.numberMisscheduled], [3, 3, 3, 3, 3, 0]);
  nodes.add({ name: "n4" });
  api.patch(NODES, get(NODES, "n1"), { spec: { taints: [{ key: "only", value: "db", effect: "NoExecute" }] } });
  advance(60_000);
  assert.deepEqual(where(), ["n2 agent:1", "n3 agent:1", "n4 agent:1"]);
  assert.equal(set().status!.desiredNumberScheduled, 3);
});

test("an update takes down as many at a time as may be unavailable", () => {
  const { api, advance, runUntil, set, where, change, list } = daemons();
  api.create(DAEMON_SETS, agent());
  advance(2000);
  change({ template: agent("agent:2").spec.template });
  let least = 3;
  assert.ok(runUntil(() => {
    least = Math.min(least, set().status!.numberAvailable ?? 0);
    return set().status!.updatedNumberScheduled === 3 && set().status!.numberAvailable === 3;
  }, 300_000));
  assert.equal(least, 2);
  assert.deepEqual(where(), ["n1 agent:2", "n2 agent:2", "n3 agent:2"]);
  assert.equal(new Set(list(PODS).map(({ metadata }) => metadata.labels!["controller-revision-hash"])).size, 1);
});

test("with a surge, nobody goes before the next is there", () => {
  const { api, advance, runUntil, set, change } = daemons();
  api.create(DAEMON_SETS, agent("agent:1", { updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } }));
  advance(2000);
  change({ template: agent("agent:2").spec.template });
  let least = 3;
  assert.ok(runUntil(() => {
    least = Math.min(least, set().status!.numberAvailable ?? 0);
    return set().status!.updatedNumberScheduled === 3 && set().status!.numberAvailable === 3;
  }, 300_000));
  assert.equal(least, 3);
});
