/**
 * YAML as a Go API server writes it: keys in their natural order, lists not indented, strings without quotes where they
 * read back as strings, long lines folded.
 */
import type { Json } from "./model.ts";
import { goNumber } from "./merge/go-text.ts";
import { isPlain } from "./yaml-scalars.ts";

/** Lines are folded at the first space after this column. */
const WIDTH = 80;
const KEY_MAX = 128;

export function yamlText(value: Json): string {
  const writer = new Writer();
  writer.value(value, 0, false);
  return writer.out;
}

/** The order of keys: other characters before letters, numbers within them by value. */
function compareKeys(left: string, right: string): number {
  const [a, b] = [[...left], [...right]];
  for (let i = 0; i < a.length && i < b.length; i++) {
    if (a[i] === b[i]) continue;
    const [letterA, letterB] = [isLetter(a[i]!), isLetter(b[i]!)];
    if (letterA && letterB) return a[i]! < b[i]! ? -1 : 1;
    if (letterA || letterB) return letterB ? -1 : 1;
    return compareNumbers(a, b, i);
  }
  return a.length - b.length;
}

const isLetter = (char: string): boolean => /^\p{L}$/u.test(char);
const isDigit = (char: string | undefined): boolean => char !== undefined && char >= "0" && char <= "9";

function compareNumbers(a: readonly string[], b: readonly string[], at: number): number {
  let start = 0n;
  if (a[at] === "0" || b[at] === "0") {
    // A zero within a number weighs as much as what it stands in for.
    for (let n = at - 1; n >= 0 && isDigit(a[n]); n--) if (a[n] !== "0") start = 1n;
  }
  const number = (chars: readonly string[]): [value: bigint, end: number] => {
    let [value, end] = [start, at];
    for (; isDigit(chars[end]); end++) value = value * 10n + BigInt(chars[end]!);
    return [value, end];
  };
  const [[valueA, endA], [valueB, endB]] = [number(a), number(b)];
  if (valueA !== valueB) return valueA < valueB ? -1 : 1;
  if (endA !== endB) return endA - endB;
  return a[at]! < b[at]! ? -1 : 1;
}

class Writer {
  out = "";
  #lineStart = 0;

  /** What follows "key:" or "-", or begins the document; ends with a line break. `inline`: something is on the line already. */
  value(value: Json, indent: number, inline: boolean): void {
    if (Array.isArray(value)) this.#list(value, indent, inline);
    else if (value !== null && typeof value === "object") this.#map(value, indent, inline);
    else {
      if (inline) this.#write(" ");
      this.#scalar(value, inline ? indent : 0, false);
      this.#endLine();
    }
  }

