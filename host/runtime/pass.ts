/**
 * One pass over one object: observe, decide, confirm, act, say. Operating errors are outcomes, never throws.
 */
import type { Plan, Result } from "../../bindings/protocol/types.ts";
import type { Platform } from "../platform/platform.ts";
import { confirm, isDestructive } from "./confirm.ts";
import type { CachedObject, Informers, ObjectKey, Recorder } from "./contracts.ts";
import { type Decided, decide, type Decider, type Failed, nothingRemembered, type Remembered } from "./decide.ts";
import type { Dependencies } from "./dependencies.ts";
import { Act, type Done, type ExecutorContext, type Outcome } from "./executor/act.ts";
import { REFUSAL_REASONS } from "./executor/check.ts";
import { ensureFinalizer, patchPrimary, removeFinalizer } from "./executor/primary.ts";
import { type Executor, outcomeOfError } from "./executor.ts";
import type { Newcomers } from "./newcomers.ts";
import { type Stall, statusPatch, wantedStatus } from "./status.ts";
import { rfc3339Ms } from "../values/time.ts";
import { CachedView, type Stores } from "./view.ts";
import { outcomeUnknown } from "./writer.ts";

export interface PassContext {
  readonly decider: Decider;
  readonly stores: Stores;
  readonly informers: Pick<Informers, "readFresh" | "listFresh">;
  readonly executor: Executor;
  readonly acting: ExecutorContext;
  readonly dependencies: Dependencies;
  readonly recorder: Recorder | undefined;
  readonly platform: Pick<Platform, "clock">;
  readonly memory: Map<ObjectKey, Memory>;
  readonly newcomers: Newcomers;
  /** True once the host is stopping: no further action is begun. */
  stopped(): boolean;
}

/** What the host keeps of an object between its passes; lost with the process, and never needed for safety. */
export interface Memory extends Remembered {
  /** Failed passes in a row. */
  failures: number;
  /** "settled", "blocked QuorumLost": to tell when it changes. Undefined before the first pass. */
  verdict: string | undefined;
  stall: string | undefined;
}

/** What came of a pass. */
export type PassOutcome =
  | { readonly kind: "gone" }
  /** A cache has not shown this object's own writes yet: it is queued again when it does. */
  | { readonly kind: "waiting" }
  /** Being deleted, with nothing of ours to do: left to the garbage collector. */
  | { readonly kind: "left" }
  | Acted;
export interface Acted {
  readonly kind: "acted";
  readonly primary: CachedObject;
  readonly decided: Decided | undefined;
  readonly done: readonly Done[];
  /** Why it failed, if it did. */
  readonly failure: Failure | undefined;
  readonly stall: Stall | undefined;
  /** True when the status was written. */
  readonly statusWritten: boolean;
  readonly requeueAfterMs: number | undefined;
  readonly fuelUsed: number;
}
export interface Failure { readonly reason: string; readonly message: string; readonly retryAfterMs: number | undefined }

/** Outside changes give no watch event: look again soon. */
const AFTER_CALL_MS = 250;

export async function runPass(context: PassContext, key: ObjectKey): Promise<PassOutcome> {
  const { ownWrites } = context.acting;
  const view = new CachedView(context.stores, key);
  if (ownWrites.hasUnsettled(key)) {
    try {
      await ownWrites.settle(key);
    } catch (error) {
      return view.primary === undefined ? { kind: "waiting" } : failedPass(view.primary, outcomeOfError(error), undefined, []);
    }
  }
  if (!ownWrites.maySee(key)) return { kind: "waiting" };
  const { primary } = new CachedView(context.stores, key);
  if (primary === undefined) return { kind: "gone" };
  if (primary.deletionTimestamp !== undefined && !primary.finalizers.includes(context.decider.declarations.finalizer)) return { kind: "left" };
  const memory = memoryOf(context, key);
  try {
    return await decideAndAct(context, key, memory);
  } catch (error) {
    memory.failures++;
    return withStall(context, key, memory, failedPass(primary, outcomeOfError(error), undefined, []));
  }
}

