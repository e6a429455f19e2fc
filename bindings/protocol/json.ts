/**
 * JSON without loss: integers beyond 2^53 come as `bigint` and go out as they came.
 *
 * `JSON.parse` does the work whenever the text holds no number long enough to be at risk.
 */
import type { Json } from "./types.ts";

/** 16 digits in a row, outside or inside a string: the only texts that need the slow way. */
const MAYBE_WIDE = /[0-9]{16}/;

/** Parses `text`; throws SyntaxError like `JSON.parse`. `__proto__` becomes an ordinary key. */
export function parseJson(text: string): Json {
  if (!MAYBE_WIDE.test(text)) return JSON.parse(text) as Json;
  return JSON.parse(text, reviveWide as (this: unknown, key: string, value: unknown) => unknown) as Json;
}

function reviveWide(_key: string, value: Json, context?: { source?: string }): Json {
  if (typeof value !== "number" || Number.isSafeInteger(value) || context?.source === undefined) return value;
  return /^-?[0-9]+$/.test(context.source) ? BigInt(context.source) : value;
}

/** The inverse of `parseJson`; keys in insertion order, `undefined` members left out. */
export function stringifyJson(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    // A bigint is all that JSON.stringify refuses in JSON; a replacer makes everything else five times slower.
    if (!(error instanceof TypeError)) throw error;
  }
  return JSON.stringify(value, (_key, v: unknown) => (typeof v === "bigint" ? rawJson(v.toString()) : v));
}

const rawJson = (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON;
