/**
 * YAML with places: a cursor over the parsed document that knows where each value stands, so that every complaint can
 * point at it. Strict: duplicate keys, tabs and unknown tags are errors.
 */
import { LineCounter, isAlias, isMap, isScalar, isSeq, parseAllDocuments, visit } from "yaml";
import type { Document, Node, Pair, YAMLMap } from "yaml";
import type { Json, JsonObject } from "../protocol/types.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { didYouMean, listOf } from "./suggest.ts";
import { explain } from "./yaml-errors.ts";

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
      // One slip makes the parser stumble again and again: only the first complaint is of use.
      const first = document.errors[0] ?? document.warnings[0];
      if (first !== undefined) {
        const { message, hint, at } = explain(first, this.#text);
        this.report("YAML1001", at ?? first.pos[0], at === undefined ? first.pos[1] : at + 1, message, hint);
      }
      if (first !== undefined || document.contents === null || !this.#finite(document)) continue;
      cursors.push(new Cursor(this, document, document.contents, ""));
    }
    return cursors;
  }

  /** False for aliases that contain themselves, or that blow a small file up. */
  #finite(document: Document.Parsed): boolean {
    let finite = true;
    visit(document, {
      Alias: (_key, alias) => {
        const range = alias.resolve(document)?.range;
        if (alias.range == null || range == null || range[0] > alias.range[0] || range[2] < alias.range[1]) return;
        this.report("YAML1001", alias.range[0], alias.range[1], `The alias *${alias.source} stands inside what it stands for.`, "Write out what is meant.");
        finite = false;
      },
    });
    if (!finite) return false;
    try {
      document.toJS({ maxAliasCount: ALIASES_MAX });
      return true;
    } catch {
      this.report("YAML1001", 0, 1, "The file holds too many aliases (*name).", "Write out what is meant.");
      return false;
    }
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

const ALIASES_MAX = 1000;

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

  /** A scalar as it stands in the file ("1.0"). */
  get written(): string {
    return isScalar(this.#node) ? (this.#node.source ?? String(this.#node.value)) : "";
  }

  /** The value as JSON; integers beyond 2^53 are bigint. */
  json(): Json {
    return narrowed(this.#node.toJS(this.#document, { maxAliasCount: ALIASES_MAX }) as Json);
  }

  /** Complains about this value, or about a part of it, given by offsets into its text. */
  error(code: string, message: string, hint?: string, part?: { from: number; to: number }): void {
    const [from, to] = this.#node.range ?? [0, 1];
    if (part !== undefined && isScalar(this.#node)) {
      const quote = this.#node.type === "QUOTE_DOUBLE" || this.#node.type === "QUOTE_SINGLE" ? 1 : 0;
      return this.source.report(code, from + quote + part.from, from + quote + part.to, message, hint);
    }
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
  take(key: string, shape: Shape, hint?: string): Cursor | undefined {
    const value = this.get(key);
    if (value === undefined || value.shape === shape) return value;
    value.error("YAML1005", `${value.path} must be a ${shape}, not a ${value.shape}.`, hint ?? shapeHint(value, shape));
    return undefined;
  }

  /** Like `take`, and complains when the key is missing or empty. */
  need(key: string, shape: Shape, hint?: string): Cursor | undefined {
    if (this.get(key) !== undefined) return this.take(key, shape, hint);
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
  allow(known: readonly string[]): void {
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
  if (wanted === "string" && value.shape === "number") return `Put it in quotes: "${value.written}".`;
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
