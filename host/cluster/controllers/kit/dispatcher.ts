/**
 * What is to be done next: one line for all controllers, first in, first out; a key waits in it at most once. A pass that
 * the API refuses is tried again later, the longer the more often it failed.
 *
 * Passes run after the write that caused them, in turns of their own, and give way to I/O every few milliseconds.
 */
import { StatusError } from "../../api/status-error.ts";
import type { Clock, Timer, Timers } from "../../../platform/platform.ts";

/** As client-go's default: doubling from the first to the second. */
const BACKOFF_FIRST_MS = 5;
const BACKOFF_MAX_MS = 1_000_000;
const TURN_MS = 8;

/** Thrown by a pass that can't get on yet for reasons of its own: it is tried again, as after a refusal. */
export class TryAgain extends Error {}

export interface DispatcherOptions {
  readonly clock: Clock;
  readonly timers: Timers;
  /** Hears of what no controller should throw; the key is tried again as after a refusal. */
  readonly onProblem: (controller: string, key: string, error: unknown) => void;
}

export interface Queue {
  add(key: string): void;
  /** Adds it later, unless it is to be added sooner anyway. */
  addAfter(key: string, delayMs: number): void;
  /** Whether it waits, for its turn or for a delay. */
  has(key: string): boolean;
}

interface Item {
  readonly queue: QueueOf;
  readonly key: string;
  waiting: boolean;
  failures: number;
  timer: Timer | undefined;
  dueMs: number;
}

export class Dispatcher {
  readonly #options: DispatcherOptions;
  #line: Item[] = [];
  #head = 0;
  #pumping = false;
  #stopped = false;
  readonly #queues: QueueOf[] = [];

  constructor(options: DispatcherOptions) { this.#options = options; }

  /** Nothing waits for its turn; delays don't count. */
  get idle(): boolean { return this.#head === this.#line.length; }

  queue(controller: string, pass: (key: string) => void): Queue {
    const queue = new QueueOf(controller, pass, this.#options, (item) => this.#enqueue(item));
    this.#queues.push(queue);
    return queue;
  }

  stop(): void {
    this.#stopped = true;
    this.#line = [];
    this.#head = 0;
    for (const queue of this.#queues) queue.stop();
  }

  #enqueue(item: Item): void {
    if (this.#stopped) return;
    this.#line.push(item);
    if (this.#pumping) return;
    this.#pumping = true;
    this.#options.timers.soon(() => this.#turn());
  }

  #turn(): void {
    const { clock, timers } = this.#options;
    const startMs = clock.monotonicMs();
    while (this.#head < this.#line.length) {
      const item = this.#line[this.#head++]!;
      item.queue.run(item);
      if (clock.monotonicMs() - startMs > TURN_MS && this.#head < this.#line.length) {
        this.#line = this.#line.slice(this.#head);
        this.#head = 0;
        timers.after(0, () => this.#turn());
        return;
      }
    }
    this.#line = [];
    this.#head = 0;
    this.#pumping = false;
  }
}

class QueueOf implements Queue {
  readonly #controller: string;
  readonly #pass: (key: string) => void;
  readonly #options: DispatcherOptions;
  readonly #enqueue: (item: Item) => void;
  /** What waits, is delayed, or has failed. */
  readonly #items = new Map<string, Item>();

  constructor(controller: string, pass: (key: string) => void, options: DispatcherOptions, enqueue: (item: Item) => void) {
    this.#controller = controller;
    this.#pass = pass;
    this.#options = options;
    this.#enqueue = enqueue;
  }

  has(key: string): boolean { return this.#items.has(key); }

  add(key: string): void {
    const item = this.#item(key);
    if (item.waiting) return;
    item.waiting = true;
    this.#enqueue(item);
  }

  addAfter(key: string, delayMs: number): void {
    const item = this.#item(key);
    const dueMs = this.#options.clock.monotonicMs() + delayMs;
    if (item.timer !== undefined) {
      if (item.dueMs <= dueMs) return;
      item.timer.cancel();
    }
    item.dueMs = dueMs;
    item.timer = this.#options.timers.after(delayMs, () => {
      item.timer = undefined;
      this.add(key);
    });
  }

  run(item: Item): void {
    item.waiting = false;
    try {
      this.#pass(item.key);
      item.failures = 0;
    } catch (error) {
      if (!(error instanceof StatusError || error instanceof TryAgain)) this.#options.onProblem(this.#controller, item.key, error);
      const delayMs = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** Math.min(item.failures++, 30));
      this.addAfter(item.key, delayMs);
    }
    if (!item.waiting && item.timer === undefined && item.failures === 0) this.#items.delete(item.key);
  }

  stop(): void {
    for (const { timer } of this.#items.values()) timer?.cancel();
    this.#items.clear();
  }

  #item(key: string): Item {
    let item = this.#items.get(key);
    if (item === undefined) this.#items.set(key, item = { queue: this, key, waiting: false, failures: 0, timer: undefined, dueMs: 0 });
    return item;
  }
}
