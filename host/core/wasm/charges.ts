/**
 * What the build adds to a core, byte for byte: the sequences that charge fuel and call depth, and the helper functions.
 * The meter writes them, the verifier demands them; nothing else may touch the counters.
 *
 * A metered module ends with three globals of its own (fuel, depth, refused) and six functions (charge, grow, canonical
 * f32 and f64, reserve, reset), so that every index of the compiled module stays as it was.
 */
import { Writer } from "./bytes.ts";
import { type Body, type Export, type FunctionType, type Global, External, ValueType } from "./module.ts";
import { Op } from "./opcodes.ts";
import { type MemoryPlan, RESERVE_TYPE, reserveBody } from "./reserve.ts";

/** Cost of the charge itself at the head of a segment, in fuel. */
export const HEAD_WEIGHT = 4;
/** Arms of an `if` from this weight on are charged by themselves; those that go back to a loop's head from the next one on. */
export const ARM_WEIGHT_MIN = 300;
export const REPEATING_WEIGHT_MIN = 400;
/** Functions up to this weight are paid for by their callers. */
export const PREPAID_WEIGHT_MAX = 128;
/** Cost of a bulk memory operation and of a growth, apart from the bytes and pages. */
const BULK_WEIGHT = 60;
const GROW_WEIGHT = 5_000;
/** Locals and operands that one unit of call depth pays for: with 8 bytes each, 128 bytes. */
const SLOTS_PER_DEPTH = 16;

export const SYSTEM_GLOBALS = 3;
export const SYSTEM_FUNCTIONS = 6;
/** Names under which the counters are exported. `refused`: pages of the last growth that did not fit, plus one. */
export const FUEL = "toque:fuel";
export const DEPTH = "toque:depth";
export const REFUSED = "toque:refused";
/** The export of every other mutable global N. */
export const GLOBAL_PREFIX = "toque:g";
/** The export that makes room for the input: the build's function around the core's own. */
export const REALLOC = "cabi_realloc";
/** The export that sets all mutable globals at once: the host's way to put them back. */
export const RESET = "toque:reset";
/** The export of the global with the address of the abort message. */
export const TRAP = "toque:trap";

const { i32, f32, f64 } = ValueType;
const EMPTY = 0x40;

/** The indexes of what the build adds, and the sequences that use them. */
export class Charges {
  readonly fuel: number;
  readonly depth: number;
  readonly refused: number;
  readonly charge: number;
  readonly grow: number;
  readonly canonical32: number;
  readonly canonical64: number;
  readonly reserve: number;
  readonly reset: number;
  /** The two halves of a fuel charge; the weight as signed LEB128 stands between them. */
  readonly fuelHead: Uint8Array;
  readonly fuelTail: Uint8Array;
  /** The first half of a depth charge, likewise. */
  readonly enterHead: Uint8Array;
  readonly #globals: readonly Global[];
  readonly #memory: MemoryPlan;

  /** `globals`: those that the module had before metering; `functions`: how many it had. */
  constructor(globals: readonly Global[], functions: number, memory: MemoryPlan) {
    [this.fuel, this.depth, this.refused] = [globals.length, globals.length + 1, globals.length + 2];
    [this.charge, this.grow, this.canonical32, this.canonical64] = [functions, functions + 1, functions + 2, functions + 3];
    [this.reserve, this.reset] = [functions + 4, functions + 5];
    this.#globals = globals;
    this.#memory = memory;
    this.fuelHead = new Writer().byte(Op.globalGet).u32(this.fuel).byte(Op.i32Const).done();
    this.enterHead = new Writer().byte(Op.globalGet).u32(this.depth).byte(Op.i32Const).done();
    this.fuelTail = new Writer().byte(Op.i32Sub, Op.globalSet).u32(this.fuel).raw(trapBelowZero(this.fuel)).done();
  }

  /** Writes a charge of `weight`; nothing for 0. */
  fuelCharge(writer: Writer, weight: number): void {
    if (weight > 0) writer.raw(this.fuelHead).s32(weight).raw(this.fuelTail);
  }

  /** At the entry of a function that may recur: take `units`, then open the block that every `return` leaves. */
  enter(writer: Writer, units: number, type: FunctionType): void {
    writer.raw(this.enterHead).s32(units).raw(this.enterTail(type));
  }

  enterTail(type: FunctionType): Uint8Array {
    const writer = new Writer().byte(Op.i32Sub, Op.globalSet).u32(this.depth).raw(trapBelowZero(this.depth));
    return writer.byte(Op.block, type.results[0] ?? EMPTY).done();
  }

  /** At its only exit: close the block, give the units back, end the function. */
  leaving(units: number): Uint8Array {
    const writer = new Writer().byte(Op.end, Op.globalGet).u32(this.depth).byte(Op.i32Const).s32(units);
    return writer.byte(Op.i32Add, Op.globalSet).u32(this.depth).byte(Op.end).done();
  }

  /** The helper that stands right before `op` and looks at the operand on top of the stack, or undefined. */
  helperBefore(op: number): number | undefined {
    switch (op) {
      case Op.memoryCopy: case Op.memoryFill: return this.charge;
      case Op.f32Store: case Op.f32Copysign: case Op.i32ReinterpretF32: return this.canonical32;
      case Op.f64Store: case Op.f64Copysign: case Op.i64ReinterpretF64: return this.canonical64;
      default: return undefined;
    }
  }

