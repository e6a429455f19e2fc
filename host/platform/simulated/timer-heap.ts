/** Timers by due time; of the same time, the first set is the first run. */
import type { Timer } from "../platform.ts";

interface Entry { readonly dueMs: number; readonly order: number; readonly task: () => void; cancelled: boolean }

/** Cancelled timers stay in the heap until they come up, or until they are most of it. */
const CANCELLED_MIN = 1024;

export class TimerHeap {
  #entries: Entry[] = [];
  #order = 0;
  #cancelled = 0;

  add(dueMs: number, task: () => void): Timer {
    const entry: Entry = { dueMs, order: this.#order++, task, cancelled: false };
    this.#entries.push(entry);
    this.#up(this.#entries.length - 1);
    return { cancel: () => this.#cancel(entry) };
  }

  /** The next timer, left where it is. */
  peek(): { readonly dueMs: number } | undefined {
    while (this.#entries[0]?.cancelled === true) {
      this.#pop();
      this.#cancelled--;
    }
    return this.#entries[0];
  }

  take(): { readonly task: () => void } | undefined {
    if (this.peek() === undefined) return undefined;
    const entry = this.#pop();
    // From here on a `cancel` has nothing to do.
    entry.cancelled = true;
    return entry;
  }

  #cancel(entry: Entry): void {
    if (entry.cancelled) return;
    entry.cancelled = true;
    if (++this.#cancelled < CANCELLED_MIN || this.#cancelled * 2 < this.#entries.length) return;
    this.#entries = this.#entries.filter(({ cancelled }) => !cancelled).sort((a, b) => (before(a, b) ? -1 : 1));
    this.#cancelled = 0;
  }

  #pop(): Entry {
    const top = this.#entries[0]!;
    const last = this.#entries.pop()!;
    if (this.#entries.length > 0) {
      this.#entries[0] = last;
      this.#down(0);
    }
    return top;
  }

  #up(at: number): void {
    const entries = this.#entries;
    const entry = entries[at]!;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(entry, entries[parent]!)) break;
      entries[at] = entries[parent]!;
      at = parent;
    }
    entries[at] = entry;
  }

  #down(at: number): void {
    const entries = this.#entries;
    const entry = entries[at]!;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= entries.length) break;
      if (child + 1 < entries.length && before(entries[child + 1]!, entries[child]!)) child++;
      if (!before(entries[child]!, entry)) break;
      entries[at] = entries[child]!;
      at = child;
    }
    entries[at] = entry;
  }
}

function before(a: Entry, b: Entry): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);
}
