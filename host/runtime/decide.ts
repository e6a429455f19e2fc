/**
 * Runs the core until it has no open question: the deciding half of a pass, for reconciling and for `toque plan` alike.
 *
 * What an object's pass asked last time is answered ahead, so that a pass at rest runs the core once. Objects that stand
 * in the way of a plan's names are shown as strays, and the core decides again.
 */
import { parsePlan } from "../core/plan.ts";
import type { Core } from "../core/core.ts";
import type { Action, Plan, Question } from "../../bindings/protocol/types.ts";
import { answer, type AnswerContext, type Caller, type ReadsSoFar } from "./answers.ts";
import { type CachedObject, keyOf } from "./contracts.ts";
import { compareObjects, type Declarations, type DeclaredKind, isOwnedBy, namespaceFor } from "./declarations.ts";
import type { Reads } from "./dependencies.ts";
import { observedText, type Seen } from "./observe.ts";
import type { View } from "./view.ts";

export interface Decider {
  readonly core: Core;
  readonly declarations: Declarations;
  readonly caller: Caller | undefined;
}

/** What is carried from one pass of an object to its next. */
export interface Remembered {
  questions: readonly Question[];
  /** Objects that stood in the way of names, and children found by name. */
  wanted: readonly Wanted[];
  /** JSON text: `Observed.lastResults`. */
  lastResults: string;
  /** Passes since the questions were last asked from nothing. */
  passes: number;
}
export function nothingRemembered(): Remembered {
  return { questions: [], wanted: [], lastResults: "[]", passes: 0 };
}
/** A question that is answered ahead isn't asked again, so nobody says when it is no longer wanted: start over now and then. */
const ASK_ANEW_PASSES = 16;

export interface Wanted { readonly kind: DeclaredKind; readonly namespace: string | undefined; readonly name: string }

export type Decision = Decided | { readonly kind: "gone" } | Failed;
export interface Decided {
  readonly kind: "plan";
  readonly plan: Plan;
  readonly planText: string;
  readonly observedText: string;
  readonly fuelUsed: number;
  readonly primary: CachedObject;
  readonly view: View;
  /** Exactly what the core saw. */
  readonly owned: readonly Seen[];
  readonly strays: readonly Seen[];
  readonly reads: Reads;
  /** The shortest `pollMs` of the questions that were answered. */
  readonly pollMs: number | undefined;
}
export interface Failed {
  readonly kind: "failed";
  readonly primary: CachedObject;
  /** A CoreFailureCode, or RoundsExceeded. */
  readonly code: string;
  readonly message: string;
  readonly fuelUsed: number;
  readonly reads: Reads;
}

/** `now`: RFC 3339 with milliseconds; given, so that a decision can be made again at the same moment. */
export async function decide(decider: Decider, view: View, remembered: Remembered, now: string): Promise<Decision> {
  const { primary } = view;
  if (primary === undefined) return { kind: "gone" };
  const run = new Run(decider, view, primary, now, remembered);
  return run.toTheEnd();
}

class Run {
  readonly #decider: Decider;
  readonly #view: View;
  readonly #primary: CachedObject;
  readonly #now: string;
  readonly #remembered: Remembered;
  readonly #context: AnswerContext;
  readonly #answers = new Map<string, string>();
  readonly #asked: Question[] = [];
  readonly #reads: ReadsSoFar = { objects: [], lists: [] };
  readonly #strays: Seen[] = [];
  /** Children of kinds that are watched by name: they are found by being wanted. */
  readonly #named: Seen[] = [];
  readonly #wanted = new Map<string, Wanted>();
  #fuelUsed = 0;

  constructor(decider: Decider, view: View, primary: CachedObject, now: string, remembered: Remembered) {
    this.#decider = decider;
    this.#view = view;
    this.#primary = primary;
    this.#now = now;
    this.#remembered = remembered;
    this.#context = { declarations: decider.declarations, view, primary, caller: decider.caller };
  }

