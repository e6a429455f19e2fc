import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom, simulatedPlatform } from "./index.ts";

test("timers run in order of time, then of setting; soon before any; cancelled ones never", () => {
  const { platform: { timers, clock }, advance, settle } = simulatedPlatform({ startMs: 1000 });
  const ran: string[] = [];
  timers.after(20, () => ran.push(`late ${clock.nowMs()}`));
  timers.after(10, () => {
    ran.push(`first ${clock.monotonicMs()}`);
    timers.soon(() => ran.push("soon"));
    timers.after(0, () => ran.push("at once"));
  });
  timers.after(10, () => ran.push("second"));
  const never = timers.after(5, () => ran.push("never"));
  never.cancel();
  never.cancel();
  settle();
  assert.deepEqual(ran, []);
  advance(15);
  assert.deepEqual(ran, ["first 10", "soon", "second", "at once"]);
  advance(15);
  assert.deepEqual(ran.slice(4), ["late 1020"]);
  assert.equal(clock.nowMs(), 1030);
});

test("random timers, set and cancelled, come out sorted", () => {
  const seed = Number(process.env.SEED ?? 7);
  const random = seededRandom(seed);
  const { platform: { timers, clock }, advance } = simulatedPlatform({ seed });
  const due: number[] = [];
  const expected: number[] = [];
  for (let n = 0; n < 20_000; n++) {
    const delayMs = Math.floor(random.next() * 1000);
    const timer = timers.after(delayMs, () => due.push(clock.monotonicMs()));
    if (random.next() < 0.7) timer.cancel();
    else expected.push(delayMs);
  }
  advance(1000);
  assert.deepEqual(due, expected.sort((a, b) => a - b), `SEED=${seed}`);
});

test("time runs until something holds, or says that it didn't", () => {
  const { platform: { timers, clock }, runUntil } = simulatedPlatform();
  let beats = 0;
  const beat = (): void => {
    beats++;
    timers.after(1000, beat);
  };
  beat();
  assert.equal(runUntil(() => beats === 5, 60_000), true);
  assert.equal(clock.monotonicMs(), 4000);
  assert.equal(runUntil(() => beats === 50, 10_000), false);
});

test("a clock that jumps moves no timer; a frozen process finds its timers overdue", () => {
  const { platform: { timers, clock }, jump, freeze, settle, advance } = simulatedPlatform({ startMs: 0 });
  let ran = 0;
  timers.after(100, () => ran++);
  jump(-3_600_000);
  settle();
  assert.deepEqual([ran, clock.nowMs(), clock.monotonicMs()], [0, -3_600_000, 0]);
  freeze(500);
  assert.equal(ran, 0);
  advance(0);
  assert.deepEqual([ran, clock.monotonicMs()], [1, 500]);
});

test("promises take their turns between instants", async () => {
  const { platform: { timers, clock }, withPromises } = simulatedPlatform();
  const { advance } = withPromises(() => new Promise((resolve) => setImmediate(resolve)));
  const seen: number[] = [];
  const sleep = (ms: number): Promise<void> => new Promise((resolve) => void timers.after(ms, resolve));
  void (async () => {
    for (let n = 0; n < 3; n++) {
      await sleep(10);
      await Promise.resolve();
      seen.push(clock.monotonicMs());
    }
  })();
  await advance(100);
  assert.deepEqual(seen, [10, 20, 30]);
});

test("random numbers are a function of the seed, and spread", () => {
  const draw = (seed: number): number[] => {
    const random = seededRandom(seed);
    return Array.from({ length: 10_000 }, () => random.next());
  };
  assert.deepEqual(draw(3), draw(3));
  assert.notDeepEqual(draw(3), draw(4));
  const mean = draw(3).reduce((sum, each) => sum + each) / 10_000;
  assert.ok(Math.abs(mean - 0.5) < 0.02 && draw(3).every((each) => each >= 0 && each < 1), String(mean));
});
