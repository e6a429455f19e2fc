/**
 * Events of the cluster's own parts, tamed as client-go tames its own: the same one again only counts up, many alike are
 * combined into one, a source that says too much of an object is not heard, and a source that says too much at all is slow.
 */
import { rfc3339 } from "../../../values/time.ts";
import { EVENTS, type CoreEvent, type ObjectReference } from "../../typed/core.ts";
import type { Typed } from "../../typed/resource.ts";
import type { Api } from "./api.ts";
import type { Line } from "./line.ts";

/** Different messages of one reason within the interval before they are combined. */
const ALIKE_MAX = 10;
const ALIKE_MS = 600_000;
/** Events of a source about an object: so many at once, then one every five minutes. */
const BURST = 25;
const REFILL_MS = 300_000;
/** Objects of which it is known what was said. */
const REMEMBERED_MAX = 4096;

export interface EventDetails {
  /** "spec.containers{web}". */
  readonly fieldPath?: string;
  /** Given where the object's own uid is not what Events carry (a Node's name). */
  readonly uid?: string;
}

/** What was said of an object lately, by this source and of this type. */
interface Said {
  left: number;
  filledMs: number;
  readonly alike: Map<string, { messages: Set<string>; lastMs: number }>;
  readonly events: Map<string, { readonly name: string; readonly namespace: string; count: number }>;
}

export class Recorder {
  readonly #component: string;
  readonly #host: string;
  readonly #api: Api;
  readonly #nowMs: () => number;
  readonly #line: Line;
  readonly #said = new Map<string, Said>();
  #serial = 0;

  constructor(component: string, host: string, api: Api, nowMs: () => number, line: Line) {
    this.#component = component;
    this.#host = host;
    this.#api = api;
    this.#nowMs = nowMs;
    this.#line = line;
  }

  normal(about: Typed, reason: string, message: string, details: EventDetails = {}): void {
    this.#line.push(() => this.#emit(about, "Normal", reason, message, details));
  }
  warning(about: Typed, reason: string, message: string, details: EventDetails = {}): void {
    this.#line.push(() => this.#emit(about, "Warning", reason, message, details));
  }

  #emit(about: Typed, type: "Normal" | "Warning", reason: string, message: string, details: EventDetails): void {
    const nowMs = this.#nowMs();
    const said = this.#saidOf(about, type, details.uid ?? about.metadata.uid, nowMs);
    const combined = isOneOfMany(said, reason, message, nowMs);
    if (!isAllowed(said, nowMs)) return;
    const id = combined ? reason : `${reason} ${details.fieldPath ?? ""} ${message}`;
    this.#send(said, id, about, type, reason, combined ? `(combined from similar events): ${message}` : message, details, nowMs);
  }

  #saidOf({ kind, metadata: { namespace, name } }: Typed, type: string, uid: string | undefined, nowMs: number): Said {
    const key = `${type} ${uid ?? `${kind} ${namespace}/${name}`}`;
    let said = this.#said.get(key);
    if (said !== undefined) return said;
    this.#said.set(key, said = { left: BURST, filledMs: nowMs, alike: new Map(), events: new Map() });
    if (this.#said.size > REMEMBERED_MAX) this.#said.delete(this.#said.keys().next().value!);
    return said;
  }

  /** Nobody depends on an Event: one that is refused (its namespace is going) is dropped. */
  #send(said: Said, id: string, about: Typed, type: string, reason: string, message: string, details: EventDetails, nowMs: number): void {
    const at = rfc3339(nowMs);
    const known = said.events.get(id);
    try {
      if (known !== undefined) {
        known.count++;
        const event = { apiVersion: "v1", kind: "Event", metadata: { namespace: known.namespace, name: known.name } };
        this.#api.patch(EVENTS, event, { count: known.count, lastTimestamp: at, message });
        return;
      }
      const event = this.#event(about, type, reason, message, details, at, nowMs);
      // As the real ones: what is combined has no reporter.
      if (id === reason) event.reportingComponent = event.reportingInstance = "";
      said.events.set(id, { name: event.metadata.name, namespace: event.metadata.namespace!, count: 1 });
      this.#api.create(EVENTS, event);
    } catch {
      said.events.delete(id);
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

/** Whether so many messages of this reason differ that they are told as one. */
function isOneOfMany({ alike }: Said, reason: string, message: string, nowMs: number): boolean {
  let known = alike.get(reason);
  if (known === undefined) alike.set(reason, known = { messages: new Set(), lastMs: nowMs });
  if (nowMs - known.lastMs > ALIKE_MS) known.messages.clear();
  known.messages.add(message);
  known.lastMs = nowMs;
  if (known.messages.size < ALIKE_MAX) return false;
  // It stays at the brink: the next message of its kind is combined as well.
  known.messages.delete(known.messages.values().next().value!);
  return true;
}

function isAllowed(said: Said, nowMs: number): boolean {
  const filled = Math.floor((nowMs - said.filledMs) / REFILL_MS);
  if (filled > 0) {
    said.left = Math.min(BURST, said.left + filled);
    said.filledMs += filled * REFILL_MS;
  }
  if (said.left === 0) return false;
  said.left--;
  return true;
}
