/**
 * Refuses every module that is not a core: one linear scan over the bytes, before an engine sees them. What passes imports
 * nothing, pays for all it does exactly what the build would charge, and keeps no state that the host could not put back.
 * The engine still validates types; this scan decides what valid Wasm may be.
 */
import type { Manifest } from "../../bindings/protocol/manifest.ts";
import { CoreError } from "./errors.ts";
import { importHint } from "./hints.ts";
import { HOST_LIMITS } from "./limits.ts";
import { readManifest } from "./manifest.ts";
import { analyse } from "./wasm/analysis.ts";
import { Reader, WasmError } from "./wasm/bytes.ts";
import type { Depths } from "./wasm/callgraph.ts";
import { checkBody, type CheckedBody, UnchargedError, verifyCharges } from "./wasm/check-body.ts";
import { Charges, DEPTH, FUEL, GLOBAL_PREFIX, REALLOC, RESET, SYSTEM_FUNCTIONS, SYSTEM_GLOBALS, systemExports, TRAP } from "./wasm/charges.ts";
import { decodeModule, type Export, External, type Module, ValueType } from "./wasm/module.ts";
import { type MemoryPlan, memoryPlan } from "./wasm/reserve.ts";

/** What the scan learned. `globals`: names of the exported mutable globals, all of which the host puts back. */
export interface Verified { manifest: Manifest; globals: readonly string[]; memory: MemoryPlan }

const REBUILD = "build it with `toque build`";
const { i32 } = ValueType;
/** The functions of the contract: parameters and results, all i32. */
const FUNCTIONS: { [name: string]: { params: number; results: number; optional?: true } } = {
  cabi_realloc: { params: 4, results: 1 },
  reconcile: { params: 2, results: 1 },
  cabi_post_reconcile: { params: 1, results: 0 },
  _initialize: { params: 0, results: 0, optional: true },
};

/**
 * Verifies the bytes of a core. Throws `CoreError`, and nothing else, whatever the bytes are.
 * `decodeUtf8` is the platform's; `name` is the file's, for messages.
 */
export function verifyCore(bytes: Uint8Array, decodeUtf8: (bytes: Uint8Array) => string, name: string): Verified {
  try {
    if (bytes.length > HOST_LIMITS.moduleBytesMax) {
      throw new CoreError("CORE2009", name, `has ${bytes.length} bytes`, `a core has at most ${HOST_LIMITS.moduleBytesMax}`);
    }
    const module = decodeModule(bytes);
    refuseImportsAndStart(module, name);
    const manifest = readManifest(module.customs, decodeUtf8, name);
    verifyMemory(module, manifest, name);
    const globals = verifyExports(module, name);
    verifyCounters(module, manifest, name);
    const memory = memoryPlan(module, manifest.limits.memoryMaxPages);
    verifyCode(module, memory, name);
    return { manifest, globals, memory };
  } catch (error) {
    if (error instanceof CoreError) throw error;
    if (error instanceof UnchargedError) throw new CoreError("CORE2006", name, error.message, REBUILD);
    if (error instanceof WasmError) throw new CoreError("CORE2001", name, `is not a core: ${error.message}`, REBUILD);
    throw error;
  }
}

function refuseImportsAndStart(module: Module, name: string): void {
  const found = module.imports[0];
  if (found !== undefined) throw new CoreError("CORE2003", name, `imports ${found.module}.${found.name}`, importHint(found.module, found.name));
  if (module.start !== undefined) throw new CoreError("CORE2007", name, "has a start section", "a core starts in _initialize");
}

function verifyMemory(module: Module, manifest: Manifest, name: string): void {
  const memory = module.memories[0];
  if (memory === undefined || module.memories.length > 1) throw new CoreError("CORE2005", name, `has ${module.memories.length} memories`, "a core has one");
  if (memory.min > HOST_LIMITS.memoryInitialPagesMax) {
    throw new CoreError("CORE2005", name, `starts with ${memory.min} pages of memory`, `all of it is put back after each pass, so a core starts with at most ${HOST_LIMITS.memoryInitialPagesMax}: let it grow`);
  }
  if (memory.max === undefined) throw new CoreError("CORE2005", name, "has a memory without a maximum", REBUILD);
  if (memory.max !== manifest.limits.memoryMaxPages) {
    throw new CoreError("CORE2005", name, `has a memory of up to ${memory.max} pages`, `its manifest says ${manifest.limits.memoryMaxPages}: ${REBUILD}`);
  }
}

