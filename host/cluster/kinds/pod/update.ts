/** What of a Pod may change once it is there: little, and by the right subresource. */
import type { FieldErrors } from "../../api/field-errors.ts";
import { rangeComplaint } from "../../api/names.ts";
import type { Affinity, Container, NodeAffinity, NodeSelectorTerm, Pod, PodSchedulingGate, PodSpec, Toleration } from "../generated/types.ts";
import { checkMetadata, checkMetadataUpdate } from "../shared/checks.ts";
import { equal } from "../shared/equal.ts";
import { checkTolerations } from "./affinity.ts";
import { checkAnnotationsMatch, checkAnnotationUpdate, checkPodAnnotations, MIRROR } from "./annotations.ts";
import { checkImageSpace } from "./containers.ts";
import { FOR_NEW_POD, rulesForUpdate, type PodRules } from "./rules.ts";
import { checkPodSpec } from "./spec.ts";
import { trimmed } from "./security.ts";

export function checkNewPod(pod: Pod, errors: FieldErrors): void {
  const { metadata, spec = {} } = pod;
  checkWhole(pod, FOR_NEW_POD, errors);
  if (spec.ephemeralContainers !== undefined) errors.forbidden("spec.ephemeralContainers", "cannot be set on create");
  if ((spec.nodeName ?? "") !== "" && spec.schedulingGates !== undefined) errors.forbidden("spec.nodeName", "cannot be set until all schedulingGates have been cleared");
  checkAnnotationsMatch(metadata, spec, "spec", errors);
}

function checkWhole({ metadata, spec = {} }: Pod, rules: PodRules, errors: FieldErrors): void {
  checkMetadata(metadata, true, errors);
  checkPodAnnotations(metadata.annotations, spec, "metadata.annotations", rules, errors);
  checkPodSpec(spec, metadata, "spec", rules, errors);
  if ((spec.serviceAccountName ?? "") === "") {
    spec.volumes?.forEach(({ projected }, index) => projected?.sources?.forEach(({ serviceAccountToken }, at) => {
      if (serviceAccountToken !== undefined) errors.forbidden(`spec.volumes[${index}].projected.sources[${at}].serviceAccountToken`, "must not be specified when serviceAccountName is not set");
    }));
  }
  spec.containers?.forEach(({ image }, index) => checkImageSpace(image, `spec.containers[${index}]`, errors));
  spec.initContainers?.forEach(({ image }, index) => checkImageSpace(image, `spec.initContainers[${index}]`, errors));
}
/** What every kind of update begins with. Returns the rules that hold. */
export function checkChangedPod(pod: Pod, old: Pod, errors: FieldErrors): PodRules {
  const rules = rulesForUpdate(old.spec ?? {}, old.metadata, true);
  checkMetadataUpdate(pod.metadata, old.metadata, errors);
  checkWhole(pod, rules, errors);
  return rules;
}

export function checkPodUpdate(pod: Pod, old: Pod, errors: FieldErrors): void {
  const rules = checkChangedPod(pod, old, errors);
  checkAnnotationUpdate(pod.metadata.annotations, old.metadata.annotations, "metadata.annotations", errors);
  checkPodAnnotations(pod.metadata.annotations, pod.spec ?? {}, "metadata.annotations", rules, errors);
  const { spec = {} } = pod;
  const { spec: oldSpec = {} } = old;
  if (!sameNumber(spec.containers, oldSpec.containers, "spec.containers", errors)) return;
  if (!sameNumber(spec.initContainers, oldSpec.initContainers, "spec.initContainers", errors)) return;
  if (!checkDeadline(spec.activeDeadlineSeconds, oldSpec.activeDeadlineSeconds, errors)) return;
  checkAddedTolerations(spec.tolerations, oldSpec.tolerations, rules, errors);
  checkRemovedGates(spec.schedulingGates, oldSpec.schedulingGates, errors);
  if (equal(spec, oldSpec)) return;
  const rest = withoutChangeable(spec, oldSpec);
  if ((oldSpec.schedulingGates ?? []).length > 0) takeGatedChanges(rest, oldSpec, errors);
  if (!equal(rest, oldSpec)) errors.forbidden("spec", `pod updates may not change fields other than ${CHANGEABLE.join(",")}\n`);
}
const CHANGEABLE = [
  "`spec.containers[*].image`", "`spec.initContainers[*].image`", "`spec.activeDeadlineSeconds`", "`spec.tolerations` (only additions to existing tolerations)",
  "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
];

