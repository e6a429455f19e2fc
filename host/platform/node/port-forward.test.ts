/**
 * Calls with a client certificate through a port-forward, from end to end on loopback: an API server that takes the
 * upgrade and copies bytes, and behind it a TLS server that wants a certificate. The real thing is in tests/e2e/calls.e2e.ts.
 */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer as createHttp, type Server } from "node:http";
import { createServer as createHttps } from "node:https";
import { connect, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { TLSSocket } from "node:tls";
import { makeClientCertificate, makePki } from "../../../tests/support/pki.ts";
import { until } from "../../../tests/support/wait.ts";
import { type PodRequest, TransportError } from "../platform.ts";
import { NO_CREDENTIALS } from "./endpoint.ts";
import { connectTo, type NodeTransport } from "./transport.ts";
import { FrameReader, Opcode } from "./websocket.ts";

const folder = mkdtempSync(join(tmpdir(), "toque-forward-"));
const pem = (name: string): string => readFileSync(join(folder, name), "utf8");
/** What the API server does with the next upgrade. */
let refuse: { status: number; body: string } | undefined;
let silent = false;
const asked: { url: string | undefined; protocol: string | undefined; authorization: string | undefined }[] = [];
const open = new Set<Socket>();

/** A server's frame with one channel's bytes. */
function frame(channel: number, payload: Uint8Array): Buffer {
  const length = payload.length + 1;
  return Buffer.concat([length < 126 ? Buffer.of(0x82, length) : Buffer.of(0x82, 126, length >> 8, length & 0xff), Buffer.of(channel), payload]);
}

/** The API server and the kubelet behind it in one: takes the upgrade and copies channel 0 to a port. */
function forwarder(port: () => number): Server {
  const server = createHttp();
  server.on("upgrade", (request, socket: Socket) => {
    asked.push({ url: request.url, protocol: request.headers["sec-websocket-protocol"], authorization: request.headers.authorization });
    open.add(socket.on("error", () => undefined).on("close", () => open.delete(socket)));
    if (refuse !== undefined) return void socket.end(`HTTP/1.1 ${refuse.status} No\r\nContent-Length: ${refuse.body.length}\r\n\r\n${refuse.body}`);
    socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
    for (const channel of [0, 1]) socket.write(frame(channel, Buffer.of(port() & 0xff, port() >> 8)));
    if (silent) return;
    const far = connect(port(), "127.0.0.1");
    far.on("data", (chunk: Buffer) => { for (let at = 0; at < chunk.length; at += 60_000) socket.write(frame(0, chunk.subarray(at, at + 60_000))); });
    far.on("error", (error) => socket.write(frame(1, Buffer.from(`error forwarding: ${error.message}`))));
    far.on("close", () => socket.end());
    socket.on("close", () => far.destroy());
    // A client's frames are masked; with its mask taken off, one is a server's.
    const reader = new FrameReader((opcode, payload) => { if (opcode === Opcode.binary) far.write(payload.subarray(1)); });
    let rest = Buffer.alloc(0);
    socket.on("data", (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk]);
      for (let taken = unmask(rest); taken !== undefined; taken = unmask(rest)) {
        rest = rest.subarray(taken.used);
        reader.push(taken.frame);
      }
    });
  });
  return server;
}

function unmask(bytes: Buffer): { used: number; frame: Buffer } | undefined {
  if (bytes.length < 2) return undefined;
  const short = bytes[1]! & 0x7f;
  const extended = short < 126 ? 0 : short === 126 ? 2 : 8;
  const length = extended === 0 ? short : extended === 2 ? (bytes.length < 4 ? 1 << 30 : bytes.readUInt16BE(2)) : assert.fail("longer than anything sent here");
  const used = 2 + extended + 4 + length;
  if (bytes.length < used) return undefined;
  const mask = bytes.subarray(2 + extended, 6 + extended);
  const payload = Buffer.from(bytes.subarray(6 + extended, used).map((byte, index) => byte ^ mask[index & 3]!));
  return { used, frame: Buffer.concat([Buffer.of(bytes[0]!, short), bytes.subarray(2, 2 + extended), payload]) };
}