  async toTheEnd(): Promise<Decision> {
    const { core, declarations } = this.#decider;
    const ahead = this.#remembered.passes % ASK_ANEW_PASSES !== ASK_ANEW_PASSES - 1;
    if (ahead) await this.#answerAll(this.#remembered.questions);
    if (this.#remembered.wanted.length > 0) await this.#lookAt(this.#remembered.wanted);
    const { roundsMax } = declarations.manifest.limits;
    for (let round = 1; round <= roundsMax; round++) {
      const owned = this.#owned();
      const observed = this.#observed(owned);
      const outcome = core.reconcile(observed);
      if (!outcome.ok) return this.#failed(outcome.error.code, outcome.error.message);
      this.#fuelUsed += outcome.fuelUsed;
      const plan = parsePlan(outcome.plan, declarations.manifest);
      if (!("protocol" in plan)) return this.#failed(plan.code, plan.message);
      const open = plan.questions.filter((question) => !this.#answers.has(question.id));
      if (open.length > 0) {
        await this.#answerAll(open);
      } else if (!(await this.#lookAt(this.#newTargets(plan.actions)))) {
        return this.#decided(plan, outcome.plan, observed, owned);
      }
    }
    return this.#failed("RoundsExceeded", `the core still asked new questions after ${roundsMax} rounds; ask in fewer steps, or raise limits.roundsMax`);
  }

  #owned(): Seen[] {
    const owned: Seen[] = [];
    for (const kind of this.#decider.declarations.owned) {
      const { projection } = kind;
      for (const object of this.#view.owned(kind)) owned.push({ object, projection });
      if (kind.byName) owned.push(...this.#named.filter((seen) => seen.projection === projection));
    }
    return owned;
  }

  #observed(owned: readonly Seen[]): string {
    return observedText({
      now: this.#now, primary: { object: this.#primary, projection: this.#decider.declarations.primary.projection },
      owned, strays: this.#strays, answers: this.#answers, lastResults: this.#remembered.lastResults,
    });
  }

  /** Side by side; waits only when something is not at hand. */
  async #answerAll(questions: readonly Question[]): Promise<void> {
    const waiting: Promise<void>[] = [];
    for (const question of questions) {
      this.#asked.push(question);
      const text = answer(question, this.#context, this.#reads);
      if (typeof text === "string") this.#answers.set(question.id, text);
      else waiting.push(text.then((late) => void this.#answers.set(question.id, late)));
    }
    if (waiting.length > 0) await Promise.all(waiting);
  }

  /** What the plan would write that hasn't been looked at yet. */
  #newTargets(actions: readonly Action[]): Wanted[] {
    const targets: Wanted[] = [];
    for (const action of actions) {
      if (action.type !== "apply" && action.type !== "create") continue;
      const kind = this.#decider.declarations.kind(action.object);
      if (kind?.owned === undefined) continue;
      const namespace = namespaceFor(kind, action.object.metadata.namespace, this.#primary);
      const { name } = action.object.metadata;
      if (!this.#wanted.has(idOf(kind, namespace, name))) targets.push({ kind, namespace, name });
    }
    return targets;
  }

  /** Looks who has the names wanted: others' objects are shown as strays. True when the core would see something new. */
  async #lookAt(targets: readonly Wanted[]): Promise<boolean> {
    let news = false;
    for (const target of targets) {
      const { kind, namespace, name } = target;
      this.#wanted.set(idOf(kind, namespace, name), target);
      const looked = this.#view.object(kind, namespace, name);
      const lookup = looked instanceof Promise ? await looked : looked;
      if (kind.byName) this.#reads.objects.push({ kind, key: keyOf(namespace, name) });
      if (lookup.state !== "value") continue;
      const ours = isOwnedBy(kind, lookup.object, this.#primary.uid);
      if (ours && !kind.byName) continue;
      (ours ? this.#named : this.#strays).push({ object: lookup.object, projection: kind.projection });
      if (!kind.byName) this.#reads.objects.push({ kind, key: keyOf(namespace, name) });
      news = true;
    }
    if (news) for (const list of [this.#strays, this.#named]) list.sort((a, b) => compareObjects(a.object, b.object));
    return news;
  }

  #decided(plan: Plan, planText: string, observed: string, owned: readonly Seen[]): Decided {
    const polls = this.#asked.flatMap((question) => (question.pollMs === undefined ? [] : [question.pollMs]));
    this.#remember();
    return {
      kind: "plan", plan, planText, observedText: observed, fuelUsed: this.#fuelUsed, primary: this.#primary, view: this.#view,
      owned, strays: this.#strays, reads: this.#reads, pollMs: polls.length === 0 ? undefined : Math.min(...polls),
    };
  }

  #failed(code: string, message: string): Failed {
    this.#remember();
    return { kind: "failed", primary: this.#primary, code, message, fuelUsed: this.#fuelUsed, reads: this.#reads };
  }

  #remember(): void {
    this.#remembered.questions = this.#asked;
    this.#remembered.passes++;
    const shown = new Set([...this.#strays, ...this.#named].map(({ object }) => keyed(object.ref.kind, object.ref.namespace, object.ref.name)));
    this.#remembered.wanted = [...this.#wanted.values()].filter(({ kind, namespace, name }) => shown.has(keyed(kind.ref.kind, namespace, name)));
  }
}

function keyed(kind: string, namespace: string | undefined, name: string): string {
  return `${kind} ${keyOf(namespace, name)}`;
}

function idOf(kind: DeclaredKind, namespace: string | undefined, name: string): string {
  return `${kind.id} ${keyOf(namespace, name)}`;
}
