/**
 * Which object next: first in, first out; one entry an object; never the same object twice at a time; a bounded number at
 * once. An object that failed is held back without taking a place, so it can't starve the others.
 */
import type { Clock, Timer, Timers } from "../platform/platform.ts";
import type { ObjectKey } from "./contracts.ts";
import { NO_METRICS, type Metrics } from "./metrics.ts";

export interface WorkQueueOptions {
  name: string;
  clock: Clock;
  timers: Timers;
  metrics?: Metrics;
  /** Passes under way at a time. Default 16. */
  concurrency?: number;
}

/** Passes that never wait for anything would keep I/O out: after this long the queue lets it in. */
const TURN_MS = 8;

interface Delayed { dueMs: number; timer: Timer; hold: boolean }

export class WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #labels: { name: string; controller: string };
  readonly #controller: { controller: string };
  readonly #metrics: Metrics;
  readonly #concurrency: number;
  #queue: ObjectKey[] = [];
  #head = 0;
  /** Waiting objects, with the time they were queued. */
  readonly #waiting = new Map<ObjectKey, number>();
  readonly #active = new Set<ObjectKey>();
  /** Queued again while under way, and whether urgently. */
  readonly #again = new Map<ObjectKey, boolean>();
  readonly #delayed = new Map<ObjectKey, Delayed>();
  #work: ((key: ObjectKey) => Promise<void>) | undefined;
  #idle: (() => void)[] = [];
  #pumping = false;
  /** Not in the metrics yet. */
  #adds = 0;
  #stopped = false;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
    this.#labels = { name: options.name, controller: options.name };
    this.#controller = { controller: options.name };
    this.#metrics = options.metrics ?? NO_METRICS;
    this.#concurrency = options.concurrency ?? 16;
    this.#metrics.set("controller_runtime_max_concurrent_reconciles", this.#controller, this.#concurrency);
    this.#metrics.gauge("controller_runtime_active_workers", this.#controller, () => this.#active.size);
    this.#metrics.gauge("workqueue_depth", this.#labels, () => this.#waiting.size);
  }

  /** Objects waiting for their turn; not those under way or held back. */
  get depth(): number {
    return this.#waiting.size;
  }
  get active(): number {
    return this.#active.size;
  }
  get delayed(): number {
    return this.#delayed.size;
  }

  /**
   * Queues `key`. An object that is held back (see `hold`) stays so unless `urgent`: its own change may be the remedy, a
   * child's heartbeat is not.
   */
  add(key: ObjectKey, urgent = false): void {
    if (this.#stopped) return;
    const delayed = this.#delayed.get(key);
    if (delayed !== undefined) {
      if (delayed.hold && !urgent) return;
      this.#cancel(key, delayed);
    }
    if (this.#active.has(key)) {
      this.#again.set(key, urgent || this.#again.get(key) === true);
    } else if (!this.#waiting.has(key)) {
      this.#waiting.set(key, this.#options.clock.monotonicMs());
      this.#queue.push(key);
      this.#adds++;
      this.#pump();
    }
  }

  /** Queues `key` later, unless something queues it earlier. The earlier of two delays wins. */
  addAfter(key: ObjectKey, delayMs: number): void {
    this.#delay(key, delayMs, false);
  }

  /** Keeps `key` back for `delayMs` after a failure: only an urgent `add` gets it a pass before. */
  hold(key: ObjectKey, delayMs: number): void {
    this.#metrics.add("workqueue_retries_total", this.#labels);
    if (this.#again.get(key) === true) return;
    this.#again.delete(key);
    this.#delay(key, delayMs, true);
  }

  /** Forgets all about `key`: it is gone. */
  forget(key: ObjectKey): void {
    const delayed = this.#delayed.get(key);
    if (delayed !== undefined) this.#cancel(key, delayed);
  }

  /** Starts to call `work`, which must not throw. Pausing and starting again keeps what waits. */
  start(work: (key: ObjectKey) => Promise<void>): void {
    this.#work = work;
    this.#pump();
  }

  /** Starts no more work; resolves when what is under way has ended. */
  pause(): Promise<void> {
    this.#work = undefined;
    if (this.#active.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  /** `pause`, for good. */
  stop(): Promise<void> {
    this.#stopped = true;
    for (const [key, delayed] of this.#delayed) this.#cancel(key, delayed);
    return this.pause();
  }

  #delay(key: ObjectKey, delayMs: number, hold: boolean): void {
    if (this.#stopped) return;
    const dueMs = this.#options.clock.monotonicMs() + delayMs;
    const known = this.#delayed.get(key);
    if (known !== undefined) {
      if (known.hold && !hold) return;
      if (known.dueMs <= dueMs && known.hold === hold) return;
      this.#cancel(key, known);
    }
    const timer = this.#options.timers.after(delayMs, () => {
      this.#delayed.delete(key);
      this.add(key);
    });
    this.#delayed.set(key, { dueMs, timer, hold });
  }

  #cancel(key: ObjectKey, delayed: Delayed): void {
    delayed.timer.cancel();
    this.#delayed.delete(key);
  }

  /** Starts what may start, in a turn of its own: callers of `add` are in the middle of a watch event. */
  #pump(): void {
    if (this.#pumping || this.#work === undefined || this.#waiting.size === 0 || this.#active.size >= this.#concurrency) return;
    this.#pumping = true;
    this.#options.timers.soon(() => this.#turn());
  }

  #turn(): void {
    this.#pumping = false;
    const startMs = this.#options.clock.monotonicMs();
    while (this.#work !== undefined && this.#waiting.size > 0 && this.#active.size < this.#concurrency) {
      if (this.#options.clock.monotonicMs() - startMs > TURN_MS) {
        this.#pumping = true;
        this.#options.timers.after(0, () => this.#turn());
        break;
      }
      this.#begin(this.#shift(), this.#work);
    }
  }

  #shift(): ObjectKey {
    const key = this.#queue[this.#head++]!;
    if (this.#head > 1024 && this.#head * 2 > this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
    return key;
  }

  #begin(key: ObjectKey, work: (key: ObjectKey) => Promise<void>): void {
    const startMs = this.#options.clock.monotonicMs();
    const queuedMs = this.#waiting.get(key)!;
    this.#waiting.delete(key);
    this.#active.add(key);
    work(key).then(() => this.#end(key, queuedMs, startMs));
  }

  /** Metrics are told only now: before the pass they would be in the way of its first write. */
  #end(key: ObjectKey, queuedMs: number, startMs: number): void {
    this.#metrics.add("workqueue_adds_total", this.#labels, this.#adds);
    this.#adds = 0;
    this.#metrics.observe("workqueue_queue_duration_seconds", this.#labels, (startMs - queuedMs) / 1000);
    this.#metrics.observe("workqueue_work_duration_seconds", this.#labels, (this.#options.clock.monotonicMs() - startMs) / 1000);
    this.#active.delete(key);
    if (this.#again.delete(key)) this.add(key);
    if (this.#active.size === 0) for (const resolve of this.#idle.splice(0)) resolve();
    this.#pump();
  }
}
