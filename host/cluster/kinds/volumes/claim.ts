/** PersistentVolumeClaims. */
import { FieldErrors } from "../../api/field-errors.ts";
import { kindRules } from "../define.ts";
import type { StrategyContext } from "../kind.ts";
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from "../generated/types.ts";
import { roundBoth, roundList } from "../pod/defaults.ts";
import { checkImmutable, checkMetadata, checkMetadataUpdate, complain } from "../shared/checks.ts";
import { equal } from "../shared/equal.ts";
import { checkLabelSelector } from "../shared/label-selector.ts";
import { compareQuantities, isWhole, wholeUnits } from "../shared/quantity.ts";
import { checkAmount, isNative } from "../shared/resources.ts";
import { checkClaimSpec, FOR_NEW_CLAIM, setClaimSpecDefaults, type ClaimRules } from "./claim-spec.ts";
import { labelKey } from "../../api/names.ts";

const CLASS_ANNOTATION = "volume.beta.kubernetes.io/storage-class";
const RESIZE_STATES = ["ControllerResizeInProgress", "ControllerResizeInfeasible", "NodeResizeInProgress", "NodeResizeInfeasible", "NodeResizePending"].sort();

export const persistentVolumeClaim = kindRules<PersistentVolumeClaim>(["", "v1", "PersistentVolumeClaim"], {
  defaults: setClaimDefaults,
  create(claim) {
    claim.status = { phase: "Pending" };
    claim.spec = prepared(claim.spec ?? {}, undefined);
  },
  update(next, old) {
    next.status = old.status;
    next.spec = prepared(next.spec ?? {}, old.spec);
  },
  validate(claim, errors) { checkClaim(claim, FOR_NEW_CLAIM, errors); },
  validateUpdate(next, old, errors) {
    checkMetadataUpdate(next.metadata, old.metadata, errors);
    checkClaim(next, rulesFor(old), errors);
    checkChange(next, old, errors);
  },
  warn,
  subresources: { status: { update(next, old) { next.spec = old.spec; }, validate: checkStatus } },
});

export function setClaimDefaults(claim: PersistentVolumeClaim): void {
  const { spec, status } = { spec: claim.spec ??= {}, status: claim.status ??= {} };
  status.phase ??= "Pending";
  setClaimSpecDefaults(spec);
  roundBoth(spec.resources);
  roundList(status.capacity);
  roundList(status.allocatedResources);
}

/** A source is told in two fields: the older one holds claims and snapshots alone. */
function prepared(spec: PersistentVolumeClaimSpec, old: PersistentVolumeClaimSpec | undefined): PersistentVolumeClaimSpec {
  const next = { ...spec };
  if ((next.dataSourceRef?.namespace ?? "") !== "" && old?.dataSourceRef === undefined) delete next.dataSourceRef;
  if (old?.dataSource === undefined && old?.dataSourceRef === undefined && next.dataSourceRef === undefined && !isPlainSource(next)) delete next.dataSource;
  return withBothSources(next);
}
function isPlainSource({ dataSource }: PersistentVolumeClaimSpec): boolean {
  const group = dataSource?.apiGroup ?? "";
  return (dataSource?.kind === "PersistentVolumeClaim" && group === "") || (dataSource?.kind === "VolumeSnapshot" && group === "snapshot.storage.k8s.io");
}
function withBothSources(spec: PersistentVolumeClaimSpec): PersistentVolumeClaimSpec {
  const { dataSource, dataSourceRef } = spec;
  if (dataSource !== undefined && dataSourceRef === undefined) return { ...spec, dataSourceRef: { ...dataSource } };
  if (dataSourceRef === undefined || dataSource !== undefined || (dataSourceRef.namespace ?? "") !== "") return spec;
  const { namespace: _, ...plain } = dataSourceRef;
  return { ...spec, dataSource: plain };
}

function rulesFor({ spec = {} }: PersistentVolumeClaim): ClaimRules {
  return {
    anySelectorValues: !checkLabelSelector(spec.selector, "", new FieldErrors()),
    anyApiGroup: (spec.dataSource?.apiGroup ?? spec.dataSourceRef?.apiGroup ?? null) !== null,
  };
}
function checkClaim({ metadata, spec = {} }: PersistentVolumeClaim, rules: ClaimRules, errors: FieldErrors): void {
  checkMetadata(metadata, true, errors);
  checkClaimSpec(spec, rules, "spec", errors);
}

const sizeOf = ({ resources }: PersistentVolumeClaimSpec): string => resources?.requests?.storage ?? "0";

