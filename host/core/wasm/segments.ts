/**
 * What a function costs: the weight of each of its segments. A segment is the function without its loops, or a loop without
 * the loops inside it; it is charged as a whole where it is entered, however little of it then runs.
 */
import { Reader, WasmError } from "./bytes.ts";
import type { FunctionType } from "./module.ts";
import { Op, POPS, PUSHES, WEIGHT } from "./opcodes.ts";
import { opensBlock, type Scanner } from "./scanner.ts";
import { ENTRY_WEIGHT, LOOP_WEIGHT } from "./charges.ts";

/** The block type of a block that takes and leaves nothing. */
const EMPTY = 0x40;

interface Frame { loop: boolean; height: number; results: number; segment: number }

/** Follows a scanner through a body, summing segment weights and bounding the operand stack. */
export class Segments {
  /** Weights by segment: 0 is the function itself, then its loops in the order of their heads. */
  readonly weights: number[] = [ENTRY_WEIGHT];
  /** The most operands there may be on the stack at once, from above. */
  operandsMax = 0;
  /** Functions called by name (helpers of the build apart), and whether any is called through the table. */
  readonly callees: number[] = [];
  indirect = false;
  /** Blocks that are open. */
  readonly #frames: Frame[] = [];
  #height = 0;
  #segment = 0;
  readonly #types: readonly FunctionType[];
  readonly #functions: readonly number[];

  constructor(types: readonly FunctionType[], functions: readonly number[]) {
    this.#types = types;
    this.#functions = functions;
  }

  /** Number of blocks open, the function's own not counted. */
  get nesting(): number { return this.#frames.length; }

  /** Takes in the instruction at hand. Returns the number of a segment that just ended, or -1. */
  take(scanner: Scanner): number {
    const op = scanner.op;
    this.weights[this.#segment]! += WEIGHT[op]!;
    this.#height = Math.max(0, this.#height - POPS[op]!) + PUSHES[op]!;
    if (op === Op.call || op === Op.callIndirect) this.#call(scanner);
    if (this.#height > this.operandsMax) this.operandsMax = this.#height;
    if (opensBlock(op)) this.#open(scanner);
    else if (op === Op.end) return this.#close(scanner);
    else if (op === Op.else) this.#height = this.#frames.at(-1)?.height ?? 0;
    return -1;
  }

  #call(scanner: Scanner): void {
    if (scanner.op === Op.call) this.callees.push(scanner.immediate);
    else this.indirect = true;
    const index = scanner.op === Op.call ? this.#functions[scanner.immediate] : scanner.immediate;
    const type = index === undefined ? undefined : this.#types[index];
    if (type === undefined) throw new WasmError(scanner.start, "it calls what is not there");
    this.#height = Math.max(0, this.#height - type.params.length) + 2 * type.results.length;
  }

  #open(scanner: Scanner): void {
    const loop = scanner.op === Op.loop;
    this.#frames.push({ loop, height: this.#height, results: this.#results(scanner), segment: this.#segment });
    if (!loop) return;
    this.#segment = this.weights.length;
    this.weights.push(LOOP_WEIGHT);
  }

  /** Number of values that the block at hand leaves behind. */
  #results(scanner: Scanner): number {
    const first = scanner.bytes[scanner.blockType]!;
    if (first === EMPTY) return 0;
    // A value type is a negative one-byte LEB128, a type index a positive one.
    if ((first & 0xc0) === 0x40) return 1;
    const type = this.#types[new Reader(scanner.bytes, scanner.blockType).u32()];
    if (type === undefined) throw new WasmError(scanner.start, "a block's type is not there");
    return type.results.length;
  }

  #close(scanner: Scanner): number {
    const frame = this.#frames.pop();
    if (frame === undefined) {
      if (scanner.offset !== scanner.end) throw new WasmError(scanner.start, "a function goes on behind its end");
      return 0;
    }
    this.#height = frame.height + 2 * frame.results;
    const ended = frame.loop ? this.#segment : -1;
    this.#segment = frame.segment;
    return ended;
  }
}
