/**
 * The rules of `metadata`, the same for every kind. A strategy calls them where the real one does: its own `validate` begins
 * with `validateMetadata` under the kind's name rule, its `validateUpdate` mostly with `validateMetadataUpdate`.
 *
 * The machinery calls them too. On create, only when the strategy found nothing: `validateMetadata(..., pathSegment)`. On
 * update, before `validateUpdate`: `validateMetadata(..., pathSegment)` and `validateMetadataUpdate`. So the real server
 * tells some complaints twice, and so does this one.
 */
import type { ManagedFieldsEntry, Metadata, OwnerReference } from "../model.ts";
import type { FieldErrors } from "./field-errors.ts";
import { byteLength, labelKey, labelName, labelValue, longerThan, type NameRule } from "./names.ts";

const ANNOTATIONS_BYTES_MAX = 262_144;
const MANAGER_BYTES_MAX = 128;
const SUBRESOURCE_BYTES_MAX = 256;

export function validateMetadata(metadata: Metadata, namespaced: boolean, rule: NameRule, errors: FieldErrors, path = "metadata"): void {
  const { name, generateName, namespace } = metadata;
  if (generateName !== undefined && generateName !== "") {
    for (const complaint of rule(generateName, true)) errors.invalid(`${path}.generateName`, generateName, complaint);
  }
  if (name === undefined || name === "") errors.required(`${path}.name`, "name or generateName is required");
  else for (const complaint of rule(name, false)) errors.invalid(`${path}.name`, name, complaint);
  if (!namespaced) {
    if (namespace !== undefined && namespace !== "") errors.forbidden(`${path}.namespace`, "not allowed on this type");
  } else if (namespace === undefined || namespace === "") {
    errors.required(`${path}.namespace`);
  } else {
    for (const complaint of labelName(namespace, false)) errors.invalid(`${path}.namespace`, namespace, complaint);
  }
  if (metadata.generation !== undefined && metadata.generation < 0) errors.invalid(`${path}.generation`, metadata.generation, "must be greater than or equal to 0");
  validateShared(metadata, errors, path, true);
}

export function validateMetadataUpdate(next: Metadata, old: Metadata, errors: FieldErrors, path = "metadata"): void {
  if (old.deletionTimestamp !== undefined) validateNoNewFinalizers(next.finalizers ?? [], old.finalizers ?? [], errors, `${path}.finalizers`);
  if (next.resourceVersion === undefined || next.resourceVersion === "") errors.invalid(`${path}.resourceVersion`, "", "must be specified for an update");
  if ((next.generation ?? 0) < (old.generation ?? 0)) errors.invalid(`${path}.generation`, next.generation ?? 0, "must not be decremented");
  for (const field of ["name", "namespace", "uid"] as const) {
    if ((next[field] ?? "") !== (old[field] ?? "")) errors.invalid(`${path}.${field}`, next[field] ?? "", "field is immutable");
  }
  for (const field of ["creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"] as const) {
    if (next[field] !== old[field]) errors.invalid(`${path}.${field}`, next[field] ?? null, "field is immutable");
  }
  validateShared(next, errors, path, false);
}

function validateShared(metadata: Metadata, errors: FieldErrors, path: string, withFinalizers: boolean): void {
  if (metadata.labels !== undefined) validateLabels(metadata.labels, errors, `${path}.labels`);
  if (metadata.annotations !== undefined) validateAnnotations(metadata.annotations, errors, `${path}.annotations`);
  if (metadata.ownerReferences !== undefined) validateOwnerReferences(metadata.ownerReferences, errors, `${path}.ownerReferences`);
  if (withFinalizers && metadata.finalizers !== undefined) validateFinalizers(metadata.finalizers, errors, `${path}.finalizers`);
  if (metadata.managedFields !== undefined) validateManagedFields(metadata.managedFields, errors, `${path}.managedFields`);
}

