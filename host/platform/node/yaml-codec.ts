/**
 * YAML as the API server reads it: version 1.1 ("yes" is true), anchors and aliases within limits, keys given
 * twice told and not refused.
 */
import { parseDocument, type Document } from "yaml";

type Json = null | boolean | number | bigint | string | Json[] | { [key: string]: Json };

/** Of all aliases together, as a multiple of what they stand for: no document grows beyond this. */
const ALIASES_MAX = 100;
const DEPTH_MAX = 500;

export const nodeYaml = {
  /** `repeated` takes a line for each key that came twice. Throws Error in the parser's words. */
  parse(text: string, repeated: string[]): Json {
    const document: Document = parseDocument(text, { version: "1.1", uniqueKeys: false, intAsBigInt: true, logLevel: "silent", stringKeys: true });
    const [error] = document.errors;
    if (error !== undefined && /call stack/.test(error.message)) throw tooDeep();
    if (error !== undefined) throw new Error(`yaml: line ${error.linePos?.[0].line ?? 1}: ${error.message.split("\n")[0]!.replace(/ at line .*$/, "")}`);
    findRepeated(document.contents, text, repeated);
    return exact(document.toJS({ maxAliasCount: ALIASES_MAX }) as Json);
  },
};

interface Node { items?: (Node & { key?: { value?: unknown; range?: [number, number, number] }; value?: Node | null })[] }

function findRepeated(node: unknown, text: string, repeated: string[]): void {
  const { items } = (node ?? {}) as Node;
  if (!Array.isArray(items)) return;
  const seen = new Set<unknown>();
  for (const item of items) {
    const key = item?.key?.value;
    if (key !== undefined) {
      if (seen.has(key)) repeated.push(`line ${lineOf(text, item.key!.range?.[0] ?? 0)}: key ${JSON.stringify(key)} already set in map`);
      seen.add(key);
    }
    findRepeated(item?.key === undefined ? item : item.value, text, repeated);
  }
}

function lineOf(text: string, offset: number): number {
  let line = 1;
  for (let n = text.indexOf("\n"); n !== -1 && n < offset; n = text.indexOf("\n", n + 1)) line++;
  return line;
}

function tooDeep(): Error { return new Error("yaml: exceeded max depth"); }

/** A tree of its own: what aliases share is copied. Integers that a double holds become numbers; `__proto__` stays a key. */
function exact(value: Json, around: readonly Json[] = []): Json {
  if (typeof value === "bigint") return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
  if (value === null || typeof value !== "object") return value;
  if (around.includes(value)) throw new Error("yaml: an anchor's value contains itself");
  if (around.length > DEPTH_MAX) throw tooDeep();
  const inside = [...around, value];
  if (Array.isArray(value)) return value.map((each) => exact(each, inside));
  const copy: { [key: string]: Json } = {};
  for (const key of Object.keys(value)) Object.defineProperty(copy, key, { value: exact(value[key]!, inside), enumerable: true, configurable: true, writable: true });
  return copy;
}
