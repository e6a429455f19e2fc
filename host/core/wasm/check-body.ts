/**
 * One function of a metered core, checked in one scan: every charge stands where it must, byte for byte, and is worth what
 * the segment behind it costs; nothing else touches the counters or calls the build's helpers.
 */
import { typeOf } from "./analysis.ts";
import { WasmError } from "./bytes.ts";
import { type Charges, localsOf } from "./charges.ts";
import { type Module, ValueType } from "./module.ts";
import { Op } from "./opcodes.ts";
import { Scanner } from "./scanner.ts";
import { type Mode, Segments } from "./segments.ts";

/** A function that doesn't pay what it costs. The message continues "CORE2006 <file> ...". */
export class UnchargedError extends Error {
  constructor(what: string, index: number, offset: number) {
    super(`has a function (number ${index}) ${what} (at byte ${offset})`);
    this.name = "UnchargedError";
  }
}

/** A charge as it was found. */
interface Claim { weight: number; offset: number; mode: Mode }

export interface CheckedBody {
  segments: Segments;
  /** Units of call depth that it pays; 0 when it pays none. Whether that is right only the whole call graph says. */
  depth: number;
}

/** Checks function `index`; `own`: the type indexes of the core's own functions. Throws `UnchargedError` or `WasmError`. */
export function verifyBody(module: Module, index: number, own: readonly number[], charges: Charges): CheckedBody {
  return new BodyCheck(module, index, own, charges).run();
}

