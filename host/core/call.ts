/**
 * Runs passes: argument in, `reconcile`, result out, everything put back. Whatever the core does ends in a `CoreOutcome`.
 */
import type { TextCodec } from "../platform/platform.ts";
import type { CoreFailure, CoreOutcome } from "./core.ts";
import { CoreError } from "./errors.ts";
import { failureOf } from "./failure.ts";
import { grew, type Instance, Instances } from "./instances.ts";
import type { Verified } from "./verify.ts";

/** Runs the passes of one core. */
export class CoreRunner {
  readonly #verified: Verified;
  readonly #text: TextCodec;
  readonly #instances: Instances;

  /** Throws `CoreError` when the module can't be started. */
  constructor(module: WebAssembly.Module, verified: Verified, text: TextCodec, name: string) {
    this.#verified = verified;
    this.#text = text;
    this.#instances = new Instances(module, verified);
    try {
      this.#instances.putBack(this.#instances.take(0));
    } catch (error) {
      throw new CoreError("CORE2001", name, `can't be started: ${(error as Error).message}`, "look at what its modules do when they are loaded");
    }
  }

  run(observed: string): CoreOutcome {
    let instance: Instance;
    try {
      instance = this.#instances.take(observed.length * 2);
    } catch (error) {
      return invalid(`no new instance could be made: ${(error as Error).message}`, "MemoryExhausted");
    }
    let outcome: CoreOutcome;
    try {
      outcome = this.#pass(instance, observed);
    } catch (error) {
      this.#instances.drop(instance);
      return { ok: false, error: failureOf(error, instance.exports, this.#text, this.#verified.manifest.limits) };
    }
    this.#instances.putBack(instance);
    return outcome;
  }

  #pass(instance: Instance, observed: string): CoreOutcome {
    const { exports } = instance;
    const { limits } = this.#verified.manifest;
    const ptr = exports.cabi_realloc(0, 0, 2, observed.length * 2) >>> 0;
    const memory = memoryOf(instance);
    if (ptr % 2 !== 0 || ptr + observed.length * 2 > memory.length) return invalid("cabi_realloc gave an address outside of the memory", "Trap");
    this.#text.writeUtf16(memory, ptr, observed);
    const result = exports.reconcile(ptr, observed.length) >>> 0;
    const after = memoryOf(instance);
    if (result + 8 > after.length) return invalid("its result lies outside of the memory", "PlanInvalid");
    const [start, units] = [word(after, result), word(after, result + 4)];
    if (units * 2 > limits.planBytesMax) {
      return invalid(`the plan has ${units * 2} bytes, limits.planBytesMax allows ${limits.planBytesMax}: do less in one pass`, "PlanTooLarge");
    }
    if (start + units * 2 > after.length) return invalid("its plan lies outside of the memory", "PlanInvalid");
    const plan = this.#text.readUtf16(after, start, units * 2);
    if (!plan.isWellFormed()) return invalid("the plan holds half a character (a lone surrogate)", "PlanInvalid");
    // As a component's host does, so that the fuel is the same.
    exports.cabi_post_reconcile(result | 0);
    return { ok: true, plan, fuelUsed: limits.fuel - (instance.fuel.value as number) };
  }
}

function memoryOf(instance: Instance): Uint8Array {
  return grew(instance) ? new Uint8Array(instance.exports.memory.buffer) : instance.memory;
}

/** An unsigned little-endian word at any address. */
function word(memory: Uint8Array, at: number): number {
  return (memory[at]! | (memory[at + 1]! << 8) | (memory[at + 2]! << 16) | (memory[at + 3]! << 24)) >>> 0;
}

function invalid(message: string, code: CoreFailure["code"]): CoreOutcome {
  return { ok: false, error: { code, message } };
}
