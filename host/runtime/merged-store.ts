/**
 * One kind in several namespaces, each with a watch of its own, seen as one store. What is asked by name or namespace goes
 * to the part that has it; how far a watch has come can only be asked of a part.
 */
import type { CachedObject, Change, KindRef, ObjectKey, Store } from "./contracts.ts";

export class MergedStore implements Store {
  readonly namespace = undefined;
  readonly parts: readonly Store[];
  readonly #byNamespace: ReadonlyMap<string, Store>;

  /** `parts`: one for each namespace. */
  constructor(parts: ReadonlyMap<string, Store>) {
    // As keys are sorted, which begin with "namespace/": so that parts put together are sorted too.
    const names = [...parts.keys()].sort((a, b) => (`${a}/` < `${b}/` ? -1 : 1));
    this.#byNamespace = parts;
    this.parts = names.map((name) => parts.get(name)!);
  }

  get kind(): KindRef {
    return this.parts[0]!.kind;
  }
  get synced(): boolean {
    return this.parts.every((part) => part.synced);
  }
  get trouble(): string | undefined {
    return this.parts.find((part) => part.trouble !== undefined)?.trouble;
  }
  get resourceVersion(): never {
    throw new Error("each namespace's watch has come as far as it has: ask the part (partOf)");
  }

  get(key: ObjectKey): CachedObject | undefined {
    return this.#byNamespace.get(key.slice(0, Math.max(key.indexOf("/"), 0)))?.get(key);
  }
  list(namespace?: string): readonly CachedObject[] {
    return namespace === undefined ? this.parts.flatMap((part) => part.list()) : this.#byNamespace.get(namespace)?.list(namespace) ?? [];
  }
  ownedBy(uid: string): readonly CachedObject[] {
    return this.parts.flatMap((part) => part.ownedBy(uid));
  }
  labelled(label: string, value: string): readonly CachedObject[] {
    return this.parts.flatMap((part) => part.labelled(label, value));
  }

  onChange(listener: (change: Change) => void): () => void {
    return all(this.parts.map((part) => part.onChange(listener)));
  }
  onProgress(listener: () => void): () => void {
    return all(this.parts.map((part) => part.onProgress(listener)));
  }
  reconnect(why: string): void {
    for (const part of this.parts) part.reconnect(why);
  }

  partOf(namespace: string | undefined): Store | undefined {
    return namespace === undefined ? undefined : this.#byNamespace.get(namespace);
  }
}

/** The watches behind a store: one, or one for each namespace. */
export function partsOf(store: Store): readonly Store[] {
  return store instanceof MergedStore ? store.parts : [store];
}

/** The watch that shows objects of this namespace; undefined: none does. */
export function partOf(store: Store, namespace: string | undefined): Store | undefined {
  return store instanceof MergedStore ? store.partOf(namespace) : store;
}

function all(undo: readonly (() => void)[]): () => void {
  return () => { for (const one of undo) one(); };
}
