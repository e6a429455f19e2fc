/**
 * Time, timers and randomness of the machine.
 */
import { randomFillSync } from "node:crypto";
import type { Clock, Random, Timers } from "../platform.ts";

export const nodeClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};

/** setTimeout's own limit; beyond it Node would fire at once. */
const DELAY_MS_MAX = 2 ** 31 - 1;

export const nodeTimers: Timers = {
  after(delayMs, task) {
    const timer = setTimeout(task, Math.min(Math.max(delayMs, 0), DELAY_MS_MAX));
    return { cancel: () => clearTimeout(timer) };
  },
  soon: (task) => process.nextTick(task),
};

const pool = new Uint32Array(1024);
let used = pool.length;

/** 53 bits from the system's generator, drawn in bulk: good enough to make keys of. */
export const nodeRandom: Random = {
  next() {
    if (used + 2 > pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    const high = pool[used]! >>> 5;
    const low = pool[used + 1]! >>> 6;
    pool.fill(0, used, used + 2);
    used += 2;
    return (high * 2 ** 26 + low) / 2 ** 53;
  },
};
