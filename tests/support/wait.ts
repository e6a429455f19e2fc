/** Waiting for a condition, so that no test sleeps and hopes. */

/**
 * Polls `condition` until it gives something other than `undefined` or `false`, and returns that. A throw counts as "not yet".
 * Throws after `timeoutMs`, naming `what` and the last thing seen.
 */
export async function until<T>(what: string, condition: () => Promise<T | undefined | false> | T | undefined | false, options?: { timeoutMs?: number; everyMs?: number }): Promise<T> {
  const { timeoutMs = 30_000, everyMs = 25 } = options ?? {};
  const deadline = performance.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const seen = await condition();
      if (seen !== undefined && seen !== false) return seen;
      last = seen;
    } catch (error) {
      last = error instanceof Error ? error.message : error;
    }
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs / 1000} s in vain: ${what} (last: ${String(last)})`);
    await pause(everyMs);
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
