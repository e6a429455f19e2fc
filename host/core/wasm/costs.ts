/**
 * What each function costs, and where it pays. The meter writes these charges, the verifier demands them.
 *
 * A charge stands at the head of a function, at the head of a heavy arm, and before each branch back to a loop's head. What is
 * light is paid with what is around it: a light arm, the first round of a loop, a light function with each call of it. So each
 * instruction is paid before it runs, and whatever can go on for ever - a loop, a recursion - passes a charge each time.
 */
import { ARM_WEIGHT_MIN, HEAD_WEIGHT, PREPAID_WEIGHT_MAX, REPEATING_WEIGHT_MIN } from "./charges.ts";
import type { Segment, Segments, Site } from "./segments.ts";

export interface Costs {
  /** By site: what the charge there takes; 0 if there is none. */
  charges: number[];
  /** What a caller pays for this function with each call of it; 0 if the function pays for itself. */
  prepaid: number;
}

/**
 * The costs of a function. `prepaidOf`: what its callees cost it. `isOpen`: called by others than functions by name, or on a
 * cycle of calls, so that no caller could pay for it.
 */
export function costsOf(segments: Segments, prepaidOf: (callee: number) => number, isOpen: boolean): Costs {
  const { weights, charged } = weigh(segments.list, prepaidOf);
  const isPrepaid = !isOpen && weights[0]! <= PREPAID_WEIGHT_MAX;
  const entry = isPrepaid ? 0 : weights[0]! + HEAD_WEIGHT;
  return { charges: segments.sites.map((site) => chargeAt(site, entry, weights, charged)), prepaid: isPrepaid ? weights[0]! : 0 };
}

/** By segment: its weight with what is paid along with it, and, for arms, whether it pays for itself. */
function weigh(list: readonly Segment[], prepaidOf: (callee: number) => number): { weights: number[]; charged: boolean[] } {
  const weights = list.map((segment) => segment.callees.reduce((sum, callee) => sum + prepaidOf(callee), segment.weight));
  const charged = list.map(() => false);
  const repeats = list.map((segment) => segment.repeats);
  // Inside out: what is inside of a segment has a higher number.
  for (let n = list.length - 1; n > 0; n--) {
    const { kind, parent } = list[n]!;
    charged[n] = kind === "arm" && weights[n]! >= (repeats[n] === true ? REPEATING_WEIGHT_MIN : ARM_WEIGHT_MIN);
    if (charged[n] === true) continue;
    weights[parent]! += weights[n]!;
    if (kind === "arm" && repeats[n] === true) repeats[parent] = true;
  }
  return { weights, charged };
}

function chargeAt(site: Site, entry: number, weights: readonly number[], charged: readonly boolean[]): number {
  switch (site.at) {
    case "entry": return entry;
    case "arm": return charged[site.segment] === true ? weights[site.segment]! + HEAD_WEIGHT : 0;
    case "back": return HEAD_WEIGHT + site.loops.reduce((most, loop) => Math.max(most, weights[loop]!), 0);
  }
}
