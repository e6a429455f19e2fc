/** What keeps Pods running, and what limits it. */
import type { ControllerRevision, CronJob, DaemonSet, Deployment, Job, PodDisruptionBudget, PodTemplate, ReplicaSet, ReplicationController, StatefulSet } from "../generated/types.ts";
import { humanDuration } from "../../../values/duration.ts";
import { groupVersionOf } from "../../model.ts";
import { isEvaluable } from "../shared/label-selector.ts";
import { age, labelsText, millisecondsOf, named, orNone, row, selectorCell, since, templateCells, textOf, type AnyRow } from "./cells.ts";

/** Deployments alone say nothing of a selector that selects all. */
function deploymentSelector(selector: NonNullable<Deployment["spec"]>["selector"]): string {
  if (selector === undefined || selector === null) return "";
  return isEvaluable(selector) ? textOf(selector) : "<invalid>";
}

function completions({ spec = {}, status = {} }: Job): string {
  const { completions, parallelism = 0 } = spec;
  const succeeded = status.succeeded ?? 0;
  if (completions !== undefined) return `${succeeded}/${completions}`;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}
function duration({ status = {} }: Job, nowMs: number): string {
  const from = millisecondsOf(status.startTime);
  return from === undefined ? "" : humanDuration((millisecondsOf(status.completionTime) ?? nowMs) - from);
}
function jobStatus({ metadata, status }: Job): string {
  const is = (type: string): boolean => status?.conditions?.find((each) => each.type === type)?.status === "True";
  if (is("Complete")) return "Complete";
  if (is("Failed")) return "Failed";
  if (metadata.deletionTimestamp !== undefined) return "Terminating";
  return ["Suspended", "FailureTarget", "SuccessCriteriaMet"].find(is) ?? "Running";
}

function controllerOf({ metadata }: ControllerRevision): string {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
  if (owner === undefined) return "<none>";
  const [group] = groupVersionOf(owner.apiVersion);
  return `${`${owner.kind}${group === "" ? "" : `.${group}`}`.toLowerCase()}/${owner.name}`;
}

const limit = (value: number | string | undefined): string => (value === undefined ? "N/A" : String(value));

/** By "Kind.group". */
export const WORKLOAD_ROWS: { readonly [kind: string]: AnyRow } = {
  PodTemplate: row<PodTemplate>(({ metadata, template }) => [metadata.name, ...templateCells(template), labelsText(template?.metadata?.labels)]),
  ReplicationController: row<ReplicationController>((controller, nowMs) => {
    const { metadata, spec = {}, status = {} } = controller;
    return [metadata.name, spec.replicas ?? 0, status.replicas ?? 0, status.readyReplicas ?? 0, age(controller, nowMs), ...templateCells(spec.template), labelsText(spec.selector)];
  }),
  "ReplicaSet.apps": row<ReplicaSet>((set, nowMs) => {
    const { metadata, spec = {}, status = {} } = set;
    return [metadata.name, spec.replicas ?? 0, status.replicas ?? 0, status.readyReplicas ?? 0, age(set, nowMs), ...templateCells(spec.template), selectorCell(spec.selector)];
  }),
  "Deployment.apps": row<Deployment>((deployment, nowMs) => {
    const { metadata, spec = {}, status = {} } = deployment;
    return [
      metadata.name, `${status.readyReplicas ?? 0}/${spec.replicas ?? 0}`, status.updatedReplicas ?? 0, status.availableReplicas ?? 0, age(deployment, nowMs),
      ...templateCells(spec.template), deploymentSelector(spec.selector),
    ];
  }),
  "StatefulSet.apps": row<StatefulSet>((set, nowMs) => [set.metadata.name, `${set.status?.readyReplicas ?? 0}/${set.spec?.replicas ?? 0}`, age(set, nowMs), ...templateCells(set.spec?.template)]),
  "DaemonSet.apps": row<DaemonSet>((set, nowMs) => {
    const { metadata, spec = {}, status = {} } = set;
    return [
      metadata.name, status.desiredNumberScheduled ?? 0, status.currentNumberScheduled ?? 0, status.numberReady ?? 0, status.updatedNumberScheduled ?? 0, status.numberAvailable ?? 0,
      labelsText(spec.template?.spec?.nodeSelector), age(set, nowMs), ...templateCells(spec.template), selectorCell(spec.selector),
    ];
  }),
  "ControllerRevision.apps": named<ControllerRevision>((revision) => [controllerOf(revision), revision.revision ?? 0]),
  "Job.batch": row<Job>((job, nowMs) => [job.metadata.name, jobStatus(job), completions(job), duration(job, nowMs), age(job, nowMs), ...templateCells(job.spec?.template), selectorCell(job.spec?.selector)]),
  "CronJob.batch": row<CronJob>((cronJob, nowMs) => {
    const { metadata, spec = {}, status = {} } = cronJob;
    const job = spec.jobTemplate?.spec;
    return [
      metadata.name, spec.schedule ?? "", spec.timeZone ?? "<none>", shownSuspension(spec.suspend), (status.active ?? []).length,
      status.lastScheduleTime === undefined ? "<none>" : since(status.lastScheduleTime, nowMs), age(cronJob, nowMs), ...templateCells(job?.template), selectorCell(job?.selector),
    ];
  }),
  "PodDisruptionBudget.policy": named<PodDisruptionBudget>(({ spec = {}, status = {} }) => [limit(spec.minAvailable), limit(spec.maxUnavailable), status.disruptionsAllowed ?? 0]),
};

/** The column is a boolean, its cells are text. */
function shownSuspension(suspend: boolean | undefined): string {
  return orNone(suspend === undefined ? undefined : suspend ? "True" : "False", "<unset>");
}
