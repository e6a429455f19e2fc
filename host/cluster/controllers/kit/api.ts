/** A client that knows the types of the resources it is asked about. */
import { StatusError } from "../../api/status-error.ts";
import type { Client, DeleteOptions } from "../../client.ts";
import type { ClusterObject, JsonObject, Metadata } from "../../model.ts";
import type { Resource, Typed } from "../../typed/resource.ts";

/** What is sent to be made: the server fills in the rest. */
export type New<T extends Typed> = Omit<T, "apiVersion" | "kind" | "metadata"> & { metadata: Partial<Metadata> };

export class Api {
  readonly #client: Client;

  constructor(client: Client) { this.#client = client; }

  get<T extends Typed>(resource: Resource<T>, namespace: string | undefined, name: string): T | undefined {
    return this.#client.get(resource, namespace, name) as T | undefined;
  }
  create<T extends Typed>(resource: Resource<T>, object: New<T>): T {
    const { group, version, kind } = resource;
    const whole = { apiVersion: group === "" ? version : `${group}/${version}`, kind, ...object };
    return this.#client.create(resource, whole as unknown as ClusterObject) as unknown as T;
  }
  /** Server-side apply, forced. */
  apply<T extends Typed>(resource: Resource<T>, object: New<T>): T {
    const { group, version, kind } = resource;
    const whole = { apiVersion: group === "" ? version : `${group}/${version}`, kind, ...object };
    return this.#client.apply(resource, whole as unknown as ClusterObject) as unknown as T;
  }
  /** The object's resourceVersion is a precondition. */
  update<T extends Typed>(resource: Resource<T>, object: T, subresource?: string): T {
    return this.#client.update(resource, object as unknown as ClusterObject, subresource) as unknown as T;
  }
  updateStatus<T extends Typed>(resource: Resource<T>, object: T): T {
    return this.#client.update(resource, object as unknown as ClusterObject, "status") as unknown as T;
  }
  /** Merge patch of the object as it is now, unless it is another one by now. */
  patch<T extends Typed>(resource: Resource<T>, { metadata: { namespace, name, uid } }: Typed, patch: object): T {
    const guarded = { ...patch, metadata: { ...(patch as { metadata?: object }).metadata, ...(uid === undefined ? {} : { uid }) } };
    return this.#client.patch(resource, namespace, name, guarded as unknown as JsonObject) as unknown as T;
  }
  patchStatus<T extends Typed>(resource: Resource<T>, { metadata: { namespace, name, uid } }: Typed, status: object): T {
    const guarded = { metadata: uid === undefined ? {} : { uid }, status };
    return this.#client.patch(resource, namespace, name, guarded as unknown as JsonObject, "status") as unknown as T;
  }
  /** Deletes this very object; that it is gone already is fine. */
  delete<T extends Typed>(resource: Resource<T>, { metadata: { namespace, name, uid } }: Typed, options: DeleteOptions = {}): void {
    const preconditions = uid === undefined ? options.preconditions : { uid, ...options.preconditions };
    try {
      this.#client.delete(resource, namespace, name, { ...options, ...(preconditions === undefined ? {} : { preconditions }) });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
  post<T extends Typed>(resource: Resource<T>, { metadata: { namespace, name } }: Typed, subresource: string, body: object): void {
    this.#client.post(resource, namespace, name, subresource, body as ClusterObject);
  }
}

export function isNotFound(error: unknown): boolean { return error instanceof StatusError && error.reason === "NotFound"; }
export function isAlreadyExists(error: unknown): boolean { return error instanceof StatusError && error.reason === "AlreadyExists"; }
/** The namespace is being deleted: nothing can be made in it any more, and trying again would not help. */
export function isNamespaceTerminating(error: unknown): boolean {
  return error instanceof StatusError && error.details?.causes?.some(({ reason }) => reason === "NamespaceTerminating") === true;
}
/** The server's own words, as controllers quote them. */
export function messageOf(error: unknown): string { return error instanceof Error ? error.message : String(error); }
