/**
 * The network between Pods: addresses, names, Services that balance over ready endpoints, and nodes that can be cut off.
 *
 * A request arrives in a turn of its own, and so does its answer; with a latency, later. What cannot be reached runs into
 * the caller's timeout, as it does in life.
 */
import type { Timer } from "../../platform/platform.ts";
import type { Kit } from "../controllers/kit/kit.ts";
import type { Answer, Listener, Outcome, SimulatedRequest, SimulatedResponse } from "./http.ts";
import { NameService, type Target } from "./names.ts";

export interface NetworkOptions {
  /** One way, in milliseconds. */
  latencyMs?: number;
}

export interface NetworkRequest {
  /** Who asks: a Pod on a node, whose namespace completes short names. Absent: the control plane. */
  from?: { readonly namespace?: string; readonly node?: string; readonly address?: string };
  /** An address, or a name: "db-0.db.default.svc", "db", "localhost". */
  host: string;
  port: number;
  method?: string;
  path: string;
  headers?: { readonly [name: string]: string };
  body?: string;
  timeoutMs?: number;
}

interface Attached { readonly node: string | undefined; readonly listener: Listener }

const TIMEOUT_MS = 30_000;

export class Network {
  readonly names: NameService;
  readonly #kit: Kit;
  readonly #latencyMs: number;
  readonly #attached = new Map<string, Attached>();
  readonly #cut = new Set<string>();

  constructor(kit: Kit, options: NetworkOptions = {}) {
    this.#kit = kit;
    this.#latencyMs = options.latencyMs ?? 0;
    this.names = new NameService(kit);
  }

  /** Puts something at an address of a node; `node` undefined: outside of all. Returns how to take it away. */
  attach(address: string, node: string | undefined, listener: Listener): () => void {
    const attached = { node, listener };
    this.#attached.set(address, attached);
    return () => {
      if (this.#attached.get(address) === attached) this.#attached.delete(address);
    };
  }

  /** Nothing gets in or out of the node; what is on it still reaches itself. */
  cut(node: string): void { this.#cut.add(node); }
  heal(node: string): void { this.#cut.delete(node); }
  /** Whether a node gets through to another, or to the control plane (undefined). */
  reaches(from: string | undefined, to: string | undefined): boolean {
    return from === to || !((from !== undefined && this.#cut.has(from)) || (to !== undefined && this.#cut.has(to)));
  }

  /** `done` is called once, never within this call. */
  request(request: NetworkRequest, done: (outcome: Outcome) => void): void {
    const { timeoutMs = TIMEOUT_MS } = request;
    const at = `${request.host}:${request.port}`;
    let over = false;
    let timer: Timer | undefined;
    const end = (outcome: Outcome): void => {
      if (over) return;
      over = true;
      timer?.cancel();
      done(outcome);
    };
    timer = this.#kit.after(timeoutMs, () => end({ kind: "failed", failure: "timeout", message: `${at}: no answer in ${timeoutMs / 1000} s` }));
    this.#later(() => {
      if (!over) this.#send(request, at, end);
    });
  }

  fetch(request: NetworkRequest): Promise<Outcome> {
    return new Promise((resolve) => this.request(request, resolve));
  }

  #send(request: NetworkRequest, at: string, end: (outcome: Outcome) => void): void {
    const target = this.#target(request);
    if (typeof target === "string") {
      const message = target === "unknown-host" ? `lookup ${request.host}: no such host` : `dial tcp ${at}: connect: connection refused`;
      return end({ kind: "failed", failure: target, message });
    }
    const from = request.from?.node;
    const attached = this.#attached.get(target.address);
    // An address that nobody has swallows what is sent to it.
    if (attached === undefined || !this.reaches(from, attached.node)) return;
    const answer: Answer = (response) => this.#later(() => {
      if (this.reaches(from, attached.node)) end(outcomeOf(response, at));
    });
    if (!attached.listener.receive(target.port, plain(request), answer)) {
      this.#later(() => end({ kind: "failed", failure: "refused", message: `dial tcp ${target.address}:${target.port}: connect: connection refused` }));
    }
  }

  #target({ host, port, from }: NetworkRequest): Target | "unknown-host" | "refused" {
    if (host === "localhost" || host === "127.0.0.1") return from?.address === undefined ? "refused" : { address: from.address, port };
    return this.names.target(host, port, from?.namespace);
  }

  #later(task: () => void): void {
    if (this.#latencyMs === 0) this.#kit.platform.timers.soon(task);
    else this.#kit.after(this.#latencyMs, task);
  }
}

function plain({ method = "GET", path, headers = {}, body = "" }: NetworkRequest): SimulatedRequest { return { method, path, headers, body }; }

function outcomeOf(response: SimulatedResponse | "reset", at: string): Outcome {
  return response === "reset" ? { kind: "failed", failure: "reset", message: `read tcp ${at}: connection reset by peer` } : { kind: "response", response };
}
