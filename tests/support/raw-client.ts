/** Requests as bytes: for tests that care about headers, odd bodies and media types, which the plain client hides. */
import { Agent, request } from "node:https";
import type { IncomingHttpHeaders } from "node:http";

export interface RawAnswer { readonly status: number; readonly headers: IncomingHttpHeaders; readonly text: string }

export interface RawClient {
  /** Bodies are sent as they are, as application/json unless `headers` says otherwise. Only a broken connection throws. */
  send(method: string, path: string, body?: string | Uint8Array, headers?: { [name: string]: string }): Promise<RawAnswer>;
  close(): void;
}

export function rawClient(server: { url: string; ca: string; token: string }): RawClient {
  const agent = new Agent({ ca: server.ca, keepAlive: true, maxSockets: 8 });
  return {
    send: (method, path, body, headers = {}) => new Promise((resolve, reject) => {
      const all = { authorization: `Bearer ${server.token}`, accept: "application/json", ...(body === undefined ? {} : { "content-type": "application/json", "content-length": String(Buffer.byteLength(body)) }), ...headers };
      const outgoing = request(server.url + path, { method, agent, headers: all, timeout: 30_000 }, (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
        incoming.on("error", reject);
        incoming.on("end", () => resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text: Buffer.concat(chunks).toString("utf8") }));
      });
      outgoing.on("timeout", () => outgoing.destroy(new Error(`${method} ${path}: no answer in 30 s`)));
      outgoing.on("error", reject);
      outgoing.end(body);
    }),
    close: () => agent.destroy(),
  };
}
