/** Changes of a running Pod's resources: the subresource "resize". */
import type { FieldErrors } from "../../api/field-errors.ts";
import type { Container, Pod, PodSpec, ResourceRequirements } from "../generated/types.ts";
import { equal } from "../shared/equal.ts";
import type { ResourceList } from "../shared/resources.ts";
import { MIRROR } from "./annotations.ts";
import { qosClassOf } from "./qos.ts";
import { checkChangedPod } from "./update.ts";

const COMPUTE = ["cpu", "memory"];

export function checkResize(pod: Pod, old: Pod, errors: FieldErrors): void {
  const { spec = {} } = pod;
  const { spec: before = {} } = old;
  if (old.metadata.annotations?.[MIRROR] !== undefined) errors.forbidden("[]", "static pods cannot be resized");
  else if (before.os?.name === "windows") errors.forbidden("[]", "windows pods cannot be resized");
  else checkResizable(pod, spec, old, before, errors);
}
function checkResizable(pod: Pod, spec: PodSpec, old: Pod, before: PodSpec, errors: FieldErrors): void {
  const start = errors.count;
  checkChangedPod(pod, old, errors);
  if ((old.status?.qosClass ?? qosClassOf(before)) !== qosClassOf(spec)) errors.invalid("spec", pod.status?.qosClass ?? "", "Pod QOS Class may not change as a result of resizing");
  const running = old.status?.containerStatuses?.find(({ state }) => state?.running !== undefined);
  if (running !== undefined && running.resources === undefined) errors.forbidden("spec", "Pod running on node without support for resize");
  checkBudgetResize(spec.resources, before.resources, errors);
  if (!sameOrder(spec, before, errors)) return;
  for (const field of ["initContainers", "containers"] as const) {
    before[field]?.forEach(({ resources }, index) => {
      const at = `spec.${field}[${index}].resources`;
      const next = spec[field]![index]!.resources;
      if (isRemoved(next?.requests, resources?.requests)) errors.forbidden(`${at}.requests`, "resource requests cannot be removed");
      if (isRemoved(next?.limits, resources?.limits)) errors.forbidden(`${at}.limits`, "resource limits cannot be removed");
    });
  }
  spec.containers?.forEach((each, index) => {
    if (!equal(withoutCompute(each, before.containers![index]!), before.containers![index])) errors.forbidden("spec", "only cpu and memory resources are mutable");
  });
  spec.initContainers?.forEach((each, index) => checkInitContainer(each, before.initContainers![index]!, `spec.initContainers[${index}]`, errors));
  const others = equal(restOf(spec), restOf(before)) && (isSet(spec.resources) || isSet(before.resources) || equal(spec.resources, before.resources));
  if (errors.count === start && !others) errors.forbidden("spec", "only cpu and memory resources are mutable");
}
function restOf({ containers: _, initContainers: __, resources: ___, ...rest }: PodSpec): PodSpec {
  return rest;
}
function checkInitContainer(next: Container, old: Container, path: string, errors: FieldErrors): void {
  if (!equal(withoutCompute(next, old), old)) errors.forbidden(path, "only cpu and memory resources for init or sidecar containers are mutable");
  if (next.restartPolicy === "Always" || equal(next, old)) return;
  for (const { restartPolicy } of next.resizePolicy ?? []) {
    if (restartPolicy === "RestartContainer") errors.forbidden(path, "non-sidecar init containers with a resize policy of RestartContainer cannot be resized");
  }
}
function isSet(resources: ResourceRequirements | undefined): boolean {
  return [resources?.requests, resources?.limits].some((list) => Object.keys(list ?? {}).length > 0);
}
function checkBudgetResize(next: ResourceRequirements | undefined, old: ResourceRequirements | undefined, errors: FieldErrors): void {
  if (!isSet(next) && !isSet(old)) return;
  if (old !== undefined && next === undefined) {
    errors.forbidden("spec.resources", "pod-level resources cannot be removed");
    return;
  }
  if (isRemoved(next?.requests, old?.requests)) errors.forbidden("spec.resources.requests", "pod-level resource requests cannot be removed");
  if (isRemoved(next?.limits, old?.limits)) errors.forbidden("spec.resources.limits", "pod-level resource limits cannot be removed");
  if (!equal({ ...withOldCompute(next, old), claims: next?.claims }, { ...withOldCompute(old, old), claims: old?.claims })) errors.forbidden("spec", "only cpu and memory resources are mutable at pod-level");
}

function sameOrder(spec: PodSpec, before: PodSpec, errors: FieldErrors): boolean {
  const start = errors.count;
  for (const field of ["containers", "initContainers"] as const) {
    const next = spec[field] ?? [];
    const old = before[field] ?? [];
    if (next.length !== old.length) errors.forbidden(`spec.${field}`, `${field} may not be added or removed on resize`);
    else next.forEach(({ name }, index) => { if (name !== old[index]!.name) errors.forbidden(`spec.${field}[${index}].name`, `${field} may not be renamed or reordered on resize`); });
  }
  return errors.count === start;
}
function isRemoved(next: ResourceList = {}, old: ResourceList = {}): boolean {
  return Object.keys(old).some((name) => next[name] === undefined);
}

function withoutCompute(container: Container, old: Container): Container {
  return { ...container, resources: withOldCompute(container.resources, old.resources) };
}
/** Processors and memory as they were; claims, which can't be resized, are left out. */
function withOldCompute(next: ResourceRequirements = {}, old: ResourceRequirements = {}): ResourceRequirements {
  const list = (which: "requests" | "limits"): ResourceList | undefined => {
    if (next[which] === undefined && old[which] === undefined) return undefined;
    const kept = Object.entries(next[which] ?? {}).filter(([name]) => !COMPUTE.includes(name));
    const all = [...kept, ...Object.entries(old[which] ?? {}).filter(([name]) => COMPUTE.includes(name))];
    return all.length === 0 ? undefined : Object.fromEntries(all);
  };
  return { limits: list("limits"), requests: list("requests") };
}
