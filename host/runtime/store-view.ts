/**
 * A store as one of its users sees it: synced when the objects have *its* text, whatever the others still wait for.
 */
import type { CachedObject, Change, KindRef, ObjectKey, Projection, Store } from "./contracts.ts";
import type { StoredObject } from "./object.ts";
import type { CompiledProjection } from "./projection.ts";
import type { ObjectStore } from "./store.ts";
import type { Watcher } from "./watcher.ts";

export class StoreView implements Store {
  readonly #store: ObjectStore;
  readonly #watcher: Watcher;
  readonly #projection: CompiledProjection;
  readonly #manager: string | undefined;
  readonly #onListenerError: (error: unknown) => void;
  readonly #listeners = new Set<() => void>();

  constructor(store: ObjectStore, watcher: Watcher, projection: CompiledProjection, manager: string | undefined, onListenerError: (error: unknown) => void) {
    this.#onListenerError = onListenerError;
    this.#store = store;
    this.#watcher = watcher;
    this.#projection = projection;
    this.#manager = manager;
  }

  serves(projection: Projection, manager: string | undefined): boolean {
    return projection === this.#projection && manager === this.#manager;
  }

  get kind(): KindRef {
    return this.#store.kind;
  }

  get namespace(): string | undefined {
    return this.#watcher.namespace;
  }

  get synced(): boolean {
    const recipe = this.#watcher.listedBy;
    if (recipe === undefined || !recipe.projections.includes(this.#projection)) return false;
    return this.#manager === undefined || recipe.managers.includes(this.#manager);
  }

  get trouble(): string | undefined {
    return this.#watcher.trouble;
  }

  get resourceVersion(): string {
    return this.#store.resourceVersion;
  }

  get(key: ObjectKey): CachedObject | undefined {
    return this.#store.get(key);
  }

  list(namespace?: string): readonly CachedObject[] {
    return this.#store.list(namespace);
  }

  ownedBy(uid: string): readonly CachedObject[] {
    return this.#store.ownedBy(uid);
  }

  labelled(label: string, value: string): readonly CachedObject[] {
    return this.#store.labelled(label, value);
  }

  onChange(listener: (change: Change) => void): () => void {
    return this.#store.onChange(({ before, after }) => {
      // Versions from before this view's text was asked for don't exist for it. (Later ones all have it: the watch
      // stops when it is asked for, and goes on after a list.)
      const known = this.#hasText(before) ? before : undefined;
      if (known !== undefined || after !== undefined) listener({ before: known, after });
    });
  }

  onProgress(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  reconnect(why: string): void {
    this.#watcher.reconnect(why);
  }

  #hasText(object: CachedObject | undefined): boolean {
    return object !== undefined && (object as StoredObject).recipe.projections.includes(this.#projection);
  }

  /** Tells the listeners that something moved. */
  progressed(): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener();
      } catch (error) {
        this.#onListenerError(error);
      }
    }
  }
}
