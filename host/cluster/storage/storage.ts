/**
 * The cluster's only state: versioned objects and the history of their changes. Knows nothing of kinds.
 *
 * One counter numbers all writes, as etcd's revision does; an object's resourceVersion is the number of its last write.
 * The state at any number still remembered can be read, watched from, and forked in constant time.
 */
import type { ClusterObject } from "../model.ts";

/** One version of an object. Immutable. */
export interface Stored {
  /** "namespace/name", or "name" where there is no namespace. */
  readonly key: string;
  readonly resourceVersion: number;
  /** The object in its storage version, `metadata.resourceVersion` included. */
  readonly object: ClusterObject;
  /** Its JSON text, made at most once. */
  readonly text: string;
}

export interface StorageEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  /** `resourceName` of the resource ("deployments.apps"). */
  readonly resource: string;
  /** Number of the write. */
  readonly resourceVersion: number;
  /** What the object is now; of a deletion, its last state with the resourceVersion of the deletion. */
  readonly current: Stored;
  /** Absent for ADDED. */
  readonly previous: Stored | undefined;
}

/** A frozen state: what a paged list and a fork read. */
export interface Snapshot {
  readonly resourceVersion: number;
  get(resource: string, key: string): Stored | undefined;
  /** Sorted by key, from behind `after` on. `namespace` undefined: all. Lazy: taking a few of many costs a few. */
  list(resource: string, namespace?: string, after?: string): Iterable<Stored>;
  count(resource: string): number;
}

export interface Storage extends Snapshot {
  /** The state as it is now, unaffected by later writes. Constant time. */
  snapshot(): Snapshot;
  /**
   * Writes `object` under `key`. `expected`: the resourceVersion that must be there now, 0 for nothing. Returns undefined,
   * having written nothing, when something else is there. Sets `metadata.resourceVersion` in a copy.
   */
  put(resource: string, key: string, object: ClusterObject, expected: number): Stored | undefined;
  /** Likewise. Returns what was there last, under the resourceVersion of the deletion. */
  delete(resource: string, key: string, expected: number): Stored | undefined;
  /**
   * The state of one resource behind write number `resourceVersion`; other resources are undefined in it. Throws
   * `CompactedError` when the events since then are no longer remembered.
   */
  at(resource: string, resourceVersion: number): Snapshot;
  /**
   * Events behind `from`, of one resource, as `deliver` calls: those that happened already at once, later ones
   * synchronously with the write. Throws `CompactedError` when they are no longer remembered.
   */
  watch(resource: string, from: number, deliver: (event: StorageEvent) => void): () => void;
  /** Every event of every resource from now on, in order; for the journal on disk and the simulator. */
  onWrite(listener: (event: StorageEvent) => void): () => void;
  /** Puts back what a journal kept: the state as it was after `resourceVersion`. No events; history begins there. */
  restore(resourceVersion: number, entries: Iterable<{ resource: string; key: string; resourceVersion: number; text: string }>): void;
  /** Every resource of which there is an object. */
  resources(): string[];
  /** Forgets the history up to `resourceVersion`; also done by itself, so that history is bounded. */
  compact(resourceVersion: number): void;
  /** History is remembered behind this number. */
  readonly compactedTo: number;
  /** An independent storage with the same state and history. Constant time; the two share what neither changes. */
  fork(): Storage;
}

export class CompactedError extends Error {
  readonly compactedTo: number;
  constructor(compactedTo: number) {
    super(`history is remembered behind ${compactedTo} only`);
    this.name = "CompactedError";
    this.compactedTo = compactedTo;
  }
}
