/** What updates and applies share: who asks for what, and what every request does to the fields of others. */
import type { ClusterObject, ManagedFieldsEntry } from "../model.ts";
import type { TypeTable } from "../schema/types.ts";
import { compareObjects, type Comparison } from "./compare.ts";
import { difference, EMPTY_SET, type FieldSet, isEmptySet, union } from "./field-set.ts";
import { asJson } from "./json.ts";
import { distinct, type Entries, fieldsOf, withFields } from "./managers.ts";
import { reconciled } from "./reconcile.ts";
import type { ResetFields } from "./reset-fields.ts";
import { isFragile, type Shape, shapeOf } from "./shape.ts";
import { type Complaint, complaintsOf } from "./validate.ts";

/** The other versions in which managers of an object may have written. */
export interface Versions {
  /** The type in that version; undefined for one that isn't served (any more): its managers are forgotten. */
  typeIn(apiVersion: string): { readonly types: TypeTable; readonly type: string } | undefined;
  /** The object in that version, which `typeIn` knows. */
  convert(object: ClusterObject, apiVersion: string): ClusterObject;
}

/** One request that writes an object. */
export interface Tracked {
  /** As it is stored, in the version of the request; undefined when the request creates it. */
  readonly live: ClusterObject | undefined;
  readonly types: TypeTable;
  /** The kind's type in `types`. */
  readonly type: string;
  readonly apiVersion: string;
  readonly kind: string;
  /** The parameter `fieldManager`; for updates, without it, what `managerOfUserAgent` makes. */
  readonly manager: string;
  readonly subresource?: string | undefined;
  /** RFC 3339 in whole seconds. */
  readonly now: string;
  readonly reset?: ResetFields | undefined;
  readonly versions?: Versions | undefined;
  /** A custom resource: the schema may have changed since its managers wrote. */
  readonly custom?: boolean | undefined;
}

/** Fields that nobody manages. */
const UNMANAGED: FieldSet = {
  "f:apiVersion": EMPTY_SET, "f:kind": EMPTY_SET,
  "f:metadata": {
    ".": EMPTY_SET, "f:clusterName": EMPTY_SET, "f:creationTimestamp": EMPTY_SET, "f:generation": EMPTY_SET, "f:managedFields": EMPTY_SET,
    "f:name": EMPTY_SET, "f:namespace": EMPTY_SET, "f:resourceVersion": EMPTY_SET, "f:selfLink": EMPTY_SET, "f:uid": EMPTY_SET,
  },
};

const managedOf = new WeakMap<FieldSet, FieldSet>();

/** The set without fields that nobody manages. Sets are shared by objects of one structure, and so is what is left of them. */
export function managedPart(fields: FieldSet): FieldSet {
  let managed = managedOf.get(fields);
  if (managed === undefined) managedOf.set(fields, managed = difference(fields, UNMANAGED));
  return managed;
}

/** The object's shape in some version; undefined for one that isn't served. */
export function shapeIn(request: Tracked, apiVersion: string): Shape | undefined {
  if (apiVersion === request.apiVersion) return shapeOf(request.types, request.type);
  const found = request.versions?.typeIn(apiVersion);
  return found === undefined ? undefined : shapeOf(found.types, found.type);
}

/** The object, which is in the request's version, in another one that is served. */
export function inVersion(request: Tracked, object: ClusterObject, apiVersion: string): ClusterObject {
  return apiVersion === object.apiVersion ? object : request.versions!.convert(object, apiVersion);
}

/** What keeps an object from being of its type. Most built-in kinds' objects can't help being, once they are decoded. */
export function misfits({ types, type, custom }: Tracked, object: ClusterObject): Complaint[] {
  const shape = shapeOf(types, type);
  return custom === true || isFragile(shape) ? complaintsOf(asJson(object), shape, true) : [];
}

/** A manager of a custom resource wrote in a version that isn't served, and for which the server can't convert. */
export class UnservedVersion extends Error {}

/** The entries that are still of use: of versions that are served, with fields as the schema has them today. */
export function currentEntries(request: Tracked, entries: Entries): ManagedFieldsEntry[] {
  const current: ManagedFieldsEntry[] = [];
  for (const entry of distinct(entries)) {
    const { apiVersion } = entry;
    const shape = shapeIn(request, apiVersion);
    if (shape === undefined) {
      if (apiVersion.split("/").length > 2) throw new UnservedVersion(`unexpected GroupVersion string: ${apiVersion}`);
      if (request.custom === true) throw new UnservedVersion(`request to convert CR to an invalid group/version: ${apiVersion}`);
      continue;
    }
    current.push(request.custom === true ? withFields(entry, reconciled(fieldsOf(entry), shape)) : entry);
  }
  return current;
}

/** From `before` to `after` without what the request can't write, in any version that is served. */
export class Changes {
  readonly #request: Tracked;
  readonly #before: ClusterObject;
  readonly #after: ClusterObject;
  readonly #found = new Map<string, { comparison: Comparison; changed: FieldSet; touched: FieldSet }>();

  constructor(request: Tracked, before: ClusterObject, after: ClusterObject) {
    this.#request = request;
    this.#before = before;
    this.#after = after;
  }

  /** `changed`: fields that are new or have another value; `touched`: those that are gone as well. */
  in(apiVersion: string): { readonly changed: FieldSet; readonly touched: FieldSet } {
    let found = this.#found.get(apiVersion);
    if (found === undefined) {
      const comparison = this.#compare(apiVersion);
      const changed = union(comparison.modified, comparison.added);
      this.#found.set(apiVersion, found = { comparison, changed, touched: union(changed, comparison.removed) });
    }
    return found;
  }

  #compare(apiVersion: string): Comparison {
    const request = this.#request;
    const shape = shapeIn(request, apiVersion)!;
    const { modified, added, removed } = compareObjects(
      asJson(inVersion(request, this.#before, apiVersion)), asJson(inVersion(request, this.#after, apiVersion)), shape,
    );
    const filter = request.reset?.(apiVersion);
    return filter === undefined ? { modified, added, removed } : { modified: filter(modified), added: filter(added), removed: filter(removed) };
  }
}

/** The entries of the others: without what was touched. Those that own nothing any more are gone. */
export function withoutTouched(entries: Entries, changes: Changes): ManagedFieldsEntry[] {
  const left: ManagedFieldsEntry[] = [];
  for (const entry of entries) {
    const fields = difference(fieldsOf(entry), changes.in(entry.apiVersion).touched);
    if (!isEmptySet(fields)) left.push(withFields(entry, fields));
  }
  return left;
}
