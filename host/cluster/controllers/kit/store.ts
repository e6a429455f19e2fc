/**
 * The objects of one resource as the controllers see them, with indexes. Told within each write, so never behind the API.
 */
import type { ObjectEvent, Watching } from "../../client.ts";
import type { OwnerReference } from "../../model.ts";
import { keyOf, type Resource, type Typed } from "../../typed/resource.ts";

export interface Change<T> {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  /** Of a deletion: the last state. */
  readonly object: T;
  readonly previous: T | undefined;
}
export type KeysOf<T> = (object: T) => readonly string[];

/** Where an object is kept: indexes hold the cell, so that a change of the object alone touches none of them. */
interface Cell<T> { object: T; keys: (readonly string[])[] }

export class Store<T extends Typed> {
  readonly resource: Resource<T>;
  readonly #cells = new Map<string, Cell<T>>();
  readonly #indexes: IndexOf<T>[] = [];
  readonly #handlers = new Set<(change: Change<T>) => void>();
  readonly #stop: () => void;
  #owned: Index<T> | undefined;
  #orphans: Index<T> | undefined;
  #namespaces: Index<T> | undefined;

  constructor(watching: Watching, resource: Resource<T>) {
    this.resource = resource;
    this.#stop = watching.on(resource, (event) => this.#take(event));
  }

  get size(): number { return this.#cells.size; }
  /** By "namespace/name", or "name" where there is no namespace. */
  get(key: string): T | undefined { return this.#cells.get(key)?.object; }
  /** In order of creation. */
  list(): T[] { return Array.from(this.#cells.values(), ({ object }) => object); }

  /** What the object with this uid controls. */
  ownedBy(uid: string): T[] {
    this.#owned ??= this.index((object) => {
      const owner = controllerOf(object);
      return owner === undefined ? NONE : [owner.uid];
    });
    return this.#owned.get(uid);
  }
  /** What nobody controls, in a namespace. */
  orphansIn(namespace: string): T[] {
    this.#orphans ??= this.index((object) => (controllerOf(object) === undefined ? [object.metadata.namespace ?? ""] : NONE));
    return this.#orphans.get(namespace);
  }
  in(namespace: string): T[] {
    this.#namespaces ??= this.index((object) => [object.metadata.namespace ?? ""]);
    return this.#namespaces.get(namespace);
  }

  /** A way to find objects by something else; kept up to date from now on. An object may have several keys, or none. */
  index(keysOf: KeysOf<T>): Index<T> {
    const index = new IndexOf(keysOf);
    for (const cell of this.#cells.values()) cell.keys.push(index.add(cell));
    this.#indexes.push(index);
    return index;
  }

  /** Calls `handler` for every object there is and for each change from now on; it notes and queues, it never writes. */
  on(handler: (change: Change<T>) => void): void {
    for (const { object } of this.#cells.values()) handler({ type: "ADDED", object, previous: undefined });
    this.#handlers.add(handler);
  }

  stop(): void { this.#stop(); }

  #take({ type, object: untyped }: ObjectEvent): void {
    const object = untyped as unknown as T;
    const key = keyOf(object);
    const known = this.#cells.get(key);
    // What it was before is at hand; the event would have to read it again.
    const previous = known?.object;
    if (type === "DELETED") {
      if (known !== undefined) {
        this.#indexes.forEach((index, n) => index.remove(known, known.keys[n]!));
        this.#cells.delete(key);
      }
    } else if (known === undefined) {
      const cell: Cell<T> = { object, keys: [] };
      for (const index of this.#indexes) cell.keys.push(index.add(cell));
      this.#cells.set(key, cell);
    } else {
      known.object = object;
      this.#indexes.forEach((index, n) => { known.keys[n] = index.move(known, known.keys[n]!); });
    }
    const change: Change<T> = { type, object, previous };
    for (const handler of this.#handlers) handler(change);
  }
}

export interface Index<T> {
  /** In the order in which they came to have the key. */
  get(key: string): T[];
  count(key: string): number;
}

const NONE: readonly string[] = [];

class IndexOf<T> implements Index<T> {
  readonly #keysOf: KeysOf<T>;
  readonly #buckets = new Map<string, Set<Cell<T>>>();

  constructor(keysOf: KeysOf<T>) { this.#keysOf = keysOf; }

  get(key: string): T[] {
    const bucket = this.#buckets.get(key);
    return bucket === undefined ? [] : Array.from(bucket, ({ object }) => object);
  }
  count(key: string): number { return this.#buckets.get(key)?.size ?? 0; }

  add(cell: Cell<T>): readonly string[] {
    const keys = this.#keysOf(cell.object);
    for (const key of keys) {
      const bucket = this.#buckets.get(key);
      if (bucket === undefined) this.#buckets.set(key, new Set([cell]));
      else bucket.add(cell);
    }
    return keys;
  }

  remove(cell: Cell<T>, keys: readonly string[]): void {
    for (const key of keys) {
      const bucket = this.#buckets.get(key);
      bucket?.delete(cell);
      if (bucket?.size === 0) this.#buckets.delete(key);
    }
  }

  move(cell: Cell<T>, before: readonly string[]): readonly string[] {
    const now = this.#keysOf(cell.object);
    if (now.length === before.length && now.every((key, n) => key === before[n])) return before;
    this.remove(cell, before);
    return this.add(cell);
  }
}

/** The owner that manages the object, if there is one. */
export function controllerOf({ metadata: { ownerReferences } }: Typed): OwnerReference | undefined {
  if (ownerReferences === undefined) return undefined;
  for (const owner of ownerReferences) if (owner.controller === true) return owner;
  return undefined;
}
