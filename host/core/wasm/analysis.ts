/** What the meter and the verifier both derive from a decoded module and its scanned functions. */
import { WasmError } from "./bytes.ts";
import type { CallGraph } from "./callgraph.ts";
import { depthUnits } from "./charges.ts";
import type { Body, FunctionType, Module } from "./module.ts";
import type { Segments } from "./segments.ts";

/** `segments`: one for each function of the core itself, the build's helpers left out; `bodies`: those functions as metered. */
export function callGraph(module: Module, segments: readonly Segments[], bodies: readonly Body[]): CallGraph {
  return {
    callees: segments.map((found) => found.callees),
    indirect: segments.map((found) => found.indirect),
    table: module.elements.filter((index) => index < segments.length),
    frames: segments.map((found, index) => depthUnits(typeOf(module, index), bodies[index]!, found.operandsMax)),
  };
}

export function typeOf(module: Module, index: number): FunctionType {
  const type = module.types[module.functions[index]!];
  if (type === undefined) throw new WasmError(module.bodies[index]!.start, "a function's type is not there");
  return type;
}
