/**
 * The core alone: microseconds of one pass over Pods, with what fuel and restoring cost, beside the same logic in plain
 * JavaScript. All variants take turns within one run, so that a busy machine is unfair to all of them alike.
 */
import { loadCore } from "../../../host/core/load.ts";
import { verifyCore } from "../../../host/core/verify.ts";
import { pagesFor } from "../../../host/core/wasm/reserve.ts";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { manifestOf } from "../../../bindings/codegen/index.ts";
import { emitAssembly } from "../../../bindings/codegen/emit/index.ts";
import { compileAssembly } from "../../../bindings/compile/asc.ts";
import { meter } from "../../../bindings/compile/index.ts";
import { nodePlatform } from "../../../host/platform/node/index.ts";
import type { Manifest, TypeRef } from "../../../bindings/protocol/manifest.ts";
import { IMAGE, pod } from "./pods.ts";

export interface Row {
  /** "declared fields", "whole Pods" */
  what: string;
  pods: number;
  textUnits: number;
  planUnits: number;
  fuelUsed: number;
  /** What is put back: the memory that an input of that length reserves. */
  memoryKiB: number;
  /** Medians, in microseconds. `core` is what a host runs: metered, memory put back. */
  coreUs: number;
  withoutRestoreUs: number;
  withoutRestoreAndFuelUs: number;
  javascriptUs: number;
}

const root = new URL("../../../", import.meta.url).pathname;
const platform = nodePlatform();

/** `whole`: every field of the Pods; otherwise what an operator like etcd's declares. */
export async function measureCore(whole: boolean, counts: readonly number[], repetitions: number): Promise<Row[]> {
  const { manifest, compile } = benchOperator(whole ? "whole" : "members");
  const customs = { "toque:manifest": new TextEncoder().encode(JSON.stringify(manifest)) };
  const { fuel, depth, memoryMaxPages } = manifest.limits;
  const metered = (wasm: Uint8Array): Uint8Array => meter(wasm, { name: "bench.wasm", fuel, depth, memoryMaxPages, customs });
  const bytes = metered(await compile("generated/entry.ts"));
  const core = loadCore(bytes, platform, "bench.wasm");
  const { memory } = verifyCore(bytes, (part) => platform.text.decodeUtf8(part, 0, part.length), "bench.wasm");
  const wasm = await compile("bench.ts");
  const pass = (text: string): string => {
    const outcome = core.reconcile(text);
    if (!outcome.ok) throw new Error(outcome.error.message);
    return outcome.plan;
  };
  const variants = [pass, bare(metered(wasm), fuel), bare(wasm, fuel), plainJavaScript];
  return counts.map((pods) => {
    const text = observedText(pods, manifest);
    const plans = variants.map((variant) => JSON.stringify(JSON.parse(variant(text))));
    if (new Set(plans).size !== 1) throw new Error(`the variants disagree:\n${[...new Set(plans)].join("\n")}`);
    const outcome = core.reconcile(text);
    const [coreUs, withoutRestoreUs, withoutRestoreAndFuelUs, javascriptUs] = medians(variants.map((variant) => () => variant(text)), repetitions) as [number, number, number, number];
    return {
      what: whole ? "whole Pods" : "declared fields", pods, textUnits: text.length, planUnits: plans[0]!.length,
      fuelUsed: outcome.ok ? outcome.fuelUsed : 0, memoryKiB: 64 * pagesFor(2 * text.length, memory), coreUs, withoutRestoreUs, withoutRestoreAndFuelUs, javascriptUs,
    };
  });
}

/**
 * The operator of that folder, to be compiled without metering; the entry bench.ts has a way to empty the heap, for
 * variants that the host doesn't offer.
 */
function benchOperator(name: string): { manifest: Manifest; compile(entry: string): Promise<Uint8Array> } {
  const folder = join(root, "tests/bench/core", name);
  const read = (path: string): string | null => {
    try {
      return readFileSync(path, "utf8");
    } catch {
      return null;
    }
  };
  const result = manifestOf(read(join(folder, "operator.yaml"))!, read(join(folder, "crd.yaml"))!);
  if ("errors" in result) throw new Error(JSON.stringify(result.errors));
  const generated = emitAssembly(result.manifest);
  const readSource = (file: string): string | null => {
    if (file === "bench.ts") return `import { state } from "abi/state";\nexport * from "./generated/entry";\nexport function emptyHeap(): void {\n  __reset();\n  state.arenaAt = state.arenaEnd = 0;\n}\n`;
    return file.startsWith("generated/") ? (generated[file.slice("generated/".length)] ?? null) : read(join(folder, file));
  };
  const compile = async (entry: string): Promise<Uint8Array> => {
    const built = await compileAssembly({ entry, debug: false, readSource, readLibrary: (file) => read(join(root, "assembly", file)) });
    if (built.wasm === undefined) throw new Error(JSON.stringify(built.errors));
    return built.wasm;
  };
  return { manifest: result.manifest, compile };
}

