/**
 * Performs the actions of a plan stage by stage: within one, a slow start. After a failure nothing more is begun: the later
 * stages assumed that it had happened, and what is alike would fail alike. Every outcome is data, none is thrown.
 */
import type { Action, Plan } from "../../bindings/protocol/types.ts";
import { TransportError } from "../platform/platform.ts";
import { ApiError } from "./contracts.ts";
import { namespaceFor } from "./declarations.ts";
import { abandonedOutcome, type Act, type Done, type ExecutorContext, failedOutcome, type Outcome, subjectOf } from "./executor/act.ts";
import { apply, assessApply } from "./executor/apply.ts";
import { http } from "./executor/http.ts";
import { adopt, create, evict, patch, remove } from "./executor/objects.ts";
import { latch } from "./executor/primary.ts";
import { slowStart, type Trial } from "./slow-start.ts";
import { outcomeUnknown } from "./writer.ts";

/** In ascending order of stage. */
export function stagesOf(plan: Plan): Action[][] {
  const stages = new Map<number, Action[]>();
  for (const action of plan.actions) {
    const stage = stages.get(action.stage);
    if (stage === undefined) stages.set(action.stage, [action]);
    else stage.push(action);
  }
  if (stages.size < 2) return [...stages.values()];
  return [...stages.keys()].sort((a, b) => a - b).map((stage) => stages.get(stage)!);
}

function latchesFirst(stage: readonly Action[]): Action[] {
  return stage.toSorted((a, b) => Number(b.type === "latch") - Number(a.type === "latch"));
}

export class Executor {
  readonly #context: ExecutorContext;

  constructor(context: ExecutorContext) {
    this.#context = context;
  }

  /** All actions of `act`'s plan. Begins no other once one has failed, or `stopped` says so. */
  async execute(act: Act, stopped: () => boolean): Promise<Done[]> {
    const stages = stagesOf(act.decided.plan);
    const done = new Map<Action, Done>();
    let hindrance: string | undefined;
    let openEnd: string | undefined;
    const attempt = async (action: Action): Promise<Trial> => {
      if (hindrance === undefined && stopped()) hindrance = "this host is stopping";
      if (hindrance !== undefined) return "stop";
      const one = await this.#perform(act, action);
      done.set(action, one);
      switch (one.result.outcome) {
        case "failed":
          hindrance ??= didNotHappen(one);
          return "stop";
        case "abandoned": // It waits for another of its stage, so that one must go on.
          openEnd ??= didNotHappen(one);
          return "same";
        case "skipped": // Never sent, it proves nothing.
          return "same";
        case "done": // Latches of one stage move the same resourceVersion: one after the other.
          return action.type === "latch" ? "same" : "wider";
      }
    };
    for (const stage of stages) {
      await slowStart(latchesFirst(stage), attempt);
      hindrance ??= openEnd;
    }
    const all = stages.flat().map((action) => done.get(action) ?? doneOf(act, action, abandonedOutcome(hindrance ?? "")));
    this.#count(all);
    return all;
  }

  async #perform(act: Act, action: Action): Promise<Done> {
    try {
      return doneOf(act, action, await this.#run(act, action));
    } catch (error) {
      if (outcomeUnknown(error)) this.#noteUnknown(act, action);
      return doneOf(act, action, outcomeOfError(error));
    }
  }

  #run(act: Act, action: Action): Promise<Outcome> {
    const context = this.#context;
    switch (action.type) {
      case "apply":
        return apply(context, act, action);
      case "create":
        return create(context, act, action);
      case "patch":
        return patch(context, act, action);
      case "delete":
        return remove(context, act, action);
      case "evict":
        return evict(context, act, action);
      case "adopt":
        return adopt(context, act, action);
      case "latch":
        return latch(context, act, action);
      case "http":
        return http(context, act, action);
      default:
        return assertNever(action);
    }
  }

  /** A lost answer: the object is read anew before this primary's next pass. */
  #noteUnknown(act: Act, action: Action): void {
    const { declarations, ownWrites } = this.#context;
    if (action.type === "http") return;
    if (action.type === "latch") {
      ownWrites.unknown(act.key, declarations.primary, act.primary.ref.namespace, act.primary.ref.name);
      return;
    }
    const ref = action.type === "apply" || action.type === "create" ? { ...action.object, ...action.object.metadata } : action.target;
    const kind = declarations.kind(ref as { apiVersion: string; kind: string });
    if (kind !== undefined) ownWrites.unknown(act.key, kind, namespaceFor(kind, ref.namespace, act.primary), ref.name);
  }

  #count(done: readonly Done[]): void {
    const { metrics, declarations: { manifest: { name: operator } } } = this.#context;
    for (const { result } of done) {
      metrics.add("toque_actions_total", { operator, type: result.action.type, outcome: result.outcome });
      if (result.outcome === "skipped" && result.action.type === "apply") metrics.add("toque_applies_skipped_total", { operator });
    }
  }

  /** What each action of the plan would come to, as far as can be told without sending anything; for `toque plan`. */
  preview(act: Act): ("would be sent" | Outcome)[] {
    return act.decided.plan.actions.map((action) => {
      if (action.type !== "apply") return "would be sent";
      const assessed = assessApply(this.#context, act, action);
      return assessed.kind === "send" ? "would be sent" : assessed.outcome;
    });
  }
}

function doneOf(act: Act, action: Action, { retryAfterMs, ...outcome }: Outcome): Done {
  return { action, result: { action: subjectOf(action, act.primary), ...outcome }, retryAfterMs };
}

function didNotHappen({ result: { action: { type, kind = "", name = "" } } }: Done): string {
  return `${type} ${kind} ${name} did not happen`;
}

/** An error as data: Kubernetes' reason, or what happened below HTTP. */
export function outcomeOfError(error: unknown): Outcome {
  if (error instanceof ApiError) {
    return failedOutcome(error.reason, error.message, error.retryAfterS === undefined ? undefined : error.retryAfterS * 1000);
  }
  if (error instanceof TransportError) return failedOutcome(error.failure, error.message);
  // A programmer's error is confined to its object, and said in full.
  return failedOutcome("InternalError", error instanceof Error ? (error.stack ?? error.message) : String(error));
}

function assertNever(action: never): never {
  throw new Error(`unknown action ${JSON.stringify(action)}`);
}
