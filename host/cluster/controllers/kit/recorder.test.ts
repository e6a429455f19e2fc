import assert from "node:assert/strict";
import { test } from "node:test";
import { simulatedPlatform } from "../../../platform/simulated/index.ts";
import { world } from "../../testing/world.ts";
import { CONFIG_MAPS, EVENTS } from "../../typed/core.ts";
import { Line } from "./line.ts";

function reporter() {
  const made = world({ nodes: 0 });
  const events = made.kit.recorder("tester", "tester");
  const thing = made.api.create(CONFIG_MAPS, { metadata: { name: "thing", namespace: "default" } });
  return { ...made, thing, events, said: () => made.list(EVENTS).map(({ reason, message, count }) => `${reason} ${message} ${count}`) };
}

test("the same again counts up; many alike become one; too much of one object is not heard", () => {
  const { thing, events, said, list } = reporter();
  for (let n = 0; n < 3; n++) events.normal(thing, "Same", "as before");
  assert.deepEqual(said(), ["Same as before 3"]);
  for (let n = 0; n < 12; n++) events.normal(thing, "Alike", `number ${n}`);
  assert.deepEqual(said().slice(9), ["Alike number 8 1", "Alike (combined from similar events): number 11 3"]);
  for (let n = 0; n < 20; n++) events.normal(thing, `More${n}`, "");
  assert.equal(list(EVENTS).length, 1 + 10 + 10);
  const [event] = list(EVENTS);
  assert.match(event!.metadata.name, /^thing\.[0-9a-f]{16}$/);
  assert.deepEqual(event!.involvedObject, { kind: "ConfigMap", namespace: "default", name: "thing", uid: thing.metadata.uid, apiVersion: "v1", resourceVersion: thing.metadata.resourceVersion });
});

test("Events live for an hour", () => {
  const { thing, events, list, advance } = reporter();
  events.normal(thing, "Old", "");
  advance(1_800_000);
  events.normal(thing, "Young", "");
  advance(1_830_000);
  assert.deepEqual(list(EVENTS).map(({ reason }) => reason), ["Young"]);
});

test("a line lets some through at once, the rest as time goes on, and drops what is too much", () => {
  const { platform: { clock, timers }, advance } = simulatedPlatform();
  const line = new Line({ burst: 10, perSecond: 5, waitingMax: 20, monotonicMs: () => clock.monotonicMs(), after: (ms, task) => timers.after(ms, task) });
  let done = 0;
  for (let n = 0; n < 50; n++) line.push(() => done++);
  assert.deepEqual([done, line.waiting, line.dropped], [10, 20, 20]);
  advance(2000);
  assert.equal(done, 20);
  advance(10_000);
  assert.deepEqual([done, line.waiting], [30, 0]);
});
