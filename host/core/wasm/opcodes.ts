/**
 * Every instruction that a core may hold: how its immediates look, what it takes from and leaves on the operand stack, and
 * what it costs. One table for the meter (build) and the verifier (host), so that the two can't differ.
 */

/** Instructions behind a prefix byte are numbered `prefix * 256 + sub`: `0xfc0a` is memory.copy. */
export const Op = {
  unreachable: 0x00, block: 0x02, loop: 0x03, if: 0x04, else: 0x05, end: 0x0b, br: 0x0c, brIf: 0x0d, brTable: 0x0e,
  return: 0x0f, call: 0x10, callIndirect: 0x11, select: 0x1b, localGet: 0x20, localSet: 0x21, localTee: 0x22, globalGet: 0x23,
  globalSet: 0x24, f32Store: 0x38, f64Store: 0x39, memorySize: 0x3f, memoryGrow: 0x40, i32Const: 0x41, f32Const: 0x43,
  f64Const: 0x44, i32Eq: 0x46, i32LtS: 0x48, i32LtU: 0x49, i32GtS: 0x4a, i32GtU: 0x4b, f32Eq: 0x5b, f64Eq: 0x61, i32Clz: 0x67,
  i32Add: 0x6a, i32Sub: 0x6b, i32Mul: 0x6c, i32Shl: 0x74, i32ShrU: 0x76, f32Copysign: 0x98, f64Copysign: 0xa6,
  i32ReinterpretF32: 0xbc, i64ReinterpretF64: 0xbd, memoryCopy: 0xfc0a, memoryFill: 0xfc0b,
} as const;

/** The shapes of immediates. */
export const Imm = {
  none: 0, block: 1, index: 2, memarg: 3, brTable: 4, callIndirect: 5, i32: 6, i64: 7, f32: 8, f64: 9, zero: 10,
  zeroZero: 11, lane: 12, memargLane: 13, bytes16: 14,
} as const;

interface Entry { imm: number; pops: number; pushes: number; weight: number }

/**
 * [first, last, immediates, pops, pushes, weight]; later rows win. Weights are in units of a simple instruction, about
 * 0.4 ns; where an instruction may take longer, it weighs what it was measured to take on V8 (see the meter's bench).
 * Pops and pushes bound the operand stack from above: a v128 counts twice, and SIMD arithmetic is taken to keep the height.
 */
const ROWS: readonly (readonly [number, number, number, number, number, number])[] = [
  [0x00, 0x01, Imm.none, 0, 0, 1],
  [0x02, 0x03, Imm.block, 0, 0, 0], [0x04, 0x04, Imm.block, 1, 0, 1], [0x05, 0x05, Imm.none, 0, 0, 0], [0x0b, 0x0b, Imm.none, 0, 0, 0],
  [0x0c, 0x0c, Imm.index, 0, 0, 1], [0x0d, 0x0d, Imm.index, 1, 0, 1], [0x0e, 0x0e, Imm.brTable, 1, 0, 3], [0x0f, 0x0f, Imm.none, 0, 0, 1],
  [0x10, 0x10, Imm.index, 0, 0, 4], [0x11, 0x11, Imm.callIndirect, 1, 0, 12],
  [0x1a, 0x1a, Imm.none, 1, 0, 0], [0x1b, 0x1b, Imm.none, 3, 1, 1],
  [0x20, 0x20, Imm.index, 0, 1, 1], [0x21, 0x21, Imm.index, 1, 0, 1], [0x22, 0x22, Imm.index, 1, 1, 1],
  [0x23, 0x23, Imm.index, 0, 1, 1], [0x24, 0x24, Imm.index, 1, 0, 1],
  [0x28, 0x35, Imm.memarg, 1, 1, 2], [0x36, 0x3e, Imm.memarg, 2, 0, 2],
  [0x3f, 0x3f, Imm.zero, 0, 1, 1], [0x40, 0x40, Imm.zero, 1, 1, 4],
  [0x41, 0x41, Imm.i32, 0, 1, 1], [0x42, 0x42, Imm.i64, 0, 1, 1], [0x43, 0x43, Imm.f32, 0, 1, 1], [0x44, 0x44, Imm.f64, 0, 1, 1],
  [0x45, 0x45, Imm.none, 1, 1, 1], [0x46, 0x4f, Imm.none, 2, 1, 1], [0x50, 0x50, Imm.none, 1, 1, 1], [0x51, 0x66, Imm.none, 2, 1, 1],
  [0x67, 0x69, Imm.none, 1, 1, 1], [0x6a, 0x78, Imm.none, 2, 1, 1], [0x6d, 0x70, Imm.none, 2, 1, 12],
  [0x79, 0x7b, Imm.none, 1, 1, 1], [0x7c, 0x8a, Imm.none, 2, 1, 1], [0x7f, 0x82, Imm.none, 2, 1, 20],
  [0x8b, 0x91, Imm.none, 1, 1, 3], [0x92, 0x98, Imm.none, 2, 1, 3], [0x99, 0x9f, Imm.none, 1, 1, 3], [0xa0, 0xa6, Imm.none, 2, 1, 3],
  [0x91, 0x91, Imm.none, 1, 1, 12], [0x95, 0x95, Imm.none, 2, 1, 12], [0x9f, 0x9f, Imm.none, 1, 1, 16], [0xa3, 0xa3, Imm.none, 2, 1, 12],
  [0xa7, 0xbf, Imm.none, 1, 1, 2], [0xc0, 0xc4, Imm.none, 1, 1, 1],
  [0xfc00, 0xfc07, Imm.none, 1, 1, 4], [0xfc0a, 0xfc0a, Imm.zeroZero, 3, 0, 4], [0xfc0b, 0xfc0b, Imm.zero, 3, 0, 4],
  // Fixed-width SIMD. Gaps in the numbering are left to the engine's own validation.
  [0xfd00, 0xfdff, Imm.none, 1, 1, 4], [0xfd00, 0xfd0a, Imm.memarg, 1, 2, 2], [0xfd0b, 0xfd0b, Imm.memarg, 3, 0, 2],
  [0xfd0c, 0xfd0c, Imm.bytes16, 0, 2, 1], [0xfd0d, 0xfd0d, Imm.bytes16, 2, 0, 2], [0xfd0f, 0xfd14, Imm.none, 1, 2, 1],
  [0xfd15, 0xfd22, Imm.lane, 1, 1, 2], [0xfd54, 0xfd57, Imm.memargLane, 1, 0, 3], [0xfd58, 0xfd5b, Imm.memargLane, 3, 0, 3],
  [0xfd5c, 0xfd5d, Imm.memarg, 1, 2, 2],
];

