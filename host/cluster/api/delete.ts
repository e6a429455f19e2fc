/**
 * Deleting: at once, after a grace period, or when the last finalizer is gone.
 */
import { parseRfc3339, rfc3339 } from "../../values/time.ts";
import type { ClusterObject, JsonObject } from "../model.ts";
import type { Stored } from "../storage/storage.ts";
import { admissionOf } from "./create.ts";
import { sameObject } from "./equal.ts";
import { inOrder } from "./metadata.ts";
import type { Scope } from "./scope.ts";
import { conflict, notFound } from "./status-error.ts";

export interface DeleteRequest {
  gracePeriodSeconds?: number | undefined;
  propagation?: "Orphan" | "Background" | "Foreground" | undefined;
  uid?: string | undefined;
  resourceVersion?: string | undefined;
  /** The old spelling of propagation: its answer is 202 where the object stays for a while. */
  orphanDependents?: boolean | undefined;
}

export interface Deleted {
  /** The object as it was last, or as it waits for its end; of most kinds the client is told less. */
  readonly object: ClusterObject;
  /** False while it is still there. */
  readonly gone: boolean;
  /** The deletion changed nothing: it was under way already. */
  readonly pending?: true;
}

const ORPHAN = "orphan";
const FOREGROUND = "foregroundDeletion";

/** Kinds whose deletion is answered with the object. */
const ANSWERED_WHOLE = new Set([
  "namespaces", "persistentvolumeclaims", "persistentvolumes", "pods", "podtemplates", "resourcequotas", "serviceaccounts", "services",
  "csidrivers.storage.k8s.io", "csinodes.storage.k8s.io", "storageclasses.storage.k8s.io", "volumeattachments.storage.k8s.io",
  "volumeattributesclasses.storage.k8s.io", "deviceclasses.resource.k8s.io", "resourceclaims.resource.k8s.io",
  "resourceclaimtemplates.resource.k8s.io", "resourceslices.resource.k8s.io",
]);

export function deleteObject(scope: Scope, name: string, request: DeleteRequest): Deleted {
  const { kernel: { storage, admission }, entry } = scope;
  const there = storage.get(entry.name, scope.key(name));
  if (there === undefined) throw notFound(scope.named, name);
  checkPreconditions(scope, name, request, there);
  const { object } = there;
  if (object.kind === "Namespace" && scope.kind.group === "") return deleteNamespace(scope, name, request, there);

  const grace = graceOf(scope, object, request);
  if (grace === "pending") return { object, gone: false, pending: true };
  admission.validate(admissionOf(scope, undefined, object, "DELETE"), scope.context);
  const finalizers = finalizersFor(scope, object, request);
  const held = finalizers.length > 0;
  if (grace === undefined && !held) return remove(scope, name, there);
  const next: ClusterObject = { ...object, metadata: { ...object.metadata, ...(grace ?? markedForDeletion(scope, object)) } };
  if (held) next.metadata.finalizers = finalizers;
  else delete next.metadata.finalizers;
  const written = write(scope, name, next, there);
  if (held || (grace !== undefined && grace.deletionGracePeriodSeconds > 0)) return { object: written.object, gone: false };
  return scope.dryRun ? { object: written.object, gone: true } : remove(scope, name, written);
}

/** The body of the answer. */
export function deletionAnswer(scope: Scope, { object, gone, pending }: Deleted): JsonObject | ClusterObject {
  // What a deletion waits for is seen in the object itself.
  if (ANSWERED_WHOLE.has(scope.entry.name) || (!gone && pending === undefined)) return scope.fromStorage(object);
  const { name, uid } = object.metadata;
  const { group, plural } = scope.kind;
  return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", details: { name, ...(group === "" ? {} : { group }), kind: plural, uid: uid ?? "" } };
}

function write(scope: Scope, name: string, next: ClusterObject, there: Stored): Stored {
  const whole = inOrder(scope, next, String(there.resourceVersion));
  if (sameObject(whole, there.object)) return there;
  if (scope.dryRun) return { key: there.key, resourceVersion: there.resourceVersion, object: whole, text: "" };
  return scope.kernel.storage.put(scope.entry.name, scope.key(name), whole, there.resourceVersion)!;
}

function remove(scope: Scope, name: string, there: Stored): Deleted {
  if (scope.dryRun) return { object: there.object, gone: true };
  const last = scope.kernel.storage.delete(scope.entry.name, scope.key(name), there.resourceVersion)!;
  return { object: last.object, gone: true };
}