/** A pass without putting memory back: only the heap starts anew, and the fuel. */
function bare(wasm: Uint8Array, fuel: number): (text: string) => string {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(wasm as Uint8Array<ArrayBuffer>), {});
  const core = exports as unknown as {
    memory: WebAssembly.Memory; cabi_realloc(old: number, oldSize: number, align: number, size: number): number;
    reconcile(ptr: number, units: number): number; emptyHeap(): void; _initialize?(): void; "toque:fuel"?: WebAssembly.Global;
  };
  core._initialize?.();
  core.emptyHeap();
  const counter = core["toque:fuel"];
  let memory = new Uint8Array(0);
  return (text) => {
    if (counter !== undefined) counter.value = fuel;
    const at = core.cabi_realloc(0, 0, 2, text.length * 2);
    if (memory.length === 0) memory = new Uint8Array(core.memory.buffer); // It grew, and has another buffer now.
    platform.text.writeUtf16(memory, at, text);
    const result = core.reconcile(at, text.length);
    if (memory.length === 0) memory = new Uint8Array(core.memory.buffer);
    const plan = platform.text.readUtf16(memory, word(memory, result), word(memory, result + 4) * 2);
    core.emptyHeap();
    return plan;
  };
}
function word(memory: Uint8Array, at: number): number {
  return memory[at]! | (memory[at + 1]! << 8) | (memory[at + 2]! << 16) | (memory[at + 3]! << 24);
}

/** What tests/bench/core/members/reconcile.ts does. */
function plainJavaScript(text: string): string {
  const observed = JSON.parse(text) as { primary: { spec: { image: string } }; owned: Pod[] };
  const ready: string[] = [];
  const unready: string[] = [];
  let outdated: Pod | undefined;
  for (const pod of observed.owned) {
    const up = pod.status.conditions?.find((condition) => condition.type === "Ready")?.status === "True";
    (up ? ready : unready).push(pod.metadata.name);
    if (outdated === undefined && pod.spec.containers[0]!.image !== observed.primary.spec.image) outdated = pod;
  }
  const { namespace, name, uid } = outdated?.metadata ?? {};
  const actions = outdated === undefined ? [] : [{ type: "delete", stage: 0, reason: "ImageOutdated", target: { apiVersion: "v1", kind: "Pod", namespace, name }, uid }];
  return JSON.stringify({ protocol: 1, verdict: "settled", status: { ready, unready }, actions, questions: [] });
}
interface Pod {
  metadata: { name: string; namespace: string; uid: string };
  spec: { containers: { image: string }[] };
  status: { conditions?: { type: string; status: string }[] };
}

/** The Pods are cut down to what is declared, as a host does before the core sees them; managedFields never are. */
function observedText(pods: number, manifest: Manifest): string {
  const owned = Array.from({ length: pods }, (_, i) => JSON.stringify(declared(pod(i), { object: "Pod" }, manifest)));
  return `{"protocol":1,"mode":"reconcile","now":"2026-11-22T10:00:00.000Z","primary":{"apiVersion":"example.dev/v1","kind":"Cluster",`
    + `"metadata":{"name":"db","namespace":"default","uid":"u"},"spec":{"size":3,"image":"${IMAGE}"}},"owned":[${owned.join(",")}],"strays":[],"answers":{},"lastResults":[]}`;
}

function declared(value: unknown, type: TypeRef, manifest: Manifest): unknown {
  if ("list" in type) return (value as unknown[]).map((item) => declared(item, type.list, manifest));
  if (!("object" in type)) return value;
  const { fields } = manifest.types[type.object]!;
  const kept = Object.entries(value as object).filter(([field]) => fields[field] !== undefined);
  return Object.fromEntries(kept.map(([field, item]) => [field, declared(item, fields[field]!.type, manifest)]));
}

/** How long each variant runs before it counts: engines compile hot code a second time, in the background. */
const WARM_UP_MS = 300;

/**
 * In microseconds. The variants take turns of a millisecond, or of one pass if that lasts longer: so short that few are cut
 * short by other processes, and those few don't move a median.
 */
function medians(bodies: (() => unknown)[], repetitions: number): number[] {
  const turns = bodies.map((body) => {
    let count = 0;
    const started = performance.now();
    for (; performance.now() - started < WARM_UP_MS; count++) body();
    return Math.max(1, Math.round(count / WARM_UP_MS));
  });
  const times = bodies.map((): number[] => []);
  for (let repetition = 0; repetition < repetitions; repetition++) {
    bodies.forEach((body, i) => {
      const started = performance.now();
      for (let turn = 0; turn < turns[i]!; turn++) body();
      times[i]!.push(((performance.now() - started) * 1000) / turns[i]!);
    });
  }
  return times.map((each) => each.sort((a, b) => a - b)[each.length >> 1]!);
}
