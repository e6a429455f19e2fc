/** The embedded cluster behind HTTP on loopback, with a kubeconfig for it. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { stringify } from "yaml";
import { createCluster } from "../../cluster/cluster.ts";
import { trusting } from "../../cluster/api/trusting.ts";
import { durably } from "../../cluster/journal.ts";
import { startParts } from "../../cluster/parts.ts";
import { serveHttp, type HttpServer } from "../../platform/node/http-server.ts";
import { openJournal } from "../../platform/node/journal.ts";
import { nodePlatform, nodeTransport } from "../../platform/node/index.ts";
import { nodeYaml } from "../../platform/node/yaml-codec.ts";
import { CliError, EXIT } from "../errors.ts";
import { wholeNumber } from "../options.ts";
import type { World } from "./world.ts";

export interface EmbeddedOptions {
  /** Where modules and the kubeconfig go. */
  out: string;
  /** Folder that keeps the state; undefined: it is gone with the process. */
  data?: string;
  port?: string;
  nodes: string;
}

const TOO_LARGE = {
  status: 413, headers: { "Content-Type": "application/json" },
  body: JSON.stringify({ kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message: "Request entity too large: limit is 3145728", reason: "RequestEntityTooLarge", code: 413 }),
};

export async function embeddedWorld(options: EmbeddedOptions): Promise<World> {
  const begunMs = performance.now();
  const kept = options.data === undefined ? undefined : openJournal(resolve(options.data));
  if (kept?.mended !== undefined) process.stderr.write(`${kept.mended}\n`);
  const platform = nodePlatform();
  const cluster = createCluster(platform, { yaml: nodeYaml, ...(kept === undefined ? {} : { records: kept.records, journal: kept.journal }) });
  const nodes = wholeNumber("--nodes", options.nodes, 1);
  const parts = startParts(cluster, platform, { nodes });
  const front = trusting(cluster.server, cluster.admin);
  const http = await listen(kept === undefined ? front : durably(front, kept.journal), options.port === undefined ? 0 : wholeNumber("--port", options.port, 0));
  const kubeconfig = writeKubeconfig(options.out, http.url, cluster.adminToken);
  const { transport } = await nodeTransport({ file: kubeconfig });
  return {
    title: `embedded, ${nodes} nodes, at ${http.url}, in ${Math.round(performance.now() - begunMs)} ms`, transport, kubeconfig: relative(process.cwd(), kubeconfig), patienceMs: 60_000,
    async close() {
      transport.close();
      parts.stop();
      await http.close();
      await kept?.journal.close();
    },
  };
}

async function listen(handler: Parameters<typeof serveHttp>[0], port: number): Promise<HttpServer> {
  try {
    return await serveHttp(handler, { port, tooLarge: TOO_LARGE });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    throw new CliError(EXIT.usage, `port ${port} is taken: choose another with --port, or leave it out for any`, { cause: error });
  }
}

function writeKubeconfig(folder: string, server: string, token: string): string {
  const file = resolve(join(folder, "kubeconfig"));
  mkdirSync(folder, { recursive: true });
  const name = "toque";
  writeFileSync(file, stringify({
    apiVersion: "v1", kind: "Config", "current-context": name,
    clusters: [{ name, cluster: { server } }], users: [{ name, user: { token } }], contexts: [{ name, context: { cluster: name, user: name, namespace: "default" } }],
  }), { mode: 0o600 });
  return file;
}
