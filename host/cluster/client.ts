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
 * What a controller is built on. Handlers are called after the write that caused them, never inside it, in the order of
 * writes; at registration they get an ADDED for each object there is.
 */
export interface Watching {
  on(resource: ResourceRef, handler: (event: ObjectEvent) => void): () => void;
}
