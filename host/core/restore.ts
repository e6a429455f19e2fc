/**
 * Takes a picture of a fresh instance and puts everything back to it after a pass: all of memory, every mutable global. What
 * a core itself says about its memory counts for nothing here.
 */
export class Snapshot {
  /** Memory up to its last byte that isn't zero. The rest is zero, which is faster to write than to copy. */
  readonly #head: Uint8Array;
  readonly #memory: WebAssembly.Memory;
  /** One view for all passes: an instance whose memory grew has another buffer and is thrown away. */
  readonly #view: Uint8Array;
  readonly #globals: readonly WebAssembly.Global[];
  readonly #values: readonly unknown[];

  constructor(memory: WebAssembly.Memory, globals: readonly WebAssembly.Global[]) {
    this.#memory = memory;
    this.#view = new Uint8Array(memory.buffer);
    let used = this.#view.length;
    while (used > 0 && this.#view[used - 1] === 0) used--;
    this.#head = this.#view.slice(0, used);
    this.#globals = globals;
    this.#values = globals.map((global) => global.value as unknown);
  }

  /** The memory of the instance at hand; meaningless once it `grew`. */
  get view(): Uint8Array { return this.#view; }

  /** Growth can't be undone. Growing by nothing counts: it takes the buffer away from under the view. */
  get grew(): boolean { return this.#memory.buffer !== this.#view.buffer; }

  /** Puts everything back. Must not be called on an instance that grew. */
  restore(): void {
    this.#view.set(this.#head);
    this.#view.fill(0, this.#head.length);
    for (let n = 0; n < this.#globals.length; n++) this.#globals[n]!.value = this.#values[n];
  }
}