  /** Types and bodies of the helpers, in the order of their indexes. `realloc`: the core's own function of that purpose. */
  helpers(realloc: number): { type: FunctionType; body: Uint8Array }[] {
    return [
      { type: { params: [i32], results: [i32] }, body: this.#chargeBody() },
      { type: { params: [i32], results: [i32] }, body: this.#growBody() },
      { type: { params: [f32], results: [f32] }, body: canonicalBody(Op.f32Const, [0x00, 0x00, 0xc0, 0x7f], Op.f32Eq) },
      { type: { params: [f64], results: [f64] }, body: canonicalBody(Op.f64Const, [0, 0, 0, 0, 0, 0, 0xf8, 0x7f], Op.f64Eq) },
      { type: RESERVE_TYPE, body: reserveBody(this.fuel, trapBelowZero(this.fuel), realloc, this.#memory) },
      this.#resetHelper(),
    ];
  }

  /** `reset(values)`: one for each mutable global, in the order of their indexes. */
  #resetHelper(): { type: FunctionType; body: Uint8Array } {
    const targets = mutableGlobals(this.#globals);
    const writer = new Writer().byte(0);
    targets.forEach(({ index }, n) => { writer.byte(Op.localGet).u32(n).byte(Op.globalSet).u32(index); });
    return { type: { params: targets.map(({ type }) => type), results: [] }, body: writer.byte(Op.end).done() };
  }

  /**
   * `charge(bytes)`: one unit for eight bytes, so that even 2^32 bytes don't wrap the counter, and `BULK_WEIGHT` for the
   * call that an engine makes. Gives its argument back.
   */
  #chargeBody(): Uint8Array {
    const writer = new Writer().byte(0, Op.globalGet).u32(this.fuel).byte(Op.i32Const).s32(BULK_WEIGHT);
    writer.byte(Op.localGet, 0, Op.i32Const, 3, Op.i32ShrU, Op.i32Add, Op.i32Sub, Op.globalSet).u32(this.fuel);
    return writer.raw(trapBelowZero(this.fuel)).byte(Op.localGet, 0, Op.end).done();
  }

  /**
   * `grow(pages)`: like memory.grow, paid by the call and by the page (65,536 units: a first touch of 64 KiB takes up to 40 us).
   * What lies beyond the maximum is refused and noted; a growth that fails all the same traps, since only there would a core see what machine it runs on.
   */
  #growBody(): Uint8Array {
    const writer = new Writer().byte(0);
    writer.byte(Op.globalGet).u32(this.fuel).byte(Op.i32Const).s32(GROW_WEIGHT).byte(Op.i32Sub, Op.globalSet).u32(this.fuel).raw(trapBelowZero(this.fuel));
    writer.byte(Op.localGet, 0, Op.i32Const).s32(this.#memory.pagesMax).byte(Op.memorySize, 0, Op.i32Sub, Op.i32GtU, Op.if, EMPTY);
    writer.byte(Op.localGet, 0, Op.i32Const, 1, Op.i32Add, Op.globalSet).u32(this.refused);
    writer.byte(Op.i32Const).s32(-1).byte(Op.return, Op.end);
    writer.byte(Op.globalGet).u32(this.fuel).byte(Op.localGet, 0, Op.i32Const, 16, Op.i32Shl, Op.i32Sub, Op.globalSet).u32(this.fuel);
    writer.raw(trapBelowZero(this.fuel));
    writer.byte(Op.localGet, 0, Op.memoryGrow, 0, Op.localSet, 0);
    writer.byte(Op.localGet, 0, Op.i32Const).s32(-1).byte(Op.i32Eq, Op.if, EMPTY, Op.unreachable, Op.end);
    return writer.byte(Op.localGet, 0, Op.end).done();
  }
}

function trapBelowZero(global: number): Uint8Array {
  return new Writer().byte(Op.globalGet).u32(global).byte(Op.i32Const, 0, Op.i32LtS, Op.if, EMPTY, Op.unreachable, Op.end).done();
}

/** `x` if it equals itself, else the one NaN. Only NaNs differ from themselves. */
function canonicalBody(constant: number, nan: number[], equal: number): Uint8Array {
  return new Writer().byte(0, Op.localGet, 0, constant, ...nan, Op.localGet, 0, Op.localGet, 0, equal, Op.select, Op.end).done();
}

/** Depth units of a function's frame: one for what an engine keeps there itself, and its locals and operands. */
export function depthUnits(type: FunctionType, body: Body, operandsMax: number): number {
  return 1 + Math.floor((slotsOf(type, body) + operandsMax) / SLOTS_PER_DEPTH);
}

/** Parameters and locals of a function; a v128 counts twice. */
function slotsOf(type: FunctionType, body: Body): number {
  const width = (valueType: number) => (valueType === ValueType.v128 ? 2 : 1);
  return type.params.reduce((sum, param) => sum + width(param), 0) + body.locals.reduce((sum, local) => sum + local.count * width(local.type), 0);
}

/** Every mutable global of a metered module; `globals` are those that it had before. */
function mutableGlobals(globals: readonly Global[]): { index: number; type: number }[] {
  const own = globals.flatMap(({ mutable, type }, index) => (mutable ? [{ index, type }] : []));
  return [...own, ...[FUEL, DEPTH, REFUSED].map((_, n) => ({ index: globals.length + n, type: i32 }))];
}

/** The exports that the build adds: the counters, and every other mutable global. In the order in which `reset` takes them. */
export function systemExports(globals: readonly Global[], trap: number | undefined): Export[] {
  const names = [FUEL, DEPTH, REFUSED];
  const nameOf = (index: number) => (index === trap ? TRAP : (names[index - globals.length] ?? `${GLOBAL_PREFIX}${index}`));
  return mutableGlobals(globals).map(({ index }) => ({ name: nameOf(index), kind: External.global, index }));
}
