/** A cluster under virtual time, spoken to as over HTTP. */
import { nodePlatform } from "../../../platform/node/index.ts";
import { nodeYaml } from "../../../platform/node/yaml-codec.ts";
import { simulatedPlatform } from "../../../platform/simulated/index.ts";
import { createCluster, type Cluster, type ClusterOptions } from "../../cluster.ts";

// Answers of every kind.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Loose = any;
export interface Answered { readonly status: number; readonly body: Loose; readonly headers: { readonly [name: string]: string | readonly string[] } }
export interface Watched { readonly events: Loose[]; readonly ended: () => boolean; stop(): void }

export interface Spoken {
  readonly cluster: Cluster;
  advance(ms: number): void;
  /** `token`: whose; the admin's by default. */
  call(method: string, path: string, body?: unknown, headers?: { readonly [name: string]: string }, token?: string): Answered;
  watch(path: string): Watched;
}

export function spoken(options: ClusterOptions = {}): Spoken {
  const { text, digest } = nodePlatform();
  const simulated = simulatedPlatform({ text, digest, seed: 1 });
  const cluster = createCluster(simulated.platform, { yaml: nodeYaml, adminToken: "admin-token", ...options });
  const call = (method: string, path: string, body?: unknown, headers: { readonly [name: string]: string } = {}, token = "admin-token"): Answered => {
    const sent = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
    const all = { ...(token === "" ? {} : { authorization: `Bearer ${token}` }), accept: "application/json", ...(sent === "" ? {} : { "content-type": "application/json" }), ...headers };
    const reply = cluster.server.answer({ method, path, headers: all, body: new TextEncoder().encode(sent) });
    const answer = typeof reply.body === "string" ? reply.body : new TextDecoder().decode(reply.body);
    return { status: reply.status, body: /^[{[]/.test(answer) ? JSON.parse(answer) : answer, headers: reply.headers };
  };
  const watch = (path: string): Watched => {
    const reply = cluster.server.answer({ method: "GET", path, headers: { authorization: "Bearer admin-token", accept: "application/json" }, body: new Uint8Array() });
    const events: Loose[] = [];
    let ended = false;
    const stop = reply.stream!({
      write: (chunk) => { events.push(...String(chunk).trim().split("\n").map((line) => JSON.parse(line))); return true; },
      end: () => { ended = true; },
    });
    return { events, ended: () => ended, stop };
  };
  return { cluster, advance: (ms) => { simulated.advance(ms); }, call, watch };
}
