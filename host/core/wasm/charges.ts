/**
 * What the build adds to a core, byte for byte: the sequences that charge fuel and call depth, and the helper functions.
 * The meter writes them, the verifier demands them; nothing else may touch the counters.
 *
 * A metered module ends with three globals of its own (fuel, depth, refused) and four functions (charge, grow, canonical
 * f32 and f64), so that every index of the compiled module stays as it was.
 */
import { Writer } from "./bytes.ts";
import { type Body, type Export, type FunctionType, type Global, External, ValueType } from "./module.ts";
import { Op } from "./opcodes.ts";

/** Cost of the charge itself at the head of a segment, in fuel. */
export const HEAD_WEIGHT = 4;
/** Arms of an `if` from this weight on are charged by themselves. */
export const ARM_WEIGHT_MIN = 48;
/** Cost of a bulk memory operation and of a growth, apart from the bytes and pages. */
const BULK_WEIGHT = 60;
const GROW_WEIGHT = 5_000;
/** Locals and operands that one unit of call depth pays for: with 8 bytes each, 128 bytes. */
const SLOTS_PER_DEPTH = 16;

export const SYSTEM_GLOBALS = 3;
export const SYSTEM_FUNCTIONS = 4;
/** Names under which the counters are exported. `refused`: pages of the last growth that did not fit, plus one. */
export const FUEL = "toque:fuel";
export const DEPTH = "toque:depth";
export const REFUSED = "toque:refused";
/** The export of every other mutable global N. */
export const GLOBAL_PREFIX = "toque:g";
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
  /** The two halves of a fuel charge; the weight as signed LEB128 stands between them. */
  readonly fuelHead: Uint8Array;
  readonly fuelTail: Uint8Array;
  /** The first half of a depth charge, likewise. */
  readonly enterHead: Uint8Array;
  readonly #pagesMax: number;

  /** `globals` and `functions` count what the module had before metering. */
  constructor(globals: number, functions: number, pagesMax: number) {
    [this.fuel, this.depth, this.refused] = [globals, globals + 1, globals + 2];
    [this.charge, this.grow, this.canonical32, this.canonical64] = [functions, functions + 1, functions + 2, functions + 3];
    this.#pagesMax = pagesMax;
    this.fuelHead = new Writer().byte(Op.globalGet).u32(this.fuel).byte(Op.i32Const).done();
    this.enterHead = new Writer().byte(Op.globalGet).u32(this.depth).byte(Op.i32Const).done();
    this.fuelTail = new Writer().byte(Op.i32Sub, Op.globalSet).u32(this.fuel).raw(trapBelowZero(this.fuel)).done();
  }

  fuelCharge(writer: Writer, weight: number): void {
    writer.raw(this.fuelHead).s32(weight).raw(this.fuelTail);
  }

  /** Before a quiet loop: `local` takes over the fuel. */
  takeOver(local: number): Uint8Array {
    return new Writer().byte(Op.globalGet).u32(this.fuel).byte(Op.localSet).u32(local).done();
  }

  /** The two halves of a charge inside a quiet loop, which only writes the counter. */
  localHead(local: number): Uint8Array {
    return new Writer().byte(Op.localGet).u32(local).byte(Op.i32Const).done();
  }
  localTail(local: number): Uint8Array {
    const writer = new Writer().byte(Op.i32Sub, Op.localTee).u32(local).byte(Op.globalSet).u32(this.fuel);
    return writer.byte(Op.localGet).u32(local).byte(Op.i32Const, 0, Op.i32LtS, Op.if, EMPTY, Op.unreachable, Op.end).done();
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

  /** Types and bodies of the helpers, in the order of their indexes. */
  helpers(): { type: FunctionType; body: Uint8Array }[] {
    return [
      { type: { params: [i32], results: [i32] }, body: this.#chargeBody() },
      { type: { params: [i32], results: [i32] }, body: this.#growBody() },
      { type: { params: [f32], results: [f32] }, body: canonicalBody(Op.f32Const, [0x00, 0x00, 0xc0, 0x7f], Op.f32Eq) },
      { type: { params: [f64], results: [f64] }, body: canonicalBody(Op.f64Const, [0, 0, 0, 0, 0, 0, 0xf8, 0x7f], Op.f64Eq) },
    ];
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
   * `grow(pages)`: like memory.grow, paid by the call and by the page (65,536 units: a first touch of 64 KiB takes up to 40 us). What lies beyond the maximum is
   * refused and noted; a growth that fails all the same traps, since only there would a core see what machine it runs on.
   */
  #growBody(): Uint8Array {
    const writer = new Writer().byte(0);
    writer.byte(Op.globalGet).u32(this.fuel).byte(Op.i32Const).s32(GROW_WEIGHT).byte(Op.i32Sub, Op.globalSet).u32(this.fuel).raw(trapBelowZero(this.fuel));
    writer.byte(Op.localGet, 0, Op.i32Const).s32(this.#pagesMax).byte(Op.memorySize, 0, Op.i32Sub, Op.i32GtU, Op.if, EMPTY);
    writer.byte(Op.localGet, 0, Op.i32Const, 1, Op.i32Add, Op.globalSet).u32(this.refused);
    writer.byte(Op.i32Const).s32(-1).byte(Op.return, Op.end);
    writer.byte(Op.globalGet).u32(this.fuel).byte(Op.localGet, 0, Op.i32Const, 16, Op.i32Shl, Op.i32Sub, Op.globalSet).u32(this.fuel);
    writer.raw(trapBelowZero(this.fuel));
    writer.byte(Op.localGet, 0, Op.memoryGrow, 0, Op.localSet, 0);
    writer.byte(Op.localGet, 0, Op.i32Const).s32(-1).byte(0x46, Op.if, EMPTY, Op.unreachable, Op.end);
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

/** How many parameters and locals a function has: the index of the next one. */
export function localsOf(type: FunctionType, body: Body): number {
  return type.params.length + body.locals.reduce((sum, local) => sum + local.count, 0);
}

/** Parameters and locals of a function; a v128 counts twice. */
function slotsOf(type: FunctionType, body: Body): number {
  const width = (valueType: number) => (valueType === ValueType.v128 ? 2 : 1);
  return type.params.reduce((sum, param) => sum + width(param), 0) + body.locals.reduce((sum, local) => sum + local.count * width(local.type), 0);
}

/** The exports that the build adds: the counters, and every mutable global that isn't exported already as one of them. */
export function systemExports(globals: readonly Global[], trap: number | undefined): Export[] {
  const own = globals.length;
  const exports = [FUEL, DEPTH, REFUSED].map((name, n) => ({ name, kind: External.global, index: own + n }));
  globals.forEach((global, index) => {
    if (global.mutable && index !== trap) exports.push({ name: `${GLOBAL_PREFIX}${index}`, kind: External.global, index });
  });
  return exports;
}
