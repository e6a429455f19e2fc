/**
 * Instances of a core, kept between passes and put back after each: all of memory, every mutable global. What a core itself
 * says about its memory counts for nothing here. A pass needs memory of the size that its input asks for (wasm/reserve.ts), so
 * there is an instance for each size in use. Those of all cores together are bounded; the longest unused goes first.
 */
import { instantiateSync } from "@assemblyscript/loader";
import { HOST_LIMITS } from "./limits.ts";
import type { Verified } from "./verify.ts";
import { FUEL, RESET } from "./wasm/charges.ts";
import { pagesFor } from "./wasm/reserve.ts";

/** The exports of a core, as docs/CONTRACT.md has them; `verifyCore` has checked that they are there. */
export interface CoreExports {
  memory: WebAssembly.Memory;
  cabi_realloc(old: number, oldSize: number, align: number, size: number): number;
  reconcile(ptr: number, codeUnits: number): number;
  cabi_post_reconcile(result: number): void;
  _initialize?(): void;
  "toque:reset"(...values: unknown[]): void;
  [name: string]: unknown;
}

/** An instance ready for a pass. */
export interface Instance {
  readonly exports: CoreExports;
  readonly fuel: WebAssembly.Global;
  /** All of memory, as long as it doesn't grow. */
  readonly memory: Uint8Array;
  readonly pages: number;
  /** Lets go of it, for good. */
  readonly forget: () => void;
}

/** What a fresh instance holds. Every fresh instance holds the same: nothing that one could learn differs. */
interface Picture {
  /** Memory up to its last byte that isn't zero. The rest is zero, which is faster to write than to copy. */
  head: Uint8Array;
  /** Of the mutable globals, as `toque:reset` takes them. */
  values: readonly unknown[];
  pages: number;
}

const PAGE_BYTES = 65_536;

/** Which instances are kept, by when they were last used. One for all cores, so that many cores don't hold more than one. */
class Kept {
  readonly #instances = new Set<Instance>();
  #last: Instance | undefined;
  #bytes = 0;

  get bytes(): number { return this.#bytes; }

  /** Notes that `instance` was used just now. */
  use(instance: Instance): void {
    if (this.#last === instance) return;
    this.#last = instance;
    if (this.#instances.delete(instance)) { this.#instances.add(instance); return; }
    this.#instances.add(instance);
    this.#bytes += instance.pages * PAGE_BYTES;
    for (const oldest of this.#instances) {
      if (this.#bytes <= HOST_LIMITS.keptBytesMax) break;
      this.drop(oldest);
    }
  }

  drop(instance: Instance): void {
    if (this.#last === instance) this.#last = undefined;
    if (this.#instances.delete(instance)) this.#bytes -= instance.pages * PAGE_BYTES;
    instance.forget();
  }
}
const kept = new Kept();

/** Memory of all instances that are kept. */
export function keptBytes(): number {
  return kept.bytes;
}

/** The instances of one core. */
export class Instances {
  readonly #module: WebAssembly.Module;
  readonly #verified: Verified;
  /** By pages of memory. */
  readonly #ready = new Map<number, Instance>();
  #picture: Picture | undefined;

  constructor(module: WebAssembly.Module, verified: Verified) {
    this.#module = module;
    this.#verified = verified;
  }

  /** One for a pass over that many bytes of input. Throws when none can be made: out of memory, or the core fails while it starts. */
  take(bytes: number): Instance {
    const pages = Math.max(pagesFor(bytes, this.#verified.memory), this.#picture?.pages ?? 0);
    return this.#ready.get(pages) ?? this.#start(pages);
  }

  /** After a pass that ended well: makes the instance as new, and keeps it. One that grew can't be: growth by nothing counts, since it takes the buffer away. */
  putBack(instance: Instance): void {
    if (grew(instance)) return this.drop(instance);
    const { memory, exports } = instance;
    const { head, values } = this.#picture!;
    memory.set(head);
    memory.fill(0, head.length);
    exports[RESET](...values);
    kept.use(instance);
  }

  drop(instance: Instance): void {
    kept.drop(instance);
  }

  /** A fresh instance, initialised, with its memory already as large as the core would make it. */
  #start(wanted: number): Instance {
    const exports = instantiateSync(this.#module, {}).instance.exports as unknown as CoreExports;
    exports._initialize?.();
    this.#picture ??= pictureOf(exports, this.#verified.globals);
    const pages = Math.max(wanted, this.#picture.pages);
    if (pages > this.#picture.pages) exports.memory.grow(pages - this.#picture.pages);
    const instance = {
      exports, fuel: exports[FUEL] as WebAssembly.Global, memory: new Uint8Array(exports.memory.buffer), pages, forget: () => { this.#ready.delete(pages); },
    };
    this.#ready.set(pages, instance);
    return instance;
  }
}

/** Whether memory grew since the instance was made: that takes the buffer away from under the view. */
export function grew({ memory }: Instance): boolean {
  return memory.length === 0;
}

function pictureOf(exports: CoreExports, globals: readonly string[]): Picture {
  const bytes = new Uint8Array(exports.memory.buffer);
  const pages = bytes.length / PAGE_BYTES;
  if (pages > HOST_LIMITS.memoryInitialPagesMax) throw new Error(`it takes ${pages} pages of memory before its first pass, and ${HOST_LIMITS.memoryInitialPagesMax} are allowed`);
  let used = bytes.length;
  while (used > 0 && bytes[used - 1] === 0) used--;
  return { head: bytes.slice(0, used), values: globals.map((name) => (exports[name] as WebAssembly.Global).value as unknown), pages };
}
