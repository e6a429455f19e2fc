/**
 * Server-side apply: the applied configuration is merged into the object, what the manager applied before and doesn't any
 * more goes, and the manager owns what it applied. Fields of others that it would change are conflicts, unless it forces.
 */
import { badRequest, type StatusError } from "../api/status-error.ts";
import { type ClusterObject, groupVersionOf, type JsonObject, type ManagedFieldsEntry, type Metadata } from "../model.ts";
import { type Conflict, conflictError, conflictsOf } from "./conflicts.ts";
import { emptyObject } from "./empty-object.ts";
import { type FieldSet, isEmptySet } from "./field-set.ts";
import { asJson, isObject, sameJson } from "./json.ts";
import { fieldsAllowedByLastApplied, KUBECTL, withLastApplied } from "./last-applied.ts";
import { type Entries, fieldsOf, makeEntry, type ManagerId, sameManager, sortedEntries } from "./managers.ts";
import { mergeObjects } from "./merge-objects.ts";
import { plainError } from "./patch-schema.ts";
import { pruned } from "./prune.ts";
import { shapeOf } from "./shape.ts";
import { Changes, currentEntries, managedPart, misfits, type Tracked, UnservedVersion, withoutTouched } from "./tracking.ts";
import { updateManagedFields } from "./update.ts";
import { complaintsOf, complaintText } from "./validate.ts";
import { appliedSet } from "./whole-set.ts";

export interface Apply extends Tracked {
  /** The body, as it was parsed. */
  readonly intent: JsonObject;
  readonly force: boolean;
}

/**
 * The object as it is to be decoded, given defaults, prepared, validated and stored, with its managedFields. Shares what
 * does not change with `live`. Throws StatusError: 409 for conflicts, 400 for another kind, 500 for a body that is not of
 * the kind's type, as the server does.
 */
export function applyConfiguration(request: Apply): ClusterObject {
  check(request);
  try {
    return finished(request, conflictsOrApplied(request));
  } catch (error) {
    if (error instanceof UnservedVersion) throw plainError(error.message);
    throw error;
  }
}

function conflictsOrApplied(request: Apply): Applied {
  const outcome = attempt(request, request.force);
  if (!("conflicts" in outcome)) return outcome;
  if (request.manager !== KUBECTL) throw conflictError(outcome.conflicts);
  const left = fieldsAllowedByLastApplied(request, outcome.conflicts);
  if (left.length > 0) throw conflictError(left);
  return attempt(request, true) as Applied;
}

/** The server's words where the merged object can't be decoded. */
export function unfitConfiguration({ intent }: Pick<Apply, "intent">, why: string): StatusError {
  return plainError(`failed to convert new object (${shownName(intent)}) to proper version: ${why}`);
}

function check(request: Apply): void {
  const { intent, apiVersion, kind, live } = request;
  if (text(intent["apiVersion"]) !== apiVersion || text(intent["kind"]) !== kind) throw badRequest(`invalid object type: ${kindText(intent)}`);
  const wrong = live === undefined ? [] : misfits(request, live);
  const isManaged = (live?.metadata.managedFields ?? []).length > 0;
  const name = live === undefined ? "" : shownName(asJson(live));
  if (wrong.length > 0 && !isManaged) {
    throw plainError(`failed to create manager for existing fields: failed to convert new object (${name}) to smd typed: ${complaintText(wrong)}`);
  }
  checkIntent(request);
  if (wrong.length > 0) throw plainError(`failed to create typed live object (${name}): ${complaintText(wrong)}`);
}

