/**
 * Reading and writing the bytes of a Wasm binary: LEB128, vectors, names. Every read is bounds-checked, so a truncated or
 * mutated file ends in a `WasmError` with the offset, never in a wrong value.
 */

/** The file is not what the Wasm format says. `offset` counts from the start of the file. */
export class WasmError extends Error {
  readonly offset: number;
  constructor(offset: number, message: string) {
    super(`${message} (at byte ${offset})`);
    this.name = "WasmError";
    this.offset = offset;
  }
}

/** A cursor over part of a file. Fields are public: the instruction scanner reads them in its inner loop. */
export class Reader {
  readonly bytes: Uint8Array;
  readonly end: number;
  offset: number;

  constructor(bytes: Uint8Array, offset = 0, end = bytes.length) {
    this.bytes = bytes;
    this.offset = offset;
    this.end = end;
  }

  get done(): boolean { return this.offset >= this.end; }

  byte(): number {
    if (this.offset >= this.end) throw new WasmError(this.offset, "the file ends too early");
    return this.bytes[this.offset++]!;
  }

  /** An unsigned LEB128 of at most 32 bits. */
  u32(): number {
    const start = this.offset;
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      if (shift === 28 && byte > 15) break;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new WasmError(start, "a number is longer than 32 bits");
  }

  /** A signed LEB128 of at most 32 bits. */
  s32(): number {
    const start = this.offset;
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return shift < 25 && (byte & 0x40) !== 0 ? value | (-1 << (shift + 7)) : value;
    }
    throw new WasmError(start, "a number is longer than 32 bits");
  }

  /** Passes over a LEB128 number of any sign, of at most `bytesMax` bytes. */
  skipLeb(bytesMax: number): void {
    const start = this.offset;
    for (let n = 0; n < bytesMax; n++) if (this.byte() < 0x80) return;
    throw new WasmError(start, "a number has too many bytes");
  }

  skip(count: number): void {
    if (count > this.end - this.offset) throw new WasmError(this.offset, "the file ends too early");
    this.offset += count;
  }

  /** A length-prefixed part, as a reader of its own; this reader moves behind it. */
  part(): Reader {
    const size = this.u32();
    const start = this.offset;
    this.skip(size);
    return new Reader(this.bytes, start, start + size);
  }

  /** A name. Only ASCII survives as it is: names are compared and shown, never interpreted. */
  name(): string {
    const part = this.part();
    let text = "";
    while (!part.done) text += String.fromCharCode(part.byte());
    return text;
  }

  /** Reads a vector: a count, then that many elements. */
  vector<T>(element: () => T): T[] {
    const count = this.u32();
    // Each element takes a byte at least; without this, a count of 2^32 would allocate before it fails.
    if (count > this.end - this.offset) throw new WasmError(this.offset, "a vector is longer than the file");
    const items: T[] = [];
    for (let i = 0; i < count; i++) items.push(element());
    return items;
  }
}

/** A growing byte buffer. */
export class Writer {
  #bytes = new Uint8Array(1024);
  #length = 0;

  get length(): number { return this.#length; }

  byte(...values: number[]): this {
    this.#reserve(values.length);
    for (const value of values) this.#bytes[this.#length++] = value;
    return this;
  }

  u32(value: number): this {
    this.#reserve(5);
    for (; value > 0x7f; value = Math.floor(value / 128)) this.#bytes[this.#length++] = (value % 128) | 0x80;
    this.#bytes[this.#length++] = value;
    return this;
  }

  s32(value: number): this {
    for (;;) {
      const byte = value & 0x7f;
      value >>= 7;
      if ((value === 0 && (byte & 0x40) === 0) || (value === -1 && (byte & 0x40) !== 0)) return this.byte(byte);
      this.byte(byte | 0x80);
    }
  }

  raw(bytes: Uint8Array, start = 0, end = bytes.length): this {
    this.#reserve(end - start);
    this.#bytes.set(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end), this.#length);
    this.#length += end - start;
    return this;
  }

  /** Length-prefixed bytes. */
  part(content: Writer | Uint8Array): this {
    const bytes = content instanceof Writer ? content.done() : content;
    return this.u32(bytes.length).raw(bytes);
  }

  /** An ASCII name. */
  name(text: string): this {
    return this.part(Uint8Array.from(text, (character) => character.charCodeAt(0)));
  }

  vector<T>(items: readonly T[], element: (writer: Writer, item: T) => void): this {
    this.u32(items.length);
    for (const item of items) element(this, item);
    return this;
  }

  /** What was written so far, as a view: write nothing after. */
  done(): Uint8Array { return this.#bytes.subarray(0, this.#length); }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count));
    larger.set(this.done());
    this.#bytes = larger;
  }
}