type Containers = Container[] | null | undefined;
function sameNumber(next: Containers, before: Containers, path: string, errors: FieldErrors): boolean {
  const containers = next ?? [];
  const old = before ?? [];
  if (containers.length !== old.length) {
    errors.forbidden(path, "pod updates may not add or remove containers");
    return false;
  }
  containers.forEach(({ image = "" }, index) => {
    if (image === "") errors.required(`${path}[${index}].image`);
    if (trimmed(image) !== image) errors.invalid(`${path}[${index}].image`, image, "must not have leading or trailing whitespace");
  });
  return true;
}
function checkDeadline(deadline: number | undefined, old: number | undefined, errors: FieldErrors): boolean {
  const path = "spec.activeDeadlineSeconds";
  if (deadline === undefined) {
    if (old !== undefined) errors.invalid(path, null, "must not update from a positive integer to nil value");
    return true;
  }
  if (deadline < 0 || deadline > 2_147_483_647) errors.invalid(path, deadline, rangeComplaint(0, 2_147_483_647));
  else if (old !== undefined && old < deadline) errors.invalid(path, deadline, "must be less than or equal to previous value");
  else return true;
  return false;
}
function checkAddedTolerations(tolerations: readonly Toleration[] = [], old: readonly Toleration[] = [], rules: PodRules, errors: FieldErrors): void {
  const kept = old.every((each) => tolerations.some((other) => equal({ ...each, tolerationSeconds: other.tolerationSeconds }, other)));
  if (!kept) errors.forbidden("spec.tolerations", "existing toleration can not be modified except its tolerationSeconds");
  else checkTolerations(tolerations, "spec.tolerations", rules, errors);
}
function checkRemovedGates(gates: readonly PodSchedulingGate[] = [], old: readonly PodSchedulingGate[] = [], errors: FieldErrors): void {
  const known = new Set(old.map(({ name }) => name));
  gates.forEach(({ name = "" }, index) => {
    if (!known.has(name) && gates.findLastIndex((each) => each.name === name) === index) {
      errors.forbidden(`spec.schedulingGates[${index}].name`, `only deletion is allowed, but found new scheduling gate '${name}'`);
    }
  });
}

/** The new spec with everything as it was that may change; so what still differs may not. */
function withoutChangeable(spec: PodSpec, old: PodSpec): PodSpec {
  const images = (containers: Containers, before: Containers): Container[] | undefined => containers?.map((each, index) => ({ ...each, image: before![index]!.image }));
  return {
    ...spec, containers: images(spec.containers, old.containers), initContainers: images(spec.initContainers, old.initContainers),
    activeDeadlineSeconds: old.activeDeadlineSeconds, schedulingGates: old.schedulingGates, tolerations: old.tolerations,
  };
}

/** A Pod that isn't yet to be scheduled may still be narrowed to fewer nodes. Takes what was allowed, or complained about, out of `rest`. */
function takeGatedChanges(rest: PodSpec, old: PodSpec, errors: FieldErrors): void {
  if (!equal(rest.nodeSelector, old.nodeSelector)) {
    const { nodeSelector: before = {} } = old;
    if (Object.keys(before).some((key) => rest.nodeSelector?.[key] !== before[key])) {
      errors.invalid("spec.nodeSelector", rest.nodeSelector ?? null, "only additions to spec.nodeSelector are allowed (no mutations or deletions)");
    }
    rest.nodeSelector = old.nodeSelector;
  }
  const before = old.affinity?.nodeAffinity;
  if (equal(rest.affinity?.nodeAffinity, before)) return;
  checkNarrowedAffinity(rest.affinity?.nodeAffinity, before, errors);
  const affinity: Affinity = { ...rest.affinity, nodeAffinity: before };
  rest.affinity = old.affinity === undefined && affinity.podAffinity === undefined && affinity.podAntiAffinity === undefined ? undefined : affinity;
}
function checkNarrowedAffinity(affinity: NodeAffinity | undefined, old: NodeAffinity | undefined, errors: FieldErrors): void {
  const before = old?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  if (before === undefined || before === null) return;
  const given = affinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? null;
  const terms = given ?? [];
  const path = "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms";
  if (before.length > 0 && before.length !== terms.length) {
    errors.invalid(path, given?.map(showTerm) ?? null, "no additions/deletions to non-empty NodeSelectorTerms list are allowed");
    return;
  }
  before.forEach((each, index) => {
    if (!onlyAdds(terms[index]!, each)) errors.invalid(`${path}[${index}]`, showTerm(terms[index]!), "only additions are allowed (no mutations or deletions)");
  });
}
function onlyAdds(term: NodeSelectorTerm, old: NodeSelectorTerm): boolean {
  if (old.matchExpressions === undefined && old.matchFields === undefined) return term.matchExpressions === undefined && term.matchFields === undefined;
  return (["matchExpressions", "matchFields"] as const).every((field) => equal((term[field] ?? []).slice(0, old[field]?.length ?? 0), old[field]));
}
function showTerm({ matchExpressions, matchFields }: NodeSelectorTerm): object {
  const show = (list: NodeSelectorTerm["matchFields"]): unknown => list?.map(({ key = "", operator = "", values = null }) => ({ Key: key, Operator: operator, Values: values })) ?? null;
  return { MatchExpressions: show(matchExpressions), MatchFields: show(matchFields) };
}

export function checkEphemeralContainersUpdate(pod: Pod, old: Pod, errors: FieldErrors): void {
  if (old.metadata.annotations?.[MIRROR] !== undefined) {
    errors.forbidden("[]", "static pods do not support ephemeral containers");
    return;
  }
  const rules = checkChangedPod(pod, old, errors);
  checkAnnotationUpdate(pod.metadata.annotations, old.metadata.annotations, "metadata.annotations", errors);
  checkPodAnnotations(pod.metadata.annotations, pod.spec ?? {}, "metadata.annotations", rules, errors);
  const now = new Map(pod.spec?.ephemeralContainers?.map((each) => [each.name, each]));
  for (const before of old.spec?.ephemeralContainers ?? []) {
    const { name = "" } = before;
    const after = now.get(name);
    if (after === undefined) errors.forbidden("spec.ephemeralContainers", `existing ephemeral containers ${JSON.stringify(name)} may not be removed\n`);
    else if (!equal(before, after)) errors.forbidden("spec.ephemeralContainers", `existing ephemeral containers ${JSON.stringify(name)} may not be changed\n`);
  }
}