function checkPreconditions(scope: Scope, name: string, { uid, resourceVersion }: DeleteRequest, { object: { metadata, kind } }: Stored): void {
  // Names the kind where others name the resource: so does the real server.
  const named = kind === "Namespace" ? scope.named : { group: scope.kind.group, resource: scope.kind.kind };
  if (uid !== undefined && uid !== metadata.uid) {
    throw conflict(named, name, kind === "Namespace"
      ? `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid}`
      : `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`);
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    throw conflict(named, name, kind === "Namespace"
      ? `Precondition failed: ResourceVersion in precondition: ${resourceVersion}, ResourceVersion in object meta: ${metadata.resourceVersion}`
      : `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`);
  }
}

interface Grace { deletionTimestamp: string; deletionGracePeriodSeconds: number; generation?: number }

/**
 * What a graceful deletion writes into the metadata. Undefined: the kind knows no grace, or it is over. "pending": it is
 * being deleted already, and not to be sooner.
 */
function graceOf(scope: Scope, object: ClusterObject, request: DeleteRequest): Grace | "pending" | undefined {
  const { strategy, context: { nowMs } } = scope;
  if (strategy.gracePeriodSeconds === undefined) return undefined;
  const asked = request.gracePeriodSeconds !== undefined && request.gracePeriodSeconds < 0 ? 1 : request.gracePeriodSeconds;
  const { metadata } = object;
  if (metadata.deletionTimestamp === undefined) {
    const period = strategy.gracePeriodSeconds(object, asked);
    if (period === undefined) return undefined;
    return { deletionTimestamp: rfc3339(nowMs + period * 1000), deletionGracePeriodSeconds: period, ...raisedGeneration(object) };
  }
  const period = metadata.deletionGracePeriodSeconds ?? 0;
  if (period === 0) return undefined;
  if (asked === undefined || asked >= period) return "pending";
  const sooner = (parseRfc3339(metadata.deletionTimestamp)?.seconds ?? 0) - period + asked;
  if (sooner * 1000 >= nowMs) return { deletionTimestamp: rfc3339(sooner * 1000), deletionGracePeriodSeconds: asked };
  // All of the time asked for is over already: the shortest grace there is, unless none was wanted.
  return { deletionTimestamp: rfc3339(nowMs), deletionGracePeriodSeconds: asked === 0 ? 0 : 1 };
}

/** For an object that waits for its finalizers alone. */
function markedForDeletion(scope: Scope, object: ClusterObject): Grace {
  const { deletionTimestamp } = object.metadata;
  const first = deletionTimestamp === undefined;
  const later = !first && (parseRfc3339(deletionTimestamp)?.seconds ?? 0) * 1000 > scope.context.nowMs;
  return { deletionTimestamp: first || later ? scope.now : deletionTimestamp, deletionGracePeriodSeconds: 0, ...(first ? raisedGeneration(object) : {}) };
}

function raisedGeneration({ metadata: { generation = 0 } }: ClusterObject): { generation?: number } {
  return generation > 0 ? { generation: generation + 1 } : {};
}

/** The object's finalizers with those that the propagation asked for puts in, or takes out. */
function finalizersFor(scope: Scope, object: ClusterObject, { propagation, orphanDependents }: DeleteRequest): string[] {
  const own = object.metadata.finalizers ?? [];
  // Nothing belongs to an event.
  if (object.kind === "Event") return own.filter((each) => each !== ORPHAN && each !== FOREGROUND);
  let orphan = own.includes(ORPHAN) || (!own.includes(FOREGROUND) && scope.strategy.orphansByDefault === true);
  let foreground = own.includes(FOREGROUND) && !own.includes(ORPHAN);
  if (orphanDependents !== undefined) [orphan, foreground] = [orphanDependents, false];
  else if (propagation !== undefined) [orphan, foreground] = [propagation === "Orphan", propagation === "Foreground"];
  const wanted = [...own.filter((each) => each !== ORPHAN && each !== FOREGROUND), ...(orphan ? [ORPHAN] : []), ...(foreground ? [FOREGROUND] : [])];
  return wanted.length === own.length && wanted.every((each) => own.includes(each)) ? own : wanted;
}

/** A namespace first ends in its status; it goes when its own and its spec's finalizers are gone. */
function deleteNamespace(scope: Scope, name: string, request: DeleteRequest, there: Stored): Deleted {
  const { object } = there;
  const finalizers = (object.spec as { finalizers?: string[] } | undefined)?.finalizers ?? [];
  if (object.metadata.deletionTimestamp !== undefined) {
    if (finalizers.length > 0 || (object.metadata.finalizers?.length ?? 0) > 0) return { object, gone: false };
    return remove(scope, name, there);
  }
  scope.kernel.admission.validate(admissionOf(scope, undefined, object, "DELETE"), scope.context);
  const own = finalizersFor(scope, object, request);
  const next: ClusterObject = {
    ...object, metadata: { ...object.metadata, deletionTimestamp: scope.now },
    status: { ...(object.status as JsonObject | undefined), phase: "Terminating" },
  };
  if (own.length > 0) next.metadata.finalizers = own;
  return { object: write(scope, name, next, there).object, gone: false };
}
