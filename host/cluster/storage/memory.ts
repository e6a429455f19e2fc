/**
 * The storage: a tree and a history per resource, and one counter.
 */
import type { ClusterObject } from "../model.ts";
import { History } from "./history.ts";
import { CompactedError, type Snapshot, type Storage, type StorageEvent, type Stored } from "./storage.ts";
import { Version, Warmth } from "./stored.ts";
import { Tree } from "./tree.ts";

export interface StorageOptions {
  /** Events remembered per resource. Default 10,000. */
  historyEventsMax?: number;
  /** Objects kept as values as well as text. Default 8,192. */
  valuesMax?: number;
}

/** What is kept of one resource. */
interface Shelf { readonly tree: Tree<Stored>; readonly history: History }
type Deliver = (event: StorageEvent) => void;

const HISTORY_EVENTS_MAX = 10_000;
const VALUES_MAX = 8192;

export function createStorage(options: StorageOptions = {}): Storage {
  const { historyEventsMax = HISTORY_EVENTS_MAX, valuesMax = VALUES_MAX } = options;
  return new MemoryStorage(new Map(), 0, 0, historyEventsMax, new Warmth(valuesMax));
}

class Frozen implements Snapshot {
  readonly resourceVersion: number;
  readonly #trees: (resource: string) => Tree<Stored> | undefined;

  constructor(resourceVersion: number, trees: (resource: string) => Tree<Stored> | undefined) {
    this.resourceVersion = resourceVersion;
    this.#trees = trees;
  }

