/** /metrics, /healthz and /readyz on one port. */
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { CliError, EXIT } from "./errors.ts";

export interface Probe { ok: boolean; why: string }
export interface Endpoints {
  metrics(): Promise<{ contentType: string; text: string }>;
  /** Alive: false asks Kubernetes for a restart. */
  healthy(): Probe;
  /** Caches warm, or standing by with warm caches. */
  ready(): Probe;
}
export interface Serving { port: number; close(): Promise<void> }

export async function serve(endpoints: Endpoints, address: string, port: number): Promise<Serving> {
  // Not by `import`: an ES module that imports node:http has Node load its fetch and WebSocket too, 25 ms and 13 MiB.
  const server = process.getBuiltinModule("node:http").createServer((request, response) => {
    answer(endpoints, request.url ?? "/").then(
      ({ status, contentType, text }) => response.writeHead(status, { "content-type": contentType }).end(text),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  await listen(server, address, port);
  return {
    port: (server.address() as AddressInfo).port,
    close: () => new Promise((done) => {
      server.close(() => done());
      server.closeAllConnections();
    }),
  };
}

async function answer(endpoints: Endpoints, url: string): Promise<{ status: number; contentType: string; text: string }> {
  const plain = "text/plain; charset=utf-8";
  switch (url.split("?")[0]) {
    case "/metrics": return { status: 200, ...(await endpoints.metrics()) };
    case "/healthz": return probe(endpoints.healthy());
    case "/readyz": return probe(endpoints.ready());
    default: return { status: 404, contentType: plain, text: "/metrics, /healthz or /readyz\n" };
  }
}

function probe({ ok, why }: Probe): { status: number; contentType: string; text: string } {
  return { status: ok ? 200 : 503, contentType: "text/plain; charset=utf-8", text: `${why}\n` };
}

function listen(server: Server, address: string, port: number): Promise<void> {
  return new Promise((done, fail) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const why = error.code === "EADDRINUSE" ? "the port is taken; choose another with --port, or 0 for any" : error.message;
      fail(new CliError(EXIT.usage, `can't serve on ${address}:${port}: ${why}`, { cause: error }));
    });
    server.listen(port, address, done);
  });
}
