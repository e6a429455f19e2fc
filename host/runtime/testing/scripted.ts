/**
 * A virtual clock, and an API server that does what a test says, when it says it: for orders of events that a real one
 * can't be forced into.
 */
import { nodePlatform } from "../../platform/node/index.ts";
import { TransportError, type ApiRequest, type ApiResponse, type Platform, type Stream, type StreamSink, type Transport } from "../../platform/platform.ts";
import { createInformers, type InformersOptions, type WatchLog } from "../informers.ts";
import type { Informers } from "../contracts.ts";

export class VirtualTime {
  nowMs = 1_800_000_000_000;
  #timers: { atMs: number; task: () => void }[] = [];

  platform(): Platform {
    return {
      ...nodePlatform(),
      clock: { nowMs: () => this.nowMs, monotonicMs: () => this.nowMs },
      // Half-way: jitter neither helps nor hurts.
      random: { next: () => 0.5 },
      timers: {
        after: (delayMs, task) => {
          const timer = { atMs: this.nowMs + delayMs, task };
          this.#timers.push(timer);
          return { cancel: () => { this.#timers = this.#timers.filter((other) => other !== timer); } };
        },
        soon: (task) => queueMicrotask(task),
      },
    };
  }

  /** Milliseconds until the next timer; undefined: none. */
  get nextInMs(): number | undefined {
    return this.#timers.length === 0 ? undefined : Math.min(...this.#timers.map(({ atMs }) => atMs)) - this.nowMs;
  }

  /** Lets `ms` pass, timer by timer, with all that follows from each. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.nowMs + ms;
    for (;;) {
      await quiet();
      const due = this.#timers.filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (due === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== due);
      this.nowMs = Math.max(this.nowMs, due.atMs);
      due.task();
    }
    this.nowMs = untilMs;
  }
}

/** Until all promises that can be settled are. */
export async function quiet(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
}

export interface OpenStream { readonly path: string; readonly sink: StreamSink; closed: boolean; send(...events: unknown[]): void }

export class ScriptedServer implements Transport {
  readonly requests: string[] = [];
  readonly streams: OpenStream[] = [];
  /** What the next requests get, first come first served; the last one stays. */
  answers: (ApiResponse | TransportError)[] = [];
  /** Streams are opened with 200 at once. */
  accepts = true;

  request(request: ApiRequest): Promise<ApiResponse> {
    this.requests.push(request.path);
    const next = this.answers.length > 1 ? this.answers.shift()! : this.answers[0];
    if (next === undefined) throw new Error(`the script has no answer for ${request.path}`);
    return next instanceof TransportError ? Promise.reject(next) : Promise.resolve(next);
  }

  stream(request: ApiRequest, sink: StreamSink): Stream {
    const stream: OpenStream = {
      path: request.path, sink, closed: false,
      send: (...events) => sink.onData(bytes(events.map((event) => (typeof event === "string" ? event : JSON.stringify(event)) + "\n").join(""))),
    };
    this.streams.push(stream);
    if (this.accepts) queueMicrotask(() => sink.onHead(200, {}));
    return { close: () => { stream.closed = true; } };
  }

  get last(): OpenStream {
    return this.streams.at(-1)!;
  }
}

export function bytes(text: string): Uint8Array {
  return new Uint8Array(new TextEncoder().encode(text));
}

export function json(status: number, body: unknown, headers: { [name: string]: string } = {}): ApiResponse {
  return { status, headers, body: bytes(JSON.stringify(body)) };
}

export function status(code: number, reason: string, message: string, details?: object): ApiResponse {
  return json(code, { kind: "Status", apiVersion: "v1", status: "Failure", message, reason, code, ...(details === undefined ? {} : { details }) });
}

/** A ConfigMap's JSON; `uid` follows the name unless given. */
export function configMap(name: string, resourceVersion: number, data: { [key: string]: string } = {}, uid = `uid-${name}`): object {
  return { kind: "ConfigMap", apiVersion: "v1", metadata: { name, namespace: "default", uid, resourceVersion: String(resourceVersion) }, data };
}

export function listOf(resourceVersion: number, ...items: object[]): ApiResponse {
  return json(200, { kind: "ConfigMapList", apiVersion: "v1", metadata: { resourceVersion: String(resourceVersion) }, items });
}

export const event = (type: string, object: object): object => ({ type, object });
export const bookmark = (resourceVersion: number): object => event("BOOKMARK", { kind: "ConfigMap", apiVersion: "v1", metadata: { resourceVersion: String(resourceVersion) } });

export interface World { time: VirtualTime; server: ScriptedServer; informers: Informers; logs: WatchLog[] }

export function world(options: Partial<InformersOptions> = {}): World {
  const time = new VirtualTime();
  const server = new ScriptedServer();
  const logs: WatchLog[] = [];
  const informers = createInformers({ transport: server, platform: time.platform(), log: (entry) => logs.push(entry), ...options });
  return { time, server, informers, logs };
}
