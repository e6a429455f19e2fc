/**
 * Makes a compiled core pay for what it does: fuel for every function and round of a loop, bulk memory by length, growth by the
 * page, call depth by the size of the frame. Also reserves the memory that its input needs, exports every mutable global, so that the host can put it back, makes NaNs
 * canonical where their bits can be seen, and adds the manifest.
 *
 * Deterministic: same bytes and options, same bytes. What it writes is what `host/core/verify.ts` demands.
 */
import { CoreError } from "../../host/core/errors.ts";
import { importHint } from "../../host/core/hints.ts";
import { HOST_LIMITS } from "../../host/core/limits.ts";
import { Reader, WasmError, Writer } from "../../host/core/wasm/bytes.ts";
import { analyse, typeOf } from "../../host/core/wasm/analysis.ts";
import { Charges, REALLOC, RESET, SYSTEM_FUNCTIONS, SYSTEM_GLOBALS, systemExports } from "../../host/core/wasm/charges.ts";
import { type Body, decodeModule, External, type FunctionType, type Module, Section, ValueType } from "../../host/core/wasm/module.ts";
import { Op } from "../../host/core/wasm/opcodes.ts";
import { memoryPlan } from "../../host/core/wasm/reserve.ts";
import { opensBlock, Scanner } from "../../host/core/wasm/scanner.ts";
import { Segments, type Site } from "../../host/core/wasm/segments.ts";

export interface MeterOptions {
  /** For messages: the file's name. */
  name: string;
  fuel: number;
  depth: number;
  memoryMaxPages: number;
  /** Custom sections to add, by name. Sections of the same name are replaced. */
  customs?: { [name: string]: Uint8Array };
  /** Keep function names, so that traps name functions. Debug builds do. */
  keepNames?: boolean;
}

/** The block type of a block that takes and leaves nothing. */
const EMPTY = 0x40;
/** The name under which AssemblyScript exports the address of its abort message. */
const TRAP_SOURCE = "__toque_trap";

/** Returns the metered module. Throws `CoreError` when the module can't be a core. */
export function meter(wasm: Uint8Array, options: MeterOptions): Uint8Array {
  try {
    const module = decodeModule(wasm);
    requireMeterable(module, options);
    return writeModule(module, options);
  } catch (error) {
    if (!(error instanceof WasmError)) throw error;
    throw new CoreError("CORE2001", options.name, `can't be a core: ${error.message}`, "see docs/CONTRACT.md for what a core may use");
  }
}

function requireMeterable(module: Module, options: MeterOptions): void {
  const found = module.imports[0];
  if (found !== undefined) throw new CoreError("CORE2003", options.name, `imports ${found.module}.${found.name}`, importHint(found.module, found.name));
  if (module.start !== undefined) throw new CoreError("CORE2007", options.name, "has a start section", "compile with --exportStart _initialize");
  if (module.exports.some((entry) => entry.name.startsWith("toque:"))) {
    throw new CoreError("CORE2004", options.name, "exports a name that begins with toque:", "that prefix is the build's own; was it metered already?");
  }
  const memory = module.memories[0];
  if (memory === undefined || module.memories.length > 1) throw new CoreError("CORE2005", options.name, `has ${module.memories.length} memories`, "a core has one");
  if (memory.min > options.memoryMaxPages) {
    throw new CoreError("CORE2005", options.name, `starts with ${memory.min} pages of memory`, `limits.memoryMaxPages allows ${options.memoryMaxPages}`);
  }
  if (reallocOf(module) === -1) throw new CoreError("CORE2004", options.name, `does not export the function ${REALLOC}`, "see docs/CONTRACT.md, The module");
  if (module.elements.some((index) => index >= module.functions.length)) throw new CoreError("CORE2001", options.name, "has a table of functions that are not there", "compile it again");
}

/** The core's own function for making room; -1 if it has none. */
function reallocOf(module: Module): number {
  return module.exports.find((entry) => entry.name === REALLOC && entry.kind === External.function)?.index ?? -1;
}

