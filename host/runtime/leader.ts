/**
 * Leadership by a Lease (coordination.k8s.io/v1), by client-go's rules: a record counts from when this host saw it
 * change, by its own clock, never by the times written in it; who can't renew within the deadline stops writing, well
 * before another may take over.
 */
import { parseJson, stringifyJson } from "../../bindings/protocol/json.ts";
import type { JsonObject } from "../../bindings/protocol/types.ts";
import type { ApiRequest, Platform, Timer, Transport } from "../platform/platform.ts";
import { collectionPath, objectPath, send } from "./api.ts";
import { ApiError } from "./contracts.ts";
import type { Log } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import { rfc3339Micro } from "../values/time.ts";
import type { WriteGate } from "./writer.ts";

export interface LeaseOptions {
  readonly namespace: string;
  readonly name: string;
  /** Unique to this host: a Pod's name and something random. */
  readonly identity: string;
  /** How long others must leave a Lease alone that isn't renewed. Default 15 s. */
  readonly leaseDurationMs?: number;
  /** A leader that couldn't renew for so long stops writing. Default 10 s; must be less than the duration. */
  readonly renewDeadlineMs?: number;
  /** Between attempts. Default 2 s. */
  readonly retryMs?: number;
}
export interface LeaderOptions extends LeaseOptions {
  readonly transport: Transport;
  readonly platform: Pick<Platform, "clock" | "timers" | "random" | "text">;
  readonly metrics: Metrics;
  readonly log: Log;
  onGained(): void;
  /** No write is sent any more when this is called. */
  onLost(): void;
}

const LEASES = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", plural: "leases", namespaced: true };

interface Record { readonly holder: string; readonly durationMs: number; readonly transitions: number; readonly acquired: string; readonly text: string }

export class Leader implements WriteGate {
  readonly #options: LeaderOptions;
  readonly #durationMs: number;
  readonly #deadlineMs: number;
  readonly #retryMs: number;
  /** The Lease as last seen, and when it was first seen so. */
  #seen: { record: Record; object: JsonObject; sinceMs: number } | undefined;
  #leading = false;
  /** When the last renewal that succeeded was sent. */
  #renewedMs = 0;
  #timer: Timer | undefined;
  #deadline: Timer | undefined;
  #stopped = false;
  #attempt: Promise<void> = Promise.resolve();

