/**
 * What the host needs from the world, as interfaces: the same host code runs on Node, in a browser tab and under the
 * simulator's virtual clock. Nothing in `host/core`, `host/runtime`, `host/cluster`, `host/recorder` or
 * `host/simulator` may reach around them (tests/tidy.test.ts).
 */

export interface Clock {
  /** Milliseconds since the Unix epoch. May jump. */
  nowMs(): number;
  /** Milliseconds since some start. Never goes back: for durations and deadlines. */
  monotonicMs(): number;
}

export interface Timer { cancel(): void }
export interface Timers {
  /** Runs `task` once, `delayMs` from now at the earliest. */
  after(delayMs: number, task: () => void): Timer;
  /** Runs `task` after the current turn, before any timer. */
  soon(task: () => void): void;
}

export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
}

/** Text in and out of linear memory and wire bytes; a platform may have a faster way than the portable one. */
export interface TextCodec {
  /** Writes `text` as UTF-16LE at `offset`; returns the bytes written (2 x length). */
  writeUtf16(memory: Uint8Array, offset: number, text: string): number;
  readUtf16(memory: Uint8Array, offset: number, byteLength: number): string;
  decodeUtf8(bytes: Uint8Array, start: number, end: number): string;
  encodeUtf8(text: string): Uint8Array;
}

/** SHA-256 in lower-case hex, synchronously. */
export interface Digest { sha256Hex(data: Uint8Array | string): string }

export interface Platform {
  clock: Clock;
  timers: Timers;
  random: Random;
  text: TextCodec;
  digest: Digest;
}

/** One request to an API server (or, for calls, to a Pod or Service). Paths are absolute, query included. */
export interface ApiRequest {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  path: string;
  /** Already serialised. */
  body?: string;
  contentType?: string;
  accept?: string;
  /** Send as this user: `Impersonate-User` and `Impersonate-Group`. */
  impersonate?: { user: string; groups: string[] };
  /** Ends the request with `TransportError("Timeout")`. Default 30 s; for streams, up to the first byte. */
  timeoutMs?: number;
}

export interface ApiResponse {
  status: number;
  headers: { [lowerCaseName: string]: string };
  body: Uint8Array;
}

/** A response whose body arrives in pieces (a watch). Exactly one of `onEnd` and `onError` ends it. */
export interface StreamSink {
  onHead(status: number, headers: { [lowerCaseName: string]: string }): void;
  onData(chunk: Uint8Array): void;
  onEnd(): void;
  onError(error: TransportError): void;
}
export interface Stream { close(): void }

/**
 * The way to an API server: addresses, TLS and credentials are behind it (and renewed there).
 * An HTTP error status is a response; only what is below HTTP is a `TransportError`.
 */
export interface Transport {
  request(request: ApiRequest): Promise<ApiResponse>;
  stream(request: ApiRequest, sink: StreamSink): Stream;
  /** Calls a Pod over TLS with a client certificate. Not every platform can. */
  requestPod?(request: PodRequest): Promise<ApiResponse>;
}

/** A request to a port of a Pod, with a certificate of the caller's own. The answer is the Pod's, whatever its status. */
export interface PodRequest {
  namespace: string;
  pod: string;
  port: number;
  method: "GET" | "POST" | "PUT" | "DELETE";
  path: string;
  body?: string;
  timeoutMs: number;
  /** PEM. Only a server whose certificate `ca` has signed is spoken to. */
  tls: { cert: string; key: string; ca: string };
}

/**
 * `NotSent`: surely not executed. `Unknown`: the request may have taken effect. `Timeout`: likewise, no answer in time.
 * `Auth`: no credentials to be had (exec plugin failed, token file gone); `message` says how to mend it.
 */
export type TransportFailure = "NotSent" | "Unknown" | "Timeout" | "Auth";

export class TransportError extends Error {
  readonly failure: TransportFailure;
  constructor(failure: TransportFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "TransportError";
    this.failure = failure;
  }
}
