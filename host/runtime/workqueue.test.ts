import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { virtualTime } from "./testing/virtual-time.ts";
import { WorkQueue } from "./workqueue.ts";

function queue(concurrency = 2) {
  const time = virtualTime();
  const started: string[] = [];
  const open = new Map<string, () => void>();
  const q = new WorkQueue({ name: "q", clock: time.platform.clock, timers: time.platform.timers, concurrency });
  q.start((key) => {
    started.push(key);
    return new Promise((resolve) => open.set(key, resolve));
  });
  return { q, time, started, finish: (key: string) => open.get(key)!() };
}

describe("the work queue", () => {
  it("is first in, first out, one entry an object, bounded", async () => {
    const { q, time, started, finish } = queue();
    for (const key of ["a", "b", "c", "a", "c"]) q.add(key);
    await time.settle();
    assert.deepEqual(started, ["a", "b"]);
    finish("b");
    await time.settle();
    assert.deepEqual(started, ["a", "b", "c"]);
  });

  it("never runs an object twice at a time, and runs it again when it was queued meanwhile", async () => {
    const { q, time, started, finish } = queue();
    q.add("a");
    await time.settle();
    q.add("a");
    q.add("a");
    await time.settle();
    assert.deepEqual(started, ["a"]);
    finish("a");
    await time.settle();
    assert.deepEqual(started, ["a", "a"]);
    finish("a");
    await time.settle();
    assert.deepEqual(started, ["a", "a"]);
  });

  it("holds an object back after a failure: a heartbeat doesn't free it, its own change does", async () => {
    const { q, time, started, finish } = queue();
    q.add("a");
    await time.settle();
    q.hold("a", 1000);
    finish("a");
    q.add("a");
    await time.advance(999);
    assert.equal(started.length, 1);
    await time.advance(1);
    assert.equal(started.length, 2);
    q.hold("a", 1000);
    finish("a");
    q.add("a", true);
    await time.settle();
    assert.equal(started.length, 3);
  });

  it("does not lose an object's own change that came while it failed", async () => {
    const { q, time, started, finish } = queue();
    q.add("a");
    await time.settle();
    q.add("a", true);
    q.hold("a", 60_000);
    finish("a");
    await time.settle();
    assert.equal(started.length, 2);
  });

  it("takes the earlier of two delays, and forgets it when something comes first", async () => {
    const { q, time, started, finish } = queue();
    q.addAfter("a", 500);
    q.addAfter("a", 100);
    q.addAfter("a", 900);
    await time.advance(100);
    assert.equal(started.length, 1);
    finish("a");
    await time.advance(2000);
    assert.equal(started.length, 1);
  });

  it("lets others go on while one fails again and again", async () => {
    const time = virtualTime();
    const done: string[] = [];
    const q = new WorkQueue({ name: "q", clock: time.platform.clock, timers: time.platform.timers, concurrency: 1 });
    q.start(async (key) => {
      done.push(key);
      if (key === "poison") q.hold(key, 50);
    });
    for (let i = 0; i < 100; i++) {
      q.add("poison");
      q.add(`k${i}`);
    }
    await time.settle();
    assert.equal(done.filter((key) => key.startsWith("k")).length, 100);
    assert.equal(done.filter((key) => key === "poison").length, 1);
  });

  it("waits for what is under way when it stops, and starts nothing more", async () => {
    const { q, time, started, finish } = queue(1);
    q.add("a");
    q.add("b");
    await time.settle();
    let stopped = false;
    const stopping = q.stop().then(() => (stopped = true));
    await time.settle();
    assert.equal(stopped, false);
    finish("a");
    await stopping;
    await time.settle();
    assert.deepEqual(started, ["a"]);
  });
});