/** The functions of the contract, the memory, and every mutable global: nothing else. Returns the globals' names, as `toque:reset` takes them. */
function verifyExports(module: Module, name: string): string[] {
  const byName = new Map<string, Export>(module.exports.map((entry) => [entry.name, entry]));
  const refuse = (cause: string, fix = "see docs/CONTRACT.md, The module") => new CoreError("CORE2004", name, cause, fix);
  if (byName.get("memory")?.kind !== External.memory) throw refuse("does not export its memory");
  for (const [wanted, shape] of Object.entries(FUNCTIONS)) {
    const found = byName.get(wanted);
    if (found === undefined && shape.optional) continue;
    if (found?.kind !== External.function) throw refuse(`does not export the function ${wanted}`);
    const type = module.types[module.functions[found.index] ?? -1];
    const matches = type?.params.length === shape.params && type.results.length === shape.results && [...type.params, ...type.results].every((each) => each === i32);
    if (!matches) throw refuse(`exports ${wanted} with the wrong type`);
  }
  const own = module.globals.slice(0, Math.max(0, module.globals.length - SYSTEM_GLOBALS));
  const trap = byName.get(TRAP);
  if (trap !== undefined && (own[trap.index]?.type !== i32 || !own[trap.index]!.mutable || trap.kind !== External.global)) throw refuse(`exports ${TRAP} with the wrong type`);
  if (own.some((global) => global.mutable && global.type === ValueType.v128)) throw new CoreError("CORE2007", name, "keeps a vector in a mutable global", "no host can put one back: keep it in memory");
  const expected = systemExports(own, trap?.index);
  for (const wanted of expected) {
    const found = byName.get(wanted.name);
    if (found?.kind === wanted.kind && found.index === wanted.index) continue;
    if (wanted.name.startsWith(GLOBAL_PREFIX)) {
      throw new CoreError("CORE2007", name, `keeps global ${wanted.index} to itself`, `a mutable global must be exported as ${wanted.name}, so that it can be put back: ${REBUILD}`);
    }
    throw refuse(`does not export ${wanted.name}`, REBUILD);
  }
  if (byName.get(RESET)?.kind !== External.function) throw refuse(`does not export ${RESET}`, REBUILD);
  const globals = expected.map((entry) => entry.name);
  const known = new Set(["memory", RESET, ...Object.keys(FUNCTIONS), ...globals]);
  const extra = module.exports.find((entry) => !known.has(entry.name));
  if (extra !== undefined) throw refuse(`exports ${extra.name}, which no host calls`);
  return globals;
}

/** The counters start where the manifest says: what the manifest promises is what is enforced. */
function verifyCounters(module: Module, manifest: Manifest, name: string): void {
  const entries = module.tables.reduce((sum, table) => sum + table.min, 0);
  if (entries > HOST_LIMITS.tableEntriesMax) throw new CoreError("CORE2009", name, `has tables of ${entries} functions`, `a core has at most ${HOST_LIMITS.tableEntriesMax}`);
  if (module.globals.length > HOST_LIMITS.globalsMax) throw new CoreError("CORE2009", name, `has ${module.globals.length} globals`, `a core has at most ${HOST_LIMITS.globalsMax}`);
  const [fuel, depth, refused] = module.globals.slice(-SYSTEM_GLOBALS);
  for (const [label, global, value] of [[FUEL, fuel, manifest.limits.fuel], [DEPTH, depth, manifest.limits.depth], ["toque:refused", refused, 0]] as const) {
    if (global === undefined || global.type !== i32 || !global.mutable || global.init !== value) {
      throw new CoreError("CORE2006", name, `does not start ${label} at ${value}, as its manifest says`, REBUILD);
    }
  }
}

