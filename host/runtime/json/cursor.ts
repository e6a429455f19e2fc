/**
 * Walks objects and lists of one JSON document, member by member, on its bytes.
 *
 * ```ts
 * cursor.enterObject();
 * while (cursor.nextMember()) { if (cursor.keyIs(NAME)) name = cursor.string(text); else cursor.skip(); }
 * ```
 * After `nextMember` or `nextItem` the value must be consumed (skipped, read or entered and left) before the next call.
 */
import type { TextCodec } from "../../platform/platform.ts";
import {
  COMMA, LIST_CLOSE, LIST_OPEN, OBJECT_CLOSE, OBJECT_OPEN, QUOTE,
  escapesPassed, skipKey, skipSpace, skipString, skipValue, unexpected,
} from "./scan.ts";

export class JsonCursor {
  readonly bytes: Uint8Array;
  /** At the first byte of the value to be consumed next, or just after the one consumed last. */
  pos: number;
  /** The key of the current member, without its quotes. */
  keyStart = 0;
  keyEnd = 0;
  /** The key is spelt with escapes: its bytes are not its name. */
  keyEscaped = false;
  /** A value that was passed before: `skip` at `knownStart` goes to `knownEnd` without reading it again. */
  knownStart = -1;
  knownEnd = -1;

  constructor(bytes: Uint8Array, start = 0) {
    this.bytes = bytes;
    this.pos = skipSpace(bytes, start);
  }

  atObject(): boolean {
    return this.bytes[this.pos] === OBJECT_OPEN;
  }

  atList(): boolean {
    return this.bytes[this.pos] === LIST_OPEN;
  }

  atString(): boolean {
    return this.bytes[this.pos] === QUOTE;
  }

  /** Strictly an "n": nothing else begins with one. */
  atNull(): boolean {
    return this.bytes[this.pos] === 0x6e;
  }

  enterObject(): void {
    if (this.bytes[this.pos] !== OBJECT_OPEN) throw unexpected(this.bytes, this.pos, "an object");
    this.pos++;
  }

  enterList(): void {
    if (this.bytes[this.pos] !== LIST_OPEN) throw unexpected(this.bytes, this.pos, "a list");
    this.pos++;
  }

  /** Moves to the value of the next member; false, and behind the object, when there is none. */
  nextMember(): boolean {
    if (!this.#next(OBJECT_OPEN, OBJECT_CLOSE, '"," or "}"')) return false;
    const start = this.pos;
    const escapesBefore = escapesPassed;
    const valueStart = skipKey(this.bytes, start);
    this.keyEscaped = escapesPassed !== escapesBefore;
    let end = valueStart - 1;
    // Back over the colon and any space around it, to the closing quote.
    while (this.bytes[end] !== QUOTE) end--;
    this.keyStart = start + 1;
    this.keyEnd = end;
    this.pos = valueStart;
    return true;
  }

  nextItem(): boolean {
    return this.#next(LIST_OPEN, LIST_CLOSE, '"," or "]"');
  }

  #next(opening: number, closing: number, wanted: string): boolean {
    // Just entered means that the byte before is the opening bracket: a value consumed never ends with one.
    const first = this.bytes[this.pos - 1] === opening;
    let pos = skipSpace(this.bytes, this.pos);
    const c = pos < this.bytes.length ? this.bytes[pos]! : 0;
    if (c === closing) {
      this.pos = pos + 1;
      return false;
    }
    if (!first) {
      if (c !== COMMA) throw unexpected(this.bytes, pos, wanted);
      pos = skipSpace(this.bytes, pos + 1);
    }
    this.pos = pos;
    return true;
  }

  skip(): void {
    this.pos = this.pos === this.knownStart ? this.knownEnd : skipValue(this.bytes, this.pos);
  }

  /** The current key, escapes resolved. */
  key(text: TextCodec): string {
    return this.#unquote(text, this.keyStart - 1, this.keyEnd + 1, this.keyEscaped);
  }

  /** Reads a string value; anything else is an error. */
  string(text: TextCodec): string {
    const start = this.pos;
    const escapesBefore = escapesPassed;
    this.pos = skipString(this.bytes, start);
    return this.#unquote(text, start, this.pos, escapesPassed !== escapesBefore);
  }

  #unquote(text: TextCodec, start: number, end: number, escaped: boolean): string {
    return escaped ? (JSON.parse(text.decodeUtf8(this.bytes, start, end)) as string) : text.decodeUtf8(this.bytes, start + 1, end - 1);
  }

  /** Consumes any value and returns its own text. */
  raw(text: TextCodec): string {
    const start = this.pos;
    this.skip();
    return text.decodeUtf8(this.bytes, start, this.pos);
  }

  /** Consumes any value, parsed: for the small ones. */
  parse(text: TextCodec): unknown {
    return JSON.parse(this.raw(text));
  }
}
