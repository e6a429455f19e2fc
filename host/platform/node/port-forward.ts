/**
 * Calls to a Pod over TLS with a client certificate: through the API server's port-forward, since its proxy would speak TLS
 * itself and presents no certificate. The way: a WebSocket to `pods/NAME/portforward` with the protocol `v4.channel.k8s.io`
 * (each message begins with its channel: 0 data, 1 errors; the first on each channel is the port), TLS inside, HTTP inside that.
 *
 * Each call makes a way of its own; the tunnel is to that very Pod, so its certificate has to be signed by the CA given, and
 * may be for any name.
 */
import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { type ApiResponse, type PodRequest, TransportError } from "../platform.ts";
import { Connection } from "./connection.ts";
import { abort, layer } from "./dial.ts";
import { ResponseParser } from "./http-parser.ts";
import { FrameReader, frameOf, Opcode } from "./websocket.ts";

const PROTOCOL = "v4.channel.k8s.io";
/** In one message on the way out: as much as the other side's buffers usually hold. */
const MESSAGE_BYTES = 32 << 10;

/** Opens a connection to the API server, and gives the request that asks for the upgrade. */
export interface Way {
  dial(): Promise<Socket>;
  upgrade(path: string, headers: readonly [name: string, value: string][]): Promise<string>;
  /** The request was answered 401: true when another try may do better. */
  renew(): boolean;
}

/** Throws TransportError: `NotSent` while nothing has reached the Pod, `Unknown` and `Timeout` after. */
export async function requestPod(way: Way, request: PodRequest): Promise<ApiResponse> {
  const name = `pod ${request.namespace}/${request.pod} port ${request.port}`;
  const call: Call = { request, name, sent: false, tunnel: undefined };
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const message = `${name}: no answer within ${request.timeoutMs / 1000} s`;
    timer = setTimeout(() => reject(call.sent ? new TransportError("Timeout", `${message}; the request may have taken effect`) : new TransportError("NotSent", message)), request.timeoutMs);
  });
  const done = made(way, call);
  done.catch(() => undefined); // After the timeout nobody waits for it.
  try {
    return await Promise.race([done, late]);
  } finally {
    clearTimeout(timer);
    call.over = true;
    call.tunnel?.destroy();
  }
}

interface Call { readonly request: PodRequest; readonly name: string; sent: boolean; over?: boolean; tunnel: Tunnel | undefined }

async function made(way: Way, call: Call): Promise<ApiResponse> {
  const { request, name } = call;
  const tunnel = await opened(way, request, name);
  call.tunnel = tunnel;
  if (call.over === true) tunnel.destroy();
  const tls = await secured(tunnel, request, name);
  call.sent = true;
  return exchanged(tls, request, name);
}

