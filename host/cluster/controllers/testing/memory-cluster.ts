/**
 * The least of an API server that controllers can be tried on: objects, versions, graceful deletion, finalizers. No
 * validation, no defaults beyond what a controller cannot do without.
 */
import { simulatedPlatform, type Simulated } from "../../../platform/simulated/index.ts";
import { rfc3339 } from "../../../values/time.ts";
import { alreadyExists, conflict, notFound } from "../../api/status-error.ts";
import type { Client, DeleteOptions, Discovery, ObjectEvent, ResourceRef, ServedResource, Watching } from "../../client.ts";
import { resourceName, type ClusterObject, type JsonObject } from "../../model.ts";
import * as apps from "../../typed/apps.ts";
import * as core from "../../typed/core.ts";
import * as others from "../../typed/others.ts";
import { Kit } from "../kit/kit.ts";
import { sameJson } from "../kit/hash.ts";

type Handler = (event: ObjectEvent) => void;

export class MemoryCluster implements Client, Watching, Discovery {
  readonly simulated: Simulated = simulatedPlatform();
  readonly problems: string[] = [];
  writes = 0;
  readonly #objects = new Map<string, Map<string, ClusterObject>>();
  readonly #handlers = new Map<string, Set<Handler>>();
  readonly #all = new Set<(resource: ServedResource, event: ObjectEvent) => void>();
  readonly #served: ServedResource[] = [];
  #version = 0;
  #names = 0;

  constructor(more: object[] = []) {
    for (const module of [core, apps, others, ...more]) {
      for (const each of Object.values(module) as unknown[]) if (typeof each === "object" && each !== null && "resource" in each) this.#served.push(each as ServedResource);
    }
  }

  kit(): Kit {
    return new Kit({
      clientOf: () => this, watching: this, discovery: this, platform: this.simulated.platform,
      onProblem: (controller, key, error) => this.problems.push(`${controller} ${key}: ${error instanceof Error ? error.stack : String(error)}`),
    });
  }

