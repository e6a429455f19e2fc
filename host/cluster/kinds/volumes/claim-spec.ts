/** The spec of a PersistentVolumeClaim: its own, and in the templates of Pods and StatefulSets. */
import type { FieldErrors } from "../../api/field-errors.ts";
import { dnsSubdomain, labelName, subdomainName } from "../../api/names.ts";
import { validateAnnotations, validateLabels } from "../../api/validate-metadata.ts";
import type { JsonObject, Metadata } from "../../model.ts";
import type { PersistentVolumeClaimSpec, PersistentVolumeClaimTemplate, TypedObjectReference } from "../generated/types.ts";
import { checkOneOf, checkRequired, complain } from "../shared/checks.ts";
import { checkLabelSelector } from "../shared/label-selector.ts";
import { nanos } from "../shared/quantity.ts";
import { checkAmount } from "../shared/resources.ts";

const ACCESS_MODES = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];
export const VOLUME_MODES = ["Block", "Filesystem"];

export interface ClaimRules { readonly anySelectorValues: boolean; readonly anyApiGroup: boolean }
export const FOR_NEW_CLAIM: ClaimRules = { anySelectorValues: false, anyApiGroup: false };

export function setClaimSpecDefaults(spec: PersistentVolumeClaimSpec): void {
  spec.volumeMode ??= "Filesystem";
}

export function checkAccessModes(modes: readonly string[], path: string, errors: FieldErrors): void {
  for (const mode of modes) checkOneOf(mode, ACCESS_MODES, path, errors);
  if (modes.includes("ReadWriteOncePod") && modes.some((mode) => mode !== "ReadWriteOncePod" && ACCESS_MODES.includes(mode))) {
    errors.forbidden(path, "may not use ReadWriteOncePod with other access modes");
  }
}

export function checkClaimSpec(spec: PersistentVolumeClaimSpec, rules: ClaimRules, path: string, errors: FieldErrors): void {
  const { accessModes = [], storageClassName = "", volumeAttributesClassName = "", dataSource, dataSourceRef } = spec;
  if (accessModes.length === 0) errors.required(`${path}.accessModes`, "at least 1 access mode is required");
  checkLabelSelector(spec.selector, `${path}.selector`, errors, rules.anySelectorValues);
  checkAccessModes(accessModes, `${path}.accessModes`, errors);
  checkStorage(spec.resources?.requests?.storage, `${path}.resources[storage]`, errors);
  if (storageClassName !== "") complain(errors, `${path}.storageClassName`, storageClassName, subdomainName(storageClassName, false));
  if (spec.volumeMode !== undefined) checkOneOf(spec.volumeMode, VOLUME_MODES, `${path}.volumeMode`, errors);
  if (dataSource !== undefined) checkDataSource(dataSource, `${path}.dataSource`, rules, errors);
  if (dataSourceRef !== undefined) {
    checkDataSource(dataSourceRef, `${path}.dataSourceRef`, rules, errors);
    const namespace = dataSourceRef.namespace ?? "";
    if (namespace !== "") complain(errors, `${path}.dataSourceRef.namespace`, namespace, labelName(namespace, false));
  }
  checkBothSources(spec, path, errors);
  if (volumeAttributesClassName !== "") complain(errors, `${path}.volumeAttributesClassName`, volumeAttributesClassName, subdomainName(volumeAttributesClassName, false));
}
function checkStorage(storage: string | undefined, path: string, errors: FieldErrors): void {
  if (storage === undefined) errors.required(path);
  else if (nanos(storage) <= 0n) errors.invalid(path, storage, "must be greater than zero");
  else checkAmount("storage", storage, path, errors);
}
function checkDataSource(source: TypedObjectReference, path: string, rules: ClaimRules, errors: FieldErrors): void {
  const { name, kind = "" } = source;
  const apiGroup = source.apiGroup ?? "";
  checkRequired(name, `${path}.name`, errors);
  checkRequired(kind, `${path}.kind`, errors);
  if (apiGroup === "" && kind !== "PersistentVolumeClaim") errors.invalid(path, kind, "must be 'PersistentVolumeClaim' when referencing the default apiGroup");
  if (apiGroup !== "" && !rules.anyApiGroup) complain(errors, `${path}.apiGroup`, apiGroup, dnsSubdomain(apiGroup));
}
function checkBothSources({ dataSource, dataSourceRef }: PersistentVolumeClaimSpec, path: string, errors: FieldErrors): void {
  if (dataSource === undefined || dataSourceRef === undefined) return;
  // The real server shows the path where it means the value; a path has nothing to show.
  const refused = (why: string): void => errors.invalid(path, {}, why);
  if ((dataSourceRef.namespace ?? "") !== "") refused("may not be specified when dataSourceRef.namespace is specified");
  else if ((dataSource.apiGroup ?? null) !== (dataSourceRef.apiGroup ?? null) || dataSource.kind !== dataSourceRef.kind || dataSource.name !== dataSourceRef.name) refused("must match dataSourceRef");
}

/** The order in which a template's forbidden metadata is told, under Go's names. */
const TEMPLATE_FIELDS: readonly (readonly [keyof Metadata | "selfLink", string])[] = [
  ["name", "name"], ["generateName", "generateName"], ["namespace", "namespace"], ["selfLink", "selfLink"], ["uid", "uID"], ["resourceVersion", "resourceVersion"],
  ["generation", "generation"], ["creationTimestamp", "creationTimestamp"], ["deletionTimestamp", "deletionTimestamp"], ["deletionGracePeriodSeconds", "deletionGracePeriodSeconds"],
  ["ownerReferences", "ownerReferences"], ["finalizers", "finalizers"], ["managedFields", "managedFields"],
];

export function checkClaimTemplate({ metadata, spec = {} }: Partial<PersistentVolumeClaimTemplate>, path: string, errors: FieldErrors): void {
  if (metadata?.annotations !== undefined) validateAnnotations(metadata.annotations, errors, `${path}.metadata.annotations`);
  if (metadata?.labels !== undefined) validateLabels(metadata.labels, errors, `${path}.metadata.labels`);
  for (const [field, shown] of TEMPLATE_FIELDS) {
    const value = (metadata as JsonObject | undefined)?.[field];
    if (value !== undefined && value !== null && value !== "") errors.forbidden(`${path}.metadata.${shown}`, "cannot be set");
  }
  checkClaimSpec(spec, FOR_NEW_CLAIM, `${path}.spec`, errors);
}