function checkIntent({ intent, types, type }: Apply): void {
  const shape = shapeOf(types, type);
  const managedFields = isObject(intent["metadata"]) ? intent["metadata"]["managedFields"] : undefined;
  // Entries that can't be read count as none, until they are seen to be of another type.
  if (Array.isArray(managedFields) && complaintsOf({ metadata: { managedFields } }, shape, true).length === 0) throw badRequest("metadata.managedFields must be nil");
  const complaints = complaintsOf(intent, shape, false);
  if (complaints.length > 0) throw plainError(`failed to create typed patch object (${shownName(intent)}): ${complaintText(complaints)}`);
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function shownName(intent: JsonObject): string {
  const metadata = isObject(intent["metadata"]) ? intent["metadata"] : {};
  return `${text(metadata["namespace"])}/${text(metadata["name"])}; ${kindText(intent)}`;
}

/** "apps/v1, Kind=Deployment", "/v1, Kind=Pod". */
function kindText(intent: JsonObject): string {
  const apiVersion = text(intent["apiVersion"]);
  if (apiVersion.split("/").length > 2) return "/, Kind=";
  const [group, version] = groupVersionOf(apiVersion);
  return `${group}/${version}, Kind=${text(intent["kind"])}`;
}

interface Applied { readonly object: ClusterObject; readonly entries: ManagedFieldsEntry[] | undefined; readonly changed: boolean }

function attempt(request: Apply, force: boolean): Applied | { readonly conflicts: Conflict[] } {
  const { apiVersion, intent, manager, now, subresource, custom = false } = request;
  const live = request.live === undefined ? emptyObject(request.types, request.type, apiVersion, request.kind) : unmanaged(request.live);
  const shape = shapeOf(request.types, request.type);
  const me: ManagerId = { manager, operation: "Apply", apiVersion, subresource };
  const entries = currentEntries(request, entriesToApplyOn(request, live));
  const last = entries.find((entry) => sameManager(entry, me));
  const others = entries.filter((entry) => entry !== last);
  const own = makeEntry(me, ownFields(request, appliedSet(intent, shape)), last?.time, custom);
  const merged = mergeObjects(asJson(live), intent, shape) as unknown as ClusterObject;
  const object = pruned(request, merged, last, own, [...others, own]);
  const changes = new Changes(request, live, object);
  if (!force) {
    const conflicts = conflictsOf(others, changes);
    if (conflicts.length > 0) return { conflicts };
  }
  const changed = !sameJson(asJson(live), asJson(object));
  const fields = managedPart(fieldsOf(own));
  const kept = withoutTouched(others, changes);
  // The time is that of the last apply that changed the object.
  if (!isEmptySet(fields)) kept.push(entryAfter(me, fields, last, changed ? now : last?.time, custom));
  return { object, entries: sortedEntries(kept), changed };
}

/** Without what a request through this (sub)resource can't write. */
function ownFields({ reset, apiVersion }: Apply, fields: FieldSet): FieldSet {
  return reset?.(apiVersion)?.(fields) ?? fields;
}

/** The stored entry itself where nothing is different. */
function entryAfter(me: ManagerId, fields: FieldSet, last: ManagedFieldsEntry | undefined, time: string | undefined, custom: boolean): ManagedFieldsEntry {
  const entry = makeEntry(me, fields, time, custom);
  return last !== undefined && sameJson(asJson(last), asJson(entry)) ? last : entry;
}

/** An object that nobody manages counts as written by one before the first apply. */
function entriesToApplyOn(request: Apply, live: ClusterObject): Entries {
  const stored = request.live?.metadata.managedFields ?? [];
  if (stored.length > 0 || request.live === undefined) return stored;
  return updateManagedFields({ ...request, live: undefined, next: live, manager: "before-first-apply" }) ?? [];
}

function unmanaged(object: ClusterObject): ClusterObject {
  if (object.metadata.managedFields === undefined) return object;
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

function finished(request: Apply, { object, entries }: Applied): ClusterObject {
  const { live } = request;
  const stored = live?.metadata.managedFields;
  const same = entries?.length === stored?.length && (entries ?? []).every((entry, at) => entry === stored![at]);
  // A configuration without metadata may have made an object without: it is refused when it is decoded.
  const { managedFields: _, ...metadata } = object.metadata ?? {} as Metadata;
  const managedFields = same ? stored : entries;
  const managed = { ...object, metadata: managedFields === undefined ? metadata : { ...metadata, managedFields } };
  return request.manager === KUBECTL ? withLastApplied(managed, request.intent) : managed;
}
