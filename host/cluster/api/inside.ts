/**
 * Clients without text and HTTP: the cluster's own parts use them. They go through the same rules as every request; only
 * authorization is left out, for who is inside has been let in.
 */
import type { User } from "../auth/user.ts";
import type { Client, DeleteOptions, ListOptions, ObjectEvent, ResourceRef, ServedResource, Watching } from "../client.ts";
import { apiVersionOf, resourceName, type ClusterObject, type JsonObject } from "../model.ts";
import type { Kind } from "../kinds/kind.ts";
import { decodeObject } from "../schema/decode.ts";
import type { StorageEvent, Stored } from "../storage/storage.ts";
import { createObject } from "./create.ts";
import { deleteObject } from "./delete.ts";
import { applyObject, mergePatchObject } from "./patch.ts";
import { Scope, type Kernel } from "./scope.ts";
import { parseSelectors, selectionOf } from "./selection.ts";
import { StatusError } from "./status-error.ts";
import { postSubresource } from "./subresources/index.ts";
import { updateObject } from "./update.ts";

export class InsideClient implements Client {
  readonly #kernel: Kernel;
  readonly #user: User;

  constructor(kernel: Kernel, user: User) {
    this.#kernel = kernel;
    this.#user = user;
  }

  get(resource: ResourceRef, namespace: string | undefined, name: string): ClusterObject | undefined {
    const scope = this.#scope(resource, namespace);
    const stored = this.#kernel.storage.get(scope.entry.name, scope.key(name));
    return stored === undefined ? undefined : objectIn(stored, scope.kind);
  }

  list(resource: ResourceRef, { namespace = "", labelSelector = "", fieldSelector = "" }: ListOptions = {}): ClusterObject[] {
    const { entry, kind } = this.#scope(resource, namespace);
    const selection = selectionOf(kind, namespace, parseSelectors(labelSelector, fieldSelector));
    const found: ClusterObject[] = [];
    for (const stored of this.#kernel.storage.list(entry.name, selection.namespace === "" ? undefined : selection.namespace)) {
      const object = objectIn(stored, kind);
      if (selection.everything || selection.matches(object)) found.push(object);
    }
    return found;
  }

  create(resource: ResourceRef, object: ClusterObject): ClusterObject {
    const scope = this.#scope(resource, object.metadata.namespace);
    return scope.fromStorage(createObject(scope, decoded(scope, object)).object);
  }

  update(resource: ResourceRef, object: ClusterObject, subresource?: string): ClusterObject {
    const scope = this.#scope(resource, object.metadata.namespace, subresource);
    return scope.fromStorage(updateObject(scope, object.metadata.name, decoded(scope, object)).object);
  }

  patch(resource: ResourceRef, namespace: string | undefined, name: string, patch: JsonObject, subresource?: string): ClusterObject {
    const scope = this.#scope(resource, namespace, subresource);
    return scope.fromStorage(mergePatchObject(scope, name, patch).object);
  }

  apply(resource: ResourceRef, object: ClusterObject, subresource?: string): ClusterObject {
    const scope = this.#scope(resource, object.metadata.namespace, subresource);
    return scope.fromStorage(applyObject(scope, object.metadata.name, object, { force: true }).object);
  }

  delete(resource: ResourceRef, namespace: string | undefined, name: string, options: DeleteOptions = {}): void {
    const { gracePeriodSeconds, propagation, preconditions } = options;
    deleteObject(this.#scope(resource, namespace), name, { gracePeriodSeconds, propagation, uid: preconditions?.uid, resourceVersion: preconditions?.resourceVersion });
  }

  post(resource: ResourceRef, namespace: string | undefined, name: string, subresource: string, body: ClusterObject): void {
    postSubresource(this.#scope(resource, namespace, subresource), name, body);
  }

  #scope(resource: ResourceRef, namespace: string | undefined, subresource?: string): Scope {
    const entry = this.#kernel.registry.entry(resource.group, resource.resource);
    const kind = entry?.versions.get(resource.version);
    if (entry === undefined || kind === undefined) throw notServed(resource);
    return new Scope(this.#kernel, entry, kind, this.#user, { namespace: kind.namespaced ? namespace ?? "" : "", subresource, manager: managerOf(this.#user) });
  }
}

/** "kube-controller-manager" of "system:kube-controller-manager". */
function managerOf({ name }: User): string {
  return name.slice(name.lastIndexOf(":") + 1);
}

function notServed({ group, version, resource }: ResourceRef): StatusError {
  return new StatusError(404, "NotFound", `the server could not find the requested resource (${resource} of ${apiVersionOf(group, version)})`, {});
}

function decoded(scope: Scope, object: ClusterObject): ClusterObject {
  const { kind } = scope;
  const copy = decodeObject(object as JsonObject, kind).object;
  kind.strategy.setDefaults(copy);
  return copy;
}

/** Objects in other versions than the stored one, as long as the stored ones live. */
const converted = new WeakMap<Stored, Map<string, ClusterObject>>();

function objectIn(stored: Stored, kind: Kind): ClusterObject {
  if (kind.convert === undefined) return stored.object;
  let objects = converted.get(stored);
  if (objects === undefined) converted.set(stored, objects = new Map());
  let object = objects.get(kind.version);
  if (object === undefined) objects.set(kind.version, object = kind.convert.fromStorage(stored.object));
  return object;
}

export class InsideWatching implements Watching {
  readonly #kernel: Kernel;

  constructor(kernel: Kernel) { this.#kernel = kernel; }

  on(resource: ResourceRef, handler: (event: ObjectEvent) => void): () => void {
    const { storage, registry } = this.#kernel;
    const name = resourceName(resource);
    // A custom resource may come to be served later, or again.
    const inVersion = (stored: Stored): ClusterObject => {
      const kind = registry.named(name)?.versions.get(resource.version);
      return kind === undefined ? stored.object : objectIn(stored, kind);
    };
    for (const stored of [...storage.list(name)]) handler({ type: "ADDED", object: inVersion(stored), previous: undefined });
    return storage.watch(name, storage.resourceVersion, (event) => handler(told(event, inVersion)));
  }

  onAll(handler: (resource: ServedResource, event: ObjectEvent) => void): () => void {
    const { storage, registry } = this.#kernel;
    const asStored = (stored: Stored): ClusterObject => stored.object;
    const serve = (name: string): ServedResource | undefined => {
      const kind = registry.named(name)?.storage;
      return kind === undefined ? undefined : { group: kind.group, version: kind.version, resource: kind.plural, kind: kind.kind, namespaced: kind.namespaced };
    };
    for (const name of storage.resources()) {
      const served = serve(name);
      if (served === undefined) continue;
      for (const stored of [...storage.list(name)]) handler(served, { type: "ADDED", object: stored.object, previous: undefined });
    }
    return storage.onWrite((event) => {
      const served = serve(event.resource);
      if (served !== undefined) handler(served, told(event, asStored));
    });
  }
}

/** Values are looked up when asked for: most handlers look at one of the two. */
function told({ type, current, previous }: StorageEvent, objectOf: (stored: Stored) => ClusterObject): ObjectEvent {
  return {
    type,
    get object() { return objectOf(current); },
    get previous() { return previous === undefined ? undefined : objectOf(previous); },
  };
}