  constructor(options: LeaderOptions) {
    this.#options = options;
    this.#durationMs = options.leaseDurationMs ?? 15_000;
    this.#deadlineMs = options.renewDeadlineMs ?? 10_000;
    this.#retryMs = options.retryMs ?? 2_000;
    if (this.#deadlineMs >= this.#durationMs) throw new Error("renewDeadlineMs must be less than leaseDurationMs: else two hosts could lead at a time");
  }

  get leading(): boolean {
    return this.#leading;
  }

  /**
   * Asked right before each write. Positive until the renew deadline; it then says how long that write may stay under
   * way, which is until others may take the Lease.
   */
  writableMs(): number {
    if (!this.#leading) return 0;
    const sinceMs = this.#now() - this.#renewedMs;
    return sinceMs >= this.#deadlineMs ? 0 : this.#durationMs - sinceMs;
  }

  start(): void {
    this.#options.metrics.set("leader_election_master_status", { name: this.#options.name }, 0);
    this.#again(0);
  }

  /** Gives the Lease back, so that another host needn't wait for it to run out. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#deadline?.cancel();
    await this.#attempt;
    if (!this.#leading || this.#seen === undefined) return;
    this.#leading = false;
    const { record } = this.#seen;
    try {
      const now = rfc3339Micro(this.#options.platform.clock.nowMs());
      await this.#put({ holderIdentity: "", leaseDurationSeconds: 1, acquireTime: now, renewTime: now, leaseTransitions: record.transitions });
    } catch (error) {
      this.#options.log.write("warn", "could not give the Lease back: the next host waits until it runs out", { error: String(error) });
    }
  }

  #now(): number {
    return this.#options.platform.clock.monotonicMs();
  }

  #again(delayMs: number): void {
    if (this.#stopped) return;
    this.#timer = this.#options.platform.timers.after(delayMs, () => {
      this.#attempt = this.#try().then(() => this.#again(this.#leading ? this.#retryMs : this.#retryMs * (1 + this.#options.platform.random.next() * 0.2)));
    });
  }

  async #try(): Promise<void> {
    const sentMs = this.#now();
    try {
      if (await this.#acquireOrRenew()) this.#held(sentMs);
      else this.#notHeld();
    } catch (error) {
      // A conflict means that another host was faster: the next look shows who.
      if (!(error instanceof ApiError) || error.status !== 409) {
        this.#options.log.write("warn", this.#leading ? "could not renew the Lease" : "could not look at the Lease", { lease: this.#options.name, error: String(error) });
      }
      if (error instanceof ApiError && error.status === 409) this.#seen = undefined;
    }
  }

  async #acquireOrRenew(): Promise<boolean> {
    const { namespace, name, identity, platform } = this.#options;
    const found = await this.#get();
    const now = rfc3339Micro(platform.clock.nowMs());
    const mine = { holderIdentity: identity, leaseDurationSeconds: Math.ceil(this.#durationMs / 1000), renewTime: now };
    if (found === undefined) {
      const metadata = { name, namespace };
      const body = { apiVersion: LEASES.apiVersion, kind: LEASES.kind, metadata, spec: { ...mine, acquireTime: now, leaseTransitions: 0 } };
      this.#saw(await this.#send("POST", collectionPath(LEASES, namespace), stringifyJson(body)));
      return true;
    }
    this.#saw(found);
    const { record, sinceMs } = this.#seen!;
    const ours = record.holder === identity;
    if (!ours && record.holder !== "" && this.#now() - sinceMs < record.durationMs) return false;
    // A host that had lost it (paused, cut off) takes it anew, as anyone would.
    await this.#put({ ...mine, acquireTime: ours ? record.acquired : now, leaseTransitions: ours ? record.transitions : record.transitions + 1 });
    return true;
  }

  #held(sentMs: number): void {
    // Renewed too late: others may have led in between and gone; what we believed must be caught up with again.
    if (this.#leading && this.#now() - this.#renewedMs >= this.#deadlineMs) this.#lose("it was renewed too late");
    this.#renewedMs = sentMs;
    this.#deadline?.cancel();
    this.#deadline = this.#options.platform.timers.after(Math.max(0, sentMs + this.#deadlineMs - this.#now()), () => this.#lose("it could not be renewed in time"));
    if (this.#leading || this.#stopped) return;
    this.#leading = true;
    const { log, metrics, name, identity, onGained } = this.#options;
    metrics.set("leader_election_master_status", { name }, 1);
    log.write("info", "leading", { lease: name, identity });
    onGained();
  }

  #notHeld(): void {
    if (this.#leading) this.#lose(`${this.#seen?.record.holder ?? "another host"} holds it`);
  }

  #lose(why: string): void {
    if (!this.#leading) return;
    this.#leading = false;
    this.#deadline?.cancel();
    const { log, metrics, name, onLost } = this.#options;
    metrics.set("leader_election_master_status", { name }, 0);
    log.write("warn", "no longer leading", { lease: name, why });
    onLost();
  }

  #saw(object: JsonObject): void {
    const record = recordOf(object);
    const same = this.#seen !== undefined && this.#seen.record.text === record.text;
    this.#seen = { record, object, sinceMs: same ? this.#seen!.sinceMs : this.#now() };
  }

  async #get(): Promise<JsonObject | undefined> {
    try {
      return await this.#send("GET", objectPath(LEASES, this.#options.namespace, this.#options.name));
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    }
  }

  /** At the resourceVersion that was seen: of two that try, one succeeds. */
  async #put(spec: JsonObject): Promise<void> {
    const object = { ...this.#seen!.object, spec };
    this.#saw(await this.#send("PUT", objectPath(LEASES, this.#options.namespace, this.#options.name), stringifyJson(object)));
  }

  async #send(method: ApiRequest["method"], path: string, body?: string): Promise<JsonObject> {
    const { transport, platform: { text } } = this.#options;
    // Less than the deadline, so that one lost answer doesn't cost the leadership.
    const timeoutMs = Math.max(1, Math.floor(this.#deadlineMs / 2));
    const request: ApiRequest = { method, path, timeoutMs, ...(body === undefined ? {} : { body, contentType: "application/json" }) };
    const response = await send(transport, text, request);
    return parseJson(text.decodeUtf8(response.body, 0, response.body.length)) as JsonObject;
  }
}

function recordOf(object: JsonObject): Record {
  const spec = (object["spec"] ?? {}) as JsonObject;
  return {
    holder: typeof spec["holderIdentity"] === "string" ? spec["holderIdentity"] : "",
    durationMs: Number(spec["leaseDurationSeconds"] ?? 15) * 1000,
    transitions: Number(spec["leaseTransitions"] ?? 0),
    acquired: typeof spec["acquireTime"] === "string" ? spec["acquireTime"] : "",
    text: stringifyJson(spec),
  };
}
