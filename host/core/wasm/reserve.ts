/**
 * How much memory a pass starts with: a fixed function of the length of its input. A fresh instance grows to it when the
 * host asks for room (the build wraps the core's cabi_realloc), a host that keeps instances has one of that size ready. So
 * the core sees the same memory, and pays the same fuel for it, wherever it runs.
 *
 * Sizes have three significant bits, so that there are few of them: 1 to 8 pages, 10, 12, 14, 16, 20. An input takes some two
 * times its bytes when it is read into objects; what a pass makes of it comes on top.
 */
import { Writer } from "./bytes.ts";
import { type FunctionType, type Module, ValueType } from "./module.ts";
import { Op } from "./opcodes.ts";

/** Bytes of memory for each byte of input, and for a pass over nothing. */
const BYTES_PER_BYTE = 3;
const BYTES_MIN = 16 << 10;
const PAGE_BITS = 16;
/** Leading zeros of a number with three bits. */
const SIGNIFICANT_CLZ = 29;
/** Fuel for the reservation, and, as a power of two, for each page: about what it takes to put one back. */
const RESERVE_WEIGHT = 100;
const PAGE_WEIGHT_BITS = 11;

const { i32 } = ValueType;
const EMPTY = 0x40;

/** What the size depends on beside the input. `staticBytes`: the end of the core's data. */
export interface MemoryPlan { staticBytes: number; pagesMax: number }

/** `pagesMax`: the most that the memory may grow to. */
export function memoryPlan(module: Module, pagesMax: number): MemoryPlan {
  const pages = module.memories[0]?.min ?? 0;
  // Data beyond the memory makes the instance fail to start.
  return { staticBytes: Math.min(module.dataEnd, pages << PAGE_BITS), pagesMax };
}

/** Pages of memory at the start of a pass over `bytes` of input (UTF-16), unless there are more already. */
export function pagesFor(bytes: number, { staticBytes, pagesMax }: MemoryPlan): number {
  const wanted = (Math.min(bytes, pagesMax << PAGE_BITS) * BYTES_PER_BYTE + overhead(staticBytes)) >>> PAGE_BITS;
  const low = Math.max(SIGNIFICANT_CLZ - Math.clz32(wanted - 1), 0);
  return Math.min((((wanted - 1) >>> low) + 1) << low, pagesMax);
}

function overhead(staticBytes: number): number {
  return staticBytes + BYTES_MIN + (1 << PAGE_BITS) - 1;
}

/** As the canonical ABI has cabi_realloc: old address, old size, alignment, new size. */
export const RESERVE_TYPE: FunctionType = { params: [i32, i32, i32, i32], results: [i32] };
const [SIZE, PAGES, LOW] = [3, 4, 5] as const;

/**
 * The function that is exported as cabi_realloc: reserves `pagesFor(size)`, charges for them whether it has to grow or not,
 * then calls `inner`, the core's own. `trap`: what ends a pass when `fuel` is below zero.
 */
export function reserveBody(fuel: number, trap: Uint8Array, inner: number, { staticBytes, pagesMax }: MemoryPlan): Uint8Array {
  const writer = new Writer().byte(1, 2, i32);
  const get = (local: number) => { writer.byte(Op.localGet, local); };
  const set = (local: number) => { writer.byte(Op.localSet, local); };
  const constant = (value: number) => { writer.byte(Op.i32Const).s32(value); };
  const ops = (...codes: number[]) => { writer.byte(...codes); };
  // pages = wanted - 1
  get(SIZE); constant(pagesMax << PAGE_BITS); get(SIZE); constant(pagesMax << PAGE_BITS); ops(Op.i32LtU, Op.select);
  constant(BYTES_PER_BYTE); ops(Op.i32Mul); constant(overhead(staticBytes)); ops(Op.i32Add); constant(PAGE_BITS); ops(Op.i32ShrU); constant(1); ops(Op.i32Sub); set(PAGES);
  constant(SIGNIFICANT_CLZ); get(PAGES); ops(Op.i32Clz, Op.i32Sub); set(LOW);
  get(LOW); constant(0); get(LOW); constant(0); ops(Op.i32GtS, Op.select); set(LOW);
  get(PAGES); get(LOW); ops(Op.i32ShrU); constant(1); ops(Op.i32Add); get(LOW); ops(Op.i32Shl); set(PAGES);
  get(PAGES); constant(pagesMax); get(PAGES); constant(pagesMax); ops(Op.i32LtU, Op.select); set(PAGES);
  writer.byte(Op.globalGet).u32(fuel);
  constant(RESERVE_WEIGHT); get(PAGES); constant(PAGE_WEIGHT_BITS); ops(Op.i32Shl, Op.i32Add, Op.i32Sub);
  writer.byte(Op.globalSet).u32(fuel).raw(trap);
  get(PAGES); ops(Op.memorySize, 0, Op.i32GtU, Op.if, EMPTY);
  get(PAGES); ops(Op.memorySize, 0, Op.i32Sub, Op.memoryGrow, 0); constant(-1); ops(Op.i32Eq, Op.if, EMPTY, Op.unreachable, Op.end, Op.end);
  for (let local = 0; local <= SIZE; local++) get(local);
  return writer.byte(Op.call).u32(inner).byte(Op.end).done();
}
