/**
 * A request that is given up leaves nothing behind that could still be delivered: its connection is reset, not closed.
 * Seen from a server that reads nothing: after an ordinary close it would read the request, and then the end.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { createServer as createTlsServer } from "node:tls";
import { TransportError } from "../platform.ts";
import { NO_CREDENTIALS, type Endpoint } from "./endpoint.ts";
import { connectTo } from "./transport.ts";

function endpoint(url: string, insecure: boolean): Endpoint {
  return { url: new URL(url), ca: () => undefined, serverName: undefined, insecure, proxy: undefined, credentials: NO_CREDENTIALS, origin: "test" };
}

/** How the connection ended, as the server sees it. */
async function endAsSeenBy(t: TestContext, server: Server, scheme: "http" | "https"): Promise<string> {
  const ended = new Promise<string>((resolve) => {
    server.on(scheme === "https" ? "secureConnection" : "connection", (socket: Socket) => {
      socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
      socket.on("end", () => resolve("end"));
      t.after(() => socket.destroy());
    });
  });
  await new Promise<void>((resolve) => { server.listen(0, "127.0.0.1", resolve); });
  t.after(() => server.close());
  const transport = connectTo(endpoint(`${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`, true));
  t.after(() => transport.close());
  const given = transport.request({ method: "PATCH", path: "/", body: "{}", timeoutMs: 200 });
  await assert.rejects(given, (error: unknown) => error instanceof TransportError && error.failure === "Timeout");
  return ended;
}

test("over TCP", async (t) => {
  const server = createServer((socket) => { socket.resume(); });
  assert.equal(await endAsSeenBy(t, server, "http"), "ECONNRESET");
});

test("over TLS", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "toque-abort-"));
  t.after(() => rmSync(folder, { recursive: true }));
  execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "k", "-out", "c", "-days", "1", "-subj", "/CN=localhost"], { cwd: folder, stdio: "ignore" });
  const server = createTlsServer({ key: readFileSync(join(folder, "k")), cert: readFileSync(join(folder, "c")) }, (socket) => {
    socket.on("error", () => undefined);
    socket.resume();
  });
  assert.equal(await endAsSeenBy(t, server as unknown as Server, "https"), "ECONNRESET");
});
