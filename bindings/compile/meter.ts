/**
 * Makes a compiled core pay for what it does: fuel at every function and loop, bulk memory by length, growth by the page,
 * call depth by the size of the frame. Also exports every mutable global, so that the host can put it back, makes NaNs
 * canonical where their bits can be seen, and adds the manifest.
 *
 * Deterministic: same bytes and options, same bytes. What it writes is what `host/core/verify.ts` demands.
 */
import { CoreError } from "../../host/core/errors.ts";
import { importHint } from "../../host/core/hints.ts";
import { HOST_LIMITS } from "../../host/core/limits.ts";
import { Reader, WasmError, Writer } from "../../host/core/wasm/bytes.ts";
import { callGraph, typeOf } from "../../host/core/wasm/analysis.ts";
import { depthsOf } from "../../host/core/wasm/callgraph.ts";
import { Charges, localsOf, SYSTEM_FUNCTIONS, SYSTEM_GLOBALS, systemExports, TRAP } from "../../host/core/wasm/charges.ts";
import { type Body, decodeModule, External, type FunctionType, type Module, Section, ValueType } from "../../host/core/wasm/module.ts";
import { Op } from "../../host/core/wasm/opcodes.ts";
import { opensBlock, Scanner } from "../../host/core/wasm/scanner.ts";
import { Segments } from "../../host/core/wasm/segments.ts";

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
}

function writeModule(module: Module, options: MeterOptions): Uint8Array {
  const charges = new Charges(module.globals.length, module.functions.length, options.memoryMaxPages);
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
  const helpers = charges.helpers();
  const firstType = module.types.length;
  switch (id) {
    case Section.type: return new Writer().vector([...module.types, ...helpers.map((helper) => helper.type)], writeType);
    case Section.function:
      return new Writer().vector([...module.functions, ...helpers.map((_, n) => firstType + n)], (writer, type) => writer.u32(type));
    case Section.memory: return new Writer().byte(1, 1).u32(module.memories[0]!.min).u32(options.memoryMaxPages);
    case Section.global: return globals(module, options);
    case Section.export: return exports(module);
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

/** The module's own exports, its trap address under the contract's name, then the build's. */
function exports(module: Module): Writer {
  const trap = module.exports.find((entry) => entry.name === TRAP_SOURCE && entry.kind === External.global);
  const own = module.exports.filter((entry) => entry.kind !== External.global && entry.kind !== External.table);
  const all = [...own, ...(trap === undefined ? [] : [{ ...trap, name: TRAP }]), ...systemExports(module.globals, trap?.index)];
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
  const bodies = module.bodies.map((body, index) => withFuelLocal(body, segments[index]!));
  const depths = depthsOf(callGraph(module, segments, bodies));
  if (depths.unpaidMax > HOST_LIMITS.unpaidDepthMax) {
    throw new CoreError("CORE2009", options.name, `nests calls too deep (${depths.unpaidMax} units)`, `a core may nest ${HOST_LIMITS.unpaidDepthMax} units without recursion: use fewer or smaller functions in a row`);
  }
  bodies.forEach((body, index) => {
    const content = meterBody(module, index, body, segments[index]!, depths.units[index]!, charges, options);
    if (content.length > HOST_LIMITS.functionBytesMax) throw tooLarge(options.name, index, `${content.length} bytes`, `${HOST_LIMITS.functionBytesMax} bytes`);
    writer.part(content);
  });
  for (const helper of charges.helpers()) writer.part(helper.body);
  return writer;
}

function tooLarge(name: string, index: number, has: string, allowed: string): CoreError {
  return new CoreError("CORE2009", name, `has a function (number ${index}) of ${has}`, `a core's functions have at most ${allowed}: split it`);
}

/** The body with one local more, if it has a quiet loop, to keep the fuel there. */
function withFuelLocal(body: Body, segments: Segments): Body {
  return segments.modes().includes("enter") ? { ...body, locals: [...body.locals, { count: 1, type: ValueType.i32 }] } : body;
}

/** One body, charged. `units`: call depth that it pays, 0 for none. */
function meterBody(module: Module, index: number, body: Body, segments: Segments, units: number, charges: Charges, options: MeterOptions): Uint8Array {
  const type = typeOf(module, index);
  if (units > 0 && type.results.length > 1) {
    throw new CoreError("CORE2001", options.name, `can't be a core: function ${index} recurs and returns several values`, "let it return one");
  }
  const out = new Writer().vector(body.locals, (writer, local) => { writer.u32(local.count).byte(local.type); });
  charges.fuelCharge(out, segments.weights[0]!);
  if (units > 0) charges.enter(out, units, type);
  writeInstructions(out, scan(module, body), segments, charges, units, localsOf(type, body) - 1);
  return out.done();
}

function scan(module: Module, body: Body): Scanner {
  return new Scanner(module.bytes, body.code, body.end);
}

function writeInstructions(out: Writer, scanner: Scanner, segments: Segments, charges: Charges, units: number, fuelLocal: number): void {
  const modes = segments.modes();
  let segment = 0;
  let nesting = 0;
  while (scanner.next()) {
    const { op } = scanner;
    const helper = charges.helperBefore(op);
    if (helper !== undefined) out.byte(Op.call).u32(helper);
    if (scanner.offset === scanner.end && units > 0) { out.raw(charges.leaving(units)); continue; }
    if (op === Op.memoryGrow) { out.byte(Op.call).u32(charges.grow); continue; }
    // Inside the block of a function that pays depth, leaving the function is leaving that block.
    if (op === Op.return && units > 0) { out.byte(Op.br).u32(nesting); continue; }
    const head = op === Op.loop || op === Op.if || op === Op.else;
    if (head && modes[++segment] === "enter") out.raw(charges.takeOver(fuelLocal));
    out.raw(scanner.bytes, scanner.start, scanner.offset);
    if (head && segments.charged[segment] === true) {
      const weight = segments.weights[segment]!;
      if (modes[segment] === "global") charges.fuelCharge(out, weight);
      else out.raw(charges.localHead(fuelLocal)).s32(weight).raw(charges.localTail(fuelLocal));
    }
    if (opensBlock(op)) nesting++;
    if (op === Op.end) nesting--;
  }
}