  get(resource: string, key: string): Stored | undefined { return this.#trees(resource)?.get(key); }
  list(resource: string, namespace?: string, after?: string): Iterable<Stored> { return listed(this.#trees(resource), namespace, after); }
  count(resource: string): number { return this.#trees(resource)?.count ?? 0; }
}

class MemoryStorage implements Storage {
  readonly #shelves: Map<string, Shelf>;
  #resourceVersion: number;
  #compactedTo: number;
  readonly #historyEventsMax: number;
  readonly #warmth: Warmth;
  readonly #watches = new Map<string, Set<Deliver>>();
  readonly #listeners = new Set<Deliver>();

  constructor(shelves: Map<string, Shelf>, resourceVersion: number, compactedTo: number, historyEventsMax: number, warmth: Warmth) {
    this.#shelves = shelves;
    this.#resourceVersion = resourceVersion;
    this.#compactedTo = compactedTo;
    this.#historyEventsMax = historyEventsMax;
    this.#warmth = warmth;
  }

  get resourceVersion(): number { return this.#resourceVersion; }
  get compactedTo(): number { return this.#compactedTo; }

  get(resource: string, key: string): Stored | undefined { return this.#shelves.get(resource)?.tree.get(key); }
  list(resource: string, namespace?: string, after?: string): Iterable<Stored> { return listed(this.#shelves.get(resource)?.tree, namespace, after); }
  count(resource: string): number { return this.#shelves.get(resource)?.tree.count ?? 0; }
  resources(): string[] { return [...this.#shelves].filter(([, { tree }]) => tree.count > 0).map(([resource]) => resource).sort(); }

  snapshot(): Snapshot {
    const trees = new Map([...this.#shelves].map(([resource, { tree }]) => [resource, tree.fork()]));
    return new Frozen(this.#resourceVersion, (resource) => trees.get(resource));
  }

  at(resource: string, resourceVersion: number): Snapshot {
    const shelf = this.#shelves.get(resource);
    if (resourceVersion < Math.max(this.#compactedTo, shelf?.history.compactedTo ?? 0)) throw new CompactedError(Math.max(this.#compactedTo, shelf?.history.compactedTo ?? 0));
    const tree = shelf?.tree.fork();
    if (shelf !== undefined && tree !== undefined) {
      for (const { current, previous } of shelf.history.since(resourceVersion).reverse()) {
        if (previous === undefined) tree.delete(current.key);
        else tree.set(previous.key, previous);
      }
    }
    return new Frozen(resourceVersion, (asked) => (asked === resource ? tree : undefined));
  }

  put(resource: string, key: string, object: ClusterObject, expected: number): Stored | undefined {
    const shelf = this.#shelf(resource);
    const previous = shelf.tree.get(key);
    if ((previous?.resourceVersion ?? 0) !== expected) return undefined;
    const current = this.#version(key, object);
    shelf.tree.set(key, current);
    this.#tell(shelf, { type: previous === undefined ? "ADDED" : "MODIFIED", resource, resourceVersion: current.resourceVersion, current, previous });
    return current;
  }

  delete(resource: string, key: string, expected: number): Stored | undefined {
    const shelf = this.#shelves.get(resource);
    const previous = shelf?.tree.get(key);
    if (shelf === undefined || previous === undefined || previous.resourceVersion !== expected) return undefined;
    shelf.tree.delete(key);
    const current = this.#version(key, previous.object);
    this.#tell(shelf, { type: "DELETED", resource, resourceVersion: current.resourceVersion, current, previous });
    return current;
  }

  watch(resource: string, from: number, deliver: Deliver): () => void {
    const { history } = this.#shelf(resource);
    const compactedTo = Math.max(this.#compactedTo, history.compactedTo);
    if (from < compactedTo) throw new CompactedError(compactedTo);
    // A watch from the future, or one begun while an event is being told, gets nothing that it should have known already.
    const guarded: Deliver = (event) => { if (event.resourceVersion > from) deliver(event); };
    for (const event of history.since(from)) deliver(event);
    return listen(this.#watches, resource, from > this.#resourceVersion ? guarded : deliver);
  }

  onWrite(listener: Deliver): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  restore(resourceVersion: number, entries: Iterable<{ resource: string; key: string; resourceVersion: number; text: string }>): void {
    this.#shelves.clear();
    this.#resourceVersion = this.#compactedTo = resourceVersion;
    for (const entry of entries) {
      this.#shelf(entry.resource).tree.set(entry.key, new Version(entry.key, entry.resourceVersion, { text: entry.text }, this.#warmth));
    }
  }

  compact(resourceVersion: number): void {
    this.#compactedTo = Math.max(this.#compactedTo, Math.min(resourceVersion, this.#resourceVersion));
    for (const { history } of this.#shelves.values()) history.compact(this.#compactedTo);
  }

  fork(): Storage {
    const shelves = new Map([...this.#shelves].map(([resource, { tree, history }]) => [resource, { tree: tree.fork(), history: history.fork() }]));
    return new MemoryStorage(shelves, this.#resourceVersion, this.#compactedTo, this.#historyEventsMax, this.#warmth);
  }

  #shelf(resource: string): Shelf {
    let shelf = this.#shelves.get(resource);
    if (shelf === undefined) this.#shelves.set(resource, shelf = { tree: new Tree(), history: new History(this.#historyEventsMax, this.#compactedTo) });
    return shelf;
  }

  #version(key: string, object: ClusterObject): Version {
    const resourceVersion = ++this.#resourceVersion;
    return new Version(key, resourceVersion, { object: { ...object, metadata: { ...object.metadata, resourceVersion: String(resourceVersion) } } }, this.#warmth);
  }

  #tell(shelf: Shelf, event: StorageEvent): void {
    shelf.history.add(event);
    for (const deliver of this.#watches.get(event.resource) ?? []) deliver(event);
    for (const listener of this.#listeners) listener(event);
  }
}

function listen(watches: Map<string, Set<Deliver>>, resource: string, deliver: Deliver): () => void {
  let set = watches.get(resource);
  if (set === undefined) watches.set(resource, set = new Set());
  set.add(deliver);
  return () => void set.delete(deliver);
}

function listed(tree: Tree<Stored> | undefined, namespace: string | undefined, after: string | undefined): Iterable<Stored> {
  if (tree === undefined) return [];
  // "0" is what follows "/" in order: keys of the namespace lie between the two.
  const [low, high] = namespace === undefined ? ["", undefined] : [`${namespace}/`, `${namespace}0`];
  // The first text behind `after`.
  const from = after === undefined ? low : `${after}\0`;
  return tree.range(from > low ? from : low, high);
}
