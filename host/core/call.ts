/**
 * Runs passes: argument in, `reconcile`, result out, everything put back. Whatever the core does ends in a `CoreOutcome`.
 */
import { instantiateSync } from "@assemblyscript/loader";
import type { TextCodec } from "../platform/platform.ts";
import type { CoreFailure, CoreOutcome } from "./core.ts";
import { CoreError } from "./errors.ts";
import { failureOf } from "./failure.ts";
import { Snapshot } from "./restore.ts";
import type { Verified } from "./verify.ts";
import { FUEL } from "./wasm/charges.ts";

/** The exports of a core, as docs/CONTRACT.md has them; `verifyCore` has checked that they are there. */
export interface CoreExports {
  memory: WebAssembly.Memory;
  cabi_realloc(old: number, oldSize: number, align: number, size: number): number;
  reconcile(ptr: number, codeUnits: number): number;
  cabi_post_reconcile(result: number): void;
  _initialize?(): void;
  [name: string]: unknown;
}

interface Live { exports: CoreExports; fuel: WebAssembly.Global; snapshot: Snapshot }

/** Holds one instance, made anew only after a trap or a growth. */
export class CoreRunner {
  readonly #module: WebAssembly.Module;
  readonly #verified: Verified;
  readonly #text: TextCodec;
  readonly #name: string;
  #live: Live | undefined;

  /** Throws `CoreError` when the module can't be started. */
  constructor(module: WebAssembly.Module, verified: Verified, text: TextCodec, name: string) {
    this.#module = module;
    this.#verified = verified;
    this.#text = text;
    this.#name = name;
    this.#live = this.#start();
  }

  run(observed: string): CoreOutcome {
    let live = this.#live;
    if (live === undefined) {
      try {
        live = this.#live = this.#start();
      } catch (error) {
        return invalid(`no new instance could be made: ${(error as Error).message}`, "MemoryExhausted");
      }
    }
    let outcome: CoreOutcome;
    try {
      outcome = this.#pass(live, observed);
    } catch (error) {
      this.#live = undefined;
      return { ok: false, error: failureOf(error, live.exports, this.#text, this.#verified.manifest.limits) };
    }
    if (live.snapshot.grew) this.#live = undefined;
    else live.snapshot.restore();
    return outcome;
  }

  #pass(live: Live, observed: string): CoreOutcome {
    const { exports, snapshot } = live;
    const ptr = exports.cabi_realloc(0, 0, 2, observed.length * 2) >>> 0;
    const memory = this.#memory(live);
    if (ptr % 2 !== 0 || ptr + observed.length * 2 > memory.length) return invalid("cabi_realloc gave an address outside of the memory", "Trap");
    this.#text.writeUtf16(memory, ptr, observed);
    const result = exports.reconcile(ptr, observed.length) >>> 0;
    const after = snapshot.grew ? new Uint8Array(exports.memory.buffer) : memory;
    if (result + 8 > after.length) return invalid("its result lies outside of the memory", "PlanInvalid");
    const [start, units] = [word(after, result), word(after, result + 4)];
    if (units * 2 > this.#verified.manifest.limits.planBytesMax) {
      return invalid(`the plan has ${units * 2} bytes, limits.planBytesMax allows ${this.#verified.manifest.limits.planBytesMax}: do less in one pass`, "PlanTooLarge");
    }
    if (start + units * 2 > after.length) return invalid("its plan lies outside of the memory", "PlanInvalid");
    const plan = this.#text.readUtf16(after, start, units * 2);
    if (!plan.isWellFormed()) return invalid("the plan holds half a character (a lone surrogate)", "PlanInvalid");
    // As a component's host does, so that the fuel is the same.
    exports.cabi_post_reconcile(result | 0);
    return { ok: true, plan, fuelUsed: this.#verified.manifest.limits.fuel - (live.fuel.value as number) };
  }

  #memory(live: Live): Uint8Array {
    return live.snapshot.grew ? new Uint8Array(live.exports.memory.buffer) : live.snapshot.view;
  }

  /** A fresh instance, initialised once; its picture is what every pass starts from. */
  #start(): Live {
    try {
      const exports = instantiateSync(this.#module, {}).instance.exports as unknown as CoreExports;
      exports._initialize?.();
      const globals = this.#verified.globals.map((global) => exports[global] as WebAssembly.Global);
      return { exports, fuel: exports[FUEL] as WebAssembly.Global, snapshot: new Snapshot(exports.memory, globals) };
    } catch (error) {
      throw new CoreError("CORE2001", this.#name, `can't be started: ${(error as Error).message}`, "look at what its modules do when they are loaded");
    }
  }
}

/** An unsigned little-endian word at any address. */
function word(memory: Uint8Array, at: number): number {
  return (memory[at]! | (memory[at + 1]! << 8) | (memory[at + 2]! << 16) | (memory[at + 3]! << 24)) >>> 0;
}

function invalid(message: string, code: CoreFailure["code"]): CoreOutcome {
  return { ok: false, error: { code, message } };
}