/** A claim's size may grow when it is bound; its class may come to be, its volume may be named. */
function checkChange(next: PersistentVolumeClaim, old: PersistentVolumeClaim, errors: FieldErrors): void {
  const spec = next.spec ?? {};
  const before = withBothSources(old.spec ?? {});
  const munged: PersistentVolumeClaimSpec = { ...spec };
  const original: PersistentVolumeClaimSpec = (before.volumeName ?? "") === "" ? { ...before, volumeName: spec.volumeName } : before;
  const annotation = old.metadata.annotations?.[CLASS_ANNOTATION];
  const newAnnotation = next.metadata.annotations?.[CLASS_ANNOTATION];
  const named = before.storageClassName === undefined && spec.storageClassName !== undefined;
  if (annotation !== undefined && named && spec.storageClassName === annotation && (newAnnotation ?? annotation) === annotation) {
    delete munged.storageClassName;
  } else {
    if ((newAnnotation ?? "") !== (annotation ?? "")) errors.invalid(`metadata.annotations.${CLASS_ANNOTATION}`, newAnnotation ?? "", "field is immutable");
    if (named && (annotation === undefined || spec.storageClassName === annotation)) munged.storageClassName = before.storageClassName;
  }
  if (next.status?.phase === "Bound") {
    if (munged.resources?.requests !== undefined) munged.resources = { ...munged.resources, requests: { ...munged.resources.requests, storage: sizeOf(before) } };
    munged.volumeAttributesClassName = before.volumeAttributesClassName;
  }
  if (!equal(munged, original)) errors.forbidden("spec", "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n");
  if (compareQuantities(sizeOf(spec), sizeOf(before)) < 0 && compareQuantities(sizeOf(spec), old.status?.capacity?.storage ?? "0") <= 0) {
    errors.forbidden("spec.resources.requests.storage", "field can not be less than status.capacity");
  }
  checkImmutable(spec.volumeMode, before.volumeMode, "volumeMode", errors);
  checkAttributesClass(spec.volumeAttributesClassName, before.volumeAttributesClassName, old, errors);
}
function checkAttributesClass(name: string | undefined, before: string | undefined, { status }: PersistentVolumeClaim, errors: FieldErrors): void {
  if (name === before || status?.currentVolumeAttributesClassName === undefined) return;
  const why = "is forbidden when status.currentVolumeAttributesClassName is not nil";
  if (name === undefined) errors.forbidden("spec.volumeAttributesClassName", `update to nil ${why}`);
  else if (name === "") errors.forbidden("spec.volumeAttributesClassName", `update to empty string ${why}`);
}

function checkStatus(next: PersistentVolumeClaim, old: PersistentVolumeClaim, errors: FieldErrors): void {
  checkMetadataUpdate(next.metadata, old.metadata, errors);
  const { capacity = {}, allocatedResourceStatuses = {}, allocatedResources = {} } = next.status ?? {};
  if ((next.spec?.accessModes ?? []).length === 0) errors.required("Spec.accessModes");
  for (const name in capacity) checkValid(capacity[name]!, `status.capacity[${name}]`, errors);
  for (const name in allocatedResourceStatuses) {
    checkClaimResource(name, "status.allocatedResourceStatuses", errors);
    if (!RESIZE_STATES.includes(allocatedResourceStatuses[name]!)) errors.notSupported("status.allocatedResourceStatuses", name, RESIZE_STATES);
  }
  for (const name in allocatedResources) {
    if (!checkClaimResource(name, "status.allocatedResources", errors)) continue;
    const at = `status.allocatedResources[${name}]`;
    if (checkValid(allocatedResources[name]!, at, errors)) checkAmount("storage", allocatedResources[name]!, at, errors);
  }
}
export function checkValid(amount: string, path: string, errors: FieldErrors): boolean {
  const units = wholeUnits(amount);
  if (units >= 0n) return true;
  errors.invalid(path, units, "must be a valid resource quantity");
  return false;
}
function checkClaimResource(name: string, path: string, errors: FieldErrors): boolean {
  const complaints = labelKey(name);
  complain(errors, path, name, complaints);
  if (complaints.length > 0) return false;
  if (!isNative(name) || name === "storage") return true;
  errors.notSupported(path, name, ["storage"]);
  return false;
}

function warn({ metadata, spec = {} }: PersistentVolumeClaim, _: PersistentVolumeClaim | undefined, context: StrategyContext): void {
  if (metadata.annotations?.[CLASS_ANNOTATION] !== undefined) context.warn(`metadata.annotations[${CLASS_ANNOTATION}]: deprecated since v1.8; use "storageClassName" attribute instead`);
  warnOfClaimSpec(spec, "spec", context);
}
export function warnOfClaimSpec({ resources }: PersistentVolumeClaimSpec, path: string, context: StrategyContext): void {
  for (const list of ["requests", "limits"] as const) {
    const amount = resources?.[list]?.storage;
    if (amount !== undefined && !isWhole(amount)) context.warn(`${path}.resources.${list}[storage]: fractional byte value ${JSON.stringify(amount)} is invalid, must be an integer`);
  }
}
