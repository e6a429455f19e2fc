/** Sets of indexes as a Job tells them: "1,3-5,7". */

/** How many, or what is wrong with the text. */
export function countIndexes(text: string, completions: number): number | { readonly wrong: string } {
  if (text === "") return 0;
  let last: number | undefined;
  let total = 0;
  for (const part of text.split(",")) {
    const found = parseInterval(part, completions);
    if (typeof found === "string") return { wrong: found };
    const [first, end] = found;
    if (last !== undefined && last >= first) return { wrong: `non-increasing order, previous: ${last}, current: ${first}` };
    total += end - first + 1;
    last = end;
  }
  return total;
}

function parseInterval(text: string, completions: number): [number, number] | string {
  const limits = text.split("-");
  if (limits.length > 2) return `the fragment ${JSON.stringify(text)} violates the requirement that an index interval can have at most two parts separated by '-'`;
  const numbers: number[] = [];
  for (const limit of limits) {
    if (!/^\+?\d+$/.test(limit)) return `cannot convert string to integer for index: ${JSON.stringify(limit)}`;
    const number = Number(limit);
    if (number >= completions) return `too large index: ${JSON.stringify(limit)}`;
    numbers.push(number);
  }
  const [first, last = numbers[0]] = numbers as [number, number?];
  if (limits.length > 1 && first >= last!) return `non-increasing order, previous: ${first}, current: ${last}`;
  return [first, last!];
}

/** Of two sets; parts that can't be read are passed over. */
export function overlapOf(completed: string, failed: string, completions: number): string | undefined {
  if (completed === "" || failed === "") return undefined;
  const read = (text: string): [number, number][] => text.split(",").map((part) => parseInterval(part, completions)).filter((each) => typeof each !== "string");
  const [done, broken] = [read(completed), read(failed)];
  for (let i = 0, j = 0; i < done.length && j < broken.length;) {
    const [a, b] = [done[i]!, broken[j]!];
    if (a[0] <= b[1] && b[0] <= a[1]) return `failedIndexes and completedIndexes overlap at index: ${Math.max(a[0], b[0])}`;
    if (a[0] <= b[0]) i++;
    else j++;
  }
  return undefined;
}
