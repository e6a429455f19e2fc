/** Events as the scheduler writes them (events.k8s.io): no count, but a series when the same thing goes on. */
import type { Api } from "../controllers/kit/api.ts";
import type { Line } from "../controllers/kit/line.ts";
import { rfc3339Micro } from "../../values/time.ts";
import { EVENTS, type CoreEvent, type Pod } from "../typed/core.ts";

const REPORTER = "default-scheduler";
/** The same again after this long is something new. */
const SERIES_MS = 360_000;
const NOTE_CHARS_MAX = 1024;
const REMEMBERED_MAX = 4096;

interface Series { event: CoreEvent; count: number; lastMs: number }

export class SchedulerEvents {
  readonly #api: Api;
  readonly #nowMs: () => number;
  readonly #line: Line;
  readonly #series = new Map<string, Series>();
  #serial = 0;

  constructor(api: Api, nowMs: () => number, line: Line) {
    this.#api = api;
    this.#nowMs = nowMs;
    this.#line = line;
  }

  emit(pod: Pod, type: "Normal" | "Warning", reason: string, action: string, message: string): void {
    this.#line.push(() => this.#emit(pod, type, reason, action, message));
  }

  #emit(pod: Pod, type: "Normal" | "Warning", reason: string, action: string, message: string): void {
    const nowMs = this.#nowMs();
    const id = `${pod.metadata.uid} ${reason} ${message}`;
    const known = this.#series.get(id);
    try {
      if (known !== undefined && nowMs - known.lastMs < SERIES_MS) this.#again(known, nowMs);
      else this.#first(id, this.#event(pod, type, reason, action, message, nowMs), nowMs);
    } catch {
      // Nobody depends on an Event.
      this.#series.delete(id);
    }
  }

  #first(id: string, event: CoreEvent, nowMs: number): void {
    if (event.type === "Warning") {
      this.#series.set(id, { event, count: 1, lastMs: nowMs });
      if (this.#series.size > REMEMBERED_MAX) this.#series.delete(this.#series.keys().next().value!);
    }
    this.#api.create(EVENTS, event);
  }

  /** Written the second time; after that it is only counted. */
  #again(series: Series, nowMs: number): void {
    series.count++;
    series.lastMs = nowMs;
    if (series.count === 2) this.#api.patch(EVENTS, series.event, { series: { count: 2, lastObservedTime: rfc3339Micro(nowMs) } });
  }

  #event({ metadata: { name, namespace, uid, resourceVersion } }: Pod, type: string, reason: string, action: string, message: string, nowMs: number): CoreEvent {
    const nanos = BigInt(nowMs) * 1_000_000n + BigInt(this.#serial++ % 1_000_000);
    return {
      apiVersion: "v1", kind: "Event", metadata: { name: `${name}.${nanos.toString(16)}`, namespace: namespace! },
      involvedObject: { kind: "Pod", namespace: namespace!, name, uid: uid!, apiVersion: "v1", resourceVersion: resourceVersion! },
      reason, message: message.length <= NOTE_CHARS_MAX ? message : `${message.slice(0, NOTE_CHARS_MAX - 4)} ...`,
      source: {}, firstTimestamp: null, lastTimestamp: null, type, eventTime: rfc3339Micro(nowMs), action,
      reportingComponent: REPORTER, reportingInstance: `${REPORTER}-0`,
    };
  }
}
