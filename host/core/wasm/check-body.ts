/**
 * One function of a metered core, read in one scan: charges stand only where the build would put them, nothing else touches
 * the counters or calls the build's helpers. Whether each takes what it must is known when all functions are: `verifyCharges`.
 */
import { typeOf } from "./analysis.ts";
import { WasmError } from "./bytes.ts";
import type { Charges } from "./charges.ts";
import type { Costs } from "./costs.ts";
import type { Module } from "./module.ts";
import { Op } from "./opcodes.ts";
import { Scanner } from "./scanner.ts";
import { Segments, type Site } from "./segments.ts";

/** A function that doesn't pay what it costs. The message continues "CORE2006 <file> ...". */
export class UnchargedError extends Error {
  constructor(what: string, index: number, offset: number) {
    super(`has a function (number ${index}) ${what} (at byte ${offset})`);
    this.name = "UnchargedError";
  }
}

/** A charge as it was found. */
interface Claim { weight: number; offset: number }

export interface CheckedBody {
  index: number;
  segments: Segments;
  /** By site, as `Segments.sites`. */
  claims: readonly (Claim | undefined)[];
  /** Units of call depth that it pays; 0 when it pays none. Whether that is right only the whole call graph says. */
  depth: number;
}

/** Reads function `index`; `own`: the type indexes of the core's own functions. Throws `UnchargedError` or `WasmError`. */
export function checkBody(module: Module, index: number, own: readonly number[], charges: Charges): CheckedBody {
  return new BodyCheck(module, index, own, charges).run();
}

/** Throws `UnchargedError` when a charge takes something else than it must. */
export function verifyCharges({ index, segments, claims }: CheckedBody, costs: Costs, module: Module): void {
  segments.sites.forEach((site, n) => {
    const [found, expected] = [claims[n]?.weight ?? 0, costs.charges[n]!];
    if (found === expected) return;
    const offset = claims[n]?.offset ?? (site.at === "entry" ? module.bodies[index]!.code : site.start);
    throw new UnchargedError(`that charges ${found === 0 ? "nothing" : found} where it must charge ${expected === 0 ? "nothing" : expected}`, index, offset);
  });
}

class BodyCheck {
  readonly #scanner: Scanner;
  readonly #module: Module;
  readonly #index: number;
  readonly #own: number;
  readonly #charges: Charges;
  readonly #segments: Segments;
  readonly #claims: (Claim | undefined)[] = [];
  /** Charges since the last instruction: one for the head that they stand at, if they do, one for a branch back behind them. */
  readonly #pending: Claim[] = [];
  /** The number of the site at whose head the next instruction stands, or -1. */
  #head = -1;
  /** The helper that was just called for the next instruction. */
  #helper: number | undefined;

  constructor(module: Module, index: number, own: readonly number[], charges: Charges) {
    const body = module.bodies[index]!;
    this.#scanner = new Scanner(module.bytes, body.code, body.end);
    this.#module = module;
    this.#index = index;
    this.#own = own.length;
    this.#charges = charges;
    this.#segments = new Segments(module.types, own);
  }

