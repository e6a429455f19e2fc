/**
 * Keeps one store true to the API server: lists, watches, resumes from the last resourceVersion after every cut, lists
 * again when that is gone. Never gives up; what is wrong stands in `trouble`, in words, while it tries.
 *
 * States: `idle` -> `listing` -> `watching` -> (`waiting` -> `listing` or `watching`)* -> `closed`. Every asynchronous
 * step carries the epoch in which it began, and does nothing when another has begun since.
 */
import type { Stream, Timer } from "../platform/platform.ts";
import { collectionPath, withQuery } from "./api.ts";
import { kindKey } from "./contracts.ts";
import { listAll, type ListScope, type Lister } from "./list.ts";
import type { Recipe } from "./object.ts";
import type { ObjectStore } from "./store.ts";
import { backoffMs, retryAfterMs, troubleOf, type WatchTuning } from "./watch-trouble.ts";
import { WatchStream, type WatchEnd } from "./watch-stream.ts";

export interface WatchLog {
  level: "info" | "warn" | "error";
  /** "apps/v1 Deployment". */
  kind: string;
  message: string;
}

export interface WatcherOptions extends Lister {
  readonly store: ObjectStore;
  readonly scope: ListScope;
  readonly tuning: WatchTuning;
  /** The recipe as it is now; a list takes it anew. */
  readonly recipe: () => Recipe;
  readonly log: (entry: WatchLog) => void;
  /** After anything that can be seen from outside has moved. */
  readonly onProgress: () => void;
}

export type WatcherState = "idle" | "listing" | "watching" | "waiting" | "closed";

/** A watch that lasted longer than this worked. */
const SOUND_WATCH_MS = 5_000;

export class Watcher {
  readonly #options: WatcherOptions;
  #state: WatcherState = "idle";
  #epoch = 0;
  #stream: Stream | undefined;
  #timer: Timer | undefined;
  /** Failures in a row; a watch that delivers something ends the row. */
  #failures = 0;
  #mustList = true;
  #trouble: string | undefined;
  #openedMs: number | undefined;
  /** What the objects in the store were made by; undefined before the first list. */
  #listedBy: Recipe | undefined;

  constructor(options: WatcherOptions) {
    this.#options = options;
  }

  /** The one namespace that is watched; undefined: all, or the kind has none. */
  get namespace(): string | undefined {
    return this.#options.scope.namespace;
  }

  get state(): WatcherState {
    return this.#state;
  }

  get trouble(): string | undefined {
    return this.#trouble;
  }

  get listedBy(): Recipe | undefined {
    return this.#listedBy;
  }