  #list(list: readonly Json[], indent: number, inline: boolean): void {
    if (list.length === 0) return this.#words(inline ? " []" : "[]");
    if (inline) this.#endLine();
    for (const item of list) {
      this.#write(`${" ".repeat(indent)}-`);
      this.#item(item, indent + 2);
    }
  }

  /** A list's item: a map's or list's first line stands beside the dash. */
  #item(item: Json, indent: number): void {
    if (item === null || typeof item !== "object" || (Array.isArray(item) ? item : Object.keys(item)).length === 0) return this.value(item, indent, true);
    const inner = new Writer();
    inner.value(item, indent, false);
    // Folding counts columns, and the text begins at the column where it belongs.
    this.#write(" ");
    this.out += inner.out.slice(indent);
    this.#lineStart = this.out.length;
  }

  #map(map: { readonly [key: string]: Json }, indent: number, inline: boolean): void {
    const keys = Object.keys(map).sort(compareKeys);
    if (keys.length === 0) return this.#words(inline ? " {}" : "{}");
    if (inline) this.#endLine();
    for (const key of keys) {
      const simple = key.length <= KEY_MAX && !/[\n\r\u0085\u2028\u2029]/.test(key);
      this.#write(" ".repeat(indent));
      if (!simple) this.#write("? ");
      this.#scalar(key, indent + 2, simple);
      if (!simple) {
        this.#endLine();
        this.#write(" ".repeat(indent));
      }
      this.#write(":");
      const value = map[key]!;
      // Lists stand below their key, not further in.
      this.value(value, Array.isArray(value) ? indent : indent + 2, true);
    }
  }

  #words(text: string): void {
    this.#write(text);
    this.#endLine();
  }

  #scalar(value: null | boolean | number | bigint | string, indent: number, key: boolean): void {
    if (typeof value !== "string") return this.#write(typeof value === "number" ? goNumber(value) : String(value));
    const shape = shapeOf(value);
    if (!key && value.includes("\n") && shape.block) return this.#literal(value, indent);
    if (!value.includes("\n") && isPlain(value) && (shape.plain || shape.single)) {
      if (shape.plain) this.#folded(value, indent, key, (char) => char);
      else this.#quoted("'", value, indent, key, (char) => (char === "'" ? "''" : char));
      return;
    }
    this.#quoted("\"", value, indent, key, escaped);
  }

  #literal(value: string, indent: number): void {
    const lines = value.split("\n");
    const ends = value.endsWith("\n");
    if (ends) lines.pop();
    const keep = ends && (lines.length === 1 && lines[0] === "" || lines.at(-1) === "");
    this.#write(`|${/^[ \n]/.test(value) ? "2" : ""}${ends ? (keep ? "+" : "") : "-"}`);
    for (const line of lines) {
      this.#endLine();
      if (line !== "") this.#write(" ".repeat(indent) + line);
    }
  }

  #quoted(quote: string, value: string, indent: number, key: boolean, char: (char: string) => string): void {
    this.#write(quote);
    this.#folded(value, indent, key, char, quote);
    this.#write(quote);
  }

  /** Breaks the line at a space once it is long enough; never at one beside another, nor at a quoted text's ends. */
  #folded(value: string, indent: number, key: boolean, char: (char: string) => string, quote = ""): void {
    const chars = [...value];
    let [buffer, spaces] = ["", false];
    for (const [n, each] of chars.entries()) {
      const inside = quote === "" || (n > 0 && n < chars.length - 1);
      const long = each === " " && !key && inside && this.#column + buffer.length > WIDTH;
      if (long && !spaces && (quote === "\"" || chars[n + 1] !== " ")) {
        this.#write(buffer);
        this.#endLine();
        // A line of a double-quoted text that begins with spaces says so.
        buffer = " ".repeat(indent) + (quote === "\"" && chars[n + 1] === " " ? "\\" : "");
      } else buffer += char(each);
      spaces = each === " ";
    }
    this.#write(buffer);
  }

  get #column(): number { return this.out.length - this.#lineStart; }

  #write(text: string): void { this.out += text; }

  #endLine(): void {
    this.out += "\n";
    this.#lineStart = this.out.length;
  }
}

interface Shape { plain: boolean; single: boolean; block: boolean }

const UNPRINTABLE = /[^\n\x20-\x7e\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd]|[\ud800-\udfff]/;

/** Which styles the text's own characters allow. */
function shapeOf(text: string): Shape {
  if (text === "") return { plain: true, single: true, block: false };
  const special = UNPRINTABLE.test(text) || / [\n\u0085\u2028\u2029]/.test(text);
  const broken = /[\n\u0085\u2028\u2029] /.test(text);
  const indicators = /^(?:---|\.\.\.|[#,[\]{}&*!|>'"%@`]|[?:-](?:\s|$))|:(?:\s|$)|\s#/.test(text);
  const edges = /^[ \n\u0085\u2028\u2029]|[ \n\u0085\u2028\u2029]$/.test(text);
  const breaks = /[\n\u0085\u2028\u2029]/.test(text);
  return { plain: !special && !broken && !indicators && !edges && !breaks, single: !special && !broken, block: !special && !text.endsWith(" ") };
}

const ESCAPES: { readonly [char: string]: string } = {
  "\0": "\\0", "\x07": "\\a", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\v": "\\v", "\f": "\\f", "\r": "\\r", "\x1b": "\\e", "\"": "\\\"", "\\": "\\\\",
  "\u0085": "\\N", "\u00a0": "\\_", "\u2028": "\\L", "\u2029": "\\P",
};

function escaped(char: string): string {
  const code = char.codePointAt(0)!;
  const short = ESCAPES[char];
  if (short !== undefined && char !== "\u00a0") return short;
  if (!UNPRINTABLE.test(char)) return char;
  return code <= 0xff ? `\\x${hex(code, 2)}` : code <= 0xffff ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
}

const hex = (code: number, digits: number): string => code.toString(16).toUpperCase().padStart(digits, "0");
