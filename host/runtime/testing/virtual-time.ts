/**
 * A platform whose time stands still until a test moves it.
 */
import type { Platform, Timer } from "../../platform/platform.ts";
import { nodePlatform } from "../../platform/node/index.ts";

export interface VirtualTime {
  readonly platform: Platform;
  /** Runs what is due at once, and what follows from it. */
  settle(): Promise<void>;
  /** Moves time on, timer by timer, settling after each. */
  advance(ms: number): Promise<void>;
  /** Moves time on without running any timer: a process that was paused. */
  freeze(ms: number): void;
}

interface Pending { readonly dueMs: number; readonly order: number; readonly task: () => void }

export function virtualTime(startMs = 1_800_000_000_000): VirtualTime {
  let nowMs = 0;
  let order = 0;
  const pending = new Set<Pending>();
  const after = (delayMs: number, task: () => void): Timer => {
    const entry = { dueMs: nowMs + delayMs, order: order++, task };
    pending.add(entry);
    return { cancel: () => void pending.delete(entry) };
  };
  const next = (untilMs: number): Pending | undefined =>
    [...pending].filter(({ dueMs }) => dueMs <= untilMs).sort((a, b) => a.dueMs - b.dueMs || a.order - b.order)[0];
  const settle = async (): Promise<void> => {
    // Promises chain over a few turns; one of real time lets them all run.
    for (let turn = 0; turn < 8; turn++) await new Promise((resolve) => setImmediate(resolve));
    for (let entry = next(nowMs); entry !== undefined; entry = next(nowMs)) {
      pending.delete(entry);
      entry.task();
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const { text, digest } = nodePlatform();
  let seed = 1;
  return {
    platform: {
      clock: { nowMs: () => startMs + nowMs, monotonicMs: () => nowMs },
      timers: { after, soon: (task) => queueMicrotask(task) },
      random: { next: () => ((seed = (seed * 16807) % 2147483647) - 1) / 2147483646 },
      text, digest,
    },
    settle,
    async advance(ms) {
      const untilMs = nowMs + ms;
      await settle();
      for (let entry = next(untilMs); entry !== undefined; entry = next(untilMs)) {
        nowMs = Math.max(nowMs, entry.dueMs);
        pending.delete(entry);
        entry.task();
        await settle();
      }
      nowMs = untilMs;
      await settle();
    },
    freeze: (ms) => void (nowMs += ms),
  };
}
