/**
 * Watches: a stream of what happens to the objects selected, from a moment on.
 */
import type { ReplySink } from "../../platform/http.ts";
import type { Kind } from "../kinds/kind.ts";
import type { ClusterObject, JsonObject } from "../model.ts";
import { decodeObject } from "../schema/decode.ts";
import { CompactedError, type StorageEvent, type Stored } from "../storage/storage.ts";
import { parseResourceVersion, tooLarge } from "./list.ts";
import type { Scope } from "./scope.ts";
import type { Selection } from "./selection.ts";
import { expired, StatusError } from "./status-error.ts";

export interface WatchRequest {
  readonly selection: Selection;
  readonly resourceVersion: string;
  readonly bookmarks: boolean;
  /** Undefined: it was not said, and is not meant. */
  readonly sendInitialEvents: boolean | undefined;
  /** 0: the server's own choice. */
  readonly timeoutSeconds: number;
}

/** How an object goes over the wire: whole, as metadata only, as a row of a table. */
export type EventText = (stored: Stored) => string;

/** A bookmark about once a minute, as the real server sends them. */
const BOOKMARK_MS = 60_000;
/** The real server ends a watch after half an hour to an hour. */
const TIMEOUT_S = 1800;

/** Throws what refuses the watch; an expired moment is told in the stream, as the real server does. */
export function watchObjects(scope: Scope, request: WatchRequest, text: EventText): (sink: ReplySink) => () => void {
  const { kernel: { storage } } = scope;
  const from = parseResourceVersion(request.resourceVersion, (why) => new StatusError(500, "", why));
  if (from > storage.resourceVersion && request.sendInitialEvents === true) return failed(tooLarge(from, storage.resourceVersion));
  return (sink) => new Watch(scope, request, text, sink).start(from);
}

/** A watch that begins and ends with an error. */
function failed(error: StatusError): (sink: ReplySink) => () => void {
  return (sink) => {
    sink.write(`{"type":"ERROR","object":${JSON.stringify(error.toStatus())}}\n`);
    sink.end();
    return () => undefined;
  };
}

class Watch {
  readonly #scope: Scope;
  readonly #request: WatchRequest;
  readonly #text: EventText;
  readonly #sink: ReplySink;
  #stop: () => void = () => undefined;
  #ended = false;

  constructor(scope: Scope, request: WatchRequest, text: EventText, sink: ReplySink) {
    this.#scope = scope;
    this.#request = request;
    this.#text = text;
    this.#sink = sink;
  }

  start(from: number): () => void {
    const { kernel: { storage, platform: { timers, random } }, entry } = this.#scope;
    const { sendInitialEvents, bookmarks, timeoutSeconds, resourceVersion } = this.#request;
    const present = sendInitialEvents ?? (resourceVersion === "" || resourceVersion === "0");
    const begin = present || from === 0 ? storage.resourceVersion : from;
    if (present) this.#initial();
    if (sendInitialEvents === true && bookmarks) this.#bookmark(begin, true);
    let unwatch: () => void;
    try {
      unwatch = storage.watch(entry.name, begin, (event) => this.#deliver(event));
    } catch (error) {
      if (!(error instanceof CompactedError)) throw error;
      return failed(expired(`too old resource version: ${from} (${error.compactedTo})`))(this.#sink);
    }
    const seconds = timeoutSeconds > 0 ? timeoutSeconds : TIMEOUT_S * (1 + random.next());
    const end = timers.after(seconds * 1000, () => this.#end());
    let tick = timers.after(BOOKMARK_MS, () => bookmark());
    const bookmark = (): void => {
      if (bookmarks) this.#bookmark(storage.resourceVersion, false);
      tick = timers.after(BOOKMARK_MS, bookmark);
    };
    this.#stop = () => {
      this.#ended = true;
      unwatch();
      end.cancel();
      tick.cancel();
    };
    if (this.#ended) this.#stop();
    return () => this.#stop();
  }

  #initial(): void {
    const { kernel: { storage }, entry } = this.#scope;
    const { selection } = this.#request;
    for (const stored of storage.list(entry.name, selection.namespace === "" ? undefined : selection.namespace)) {
      if (selection.everything || selection.matches(stored.object)) this.#send("ADDED", this.#text(stored));
    }
  }

  /** An object that begins to match is ADDED, one that ceases to is DELETED. */
  #deliver({ type, current, previous }: StorageEvent): void {
    const { selection } = this.#request;
    if (selection.namespace !== "" && !current.key.startsWith(`${selection.namespace}/`)) return;
    if (selection.everything) return this.#send(type, this.#text(current));
    const now = type !== "DELETED" && selection.matches(current.object);
    const before = previous !== undefined && selection.matches(previous.object);
    if (now) this.#send(before ? "MODIFIED" : "ADDED", this.#text(current));
    else if (before) this.#send("DELETED", this.#text(type === "DELETED" ? current : renumbered(previous!, current)));
  }

  #bookmark(resourceVersion: number, endOfInitial: boolean): void {
    const { kind } = this.#scope;
    const object = bookmarkOf(kind, resourceVersion, endOfInitial);
    this.#send("BOOKMARK", this.#text({ key: "", resourceVersion, object, get text() { return JSON.stringify(object); } }));
  }

  #send(type: string, object: string): void {
    if (this.#ended) return;
    if (!this.#sink.write(`{"type":"${type}","object":${object}}\n`)) this.#stop();
  }

  #end(): void {
    this.#stop();
    this.#sink.end();
  }
}

/** An object of the kind with nothing in it but the resourceVersion. */
function bookmarkOf(kind: Kind, resourceVersion: number, endOfInitial: boolean): ClusterObject {
  const annotations: JsonObject = endOfInitial ? { annotations: { "k8s.io/initial-events-end": "true" } } : {};
  const { object } = decodeObject({ metadata: { resourceVersion: String(resourceVersion), ...annotations } }, kind);
  return kind.convert?.toStorage(object) ?? object;
}

/** What the client knew last, under the number of the write that took it out of its sight. */
function renumbered(previous: Stored, current: Stored): Stored {
  const object = { ...previous.object, metadata: { ...previous.object.metadata, resourceVersion: String(current.resourceVersion) } };
  return { key: previous.key, resourceVersion: current.resourceVersion, object, get text() { return JSON.stringify(object); } };
}