function memoryOf(context: PassContext, key: ObjectKey): Memory {
  let memory = context.memory.get(key);
  if (memory === undefined) {
    memory = { ...nothingRemembered(), questions: context.newcomers.ahead(), failures: 0, verdict: undefined, stall: undefined };
    context.memory.set(key, memory);
  }
  return memory;
}

async function decideAndAct(context: PassContext, key: ObjectKey, memory: Memory): Promise<PassOutcome> {
  const { decider, dependencies, platform } = context;
  const now = rfc3339Ms(platform.clock.nowMs());
  const beginsWithNothing = memory.passes === 0 && memory.questions.length === 0;
  let decision = await decide(decider, new CachedView(context.stores, key), memory, now);
  if (beginsWithNothing) context.newcomers.asked(memory.questions);
  if (decision.kind === "gone") return decision;
  dependencies.replace(key, decision.reads);
  if (decision.kind === "plan" && isDestructive(decision.plan, decider.declarations)) {
    decision = await confirm(decider, context.informers, decision.primary, memory, now);
    if (decision.kind === "gone") return decision;
  }
  if (decision.kind === "failed") {
    memory.failures++;
    return withStall(context, key, memory, coreFailed(decision));
  }
  context.recorder?.decided(recordOf(context, key, decision));
  return act(context, new Act(key, decision), memory);
}

function recordOf({ decider }: ActContext, key: ObjectKey, { observedText, planText, fuelUsed }: Decided): Parameters<Recorder["decided"]>[0] {
  const { core, declarations } = decider;
  return { operator: declarations.manifest.name, digest: core.digest, key, observed: observedText, plan: planText, fuelUsed };
}

/** What carrying out a decision needs; `toque apply` brings it without watches. */
export type ActContext = Pick<PassContext, "decider" | "executor" | "acting" | "recorder" | "platform" | "stopped">;

/** Carries out a decision: finalizer, actions, status. */
export async function act(context: ActContext, acting: Act, memory: Memory): Promise<PassOutcome> {
  const { executor, decider: { declarations } } = context;
  const { decided } = acting;
  const { plan } = decided;
  const deleting = acting.primary.deletionTimestamp !== undefined;
  if (declarations.manifest.finalizer && plan.actions.length > 0 && !deleting) await ensuringFinalizer(context, acting);
  const done = plan.actions.length === 0 ? [] : await executor.execute(acting, context.stopped);
  const results = done.map(({ result }) => result);
  memory.lastResults = JSON.stringify(results);
  context.recorder?.acted(recordOf(context, acting.key, decided), results);
  const failed = done.find(({ result }) => result.outcome === "failed");
  if (failed !== undefined) {
    memory.failures++;
    return withStall(context, acting.key, memory, failedPass(acting.primary, { ...failed.result, ...retryOf(failed) }, decided, done), acting);
  }
  if (context.stopped() && results.some(({ outcome }) => outcome === "abandoned")) return acted(acting, done, false, undefined);
  memory.failures = 0;
  const written = await writeStatus(context, acting, decided.plan, untold(decided.plan));
  if (deleting && plan.verdict === "finalized") await guarded(context, acting, () => removeFinalizer(context.acting, acting));
  return acted(acting, done, written, requeueAfter(decided, results));
}

function retryOf({ retryAfterMs }: Done): { retryAfterMs?: number } {
  return retryAfterMs === undefined ? {} : { retryAfterMs };
}

function ensuringFinalizer(context: ActContext, acting: Act): Promise<void> {
  return guarded(context, acting, () => ensureFinalizer(context.acting, acting));
}

/** Notes a write to the primary whose answer was lost, and passes the error on. */
async function guarded(context: ActContext, acting: Act, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    const { namespace, name } = acting.primary.ref;
    if (outcomeUnknown(error)) context.acting.ownWrites.unknown(acting.key, context.decider.declarations.primary, namespace, name);
    throw error;
  }
}