  resources(): readonly ServedResource[] { return this.#served; }
  resourceOf(apiVersion: string, kind: string): ServedResource | undefined {
    return this.#served.find((each) => each.kind === kind && (each.group === "" ? each.version : `${each.group}/${each.version}`) === apiVersion);
  }

  get(resource: ResourceRef, namespace: string | undefined, name: string): ClusterObject | undefined { return this.#of(resource).get(`${namespace ?? ""}/${name}`); }
  list(resource: ResourceRef, { namespace }: { namespace?: string } = {}): ClusterObject[] {
    return [...this.#of(resource)].filter(([key]) => namespace === undefined || key.startsWith(`${namespace}/`)).sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
  }

  create(resource: ResourceRef, object: ClusterObject): ClusterObject {
    const { metadata } = object;
    const name = metadata.name || `${metadata.generateName}${String(this.#names++).padStart(5, "0")}`;
    if (this.get(resource, metadata.namespace, name) !== undefined) throw alreadyExists(resource, name);
    const uid = `00000000-0000-4000-8000-${String(this.#version + 1).padStart(12, "0")}`;
    const made = { ...object, metadata: { ...metadata, name, uid, generation: 1, creationTimestamp: this.#now() } };
    return this.#write("ADDED", resource, resource.resource === "pods" ? { ...made, status: { phase: "Pending", ...object["status"] as object } } : made, undefined);
  }

  update(resource: ResourceRef, object: ClusterObject, subresource?: string): ClusterObject {
    const live = this.#live(resource, object.metadata.namespace, object.metadata.name);
    const { resourceVersion } = object.metadata;
    if (resourceVersion !== undefined && resourceVersion !== live.metadata.resourceVersion) throw conflict(resource, live.metadata.name, "the object has been modified");
    const next = subresource === "status" ? { ...object, spec: live["spec"]! } : "status" in live ? { ...object, status: live["status"]! } : object;
    const generation = live.metadata.generation! + (sameJson(next["spec"], live["spec"]) ? 0 : 1);
    const metadata = { ...next.metadata, uid: live.metadata.uid!, generation };
    if (metadata.deletionTimestamp !== undefined && (metadata.finalizers ?? []).length === 0 && metadata.deletionGracePeriodSeconds === undefined) {
      this.#remove(resource, { ...next, metadata });
      return next;
    }
    return this.#write("MODIFIED", resource, { ...next, metadata }, live);
  }

  patch(resource: ResourceRef, namespace: string | undefined, name: string, patch: JsonObject, subresource?: string): ClusterObject {
    const live = this.#live(resource, namespace, name);
    const uid = (patch["metadata"] as JsonObject | undefined)?.["uid"];
    if (uid !== undefined && uid !== live.metadata.uid) throw conflict(resource, name, "Precondition failed: UID in precondition");
    return this.update(resource, merged(live, patch) as unknown as ClusterObject, subresource);
  }
  apply(): never { throw new Error("no apply"); }

  delete(resource: ResourceRef, namespace: string | undefined, name: string, options: DeleteOptions = {}): void {
    const live = this.#live(resource, namespace, name);
    const { uid } = options.preconditions ?? {};
    if (uid !== undefined && uid !== live.metadata.uid) throw conflict(resource, name, "Precondition failed: UID in precondition");
    const grace = resource.resource === "pods" ? options.gracePeriodSeconds ?? 30 : 0;
    const finalizers = [...live.metadata.finalizers ?? []];
    if (options.propagation === "Foreground") finalizers.push("foregroundDeletion");
    if (options.propagation === "Orphan") finalizers.push("orphan");
    if (finalizers.length > 0 || (grace > 0 && (live["spec"] as JsonObject)["nodeName"] !== undefined)) {
      const metadata = { ...live.metadata, deletionTimestamp: rfc3339(this.simulated.platform.clock.nowMs() + grace * 1000), ...(finalizers.length > 0 ? { finalizers } : {}), ...(grace > 0 ? { deletionGracePeriodSeconds: grace } : {}) };
      if (live.metadata.deletionTimestamp === undefined || metadata.deletionTimestamp < live.metadata.deletionTimestamp) this.#write("MODIFIED", resource, { ...live, metadata }, live);
    } else this.#remove(resource, live);
  }

  post(resource: ResourceRef, namespace: string | undefined, name: string, subresource: string, body: ClusterObject): void {
    const live = this.#live(resource, namespace, name);
    if (subresource === "eviction") return this.delete(resource, namespace, name);
    const conditions = [{ type: "PodScheduled", status: "True", lastProbeTime: null, lastTransitionTime: this.#now() }];
    this.#write("MODIFIED", resource, { ...live, spec: { ...live["spec"] as JsonObject, nodeName: (body["target"] as JsonObject)["name"]! }, status: { ...live["status"] as JsonObject, conditions } }, live);
  }

  on(resource: ResourceRef, handler: Handler): () => void {
    for (const object of this.#of(resource).values()) handler({ type: "ADDED", object, previous: undefined });
    const name = resourceName(resource);
    this.#handlers.set(name, (this.#handlers.get(name) ?? new Set()).add(handler));
    return () => void this.#handlers.get(name)!.delete(handler);
  }
  onAll(handler: (resource: ServedResource, event: ObjectEvent) => void): () => void {
    for (const served of this.#served) for (const object of this.#of(served).values()) handler(served, { type: "ADDED", object, previous: undefined });
    this.#all.add(handler);
    return () => void this.#all.delete(handler);
  }

  #of(resource: ResourceRef): Map<string, ClusterObject> {
    const name = resourceName(resource);
    let objects = this.#objects.get(name);
    if (objects === undefined) this.#objects.set(name, objects = new Map());
    return objects;
  }
  #live(resource: ResourceRef, namespace: string | undefined, name: string): ClusterObject {
    const live = this.get(resource, namespace, name);
    if (live === undefined) throw notFound(resource, name);
    return live;
  }
  #now(): string { return rfc3339(this.simulated.platform.clock.nowMs()); }

  #write(type: "ADDED" | "MODIFIED", resource: ResourceRef, object: ClusterObject, previous: ClusterObject | undefined): ClusterObject {
    const written = { ...object, metadata: { ...object.metadata, resourceVersion: String(++this.#version) } };
    this.writes++;
    this.#of(resource).set(`${written.metadata.namespace ?? ""}/${written.metadata.name}`, written);
    this.#tell(resource, { type, object: written, previous });
    return written;
  }
  #remove(resource: ResourceRef, object: ClusterObject): void {
    this.writes++;
    this.#of(resource).delete(`${object.metadata.namespace ?? ""}/${object.metadata.name}`);
    this.#tell(resource, { type: "DELETED", object: { ...object, metadata: { ...object.metadata, resourceVersion: String(++this.#version) } }, previous: object });
  }
  #tell(resource: ResourceRef, event: ObjectEvent): void {
    for (const handler of this.#handlers.get(resourceName(resource)) ?? []) handler(event);
    const served = this.#served.find((each) => resourceName(each) === resourceName(resource));
    if (served !== undefined) for (const handler of this.#all) handler(served, event);
  }
}

function merged(target: unknown, patch: unknown): unknown {
  if (typeof patch !== "object" || patch === null || Array.isArray(patch)) return patch;
  const result: { [key: string]: unknown } = typeof target === "object" && target !== null && !Array.isArray(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = merged(result[key], value);
  }
  return result;
}
