/**
 * A life of a cluster on the simulated platform, as a digest of every byte that it answered: the same code runs in Node and in
 * a browser, and the same seed must give the same digest.
 */
import { createCluster } from "../../host/cluster/cluster.ts";
import type { HttpReply } from "../../host/platform/http.ts";
import { portableDigest } from "../../host/platform/portable-digest.ts";
import { simulatedPlatform } from "../../host/platform/simulated/index.ts";
import type { Api } from "../fidelity/declare.ts";
import { SAMPLES } from "../fidelity/objects.ts";
import { randomScript } from "../fidelity/scripts/random.ts";
import type { Call, Reply } from "../fidelity/target.ts";

export interface Life { readonly digest: string; readonly requests: number; readonly events: number }

/** `count` random requests of each feature to each kind, with a watch on every kind. */
export async function clusterLife(seed: number, count: number): Promise<Life> {
  const simulated = simulatedPlatform({ seed });
  const { platform } = simulated;
  const { server } = createCluster(platform, { adminToken: "admin-token" });
  const said: string[] = [];
  let requests = 0;
  let events = 0;
  const handle = (call: Call): HttpReply => {
    const body = call.body === undefined ? "" : typeof call.body === "string" ? call.body : JSON.stringify(call.body);
    const headers = { accept: "application/json", "content-type": "application/json", "user-agent": "life", authorization: "Bearer admin-token", ...call.headers };
    return server.answer({ method: call.method, path: call.path, headers, body: platform.text.encodeUtf8(body) });
  };
  const send = (call: Call): Promise<Reply> => {
    const { status, body } = handle(call);
    requests++;
    simulated.advance(100);
    const text = typeof body === "string" ? body : platform.text.decodeUtf8(body, 0, body.length);
    said.push(`${status} ${text}`);
    return Promise.resolve({ status, body: parsed(text), warnings: [], contentType: "" });
  };
  for (const { root, plural } of Object.values(SAMPLES)) {
    handle({ method: "GET", path: `${root}/${plural}?watch=true` }).stream?.({ write: (chunk) => { events++; said.push(String(chunk)); return true; }, end: () => undefined });
  }
  for (const [n, kind] of Object.keys(SAMPLES).entries()) {
    const ns = `life-${kind.toLowerCase()}`;
    await send({ method: "POST", path: "/api/v1/namespaces", body: { apiVersion: "v1", kind: "Namespace", metadata: { name: ns } } });
    for (const feature of ["objects", "patch", "apply", "delete"]) await randomScript(feature, kind, seed + n, count).run(apiOf(send, ns));
  }
  return { digest: portableDigest.sha256Hex(said.join("\n")), requests, events };
}

function apiOf(send: (call: Call) => Promise<Reply>, ns: string): Api {
  const types = { json: "application/json-patch+json", merge: "application/merge-patch+json", strategic: "application/strategic-merge-patch+json", apply: "application/apply-patch+yaml" };
  return {
    ns, send, generated: () => undefined,
    get: (path, headers) => send({ method: "GET", path, ...(headers === undefined ? {} : { headers }) }),
    post: (path, body) => send({ method: "POST", path, body }),
    put: (path, body) => send({ method: "PUT", path, body }),
    delete: (path, body) => send({ method: "DELETE", path, ...(body === undefined ? {} : { body }) }),
    patch: (path, body, type) => send({ method: "PATCH", path, body, headers: { "content-type": types[type] } }),
    watch: () => Promise.reject(new Error("these scripts open no watches")),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