  run(): CheckedBody {
    this.#claims[0] = this.#takeCharge();
    const depth = this.#takeEnter();
    const scanner = this.#scanner;
    const close = depth === 0 ? undefined : this.#charges.leaving(depth);
    const last = scanner.end - (close?.length ?? 1);
    while (scanner.offset < last) {
      const charge = this.#takeCharge();
      if (charge !== undefined) { this.#pending.push(charge); continue; }
      scanner.next();
      this.#instruction(depth > 0);
    }
    if (scanner.offset !== last) throw this.#uncharged("whose end is not where it gives its call depth back");
    if (close !== undefined && !this.#accept(close)) throw this.#uncharged("that does not give its call depth back");
    if (close === undefined) scanner.next();
    // The function's own end, for which this stands in: all blocks closed, nothing pending.
    if (this.#segments.nesting !== 0 || this.#helper !== undefined) throw new WasmError(scanner.offset, "a function's blocks don't close");
    this.#settle(undefined);
    return { index: this.#index, segments: this.#segments, claims: this.#claims, depth };
  }

  #instruction(paysDepth: boolean): void {
    const scanner = this.#scanner;
    const charges = this.#charges;
    const needed = charges.helperBefore(scanner.op);
    if (needed !== this.#helper) {
      if (needed !== undefined) throw this.#uncharged(needed === charges.charge ? "with an uncharged bulk memory operation" : "that lets the bits of a NaN be seen");
      throw this.#uncharged("that calls a function of the build where none belongs");
    }
    this.#helper = undefined;
    switch (scanner.op) {
      case Op.globalGet: case Op.globalSet:
        if (scanner.immediate >= charges.fuel) throw this.#uncharged("that touches a counter outside of a charge");
        break;
      case Op.memoryGrow: throw this.#uncharged("with an uncharged memory.grow");
      case Op.return: if (paysDepth) throw this.#uncharged("that returns without giving its call depth back"); break;
      case Op.call: if (scanner.immediate >= this.#own && this.#helperCall()) return this.#settle(undefined); break;
      case Op.end: if (this.#segments.nesting === 0) throw new WasmError(scanner.start, "a function goes on behind its end"); break;
    }
    const site = this.#segments.take(scanner);
    if (site?.at === "back" && scanner.op === Op.brIf) throw this.#uncharged("with a branch back that is not charged");
    this.#settle(site);
    if (site?.at === "arm") this.#head = this.#segments.sites.length - 1;
  }

  /** Notes a call of a helper; true when the call itself is no instruction of the core. */
  #helperCall(): boolean {
    if (this.#scanner.immediate === this.#charges.grow) {
      // Stands for the memory.grow that it replaces.
      this.#scanner.op = Op.memoryGrow;
      return false;
    }
    this.#helper = this.#scanner.immediate;
    return true;
  }

  /** Says what the charges before the instruction at hand are for; `site`: what it is. */
  #settle(site: Site | undefined): void {
    if (site?.at === "back") {
      const claim = this.#pending.pop();
      if (claim === undefined) throw this.#uncharged("with a branch back that is not charged");
      this.#claims[this.#segments.sites.length - 1] = claim;
    }
    if (this.#head !== -1) this.#claims[this.#head] = this.#pending.pop();
    this.#head = -1;
    if (this.#pending.length > 0) throw this.#uncharged("with a charge where none belongs", this.#pending[0]!.offset);
  }

  /** Reads a charge, if one stands here. */
  #takeCharge(): Claim | undefined {
    const scanner = this.#scanner;
    const { offset } = scanner;
    if (!this.#accept(this.#charges.fuelHead)) return undefined;
    const weight = scanner.s32();
    if (weight <= 0 || !this.#accept(this.#charges.fuelTail)) throw this.#uncharged("with a malformed charge", offset);
    return { weight, offset };
  }

  /** Reads the depth charge, if one stands here, and the block that it opens. Returns its units, 0 for none. */
  #takeEnter(): number {
    if (!this.#accept(this.#charges.enterHead)) return 0;
    const units = this.#scanner.s32();
    if (units <= 0 || !this.#accept(this.#charges.enterTail(typeOf(this.#module, this.#index)))) throw this.#uncharged("with a malformed charge of call depth");
    return units;
  }

  /** Moves past `expected` if these are the next bytes. */
  #accept(expected: Uint8Array): boolean {
    const scanner = this.#scanner;
    if (expected.length > scanner.end - scanner.offset) return false;
    for (let n = 0; n < expected.length; n++) if (scanner.bytes[scanner.offset + n] !== expected[n]) return false;
    scanner.offset += expected.length;
    return true;
  }

  #uncharged(what: string, offset = this.#scanner.start): UnchargedError {
    return new UnchargedError(what, this.#index, offset);
  }
}
