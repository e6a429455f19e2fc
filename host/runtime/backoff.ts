/**
 * How long to wait after the n-th failure in a row: doubling from a base to a ceiling, with jitter so that objects which
 * failed together don't come back together.
 */
import type { Random } from "../platform/platform.ts";

export interface BackoffOptions { baseMs: number; ceilingMs: number }
export const PASS_BACKOFF: BackoffOptions = { baseMs: 100, ceilingMs: 300_000 };

/** Between half and the whole of the doubled delay. `failures` counts from 1. */
export function backoffMs(failures: number, random: Random, options: BackoffOptions = PASS_BACKOFF): number {
  const whole = Math.min(options.ceilingMs, options.baseMs * 2 ** Math.min(failures - 1, 30));
  return whole * (0.5 + random.next() / 2);
}
