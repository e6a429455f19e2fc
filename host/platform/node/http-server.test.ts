import assert from "node:assert/strict";
import { connect } from "node:net";
import { request } from "node:http";
import { after, test } from "node:test";
import type { HttpCall, HttpHandler, ReplySink } from "../http.ts";
import { serveHttp, type HttpServer } from "./http-server.ts";

const tooLarge = { status: 413, headers: {}, body: "too large" };
const servers: HttpServer[] = [];
after(async () => { for (const server of servers) await server.close(); });

async function serving(handle: HttpHandler["handle"], options: { bodyBytesMax?: number; unreadBytesMax?: number } = {}): Promise<HttpServer> {
  const server = await serveHttp({ handle }, { tooLarge, ...options });
  servers.push(server);
  return server;
}

test("hands over whole requests and sends whole answers", async () => {
  const calls: HttpCall[] = [];
  const server = await serving((call) => {
    calls.push(call);
    return { status: 201, headers: { "X-One": "1", Warning: ["299 a", "299 b"] }, body: "héllo" };
  });
  const answer = await fetch(`${server.url}/a/b?c=%20d`, { method: "POST", body: "body", headers: { "X-Thing": "x" } });
  assert.equal(answer.status, 201);
  assert.equal(await answer.text(), "héllo");
  assert.equal(answer.headers.get("warning"), "299 a, 299 b");
  assert.equal(answer.headers.get("content-length"), "6");
  assert.equal(calls[0]!.path, "/a/b?c=%20d");
  assert.equal(calls[0]!.headers["x-thing"], "x");
  assert.equal(Buffer.from(calls[0]!.body).toString(), "body");
});

test("a body over the limit is never handed over, and is answered", async () => {
  let asked = 0;
  const server = await serving(() => { asked++; return { status: 200, headers: {}, body: "" }; }, { bodyBytesMax: 100 });
  const answer = await fetch(server.url, { method: "POST", body: "x".repeat(500_000) });
  assert.equal(answer.status, 413);
  assert.equal(asked, 0);
  assert.equal((await fetch(server.url, { method: "POST", body: "x".repeat(100) })).status, 200);
});

test("a handler that throws is answered with 500, and the next request is served", async () => {
  let first = true;
  const server = await serving(() => {
    if (!first) return { status: 200, headers: {}, body: "" };
    first = false;
    throw new Error("a bug");
  });
  assert.equal((await fetch(server.url)).status, 500);
  assert.equal((await fetch(server.url)).status, 200);
});

test("streams pieces as they come, and tells when the client is gone", async () => {
  const gone = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<ReplySink>();
  const server = await serving(() => ({ status: 200, headers: {}, body: "", stream: (sink) => { begun.resolve(sink); return () => gone.resolve(); } }));
  const outgoing = request(server.url).end();
  const [incoming] = await new Promise<[NodeJS.ReadableStream]>((resolve) => outgoing.on("response", (response) => resolve([response])));
  const sink = await begun.promise;
  assert.equal(sink.write("one\n"), true);
  assert.equal(String(await new Promise((resolve) => incoming.once("data", resolve))), "one\n");
  outgoing.destroy();
  await gone.promise;
  assert.equal(sink.write("two\n"), false);
});

test("a client that does not read its stream is cut off", async () => {
  const begun = Promise.withResolvers<ReplySink>();
  const gone = Promise.withResolvers<void>();
  const server = await serving(() => ({ status: 200, headers: {}, body: "", stream: (sink) => { begun.resolve(sink); return () => gone.resolve(); } }), { unreadBytesMax: 100_000 });
  const socket = connect(server.port, "127.0.0.1", () => socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
  socket.pause();
  socket.on("error", () => undefined);
  const sink = await begun.promise;
  const piece = "x".repeat(64 << 10);
  // The kernel's own buffers take some megabytes first.
  let pieces = 0;
  while (sink.write(piece)) {
    assert.ok(++pieces < 2000, "nobody cut the client off");
    await new Promise((resolve) => setImmediate(resolve));
  }
  await gone.promise;
  socket.destroy();
});

test("what is no HTTP gets a 400 and no more", async () => {
  const server = await serving(() => ({ status: 200, headers: {}, body: "" }));
  const socket = connect(server.port, "127.0.0.1", () => socket.write("rubbish\r\n\r\n"));
  const text = await new Promise<string>((resolve) => {
    let all = "";
    socket.on("data", (chunk) => (all += String(chunk)));
    socket.on("close", () => resolve(all));
  });
  assert.match(text, /^HTTP\/1\.1 400 /);
});
