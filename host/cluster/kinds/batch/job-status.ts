/** What a Job's controller may say of it. */
import { OMITTED, type FieldErrors } from "../../api/field-errors.ts";
import type { Job, JobStatus } from "../generated/types.ts";
import { checkMetadataUpdate } from "../shared/checks.ts";
import { equal } from "../shared/equal.ts";
import { checkCounts } from "../shared/status-counts.ts";
import { countIndexes, overlapOf } from "./indexes.ts";
import { isIndexed } from "./job-spec.ts";

const CONDITIONS = ["Complete", "Failed", "FailureTarget", "SuccessCriteriaMet", "Suspended"] as const;
type State = { readonly [condition in typeof CONDITIONS[number]]: boolean } & { readonly finished: boolean };

function stateOf({ conditions = [] }: JobStatus): State {
  const is = Object.fromEntries(CONDITIONS.map((type) => [type, conditions.some((each) => each.type === type && each.status === "True")])) as State;
  return { ...is, finished: is.Complete || is.Failed };
}

/** A rule holds only for what this change is about. */
interface Change { readonly next: JobStatus; readonly old: JobStatus; readonly is: State; readonly was: State; readonly changed: ReadonlySet<string> }

export function checkJobStatus(next: Job, old: Job, errors: FieldErrors): void {
  checkMetadataUpdate(next.metadata, old.metadata, errors);
  const { status = {} } = next;
  const { status: before = {} } = old;
  const is = stateOf(status);
  const was = stateOf(before);
  const changed = new Set<string>([
    ...(Object.keys({ ...status, ...before }) as (keyof JobStatus)[]).filter((field) => !equal(status[field], before[field])),
    ...([...CONDITIONS, "finished"] as const).filter((condition) => is[condition] !== was[condition]),
  ]);
  const change = { next: status, old: before, is, was, changed };
  checkCounts(status, ["active", "succeeded", "failed", "ready", "terminating"], [], errors);
  checkUncounted(status, errors);
  checkCompletion(change, errors);
  checkFinished(next, change, errors);
  checkIndexes(next, change, errors);
  checkEnd(next, change, errors);
  checkTransition(next, change, errors);
}

function checkUncounted({ uncountedTerminatedPods: pods }: JobStatus, errors: FieldErrors): void {
  const seen = new Set<string>();
  for (const field of ["succeeded", "failed"] as const) {
    pods?.[field]?.forEach((uid, index) => {
      const path = `status.uncountedTerminatedPods.${field}[${index}]`;
      if (uid === "") errors.invalid(path, uid, "must not be empty");
      else if (seen.has(uid)) errors.duplicate(path, uid);
      else seen.add(uid);
    });
  }
}

const conditions = (errors: FieldErrors, why: string): void => errors.invalid("status.conditions", OMITTED, why);

function checkCompletion({ next, is, changed }: Change, errors: FieldErrors): void {
  const { completionTime, startTime } = next;
  const about = (...fields: string[]): boolean => fields.some((each) => changed.has(each));
  if (about("Complete", "Failed") && is.Complete && is.Failed) conditions(errors, "cannot set Complete=True and Failed=true conditions");
  if (about("Complete", "FailureTarget") && is.Complete && is.FailureTarget) conditions(errors, "cannot set Complete=True and FailureTarget=true conditions");
  if (about("Complete", "completionTime")) {
    if (completionTime !== undefined && !is.Complete) errors.invalid("status.completionTime", completionTime, "cannot set completionTime when there is no Complete=True condition");
    if (completionTime === undefined && is.Complete) errors.required("status.completionTime", "completionTime is required for Complete jobs");
  }
  if (about("startTime", "completionTime") && startTime !== undefined && completionTime !== undefined && completionTime < startTime) errors.invalid("status.completionTime", completionTime, "must be equal to or after `startTime`");
  if (about("Failed", "failedIndexes") && is.Failed && !is.FailureTarget) conditions(errors, "cannot set Failed=True condition without the FailureTarget=true condition");
  if (about("Complete", "SuccessCriteriaMet") && is.Complete && !is.SuccessCriteriaMet) conditions(errors, "cannot set Complete=True condition without the SuccessCriteriaMet=true condition");
}

