/**
 * Managers through the subresource "scale". A Scale has managedFields for the length of a request only: those of the object
 * it belongs to, as far as they are about the number of replicas; afterwards they are put back.
 *
 * The way back forgets more than one would think, as the real server's does: a manager of updates is not recognised in its
 * Scale, so that it loses the replicas to a new entry without a time, even by a request that changes nothing.
 */
import type { StatusError } from "../api/status-error.ts";
import type { JsonObject, ManagedFieldsEntry } from "../model.ts";
import { unfitConfiguration } from "./apply.ts";
import { difference, EMPTY_SET, type FieldSet, hasPath, isEmptySet } from "./field-set.ts";
import { distinct, type Entries, fieldsOf, makeEntry, sameManager, sortedEntries, withFields } from "./managers.ts";

/**
 * Where an object has its replicas, as path elements, in some version of its kind (["f:spec", "f:replicas"]). Null: that
 * version has no scale. Undefined: there is no such version.
 */
export type ReplicasPath = (apiVersion: string) => readonly string[] | null | undefined;

const SCALE_VERSION = "autoscaling/v1";
const IN_SCALE = ["f:spec", "f:replicas"];

/** ".spec.replicas", as a CRD writes it, in path elements. */
export function pathElements(path: string): string[] {
  return path.split(".").filter((part) => part !== "").map((part) => `f:${part}`);
}

/** What a Scale has as managedFields. Undefined for none. */
export function scaleEntries(parent: Entries | undefined, replicas: ReplicasPath): ManagedFieldsEntry[] | undefined {
  const found: ManagedFieldsEntry[] = [];
  for (const entry of distinct(parent ?? [])) {
    const path = replicas(entry.apiVersion);
    if (path && hasPath(fieldsOf(entry), path)) found.push(makeEntry({ ...entry, apiVersion: SCALE_VERSION }, setOf(IN_SCALE), entry.time, false));
  }
  return sortedEntries(found);
}

/** The object's managedFields after a request to its scale, made in `apiVersion`, that left `scale` in the Scale. */
export function entriesFromScale(
  parent: Entries | undefined, scale: Entries | undefined, apiVersion: string, replicas: ReplicasPath, custom: boolean,
): ManagedFieldsEntry[] | undefined {
  const kept: ManagedFieldsEntry[] = [];
  let left = [...scale ?? []];
  for (const entry of distinct(parent ?? [])) {
    const path = replicas(entry.apiVersion);
    if (path === undefined) continue;
    if (path === null || !hasPath(fieldsOf(entry), path)) {
      kept.push(entry);
    } else if (left.some((other) => sameManager(other, entry))) {
      kept.push(entry);
      left = left.filter((other) => !sameManager(other, entry));
    } else {
      const rest = difference(fieldsOf(entry), setOf(path));
      if (!isEmptySet(rest)) kept.push(withFields(entry, rest));
    }
  }
  for (const entry of left) {
    if (!hasPath(fieldsOf(entry), IN_SCALE)) continue;
    const before = kept.findIndex((other) => sameManager(other, entry));
    const taken = makeEntry({ ...entry, apiVersion }, setOf(replicas(apiVersion)!), kept[before]?.time, custom);
    kept.splice(before === -1 ? kept.length : before, before === -1 ? 0 : 1, taken);
  }
  return sortedEntries(kept);
}

/** The server can't take a Scale that was applied to a custom resource, where it would change anything. */
export function unfitScale(intent: JsonObject): StatusError {
  return unfitConfiguration({ intent }, `request to convert CR to an invalid group/version: ${SCALE_VERSION}`);
}

function setOf(path: readonly string[]): FieldSet {
  return path.reduceRight<FieldSet>((inner, element) => ({ [element]: inner }), EMPTY_SET);
}
