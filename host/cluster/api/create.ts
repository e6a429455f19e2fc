/**
 * Writing an object that was not there.
 */
import type { Kind } from "../kinds/kind.ts";
import type { ClusterObject } from "../model.ts";
import type { Stored } from "../storage/storage.ts";
import type { AdmissionRequest } from "./machinery.ts";
import { FieldErrors } from "./field-errors.ts";
import { dedupOwnerReferences, ensureNamespace, generatedName, inOrder, uuid, wipeSystemFields } from "./metadata.ts";
import { pathSegment } from "./names.ts";
import type { Scope } from "./scope.ts";
import { alreadyExists, StatusError } from "./status-error.ts";
import { validateMetadata } from "./validate-metadata.ts";

/** How often another name is made up when the one made up is taken. */
const NAME_ATTEMPTS = 8;

/** What became of a write. */
export interface Written {
  /** In the stored version. Of a dry run, what would have been written. */
  readonly object: ClusterObject;
  /** Undefined for a dry run, and for an object that the write deleted. */
  readonly stored: Stored | undefined;
  readonly created: boolean;
}

/** `object` is the request's own copy, in the version of the request, with its defaults. */
export function createObject(scope: Scope, object: ClusterObject): Written {
  const { kernel, kind } = scope;
  wipeSystemFields(object.metadata);
  ensureNamespace(object.metadata, scope.namespace);
  dedupOwnerReferences(object, scope, false);
  setManagedFields(scope, undefined, object);
  kernel.admission.mutate(admissionOf(scope, object, undefined), scope.context);
  dedupOwnerReferences(object, scope, true);
  if (!kind.namespaced) delete object.metadata.namespace;
  return insert(scope, scope.toStorage(object), { byUpdate: false });
}

/** `kind`: that of the two objects, where a subresource has another. */
export function setManagedFields(scope: Scope, live: ClusterObject | undefined, next: ClusterObject, kind: Kind = scope.kind): void {
  const { kernel: { merging }, manager, subresource, now } = scope;
  const managed = merging.updated(live, next, { kind, manager, subresource, now });
  if (managed === undefined) delete next.metadata.managedFields;
  else next.metadata.managedFields = managed;
}

export function admissionOf(scope: Scope, object: ClusterObject | undefined, old: ClusterObject | undefined, operation: AdmissionRequest["operation"] = old === undefined ? "CREATE" : "UPDATE"): AdmissionRequest {
  const { kind, entry, subresource, user, dryRun } = scope;
  const subject = object ?? old;
  const namespace = scope.namespace !== "" || kind.namespaced ? scope.namespace : entry.name === "namespaces" ? subject?.metadata.name ?? "" : "";
  return { operation, kind, resource: entry.name, subresource, namespace, name: subject?.metadata.name ?? "", object, old, user, dryRun };
}

/** The second half, in the stored version: what an update that comes upon nothing does as well. */
export function insert(scope: Scope, object: ClusterObject, { byUpdate }: { readonly byUpdate: boolean }): Written {
  const { kernel: { storage, admission, platform: { random } }, strategy, entry } = scope;
  const { metadata } = object;
  metadata.uid = uuid(random);
  metadata.creationTimestamp = scope.now;
  if ((metadata.name ?? "") === "" && (metadata.generateName ?? "") !== "") metadata.name = freeName(scope, metadata.generateName!);
  strategy.prepareForCreate(object, scope.context);
  if (strategy.initialFinalizers !== undefined) addFinalizers(object, strategy.initialFinalizers);
  validateNew(scope, object);
  admission.validate(admissionOf(scope, object, undefined, "CREATE"), scope.context);
  const key = scope.key(metadata.name);
  const there = storage.get(entry.name, key);
  if (there !== undefined) throw taken(scope, object, there);
  if (!byUpdate && (metadata.resourceVersion ?? "") !== "") throw new StatusError(500, "", "resourceVersion should not be set on objects to be created");
  // A PUT that would have created keeps what it said.
  const whole = inOrder(scope, object, !scope.dryRun ? "0" : byUpdate ? metadata.resourceVersion : undefined);
  if (scope.dryRun) return { object: whole, stored: undefined, created: true };
  const stored = storage.put(entry.name, key, whole, 0)!;
  return { object: stored.object, stored, created: true };
}

function freeName(scope: Scope, base: string): string {
  const { storage, platform: { random } } = scope.kernel;
  let name = generatedName(base, random);
  for (let n = 1; n < NAME_ATTEMPTS && storage.get(scope.entry.name, scope.key(name)) !== undefined; n++) name = generatedName(base, random);
  return name;
}

function addFinalizers(object: ClusterObject, finalizers: readonly string[]): void {
  const own = object.metadata.finalizers ?? [];
  const missing = finalizers.filter((each) => !own.includes(each));
  if (missing.length > 0) object.metadata.finalizers = [...own, ...missing];
}

function validateNew(scope: Scope, object: ClusterObject): void {
  const errors = new FieldErrors();
  scope.strategy.validate(object, errors, scope.context);
  // What the kind's own rules say of metadata is said first; only then what goes for all.
  if (errors.empty) validateMetadata(object.metadata, scope.kind.namespaced, pathSegment, errors);
  if (!errors.empty) throw errors.toStatusError(scope.entry.storage.group, scope.kind.kind, object.metadata.name);
}

/** With a generateName the server counts the name as made up, even when the client gave one as well. */
function taken(scope: Scope, { metadata: { name, generateName } }: ClusterObject, there: Stored): StatusError {
  const error = (generateName ?? "") === "" ? alreadyExists(scope.named, name) : generatedConflict(scope, name);
  if (there.object.metadata.deletionTimestamp === undefined) return error;
  return new StatusError(error.code, error.reason, `object is being deleted: ${error.message}`, error.details);
}

function generatedConflict(scope: Scope, name: string): StatusError {
  const plain = alreadyExists(scope.named, name);
  return new StatusError(409, "AlreadyExists", `${plain.message}, the server was not able to generate a unique name for the object`, { ...plain.details, retryAfterSeconds: 1 });
}