function checkFinished({ spec = {} }: Job, { next, is, changed }: Change, errors: FieldErrors): void {
  const { active = 0, startTime, uncountedTerminatedPods: pods } = next;
  const about = (field: string): boolean => is.finished && (changed.has("finished") || changed.has(field));
  const nothingToDo = spec.suspend === true && spec.completions === 0;
  if (about("active") && active > 0) errors.invalid("status.active", active, "active>0 is invalid for finished job");
  if (about("startTime") && !nothingToDo && startTime === undefined) errors.required("status.startTime", "startTime is required for finished job");
  if (about("uncountedTerminatedPods") && (pods?.failed?.length ?? 0) + (pods?.succeeded?.length ?? 0) > 0) {
    errors.invalid("status.uncountedTerminatedPods", { Succeeded: pods?.succeeded ?? null, Failed: pods?.failed ?? null }, "must be empty for finished job");
  }
}

function checkIndexes({ spec = {} }: Job, { next, changed }: Change, errors: FieldErrors): void {
  const { completedIndexes = "", failedIndexes } = next;
  const { completions, backoffLimitPerIndex } = spec;
  const about = { completed: changed.has("completedIndexes"), failed: changed.has("failedIndexes") };
  const read = (field: string, text: string): void => {
    const found = completions === undefined ? 0 : countIndexes(text, completions);
    if (typeof found !== "number") errors.invalid(`status.${field}`, text, `error parsing ${field}: ${found.wrong}`);
  };
  if (about.completed) read("completedIndexes", completedIndexes);
  if (about.failed && backoffLimitPerIndex !== undefined && failedIndexes !== undefined) read("failedIndexes", failedIndexes);
  if (about.completed && completedIndexes !== "" && !isIndexed(spec)) errors.invalid("status.completedIndexes", completedIndexes, "cannot set non-empty completedIndexes when non-indexed completion mode");
  if (about.failed && backoffLimitPerIndex === undefined && failedIndexes !== undefined) errors.invalid("status.failedIndexes", failedIndexes, "cannot set non-null failedIndexes when backoffLimitPerIndex is null");
  const overlap = (about.failed || about.completed) && completions !== undefined && failedIndexes !== undefined ? overlapOf(completedIndexes, failedIndexes, completions) : undefined;
  if (overlap !== undefined) errors.invalid("status.failedIndexes", failedIndexes, overlap);
}

function checkEnd({ spec = {} }: Job, { next, is, changed }: Change, errors: FieldErrors): void {
  const { terminating = 0, ready, active = 0 } = next;
  if ((changed.has("finished") || changed.has("terminating")) && is.finished && terminating > 0) errors.invalid("status.terminating", terminating, "terminating>0 is invalid for finished job");
  if ((changed.has("ready") || changed.has("active")) && ready !== undefined && ready > active) errors.invalid("status.ready", ready, "cannot set more ready pods than active");
  if (is.SuccessCriteriaMet && is.Failed) conditions(errors, "cannot set SuccessCriteriaMet=True and Failed=true conditions");
  if (is.SuccessCriteriaMet && is.FailureTarget) conditions(errors, "cannot set SuccessCriteriaMet=True and FailureTarget=true conditions");
  if (spec.successPolicy !== undefined && !is.SuccessCriteriaMet && is.Complete) conditions(errors, "cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True");
}

function checkTransition({ spec = {} }: Job, { next, old, is, was, changed }: Change, errors: FieldErrors): void {
  for (const condition of ["Failed", "Complete", "FailureTarget"] as const) if (was[condition] && !is[condition]) conditions(errors, `cannot disable the terminal ${condition}=True condition`);
  const fewer = (field: "failed" | "succeeded"): boolean => (next[field] ?? 0) < (old[field] ?? 0);
  if (fewer("failed")) errors.invalid("status.failed", next.failed ?? 0, "cannot decrease the failed counter");
  if (fewer("succeeded") && (!isIndexed(spec) || spec.completions !== spec.parallelism)) errors.invalid("status.succeeded", next.succeeded ?? 0, "cannot decrease the succeeded counter");
  if (next.completionTime !== undefined && old.completionTime !== undefined && next.completionTime !== old.completionTime) errors.invalid("status.completionTime", next.completionTime, "field is immutable");
  const resumed = was.Suspended && (next.conditions?.some(({ type, status }) => type === "Suspended" && status === "False") ?? false);
  if (changed.has("startTime") && !resumed && old.startTime !== undefined && spec.suspend !== true) errors.invalid("status.startTime", next.startTime ?? null, "field is immutable for unsuspended job once set");
  if (was.SuccessCriteriaMet && !is.SuccessCriteriaMet) conditions(errors, "cannot disable the SuccessCriteriaMet=True condition");
  if (was.Complete && !was.SuccessCriteriaMet && is.SuccessCriteriaMet) conditions(errors, "cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions");
}
