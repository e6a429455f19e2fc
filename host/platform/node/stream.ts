/**
 * A watch's response: on a connection of its own, up to its end.
 */
import type { Stream, StreamSink } from "../platform.ts";
import { TransportError } from "../platform.ts";
import { Connection, type Exchange } from "./connection.ts";
import type { Dialer } from "./dial.ts";

interface Refused { status: number; headers: { [name: string]: string }; body: Uint8Array[] }

export class HttpStream implements Stream {
  readonly #sink: StreamSink;
  readonly #dialer: Dialer;
  readonly #onEnded: () => void;
  readonly #headTimer: NodeJS.Timeout;
  #connection: Connection | undefined;
  #ended = false;

  constructor(sink: StreamSink, timeoutMs: number, dialer: Dialer, onEnded: () => void) {
    this.#sink = sink;
    this.#dialer = dialer;
    this.#onEnded = onEnded;
    this.#headTimer = setTimeout(() => this.fail(new TransportError("Timeout", `${dialer.address}: no answer within ${timeoutMs / 1000} s`)), timeoutMs);
  }

  /** `again` gives the request with new credentials after a 401, or undefined when there are none. */
  async open(text: string, again: () => Promise<string | undefined>): Promise<void> {
    const socket = await this.#dialer.dial();
    if (this.#ended) {
      socket.destroy();
      return;
    }
    this.#connection = new Connection(socket, this.#dialer.address, () => undefined, () => undefined);
    this.#connection.send(this.#exchange(text, again));
  }

  #exchange(text: string, again: () => Promise<string | undefined>): Exchange {
    let refused: Refused | undefined;
    return {
      text,
      onHead: (status, headers) => {
        if (status === 401) refused = { status, headers, body: [] };
        else this.#head(status, headers);
      },
      onData: (piece) => {
        if (refused !== undefined) refused.body.push(piece);
        else if (!this.#ended) this.#sink.onData(piece);
      },
      onEnd: () => {
        if (refused === undefined) this.#end(() => this.#sink.onEnd());
        else void this.#retry(refused, again);
      },
      onFail: (error) => this.fail(error),
    };
  }

  async #retry(refused: Refused, again: () => Promise<string | undefined>): Promise<void> {
    try {
      const text = await again();
      if (this.#ended) return;
      this.#connection?.destroy();
      if (text !== undefined) return await this.open(text, () => Promise.resolve(undefined));
      this.#head(refused.status, refused.headers);
      for (const piece of refused.body) this.#sink.onData(piece);
      this.#end(() => this.#sink.onEnd());
    } catch (error) {
      this.fail(error instanceof TransportError ? error : new TransportError("NotSent", String(error), { cause: error }));
    }
  }

  #head(status: number, headers: { [name: string]: string }): void {
    clearTimeout(this.#headTimer);
    if (!this.#ended) this.#sink.onHead(status, headers);
  }

  close(): void {
    this.#end(() => undefined);
  }

  fail(error: TransportError): void {
    this.#end(() => this.#sink.onError(error));
  }

  #end(tell: () => void): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#headTimer);
    this.#connection?.destroy();
    this.#onEnded();
    tell();
  }
}
