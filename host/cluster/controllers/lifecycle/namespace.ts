/** The end of a namespace: first its Pods, then everything else in it, then itself. */
import type { Client, ServedResource } from "../../client.ts";
import type { ClusterObject } from "../../model.ts";
import { NAMESPACES, type Namespace } from "../../typed/core.ts";
import type { Condition } from "../../typed/resource.ts";
import { isNotFound, messageOf, type Api } from "../kit/api.ts";
import type { Queue } from "../kit/dispatcher.ts";
import { sameJson } from "../kit/hash.ts";
import type { Kit } from "../kit/kit.ts";
import type { Store } from "../kit/store.ts";

const MANAGER = "kube-controller-manager";
const FINALIZER = "kubernetes";
/** Another look, where nothing that is left tells when it goes. */
const RETRY_MS = 15_000;

/** In the order in which they are written; the words of a namespace that ends well. */
const GOOD: readonly [type: string, reason: string, message: string][] = [
  ["NamespaceDeletionDiscoveryFailure", "ResourcesDiscovered", "All resources successfully discovered"],
  ["NamespaceDeletionGroupVersionParsingFailure", "ParsedGroupVersions", "All legacy kube types successfully parsed"],
  ["NamespaceDeletionContentFailure", "ContentDeleted", "All content successfully deleted, may be waiting on finalization"],
  ["NamespaceContentRemaining", "ContentRemoved", "All content successfully removed"],
  ["NamespaceFinalizersRemaining", "ContentHasNoFinalizers", "All content-preserving finalizers finished"],
];

interface Remaining { counts: Map<ServedResource, number>; finalizers: Map<string, number>; errors: string[] }

export class NamespaceController {
  readonly #kit: Kit;
  readonly #client: Client;
  readonly #api: Api;
  readonly #namespaces: Store<Namespace>;
  readonly #queue: Queue;

  constructor(kit: Kit) {
    this.#kit = kit;
    this.#client = kit.client(MANAGER);
    this.#api = kit.api(MANAGER);
    this.#namespaces = kit.store(NAMESPACES);
    this.#queue = kit.queue("namespace", (name) => this.#pass(name));
    this.#namespaces.on(({ object }) => {
      if (object.metadata.deletionTimestamp !== undefined) this.#queue.add(object.metadata.name);
    });
    kit.watching.onAll((_, { type, object }) => {
      const { namespace } = object.metadata;
      if (type === "DELETED" && namespace !== undefined && this.#namespaces.get(namespace)?.metadata.deletionTimestamp !== undefined) this.#queue.add(namespace);
    });
  }

  #pass(name: string): void {
    let namespace = this.#namespaces.get(name);
    if (namespace?.metadata.deletionTimestamp === undefined) return;
    if (namespace.status?.phase !== "Terminating") namespace = this.#api.updateStatus(NAMESPACES, { ...namespace, status: { ...namespace.status, phase: "Terminating" } });
    if (namespace.spec?.finalizers?.includes(FINALIZER) !== true) return;
    const resources = this.#kit.discovery.resources().filter(({ namespaced }) => namespaced);
    const pods = resources.filter(({ group, resource }) => group === "" && resource === "pods");
    const remaining: Remaining = { counts: new Map(), finalizers: new Map(), errors: [] };
    this.#empty(name, pods, remaining);
    const podsLeft = remaining.counts.size > 0;
    // While there are Pods, the conditions are those of a namespace without content: the real controller counts later.
    const told: Remaining = podsLeft ? { counts: new Map(), finalizers: new Map(), errors: remaining.errors } : remaining;
    if (!podsLeft) this.#empty(name, resources.filter((each) => !pods.includes(each)), remaining);
    this.#tell(namespace, told);
    if (remaining.counts.size > 0) return this.#queue.addAfter(name, RETRY_MS);
    if (remaining.errors.length > 0) return this.#queue.addAfter(name, RETRY_MS);
    this.#finalize(name);
  }

  #empty(namespace: string, resources: readonly ServedResource[], remaining: Remaining): void {
    for (const resource of resources) {
      try {
        for (const object of this.#client.list(resource, { namespace })) this.#delete(resource, object);
        const left = this.#client.list(resource, { namespace });
        if (left.length > 0) remaining.counts.set(resource, left.length);
        for (const finalizer of left.flatMap(({ metadata: { finalizers = [] } }) => finalizers)) {
          remaining.finalizers.set(finalizer, (remaining.finalizers.get(finalizer) ?? 0) + 1);
        }
      } catch (error) {
        remaining.errors.push(messageOf(error));
      }
    }
  }

  #delete(resource: ServedResource, { metadata: { namespace, name, uid, deletionTimestamp } }: ClusterObject): void {
    if (deletionTimestamp !== undefined) return;
    try {
      this.#client.delete(resource, namespace, name, { propagation: "Background", preconditions: { uid: uid! } });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  #tell(namespace: Namespace, { counts, finalizers, errors }: Remaining): void {
    const bad = new Map<string, [reason: string, message: string]>();
    const list = (words: Iterable<string>): string => [...words].sort().join(", ");
    if (errors.length > 0) bad.set("NamespaceDeletionContentFailure", ["ContentDeletionFailed", `Failed to delete all resource types, ${errors.length} remaining: ${list(errors)}`]);
    if (counts.size > 0) {
      const kinds = Array.from(counts, ([{ resource, group }, count]) => `${resource}.${group} has ${count} resource instances`);
      bad.set("NamespaceContentRemaining", ["SomeResourcesRemain", `Some resources are remaining: ${list(kinds)}`]);
    }
    if (finalizers.size > 0) {
      const names = Array.from(finalizers, ([finalizer, count]) => `${finalizer} in ${count} resource instances`);
      bad.set("NamespaceFinalizersRemaining", ["SomeFinalizersRemain", `Some content in the namespace has finalizers remaining: ${list(names)}`]);
    }
    const conditions: Condition[] = [...namespace.status?.conditions ?? []];
    for (const [type, goodReason, goodMessage] of GOOD) {
      const [reason, message] = bad.get(type) ?? [goodReason, goodMessage];
      const status = bad.has(type) ? "True" : "False";
      const at = conditions.findIndex((condition) => condition.type === type);
      const since = conditions[at]?.status === status ? conditions[at].lastTransitionTime! : this.#kit.now();
      const condition: Condition = { type, status, lastTransitionTime: since, reason, message };
      if (at === -1) conditions.push(condition);
      else conditions[at] = condition;
    }
    if (sameJson(conditions, namespace.status?.conditions)) return;
    this.#api.updateStatus(NAMESPACES, { ...namespace, status: { ...namespace.status, conditions } });
  }

  #finalize(name: string): void {
    const namespace = this.#namespaces.get(name);
    if (namespace === undefined) return;
    const finalizers = (namespace.spec?.finalizers ?? []).filter((each) => each !== FINALIZER);
    this.#api.update(NAMESPACES, { ...namespace, spec: { ...namespace.spec, finalizers } }, "finalize");
  }
}