function writeModule(module: Module, options: MeterOptions): Uint8Array {
  const charges = new Charges(module.globals, module.functions.length, memoryPlan(module, options.memoryMaxPages));
  const out = new Writer().byte(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00);
  for (const id of [1, 3, 4, 5, 6, 7, 9, 12, 10, 11]) {
    const content = section(id, module, charges, options);
    if (content !== undefined) out.byte(id).part(content);
  }
  for (const custom of module.customs) {
    if (custom.name === "name" && options.keepNames === true) out.byte(Section.custom).part(new Writer().name(custom.name).raw(custom.content));
  }
  for (const [name, content] of Object.entries(options.customs ?? {})) out.byte(Section.custom).part(new Writer().name(name).raw(content));
  return out.done().slice();
}

function section(id: number, module: Module, charges: Charges, options: MeterOptions): Writer | Uint8Array | undefined {
  const helpers = charges.helpers(reallocOf(module));
  const firstType = module.types.length;
  switch (id) {
    case Section.type: return new Writer().vector([...module.types, ...helpers.map((helper) => helper.type)], writeType);
    case Section.function:
      return new Writer().vector([...module.functions, ...helpers.map((_, n) => firstType + n)], (writer, type) => writer.u32(type));
    case Section.memory: return new Writer().byte(1, 1).u32(module.memories[0]!.min).u32(options.memoryMaxPages);
    case Section.global: return globals(module, options);
    case Section.export: return exports(module, charges);
    case Section.code: return code(module, charges, options);
    default: {
      const raw = module.sections.find((found) => found.id === id);
      return raw === undefined ? undefined : module.bytes.subarray(raw.start, raw.end);
    }
  }
}

function writeType(writer: Writer, type: FunctionType): void {
  const write = (target: Writer, valueType: number) => { target.byte(valueType); };
  writer.byte(0x60).vector(type.params, write).vector(type.results, write);
}

function globals(module: Module, options: MeterOptions): Writer {
  const raw = module.sections.find((found) => found.id === Section.global);
  const writer = new Writer().u32(module.globals.length + SYSTEM_GLOBALS);
  if (raw !== undefined) {
    const entries = new Reader(module.bytes, raw.start, raw.end);
    entries.u32();
    writer.raw(module.bytes, entries.offset, raw.end);
  }
  for (const value of [options.fuel, options.depth, 0]) writer.byte(ValueType.i32, 1, Op.i32Const).s32(value).byte(Op.end);
  return writer;
}

/** The module's own exports, its trap address under the contract's name, room by way of the build's function, then the build's. */
function exports(module: Module, charges: Charges): Writer {
  const trap = module.exports.find((entry) => entry.name === TRAP_SOURCE && entry.kind === External.global);
  const kept = module.exports.filter((entry) => entry.kind !== External.global && entry.kind !== External.table);
  const own = kept.map((entry) => (entry.name === REALLOC ? { ...entry, index: charges.reserve } : entry));
  const all = [...own, ...systemExports(module.globals, trap?.index), { name: RESET, kind: External.function, index: charges.reset }];
  return new Writer().vector(all, (writer, entry) => { writer.name(entry.name).byte(entry.kind).u32(entry.index); });
}

