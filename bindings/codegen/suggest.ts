/**
 * "Did you mean ...?": the candidate nearest to what was written, if it is near enough to be worth saying.
 */

/** The nearest candidate, or undefined. Case never counts; ties go to the first in alphabetical order. */
export function nearest(written: string, candidates: Iterable<string>): string | undefined {
  const wanted = written.toLowerCase();
  // A third of the word may be wrong: more, and the guess would puzzle rather than help.
  let allowed = Math.max(1, Math.floor(wanted.length / 3));
  let best: string | undefined;
  for (const candidate of [...candidates].sort()) {
    const distance = editDistance(wanted, candidate.toLowerCase(), allowed);
    if (distance < allowed || (distance === allowed && best === undefined)) {
      best = candidate;
      allowed = distance;
    }
  }
  return best ?? byBeginning(wanted, [...candidates]);
}

/** "ownerRef" for "ownerReference": the only candidate with the same first half. */
function byBeginning(wanted: string, candidates: string[]): string | undefined {
  const half = wanted.slice(0, Math.max(4, Math.ceil(wanted.length / 2)));
  const alike = candidates.filter((candidate) => candidate.toLowerCase().startsWith(half));
  return wanted.length >= 4 && alike.length === 1 ? alike[0] : undefined;
}

/** "Did you mean 'x'?", or undefined when nothing is near. */
export function didYouMean(written: string, candidates: Iterable<string>): string | undefined {
  const best = nearest(written, candidates);
  return best === undefined ? undefined : `Did you mean '${best}'?`;
}

/** "Did you mean 'x'?", or else the whole choice. */
export function oneOf(written: string, candidates: readonly string[]): string {
  return didYouMean(written, candidates) ?? `It can be ${listOf(candidates)}.`;
}

/** "a, b or c". */
export function listOf(words: readonly string[], last = "or"): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} ${last} ${words.at(-1)}`;
}

/** Damerau-Levenshtein (neighbours swapped count once); returns `limit + 1` as soon as it is more than `limit`. */
export function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(above[j]! + 1, row[j - 1]! + 1, above[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, before[j - 2]! + 1);
      row.push(cost);
    }
    if (Math.min(...row) > limit) return limit + 1;
    [before, above] = [above, row];
  }
  return above[b.length]!;
}
