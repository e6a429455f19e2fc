/**
 * How a function is divided into what is paid at once. A segment is the function's body, a loop's body, or an arm of an `if`,
 * each without the segments inside it. What a segment weighs, and which are charged, `costs.ts` says once all functions
 * are known; this follows the instructions, and lists the places where a charge may stand.
 */
import { Reader, WasmError } from "./bytes.ts";
import type { FunctionType } from "./module.ts";
import { Op, POPS, PUSHES, WEIGHT } from "./opcodes.ts";
import { opensBlock, type Scanner } from "./scanner.ts";

/** The block type of a block that takes and leaves nothing. */
const EMPTY = 0x40;
/** A branch back under a condition becomes an `if` with a branch inside, so that only who goes back pays. */
const BRANCH_BACK_WEIGHT = WEIGHT[Op.if]! + WEIGHT[Op.br]!;

export interface Segment {
  kind: "body" | "loop" | "arm";
  /** The segment around it; the body's own is itself. */
  parent: number;
  /** Of its own instructions. */
  weight: number;
  /** Functions that it calls by name, once for each call. */
  callees: number[];
  /** Whether it goes back to the head of a loop. */
  repeats: boolean;
}

/**
 * Where a charge may stand. `entry`: at the head of the function. `arm`: behind an if or else. `back`: before a branch that
 * may lead to the heads of `loops`.
 */
export interface Site {
  at: "entry" | "arm" | "back";
  /** The arm that begins, or the segment that the branch stands in. */
  segment: number;
  loops: readonly number[];
  /** Where the instruction starts; 0 for the entry. */
  start: number;
}

/** An open block. `around` is the segment that it stands in, `own` the one that it opened: for a plain block the same. */
interface Frame { op: number; height: number; results: number; around: number; own: number }

const NO_LOOPS: readonly number[] = [];

/** Follows a scanner through a body. */
export class Segments {
  /** 0 is the function itself, then loops and arms in the order of their heads: what is inside of one has a higher number. */
  readonly list: Segment[] = [{ kind: "body", parent: 0, weight: 0, callees: [], repeats: false }];
  /** In the order of the code. */
  readonly sites: Site[] = [{ at: "entry", segment: 0, loops: NO_LOOPS, start: 0 }];
  /** The most operands there may be on the stack at once, from above. */
  operandsMax = 0;
  /** Whether a function is called through the table. */
  indirect = false;
  readonly #frames: Frame[] = [];
  #height = 0;
  #segment = 0;
  readonly #types: readonly FunctionType[];
  readonly #functions: readonly number[];

  /** `functions`: the type indexes of the core's own functions. */
  constructor(types: readonly FunctionType[], functions: readonly number[]) {
    this.#types = types;
    this.#functions = functions;
  }

  /** Number of blocks open, the function's own not counted. */
  get nesting(): number { return this.#frames.length; }

  /** Functions called by name. */
  get callees(): number[] { return this.list.flatMap((segment) => segment.callees); }

  /** Takes in the instruction at hand. Returns the site that it is, if it is one: the last of `sites`. */
  take(scanner: Scanner): Site | undefined {
    const { op } = scanner;
    const segment = this.list[this.#segment]!;
    segment.weight += WEIGHT[op]!;
    this.#height = Math.max(0, this.#height - POPS[op]!) + PUSHES[op]!;
    if (op === Op.call || op === Op.callIndirect) this.#call(scanner, segment);
    if (this.#height > this.operandsMax) this.operandsMax = this.#height;
    if (opensBlock(op)) return this.#open(scanner);
    if (op === Op.else) return this.#else(scanner);
    if (op === Op.end) this.#close(scanner);
    else if (op === Op.br || op === Op.brIf || op === Op.brTable) return this.#branch(scanner, segment);
    return undefined;
  }

  #call(scanner: Scanner, segment: Segment): void {
    const direct = scanner.op === Op.call;
    const index = direct ? this.#functions[scanner.immediate] : scanner.immediate;
    const type = index === undefined ? undefined : this.#types[index];
    if (type === undefined) throw new WasmError(scanner.start, "it calls what is not there");
    if (direct) segment.callees.push(scanner.immediate);
    else this.indirect = true;
    // A result may be a vector, which takes two slots.
    this.#height = Math.max(0, this.#height - type.params.length) + 2 * type.results.length;
  }

  #branch(scanner: Scanner, segment: Segment): Site | undefined {
    const loops = new Set<number>();
    const targets = new Reader(scanner.bytes, scanner.start + 1, scanner.end);
    const count = scanner.op === Op.brTable ? targets.u32() + 1 : 1;
    for (let n = 0; n < count; n++) {
      const frame = this.#frames[this.#frames.length - 1 - targets.u32()];
      if (frame?.op === Op.loop) loops.add(frame.own);
    }
    if (loops.size === 0) return undefined;
    segment.repeats = true;
    if (scanner.op === Op.brIf) segment.weight += BRANCH_BACK_WEIGHT - WEIGHT[Op.brIf]!;
    return this.#site("back", this.#segment, scanner, [...loops]);
  }

  #site(at: Site["at"], segment: number, scanner: Scanner, loops = NO_LOOPS): Site {
    const site = { at, segment, loops, start: scanner.start };
    this.sites.push(site);
    return site;
  }

  #open(scanner: Scanner): Site | undefined {
    const { op } = scanner;
    const type = this.#blockType(scanner);
    // Its operands would be in the way of the charge before a branch back.
    if (op === Op.loop && type.params > 0) throw new WasmError(scanner.start, "it has a loop with parameters");
    const frame = { op, height: this.#height, results: type.results, around: this.#segment, own: this.#segment };
    this.#frames.push(frame);
    if (op === Op.block) return undefined;
    frame.own = this.#begin(op === Op.loop ? "loop" : "arm");
    return op === Op.if ? this.#site("arm", frame.own, scanner) : undefined;
  }

  #begin(kind: Segment["kind"]): number {
    this.list.push({ kind, parent: this.#segment, weight: 0, callees: [], repeats: false });
    return this.#segment = this.list.length - 1;
  }

  #else(scanner: Scanner): Site {
    const frame = this.#frames.at(-1);
    if (frame?.op !== Op.if) throw new WasmError(scanner.start, "an else without its if");
    frame.op = Op.else;
    this.#segment = frame.around;
    this.#height = frame.height;
    return this.#site("arm", this.#begin("arm"), scanner);
  }

  #close(scanner: Scanner): void {
    const frame = this.#frames.pop();
    if (frame === undefined) {
      if (scanner.offset !== scanner.end) throw new WasmError(scanner.start, "a function goes on behind its end");
      return;
    }
    this.#height = frame.height + 2 * frame.results;
    this.#segment = frame.around;
  }

  /** How many values the block at hand takes and leaves. */
  #blockType(scanner: Scanner): { params: number; results: number } {
    const first = scanner.bytes[scanner.blockType]!;
    if (first === EMPTY) return { params: 0, results: 0 };
    // A value type is a negative one-byte LEB128, a type index a positive one.
    if ((first & 0xc0) === 0x40) return { params: 0, results: 1 };
    const type = this.#types[new Reader(scanner.bytes, scanner.blockType).u32()];
    if (type === undefined) throw new WasmError(scanner.start, "a block's type is not there");
    return { params: type.params.length, results: type.results.length };
  }
}
