/**
 * A platform whose time stands still until somebody moves it: for tests, and for the simulator. The same seed and the same
 * calls make the same life, on every machine.
 *
 * What is synchronous (the embedded cluster and its controllers) is driven by `settle`, `advance` and `runUntil`; where
 * promises take part (the host's runtime), by their namesakes in `withPromises`.
 */
import type { Clock, Digest, Platform, Random, TextCodec, Timers } from "../platform.ts";
import { portableDigest } from "../portable-digest.ts";
import { portableText } from "../portable-text.ts";
import { TimerHeap } from "./timer-heap.ts";

export interface SimulatedOptions {
  seed?: number;
  /** What the clock shows at first, in milliseconds since the Unix epoch. */
  startMs?: number;
  text?: TextCodec;
  digest?: Digest;
}

export interface Simulated {
  readonly platform: Platform;
  /** Runs what is due now and what follows from it, without moving time. */
  settle(): void;
  /** Moves time on, timer by timer, settling at each. */
  advance(ms: number): void;
  /** Moves time on, timer by timer, until `done` says so; false when it hasn't after `withinMs`. */
  runUntil(done: () => boolean, withinMs: number): boolean;
  /** Moves time on without running anything: a process that was paused. */
  freeze(ms: number): void;
  /** Sets the clock on or back; monotonic time, and so every timer, is unmoved. */
  jump(ms: number): void;
  /** When the next timer is due, in monotonic milliseconds. */
  nextDueMs(): number | undefined;
  /**
   * The same for code that awaits. `turn` gives every promise that can go on its turn: a macrotask of the surroundings
   * (`() => new Promise(setImmediate)`), taken once for each instant rather than for each timer.
   */
  withPromises(turn: () => Promise<void>): SimulatedWithPromises;
}

export interface SimulatedWithPromises {
  settle(): Promise<void>;
  advance(ms: number): Promise<void>;
  runUntil(done: () => boolean, withinMs: number): Promise<boolean>;
}

/** A chain of `soon` that never ends would hang without a word. */
const TASKS_PER_INSTANT_MAX = 50_000_000;

export function simulatedPlatform(options: SimulatedOptions = {}): Simulated {
  const { seed = 1, startMs = 1_800_000_000_000, text = portableText, digest = portableDigest } = options;
  const time = new Time(startMs);
  return {
    platform: { clock: time.clock, timers: time.timers, random: seededRandom(seed), text, digest },
    settle: () => time.settle(),
    advance: (ms) => {
      const untilMs = time.nowMs + ms;
      time.settle();
      while (time.step(untilMs)) time.settle();
      time.nowMs = Math.max(time.nowMs, untilMs);
    },
    runUntil: (done, withinMs) => {
      const untilMs = time.nowMs + withinMs;
      time.settle();
      while (!done()) {
        if (!time.step(untilMs)) return false;
        time.settle();
      }
      return true;
    },
    freeze: (ms) => void (time.nowMs += ms),
    jump: (ms) => void (time.epochMs += ms),
    nextDueMs: () => time.heap.peek()?.dueMs,
    withPromises: (turn) => withPromises(time, turn),
  };
}

function withPromises(time: Time, turn: () => Promise<void>): SimulatedWithPromises {
  const settle = async (): Promise<void> => {
    do {
      time.settle();
      await turn();
    } while (time.busy);
  };
  return {
    settle,
    async advance(ms) {
      const untilMs = time.nowMs + ms;
      await settle();
      while (time.step(untilMs)) await settle();
      time.nowMs = Math.max(time.nowMs, untilMs);
    },
    async runUntil(done, withinMs) {
      const untilMs = time.nowMs + withinMs;
      await settle();
      while (!done()) {
        if (!time.step(untilMs)) return false;
        await settle();
      }
      return true;
    },
  };
}

/** Monotonic time, what waits for it, and what runs soon. */
class Time {
  nowMs = 0;
  epochMs: number;
  readonly heap = new TimerHeap();
  #soon: (() => void)[] = [];

  constructor(startMs: number) { this.epochMs = startMs; }

  readonly clock: Clock = { nowMs: () => this.epochMs + this.nowMs, monotonicMs: () => this.nowMs };
  readonly timers: Timers = {
    after: (delayMs, task) => this.heap.add(this.nowMs + Math.max(0, delayMs), task),
    soon: (task) => void this.#soon.push(task),
  };

  /** Something could run without time moving. */
  get busy(): boolean { return this.#soon.length > 0 || (this.heap.peek()?.dueMs ?? Infinity) <= this.nowMs; }

  settle(): void {
    for (let left = TASKS_PER_INSTANT_MAX; this.busy; ) {
      for (let tasks = this.#soon; tasks.length > 0; tasks = this.#soon) {
        this.#soon = [];
        for (const task of tasks) task();
        left -= tasks.length;
        if (left <= 0) throw new Error("simulated time stands still: tasks go on making tasks");
      }
      const due = this.heap.peek();
      if (due === undefined || due.dueMs > this.nowMs) return;
      this.heap.take()!.task();
      left--;
    }
  }

  /** Moves time to the next timer, unless that is behind `untilMs`. */
  step(untilMs: number): boolean {
    const next = this.heap.peek();
    if (next === undefined || next.dueMs > untilMs) return false;
    this.nowMs = Math.max(this.nowMs, next.dueMs);
    return true;
  }
}

/** Uniform numbers from 32 bits of state (Mulberry32): fine for lives of a test, of no use for secrets. */
export function seededRandom(seed: number): Random {
  let state = seed | 0;
  return {
    next() {
      state = (state + 0x6d2b79f5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
    },
  };
}
