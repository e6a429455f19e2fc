/**
 * Says what a pass did: one line in the log that tells why, numbers, and an Event where something changed.
 */
import type { ObjectKey } from "./contracts.ts";
import type { Events } from "./events.ts";
import type { Done } from "./executor/act.ts";
import type { Log } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import type { Acted, Memory } from "./pass.ts";

export interface ReportTo {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly events: Events | undefined;
  readonly operator: string;
}

export function report(to: ReportTo, key: ObjectKey, outcome: Acted, memory: Memory | undefined, tookMs: number): void {
  const { operator } = to;
  const did = outcome.done.filter(({ result }) => result.outcome === "done");
  const verdict = verdictOf(outcome);
  const verdictBefore = memory?.verdict;
  const stallBefore = memory?.stall;
  if (memory !== undefined) {
    if (verdict !== undefined) memory.verdict = verdict;
    memory.stall = outcome.stall?.reason;
  }
  count(to, outcome, tookMs);
  const changed = verdict !== undefined && verdictBefore !== undefined && verdict !== verdictBefore;
  // Seen for the first time it may be old news, as after a restart: worth a line in this process's log, but no Event.
  const first = verdictBefore === undefined && warns(outcome);
  logLine(to, key, outcome, did, tookMs, did.length > 0 || outcome.statusWritten || changed || first);
  if (outcome.stall !== undefined && outcome.stall.reason !== stallBefore) {
    void to.events?.emit(outcome.primary, { type: "Warning", reason: outcome.stall.reason, action: "Reconcile", note: outcome.stall.message });
  } else if (did.length > 0 || changed || (outcome.statusWritten && first)) {
    void to.events?.emit(outcome.primary, { type: warns(outcome) ? "Warning" : "Normal", reason: eventReason(outcome, did), action: "Reconcile", note: note(outcome, did) });
  }
  if (outcome.failure !== undefined) to.metrics.add("controller_runtime_reconcile_errors_total", { controller: operator });
}

function count({ metrics, operator }: ReportTo, outcome: Acted, tookMs: number): void {
  const result = outcome.failure !== undefined ? "error" : outcome.requeueAfterMs !== undefined ? "requeue_after" : "success";
  metrics.add("controller_runtime_reconcile_total", { controller: operator, result });
  metrics.observe("controller_runtime_reconcile_time_seconds", { controller: operator }, tookMs / 1000);
  if (outcome.fuelUsed > 0) metrics.observe("toque_pass_fuel", { operator }, outcome.fuelUsed);
  if (outcome.failure !== undefined && outcome.decided === undefined) metrics.add("toque_core_failures_total", { operator, code: outcome.failure.reason });
}

function logLine({ log, operator }: ReportTo, key: ObjectKey, outcome: Acted, did: readonly Done[], tookMs: number, news: boolean): void {
  const { plan } = outcome.decided ?? {};
  const { failure } = outcome;
  log.write(failure !== undefined || (news && warns(outcome)) ? "warn" : news ? "info" : "debug", failure === undefined ? "pass" : "pass failed", {
    operator, object: key, verdict: plan?.verdict, reason: failure?.reason ?? (plan?.reason || undefined), message: failure?.message ?? (plan?.message || undefined),
    did: did.length === 0 ? undefined : did.map(words).join("; "), status: outcome.statusWritten ? "written" : undefined, tookMs: Math.round(tookMs * 10) / 10,
  });
}

function verdictOf({ decided }: Acted): string | undefined {
  return decided === undefined ? undefined : `${decided.plan.verdict} ${decided.plan.reason ?? ""}`;
}

function warns({ decided }: Acted): boolean {
  return decided?.plan.verdict === "blocked" || decided?.plan.verdict === "refused";
}

const REASON = /^[A-Za-z][A-Za-z0-9]{0,127}$/;

/** The author's own word where it is one: the first action's reason, else the verdict's. */
function eventReason({ decided }: Acted, did: readonly Done[]): string {
  const given = did[0]?.action.reason ?? decided?.plan.reason ?? "";
  if (REASON.test(given)) return given;
  const verdict = did.length > 0 ? "reconciled" : decided?.plan.verdict ?? "reconciled";
  return verdict[0]!.toUpperCase() + verdict.slice(1);
}

function note({ decided }: Acted, did: readonly Done[]): string {
  const message = decided?.plan.message ?? "";
  const actions = did.map(words).join("; ");
  return actions === "" ? message || decided?.plan.verdict || "" : message === "" ? actions : `${actions}: ${message}`;
}

/** "apply Deployment web (Scaled)". */
function words({ action, result: { action: subject } }: Done): string {
  const what = [subject.type, subject.kind, subject.name].filter((word) => word !== undefined).join(" ");
  return action.reason === "" ? what : `${what} (${action.reason})`;
}
