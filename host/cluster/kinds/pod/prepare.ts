/** What the server makes of a Pod before it looks whether it is right. */
import { rfc3339 } from "../../../values/time.ts";
import type { StrategyContext } from "../kind.ts";
import type { LabelSelector, Pod, PodAffinityTerm, PodSpec, PodStatus, VolumeMountStatus } from "../generated/types.ts";
import { equal } from "../shared/equal.ts";
import { APP_ARMOR } from "./annotations.ts";
import { everyContainer } from "./containers-of.ts";
import { qosClassOf } from "./qos.ts";

export function prepareNewPod(pod: Pod, context: StrategyContext): void {
  const { metadata, spec = {} } = pod;
  metadata.generation = 1;
  const status: PodStatus = { phase: "Pending", qosClass: qosClassOf(spec) };
  pod.status = status;
  dropSwitchedOff(spec, undefined);
  if ((spec.schedulingGates ?? []).length > 0) {
    const gated = { type: "PodScheduled", status: "False", lastTransitionTime: rfc3339(context.nowMs), reason: "SchedulingGated", message: "Scheduling is blocked due to non-empty scheduling gates" };
    status.conditions = [gated];
  }
  applyLabelKeys(spec, metadata.labels);
  useAppArmorFields(pod, context);
}

export function preparePodUpdate(pod: Pod, old: Pod): void {
  pod.status = old.status;
  dropSwitchedOff(pod.spec ?? {}, old.spec);
  bumpGeneration(pod, old);
}
function bumpGeneration(pod: Pod, old: Pod): void {
  if (!equal(pod.spec, old.spec)) pod.metadata.generation = (old.metadata.generation ?? 0) + 1;
}

export function preparePodStatus(pod: Pod, old: Pod): void {
  const { metadata } = pod;
  pod.spec = old.spec;
  delete metadata.deletionTimestamp;
  if (old.metadata.ownerReferences === undefined) delete metadata.ownerReferences;
  else metadata.ownerReferences = old.metadata.ownerReferences;
  const status = pod.status ??= {};
  if (status.qosClass === undefined && old.status?.qosClass !== undefined) status.qosClass = old.status.qosClass;
  keepObservedGenerations(status, old.status ?? {});
  dropSwitchedOffStatus(status, old.status ?? {});
}
function dropSwitchedOffStatus(status: PodStatus, old: PodStatus): void {
  if (old.nodeAllocatableResourceClaimStatuses === undefined) delete status.nodeAllocatableResourceClaimStatuses;
  const mounts = (each: PodStatus): VolumeMountStatus[] =>
    [each.containerStatuses, each.initContainerStatuses, each.ephemeralContainerStatuses].flatMap((list) => list ?? []).flatMap(({ volumeMounts }) => volumeMounts ?? []);
  if (mounts(old).some(({ volumeStatus }) => hasImage(volumeStatus))) return;
  for (const mount of mounts(status)) delete mount.volumeStatus;
}
function hasImage(status: VolumeMountStatus["volumeStatus"]): boolean {
  return status !== undefined && Object.keys(status).length > 0;
}
function keepObservedGenerations(status: PodStatus, old: PodStatus): void {
  if (status.observedGeneration === undefined && old.observedGeneration !== undefined) status.observedGeneration = old.observedGeneration;
  const known = [...old.conditions ?? []];
  for (const condition of status.conditions ?? []) {
    const index = known.findIndex(({ type }) => type === condition.type);
    if (index === -1) continue;
    const generation = known.splice(index, 1)[0]!.observedGeneration;
    if (condition.observedGeneration === undefined && generation !== undefined) condition.observedGeneration = generation;
  }
}

export function prepareEphemeralContainers(pod: Pod, old: Pod): void {
  const added = pod.spec?.ephemeralContainers;
  pod.spec = { ...old.spec };
  if (added === undefined) delete pod.spec.ephemeralContainers;
  else pod.spec.ephemeralContainers = added;
  keepAllElse(pod, old);
}
export function prepareResize(pod: Pod, old: Pod): void {
  const { spec = {} } = pod;
  const { spec: before = {} } = old;
  if (spec.containers?.length === before.containers?.length && (spec.initContainers?.length ?? 0) === (before.initContainers?.length ?? 0)) {
    const resources = spec.resources;
    const sized = { containers: resized(spec.containers, before.containers), initContainers: resized(spec.initContainers, before.initContainers) };
    pod.spec = { ...before, ...without(sized) };
    if (resources === undefined) delete pod.spec.resources;
    else pod.spec.resources = resources;
    keepAllElse(pod, old);
  } else {
    bumpGeneration(pod, old);
  }
}
function without(sized: { containers: Containers; initContainers: Containers }): Partial<PodSpec> {
  return Object.fromEntries(Object.entries(sized).filter(([, value]) => value !== undefined));
}
type Containers = PodSpec["containers"];
function resized(next: Containers, old: Containers): Containers {
  if (next === undefined || next === null || next.some(({ name }, index) => name !== old![index]!.name)) return next;
  return next.map(({ resources, resizePolicy }, index) => {
    const { resources: _, resizePolicy: __, ...kept } = old![index]!;
    return { ...kept, ...resources === undefined ? {} : { resources }, ...resizePolicy === undefined ? {} : { resizePolicy } };
  });
}
/** Neither metadata nor status are this subresource's. */
function keepAllElse(pod: Pod, old: Pod): void {
  pod.status = old.status;
  const { resourceVersion, uid, managedFields } = pod.metadata;
  pod.metadata = { ...old.metadata, ...resourceVersion === undefined ? {} : { resourceVersion }, ...uid === undefined ? {} : { uid }, ...managedFields === undefined ? {} : { managedFields } };
  if (resourceVersion === undefined) delete pod.metadata.resourceVersion;
  bumpGeneration(pod, old);
}

