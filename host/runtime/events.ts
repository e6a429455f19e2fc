/**
 * Events (events.k8s.io/v1): one for each pass that did something or whose verdict changed, with the actions' own reasons.
 *
 * They are for people, so they must not cost the cluster: what exceeds a small budget is dropped and counted; a repeated
 * one becomes a series on the first. They go out on their own, and no pass waits for them.
 */
import { stringifyJson } from "../../bindings/protocol/json.ts";
import type { JsonObject } from "../../bindings/protocol/types.ts";
import type { Clock, Random } from "../platform/platform.ts";
import { collectionPath, objectPath, withQuery } from "./api.ts";
import type { CachedObject } from "./contracts.ts";
import { NO_METRICS, type Metrics } from "./metrics.ts";
import { rfc3339Micro } from "../values/time.ts";
import { JSON_TYPE, MERGE_PATCH, type Writer } from "./writer.ts";

export interface EventsOptions {
  readonly operator: string;
  readonly writer: Writer;
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics?: Metrics;
  /** Who reports: the host's name. */
  readonly instance: string;
  /** Events that may be sent at once, and then per second. */
  readonly burst?: number;
  readonly perS?: number;
}

export interface HostEvent {
  readonly type: "Normal" | "Warning";
  /** CamelCase, at most 128 characters. */
  readonly reason: string;
  /** What was done. */
  readonly action: string;
  readonly note: string;
}

interface Series { readonly name: string; readonly path: string; count: number; sent: number; lastMs: number }

const EVENTS = { apiVersion: "events.k8s.io/v1", kind: "Event", plural: "events", namespaced: true };
const NOTE_CHARS_MAX = 1024;
const SERIES_MAX = 1000;
const SERIES_MS = 600_000;

export class Events {
  readonly #options: EventsOptions;
  readonly #series = new Map<string, Series>();
  #tokens: number;
  #filledMs: number;

  constructor(options: EventsOptions) {
    this.#options = options;
    this.#tokens = options.burst ?? 30;
    this.#filledMs = options.clock.monotonicMs();
  }

  /** Sends, or drops. Never throws, and nobody need wait for it. */
  async emit(primary: CachedObject, event: HostEvent): Promise<void> {
    const { operator, metrics = NO_METRICS, clock } = this.#options;
    const id = `${primary.uid} ${event.type} ${event.reason} ${event.note}`;
    const nowMs = clock.monotonicMs();
    const known = this.#series.get(id);
    const running = known !== undefined && nowMs - known.lastMs < SERIES_MS ? known : undefined;
    if (running !== undefined) {
      running.count++;
      running.lastMs = nowMs;
      // 2, 4, 8 ...: enough to see that it goes on.
      if (running.count < running.sent * 2) return;
    }
    if (!this.#takeToken(nowMs)) {
      metrics.add("toque_events_dropped_total", { operator });
      return;
    }
    try {
      if (running === undefined) await this.#create(primary, event, id, nowMs);
      else await this.#repeat(running);
    } catch {
      metrics.add("toque_events_dropped_total", { operator });
      this.#series.delete(id);
    }
  }

  async #create(primary: CachedObject, event: HostEvent, id: string, nowMs: number): Promise<void> {
    const { clock, random, writer } = this.#options;
    const namespace = primary.ref.namespace ?? "default";
    const suffix = `${Math.floor(clock.nowMs()).toString(16)}${Math.floor(random.next() * 2 ** 32).toString(16).padStart(8, "0")}`;
    const name = `${primary.ref.name.slice(0, 200)}.${suffix}`;
    if (this.#series.size >= SERIES_MAX) this.#series.delete(this.#series.keys().next().value!);
    this.#series.set(id, { name, path: objectPath(EVENTS, namespace, name), count: 1, sent: 1, lastMs: nowMs });
    await writer.write("POST", collectionPath(EVENTS, namespace), stringifyJson(this.#body(primary, event, namespace, name)), JSON_TYPE);
  }

  async #repeat(series: Series): Promise<void> {
    series.sent = series.count;
    const body = stringifyJson({ series: { count: series.count, lastObservedTime: rfc3339Micro(this.#options.clock.nowMs()) } });
    await this.#options.writer.write("PATCH", withQuery(series.path, {}), body, MERGE_PATCH);
  }

  #body(primary: CachedObject, event: HostEvent, namespace: string, name: string): JsonObject {
    const { operator, instance, clock } = this.#options;
    const { apiVersion, kind } = primary.ref;
    return {
      apiVersion: EVENTS.apiVersion, kind: EVENTS.kind, metadata: { name, namespace }, eventTime: rfc3339Micro(clock.nowMs()),
      reportingController: `toque.dev/${operator}`, reportingInstance: instance.slice(0, 128), type: event.type,
      reason: event.reason.slice(0, 128), action: event.action.slice(0, 128), note: event.note.slice(0, NOTE_CHARS_MAX).toWellFormed(),
      regarding: {
        apiVersion, kind, name: primary.ref.name, uid: primary.uid, resourceVersion: primary.resourceVersion,
        ...(primary.ref.namespace === undefined ? {} : { namespace: primary.ref.namespace }),
      },
    };
  }

  #takeToken(nowMs: number): boolean {
    const { burst = 30, perS = 2 } = this.#options;
    this.#tokens = Math.min(burst, this.#tokens + ((nowMs - this.#filledMs) / 1000) * perS);
    this.#filledMs = nowMs;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}