describe("a call with a client certificate", () => {
  let pod: Server;
  let api: Server;
  let transport: NodeTransport;
  const port = (server: Server): number => (server.address() as AddressInfo).port;
  const request = (change: Partial<PodRequest> = {}): PodRequest => ({
    namespace: "ns", pod: "db-0", port: port(pod), method: "POST", path: "/v3/kv/put", body: '{"key":"é"}', timeoutMs: 5_000,
    tls: { cert: pem("client.crt"), key: pem("client.key"), ca: pem("ca.crt") }, ...change,
  });
  const failing = (failure: TransportError["failure"], message: RegExp) => (error: unknown): boolean => error instanceof TransportError && error.failure === failure && message.test(error.message);

  before(async () => {
    await makePki(folder, ["DNS:some.other.name"]);
    await makeClientCertificate(folder, "client", "toque", []);
    pod = createHttps({ cert: pem("server.crt"), key: pem("server.key"), ca: pem("ca.crt"), requestCert: true, rejectUnauthorized: true }, (incoming, outgoing) => {
      const pieces: Buffer[] = [];
      incoming.on("data", (piece: Buffer) => pieces.push(piece)).on("end", () => {
        if (incoming.url === "/silence") return;
        const { subject } = (incoming.socket as TLSSocket).getPeerCertificate();
        outgoing.writeHead(incoming.url === "/nowhere" ? 404 : 200).end(`${incoming.method} ${incoming.url} ${String(subject.CN)} ${Buffer.concat(pieces).toString()}${incoming.url === "/much" ? "x".repeat(500_000) : ""}`);
      });
    }) as unknown as Server;
    api = forwarder(() => port(pod));
    for (const server of [pod, api]) await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    transport = connectTo({
      url: new URL(`http://127.0.0.1:${port(api)}`), ca: () => undefined, serverName: undefined, insecure: false, proxy: undefined, origin: "test",
      credentials: { ...NO_CREDENTIALS, authorization: () => "Bearer me" },
    });
  });
  after(() => {
    transport.close();
    pod.closeAllConnections();
    for (const server of [pod, api]) server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const text = (body: Uint8Array): string => Buffer.from(body).toString("utf8");

  it("is answered, by a server that has seen the certificate", async () => {
    const answer = await transport.requestPod!(request());
    assert.deepEqual([answer.status, text(answer.body)], [200, 'POST /v3/kv/put toque {"key":"é"}']);
    assert.deepEqual(asked.at(-1), { url: `/api/v1/namespaces/ns/pods/db-0/portforward?ports=${port(pod)}`, protocol: "v4.channel.k8s.io", authorization: "Bearer me" });
    const other = await transport.requestPod!(request({ method: "GET", path: "/nowhere", body: "" }));
    assert.deepEqual([other.status, text(other.body)], [404, "GET /nowhere toque "]);
    const much = await transport.requestPod!(request({ path: "/much", body: "y".repeat(200_000) }));
    assert.equal(much.body.length, "POST /much toque ".length + 700_000);
    await until("no way is left open", () => open.size === 0);
  });

  it("speaks to no server that its CA has not signed", async () => {
    await makePki(folder, ["DNS:x"]); // Another CA of the same names; the server keeps the old one's certificate.
    await assert.rejects(transport.requestPod!(request()), failing("NotSent", /^pod ns\/db-0 port \d+: .*certificate/));
    await assert.rejects(transport.requestPod!(request({ tls: { cert: "none", key: "none", ca: "none" } })), failing("NotSent", /^pod ns\/db-0 port/));
    await until("no way is left open", () => open.size === 0);
  });

  it("that is not let through says what the API server said", async () => {
    refuse = { status: 403, body: JSON.stringify({ kind: "Status", message: 'pods "db-0" is forbidden' }) };
    await assert.rejects(transport.requestPod!(request()), failing("NotSent", /does not forward to pod ns\/db-0 port \d+ \(403\): pods "db-0" is forbidden/));
    refuse = { status: 400, body: "" };
    await assert.rejects(transport.requestPod!(request()), failing("NotSent", /\(400\): it gives no reason/));
    refuse = undefined;
  });

  it("to a port where nobody listens says so", async () => {
    const { port: mute } = await new Promise<AddressInfo>((resolve) => {
      const server = createHttp().listen(0, "127.0.0.1", () => {
        const address = server.address() as AddressInfo;
        server.close(() => resolve(address));
      });
    });
    const closed = forwarder(() => mute);
    await new Promise<void>((resolve) => closed.listen(0, "127.0.0.1", resolve));
    const other = connectTo({ url: new URL(`http://127.0.0.1:${port(closed)}`), ca: () => undefined, serverName: undefined, insecure: false, proxy: undefined, origin: "test", credentials: NO_CREDENTIALS });
    await assert.rejects(other.requestPod!(request({ port: mute })), failing("NotSent", /error forwarding: .*ECONNREFUSED/));
    other.close();
    closed.close();
  });

  it("that takes too long is given up: not sent before TLS is up, and perhaps done after", async () => {
    silent = true;
    await assert.rejects(transport.requestPod!(request({ timeoutMs: 200 })), failing("NotSent", /no answer within 0\.2 s$/));
    silent = false;
    await until("no way is left open", () => open.size === 0);
  });
});
