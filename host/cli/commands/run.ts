/** `toque run`: operators on a cluster, until told to stop. */
import { hostname } from "node:os";
import { randomBytes } from "node:crypto";
import { declaresSecrets } from "../../../bindings/codegen/hash-key.ts";
import type { Core } from "../../core/core.ts";
import { nodePlatform } from "../../platform/node/index.ts";
import { startHost, type Host } from "../../runtime/host.ts";
import { createInformers } from "../../runtime/informers.ts";
import { lineLog, type Log } from "../../runtime/log.ts";
import { ProxyCaller } from "../../runtime/proxy-caller.ts";
import { clusterError, connect, type ClusterOptions } from "../connect.ts";
import { readCore } from "../cores.ts";
import { hashKey } from "../hash-key.ts";
import { installDefinition } from "../install.ts";
import { prometheusMetrics } from "../metrics.ts";
import { wholeNumber } from "../options.ts";
import { serve, type Serving } from "../serve.ts";
import { VERSION } from "../version.ts";

export interface RunOptions extends ClusterOptions {
  namespace?: string[];
  leaderElect?: boolean;
  leaderNamespace?: string;
  impersonate?: boolean;
  install?: boolean;
  workers: string;
  port?: string;
  bind: string;
  log: "text" | "json";
  quiet?: boolean;
}

/** Resolves when the host has stopped. */
export async function run(files: readonly string[], options: RunOptions): Promise<void> {
  const cores = files.map((file) => readCore(file).core);
  const concurrency = wholeNumber("--workers", options.workers, 1);
  const port = options.port === undefined ? undefined : wholeNumber("--port", options.port, 0);
  const { transport, namespace: ownNamespace = "default", origin } = await connect(options);
  const platform = nodePlatform();
  const log = lineLog((line) => process.stdout.write(`${line}\n`), platform.clock, { format: options.log, level: options.quiet === true ? "warn" : "info" });
  const metrics = prometheusMetrics();
  log.write("info", "toque", { version: VERSION, cluster: origin });
  if (options.install === true) {
    for (const core of cores) log.write("info", "definition applied", { crd: await installDefinition(core.manifest, transport, platform).catch((error: unknown) => { throw clusterError("can't apply the definition", error); }) });
  }
  const leaseNamespace = options.leaderNamespace ?? process.env["POD_NAMESPACE"] ?? ownNamespace;
  const secretKey = cores.some((core) => declaresSecrets(core.manifest)) ? await hashKey({ transport, platform, namespace: leaseNamespace, log }) : undefined;
  const informers = createInformers({
    transport, platform, namespaces: options.namespace, ...(secretKey === undefined ? {} : { secretKey }),
    log: ({ level, kind, message }) => log.write(level, message, { kind }),
  });
  const host = startHost({
    cores: cores.map((core) => ({ core, options: { concurrency, ...impersonation(core, options, leaseNamespace) } })),
    transport, informers, platform, log, metrics, caller: new ProxyCaller(transport, platform.text),
    ...(options.leaderElect === true ? { lease: { namespace: leaseNamespace, name: leaseName(cores), identity: identity() } } : {}),
  });
  const serving = port === undefined ? undefined : await endpoints(host, metrics.registry, options.bind, port, log);
  for (const { digest, manifest } of cores) log.write("info", "operator", { operator: manifest.name, version: manifest.version, digest });
  void host.ready.then(() => log.write("info", "caches are in", { operators: cores.length }));
  await untilTold(log);
  await host.stop();
  informers.close();
  await serving?.close();
  transport.close();
  log.write("info", "stopped");
}

/** The ServiceAccount of each operator, as `toque manifests` makes them. */
function impersonation(core: Core, options: RunOptions, namespace: string): { impersonate?: { user: string; groups: string[] } } {
  if (options.impersonate !== true) return {};
  const user = `system:serviceaccount:${namespace}:${core.manifest.name}`;
  // The API server adds the groups of a ServiceAccount by itself, and refuses to have them named.
  return { impersonate: { user, groups: [] } };
}

function leaseName(cores: readonly Core[]): string {
  return cores.length === 1 ? `toque-${cores[0]!.manifest.name}` : "toque";
}

function identity(): string {
  return `${process.env["POD_NAME"] ?? hostname()}_${randomBytes(4).toString("hex")}`;
}

async function endpoints(host: Host, registry: { contentType: string; metrics(): Promise<string> }, address: string, port: number, log: Log): Promise<Serving> {
  const serving = await serve({
    metrics: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
    healthy: () => ({ ok: host.health().live, why: host.health().live ? "ok" : "stuck" }),
    ready: () => {
      const { ready, leading, operators } = host.health();
      const trouble = operators.flatMap((operator) => operator.trouble);
      return { ok: ready, why: ready ? (leading ? "ok: leading" : "ok: standing by") : trouble.join("\n") || "the first lists are not in yet" };
    },
  }, address, port);
  log.write("info", "serving /metrics, /healthz, /readyz", { address: `${address}:${serving.port}` });
  return serving;
}

/** SIGTERM and SIGINT stop it in order; a second one at once. */
function untilTold(log: Log): Promise<void> {
  return new Promise((resolve) => {
    let told = false;
    const stop = (signal: string): void => {
      if (told) process.exit(1);
      told = true;
      log.write("info", "stopping: finishing what is under way", { signal });
      resolve();
    };
    process.on("SIGTERM", () => stop("SIGTERM"));
    process.on("SIGINT", () => stop("SIGINT"));
  });
}
