/**
 * The server side of HTTP, as an interface: what answers requests (the embedded cluster's API) knows nothing of sockets,
 * and what holds the sockets (`host/platform/node/http-server.ts`) knows nothing of Kubernetes.
 */

export interface HttpCall {
  readonly method: string;
  /** Absolute, query included, still percent-encoded. */
  readonly path: string;
  /** Names in lower case; a header that came twice is joined by ", ". */
  readonly headers: { readonly [name: string]: string };
  readonly body: Uint8Array;
}

/** One whole answer, or the head of one whose body comes in pieces (`stream`). */
export interface HttpReply {
  readonly status: number;
  /** Without Content-Length and Transfer-Encoding: those are the server's business. A list is sent as several headers. */
  readonly headers: { readonly [name: string]: string | readonly string[] };
  readonly body: string | Uint8Array;
  /**
   * Instead of `body`: called once, when the head has been sent. Pieces go to `sink`; the returned function is called when
   * the client is gone, and never after `end`.
   */
  readonly stream?: (sink: ReplySink) => () => void;
}

export interface ReplySink {
  /** Sends a piece. False when the client reads too slowly and was given up: nothing more is to be written. */
  write(chunk: string | Uint8Array): boolean;
  end(): void;
}

export interface HttpHandler { handle(call: HttpCall): HttpReply | Promise<HttpReply> }