const table = new Map<number, Entry>();
for (const [first, last, imm, pops, pushes, weight] of ROWS) {
  for (let op = first; op <= last; op++) table.set(op, { imm, pops, pushes, weight });
}

/** Flat views of the table for the scanner's inner loop; `IMM[op]` is 255 for what a core may not hold. */
const SIZE = 0xfe00;
export const IMM = new Uint8Array(SIZE).fill(255);
export const POPS = new Uint8Array(SIZE);
export const PUSHES = new Uint8Array(SIZE);
export const WEIGHT = new Uint16Array(SIZE);
for (const [op, entry] of table) {
  IMM[op] = entry.imm;
  POPS[op] = entry.pops;
  PUSHES[op] = entry.pushes;
  WEIGHT[op] = entry.weight;
}

/**
 * Float SIMD that makes NaNs, or carries a scalar's NaN into integer lanes: the bits of a NaN differ between processors.
 * Scalar floats are made canonical where their bits can be seen (see `charges.ts`); vectors are refused instead.
 */
const NAN_SIMD = [[19, 20], [32, 32], [34, 34], [94, 95], [103, 106], [116, 117], [122, 122], [148, 148], [224, 247]] as const;
for (const [first, last] of NAN_SIMD) for (let sub = first; sub <= last; sub++) IMM[0xfd00 + sub] = 255;

/** What a refused instruction is, for people. `[first, last, what]`. */
const REFUSED: readonly (readonly [number, number, string])[] = [
  [0x06, 0x0a, "exceptions"], [0x12, 0x13, "tail calls"], [0x14, 0x15, "typed function references"], [0x18, 0x1f, "exceptions"],
  [0x1c, 0x1c, "typed select (reference types)"], [0x25, 0x26, "table.get and table.set"], [0xd0, 0xd6, "reference types"],
  [0xfc08, 0xfc08, "memory.init"], [0xfc09, 0xfc09, "data.drop"], [0xfc0c, 0xfc0c, "table.init"], [0xfc0d, 0xfc0d, "elem.drop"],
  [0xfc0e, 0xfc11, "table mutation"], [0xfc12, 0xfcff, "an unknown bulk instruction"], [0xfb00, 0xfbff, "garbage collection"], [0xfd00, 0xfdff, "float SIMD"], [0xfe00, 0xfeff, "threads"],
];

/** The feature that `op` belongs to, for an instruction that is not in the table. */
export function refusedName(op: number): string {
  let found = `unknown instruction 0x${op.toString(16)}`;
  for (const [first, last, what] of REFUSED) if (op >= first && op <= last) found = what;
  return found;
}
