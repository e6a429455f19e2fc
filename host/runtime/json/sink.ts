/**
 * Collects bytes of JSON text into one growing buffer; `take` gives them as a flat string that retains nothing else.
 */
import type { TextCodec } from "../../platform/platform.ts";
import { LIST_OPEN, OBJECT_OPEN, QUOTE, skipString, skipValue } from "./scan.ts";

/** A buffer that grew beyond this is not kept for the next object. */
const KEPT_BYTES_MAX = 1 << 18;

export class JsonSink {
  #bytes = new Uint8Array(4096);
  #length = 0;
  readonly #text: TextCodec;

  constructor(text: TextCodec) {
    this.#text = text;
  }

  clear(): void {
    this.#length = 0;
  }

  byte(value: number): void {
    if (this.#length === this.#bytes.length) this.#grow(1);
    this.#bytes[this.#length++] = value;
  }

  ascii(text: string): void {
    for (let i = 0; i < text.length; i++) this.byte(text.charCodeAt(i));
  }

  copy(source: Uint8Array, start: number, end: number): void {
    const length = end - start;
    if (this.#length + length > this.#bytes.length) this.#grow(length);
    if (length > 64) {
      this.#bytes.set(source.subarray(start, end), this.#length);
    } else {
      for (let from = start, to = this.#length; from < end; from++, to++) this.#bytes[to] = source[from]!;
    }
    this.#length += length;
  }

  /** Copies the value at `start` without its insignificant white space; returns the position after it. */
  value(source: Uint8Array, start: number): number {
    const end = skipValue(source, start);
    const first = source[start];
    if ((first === OBJECT_OPEN || first === LIST_OPEN) && hasSpace(source, start, end)) this.#minify(source, start, end);
    else this.copy(source, start, end);
    return end;
  }

  #minify(source: Uint8Array, start: number, end: number): void {
    for (let pos = start; pos < end;) {
      const c = source[pos]!;
      if (c === QUOTE) {
        const next = skipString(source, pos);
        this.copy(source, pos, next);
        pos = next;
      } else {
        if (c > 0x20) this.byte(c);
        pos++;
      }
    }
  }

  take(): string {
    const text = this.#text.decodeUtf8(this.#bytes, 0, this.#length);
    this.#length = 0;
    if (this.#bytes.length > KEPT_BYTES_MAX) this.#bytes = new Uint8Array(4096);
    return text;
  }

  #grow(more: number): void {
    const bigger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + more));
    bigger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = bigger;
  }
}

/** Whether there may be space outside strings: an API server's compact text has none, so this is the whole cost. */
function hasSpace(source: Uint8Array, start: number, end: number): boolean {
  for (let pos = start; pos < end; pos++) {
    const c = source[pos]!;
    if (c === QUOTE) pos = skipString(source, pos) - 1;
    else if (c <= 0x20) return true;
  }
  return false;
}