function verifyCode(module: Module, memory: MemoryPlan, name: string): void {
  const own = module.functions.length - SYSTEM_FUNCTIONS;
  if (own < 0) throw new CoreError("CORE2006", name, "lacks the functions that charge", REBUILD);
  if (own > HOST_LIMITS.functionsMax) throw new CoreError("CORE2009", name, `has ${own} functions`, `a core has at most ${HOST_LIMITS.functionsMax}`);
  const charges = new Charges(module.globals.slice(0, -SYSTEM_GLOBALS), own, memory);
  const realloc = verifyHelpers(module, charges, own, name);
  verifyEntries(module, charges, own, name);
  const ownTypes = module.functions.slice(0, own);
  const checked: CheckedBody[] = [];
  let segments = 0;
  for (let index = 0; index < own; index++) {
    const body = module.bodies[index]!;
    const size = body.end - body.start;
    if (size > HOST_LIMITS.functionBytesMax) {
      throw new CoreError("CORE2009", name, `has a function (number ${index}) of ${size} bytes`, `a core's functions have at most ${HOST_LIMITS.functionBytesMax}: split it`);
    }
    checked.push(checkBody(module, index, ownTypes, charges));
    segments += checked[index]!.segments.list.length;
    if (segments > HOST_LIMITS.segmentsMax) throw new CoreError("CORE2009", name, "has too many loops and branches", `a core has at most ${HOST_LIMITS.segmentsMax}`);
  }
  const { costs, depths } = analyse(module, checked.map((body) => body.segments), realloc);
  checked.forEach((body, index) => { verifyCharges(body, costs[index]!, module); });
  verifyDepths(module, checked, depths, name);
}

/** Returns the number of the core's own function that the exported cabi_realloc calls. */
function verifyHelpers(module: Module, charges: Charges, own: number, name: string): number {
  const realloc = reallocIn(module, charges, own);
  if (realloc >= own) throw new CoreError("CORE2006", name, "makes room by a function of the build", REBUILD);
  charges.helpers(realloc).forEach((helper, n) => {
    const body = module.bodies[own + n]!;
    const type = module.types[module.functions[own + n]!];
    const sameType = type !== undefined && sameBytes(type.params, helper.type.params) && sameBytes(type.results, helper.type.results);
    if (!sameType || !sameBytes(module.bytes.subarray(body.start, body.end), helper.body)) {
      throw new CoreError("CORE2006", name, `has something else than the function that charges (number ${own + n}, at byte ${body.start})`, REBUILD);
    }
  });
  return realloc;
}

/** What the function that reserves memory calls at its end. Any number, if it is not the build's: then its bytes differ. */
function reallocIn(module: Module, charges: Charges, own: number): number {
  const { start, end } = module.bodies[charges.reserve]!;
  // A number of one byte, and the end, are behind the call.
  return new Reader(module.bytes, start + charges.helpers(0)[charges.reserve - own]!.body.length - 2, end).u32();
}

/** Nothing but what the build wrote calls its functions; the host calls two of them, under their names. */
function verifyEntries(module: Module, charges: Charges, own: number, name: string): void {
  const refuse = (cause: string) => new CoreError("CORE2006", name, cause, REBUILD);
  if (module.elements.some((index) => index >= own)) throw refuse("has a function of the build in its table");
  const build = new Map([[REALLOC, charges.reserve], [RESET, charges.reset]]);
  for (const entry of module.exports) {
    if (entry.kind !== External.function) continue;
    const expected = build.get(entry.name);
    if (expected === undefined ? entry.index >= own : entry.index !== expected) throw refuse(`exports another function as ${entry.name}`);
  }
}

function verifyDepths(module: Module, checked: readonly CheckedBody[], depths: Depths, name: string): void {
  checked.forEach((body, index) => {
    const expected = depths.units[index]!;
    if (body.depth === expected) return;
    const cause = `has a function (number ${index}, at byte ${module.bodies[index]!.start}) that pays ${body.depth} units of call depth instead of ${expected}`;
    throw new CoreError("CORE2006", name, cause, REBUILD);
  });
  if (depths.unpaidMax > HOST_LIMITS.unpaidDepthMax) {
    throw new CoreError("CORE2009", name, `nests calls too deep (${depths.unpaidMax} units)`, `at most ${HOST_LIMITS.unpaidDepthMax} outside of recursion`);
  }
}

function sameBytes(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
