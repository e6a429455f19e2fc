/**
 * Takes out what a manager applied last time and does not apply any more, unless somebody else owns it. Managers may have
 * written in different versions of the kind: each set is looked at in its own.
 */
import type { ClusterObject, ManagedFieldsEntry } from "../model.ts";
import { difference, type FieldSet, includes, intersection, isEmptySet, union } from "./field-set.ts";
import { asJson } from "./json.ts";
import { type Entries, fieldsOf } from "./managers.ts";
import { removeItems, withNamedFields } from "./remove-items.ts";
import type { Shape } from "./shape.ts";
import { inVersion, shapeIn, type Tracked } from "./tracking.ts";
import { namedSet } from "./whole-set.ts";

/**
 * `merged` without what is dropped, in the request's version. `last` and `own`: what the manager owned before and owns from
 * now on; `entries`: all managers, with `own`.
 */
export function pruned(request: Tracked, merged: ClusterObject, last: ManagedFieldsEntry | undefined, own: ManagedFieldsEntry, entries: Entries): ClusterObject {
  if (last === undefined || isEmptySet(fieldsOf(last))) return merged;
  // Where nothing is dropped, nothing can go.
  if (last.apiVersion === own.apiVersion && includes(fieldsOf(own), fieldsOf(last))) return merged;
  const shape = shapeIn(request, last.apiVersion);
  if (shape === undefined) return merged;
  const before = inVersion(request, merged, last.apiVersion);
  const lastNamed = withNamedFields(fieldsOf(last), shape);
  const owned = withOwnedItems(request, before, without(before, lastNamed, shape), last.apiVersion, entries);
  return inVersion(request, withDangling(request, before, owned, lastNamed, shape), request.apiVersion);
}

function without(object: ClusterObject, set: FieldSet, shape: Shape): ClusterObject {
  return removeItems(asJson(object), set, shape) as unknown as ClusterObject;
}

/** Puts back what anybody owns, version by version. */
function withOwnedItems(request: Tracked, merged: ClusterObject, rest: ClusterObject, first: string, entries: Entries): ClusterObject {
  const owned = new Map<string, FieldSet>();
  for (const entry of entries) owned.set(entry.apiVersion, union(owned.get(entry.apiVersion) ?? {}, fieldsOf(entry)));
  // The version of what was taken out comes first: others may not convert without what is put back.
  const versions = [...owned.keys()].sort((a, b) => Number(b === first) - Number(a === first));
  let whole = merged;
  let left = rest;
  for (const version of versions) {
    const shape = shapeIn(request, version);
    if (shape === undefined) continue;
    whole = inVersion(request, whole, version);
    left = inVersion(request, left, version);
    const kept = union(namedSet(asJson(left), shape), withNamedFields(owned.get(version)!, shape));
    left = without(whole, difference(namedSet(asJson(whole), shape), kept), shape);
  }
  return left;
}

/** Takes out of `merged` only what the manager owned: what went along with it, because it was beneath, comes back. */
function withDangling(request: Tracked, merged: ClusterObject, rest: ClusterObject, last: FieldSet, shape: Shape): ClusterObject {
  const left = namedSet(asJson(inVersion(request, rest, merged.apiVersion)), shape);
  return without(merged, intersection(difference(namedSet(asJson(merged), shape), left), last), shape);
}
