/**
 * Guarantee 4: an object is reconciled again only when the caches have seen what its last pass wrote.
 *
 * Per primary and kind, the resourceVersion of the last write; the watch of that kind must have come past it. A deleted
 * object must be gone or terminating. A write of unknown outcome is settled by a quorum read before anything else. A
 * cache that stays behind for too long is made to watch again: its connection may be dead without having said so.
 */
import type { Timer, Timers } from "../platform/platform.ts";
import { type CachedObject, compareResourceVersions, type Informers, type ObjectKey, type Store } from "./contracts.ts";
import type { DeclaredKind } from "./declarations.ts";
import { keyOf } from "./contracts.ts";

export interface OwnWritesOptions {
  timers: Timers;
  informers: Pick<Informers, "readFresh">;
  /** The cache that shows objects of this kind; undefined: none does, nothing to wait for. */
  storeOf(kind: DeclaredKind, namespace: string | undefined, name: string): Store | undefined;
  /** Called when `key`, which was turned away, may be tried again. */
  onSeen(key: ObjectKey): void;
  /** How long a cache may stay behind before it is told to reconnect. Default 10 s. */
  deadlineMs?: number;
}

interface Expected { readonly store: Store; readonly seen: () => boolean }
interface Unsettled { readonly kind: DeclaredKind; readonly namespace: string | undefined; readonly name: string }

export class OwnWrites {
  readonly #options: OwnWritesOptions;
  readonly #expected = new Map<ObjectKey, Expected[]>();
  readonly #unsettled = new Map<ObjectKey, Unsettled[]>();
  /** Keys that were turned away, by the store they wait for. */
  readonly #waiting = new Map<Store, Set<ObjectKey>>();
  readonly #watched = new Map<Store, () => void>();
  readonly #timers = new Map<Store, Timer>();

  constructor(options: OwnWritesOptions) {
    this.#options = options;
  }

  /** A write for `key` was answered with this resourceVersion. */
  wrote(key: ObjectKey, kind: DeclaredKind, namespace: string | undefined, name: string, resourceVersion: string): void {
    const store = this.#options.storeOf(kind, namespace, name);
    if (store === undefined || resourceVersion === "") return;
    this.#expect(key, { store, seen: () => store.resourceVersion !== "" && compareResourceVersions(store.resourceVersion, resourceVersion) >= 0 });
  }

  /** A delete or an eviction of this very object was answered with success. */
  deleted(key: ObjectKey, kind: DeclaredKind, namespace: string | undefined, name: string, uid: string): void {
    const store = this.#options.storeOf(kind, namespace, name);
    if (store === undefined) return;
    const objectKey = keyOf(namespace, name);
    this.#expect(key, {
      store,
      seen: () => {
        const object = store.get(objectKey);
        return object === undefined || object.uid !== uid || object.deletionTimestamp !== undefined;
      },
    });
  }

  /** The answer to a write was lost: before the next pass of `key` the object is read anew. */
  unknown(key: ObjectKey, kind: DeclaredKind, namespace: string | undefined, name: string): void {
    const list = this.#unsettled.get(key) ?? [];
    list.push({ kind, namespace, name });
    this.#unsettled.set(key, list);
  }

  hasUnsettled(key: ObjectKey): boolean {
    return this.#unsettled.has(key);
  }

  /** Reads what was lost, and expects the caches to have come as far. Throws ApiError and TransportError: try again later. */
  async settle(key: ObjectKey): Promise<void> {
    for (let list = this.#unsettled.get(key); list !== undefined && list.length > 0; list = this.#unsettled.get(key)) {
      const { kind, namespace, name } = list[0]!;
      const object: CachedObject | undefined = await this.#options.informers.readFresh(kind.ref, namespace, name);
      if (object !== undefined) this.wrote(key, kind, namespace, name, object.resourceVersion);
      else this.#expectGone(key, kind, namespace, name);
      list.shift();
    }
    this.#unsettled.delete(key);
  }

  /** True when all writes of `key` are in the caches. Otherwise `onSeen` will be called once they may be. */
  maySee(key: ObjectKey): boolean {
    const expected = this.#expected.get(key);
    if (expected === undefined) return true;
    const behind = expected.filter((one) => !one.seen());
    if (behind.length === 0) {
      this.#expected.delete(key);
      return true;
    }
    this.#expected.set(key, behind);
    this.#wait(key, behind[0]!.store);
    return false;
  }

  /** Forgets all about `key`: its primary is gone. */
  forget(key: ObjectKey): void {
    this.#expected.delete(key);
    this.#unsettled.delete(key);
    for (const keys of this.#waiting.values()) keys.delete(key);
  }

  close(): void {
    for (const stop of this.#watched.values()) stop();
    for (const timer of this.#timers.values()) timer.cancel();
    this.#watched.clear();
    this.#timers.clear();
  }

  #expectGone(key: ObjectKey, kind: DeclaredKind, namespace: string | undefined, name: string): void {
    const store = this.#options.storeOf(kind, namespace, name);
    const uid = store?.get(keyOf(namespace, name))?.uid;
    if (uid !== undefined) this.deleted(key, kind, namespace, name, uid);
  }

  #expect(key: ObjectKey, expected: Expected): void {
    const list = this.#expected.get(key);
    if (list === undefined) this.#expected.set(key, [expected]);
    else list.push(expected);
  }

  #wait(key: ObjectKey, store: Store): void {
    let keys = this.#waiting.get(store);
    if (keys === undefined) {
      keys = new Set();
      this.#waiting.set(store, keys);
    }
    keys.add(key);
    if (!this.#watched.has(store)) {
      const stopProgress = store.onProgress(() => this.#progress(store));
      const stopChange = store.onChange(() => this.#progress(store));
      this.#watched.set(store, () => {
        stopProgress();
        stopChange();
      });
    }
    if (!this.#timers.has(store)) this.#startDeadline(store);
  }

  #startDeadline(store: Store): void {
    this.#timers.set(store, this.#options.timers.after(this.#options.deadlineMs ?? 10_000, () => {
      this.#timers.delete(store);
      const keys = this.#waiting.get(store);
      if (keys === undefined || keys.size === 0) return;
      store.reconnect(`the watch has not shown our own write to ${store.kind.plural} for ${(this.#options.deadlineMs ?? 10_000) / 1000} s`);
      this.#startDeadline(store);
    }));
  }

  #progress(store: Store): void {
    const keys = this.#waiting.get(store);
    if (keys === undefined || keys.size === 0) return;
    for (const key of keys) {
      const expected = this.#expected.get(key);
      if (expected !== undefined && expected.some((one) => one.store === store && !one.seen())) continue;
      keys.delete(key);
      this.#options.onSeen(key);
    }
    if (keys.size === 0) {
      this.#timers.get(store)?.cancel();
      this.#timers.delete(store);
    }
  }
}
