/**
 * Connections for requests: used again and again, at most 32 at once, the most recently used first.
 */
import { TransportError } from "../platform.ts";
import { Connection, type Exchange } from "./connection.ts";
import type { Dialer } from "./dial.ts";

const CONNECTIONS_MAX = 32;
/** Shorter than any server's or load balancer's patience: a request on a connection that is just being closed has an unknown outcome. */
const IDLE_MS_MAX = 30_000;

/** A request in the queue or under way. */
interface Pending { readonly exchange: Exchange; timer: NodeJS.Timeout | undefined; connection: Connection | undefined }

export class Pool {
  readonly #dialer: Dialer;
  readonly #idle: Connection[] = [];
  readonly #all = new Set<Connection>();
  #queue: Pending[] = [];
  #dialing = 0;
  #closed = false;
  readonly #underWay = new Map<Connection, Pending>();

  constructor(dialer: Dialer) {
    this.#dialer = dialer;
  }

  send(exchange: Exchange, timeoutMs: number): void {
    if (this.#closed) return exchange.onFail(new TransportError("NotSent", "the transport is closed"));
    const pending: Pending = { exchange, timer: undefined, connection: undefined };
    pending.timer = setTimeout(() => this.#timedOut(pending, timeoutMs), timeoutMs);
    const connection = this.#takeIdle();
    if (connection !== undefined) return this.#start(pending, connection);
    this.#queue.push(pending);
    if (this.#all.size + this.#dialing < CONNECTIONS_MAX) void this.#dial();
  }

  /** Connections that were made with credentials, or over a network, that may no longer be. */
  dropIdle(): void {
    for (const connection of this.#idle.splice(0)) connection.destroy();
  }

  close(): void {
    this.#closed = true;
    this.dropIdle();
    this.#failQueue(new TransportError("NotSent", "the transport was closed"));
    for (const connection of [...this.#all]) this.#fail(connection, new TransportError("Unknown", "the transport was closed; the request may have taken effect"));
  }

  #takeIdle(): Connection | undefined {
    const nowMs = performance.now();
    // The stale ones are at the front.
    while (this.#idle.length > 0 && nowMs - this.#idle[0]!.freeSinceMs > IDLE_MS_MAX) this.#idle.shift()!.destroy();
    for (let connection = this.#idle.pop(); connection !== undefined; connection = this.#idle.pop()) {
      if (connection.usable) return connection;
      connection.destroy();
    }
    return undefined;
  }

  #start(pending: Pending, connection: Connection): void {
    pending.connection = connection;
    this.#underWay.set(connection, pending);
    const { exchange } = pending;
    connection.send({
      text: exchange.text,
      onHead: (status, headers) => exchange.onHead(status, headers),
      onData: (piece) => exchange.onData(piece),
      onEnd: () => {
        clearTimeout(pending.timer);
        exchange.onEnd();
      },
      onFail: (error) => {
        clearTimeout(pending.timer);
        exchange.onFail(error);
      },
    });
  }

  async #dial(): Promise<void> {
    this.#dialing++;
    try {
      const socket = await this.#dialer.dial();
      this.#dialing--;
      const connection = new Connection(socket, this.#dialer.address, (free) => this.#freed(free), (gone) => this.#gone(gone));
      this.#all.add(connection);
      if (this.#closed) connection.destroy();
      else this.#freed(connection);
    } catch (error) {
      this.#dialing--;
      this.#dialFailed(error instanceof TransportError ? error : new TransportError("NotSent", String(error), { cause: error }));
    }
  }

  /** Each failed attempt costs one request; when nothing else is left to carry the others, all of them. */
  #dialFailed(error: TransportError): void {
    if (this.#all.size === 0 && this.#dialing === 0) return this.#failQueue(error);
    const first = this.#queue.shift();
    if (first === undefined) return;
    clearTimeout(first.timer);
    first.exchange.onFail(error);
  }

  #failQueue(error: TransportError): void {
    const waiting = this.#queue;
    this.#queue = [];
    for (const { exchange, timer } of waiting) {
      clearTimeout(timer);
      exchange.onFail(error);
    }
  }

  #freed(connection: Connection): void {
    this.#underWay.delete(connection);
    const next = this.#queue.shift();
    if (next !== undefined) return this.#start(next, connection);
    connection.freeSinceMs = performance.now();
    this.#idle.push(connection);
  }

  #gone(connection: Connection): void {
    this.#all.delete(connection);
    this.#underWay.delete(connection);
    const at = this.#idle.indexOf(connection);
    if (at >= 0) this.#idle.splice(at, 1);
    if (this.#queue.length > 0 && !this.#closed && this.#dialing < this.#queue.length && this.#all.size + this.#dialing < CONNECTIONS_MAX) void this.#dial();
  }

  #fail(connection: Connection, error: TransportError): void {
    const pending = this.#underWay.get(connection);
    connection.destroy();
    if (pending === undefined) return;
    clearTimeout(pending.timer);
    pending.exchange.onFail(error);
  }

  #timedOut(pending: Pending, timeoutMs: number): void {
    if (pending.connection === undefined) {
      this.#queue = this.#queue.filter((other) => other !== pending);
      return pending.exchange.onFail(new TransportError("NotSent", `${this.#dialer.address}: no connection free within ${timeoutMs / 1000} s`));
    }
    // Where one connection has gone silent, the idle ones are no better: the network may be cut.
    this.dropIdle();
    this.#fail(pending.connection, new TransportError("Timeout", `${this.#dialer.address}: no answer within ${timeoutMs / 1000} s; the request may have taken effect`));
  }
}
