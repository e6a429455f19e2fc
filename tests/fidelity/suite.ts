/** The random scripts of a seed, and what a run amounts to by feature. */
import { SAMPLES } from "./objects.ts";
import type { Script } from "./declare.ts";
import type { Comparison } from "./script.ts";
import { randomScript, randomWatch } from "./scripts/random.ts";

/** `count` requests for each kind and feature; fewer where a feature is the same for all kinds. */
export function randomScripts(seed: number, count: number): Script[] {
  const kinds = Object.keys(SAMPLES);
  const few = Math.ceil(count / 4);
  return [
    ...["objects", "patch", "apply"].flatMap((feature) => kinds.map((kind, n) => randomScript(feature, kind, seed + n, count))),
    ...["list", "delete"].flatMap((feature) => kinds.map((kind, n) => randomScript(feature, kind, seed + n, few))),
    ...kinds.map((kind, n) => randomWatch(kind, seed + n, few)),
  ];
}

/** Scripts with a difference that is known and not mended yet, by name, with what it is. A run says that it leaves them out. */
export const KNOWN: ReadonlyMap<string, string> = new Map([
  ["watch random-ServiceAccount-3", "an orphan finalizer that a second deletion keeps on the real server"],
]);

export interface Tally { readonly feature: string; scripts: number; requests: number; refused: number; wrong: number }

export function tally(results: readonly Comparison[]): Tally[] {
  const found = new Map<string, Tally>();
  for (const { script: { feature }, requests, refused, mismatches } of results) {
    const row = found.get(feature) ?? { feature, scripts: 0, requests: 0, refused: 0, wrong: 0 };
    found.set(feature, row);
    row.scripts++;
    row.requests += requests;
    row.refused += refused;
    if (mismatches.length > 0) row.wrong++;
  }
  return [...found.values()].sort((a, b) => (a.feature < b.feature ? -1 : 1));
}

export function table(rows: readonly Tally[]): string {
  const lines = rows.map((row) => `${row.feature.padEnd(14)} ${String(row.scripts).padStart(7)} ${String(row.requests).padStart(8)} ${String(row.refused).padStart(7)} ${String(row.wrong).padStart(9)}`);
  return [`${"feature".padEnd(14)} scripts requests refused different`, ...lines].join("\n");
}

const REQUESTS_MIN = 10_000;
const PER_FEATURE_MIN = 200;

/** What a whole run must have for its result to mean something: enough requests, half of them refused. */
export function shortOf(rows: readonly Tally[]): string[] {
  const requests = rows.reduce((sum, row) => sum + row.requests, 0);
  const refused = rows.reduce((sum, row) => sum + row.refused, 0);
  return [
    ...(requests < REQUESTS_MIN ? [`${requests} requests, ${REQUESTS_MIN} wanted`] : []),
    ...(refused * 2 < requests ? [`${refused} of ${requests} requests refused, half of them wanted`] : []),
    ...rows.filter((row) => row.requests < PER_FEATURE_MIN).map((row) => `${row.requests} requests for ${row.feature}, ${PER_FEATURE_MIN} wanted`),
  ];
}
