/**
 * JSON text and values, with 64-bit integers kept whole: what a double cannot hold is a bigint.
 */
import type { Json } from "../../bindings/protocol/types.ts";

/** Integers of 16 digits and more may be beyond 2^53; text without any is read by the engine alone. */
const LONG_NUMBER = /\d{16}/;
const INTEGER = /^-?\d+$/;

/** Throws SyntaxError. Integers outside the doubles' exact range, but within 64 bits, become bigints, as Go reads them. */
export function parseJson(text: string): Json {
  return LONG_NUMBER.test(text) ? JSON.parse(text, exact as (key: string, value: Json) => Json) as Json : JSON.parse(text) as Json;
}

function exact(_key: string, value: Json, context?: { source?: string }): Json {
  const source = context?.source;
  if (typeof value !== "number" || source === undefined || Number.isSafeInteger(value) || !INTEGER.test(source)) return value;
  const whole = BigInt(source);
  return BigInt.asIntN(64, whole) === whole ? whole : value;
}

/** `undefined` members are left out. */
export function stringifyJson(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    // The engine refuses bigints; asking it first keeps the usual case fast.
    if (!(error instanceof TypeError)) throw error;
    return slow(value) ?? "null";
  }
}

function slow(value: unknown): string | undefined {
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return `[${value.map((each) => slow(each) ?? "null").join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const members = Object.entries(value).map(([key, each]) => [JSON.stringify(key), slow(each)]).filter(([, text]) => text !== undefined);
  return `{${members.map(([key, text]) => `${key}:${text}`).join(",")}}`;
}
