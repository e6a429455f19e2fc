/**
 * Values as Go prints them: the real server's messages and keys are made with Go's formatting, so ours must spell values
 * the same way. `%v`, `%#v` and `%q` of JSON values, and JSON text with Go's escapes.
 */
import type { Json } from "../model.ts";
import { sortTexts } from "./text-order.ts";

/** JSON text as Go writes it: members in the order they have, `<`, `>`, `&` and the line separators escaped. */
export function goJson(value: Json): string {
  return escapeLikeGo(jsonText(value));
}

/** The same with members sorted by name, as Go writes maps. */
export function goSortedJson(value: Json): string {
  return escapeLikeGo(jsonText(sortedDeep(value)));
}

const NEEDS_ESCAPE = /[<>&\u2028\u2029]|\\[bf]/;
const ESCAPES = /[<>&\u2028\u2029]|\\[\s\S]/g;

function escapeLikeGo(text: string): string {
  if (!NEEDS_ESCAPE.test(text)) return text;
  return text.replace(ESCAPES, (found) => {
    if (found === "\\b") return "\\u0008";
    if (found === "\\f") return "\\u000c";
    return found.length > 1 ? found : `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

function jsonText(value: Json): string {
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(jsonText).join(",")}]`;
  const members: string[] = [];
  for (const name of Object.keys(value)) {
    if (value[name] !== undefined) members.push(`${JSON.stringify(name)}:${jsonText(value[name]!)}`);
  }
  return `{${members.join(",")}}`;
}

function sortedDeep(value: Json): Json {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(sortedDeep);
  return Object.fromEntries(sortTexts(Object.keys(value)).map((name) => [name, sortedDeep(value[name]!)]));
}

/** `%v`: strings bare, maps sorted by key. `%+v` is the same for what JSON can hold. */
export function goValue(value: Json | undefined): string {
  if (value === null || value === undefined) return "<nil>";
  if (typeof value === "number") return goNumber(value);
  if (Array.isArray(value)) return `[${value.map(goValue).join(" ")}]`;
  if (typeof value !== "object") return String(value);
  return `map[${sortTexts(Object.keys(value)).map((name) => `${name}:${goValue(value[name])}`).join(" ")}]`;
}

/** `%#v`: as Go source. */
export function goSyntax(value: Json | undefined): string {
  if (value === null || value === undefined) return "interface {}(nil)";
  if (typeof value === "string") return goQuote(value);
  if (typeof value === "number") return goNumber(value);
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(", ")}}`;
  if (typeof value !== "object") return String(value);
  return `map[string]interface {}{${sortTexts(Object.keys(value)).map((name) => `${goQuote(name)}:${goSyntax(value[name])}`).join(", ")}}`;
}

/** The Go type that decoded JSON has: `%T`. */
export function goTypeName(value: Json | undefined): string {
  if (value === null || value === undefined) return "<nil>";
  switch (typeof value) {
    case "string": return "string";
    case "boolean": return "bool";
    case "bigint": return "int64";
    case "number": return Number.isInteger(value) ? "int64" : "float64";
    default: return Array.isArray(value) ? "[]interface {}" : "map[string]interface {}";
  }
}

/** Integers in full; others as `goFloat`. */
export function goNumber(value: number): string {
  return Number.isSafeInteger(value) ? String(value) : goFloat(value);
}

/** A float64: the shortest digits that read back, with an exponent below 1e-4 and from 1e6 on. */
export function goFloat(value: number): string {
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const [digits, exponentText] = value.toExponential().split("e") as [string, string];
  const exponent = Number(exponentText);
  // In this range JavaScript writes plain decimals too.
  if (exponent >= -4 && exponent < 6) return String(value);
  return `${digits}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

const SHORT_ESCAPES: { readonly [char: string]: string } = {
  "\u0007": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v", "\"": "\\\"", "\\": "\\\\",
};
const UNPRINTABLE = /["\\]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu;

/** `%q`. */
export function goQuote(text: string): string {
  return `"${text.replace(UNPRINTABLE, (char) => SHORT_ESCAPES[char] ?? hexEscape(char.codePointAt(0)!))}"`;
}

function hexEscape(code: number): string {
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, "0")}`;
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, "0")}` : `\\U${code.toString(16).padStart(8, "0")}`;
}
