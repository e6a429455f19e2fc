/**
 * `toque start`: builds operators, runs them on the embedded cluster (or a real one), applies their samples, and tells what
 * happens until they settle - and after, until it is stopped.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { buildOperator } from "../../../bindings/compile/index.ts";
import { declaresSecrets } from "../../../bindings/codegen/hash-key.ts";
import { stringifyJson } from "../../../bindings/protocol/json.ts";
import type { KindRef, Manifest } from "../../../bindings/protocol/manifest.ts";
import type { KubeObject, Plan } from "../../../bindings/protocol/types.ts";
import type { Core } from "../../core/core.ts";
import { nodePlatform } from "../../platform/node/index.ts";
import { objectPath, send, withQuery } from "../../runtime/api.ts";
import { keyOf, type PassRecord, type Recorder } from "../../runtime/contracts.ts";
import { startHost } from "../../runtime/host.ts";
import { createInformers } from "../../runtime/informers.ts";
import { lineLog } from "../../runtime/log.ts";
import { ProxyCaller } from "../../runtime/proxy-caller.ts";
import { APPLY_PATCH } from "../../runtime/writer.ts";
import { clusterError } from "../connect.ts";
import { readCore } from "../cores.ts";
import { CliError, EXIT } from "../errors.ts";
import { hashKey } from "../hash-key.ts";
import { installDefinition } from "../install.ts";
import { readObjects } from "../objects.ts";
import { follow } from "../start/follow.ts";
import { Story } from "../start/story.ts";
import { openWorld, type World, type WorldOptions } from "../start/world.ts";

export interface StartOptions extends WorldOptions {
  out: string;
  /** Samples to apply; default: every file in the folders' samples/. */
  filename?: string[];
  /** Stop when the samples have settled. */
  once?: boolean;
}

interface Sample { readonly object: KubeObject; readonly kind: KindRef }

export async function start(folders: readonly string[], options: StartOptions): Promise<void> {
  const all = folders.length === 0 ? ["."] : folders;
  const cores = await built(all, options.out);
  const files = options.filename ?? all.flatMap(samplesIn);
  const samples = files.flatMap((file) => samplesOf(file, cores));
  const world = await openWorld(options);
  say("cluster", world.title);
  try {
    await live(cores, samples, world, options);
  } catch (error) {
    throw clusterError("can't start", error);
  } finally {
    await world.close();
  }
}

async function built(folders: readonly string[], out: string): Promise<Core[]> {
  const cores: Core[] = [];
  for (const folder of folders) {
    const report = await buildOperator(folder, out, { debug: false, component: false });
    if (!report.ok) throw new CliError(EXIT.failed, `${folder} does not build\n${report.errors}`);
    const { core } = readCore(report.wasmFile);
    say("built", `${core.manifest.name}, ${(report.bytes / 1024).toFixed(1)} KiB, in ${(report.ms / 1000).toFixed(1)} s`);
    cores.push(core);
  }
  return cores;
}

function samplesIn(folder: string): string[] {
  try {
    return readdirSync(join(folder, "samples")).filter((name) => /\.(ya?ml|json)$/.test(name)).sort().map((name) => join(folder, "samples", name));
  } catch {
    return [];
  }
}

function samplesOf(file: string, cores: readonly Core[]): Sample[] {
  return readObjects(file).map((object) => {
    const kinds = cores.flatMap(({ manifest }) => [manifest.for, ...manifest.owns, ...manifest.reads]);
    const kind = kinds.find((each) => each.apiVersion === object.apiVersion && each.kind === object.kind);
    if (kind === undefined) throw new CliError(EXIT.usage, `${file}: no operator here knows ${object.apiVersion} ${object.kind}: give a sample of ${cores.map(({ manifest }) => manifest.for.kind).join(" or ")}`);
    return { object, kind };
  });
}

