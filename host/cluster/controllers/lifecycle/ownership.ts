/** Who owns whom: every object of the cluster by its uid, and the objects that name it as their owner. */
import type { Discovery, ObjectEvent, ServedResource, Watching } from "../../client.ts";
import type { ClusterObject, OwnerReference } from "../../model.ts";

export interface Owned {
  object: ClusterObject;
  readonly resource: ServedResource;
  owners: readonly OwnerReference[];
}

/** What the collector has to look at after a change. */
export interface OwnershipListener {
  /** Some owner of it may be gone, on its way out, or never have been. */
  suspect(uid: string): void;
  /** It waits for its dependents to be deleted, or to be let go. */
  waiting(uid: string): void;
  /** It names an owner that is in another namespace. */
  foreignOwner(owned: Owned, owner: OwnerReference): void;
}

const NONE: readonly OwnerReference[] = [];
export const FOREGROUND = "foregroundDeletion";
export const ORPHAN = "orphan";

export class Ownership {
  readonly #objects = new Map<string, Owned>();
  readonly #dependents = new Map<string, Set<string>>();
  readonly #listener: OwnershipListener;
  readonly #discovery: Discovery;

  constructor(watching: Watching, discovery: Discovery, listener: OwnershipListener) {
    this.#listener = listener;
    this.#discovery = discovery;
    watching.onAll((resource, event) => {
      // Events are owned by nobody, and there are many.
      if (resource.resource !== "events") this.#take(resource, event);
    });
  }

  get(uid: string): Owned | undefined { return this.#objects.get(uid); }
  dependentsOf(uid: string): Owned[] {
    return Array.from(this.#dependents.get(uid) ?? [], (dependent) => this.#objects.get(dependent)!);
  }
  hasDependents(uid: string): boolean { return this.#dependents.has(uid); }

  /**
   * The owner that a reference names, from where `owned` is. "absent": there is none. "unknown": its kind isn't served, so
   * nothing is known. "invalid": an object without a namespace can't be owned by one that has a namespace.
   */
  resolve(owned: Owned, reference: OwnerReference): Owned | "absent" | "unknown" | "invalid" {
    const kind = this.#discovery.resourceOf(reference.apiVersion, reference.kind);
    if (kind === undefined) return "unknown";
    const { namespace } = owned.object.metadata;
    if (namespace === undefined && kind.namespaced) return "invalid";
    const owner = this.#objects.get(reference.uid);
    if (owner === undefined) return "absent";
    const { metadata } = owner.object;
    const same = owner.resource.group === kind.group && owner.resource.resource === kind.resource && metadata.name === reference.name;
    return same && (!kind.namespaced || metadata.namespace === namespace) ? owner : "absent";
  }

  #take(resource: ServedResource, { type, object }: ObjectEvent): void {
    const { uid, ownerReferences = NONE, deletionTimestamp } = object.metadata;
    if (uid === undefined) return;
    if (type === "DELETED") return this.#remove(uid);
    const known = this.#objects.get(uid);
    if (known === undefined) this.#insert(uid, { object, resource, owners: ownerReferences });
    else {
      known.object = object;
      if (known.owners !== ownerReferences) this.#rewire(uid, known, ownerReferences);
    }
    if (deletionTimestamp !== undefined && (object.metadata.finalizers?.includes(FOREGROUND) === true || object.metadata.finalizers?.includes(ORPHAN) === true)) this.#listener.waiting(uid);
  }

  #insert(uid: string, owned: Owned): void {
    this.#objects.set(uid, owned);
    this.#link(uid, owned, owned.owners);
    // Whoever named it before it was seen may have named it wrongly.
    for (const dependent of this.#dependents.get(uid) ?? []) this.#listener.suspect(dependent);
  }

  #link(uid: string, owned: Owned, owners: readonly OwnerReference[]): void {
    for (const reference of owners) {
      const dependents = this.#dependents.get(reference.uid);
      if (dependents === undefined) this.#dependents.set(reference.uid, new Set([uid]));
      else dependents.add(uid);
      const owner = this.#objects.get(reference.uid);
      const elsewhere = owner?.object.metadata.namespace !== undefined && owner.object.metadata.namespace !== owned.object.metadata.namespace;
      if (elsewhere) this.#listener.foreignOwner(owned, reference);
      if (owner === undefined || this.resolve(owned, reference) !== owner || isWaiting(owner)) this.#listener.suspect(uid);
    }
  }

  #rewire(uid: string, known: Owned, owners: readonly OwnerReference[]): void {
    const before = known.owners;
    known.owners = owners;
    const now = new Map(owners.map((reference) => [reference.uid, reference]));
    const had = new Set(before.map((reference) => reference.uid));
    for (const reference of before) {
      const kept = now.get(reference.uid);
      if (kept === undefined) this.#unlink(uid, reference.uid);
      // An owner that waits for its dependents may have one less to wait for.
      if (kept === undefined || kept.blockOwnerDeletion !== reference.blockOwnerDeletion) this.#listener.waiting(reference.uid);
    }
    this.#link(uid, known, owners.filter((reference) => !had.has(reference.uid)));
  }

  #unlink(uid: string, owner: string): void {
    const dependents = this.#dependents.get(owner);
    dependents?.delete(uid);
    if (dependents?.size === 0) this.#dependents.delete(owner);
  }

  #remove(uid: string): void {
    const known = this.#objects.get(uid);
    if (known === undefined) return;
    this.#objects.delete(uid);
    for (const reference of known.owners) {
      this.#unlink(uid, reference.uid);
      this.#listener.waiting(reference.uid);
    }
    for (const dependent of this.#dependents.get(uid) ?? []) this.#listener.suspect(dependent);
  }
}

/** It is being deleted, and waits for its dependents to go first. */
export function isWaiting({ object: { metadata } }: Owned): boolean {
  return metadata.deletionTimestamp !== undefined && metadata.finalizers?.includes(FOREGROUND) === true;
}
