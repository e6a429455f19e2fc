/**
 * Events of the cluster's own parts, tamed as client-go tames its own: the same one again only counts up, many alike are
 * combined into one, and a source that says too much of an object is not heard.
 */
import { rfc3339 } from "../../../values/time.ts";
import { EVENTS, type CoreEvent, type ObjectReference } from "../../typed/core.ts";
import type { Typed } from "../../typed/resource.ts";
import type { Api } from "./api.ts";

/** Different messages of one reason within the interval before they are combined. */
const ALIKE_MAX = 10;
const ALIKE_MS = 600_000;
/** Events of a source about an object: so many at once, then one every five minutes. */
const BURST = 25;
const REFILL_MS = 300_000;
const REMEMBERED_MAX = 4096;

export interface EventDetails {
  /** "spec.containers{web}". */
  readonly fieldPath?: string;
  /** Given where the object's own uid is not what Events carry (a Node's name). */
  readonly uid?: string;
}

export class Recorder {
  readonly #component: string;
  readonly #host: string;
  readonly #api: Api;
  readonly #nowMs: () => number;
  readonly #alike = new Lru<{ messages: Set<string>; lastMs: number }>();
  readonly #known = new Lru<{ name: string; namespace: string; count: number }>();
  readonly #tokens = new Lru<{ left: number; filledMs: number }>();
  #serial = 0;

  constructor(component: string, host: string, api: Api, nowMs: () => number) {
    this.#component = component;
    this.#host = host;
    this.#api = api;
    this.#nowMs = nowMs;
  }

  normal(about: Typed, reason: string, message: string, details?: EventDetails): void { this.#emit(about, "Normal", reason, message, details); }
  warning(about: Typed, reason: string, message: string, details?: EventDetails): void { this.#emit(about, "Warning", reason, message, details); }

  #emit(about: Typed, type: "Normal" | "Warning", reason: string, message: string, details: EventDetails = {}): void {
    const nowMs = this.#nowMs();
    const uid = details.uid ?? about.metadata.uid;
    const object = `${about.kind} ${about.metadata.namespace ?? ""}/${about.metadata.name} ${uid} ${type}`;
    const alike = this.#alike.getOr(`${object} ${reason}`, () => ({ messages: new Set(), lastMs: nowMs }));
    if (nowMs - alike.lastMs > ALIKE_MS) alike.messages.clear();
    alike.messages.add(message);
    alike.lastMs = nowMs;
    const combined = alike.messages.size >= ALIKE_MAX;
    // It stays at the brink: the next message of its kind is combined as well.
    if (combined) alike.messages.delete(alike.messages.values().next().value!);
    if (!this.#allowed(object, nowMs)) return;
    const id = combined ? `${object} ${reason}` : `${object} ${reason} ${details.fieldPath ?? ""} ${message}`;
    this.#send(about, type, reason, combined ? `(combined from similar events): ${message}` : message, details, id, nowMs);
  }

  #allowed(object: string, nowMs: number): boolean {
    const bucket = this.#tokens.getOr(object, () => ({ left: BURST, filledMs: nowMs }));
    const filled = Math.floor((nowMs - bucket.filledMs) / REFILL_MS);
    if (filled > 0) {
      bucket.left = Math.min(BURST, bucket.left + filled);
      bucket.filledMs += filled * REFILL_MS;
    }
    return bucket.left-- > 0 || (bucket.left++, false);
  }

  /** Nobody depends on an Event: one that is refused (its namespace is going) is dropped. */
  #send(about: Typed, type: string, reason: string, message: string, details: EventDetails, id: string, nowMs: number): void {
    const at = rfc3339(nowMs);
    const known = this.#known.get(id);
    try {
      if (known !== undefined) {
        known.count++;
        const event = { apiVersion: "v1", kind: "Event", metadata: { namespace: known.namespace, name: known.name } };
        this.#api.patch(EVENTS, event, { count: known.count, lastTimestamp: at, message });
        return;
      }
      const event = this.#event(about, type, reason, message, details, at, nowMs);
      this.#known.set(id, { name: event.metadata.name, namespace: event.metadata.namespace!, count: 1 });
      this.#api.create(EVENTS, event);
    } catch {
      this.#known.delete(id);
    }
  }

  #event(about: Typed, type: string, reason: string, message: string, details: EventDetails, at: string, nowMs: number): CoreEvent {
    const { apiVersion, kind, metadata: { namespace, name, resourceVersion } } = about;
    const { fieldPath, uid = about.metadata.uid } = details;
    const involvedObject: ObjectReference = {
      kind, ...(namespace === undefined ? {} : { namespace }), name, ...(uid === undefined ? {} : { uid }), apiVersion,
      ...(resourceVersion === undefined ? {} : { resourceVersion }), ...(fieldPath === undefined ? {} : { fieldPath }),
    };
    // Unique within the recorder: nanoseconds of the clock, and a serial where it stands still.
    const nanos = BigInt(nowMs) * 1_000_000n + BigInt(this.#serial++ % 1_000_000);
    return {
      apiVersion: "v1", kind: "Event", metadata: { name: `${name}.${nanos.toString(16)}`, namespace: namespace ?? "default" },
      involvedObject, reason, message, source: { component: this.#component, ...(this.#host === "" ? {} : { host: this.#host }) },
      firstTimestamp: at, lastTimestamp: at, count: 1, type, eventTime: null, reportingComponent: this.#component, reportingInstance: this.#host,
    };
  }
}

/** The most recently used entries. */
class Lru<V> {
  readonly #entries = new Map<string, V>();

  get(key: string): V | undefined {
    const value = this.#entries.get(key);
    if (value !== undefined) {
      this.#entries.delete(key);
      this.#entries.set(key, value);
    }
    return value;
  }
  getOr(key: string, make: () => V): V {
    const known = this.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.set(key, made);
    return made;
  }
  set(key: string, value: V): void {
    this.#entries.set(key, value);
    if (this.#entries.size > REMEMBERED_MAX) this.#entries.delete(this.#entries.keys().next().value!);
  }
  delete(key: string): void { this.#entries.delete(key); }
}