class BodyCheck {
  readonly #scanner: Scanner;
  readonly #module: Module;
  readonly #index: number;
  readonly #own: number;
  readonly #charges: Charges;
  readonly #segments: Segments;
  readonly #takeOver: Uint8Array;
  readonly #localHead: Uint8Array;
  readonly #localTail: Uint8Array;
  /** What the charge at each segment's head takes, and where it stands; as `Segments.weights` is numbered. */
  readonly #claimed: (Claim | undefined)[] = [];
  /** The local that keeps the fuel in quiet loops, if the function has one: its last. */
  readonly #local: number;
  /** Where the core's own code uses that local: nowhere, if it keeps the fuel. */
  #localUsedAt = -1;
  /** The fuel was just handed to the local: a loop must follow. */
  #tookOver = false;
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
    this.#local = localsOf(typeOf(module, index), body) - 1;
    this.#takeOver = charges.takeOver(Math.max(0, this.#local));
    this.#localHead = charges.localHead(Math.max(0, this.#local));
    this.#localTail = charges.localTail(Math.max(0, this.#local));
  }

  run(): CheckedBody {
    this.#takeCharge();
    const depth = this.#takeEnter();
    const scanner = this.#scanner;
    const close = depth === 0 ? undefined : this.#charges.leaving(depth);
    const last = scanner.end - (close?.length ?? 1);
    while (scanner.offset < last) {
      if (this.#accept(this.#takeOver)) { this.#takenOver(); continue; }
      scanner.next();
      this.#instruction(depth > 0);
    }
    if (scanner.offset !== last) throw this.#uncharged("whose end is not where it gives its call depth back");
    if (close !== undefined && !this.#accept(close)) throw this.#uncharged("that does not give its call depth back");
    if (close === undefined) scanner.next();
    this.#close();
    return { segments: this.#segments, depth };
  }

  /** The function's own end, for which the verifier stands in: all blocks closed, nothing pending, the body paid. */
  #close(): void {
    if (this.#segments.nesting !== 0 || this.#helper !== undefined) throw new WasmError(this.#scanner.offset, "a function's blocks don't close");
    this.#settle(0);
    const modes = this.#segments.modes();
    this.#claimed.forEach((claim, segment) => {
      if (claim !== undefined && claim.mode !== modes[segment]) throw this.#uncharged("that keeps its fuel in the wrong place", claim.offset);
    });
    if (modes.includes("enter") && (this.#localUsedAt !== -1 || !this.#endsWithI32())) throw this.#uncharged("that touches the local with its fuel", this.#localUsedAt);
  }

  #endsWithI32(): boolean {
    const last = this.#module.bodies[this.#index]!.locals.at(-1);
    return last?.count === 1 && last.type === ValueType.i32;
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
    if (this.#tookOver && scanner.op !== Op.loop) throw this.#uncharged("that hands its fuel to a local where no loop begins");
    switch (scanner.op) {
      case Op.localGet: case Op.localSet: case Op.localTee:
        if (scanner.immediate === this.#local) this.#localUsedAt = scanner.start;
        break;
      case Op.globalGet: case Op.globalSet:
        if (scanner.immediate >= charges.fuel) throw this.#uncharged("that touches a counter outside of a charge");
        break;
      case Op.memoryGrow: throw this.#uncharged("with an uncharged memory.grow");
      case Op.return: if (paysDepth) throw this.#uncharged("that returns without giving its call depth back"); break;
      case Op.call: if (scanner.immediate >= this.#own && this.#helperCall()) return; break;
      case Op.end: if (this.#segments.nesting === 0) throw new WasmError(scanner.start, "a function goes on behind its end"); break;
    }
    const ended = this.#segments.take(scanner);
    if (ended !== -1) this.#settle(ended);
    if (scanner.op === Op.loop) this.#takeCharge();
    else if (scanner.op === Op.if || scanner.op === Op.else) this.#takeArm();
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

  /** Reads the charge that must stand at the head of a function or loop. */
  #takeCharge(): void {
    const { offset } = this.#scanner;
    const claim = this.#charge();
    if (claim === undefined) throw this.#uncharged(this.#claimed.length === 0 ? "that is not charged" : "with a loop that is not charged", offset);
    this.#claimed.push(claim);
  }

  /** Reads a charge in either form, if one stands here. */
  #charge(): Claim | undefined {
    const scanner = this.#scanner;
    const { offset } = scanner;
    const mode = this.#tookOver ? "enter" : "local";
    this.#tookOver = false;
    if (this.#accept(this.#charges.fuelHead)) {
      const weight = scanner.s32();
      if (mode === "local" && this.#accept(this.#charges.fuelTail)) return { weight, offset, mode: "global" };
      throw this.#uncharged("with a malformed charge", offset);
    }
    if (this.#accept(this.#localHead)) {
      const weight = scanner.s32();
      if (this.#accept(this.#localTail)) return { weight, offset, mode };
      // The core's own code may begin like a charge.
      scanner.offset = offset;
    }
    return undefined;
  }

  /** Notes that the local took over the fuel. */
  #takenOver(): void {
    if (this.#tookOver || this.#helper !== undefined) throw this.#uncharged("that hands its fuel to a local where no loop begins", this.#scanner.offset);
    this.#tookOver = true;
  }

  /** Reads the charge of an arm, if there is one: whether there must be is known when the arm ends. */
  #takeArm(): void {
    this.#claimed.push(this.#charge());
  }

  /** Reads the depth charge, if one stands here, and the block that it opens. Returns its units, 0 for none. */
  #takeEnter(): number {
    if (!this.#accept(this.#charges.enterHead)) return 0;
    const units = this.#scanner.s32();
    if (units <= 0 || !this.#accept(this.#charges.enterTail(typeOf(this.#module, this.#index)))) throw this.#uncharged("with a malformed charge of call depth");
    return units;
  }

  /** A segment ended: what its charge takes must be what it costs. */
  #settle(segment: number): void {
    const claimed = this.#claimed[segment];
    const weight = this.#segments.charged[segment] === true ? this.#segments.weights[segment]! : undefined;
    if (claimed?.weight === weight) return;
    throw this.#uncharged(`that charges ${claimed?.weight ?? "nothing"} where it must charge ${weight ?? "nothing"}`, claimed?.offset);
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
