/**
 * One HTTP/1.1 connection: one exchange at a time, used again while both sides agree.
 */
import type { Socket } from "node:net";
import { TransportError } from "../platform.ts";
import { abort } from "./dial.ts";
import { ResponseParser, type ParserEvents } from "./http-parser.ts";

/** A request under way. Ends with exactly one of `onEnd` and `onFail`. */
export interface Exchange {
  /** The whole request, head and body. */
  readonly text: string;
  onHead(status: number, headers: { [lowerCaseName: string]: string }): void;
  onData(piece: Uint8Array): void;
  onEnd(): void;
  onFail(error: TransportError): void;
}

export class Connection implements ParserEvents {
  readonly #socket: Socket;
  readonly #address: string;
  readonly #onFree: (connection: Connection) => void;
  readonly #onClosed: (connection: Connection) => void;
  readonly #parser: ResponseParser;
  #exchange: Exchange | undefined;
  #closed = false;
  #sentBefore = false;
  /** `performance.now()` of when it last became free. */
  freeSinceMs = 0;

  constructor(socket: Socket, address: string, onFree: (connection: Connection) => void, onClosed: (connection: Connection) => void) {
    this.#socket = socket;
    this.#address = address;
    this.#onFree = onFree;
    this.#onClosed = onClosed;
    this.#parser = new ResponseParser(this);
    socket.on("data", (chunk: Buffer) => this.#data(chunk));
    socket.on("end", () => this.#parser.end() || this.#lost("closed by the server"));
    socket.on("error", (error: Error) => this.#lost(error.message));
    socket.on("close", () => this.#lost("closed"));
    // One that came through a proxy's tunnel was paused there.
    socket.resume();
  }

  get usable(): boolean {
    return !this.#closed && this.#socket.writable;
  }

  send(exchange: Exchange): void {
    this.#exchange = exchange;
    this.#socket.ref();
    this.#socket.write(exchange.text, "utf8");
  }

  /** Nothing waits for it any more, or it must not be trusted any more: away with it, silently. */
  destroy(): void {
    const isIdle = this.#exchange === undefined;
    this.#exchange = undefined;
    this.#closed = true;
    if (isIdle) this.#socket.destroy();
    else abort(this.#socket);
    this.#onClosed(this);
  }

  onHead(status: number, headers: { [lowerCaseName: string]: string }): void {
    this.#exchange?.onHead(status, headers);
  }

  onBody(piece: Uint8Array): void {
    this.#exchange?.onData(piece);
  }

  onDone(reusable: boolean): void {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    this.#sentBefore = true;
    if (this.#closed) return;
    if (reusable) {
      this.freeSinceMs = performance.now();
      // Nothing but requests that are waited for keeps a process alive.
      this.#socket.unref();
      this.#onFree(this);
    } else {
      this.destroy();
    }
    exchange?.onEnd();
  }

  #data(chunk: Buffer): void {
    if (this.#closed) return;
    if (this.#exchange === undefined) return this.#lost("an answer that nobody asked for");
    try {
      this.#parser.push(chunk);
    } catch (error) {
      this.#lost(`it does not speak HTTP/1.1: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #lost(why: string): void {
    if (this.#closed) return;
    const exchange = this.#exchange;
    this.destroy();
    const when = this.#sentBefore ? "the connection was lost before the answer was whole" : "the connection was lost during its first request";
    exchange?.onFail(new TransportError("Unknown", `${this.#address}: ${when} (${why}); the request may have taken effect`));
  }
}
