/**
 * What a function costs: the weight of each of its segments. A segment is the function's body, a loop's body, or an arm of an
 * `if` that is heavy enough, each without the segments inside it; it is charged as a whole where it is entered. Light arms
 * belong to what is around them: a charge of their own would cost more than it tells.
 *
 * A loop is quiet when nothing in it calls, copies or grows: there the fuel stands in a local, so that an iteration doesn't
 * wait for the memory that the one before wrote.
 */
import { Reader, WasmError } from "./bytes.ts";
import { ARM_WEIGHT_MIN, HEAD_WEIGHT } from "./charges.ts";
import type { FunctionType } from "./module.ts";
import { Op, POPS, PUSHES, WEIGHT } from "./opcodes.ts";
import { opensBlock, type Scanner } from "./scanner.ts";

/** The block type of a block that takes and leaves nothing. */
const EMPTY = 0x40;

/** `enter`: an outermost quiet loop, before which the local takes over the fuel. `local`: anything inside one. */
export type Mode = "global" | "enter" | "local";

/** An open block. `segment` is the one around it. */
interface Frame { op: number; height: number; results: number; segment: number }

/** Follows a scanner through a body, summing segment weights and bounding the operand stack. */
export class Segments {
  /** By segment: 0 is the function itself, then loops and arms in the order of their heads. What a charge there takes. */
  readonly weights: number[] = [HEAD_WEIGHT];
  /** By segment: whether it is charged. Final once the segment has ended; false for arms that are too light. */
  readonly charged: boolean[] = [true];
  /** By segment: whether a counter may change in it by other means than its own charges. Final once it has ended. */
  readonly #loud: boolean[] = [false];
  /** By segment: the one around it, and whether it is a loop. */
  readonly #parents: number[] = [0];
  readonly #loops: boolean[] = [false];
  /** The most operands there may be on the stack at once, from above. */
  operandsMax = 0;
  /** Functions called by name (helpers of the build apart), and whether any is called through the table. */
  readonly callees: number[] = [];
  indirect = false;
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
    if (op === Op.call || op === Op.callIndirect || op === Op.memoryGrow || op === Op.memoryCopy || op === Op.memoryFill) this.#loud[this.#segment] = true;
    if (this.#height > this.operandsMax) this.operandsMax = this.#height;
    if (opensBlock(op)) this.#open(scanner);
    else if (op === Op.else) return this.#else(scanner);
    else if (op === Op.end) return this.#close(scanner);
    return -1;
  }

  /** By segment, once the function has ended: how its charge keeps the fuel. */
  modes(): Mode[] {
    const modes: Mode[] = ["global"];
    for (let segment = 1; segment < this.weights.length; segment++) {
      const inside = modes[this.#parents[segment]!] !== "global";
      modes.push(inside ? "local" : this.#loops[segment] === true && this.#loud[segment] === false ? "enter" : "global");
    }
    return modes;
  }

  #call(scanner: Scanner): void {
    if (scanner.op === Op.call) this.callees.push(scanner.immediate);
    else this.indirect = true;
    const index = scanner.op === Op.call ? this.#functions[scanner.immediate] : scanner.immediate;
    const type = index === undefined ? undefined : this.#types[index];
    if (type === undefined) throw new WasmError(scanner.start, "it calls what is not there");
    // A result may be a vector, which takes two slots.
    this.#height = Math.max(0, this.#height - type.params.length) + 2 * type.results.length;
  }

  #open(scanner: Scanner): void {
    this.#frames.push({ op: scanner.op, height: this.#height, results: this.#results(scanner), segment: this.#segment });
    if (scanner.op !== Op.block) this.#begin(scanner.op === Op.loop);
  }

  #begin(loop: boolean): void {
    this.#parents.push(this.#segment);
    this.#loops.push(loop);
    this.#loud.push(false);
    this.#segment = this.weights.length;
    this.weights.push(loop ? HEAD_WEIGHT : 0);
    this.charged.push(loop);
  }

  #else(scanner: Scanner): number {
    const frame = this.#frames.at(-1);
    if (frame?.op !== Op.if) throw new WasmError(scanner.start, "an else without its if");
    frame.op = Op.else;
    const ended = this.#endSegment(frame);
    this.#height = frame.height;
    this.#begin(false);
    return ended;
  }

  #close(scanner: Scanner): number {
    const frame = this.#frames.pop();
    if (frame === undefined) {
      if (scanner.offset !== scanner.end) throw new WasmError(scanner.start, "a function goes on behind its end");
      return 0;
    }
    this.#height = frame.height + 2 * frame.results;
    return frame.op === Op.block ? -1 : this.#endSegment(frame);
  }

  /** Goes back to the segment around; an arm that turned out light is folded into it. */
  #endSegment(frame: Frame): number {
    const ended = this.#segment;
    this.#segment = frame.segment;
    if (this.#loud[ended] === true) this.#loud[frame.segment] = true;
    if (this.charged[ended] === true) return ended;
    if (this.weights[ended]! >= ARM_WEIGHT_MIN) {
      this.weights[ended]! += HEAD_WEIGHT;
      this.charged[ended] = true;
    } else this.weights[frame.segment]! += this.weights[ended]!;
    return ended;
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
}
