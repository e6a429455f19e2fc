/**
 * Walks the instructions of one function body, without allocating: `next()` moves to the next instruction and fills the
 * fields. What a core may not hold is refused by name.
 */
import { Reader, WasmError } from "./bytes.ts";
import { Imm, IMM, Op, refusedName } from "./opcodes.ts";

export class Scanner extends Reader {
  /** The instruction at hand (see `Op`). */
  op = 0;
  /** Where it starts; it ends at `offset`. */
  start = 0;
  /** Its first index immediate, its i32 constant, or the number of targets of a br_table. */
  immediate = 0;
  /** Where its block type starts, for block, loop and if. */
  blockType = 0;

  /** Moves to the next instruction; false behind the last one. */
  next(): boolean {
    if (this.offset >= this.end) return false;
    this.start = this.offset;
    let op = this.bytes[this.offset++]!;
    if (op >= 0xfb && op <= 0xfe) {
      const sub = this.u32();
      if (sub > 0xff) throw new WasmError(this.start, op === 0xfd ? "it uses relaxed SIMD" : "it uses an unknown instruction");
      op = op * 256 + sub;
    }
    this.op = op;
    this.#immediates(op < IMM.length ? IMM[op]! : 255);
    return true;
  }

  #immediates(shape: number): void {
    switch (shape) {
      case Imm.none: return;
      case Imm.index: this.immediate = this.u32(); return;
      case Imm.i32: this.immediate = this.s32(); return;
      case Imm.memarg: return this.#memarg();
      case Imm.block: this.blockType = this.offset; return this.skipLeb(5);
      case Imm.i64: return this.skipLeb(10);
      case Imm.f32: return this.skip(4);
      case Imm.f64: return this.skip(8);
      case Imm.brTable: this.immediate = this.u32(); for (let n = 0; n <= this.immediate; n++) this.u32(); return;
      case Imm.callIndirect: this.immediate = this.u32(); return this.#zeros(1);
      case Imm.zero: return this.#zeros(1);
      case Imm.zeroZero: return this.#zeros(2);
      case Imm.lane: return this.skip(1);
      case Imm.memargLane: this.#memarg(); return this.skip(1);
      case Imm.bytes16: return this.skip(16);
      default: throw new WasmError(this.start, `it uses ${refusedName(this.op)}`);
    }
  }

  /** Alignment and offset. Bit 6 of the alignment would name another memory; 64-bit offsets come with memory64. */
  #memarg(): void {
    if (this.u32() >= 32) throw new WasmError(this.start, "it uses more than one memory");
    this.u32();
  }

  #zeros(count: number): void {
    for (let n = 0; n < count; n++) if (this.byte() !== 0) throw new WasmError(this.start, "it uses a second memory or table");
  }
}

/** Whether `op` opens a block that an `end` closes. */
export function opensBlock(op: number): boolean {
  return op === Op.block || op === Op.loop || op === Op.if;
}
