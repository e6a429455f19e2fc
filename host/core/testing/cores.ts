/** Small cores for tests, made by hand: what they do in a pass is the caller's. */
import { meter } from "../../../bindings/compile/meter.ts";
import { DEFAULT_LIMITS, type Limits, type Manifest } from "../../../bindings/protocol/manifest.ts";
import { nodePlatform } from "../../platform/node/index.ts";
import type { Core } from "../core.ts";
import { loadCore } from "../load.ts";
import { MANIFEST_SECTION } from "../manifest.ts";
import { ValueType } from "../wasm/module.ts";
import { assemble, type Func, i32, type Source } from "./assembler.ts";

const { i32: I32 } = ValueType;
/** Where the argument and the result pair of a hand-made core lie, and where its fixed plan does. */
export const ARGUMENT = 32_768;
export const PLAN = 1_024;
const PAIR = 16;

export function testManifest(limits: Partial<Limits> = {}): Manifest {
  const kind = { apiVersion: "example.dev/v1", kind: "Thing", plural: "things", namespaced: true, type: "Thing" };
  return {
    protocol: 1, name: "thing", version: "0.1.0", for: { ...kind, statusSubresource: true }, owns: [], reads: [], calls: [], finalizer: false,
    limits: { ...DEFAULT_LIMITS, ...limits }, types: { Thing: { fields: {} } }, crd: {},
  };
}

export const SETTLED = '{"protocol":1,"verdict":"settled","actions":[],"questions":[]}';

/** What a pass of a hand-made core does before it returns its plan. Functions it calls are numbered from 3 on. */
export interface Behaviour {
  code?: number[];
  locals?: number[];
  plan?: string;
  /** The core's own cabi_realloc. Default: always `ARGUMENT`. */
  realloc?: number[];
  functions?: Func[];
  limits?: Partial<Limits>;
  source?: Source;
}

/** The three functions of the contract: a fixed address for the argument, a fixed plan as the result. */
export function sourceOf(behaviour: Behaviour): Source {
  const plan = behaviour.plan ?? SETTLED;
  const units = plan.length;
  const bytes = Array.from({ length: units }, (_, n) => plan.charCodeAt(n)).flatMap((unit) => [unit & 0xff, unit >> 8]);
  const word = (value: number) => [value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, value >>> 24];
  return {
    memory: { min: 2 },
    data: [{ at: PAIR, bytes: [...word(PLAN), ...word(units)] }, { at: PLAN, bytes }],
    ...behaviour.source,
    functions: [
      { name: "cabi_realloc", params: [I32, I32, I32, I32], results: [I32], code: behaviour.realloc ?? i32(ARGUMENT) },
      { name: "reconcile", params: [I32, I32], results: [I32], locals: behaviour.locals, code: (behaviour.code ?? []).concat(i32(PAIR)) },
      { name: "cabi_post_reconcile", params: [I32], code: [] },
      ...(behaviour.functions ?? []),
    ],
  };
}

/** The bytes of a core, metered. `manifest` overrides the whole manifest section. */
export function coreBytes(behaviour: Behaviour = {}, manifest?: string): Uint8Array {
  return metered(assemble(sourceOf(behaviour)), behaviour.limits, manifest);
}

export function metered(wasm: Uint8Array, limits: Partial<Limits> = {}, manifest?: string): Uint8Array {
  const own = testManifest(limits);
  const content = new TextEncoder().encode(manifest ?? JSON.stringify(own));
  return meter(wasm, { name: "test.wasm", ...own.limits, customs: { [MANIFEST_SECTION]: content } });
}

export function load(bytes: Uint8Array): Core {
  return loadCore(bytes, nodePlatform(), "test.wasm");
}

/** Reconciles and demands success; returns the plan. */
export function planOf(core: Core, observed = "{}"): string {
  const outcome = core.reconcile(observed);
  if (!outcome.ok) throw new Error(`${outcome.error.code}: ${outcome.error.message}`);
  return outcome.plan;
}
