/**
 * Builds the text of an Observed by putting texts together: nothing is parsed, so integers keep their digits, and the
 * same cache gives the same bytes.
 */
import type { CachedObject, Projection } from "./contracts.ts";

/** An object and the projection that its kind is seen through. */
export interface Seen { readonly object: CachedObject; readonly projection: Projection }

export interface ObservedParts {
  /** RFC 3339 with milliseconds. */
  readonly now: string;
  readonly primary: Seen;
  /** Sorted, as are the strays. */
  readonly owned: readonly Seen[];
  readonly strays: readonly Seen[];
  /** Question id -> the answer's JSON text. */
  readonly answers: ReadonlyMap<string, string>;
  /** JSON text of an array of results. */
  readonly lastResults: string;
}

export function observedText(parts: ObservedParts): string {
  const { now, primary, owned, strays, answers, lastResults } = parts;
  return `{"protocol":1,"mode":"reconcile","now":"${now}","primary":${primary.object.text(primary.projection)},"owned":${listText(owned)}`
    + `,"strays":${listText(strays)},"answers":${answersText(answers)},"lastResults":${lastResults}}`;
}

function listText(seen: readonly Seen[]): string {
  let text = "[";
  for (let i = 0; i < seen.length; i++) {
    if (i > 0) text += ",";
    text += seen[i]!.object.text(seen[i]!.projection);
  }
  return `${text}]`;
}

function answersText(answers: ReadonlyMap<string, string>): string {
  if (answers.size === 0) return "{}";
  return `{${[...answers.keys()].sort().map((id) => `${JSON.stringify(id)}:${answers.get(id)!}`).join(",")}}`;
}
