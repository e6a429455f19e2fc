/**
 * The caches that one operator looks at: its primary's kind, the kinds it owns and reads, and single objects of kinds
 * that are watched by name.
 */
import type { Timers } from "../platform/platform.ts";
import { type Change, type Informers, keyOf, type Store } from "./contracts.ts";
import type { Declarations, DeclaredKind } from "./declarations.ts";
import { partOf, partsOf } from "./merged-store.ts";
import type { Stores } from "./view.ts";

/** A first read by name waits this long for its watch. */
const FIRST_LIST_MS = 5_000;

export class OperatorStores implements Stores {
  readonly primary: Store;
  readonly #declarations: Declarations;
  readonly #informers: Informers;
  readonly #timers: Timers;
  readonly #onRead: (kind: DeclaredKind, change: Change) => void;
  readonly #whole = new Map<string, Store>();
  readonly #single = new Map<string, Store>();
  readonly #undo: (() => void)[] = [];

  /** `onRead` hears of changes to kinds that are only read; the others have listeners of their own. */
  constructor(declarations: Declarations, informers: Informers, timers: Timers, onRead: (kind: DeclaredKind, change: Change) => void) {
    this.#declarations = declarations;
    this.#informers = informers;
    this.#timers = timers;
    this.#onRead = onRead;
    const { primary, owned, reads, fieldManager } = declarations;
    this.primary = informers.watch(primary.ref, primary.projection);
    for (const kind of owned) {
      if (!kind.byName) this.#whole.set(kind.id, informers.watch(kind.ref, kind.projection, { applyManager: fieldManager }));
    }
    for (const kind of reads) {
      if (kind.byName || this.#whole.has(kind.id)) continue;
      const store = informers.watch(kind.ref, kind.projection);
      this.#whole.set(kind.id, store);
      this.#undo.push(store.onChange((change) => onRead(kind, change)));
    }
    if (!this.#whole.has(primary.id)) this.#whole.set(primary.id, this.primary);
  }

  of(kind: DeclaredKind): Store | undefined {
    return this.#whole.get(kind.id);
  }

  forObject(kind: DeclaredKind, namespace: string | undefined, name: string): Store {
    const whole = this.#whole.get(kind.id);
    if (whole !== undefined) return partOf(whole, namespace) ?? whole;
    const id = `${kind.id} ${keyOf(namespace, name)}`;
    let store = this.#single.get(id);
    if (store === undefined) {
      store = this.#informers.watchOne(kind.ref, kind.projection, namespace, name);
      this.#single.set(id, store);
      this.#undo.push(store.onChange((change) => this.#onRead(kind, change)));
    }
    return store;
  }

  /** Like `forObject`, but starts no watch. */
  showing(kind: DeclaredKind, namespace: string | undefined, name: string): Store | undefined {
    const whole = kind.id === this.#declarations.primary.id ? this.primary : this.#whole.get(kind.id);
    return whole === undefined ? this.#single.get(`${kind.id} ${keyOf(namespace, name)}`) : partOf(whole, namespace);
  }

  /** Every watch of a kind that is watched whole. */
  all(): Store[] {
    return [...new Set([this.primary, ...this.#whole.values()].flatMap(partsOf))];
  }

  get synced(): boolean {
    return this.all().every((store) => store.synced);
  }

  /** What keeps it from being synced, or its watches from being up: sentences for people. */
  trouble(): string[] {
    return this.all().flatMap((store) => {
      if (store.trouble !== undefined) return [`${store.kind.apiVersion} ${store.kind.kind}: ${store.trouble}`];
      return store.synced ? [] : [`${store.kind.apiVersion} ${store.kind.kind}: its first list is not in yet`];
    });
  }

  untilSynced(store: Store): Promise<void> {
    if (store.synced) return Promise.resolve();
    return new Promise((resolve) => {
      const finish = (): void => {
        stop();
        timer.cancel();
        resolve();
      };
      const timer = this.#timers.after(FIRST_LIST_MS, finish);
      const stop = store.onProgress(() => {
        if (store.synced) finish();
      });
    });
  }

  close(): void {
    for (const undo of this.#undo) undo();
  }
}
