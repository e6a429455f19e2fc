/**
 * What every object asks in its first pass is answered ahead for the next new one, so that the core runs once for it and
 * not twice: a restart runs it once for each object, and a new object's first write leaves sooner.
 *
 * Common is what the last two asked that began with nothing. Now and then one begins with nothing again, for nobody says
 * when a question that is answered ahead is no longer wanted. Calls are never made ahead.
 */
import type { Question } from "../../bindings/protocol/types.ts";

const BEGIN_ANEW = 16;

export class Newcomers {
  #common: readonly Question[] = [];
  #last: readonly Question[] = [];
  #answeredAhead = 0;

  /** The questions to answer ahead for an object that is new. */
  ahead(): readonly Question[] {
    if (this.#answeredAhead === BEGIN_ANEW) {
      this.#answeredAhead = 0;
      return [];
    }
    if (this.#common.length > 0) this.#answeredAhead++;
    return this.#common;
  }

  /** A first pass that began with nothing has asked these. */
  asked(questions: readonly Question[]): void {
    const before = new Set(this.#last.map(({ id }) => id));
    this.#common = questions.filter(({ id, type }) => type !== "http" && before.has(id));
    this.#last = questions;
  }
}