/** What a plan that stops its object leaves unsaid in the status: a core that can't read its input has none to give. */
function untold({ verdict, reason, message, status }: Plan): Stall | undefined {
  if (status !== undefined || (verdict !== "refused" && verdict !== "blocked")) return undefined;
  const known = reason !== undefined && reason !== "" ? reason : verdict === "refused" ? "Refused" : "Blocked";
  return { reason: known, message: message ?? "" };
}

/** True when something was written. No `plan`: its own status supposes that its actions happened, and they didn't. */
async function writeStatus(context: ActContext, acting: Act, plan: Plan | undefined, stall: Stall | undefined): Promise<boolean> {
  const { decider: { declarations }, platform } = context;
  const patch = statusPatch(declarations, acting.primary, wantedStatus(plan, stall), platform.clock.nowMs());
  if (patch === undefined) return false;
  await guarded(context, acting, () => patchPrimary(context.acting, acting, { status: patch }, "status"));
  return true;
}

function requeueAfter({ plan, pollMs }: Decided, results: readonly Result[]): number | undefined {
  const called = results.some(({ action, outcome }) => action.type === "http" && outcome === "done");
  const times = [plan.requeueAfterMs, pollMs, called ? AFTER_CALL_MS : undefined].filter((ms) => ms !== undefined);
  return times.length === 0 ? undefined : Math.min(...times);
}

function acted(acting: Act, done: readonly Done[], statusWritten: boolean, requeueAfterMs: number | undefined): Acted {
  const { primary, decided } = acting;
  return { kind: "acted", primary, decided, done, failure: undefined, stall: undefined, statusWritten, requeueAfterMs, fuelUsed: decided.fuelUsed };
}

function coreFailed({ primary, code, message, fuelUsed }: Failed): Acted {
  const failure = { reason: code, message, retryAfterMs: undefined };
  return { kind: "acted", primary, decided: undefined, done: [], failure, stall: failure, statusWritten: false, requeueAfterMs: undefined, fuelUsed };
}

function failedPass(primary: CachedObject, outcome: Outcome, decided: Decided | undefined, done: readonly Done[]): Acted {
  const failure = { reason: outcome.reason ?? "Unknown", message: outcome.message ?? "", retryAfterMs: outcome.retryAfterMs };
  return {
    kind: "acted", primary, decided, done, failure, stall: undefined, statusWritten: false, requeueAfterMs: undefined, fuelUsed: decided?.fuelUsed ?? 0,
  };
}

/** Failures that go away by themselves, most of the time. */
const TRANSIENT = new Set([
  "Conflict", "AlreadyExists", "Timeout", "ServerTimeout", "TooManyRequests", "ServiceUnavailable", "InternalError", "Unknown", "NotSent", "Unauthorized", "Auth",
]);
const TRANSIENT_FAILURES_MAX = 5;

/** Says in the status why the object is stuck, where waiting a little won't mend it. */
async function withStall(context: ActContext, key: ObjectKey, memory: Memory, outcome: Acted, acting?: Act): Promise<Acted> {
  const { failure, primary } = outcome;
  if (failure === undefined) return outcome;
  const transient = TRANSIENT.has(failure.reason) && !REFUSAL_REASONS.has(failure.reason);
  if (transient && memory.failures < TRANSIENT_FAILURES_MAX) return outcome;
  // The words of a transient failure differ each time; the condition must not.
  const stall = { reason: failure.reason, message: transient ? `passes keep failing: ${failure.reason}` : failure.message };
  const writing = acting ?? new Act(key, { primary } as Decided);
  try {
    return { ...outcome, stall, statusWritten: await writeStatus(context, writing, undefined, stall) };
  } catch {
    // The failure that matters is the first one: it is in the log, and the next pass tries to say it again.
    return { ...outcome, stall };
  }
}