async function live(cores: readonly Core[], samples: readonly Sample[], world: World, options: StartOptions): Promise<void> {
  const platform = nodePlatform();
  const { transport } = world;
  const begunMs = platform.clock.monotonicMs();
  const log = lineLog((line) => process.stderr.write(`${line}\n`), platform.clock, { format: "text", level: "warn" });
  for (const { manifest } of cores) await installDefinition(manifest, transport, platform);
  const secretKey = cores.some(({ manifest }) => declaresSecrets(manifest)) ? await hashKey({ transport, platform, namespace: "default", log }) : undefined;
  const informers = createInformers({ transport, platform, ...(secretKey === undefined ? {} : { secretKey }), log: ({ level, kind, message }) => log.write(level, message, { kind }) });
  const settling = new Settling(samples.filter(({ kind }) => cores.some(({ manifest }) => manifest.for.kind === kind.kind && manifest.for.apiVersion === kind.apiVersion)));
  const host = startHost({ cores: cores.map((core) => ({ core })), transport, informers, platform, log, caller: new ProxyCaller(transport, platform.text), recorder: settling });
  const story = new Story({
    elapsedMs: () => platform.clock.monotonicMs() - begunMs, print: (line) => console.log(line),
    columns: process.stdout.columns ?? 80, color: process.stdout.isTTY === true && process.env["NO_COLOR"] === undefined,
  });
  console.log("");
  const followings = shownKinds(cores).map((kind) => follow(kind, undefined, transport, platform, (seen) => story.see(seen)));
  const told = untilTold();
  try {
    await Promise.all(followings.map(({ ready }) => ready));
    for (const { object, kind } of samples) await apply(object, kind, world);
    const outcome = await Promise.race([settling.settled.then(() => "settled" as const), told.then(() => "told" as const), after(world.patienceMs)]);
    if (outcome === "late") throw new CliError(EXIT.failed, `not settled after ${world.patienceMs / 1000} s: ${settling.waitingFor()}`);
    if (outcome === "settled") {
      story.say("settled", "spec and cluster agree");
      if (options.once !== true) {
        tryNext(samples, world);
        await told;
      }
    }
  } finally {
    for (const following of followings) following.stop();
    await host.stop();
    informers.close();
  }
}

/** Primaries, what operators own, and the Pods that come of it. */
function shownKinds(cores: readonly { manifest: Manifest }[]): KindRef[] {
  const pod: KindRef = { apiVersion: "v1", kind: "Pod", plural: "pods", namespaced: true };
  const kinds = [...cores.flatMap(({ manifest }) => [manifest.for, ...manifest.owns]), pod].filter(({ kind }) => kind !== "Secret");
  return [...new Map(kinds.map((kind) => [`${kind.apiVersion} ${kind.kind}`, kind])).values()];
}

async function apply(object: KubeObject, kind: KindRef, { transport }: World): Promise<void> {
  const namespace = kind.namespaced ? (object.metadata.namespace ?? "default") : undefined;
  const path = withQuery(objectPath(kind, namespace, object.metadata.name), { fieldManager: "toque-start", force: "true" });
  await send(transport, nodePlatform().text, { method: "PATCH", path, contentType: APPLY_PATCH, body: stringifyJson(object) });
}

/** Listens to the passes: settled is when the last pass of every sample said so and wrote nothing. */
class Settling implements Recorder {
  readonly settled: Promise<void>;
  readonly #open: Set<string>;
  readonly #last = new Map<string, Plan>();
  #resolve: () => void = () => undefined;

  constructor(samples: readonly Sample[]) {
    this.#open = new Set(samples.map(({ object, kind }) => keyOf(kind.namespaced ? (object.metadata.namespace ?? "default") : undefined, object.metadata.name)));
    this.settled = new Promise((resolve) => { this.#resolve = resolve; });
    if (this.#open.size === 0) this.#resolve();
  }

  decided({ key, plan }: PassRecord): void {
    const decided = JSON.parse(plan) as Plan;
    this.#last.set(key, decided);
    if (decided.verdict === "settled") this.#open.delete(key);
    if (this.#open.size === 0) this.#resolve();
  }

  acted(): void { /* What was written shows in the cluster. */ }

  waitingFor(): string {
    return [...this.#open].map((key) => {
      const { verdict, reason, message } = this.#last.get(key) ?? {};
      return verdict === undefined ? `${key} was not looked at` : `${key} is ${verdict}${reason === undefined ? "" : ` (${reason})`}${message === undefined ? "" : `: ${message}`}`;
    }).join("; ");
  }
}

function tryNext(samples: readonly Sample[], { kubeconfig }: World): void {
  const first = samples[0];
  if (first === undefined) return;
  const { plural } = first.kind;
  const { name, namespace } = first.object.metadata;
  const inNamespace = namespace === undefined || namespace === "default" ? "" : ` -n ${namespace}`;
  const lines = [
    ...(kubeconfig === undefined ? [] : [`export KUBECONFIG=${kubeconfig}`]),
    `kubectl get ${plural},deployments,pods${inNamespace}`, `kubectl edit ${plural}/${name}${inNamespace}`, `kubectl delete ${plural}/${name}${inNamespace}`,
  ];
  console.log(`\nIt goes on until Ctrl-C. Try, in another terminal:\n\n${lines.map((line) => `  ${line}`).join("\n")}\n`);
}

function say(what: string, words: string): void {
  console.log(`${what.padEnd(10)} ${words}`);
}

function untilTold(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
}

function after(ms: number): Promise<"late"> {
  return new Promise((resolve) => { setTimeout(() => resolve("late"), ms).unref(); });
}