  /** Begins after the current turn, so that all who ask for the same kind in one go share the first list. */
  start(): void {
    const epoch = this.#epoch;
    this.#options.platform.timers.soon(() => {
      if (epoch === this.#epoch) this.#next();
    });
  }

  /** The recipe has grown: what is cached lacks something, so list again, now. */
  recipeChanged(): void {
    if (this.#state === "idle" || this.#state === "closed") return;
    this.#mustList = true;
    this.#drop();
    this.start();
  }

  /** Watches again from where it was, at once. */
  reconnect(why: string): void {
    // A list or a connection attempt under way is as new as it gets, and has a time limit of its own.
    if (this.#state !== "watching" && this.#state !== "waiting") return;
    this.#log("warn", `reconnecting: ${why}`);
    this.#drop();
    this.#next();
  }

  close(): void {
    this.#drop();
    this.#state = "closed";
  }

  #drop(): void {
    this.#epoch++;
    this.#stream?.close();
    this.#stream = undefined;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #next(): void {
    if (this.#state === "closed") return;
    if (this.#mustList) void this.#list();
    else this.#watch();
  }

  async #list(): Promise<void> {
    const epoch = this.#epoch;
    const { store, scope } = this.#options;
    this.#state = "listing";
    const recipe = this.#options.recipe();
    try {
      const listed = await listAll(this.#options, { recipe, scope, before: (key) => store.get(key), fresh: false });
      if (epoch !== this.#epoch) return;
      for (const problem of listed.malformed) this.#log("error", `passed over in a list: ${problem}`);
      if (!store.replaceAll(listed.objects, listed.resourceVersion, listed.malformedKeys)) {
        return this.#fail(`the API server lists an older state (${listed.resourceVersion}) than was seen before (${store.resourceVersion}): not taken, asking again. If etcd was restored from a backup, restart this process`);
      }
      this.#mustList = false;
      this.#listedBy = recipe;
      this.#setTrouble(undefined);
      this.#watch();
    } catch (error) {
      if (epoch === this.#epoch) this.#fail(troubleOf(error, "list", recipe.kind, scope), retryAfterMs(error));
    }
  }

  #watch(): void {
    const { store, scope, tuning, platform, extractor } = this.#options;
    const recipe = this.#listedBy!;
    const epoch = this.#epoch;
    this.#state = "watching";
    const timeoutS = Math.round(tuning.watchSecondsMin * (1 + platform.random.next()));
    const path = withQuery(collectionPath(recipe.kind, scope.namespace), {
      watch: "1", allowWatchBookmarks: "true", resourceVersion: store.resourceVersion, timeoutSeconds: timeoutS, fieldSelector: scope.fieldSelector,
    });
    const here = (): boolean => epoch === this.#epoch;
    const stream = new WatchStream({
      transport: this.#options.transport, platform, extractor, recipe, store, path, silentAfterMs: tuning.silentAfterMs,
      onOpen: () => { if (here()) this.#opened(); },
      onHeard: () => { if (here()) this.#failures = 0; },
      onProgress: () => { if (here()) this.#options.onProgress(); },
      onMalformed: (problem) => { if (here()) this.#log("error", `passed over in the watch: ${problem}`); },
      onDamaged: (problem) => { if (here()) this.#damaged(problem); },
      onEnd: (end) => { if (here()) this.#ended(end); },
    });
    if (here()) this.#stream = stream;
  }

  #opened(): void {
    this.#openedMs = this.#options.platform.clock.monotonicMs();
    this.#setTrouble(undefined);
  }

  /** An event was lost to broken bytes: the others go on, and a list fetches what it said. */
  #damaged(problem: string): void {
    this.#log("error", `passed over an event that is not JSON (${problem}); listing again soon`);
    if (this.#timer !== undefined) return;
    const { platform, tuning } = this.#options;
    this.#timer = platform.timers.after(tuning.healAfterMs * (0.5 + platform.random.next()), () => {
      this.#mustList = true;
      this.#drop();
      this.#next();
    });
  }

  #ended(end: WatchEnd): void {
    const { platform } = this.#options;
    // A quiet kind brings no event for a minute: lasting is proof enough that the watch worked.
    if (this.#openedMs !== undefined && platform.clock.monotonicMs() - this.#openedMs > SOUND_WATCH_MS) this.#failures = 0;
    this.#openedMs = undefined;
    this.#stream = undefined;
    switch (end.kind) {
      case "done":
        // The server's own time limit, or a polite restart: nothing is wrong.
        this.#drop();
        if (end.soundly) this.#next();
        else this.#fail("the API server ends the watch as soon as it begins");
        return;
      case "expired":
        this.#mustList = true;
        this.#log("info", `resourceVersion ${this.#options.store.resourceVersion} is no longer to be had (${end.message}); listing again`);
        this.#drop();
        if (this.#failures <= 1) {
          // Mostly found out when resuming after a cut. Only what comes back is worth waiting for.
          this.#failures = 2;
          this.#next();
        } else {
          this.#fail(`the watch expires as soon as it begins: ${end.message}`);
        }
        return;
      case "failed":
        this.#drop();
        this.#fail(troubleOf(end.error, "watch", this.#options.store.kind, this.#options.scope), retryAfterMs(end.error));
    }
  }

  #fail(sentence: string, atLeastMs = 0): void {
    const { platform, tuning } = this.#options;
    this.#failures++;
    this.#state = "waiting";
    // A first failure is mended at once more often than not: say it only when it stays.
    if (this.#failures > 1 || this.#listedBy === undefined) this.#setTrouble(sentence);
    else this.#log("info", sentence);
    const delayMs = Math.max(atLeastMs, backoffMs(this.#failures, tuning, platform.random));
    this.#timer = platform.timers.after(delayMs, () => {
      this.#timer = undefined;
      this.#next();
    });
  }

  #setTrouble(sentence: string | undefined): void {
    if (sentence !== this.#trouble) {
      if (sentence !== undefined) this.#log("warn", sentence);
      else if (this.#trouble !== undefined) this.#log("info", "all is well again");
    }
    this.#trouble = sentence;
    this.#options.onProgress();
  }

  #log(level: WatchLog["level"], message: string): void {
    this.#options.log({ level, kind: kindKey(this.#options.store.kind), message });
  }
}