async function opened(way: Way, { namespace, pod, port }: PodRequest, name: string): Promise<Tunnel> {
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/portforward?ports=${port}`;
  for (let attempt = 1; ; attempt++) {
    const text = await way.upgrade(path, [
      ["Connection", "Upgrade"], ["Upgrade", "websocket"], ["Sec-WebSocket-Version", "13"],
      ["Sec-WebSocket-Key", randomBytes(16).toString("base64")], ["Sec-WebSocket-Protocol", PROTOCOL],
    ]);
    const answer = await upgraded(await way.dial(), text, name);
    if (answer instanceof Tunnel) return answer;
    if (answer.status === 401 && attempt === 1 && way.renew()) continue;
    throw new TransportError("NotSent", `the API server does not forward to ${name} (${answer.status}): ${messageIn(answer)}`);
  }
}

function messageIn({ body }: ApiResponse): string {
  const text = Buffer.from(body).toString("utf8");
  try {
    return (JSON.parse(text) as { message?: string }).message ?? text;
  } catch {
    return text.trim().slice(0, 200) || "it gives no reason";
  }
}

/** Sends the upgrade on a fresh connection. What comes of it: the tunnel, or the answer that refuses it. */
function upgraded(socket: Socket, text: string, name: string): Promise<Tunnel | ApiResponse> {
  return new Promise((resolve, reject) => {
    const lost = (error?: Error): void => {
      socket.destroy();
      reject(new TransportError("NotSent", `${name}: the connection was lost while the API server was asked to forward${error === undefined ? "" : ` (${error.message})`}`));
    };
    const refused: ApiResponse = { status: 0, headers: {}, body: new Uint8Array(0) };
    const parser = new ResponseParser({
      onHead: (status, headers) => void Object.assign(refused, { status, headers }),
      onBody: (piece) => { refused.body = Buffer.concat([refused.body, piece]); },
      onDone: () => {
        socket.destroy();
        resolve(refused);
      },
    });
    let head: Buffer | undefined = Buffer.alloc(0);
    const read = (chunk: Buffer): void => {
      if (head === undefined) return parser.push(chunk);
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf("\r\n\r\n");
      if (end < 0) return;
      const bytes = head;
      head = undefined;
      if (!/^HTTP\/1\.1 101 /.test(bytes.subarray(0, 20).toString("latin1"))) return parser.push(bytes);
      for (const event of ["data", "error", "end", "close"]) socket.removeAllListeners(event);
      resolve(new Tunnel(socket, bytes.subarray(end + 4)));
    };
    socket.on("data", read).on("error", lost).on("end", () => parser.end() || lost()).on("close", () => lost());
    socket.resume();
    socket.write(text);
  });
}

/** The bytes to and from the port, without the frames around them. */
class Tunnel extends Duplex {
  readonly socket: Socket;
  readonly #reader = new FrameReader((opcode, payload) => this.#message(opcode, payload));
  /** Channels whose first message, the port, has come. */
  readonly #greeted = new Set<number>();

  constructor(socket: Socket, first: Buffer) {
    super();
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => this.#data(chunk)).on("error", (error) => this.destroy(error)).on("close", () => this.push(null));
    if (first.length > 0) this.#data(first);
  }

  #data(chunk: Buffer): void {
    try {
      this.#reader.push(chunk);
    } catch (error) {
      this.destroy(error as Error);
    }
  }

  #message(opcode: number, payload: Buffer): void {
    if (opcode === Opcode.ping) this.socket.write(frameOf(Opcode.pong, payload, randomBytes(4)));
    else if (opcode === Opcode.close) this.push(null);
    else if (opcode === Opcode.binary && payload.length > 0) this.#onChannel(payload[0]!, payload.subarray(1));
  }

  #onChannel(channel: number, payload: Buffer): void {
    if (!this.#greeted.has(channel)) this.#greeted.add(channel);
    else if (channel === 1) this.destroy(new Error(payload.toString("utf8").trim()));
    else if (channel === 0 && !this.push(payload)) this.socket.pause();
  }

  override _read(): void {
    this.socket.resume();
  }

  override _write(chunk: Buffer, _encoding: string, written: (error?: Error | null) => void): void {
    const frame = (at: number): Buffer => frameOf(Opcode.binary, Buffer.concat([Buffer.of(0), chunk.subarray(at, at + MESSAGE_BYTES)]), randomBytes(4));
    let at = 0;
    for (; at + MESSAGE_BYTES < chunk.length; at += MESSAGE_BYTES) this.socket.write(frame(at));
    this.socket.write(frame(at), written);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    // What is still in a buffer must not be sent when nobody waits for its answer any more.
    abort(this.socket);
    done(error);
  }
}

function secured(tunnel: Tunnel, { tls: { cert, key, ca } }: PodRequest, name: string): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => reject(new TransportError("NotSent", `${name}: ${error.message}`, { cause: error }));
    try {
      const tls = connectTls({ socket: tunnel, cert, key, ca, servername: "", checkServerIdentity: () => undefined, ALPNProtocols: ["http/1.1"] });
      layer(tls, tunnel.socket);
      tunnel.on("error", (error) => tls.destroy(error));
      // What comes first is what counts; later ones are the connection's to tell, or nobody's.
      tls.on("error", fail).once("close", () => fail(new Error("closed before TLS was set up"))).once("secureConnect", () => resolve(tls));
    } catch (error) {
      fail(error as Error); // A certificate or key that is none.
    }
  });
}

function exchanged(tls: TLSSocket, { method, path, body = "", pod, port }: PodRequest, name: string): Promise<ApiResponse> {
  const head = [`${method} ${path} HTTP/1.1`, `Host: ${pod}:${port}`, "User-Agent: toque", "Accept: application/json", "Connection: close"];
  if (body !== "" || method !== "GET") head.push("Content-Type: application/json", `Content-Length: ${Buffer.byteLength(body)}`);
  return new Promise((resolve, reject) => {
    const response: ApiResponse = { status: 0, headers: {}, body: new Uint8Array(0) };
    const pieces: Uint8Array[] = [];
    new Connection(tls, name, () => undefined, () => undefined).send({
      text: `${head.join("\r\n")}\r\n\r\n${body}`,
      onHead: (status, headers) => void Object.assign(response, { status, headers }),
      onData: (piece) => void pieces.push(piece),
      onEnd: () => resolve({ ...response, body: Buffer.concat(pieces) }),
      onFail: reject,
    });
  });
}
