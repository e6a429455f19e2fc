/**
 * YAML with places: a cursor over the parsed document that knows where each value stands, so that every complaint can
 * point at it. Strict: duplicate keys, tabs and unknown tags are errors.
 */
import { LineCounter, isAlias, isMap, isScalar, isSeq, parseAllDocuments } from "yaml";
import type { Document, Node, Pair, YAMLMap } from "yaml";
import type { Json, JsonObject } from "../protocol/types.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { didYouMean, listOf } from "./suggest.ts";

/** Complaints about one file, collected: nobody wants to fix mistakes one run at a time. */
export class Source {
  readonly file: string;
  readonly diagnostics: Diagnostic[] = [];
  readonly #lines = new LineCounter();
  readonly #text: string;

  constructor(file: string, text: string) {
    this.file = file;
    this.#text = text;
  }

  /** Parses every document of the file. Documents with syntax errors are left out; empty ones too. */
  documents(): Cursor[] {
    const parsed = parseAllDocuments(this.#text, { lineCounter: this.#lines, intAsBigInt: true, prettyErrors: false });
    const cursors: Cursor[] = [];
    for (const document of parsed as Document.Parsed[]) {
      for (const error of [...document.errors, ...document.warnings]) {
        this.report("YAML1001", error.pos[0], error.pos[1], sentence(error.message), hintFor(error.code));
      }
      if (document.errors.length > 0 || document.contents === null) continue;
      cursors.push(new Cursor(this, document, document.contents, ""));
    }
    return cursors;
  }

  /** `from` and `to` are offsets into the text. */
  report(code: string, from: number, to: number, message: string, hint?: string): void {
    const { line, col } = this.#lines.linePos(Math.min(from, this.#text.length));
    const length = Math.max(1, this.#text.slice(from, to).split("\n")[0]!.trimEnd().length);
    const diagnostic: Diagnostic = { code, file: this.file, line: Math.max(line, 1), column: Math.max(col, 1), length, message };
    if (hint !== undefined) diagnostic.hint = hint;
    this.diagnostics.push(diagnostic);
  }
}

function sentence(message: string): string {
  return message.trim().split("\n")[0]!.replace(/:$/, "");
}

function hintFor(code: string): string | undefined {
  switch (code) {
    case "DUPLICATE_KEY": return "A key can be given once; merge the two.";
    case "TAB_AS_INDENT": return "YAML is indented with spaces, never with tabs.";
    case "BAD_INDENT": return "Keys of one mapping start in the same column.";
    case "MISSING_CHAR": return "Check the quotes, brackets and colons on this line and the one before.";
    case "BLOCK_AS_IMPLICIT_KEY": return "A value with a colon in it needs quotes.";
    default: return undefined;
  }
}

export type Shape = "mapping" | "list" | "string" | "number" | "boolean" | "null";

/** One value in a YAML document. */
export class Cursor {
  readonly source: Source;
  /** "owns[0].kind"; "" for the whole document. */
  readonly path: string;
  readonly #document: Document.Parsed;
  readonly #node: Node;

  constructor(source: Source, document: Document.Parsed, node: Node, path: string) {
    this.source = source;
    this.#document = document;
    this.#node = isAlias(node) ? (node.resolve(document) ?? node) : node;
    this.path = path;
  }

  get shape(): Shape {
    if (isMap(this.#node)) return "mapping";
    if (isSeq(this.#node)) return "list";
    const value = isScalar(this.#node) ? this.#node.value : null;
    switch (typeof value) {
      case "string": return "string";
      case "number": case "bigint": return "number";
      case "boolean": return "boolean";
      default: return "null";
    }
  }

  /** The value as JSON; integers beyond 2^53 are bigint. */
  json(): Json {
    return narrowed(this.#node.toJS(this.#document, { maxAliasCount: 1000 }) as Json);
  }

  /** Complains about this value. */
  error(code: string, message: string, hint?: string): void {
    const [from, to] = this.#node.range ?? [0, 1];
    // A mapping or list is pointed at by its first character: underlining all of it would say nothing.
    this.source.report(code, from, isScalar(this.#node) ? to : from + 1, message, hint);
  }

  /** Complains about a key of this mapping, at the key. */
  errorAtKey(key: string, code: string, message: string, hint?: string): void {
    const node = this.#pair(key)?.key as Node | undefined;
    if (node?.range == null) return this.error(code, message, hint);
    this.source.report(code, node.range[0], node.range[1], message, hint);
  }

  keys(): string[] {
    return isMap(this.#node) ? this.#node.items.map((pair) => keyText(pair)) : [];
  }

  /** The value under a key; undefined when the key is missing or null, or this is no mapping. */
  get(key: string): Cursor | undefined {
    const value = this.#pair(key)?.value as Node | null | undefined;
    if (value == null) return undefined;
    const cursor = new Cursor(this.source, this.#document, value, this.path === "" ? key : `${this.path}.${key}`);
    return cursor.shape === "null" ? undefined : cursor;
  }

  /** True when the key is written, even with nothing behind it. */
  has(key: string): boolean {
    return this.#pair(key) !== undefined;
  }

  items(): Cursor[] {
    if (!isSeq(this.#node)) return [];
    return this.#node.items.map((item, i) => new Cursor(this.source, this.#document, item as Node, `${this.path}[${i}]`));
  }

  /** The value under `key` if it has that shape; complains otherwise. Missing is undefined, without a complaint. */
  take(key: string, shape: Shape): Cursor | undefined {
    const value = this.get(key);
    if (value === undefined || value.shape === shape) return value;
    value.error("YAML1005", `${value.path} must be a ${shape}, not a ${value.shape}.`, shapeHint(value, shape));
    return undefined;
  }

  /** Like `take`, and complains when the key is missing or empty. */
  need(key: string, shape: Shape, hint?: string): Cursor | undefined {
    if (this.get(key) !== undefined) return this.take(key, shape);
    const of = this.path === "" ? "" : ` in ${this.path}`;
    if (this.has(key)) this.errorAtKey(key, "YAML1004", `'${key}'${of} is empty.`, hint);
    else this.error("YAML1004", `'${key}' is missing${of}.`, hint);
    return undefined;
  }

  text(key: string): string | undefined {
    return this.take(key, "string")?.json() as string | undefined;
  }

  boolean(key: string): boolean | undefined {
    return this.take(key, "boolean")?.json() as boolean | undefined;
  }

  /** Strings of the list under `key`, each with its cursor. */
  texts(key: string): { text: string; at: Cursor }[] {
    const out: { text: string; at: Cursor }[] = [];
    for (const at of this.take(key, "list")?.items() ?? []) {
      if (at.shape === "string") out.push({ text: at.json() as string, at });
      else at.error("YAML1005", `${at.path} must be a string, not a ${at.shape}.`);
    }
    return out;
  }

  /** Complains about each key that is not among `known`. */
  only(known: readonly string[]): void {
    for (const key of this.keys()) {
      if (known.includes(key)) continue;
      const where = this.path === "" ? "" : ` in ${this.path}`;
      this.errorAtKey(key, "YAML1003", `Unknown key '${key}'${where}.`, didYouMean(key, known) ?? `Known here: ${listOf(known, "and")}.`);
    }
  }

  #pair(key: string): Pair | undefined {
    return isMap(this.#node) ? (this.#node as YAMLMap).items.find((pair) => keyText(pair) === key) : undefined;
  }
}

function keyText(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
}

function shapeHint(value: Cursor, wanted: Shape): string | undefined {
  if (wanted === "list") return `Write it as a list: each item on its own line, after '- '.`;
  if (wanted === "boolean" && value.shape === "string") return "Write true or false, without quotes.";
  if (wanted === "string" && value.shape === "number") return `Put it in quotes: "${String(value.json())}".`;
  return undefined;
}

function narrowed(value: Json): Json {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (Array.isArray(value)) return value.map(narrowed);
  if (value !== null && typeof value === "object") {
    const out: JsonObject = {};
    for (const [key, member] of Object.entries(value)) {
      // "__proto__" is a key like any other here.
      Object.defineProperty(out, key, { value: narrowed(member), enumerable: true, configurable: true, writable: true });
    }
    return out;
  }
  return value;
}
