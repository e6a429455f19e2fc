/** A plain client of an API server for tests: JSON in, JSON out, no cache, no retries. */
import { Agent, request } from "node:https";
import type { OutgoingHttpHeaders } from "node:http";

// Tests look into objects of every kind; a type for each would say nothing about the host under test.
export type Loose = any;

export interface Answer { readonly status: number; readonly body: Loose }

export interface ApiClient {
  /** Any status is an answer; only a broken connection throws. */
  request(method: string, path: string, body?: unknown, contentType?: string): Promise<Answer>;
  /** As `request`, but throws on a status outside 2xx. Returns the body. */
  must(method: string, path: string, body?: unknown, contentType?: string): Promise<Loose>;
  /** Creates by server-side apply, or brings in line. `path` is that of the object. */
  apply(path: string, object: unknown): Promise<Loose>;
  mergePatch(path: string, patch: unknown): Promise<Loose>;
  close(): void;
}

export function apiClient(options: { url: string; ca: string; token: string }): ApiClient {
  const agent = new Agent({ ca: options.ca, keepAlive: true, maxSockets: 20 });
  const client: ApiClient = {
    request: (method, path, body, contentType) => send(agent, options, method, path, body, contentType),
    async must(method, path, body, contentType) {
      const answer = await client.request(method, path, body, contentType);
      if (answer.status >= 200 && answer.status < 300) return answer.body;
      throw new Error(`${method} ${path}: ${answer.status} ${answer.body?.message ?? JSON.stringify(answer.body)}`);
    },
    apply: (path, object) => client.must("PATCH", `${path}?fieldManager=toque-test&force=true`, object, "application/apply-patch+yaml"),
    mergePatch: (path, patch) => client.must("PATCH", path, patch, "application/merge-patch+json"),
    close: () => agent.destroy(),
  };
  return client;
}

function send(agent: Agent, server: { url: string; token: string }, method: string, path: string, body: unknown, contentType = "application/json"): Promise<Answer> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const headers: OutgoingHttpHeaders = { authorization: `Bearer ${server.token}`, accept: "application/json", "user-agent": "toque-test" };
  if (text !== undefined) Object.assign(headers, { "content-type": contentType, "content-length": Buffer.byteLength(text) });
  return new Promise((resolve, reject) => {
    const outgoing = request(server.url + path, { method, agent, headers, timeout: 30_000 }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("error", reject);
      incoming.on("end", () => {
        const answer = Buffer.concat(chunks).toString("utf8");
        resolve({ status: incoming.statusCode ?? 0, body: parsed(answer) });
      });
    });
    outgoing.on("timeout", () => outgoing.destroy(new Error(`${method} ${path}: no answer in 30 s`)));
    outgoing.on("error", reject);
    outgoing.end(text);
  });
}

function parsed(text: string): Loose {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
