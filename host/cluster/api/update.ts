/**
 * Writing over an object that is there: PUT, and the last part of every patch and apply.
 */
import type { ClusterObject } from "../model.ts";
import type { Stored } from "../storage/storage.ts";
import { admissionOf, insert, setManagedFields, type Written } from "./create.ts";
import { copyOf, sameObject } from "./equal.ts";
import { FieldErrors } from "./field-errors.ts";
import { dedupOwnerReferences, ensureNamespace, inOrder } from "./metadata.ts";
import { pathSegment } from "./names.ts";
import type { Scope } from "./scope.ts";
import { badRequest, conflict, notFound, StatusError } from "./status-error.ts";
import { validateMetadata, validateMetadataUpdate } from "./validate-metadata.ts";

const MODIFIED = "the object has been modified; please apply your changes to the latest version and try again";

/** PUT. `object` is the request's own copy, in the version of the request, with its defaults. */
export function updateObject(scope: Scope, name: string, object: ClusterObject): Written {
  const { kernel: { admission } } = scope;
  ensureNamespace(object.metadata, scope.namespace);
  checkName(object, name);
  dedupOwnerReferences(object, scope, false);
  return changeObject(scope, name, {
    uid: object.metadata.uid, createMissing: false,
    change(live) {
      setManagedFields(scope, live, object);
      admission.mutate(admissionOf(scope, object, live), scope.context);
      dedupOwnerReferences(object, scope, true);
      return object;
    },
  });
}

