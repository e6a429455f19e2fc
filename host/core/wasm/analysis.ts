/** What the meter and the verifier both derive from a decoded module and its scanned functions. */
import { WasmError } from "./bytes.ts";
import { callOrder, depthsOf, type Depths } from "./callgraph.ts";
import { depthUnits } from "./charges.ts";
import { type Costs, costsOf } from "./costs.ts";
import { External, type FunctionType, type Module } from "./module.ts";
import type { Segments } from "./segments.ts";

/** Of each of the core's own functions, by index. */
export interface Analysis { costs: Costs[]; depths: Depths }

/** `segments`: one for each of the core's own functions; `realloc`: the one that the exported cabi_realloc calls. */
export function analyse(module: Module, segments: readonly Segments[], realloc: number): Analysis {
  const own = segments.length;
  const order = callOrder({ callees: segments.map((each) => each.callees), indirect: segments.map((each) => each.indirect), table: module.elements });
  const exported = module.exports.filter((entry) => entry.kind === External.function).map((entry) => entry.index);
  const open = new Set([...module.elements, ...exported, realloc]);
  const costs = new Array<Costs>(own);
  for (const member of order.components.flat()) {
    // Callees come first, but on cycles: those pay for themselves.
    if (member < own) costs[member] = costsOf(segments[member]!, (callee) => costs[callee]?.prepaid ?? 0, open.has(member) || order.cyclic[member] === true);
  }
  return { costs, depths: depthsOf(order, segments.map((each, index) => depthUnits(typeOf(module, index), module.bodies[index]!, each.operandsMax))) };
}

export function typeOf(module: Module, index: number): FunctionType {
  const type = module.types[module.functions[index]!];
  if (type === undefined) throw new WasmError(module.bodies[index]!.start, "a function's type is not there");
  return type;
}
