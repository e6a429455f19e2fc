/**
 * How the cluster's own parts (controllers, scheduler, kubelets) read and write objects: in process, synchronously, through
 * the same rules as every client - validation, defaulting, managed fields, preconditions - but without text and HTTP.
 */
import type { ClusterObject, JsonObject } from "./model.ts";

/** Names a resource by the version the caller speaks. `group` "" is the core group. */
export interface ResourceRef { readonly group: string; readonly version: string; readonly resource: string }

export interface ListOptions { namespace?: string; labelSelector?: string; fieldSelector?: string }

export interface DeleteOptions {
  gracePeriodSeconds?: number;
  propagation?: "Orphan" | "Background" | "Foreground";
  preconditions?: { uid?: string; resourceVersion?: string };
}

/** Every method throws `StatusError` for what the API refuses. Objects returned are shared: never changed by the caller. */
export interface Client {
  /** Undefined when there is none. */
  get(resource: ResourceRef, namespace: string | undefined, name: string): ClusterObject | undefined;
  /** Sorted by namespace and name. */
  list(resource: ResourceRef, options?: ListOptions): ClusterObject[];
  create(resource: ResourceRef, object: ClusterObject): ClusterObject;
  /** Replaces it; `metadata.resourceVersion` is a precondition where it is given. `subresource`: "status". */
  update(resource: ResourceRef, object: ClusterObject, subresource?: string): ClusterObject;
  /** Merge patch (RFC 7386). */
  patch(resource: ResourceRef, namespace: string | undefined, name: string, patch: JsonObject, subresource?: string): ClusterObject;
  /** Server-side apply, forced. */
  apply(resource: ResourceRef, object: ClusterObject, subresource?: string): ClusterObject;
  delete(resource: ResourceRef, namespace: string | undefined, name: string, options?: DeleteOptions): void;
  /** Calls a subresource by POST: "binding", "eviction". */
  post(resource: ResourceRef, namespace: string | undefined, name: string, subresource: string, body: ClusterObject): void;
}

export interface ObjectEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly object: ClusterObject;
  /** Absent for ADDED. */
  readonly previous: ClusterObject | undefined;
}

/**
 * What a controller is built on. A handler is called as soon as a write is done, before the writer goes on, in the order of
 * writes: what it notes is never behind what a client reads, so controllers see their own writes. At registration it gets an
 * ADDED for each object there is.
 *
 * NOTE: a handler notes and queues, it never writes: other handlers would hear of its write before the one that caused it.
 */
export interface Watching {
  /** Objects in the version asked for. Returns how to stop it. */
  on(resource: ResourceRef, handler: (event: ObjectEvent) => void): () => void;
  /** Every resource there is or will be, custom ones included; objects in their storage version. */
  onAll(handler: (resource: ServedResource, event: ObjectEvent) => void): () => void;
}

export interface ServedResource extends ResourceRef { readonly kind: string; readonly namespaced: boolean }

/** What is served: for parts that deal with objects of any kind (garbage collection, the end of a namespace). */
export interface Discovery {
  /** Every resource with objects of its own, once, in its preferred version; custom ones come and go with their definitions. */
  resources(): readonly ServedResource[];
  /** In the version asked for; undefined: not served. */
  resourceOf(apiVersion: string, kind: string): ServedResource | undefined;
}
