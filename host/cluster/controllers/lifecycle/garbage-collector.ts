/**
 * Garbage collection: what all owners of are gone goes too; owners that are deleted in the foreground wait for those who
 * block them; owners that leave orphans let them go first.
 */
import type { Client } from "../../client.ts";
import type { JsonObject, OwnerReference } from "../../model.ts";
import { StatusError } from "../../api/status-error.ts";
import type { Queue } from "../kit/dispatcher.ts";
import type { Kit } from "../kit/kit.ts";
import type { Recorder } from "../kit/recorder.ts";
import { isNotFound } from "../kit/api.ts";
import { FOREGROUND, isWaiting, ORPHAN, Ownership, type Owned } from "./ownership.ts";

const MANAGER = "kube-controller-manager";
/** A kind that isn't served may be some day. */
const UNKNOWN_KIND_MS = 30_000;

export class GarbageCollector {
  readonly #client: Client;
  readonly #events: Recorder;
  readonly #ownership: Ownership;
  readonly #queue: Queue;

  constructor(kit: Kit) {
    this.#client = kit.client(MANAGER);
    this.#events = kit.recorder("garbage-collector-controller", MANAGER);
    this.#queue = kit.queue("garbagecollector", (uid) => this.#pass(uid));
    const foreign: { owned: Owned; owner: OwnerReference }[] = [];
    const report = kit.queue("garbagecollector-events", () => {
      for (const { owned, owner } of foreign.splice(0)) this.#reportForeign(owned, owner);
    });
    this.#ownership = new Ownership(kit.watching, kit.discovery, {
      suspect: (uid) => this.#queue.add(uid),
      waiting: (uid) => this.#queue.add(uid),
      foreignOwner: (owned, owner) => {
        foreign.push({ owned, owner });
        report.add("");
      },
    });
  }

  #pass(uid: string): void {
    const owned = this.#ownership.get(uid);
    if (owned === undefined) return;
    const { metadata } = owned.object;
    if (metadata.deletionTimestamp !== undefined) {
      if (metadata.finalizers?.includes(ORPHAN) === true) this.#orphan(owned);
      else if (isWaiting(owned)) this.#waitForDependents(owned);
      return;
    }
    if (owned.owners.length > 0) this.#judge(uid, owned);
  }

  /** Lets the dependents go, and then the owner. */
  #orphan(owner: Owned): void {
    const { uid } = owner.object.metadata;
    for (const dependent of this.#ownership.dependentsOf(uid!)) this.#dropOwners(dependent, new Set([uid!]));
    this.#removeFinalizer(owner, ORPHAN);
  }

  #waitForDependents(owner: Owned): void {
    const { uid } = owner.object.metadata;
    const dependents = this.#ownership.dependentsOf(uid!);
    const blocking = dependents.filter(({ owners }) => owners.some((reference) => reference.uid === uid && reference.blockOwnerDeletion === true));
    if (blocking.length === 0) return this.#removeFinalizer(owner, FOREGROUND);
    for (const { object } of dependents) if (object.metadata.deletionTimestamp === undefined) this.#queue.add(object.metadata.uid!);
  }

  /** Deletes it when no owner holds it any more; otherwise drops the references that lead nowhere. */
  #judge(uid: string, owned: Owned): void {
    const gone = new Set<string>();
    const leaving = new Set<string>();
    let solid = 0;
    for (const reference of owned.owners) {
      const owner = this.#ownership.resolve(owned, reference);
      if (owner === "invalid") return;
      if (owner === "unknown") return this.#queue.addAfter(uid, UNKNOWN_KIND_MS);
      if (owner === "absent") gone.add(reference.uid);
      else if (isWaiting(owner)) leaving.add(reference.uid);
      else solid++;
    }
    if (solid > 0) {
      if (gone.size + leaving.size > 0) this.#dropOwners(owned, new Set([...gone, ...leaving]));
      return;
    }
    if (leaving.size > 0 && this.#ownership.hasDependents(uid)) {
      // Two that wait for each other would wait forever.
      if (this.#ownership.dependentsOf(uid).some(isWaiting)) this.#unblock(owned);
      return this.#delete(owned, "Foreground");
    }
    const finalizers = owned.object.metadata.finalizers ?? [];
    this.#delete(owned, finalizers.includes(ORPHAN) ? "Orphan" : finalizers.includes(FOREGROUND) ? "Foreground" : "Background");
  }

  #delete({ object: { metadata }, resource }: Owned, propagation: "Orphan" | "Background" | "Foreground"): void {
    try {
      this.#client.delete(resource, metadata.namespace, metadata.name, { propagation, preconditions: { uid: metadata.uid! } });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  #dropOwners(owned: Owned, uids: ReadonlySet<string>): void {
    const left = owned.owners.filter(({ uid }) => !uids.has(uid));
    this.#patch(owned, { ownerReferences: left.length === 0 ? null : left as unknown as JsonObject[] });
  }
  #unblock(owned: Owned): void {
    const unblocked = owned.owners.map((reference) => ({ ...reference, blockOwnerDeletion: false }));
    this.#patch(owned, { ownerReferences: unblocked as unknown as JsonObject[] });
  }
  #removeFinalizer(owned: Owned, finalizer: string): void {
    const left = (owned.object.metadata.finalizers ?? []).filter((each) => each !== finalizer);
    this.#patch(owned, { finalizers: left.length === 0 ? null : left });
  }

  #patch({ object: { metadata }, resource }: Owned, change: JsonObject): void {
    try {
      this.#client.patch(resource, metadata.namespace, metadata.name, { metadata: { uid: metadata.uid!, ...change } });
    } catch (error) {
      // Gone, or another by now: nothing is left to be done to it.
      if (!(error instanceof StatusError) || (error.reason !== "NotFound" && error.reason !== "Conflict")) throw error;
    }
  }

  #reportForeign({ object }: Owned, { apiVersion, kind, name, uid }: OwnerReference): void {
    const { namespace = "" } = object.metadata;
    this.#events.warning(object, "OwnerRefInvalidNamespace", `ownerRef [${apiVersion}/${kind}, namespace: ${namespace}, name: ${name}, uid: ${uid}] does not exist in namespace "${namespace}"`);
  }
}
