/** What may wait, done at a limited rate: some at once, the rest as time goes on, and what is too much not at all. */
import type { Timer } from "../../../platform/platform.ts";

export interface LineOptions {
  readonly burst: number;
  readonly perSecond: number;
  /** Beyond this, what comes is dropped. */
  readonly waitingMax: number;
  monotonicMs(): number;
  after(delayMs: number, task: () => void): Timer;
}

/** What waits is done this often. */
const STEP_MS = 1000;

export class Line {
  readonly #options: LineOptions;
  readonly #waiting: (() => void)[] = [];
  #tokens: number;
  #filledMs = 0;
  #dropped = 0;
  #timer: Timer | undefined;

  constructor(options: LineOptions) {
    this.#options = options;
    this.#tokens = options.burst;
  }

  get dropped(): number { return this.#dropped; }
  get waiting(): number { return this.#waiting.length; }

  push(task: () => void): void {
    if (this.#waiting.length === 0 && this.#take()) return task();
    if (this.#waiting.length >= this.#options.waitingMax) return void this.#dropped++;
    this.#waiting.push(task);
    this.#timer ??= this.#options.after(STEP_MS, () => this.#step());
  }

  #step(): void {
    this.#timer = undefined;
    let done = 0;
    while (done < this.#waiting.length && this.#take()) this.#waiting[done++]!();
    this.#waiting.splice(0, done);
    if (this.#waiting.length > 0) this.#timer = this.#options.after(STEP_MS, () => this.#step());
  }

  #take(): boolean {
    const { burst, perSecond, monotonicMs } = this.#options;
    const nowMs = monotonicMs();
    if (this.#tokens < burst) this.#tokens = Math.min(burst, this.#tokens + ((nowMs - this.#filledMs) * perSecond) / 1000);
    this.#filledMs = nowMs;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}
