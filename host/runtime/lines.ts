/**
 * Splits a byte stream into lines without copying what arrives whole. JSON text escapes its newlines, so each line of a
 * watch is one event.
 */
const NEWLINE = 0x0a;

/** No Kubernetes event comes near; what does is not one, and must not fill the memory. */
export const LINE_BYTES_MAX = 32 << 20;

export class LineSplitter {
  #parts: Uint8Array[] = [];
  #length = 0;
  readonly #onLine: (line: Uint8Array) => void;

  constructor(onLine: (line: Uint8Array) => void) {
    this.#onLine = onLine;
  }

  /** Throws RangeError when a line exceeds LINE_BYTES_MAX. The chunk must not be changed afterwards. */
  push(chunk: Uint8Array): void {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const line = this.#complete(chunk.subarray(start, end));
      if (line.length > 0) this.#onLine(line);
      start = end + 1;
    }
    if (start === chunk.length) return;
    this.#parts.push(chunk.subarray(start));
    this.#length += chunk.length - start;
    if (this.#length > LINE_BYTES_MAX) throw new RangeError(`an event of more than ${LINE_BYTES_MAX} bytes`);
  }

  #complete(tail: Uint8Array): Uint8Array {
    if (this.#parts.length === 0) return tail;
    const line = new Uint8Array(this.#length + tail.length);
    let at = 0;
    for (const part of this.#parts) {
      line.set(part, at);
      at += part.length;
    }
    line.set(tail, at);
    this.#parts = [];
    this.#length = 0;
    return line;
  }
}
