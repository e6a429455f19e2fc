/**
 * The latest events of one resource, oldest first, in chunks: a fork takes over the chunks that are there, and both sides
 * go on in new ones.
 */
import type { StorageEvent } from "./storage.ts";

const CHUNK = 128;

export class History {
  #chunks: StorageEvent[][] = [];
  /** The last chunk may be seen by a fork, and is not added to. */
  #sealed = true;
  #count = 0;
  readonly #eventsMax: number;
  /** Events up to this number may be missing. */
  compactedTo: number;

  constructor(eventsMax: number, compactedTo: number) {
    this.#eventsMax = eventsMax;
    this.compactedTo = compactedTo;
  }

  add(event: StorageEvent): void {
    const last = this.#chunks.at(-1);
    if (last !== undefined && !this.#sealed && last.length < CHUNK) last.push(event);
    else this.#chunks.push([event]);
    this.#sealed = false;
    if (++this.#count > this.#eventsMax + CHUNK) this.compact(this.#chunks[0]!.at(-1)!.resourceVersion);
  }

  /** Forgets whole chunks: some events more may be remembered than need be, but nobody is told of them. */
  compact(resourceVersion: number): void {
    this.compactedTo = Math.max(this.compactedTo, resourceVersion);
    const keep = this.#chunks.findIndex((chunk) => chunk.at(-1)!.resourceVersion > resourceVersion);
    this.#chunks = keep === -1 ? [] : this.#chunks.slice(keep);
    this.#count = this.#chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  }

  /** Events with a number above `from`, oldest first. */
  since(from: number): StorageEvent[] {
    const found: StorageEvent[] = [];
    for (const chunk of this.#chunks) {
      if (chunk.at(-1)!.resourceVersion <= from) continue;
      for (const event of chunk) if (event.resourceVersion > from) found.push(event);
    }
    return found;
  }

  fork(): History {
    const copy = new History(this.#eventsMax, this.compactedTo);
    copy.#chunks = this.#chunks.slice();
    copy.#count = this.#count;
    this.#sealed = true;
    return copy;
  }
}
