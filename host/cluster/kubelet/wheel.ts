/** Times at which keys are to be looked at, in steps of a few milliseconds: what is due together comes together. */
import type { Kit } from "../controllers/kit/kit.ts";

const STEP_MS = 10;

export class Wheel {
  readonly #kit: Kit;
  readonly #due: (keys: string[]) => void;
  readonly #slots = new Map<number, Set<string>>();

  constructor(kit: Kit, due: (keys: string[]) => void) {
    this.#kit = kit;
    this.#due = due;
  }

  /** Never early, and at most a step late. */
  at(key: string, delayMs: number): void {
    const nowMs = this.#kit.platform.clock.monotonicMs();
    const slot = Math.ceil((nowMs + Math.max(0, delayMs)) / STEP_MS);
    let keys = this.#slots.get(slot);
    if (keys === undefined) {
      this.#slots.set(slot, keys = new Set());
      this.#kit.after(slot * STEP_MS - nowMs, () => {
        this.#slots.delete(slot);
        this.#due([...keys!]);
      });
    }
    keys.add(key);
  }
}