export function checkName({ metadata }: ClusterObject, name: string): void {
  if ((metadata.name ?? "") === "") throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
  if (metadata.name !== name) throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`);
}

export interface Change {
  /** The uid that the object must have. */
  readonly uid: string | undefined;
  /** Also where the kind does not allow a PUT to create. */
  readonly createMissing: boolean;
  /** The new object from the one that is there, both in the version of the request. The result may be changed further. */
  change(live: ClusterObject | undefined): ClusterObject;
}

export function changeObject(scope: Scope, name: string, { uid, createMissing, change }: Change): Written {
  const { kernel: { storage }, entry, strategy } = scope;
  const there = storage.get(entry.name, scope.key(name));
  if (there === undefined && !createMissing && !strategy.createOnUpdate) throw notFound(scope.named, name);
  if (uid !== undefined && uid !== "" && uid !== (there?.object.metadata.uid ?? "")) throw wrongUid(scope, name, uid, there);
  if (there === undefined) {
    const object = scope.toStorage(change(undefined));
    scope.authorizeCreate?.();
    return insert(scope, object, { byUpdate: true });
  }
  const next = scope.toStorage(change(scope.fromStorage(there.object)));
  checkResourceVersion(scope, name, next, there);
  return replace(scope, name, next, there);
}

function checkResourceVersion(scope: Scope, name: string, next: ClusterObject, there: Stored): void {
  const asked = next.metadata.resourceVersion ?? "";
  if (!/^\d*$/.test(asked)) throw new StatusError(500, "", `strconv.ParseUint: parsing ${JSON.stringify(asked)}: invalid syntax`);
  if (asked === "" || asked === "0") {
    if (scope.strategy.unconditionalUpdate) next.metadata.resourceVersion = String(there.resourceVersion);
    else {
      const errors = new FieldErrors();
      errors.invalid("metadata.resourceVersion", 0, "must be specified for an update");
      // Names the resource where others name the kind: so does the real server.
      throw errors.toStatusError(scope.kind.group, scope.kind.plural, name);
    }
  } else if (asked !== String(there.resourceVersion)) throw conflict(scope.named, name, MODIFIED);
}

/** `next` in the stored version, its resourceVersion checked. */
function replace(scope: Scope, name: string, next: ClusterObject, there: Stored): Written {
  const { kernel: { storage, admission }, entry, strategy, kind } = scope;
  const old = there.object;
  ensureNamespace(next.metadata, scope.kind.namespaced ? scope.namespace : "");
  if (old.metadata.generation === undefined) delete next.metadata.generation;
  else next.metadata.generation = old.metadata.generation;
  strategy.prepareForUpdate(next, old, scope.context);
  keepSystemFields(next, old);
  const errors = new FieldErrors();
  validateMetadata(next.metadata, kind.namespaced, pathSegment, errors);
  validateMetadataUpdate(next.metadata, old.metadata, errors);
  strategy.validateUpdate(next, old, errors, scope.context);
  if (!errors.empty) throw errors.toStatusError(entry.storage.group, kind.kind, next.metadata.name);
  keepManagedTimes(next, old);
  admission.validate(admissionOf(scope, next, old), scope.context);
  if (deletedByUpdate(next, old)) {
    if (!scope.dryRun) storage.delete(entry.name, scope.key(name), there.resourceVersion);
    return { object: inOrder(scope, next, String(there.resourceVersion)), stored: undefined, created: false };
  }
  if (sameObject(next, old)) return { object: old, stored: there, created: false };
  const whole = inOrder(scope, next, String(there.resourceVersion));
  if (scope.dryRun) return { object: whole, stored: undefined, created: false };
  const stored = storage.put(entry.name, scope.key(name), whole, there.resourceVersion)!;
  return { object: stored.object, stored, created: false };
}

function keepSystemFields({ metadata: next }: ClusterObject, { metadata: old }: ClusterObject): void {
  if ((next.uid ?? "") === "" && old.uid !== undefined) next.uid = old.uid;
  if (old.creationTimestamp !== undefined) next.creationTimestamp = old.creationTimestamp;
  if (old.deletionTimestamp !== undefined) next.deletionTimestamp = old.deletionTimestamp;
  if (old.deletionGracePeriodSeconds !== undefined && next.deletionGracePeriodSeconds === undefined) next.deletionGracePeriodSeconds = old.deletionGracePeriodSeconds;
}

/** Managed fields that differ in nothing but their times are no change. */
function keepManagedTimes(next: ClusterObject, old: ClusterObject): void {
  const [after, before] = [next.metadata.managedFields, old.metadata.managedFields];
  if (after === undefined || before === undefined || after.length !== before.length) return;
  if (after.every((entry, n) => entry.time === before[n]!.time)) return;
  const undated = { ...next, metadata: { ...next.metadata, managedFields: after.map((entry, n) => ({ ...entry, time: before[n]!.time })) } };
  if (sameObject(undated, old)) next.metadata.managedFields = copyOf(before);
}

/** The last finalizer of an object that was to be deleted is gone. */
function deletedByUpdate({ metadata: next, spec }: ClusterObject, { metadata: old, kind }: ClusterObject): boolean {
  if ((next.finalizers?.length ?? 0) > 0 || old.deletionTimestamp === undefined) return false;
  if (kind === "Namespace" && ((spec as { finalizers?: unknown[] } | undefined)?.finalizers?.length ?? 0) > 0) return false;
  return (old.deletionGracePeriodSeconds ?? 0) === 0;
}

function wrongUid(scope: Scope, name: string, uid: string, there: Stored | undefined): StatusError {
  const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${there?.object.metadata.uid ?? ""}`;
  return conflict(scope.named, name, storageError(scope, name, why));
}

/** Where the real server keeps kinds that have moved, or are grouped, in its storage. */
const PLACES: { readonly [resource: string]: string } = {
  "customresourcedefinitions.apiextensions.k8s.io": "apiextensions.k8s.io/customresourcedefinitions", "apiservices.apiregistration.k8s.io": "apiregistration.k8s.io/apiservices",
  endpoints: "services/endpoints", "ingresses.networking.k8s.io": "ingress", nodes: "minions", replicationcontrollers: "controllers", services: "services/specs",
};

/** As the real server's storage layer puts it. */
export function storageError(scope: Scope, name: string, why: string): string {
  const { kind: { group, plural, custom }, entry } = scope;
  const place = custom ? `${group}/${plural}` : PLACES[entry.name] ?? plural;
  return `StorageError: invalid object, Code: 4, Key: ${scope.dryRun ? "" : "/registry"}/${place}/${scope.key(name)}, ResourceVersion: 0, AdditionalErrorMsg: ${why}`;
}