function code(module: Module, charges: Charges, options: MeterOptions): Writer {
  const writer = new Writer().u32(module.bodies.length + SYSTEM_FUNCTIONS);
  // Two walks: the first sums the segments, since a charge stands before what it pays for.
  const segments = module.bodies.map((body) => {
    const found = new Segments(module.types, module.functions);
    for (const scanner = scan(module, body); scanner.next();) found.take(scanner);
    return found;
  });
  if (segments.reduce((sum, { list }) => sum + list.length, 0) > HOST_LIMITS.segmentsMax) {
    throw new CoreError("CORE2009", options.name, "has too many loops and branches", `a core has at most ${HOST_LIMITS.segmentsMax}`);
  }
  const { costs, depths } = analyse(module, segments, reallocOf(module));
  if (depths.unpaidMax > HOST_LIMITS.unpaidDepthMax) {
    throw new CoreError("CORE2009", options.name, `nests calls too deep (${depths.unpaidMax} units)`, `a core may nest ${HOST_LIMITS.unpaidDepthMax} units without recursion: use fewer or smaller functions in a row`);
  }
  module.bodies.forEach((body, index) => {
    const type = typeOf(module, index);
    const units = depths.units[index]!;
    if (units > 0 && type.results.length > 1) {
      throw new CoreError("CORE2001", options.name, `can't be a core: function ${index} recurs and returns several values`, "let it return one");
    }
    const metered = new BodyWriter(charges, segments[index]!.sites, costs[index]!.charges, units).write(scan(module, body), body, type);
    if (metered.length > HOST_LIMITS.functionBytesMax) {
      throw new CoreError("CORE2009", options.name, `has a function (number ${index}) of ${metered.length} bytes`, `a core's functions have at most ${HOST_LIMITS.functionBytesMax} bytes: split it`);
    }
    writer.part(metered);
  });
  for (const helper of charges.helpers(reallocOf(module))) writer.part(helper.body);
  return writer;
}

function scan(module: Module, body: Body): Scanner {
  return new Scanner(module.bytes, body.code, body.end);
}

/** Writes one body, charged. */
class BodyWriter {
  readonly #out = new Writer();
  readonly #charges: Charges;
  readonly #sites: readonly Site[];
  readonly #weights: readonly number[];
  /** Call depth that the function pays, 0 for none. */
  readonly #units: number;
  #nesting = 0;

  /** `weights`: what the charge at each of `sites` takes, 0 for none. */
  constructor(charges: Charges, sites: readonly Site[], weights: readonly number[], units: number) {
    this.#charges = charges;
    this.#sites = sites;
    this.#weights = weights;
    this.#units = units;
  }

  write(scanner: Scanner, body: Body, type: FunctionType): Uint8Array {
    this.#out.vector(body.locals, (writer, local) => { writer.u32(local.count).byte(local.type); });
    this.#charges.fuelCharge(this.#out, this.#weights[0]!);
    if (this.#units > 0) this.#charges.enter(this.#out, this.#units, type);
    let next = 1;
    while (scanner.next()) {
      const site = this.#sites[next]?.start === scanner.start ? this.#sites[next] : undefined;
      const weight = site === undefined ? 0 : this.#weights[next++]!;
      if (site?.at === "back") {
        this.#branchBack(scanner, weight);
      } else {
        this.#instruction(scanner);
        this.#charges.fuelCharge(this.#out, weight);
      }
    }
    return this.#out.done();
  }

  #branchBack(scanner: Scanner, weight: number): void {
    if (scanner.op === Op.brIf) this.#out.byte(Op.if, EMPTY);
    this.#charges.fuelCharge(this.#out, weight);
    if (scanner.op === Op.brIf) this.#out.byte(Op.br).u32(scanner.immediate + 1).byte(Op.end);
    else this.#instruction(scanner);
  }

  #instruction(scanner: Scanner): void {
    const { op } = scanner;
    const helper = this.#charges.helperBefore(op);
    if (helper !== undefined) this.#out.byte(Op.call).u32(helper);
    if (scanner.offset === scanner.end && this.#units > 0) this.#out.raw(this.#charges.leaving(this.#units));
    else if (op === Op.memoryGrow) this.#out.byte(Op.call).u32(this.#charges.grow);
    // Inside the block of a function that pays depth, leaving the function is leaving that block.
    else if (op === Op.return && this.#units > 0) this.#out.byte(Op.br).u32(this.#nesting);
    else this.#out.raw(scanner.bytes, scanner.start, scanner.offset);
    if (opensBlock(op)) this.#nesting++;
    if (op === Op.end) this.#nesting--;
  }
}