/** Fields that a cluster of this version knows, but has switched off. Those of an old object stay. */
export function dropSwitchedOff(spec: PodSpec, old: PodSpec | undefined): void {
  if (old?.schedulingGroup === undefined) delete spec.schedulingGroup;
  for (const field of ["clusterTrustBundle", "podCertificate"] as const) {
    if (old?.volumes?.some(({ projected }) => projected?.sources?.some((each) => each[field] !== undefined)) === true) continue;
    for (const { projected } of spec.volumes ?? []) for (const source of projected?.sources ?? []) delete source[field];
  }
  if (old !== undefined && [...everyContainer(old)].some(({ lifecycle }) => lifecycle?.stopSignal !== undefined)) return;
  for (const container of everyContainer(spec)) {
    const { lifecycle } = container;
    if (lifecycle?.stopSignal === undefined) continue;
    delete lifecycle.stopSignal;
    if (lifecycle.postStart === undefined && lifecycle.preStop === undefined) delete container.lifecycle;
  }
}

/** Keys of labels become expressions of the selector, with the Pod's own values. */
function applyLabelKeys({ affinity, topologySpreadConstraints }: PodSpec, labels: Readonly<Record<string, string>> = {}): void {
  for (const each of [affinity?.podAffinity, affinity?.podAntiAffinity]) {
    for (const { podAffinityTerm } of each?.preferredDuringSchedulingIgnoredDuringExecution ?? []) applyTermKeys(podAffinityTerm, labels);
    for (const term of each?.requiredDuringSchedulingIgnoredDuringExecution ?? []) applyTermKeys(term, labels);
  }
  for (const { labelSelector, matchLabelKeys } of topologySpreadConstraints ?? []) applyKeys(labelSelector, matchLabelKeys, "In", labels);
}
function applyTermKeys(term: PodAffinityTerm | undefined, labels: Readonly<Record<string, string>>): void {
  applyKeys(term?.labelSelector, term?.matchLabelKeys, "In", labels);
  applyKeys(term?.labelSelector, term?.mismatchLabelKeys, "NotIn", labels);
}
function applyKeys(selector: LabelSelector | undefined, keys: readonly string[] = [], operator: string, labels: Readonly<Record<string, string>>): void {
  if (selector === undefined) return;
  for (const key of keys) if (Object.hasOwn(labels, key)) (selector.matchExpressions ??= []).push({ key, operator, values: [labels[key]!] });
}

/** An old annotation becomes the field that took its place. */
function useAppArmorFields({ metadata: { annotations }, spec = {} }: Pod, context: StrategyContext): void {
  if (annotations === undefined || spec.os?.name === "windows") return;
  for (const container of everyContainer(spec)) {
    const key = `${APP_ARMOR}${container.name ?? ""}`;
    const annotation = annotations[key];
    if (annotation === undefined || container.securityContext?.appArmorProfile !== undefined) continue;
    const profile = profileOf(annotation);
    if (isProfile(annotation, spec.securityContext?.appArmorProfile)) continue;
    if (profile !== undefined) (container.securityContext ??= {}).appArmorProfile = profile;
    context.warn(`metadata.annotations[${key}]: deprecated since v1.30; use the "appArmorProfile" field instead`);
  }
}
export function isProfile(annotation: string, profile: object | undefined): boolean {
  return profile !== undefined && equal(profileOf(annotation), profile);
}
function profileOf(annotation: string): { type: string; localhostProfile?: string } | undefined {
  if (annotation === "unconfined") return { type: "Unconfined" };
  if (annotation === "runtime/default") return { type: "RuntimeDefault" };
  const local = annotation.startsWith("localhost/") ? annotation.slice("localhost/".length) : "";
  return local === "" || local.trim() !== local || local.length > 4095 ? undefined : { type: "Localhost", localhostProfile: local };
}
