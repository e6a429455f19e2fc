/**
 * `Transport` on Node: HTTP/1.1 on a pool of our own over plain TLS sockets. docs/adr/0003-transport.md says why not
 * `node:https` or HTTP/2: half their CPU time a request.
 *
 * Requests share up to 32 connections, streams have one each. A 401 renews the credentials and tries once more: what was
 * refused was surely not executed.
 */
import type { ApiRequest, ApiResponse, PodRequest, Stream, StreamSink, Transport } from "../platform.ts";
import { TransportError } from "../platform.ts";
import { authError, Dialer } from "./dial.ts";
import type { Endpoint } from "./endpoint.ts";
import { Pool } from "./pool.ts";
import { requestPod } from "./port-forward.ts";
import { HttpStream } from "./stream.ts";

const TIMEOUT_MS = 30_000;

export interface NodeTransport extends Transport {
  /** Closes what is open; what is under way fails. */
  close(): void;
}

export function connectTo(endpoint: Endpoint): NodeTransport {
  return new HttpTransport(endpoint);
}

class HttpTransport implements NodeTransport {
  readonly #endpoint: Endpoint;
  readonly #dialer: Dialer;
  readonly #pool: Pool;
  readonly #prefix: string;
  readonly #streams = new Set<Stream>();

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint;
    this.#dialer = new Dialer(endpoint);
    this.#pool = new Pool(this.#dialer);
    this.#prefix = endpoint.url.pathname.replace(/\/$/, "");
  }

  async request(request: ApiRequest): Promise<ApiResponse> {
    const first = this.#authorization();
    const authorization = typeof first === "object" ? await first : first;
    const response = await this.#send(request, authorization);
    if (response.status !== 401 || !this.#endpoint.credentials.renew(authorization)) return response;
    // A connection keeps the certificate that it was made with.
    this.#pool.dropIdle();
    return this.#send(request, await this.#authorization());
  }

  async #send(request: ApiRequest, authorization: string | undefined): Promise<ApiResponse> {
    const text = this.#text(request, authorization);
    try {
      return await this.#exchange(text, request.timeoutMs ?? TIMEOUT_MS);
    } catch (error) {
      // A kept connection may have been closed just as the request went out; a read does no harm if it is sent twice.
      if (request.method !== "GET" || !(error instanceof TransportError) || error.failure !== "Unknown") throw error;
      return this.#exchange(text, request.timeoutMs ?? TIMEOUT_MS);
    }
  }

  stream(request: ApiRequest, sink: StreamSink): Stream {
    const stream = new HttpStream(sink, request.timeoutMs ?? TIMEOUT_MS, this.#dialer, () => {
      this.#streams.delete(stream);
    });
    this.#streams.add(stream);
    void this.#openStream(request, stream);
    return stream;
  }

  async #openStream(request: ApiRequest, stream: HttpStream): Promise<void> {
    try {
      const authorization = await this.#authorization();
      await stream.open(this.#text(request, authorization), async () => {
        if (!this.#endpoint.credentials.renew(authorization)) return undefined;
        return this.#text(request, await this.#authorization());
      });
    } catch (error) {
      stream.fail(error instanceof TransportError ? error : new TransportError("NotSent", String(error), { cause: error }));
    }
  }

  requestPod(request: PodRequest): Promise<ApiResponse> {
    let authorization: string | undefined;
    return requestPod({
      dial: () => this.#dialer.dial(),
      upgrade: async (path, headers) => {
        authorization = await this.#authorization();
        // Asked for JSON, it would find that a stream of bytes is none.
        return this.#text({ method: "GET", path, accept: "*/*" }, authorization, headers);
      },
      renew: () => this.#endpoint.credentials.renew(authorization),
    }, request);
  }

  close(): void {
    for (const stream of [...this.#streams]) stream.close();
    this.#pool.close();
  }

  #authorization(): string | undefined | Promise<string | undefined> {
    try {
      const value = this.#endpoint.credentials.authorization();
      return typeof value === "object" ? value.catch((error: unknown) => Promise.reject(authError(error))) : value;
    } catch (error) {
      throw authError(error);
    }
  }

  #exchange(text: string, timeoutMs: number): Promise<ApiResponse> {
    return new Promise((resolve, reject) => {
      const response: ApiResponse = { status: 0, headers: {}, body: EMPTY };
      const pieces: Uint8Array[] = [];
      this.#pool.send({
        text,
        onHead(status, headers) {
          response.status = status;
          response.headers = headers;
        },
        onData: (piece) => void pieces.push(piece),
        onEnd() {
          response.body = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
          resolve(response);
        },
        onFail: reject,
      }, timeoutMs);
    });
  }

  /** The request as it goes out. Paths and names come from objects and manifests: none may begin another header. */
  #text(request: ApiRequest, authorization: string | undefined, more: readonly [name: string, value: string][] = []): string {
    if (!WORD.test(request.path)) throw illegal(request, "path");
    let head = `${request.method} ${this.#prefix}${request.path} HTTP/1.1\r\nHost: ${this.#endpoint.url.host}\r\nUser-Agent: toque\r\n`;
    const add = (name: string, value: string): void => {
      if (!LINE.test(value)) throw illegal(request, `header ${name}`);
      head += `${name}: ${value}\r\n`;
    };
    add("Accept", request.accept ?? "application/json");
    if (authorization !== undefined) add("Authorization", authorization);
    if (request.impersonate !== undefined) {
      add("Impersonate-User", request.impersonate.user);
      for (const group of request.impersonate.groups) add("Impersonate-Group", group);
    }
    for (const [name, value] of more) add(name, value);
    const body = request.body ?? "";
    if (body !== "" || request.method !== "GET") {
      add("Content-Type", request.contentType ?? "application/json");
      add("Content-Length", String(Buffer.byteLength(body, "utf8")));
    }
    return `${head}\r\n${body}`;
  }
}

const EMPTY = new Uint8Array(0);
/** What may stand in a request line, and in a header's value. */
const WORD = /^[!-~]+$/;
const LINE = /^[ -~]*$/;

function illegal(request: ApiRequest, where: string): TransportError {
  return new TransportError("NotSent", `${request.method} ${JSON.stringify(request.path)}: the ${where} has characters that HTTP does not allow there`);
}
