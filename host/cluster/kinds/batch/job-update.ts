/** What of a Job may change: how much of it, and more while it is suspended. */
import type { FieldErrors } from "../../api/field-errors.ts";
import type { Affinity, Container, Job, JobSpec, PodTemplateSpec } from "../generated/types.ts";
import { checkImmutable } from "../shared/checks.ts";
import { equal } from "../shared/equal.ts";
import { goForm } from "../shared/go-form.ts";
import { isIndexed } from "./job-spec.ts";

export function checkSpecChange(spec: JobSpec, old: Job, errors: FieldErrors): void {
  const before = old.spec ?? {};
  checkCompletions(spec, before, errors);
  checkImmutable(spec.selector, before.selector, "spec.selector", errors);
  checkTemplateChange(spec.template ?? {}, old, errors);
  checkImmutable(spec.completionMode, before.completionMode, "spec.completionMode", errors);
  for (const field of ["podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy"] as const) {
    if (!equal(spec[field], before[field])) errors.invalid(`spec.${field}`, typeof spec[field] === "object" ? goForm(spec[field], TYPES[field]!) : spec[field] ?? null, "field is immutable");
  }
}
const TYPES: { readonly [field: string]: string } = { podFailurePolicy: "PodFailurePolicy", successPolicy: "SuccessPolicy" };

function checkCompletions(spec: JobSpec, old: JobSpec, errors: FieldErrors): void {
  if (!isIndexed(spec)) checkImmutable(spec.completions, old.completions, "spec.completions", errors);
  else if (spec.completions !== undefined && spec.completions !== old.completions && spec.completions !== spec.parallelism) {
    errors.invalid("spec.completions", spec.completions, "can only be modified in tandem with spec.parallelism");
  }
}

/** Before its Pods are made, where they may run and what they need can still be decided. */
function checkTemplateChange(template: PodTemplateSpec, { spec: before = {}, status = {} }: Job, errors: FieldErrors): void {
  const old = before.template ?? {};
  const suspended = before.suspend === true;
  const stopped = status.startTime === undefined || (status.conditions?.some(({ type, status: state }) => type === "Suspended" && state === "True") ?? false);
  if (!suspended || !stopped || (status.active ?? 0) !== 0) {
    const directed = { ...old };
    if (!equal(template, directed)) errors.invalid("spec.template", goForm(template, "PodTemplateSpec"), "field is immutable");
    return;
  }
  const spec = template.spec ?? {};
  const allowed = withDirectives(old, template).spec ?? {};
  const munged = { ...allowed, ...withResources("containers", allowed.containers, spec.containers), ...withResources("initContainers", allowed.initContainers, spec.initContainers) };
  if (!equal(spec, munged)) errors.invalid("spec.template.spec", goForm(spec, "PodSpec"), "field is immutable");
}

function withDirectives(old: PodTemplateSpec, next: PodTemplateSpec): PodTemplateSpec {
  const { nodeSelector, tolerations, schedulingGates } = next.spec ?? {};
  return { ...old, spec: { ...old.spec, affinity: affinityOf(old.spec?.affinity, next.spec?.affinity), nodeSelector, tolerations, schedulingGates } } as PodTemplateSpec;
}
function affinityOf(old: Affinity | undefined, next: Affinity | undefined): Affinity | undefined {
  if (old === undefined && next === undefined) return undefined;
  const { nodeAffinity: _, ...others } = old ?? {};
  if (next === undefined && Object.keys(others).length === 0) return undefined;
  return next?.nodeAffinity === undefined ? others : { ...others, nodeAffinity: next.nodeAffinity };
}
function withResources(field: string, old: readonly Container[] | null | undefined, next: readonly Container[] | null | undefined): { [field: string]: Container[] } {
  if (old === undefined || old === null || next === undefined || next === null || old.length !== next.length) return {};
  return { [field]: old.map((each, index) => (each.name === next[index]!.name ? { ...each, resources: next[index]!.resources } as Container : each)) };
}
