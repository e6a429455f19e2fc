/**
 * Who manages what after a create, an update or a patch (operation "Update"): the writer owns what it changed, others lose
 * it. The server counts from the stored object to the request's, decoded and with defaults, but before admission, the
 * kind's own preparations and validation.
 */
import type { ClusterObject, Json, ManagedFieldsEntry } from "../model.ts";
import { emptyObject } from "./empty-object.ts";
import { type FieldSet, isEmptySet, union } from "./field-set.ts";
import { asJson, sameJson } from "./json.ts";
import { asksToForget, capUpdateManagers, type Entries, fieldsOf, makeEntry, type ManagerId, readEntries, sameManager, sortedEntries } from "./managers.ts";
import { ShapeMismatch } from "./shape.ts";
import { Changes, currentEntries, managedPart, misfits, type Tracked, UnservedVersion, withoutTouched } from "./tracking.ts";

export interface Update extends Tracked {
  /** What the request asks for. */
  readonly next: ClusterObject;
  /** `metadata.managedFields` as the body has it, `[]` included; without it, as in `next`. */
  readonly asked?: Json | undefined;
}

/**
 * The managedFields to store; undefined for none. The entries of `live` themselves, in their array, when nothing changes.
 * Nothing is tracked for an object that has none yet, nor for one that is not of its type.
 */
export function updateManagedFields(request: Update): ManagedFieldsEntry[] | undefined {
  const { live } = request;
  const before = entriesBefore(request);
  if (before.length === 0 && live !== undefined) return undefined;
  if (misfits(request, request.next).length > 0) return undefined;
  try {
    const from = live ?? emptyObject(request.types, request.type, request.apiVersion, request.kind);
    const after = sortedEntries(capUpdateManagers(tracked(request, from, before), request.custom === true));
    return after !== undefined && sameEntries(after, live?.metadata.managedFields) ? live!.metadata.managedFields : after;
  } catch (error) {
    // The server stores the object all the same, or refuses it for other reasons.
    if (error instanceof ShapeMismatch || error instanceof UnservedVersion) return undefined;
    throw error;
  }
}

/** Through a subresource nobody can set entries; else those of the request count, as far as they are sound. */
function entriesBefore({ live, next, asked, subresource, custom = false }: Update): Entries {
  const stored = live?.metadata?.managedFields ?? [];
  const given = next.metadata?.managedFields as Json[] | undefined;
  const wanted = asked === undefined ? given : asked;
  if (subresource !== undefined || wanted === undefined || wanted === null) return stored;
  if (asksToForget(wanted, custom)) return [];
  if (sameJson(wanted, asJson(stored) as unknown as Json)) return stored;
  const read = readEntries(wanted, custom);
  return read === undefined || read.length === 0 ? stored : read;
}

function tracked(request: Update, live: ClusterObject, before: Entries): ManagedFieldsEntry[] {
  const { apiVersion, manager, subresource } = request;
  const changes = new Changes(request, live, request.next);
  const { changed } = changes.in(apiVersion);
  const entries = withoutTouched(currentEntries(request, before), changes);
  const own = managedPart(changed);
  if (!isEmptySet(own)) takeOver(entries, { manager: manager === "" ? "unknown" : manager, operation: "Update", apiVersion, subresource }, own, request);
  return entries;
}

function takeOver(entries: ManagedFieldsEntry[], by: ManagerId, own: FieldSet, { now, custom }: Update): void {
  const place = entries.findIndex((entry) => sameManager(entry, by));
  const fields = place === -1 ? own : union(own, fieldsOf(entries[place]!));
  entries[place === -1 ? entries.length : place] = makeEntry(by, fields, now, custom === true);
}

function sameEntries(a: Entries, b: Entries | undefined): boolean {
  return b !== undefined && a.length === b.length && a.every((entry, at) => entry === b[at]);
}

/**
 * The managedFields of a request that changed nothing but the times in them: those of the stored object, so that nothing is
 * written. To be asked last, of the object as it would be stored.
 */
export function withStoredTimes(stored: ClusterObject, next: ClusterObject): ClusterObject {
  const before = stored.metadata.managedFields;
  const after = next.metadata.managedFields;
  if (before === undefined || after === undefined || before === after || before.length !== after.length) return next;
  if (!before.every((entry, at) => sameButTime(entry, after[at]!))) return next;
  const restored = { ...next, metadata: { ...next.metadata, managedFields: before } };
  // The request's resourceVersion says what it was based on; it is no part of what is stored.
  const compared = { ...restored, metadata: { ...restored.metadata, resourceVersion: stored.metadata.resourceVersion! } };
  return sameJson(asJson(stored), asJson(compared)) ? restored : next;
}

function sameButTime(a: ManagedFieldsEntry, b: ManagedFieldsEntry): boolean {
  return a === b || sameJson(asJson({ ...a, time: "" }), asJson({ ...b, time: "" }));
}

const FIELD_MANAGER_MAX = 128;
const UNPRINTABLE = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu;

/** The manager of a client that names none: what its User-Agent has before the first slash, at most 128 bytes of UTF-8. */
export function managerOfUserAgent(userAgent: string): string {
  let bytes = 0;
  let manager = "";
  for (const char of userAgent.split("/")[0]!.replace(UNPRINTABLE, "")) {
    const code = char.codePointAt(0)!;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (bytes > FIELD_MANAGER_MAX) break;
    manager += char;
  }
  return manager;
}
