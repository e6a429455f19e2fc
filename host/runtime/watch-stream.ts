/**
 * One watch connection: bytes to events, events into the store, until it ends - by the server, by an error, or because
 * nothing was heard for too long.
 */
import type { ApiResponse, Platform, Stream, StreamSink, Timer, Transport, TransportError as Failure } from "../platform/platform.ts";
import { TransportError } from "../platform/platform.ts";
import { apiErrorOf, statusError } from "./api.ts";
import { ApiError } from "./contracts.ts";
import { MalformedObjectError, type Extractor } from "./extractor.ts";
import { JsonCursor } from "./json/cursor.ts";
import { JsonScanError } from "./json/scan.ts";
import { LineSplitter } from "./lines.ts";
import { plainBytes } from "./list.ts";
import type { Recipe, StoredObject } from "./object.ts";
import type { ObjectStore } from "./store.ts";

/** `done`: the server closed it (`soundly`: not right after it began). `expired`: the resourceVersion is gone (410). */
export type WatchEnd =
  | { kind: "done"; soundly: boolean }
  | { kind: "expired"; message: string }
  | { kind: "failed"; error: Error };

export interface WatchStreamOptions {
  readonly transport: Transport;
  readonly platform: Platform;
  readonly extractor: Extractor;
  readonly recipe: Recipe;
  readonly store: ObjectStore;
  readonly path: string;
  readonly silentAfterMs: number;
  /** The server accepted the watch. */
  onOpen(): void;
  /** Something was delivered, so the watch works. */
  onHeard(): void;
  /** The store's resourceVersion moved. */
  onProgress(): void;
  /** An object that is JSON but no Kubernetes object was passed over. */
  onMalformed(problem: string): void;
  /** A line that isn't JSON was passed over: an event is lost. */
  onDamaged(problem: string): void;
  /** At most once, and not after `close`. */
  onEnd(end: WatchEnd): void;
}

/** A watch that the server ends sooner than this, having brought nothing, is no watch. */
const SOUND_AFTER_MS = 1_000;
/** Of an error's body; more is not read. */
const ERROR_BYTES_MAX = 64 << 10;

export class WatchStream implements Stream, StreamSink {
  readonly #options: WatchStreamOptions;
  readonly #lines: LineSplitter;
  readonly #startedMs: number;
  /** Undefined while `stream` is being called: a transport may answer at once. */
  #stream: Stream | undefined;
  #heardMs: number;
  #heardAnything = false;
  #silence: Timer | undefined;
  #ended = false;
  /** The body of an answer that isn't 200. */
  #refusal: ApiResponse | undefined;

  constructor(options: WatchStreamOptions) {
    this.#options = options;
    this.#lines = new LineSplitter((line) => this.#line(line));
    this.#startedMs = this.#heardMs = options.platform.clock.monotonicMs();
    const stream = options.transport.stream({ method: "GET", path: options.path, accept: "application/json" }, this);
    if (this.#ended) stream.close();
    else this.#stream = stream;
  }

  close(): void {
    this.#ended = true;
    this.#silence?.cancel();
    this.#stream?.close();
  }

  onHead(status: number, headers: { [lowerCaseName: string]: string }): void {
    if (this.#ended) return;
    this.#heardMs = this.#options.platform.clock.monotonicMs();
    this.#awaitSound(this.#options.silentAfterMs);
    if (status === 200) this.#options.onOpen();
    else this.#refusal = { status, headers, body: new Uint8Array(0) };
  }

  onData(chunk: Uint8Array): void {
    if (this.#ended) return;
    this.#heardMs = this.#options.platform.clock.monotonicMs();
    if (this.#refusal !== undefined) {
      this.#refusal.body = appended(this.#refusal.body, chunk);
      return;
    }
    try {
      this.#lines.push(plainBytes(chunk));
    } catch (error) {
      this.#end({ kind: "failed", error: error as Error });
    }
  }

  onEnd(): void {
    if (this.#refusal === undefined) {
      const soundly = this.#heardAnything || this.#options.platform.clock.monotonicMs() - this.#startedMs >= SOUND_AFTER_MS;
      return this.#end({ kind: "done", soundly });
    }
    this.#error(apiErrorOf(this.#refusal, this.#options.platform.text));
  }

  onError(error: Failure): void {
    this.#end({ kind: "failed", error });
  }

  /** One timer that is set again when it finds that there was something meanwhile: events don't touch it. */
  #awaitSound(delayMs: number): void {
    const { platform, silentAfterMs } = this.#options;
    this.#silence = platform.timers.after(delayMs, () => {
      const silentMs = platform.clock.monotonicMs() - this.#heardMs;
      if (silentMs < silentAfterMs) return this.#awaitSound(silentAfterMs - silentMs);
      this.#end({ kind: "failed", error: new TransportError("Unknown", `nothing heard for ${Math.round(silentMs / 1000)} s, not even a bookmark: the connection is taken for dead`) });
    });
  }

  #end(end: WatchEnd): void {
    if (this.#ended) return;
    this.close();
    this.#options.onEnd(end);
  }

  #error(error: ApiError): void {
    if (error.status === 410) this.#end({ kind: "expired", message: error.message });
    else this.#end({ kind: "failed", error });
  }

  #line(line: Uint8Array): void {
    if (this.#ended) return;
    try {
      this.#event(new JsonCursor(line));
    } catch (error) {
      if (error instanceof JsonScanError) this.#options.onDamaged(error.message);
      else if (error instanceof MalformedObjectError) this.#options.onMalformed(error.message);
      else throw error;
    }
  }

  /** `{"type": "...", "object": {...}}`; the type comes first from every server there is, but need not. */
  #event(cursor: JsonCursor): void {
    const { platform: { text }, store, recipe, extractor } = this.#options;
    let type = "";
    let start = -1;
    let object: StoredObject | undefined;
    cursor.enterObject();
    while (cursor.nextMember()) {
      const key = cursor.key(text);
      if (key === "type") {
        type = cursor.string(text);
      } else if (key === "object") {
        start = cursor.pos;
        if (type === "ADDED" || type === "MODIFIED" || type === "DELETED") object = extractor.extract(recipe, cursor, (name) => store.get(name));
        else cursor.skip();
      } else {
        cursor.skip();
      }
    }
    if (start < 0) throw new MalformedObjectError("an event without an object");
    this.#take(type, object, new JsonCursor(cursor.bytes, start));
  }

  #take(type: string, extracted: StoredObject | undefined, at: JsonCursor): void {
    const { store, recipe, extractor, platform } = this.#options;
    const object = (): StoredObject => extracted ?? extractor.extract(recipe, at, (name) => store.get(name));
    switch (type) {
      case "ADDED":
      case "MODIFIED":
        return this.#moved(store.put(object()));
      case "DELETED":
        return this.#moved(store.remove(object()));
      case "BOOKMARK":
        return this.#moved(store.advance(extractor.resourceVersion(recipe, at)));
      case "ERROR": {
        const { status, reason, message, retryAfterS } = statusError(at.parse(platform.text), 0);
        return this.#error(new ApiError(status, reason, message, retryAfterS));
      }
      default:
        throw new MalformedObjectError(`an event of the unknown type "${type}"`);
    }
  }

  #moved(moved: boolean): void {
    if (!this.#heardAnything) {
      this.#heardAnything = true;
      this.#options.onHeard();
    }
    if (moved) this.#options.onProgress();
  }
}

function appended(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length + second.length > ERROR_BYTES_MAX) return first;
  const whole = new Uint8Array(first.length + second.length);
  whole.set(first);
  whole.set(second, first.length);
  return whole;
}
