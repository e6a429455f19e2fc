/**
 * Label selectors in their text form, as in `kubectl -l`: `a=b,c!=d,e in (x,y),f notin (z),g,!h`.
 */
export type LabelMatch = (labels: Readonly<Record<string, string>>) => boolean;

const SET = /^([^\s!=,()]+)\s+(in|notin)\s+\(([^()]*)\)$/;
const EQUAL = /^([^\s!=,()]+)\s*(==|=|!=)\s*([^\s!=,()]*)$/;
const EXISTS = /^(!?)\s*([^\s!=,()]+)$/;

/** Undefined for text that is no selector. The empty text matches everything. */
export function parseSelector(text: string): LabelMatch | undefined {
  const matches: LabelMatch[] = [];
  for (const part of splitTop(text)) {
    const match = requirement(part.trim());
    if (match === undefined) return undefined;
    matches.push(match);
  }
  return (labels) => matches.every((match) => match(labels));
}

function requirement(part: string): LabelMatch | undefined {
  const set = SET.exec(part);
  if (set !== null) {
    const values = new Set(set[3]!.split(",").map((value) => value.trim()));
    return set[2] === "in" ? (labels) => has(labels, set[1]!) && values.has(labels[set[1]!]!) : (labels) => !has(labels, set[1]!) || !values.has(labels[set[1]!]!);
  }
  const equal = EQUAL.exec(part);
  if (equal !== null) {
    const [, key, operator, value] = equal as unknown as [string, string, string, string];
    // As in Kubernetes: an object without the label is unequal to every value.
    return operator === "!=" ? (labels) => !has(labels, key) || labels[key] !== value : (labels) => has(labels, key) && labels[key] === value;
  }
  const exists = EXISTS.exec(part);
  if (exists === null) return undefined;
  return exists[1] === "!" ? (labels) => !has(labels, exists[2]!) : (labels) => has(labels, exists[2]!);
}

function has(labels: Readonly<Record<string, string>>, key: string): boolean {
  return Object.hasOwn(labels, key);
}

/** Splits at commas outside parentheses. */
function splitTop(text: string): string[] {
  if (text.trim() === "") return [];
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === "(") depth++;
    else if (c === ")") depth--;
    else if (c === "," && depth === 0) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  return [...parts, text.slice(start)];
}
