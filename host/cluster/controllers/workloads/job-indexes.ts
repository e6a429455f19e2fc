/** Sets of completion indexes, kept and written as intervals: "0,2-5". */
export type Indexes = readonly (readonly [first: number, last: number])[];

/** What is no interval, or beyond the completions, is left out. */
export function parseIndexes(text: string | undefined, completions: number): Indexes {
  const intervals: [number, number][] = [];
  for (const part of (text ?? "").split(",")) {
    const found = /^(\d+)(?:-(\d+))?$/.exec(part);
    if (found === null) continue;
    const [first, last] = [Number(found[1]), Number(found[2] ?? found[1])];
    if (first < completions) intervals.push([first, Math.min(last, completions - 1)]);
  }
  return joined(intervals);
}

export function withIndexes(indexes: Indexes, more: Iterable<number>): Indexes {
  return joined([...indexes.map(([first, last]): [number, number] => [first, last]), ...Array.from(more, (index): [number, number] => [index, index])]);
}
export function merged(a: Indexes, b: Indexes): Indexes { return joined([...a, ...b].map(([first, last]): [number, number] => [first, last])); }

export function countOf(indexes: Indexes): number { return indexes.reduce((count, [first, last]) => count + last - first + 1, 0); }
export function hasIndex(indexes: Indexes, index: number): boolean { return indexes.some(([first, last]) => first <= index && index <= last); }
/** How many are in both. */
export function overlap(a: Indexes, b: Indexes): number {
  let count = 0;
  for (const [first, last] of a) for (const [otherFirst, otherLast] of b) count += Math.max(0, Math.min(last, otherLast) - Math.max(first, otherFirst) + 1);
  return count;
}

export function textOfIndexes(indexes: Indexes): string {
  return indexes.map(([first, last]) => (last === first ? `${first}` : last === first + 1 ? `${first},${last}` : `${first}-${last}`)).join(",");
}

/** The smallest `count` indexes below `completions` that are not in `taken`. */
export function firstFree(taken: Indexes, count: number, completions: number): number[] {
  const free: number[] = [];
  let candidate = 0;
  for (const [first, last] of [...taken, [completions, completions] as const]) {
    for (; candidate < Math.min(first, completions) && free.length < count; candidate++) free.push(candidate);
    candidate = Math.max(candidate, last + 1);
  }
  return free;
}

function joined(intervals: [number, number][]): Indexes {
  const result: [number, number][] = [];
  for (const [first, last] of intervals.sort((a, b) => a[0] - b[0])) {
    const before = result.at(-1);
    if (before !== undefined && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else result.push([first, last]);
  }
  return result;
}