/** All complaints bear the path of the map, with the key or the value as the value that is wrong. */
export function validateLabels(labels: Readonly<Record<string, string>>, errors: FieldErrors, path: string): void {
  for (const key in labels) {
    for (const complaint of labelKey(key)) errors.invalid(path, key, complaint);
    for (const complaint of labelValue(labels[key]!)) errors.invalid(path, labels[key]!, complaint);
  }
}
export function validateAnnotations(annotations: Readonly<Record<string, string>>, errors: FieldErrors, path: string): void {
  let bytes = 0;
  for (const key in annotations) {
    for (const complaint of labelKey(key.toLowerCase())) errors.invalid(path, key, complaint);
    bytes += key.length + annotations[key]!.length;
  }
  if (bytes * 3 <= ANNOTATIONS_BYTES_MAX) return;
  let exact = 0;
  for (const key in annotations) exact += byteLength(key) + byteLength(annotations[key]!);
  if (exact > ANNOTATIONS_BYTES_MAX) errors.tooLong(path, ANNOTATIONS_BYTES_MAX);
}

function validateOwnerReferences(references: readonly OwnerReference[], errors: FieldErrors, path: string): void {
  let controller: string | undefined;
  for (const each of references) {
    // "group/" has no version, "/" and more slashes are no group and version at all.
    const parts = (each.apiVersion ?? "").split("/");
    const version = parts.length > 2 ? "" : parts[parts.length - 1];
    if (version === "") errors.invalid(`${path}.apiVersion`, each.apiVersion ?? "", "version must not be empty");
    for (const field of ["kind", "name", "uid"] as const) {
      if ((each[field] ?? "") === "") errors.invalid(`${path}.${field}`, "", "must not be empty");
    }
    if (each.apiVersion === "v1" && each.kind === "Event") errors.invalid(path, each, "/v1, Kind=Event is disallowed from being an owner");
    if (each.controller !== true) continue;
    const own = `${each.kind}/${each.name}`;
    if (controller === undefined) controller = own;
    else errors.invalid(path, references, `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${own}`);
  }
}

function validateFinalizers(finalizers: readonly string[], errors: FieldErrors, path: string): void {
  for (const each of finalizers) validateFinalizerName(each, errors, path);
  if (finalizers.includes("orphan") && finalizers.includes("foregroundDeletion")) {
    errors.invalid(path, finalizers, "finalizer foregroundDeletion and orphan cannot be both set");
  }
}
export function validateFinalizerName(name: string, errors: FieldErrors, path: string): void {
  for (const complaint of labelKey(name)) errors.invalid(path, name, complaint);
}
function validateNoNewFinalizers(next: readonly string[], old: readonly string[], errors: FieldErrors, path: string): void {
  const extra = [...new Set(next)].filter((each) => !old.includes(each)).sort();
  if (extra.length === 0) return;
  const shown = extra.map((each) => JSON.stringify(each)).join(", ");
  errors.forbidden(path, `no new finalizers can be added if the object is being deleted, found new finalizers []string{${shown}}`);
}

function validateManagedFields(entries: readonly ManagedFieldsEntry[], errors: FieldErrors, path: string): void {
  entries.forEach((entry, index) => {
    const at = `${path}[${index}]`;
    if (entry.operation !== "Apply" && entry.operation !== "Update") errors.invalid(`${at}.operation`, entry.operation ?? "", "must be `Apply` or `Update`");
    const fieldsType: string = entry.fieldsType ?? "";
    if (fieldsType !== "" && fieldsType !== "FieldsV1") errors.invalid(`${at}.fieldsType`, fieldsType, "must be `FieldsV1`");
    validateManager(entry.manager ?? "", errors, `${at}.manager`);
    if (longerThan(entry.subresource ?? "", SUBRESOURCE_BYTES_MAX)) errors.tooLong(`${at}.subresource`, SUBRESOURCE_BYTES_MAX);
  });
}

/** Of managedFields and of the query parameter `fieldManager`. */
export function validateManager(manager: string, errors: FieldErrors, path: string): void {
  if (longerThan(manager, MANAGER_BYTES_MAX)) errors.tooLong(path, MANAGER_BYTES_MAX);
  let position = 0;
  for (const character of manager) {
    // Go's unicode.IsPrint: letters, marks, numbers, punctuation, symbols, and the ASCII space alone.
    if (!/[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(character)) {
      const code = character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0");
      errors.invalid(path, manager, `invalid character U+${code} (at position ${position})`);
    }
    position += byteLength(character);
  }
}
