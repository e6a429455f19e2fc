/** ReplicaSet: as many Pods as it says, of its template. */
import { REPLICA_SETS, type ReplicaSet, type ReplicaSetStatus } from "../../typed/apps.ts";
import { PODS, type Pod } from "../../typed/core.ts";
import { keyOf } from "../../typed/resource.ts";
import { isNamespaceTerminating, messageOf, type Api } from "../kit/api.ts";
import { claim } from "../kit/claim.ts";
import { findCondition, withCondition, withoutCondition } from "../kit/conditions.ts";
import type { Queue } from "../kit/dispatcher.ts";
import { sameJson } from "../kit/hash.ts";
import type { Kit } from "../kit/kit.ts";
import { isActive, isAvailable, isReady, isTerminating, nextAvailableInMs, PodControl, podOf } from "../kit/pods.ts";
import { SelectorIndex } from "../kit/selectors.ts";
import { controllerOf, type Change, type Store } from "../kit/store.ts";
import { firstToGo } from "./deletion-order.ts";

const MANAGER = "kube-controller-manager";
/** Pods made or deleted in one pass. */
const BURST = 500;

export class ReplicaSetController {
  readonly #kit: Kit;
  readonly #api: Api;
  readonly #sets: Store<ReplicaSet>;
  readonly #pods: Store<Pod>;
  readonly #control: PodControl;
  readonly #queue: Queue;
  readonly #selecting: SelectorIndex<ReplicaSet>;

  constructor(kit: Kit) {
    this.#kit = kit;
    this.#api = kit.api(MANAGER);
    this.#sets = kit.store(REPLICA_SETS);
    this.#pods = kit.store(PODS);
    this.#control = new PodControl(this.#api, kit.recorder("replicaset-controller", MANAGER));
    this.#selecting = new SelectorIndex(this.#sets, ({ spec }) => spec.selector);
    this.#queue = kit.queue("replicaset", (key) => this.#pass(key));
    this.#sets.on(({ object, type }) => {
      if (type !== "DELETED") this.#queue.add(keyOf(object));
    });
    this.#pods.on((change) => this.#podChanged(change));
  }

  #podChanged({ object: pod, previous }: Change<Pod>): void {
    const owner = controllerOf(pod);
    const before = previous === undefined ? undefined : controllerOf(previous);
    const namespace = pod.metadata.namespace!;
    if (before !== undefined && before.uid !== owner?.uid && before.kind === "ReplicaSet") this.#queue.add(`${namespace}/${before.name}`);
    if (owner !== undefined) {
      if (owner.kind === "ReplicaSet") this.#queue.add(`${namespace}/${owner.name}`);
      return;
    }
    for (const set of this.#selecting.matching(namespace, pod.metadata.labels)) this.#queue.add(keyOf(set));
  }

  #pass(key: string): void {
    const set = this.#sets.get(key);
    if (set === undefined) return;
    const owned = (): Pod[] => this.#pods.ownedBy(set.metadata.uid!);
    const active = claim(this.#api, this.#pods, PODS, set, set.spec.selector, isActive);
    const failure = set.metadata.deletionTimestamp === undefined ? this.#manage(set, active) : undefined;
    const nowMs = this.#kit.nowMs();
    const pods = owned();
    const status = this.#status(set, pods, failure, nowMs);
    if (!sameJson(status, set.status)) this.#api.updateStatus(REPLICA_SETS, { ...set, status });
    if (failure !== undefined) throw failure.error;
    const minReady = set.spec.minReadySeconds ?? 0;
    const waitMs = minReady === 0 ? undefined : nextAvailableInMs(pods.filter(isActive), minReady, nowMs);
    if (waitMs !== undefined) this.#queue.addAfter(key, waitMs);
  }

  /** Makes what is missing, deletes what is too much. What went wrong is returned: the status has to tell it first. */
  #manage(set: ReplicaSet, active: readonly Pod[]): { error: unknown; reason: string } | undefined {
    const missing = set.spec.replicas - active.length;
    try {
      if (missing > 0) this.#create(set, Math.min(missing, BURST));
      else if (missing < 0) {
        const related = missing + active.length === 0 ? [] : this.#related(set);
        for (const pod of firstToGo(active, related, Math.min(-missing, BURST), this.#kit.nowMs())) this.#control.delete(set, pod);
      }
      return undefined;
    } catch (error) {
      return { error, reason: missing > 0 ? "FailedCreate" : "FailedDelete" };
    }
  }

  /** In batches that double while all goes well, so that a quota that refuses one Pod is not asked for a hundred. */
  #create(set: ReplicaSet, count: number): void {
    const pod = podOf(set, set.spec.template);
    for (let batch = 1, left = count; left > 0; left -= batch, batch *= 2) {
      let refused: unknown;
      for (let n = 0; n < Math.min(batch, left); n++) {
        try {
          this.#control.create(set, pod);
        } catch (error) {
          if (isNamespaceTerminating(error)) return;
          refused ??= error;
        }
      }
      if (refused !== undefined) throw refused;
    }
  }

  /** Pods of all ReplicaSets of the same owner: deleting prefers nodes with many of them. */
  #related(set: ReplicaSet): Pod[] {
    const owner = controllerOf(set);
    const sets = owner === undefined ? [set] : this.#sets.ownedBy(owner.uid);
    return sets.flatMap(({ metadata: { uid } }) => this.#pods.ownedBy(uid!));
  }

  #status(set: ReplicaSet, owned: readonly Pod[], failure: { error: unknown; reason: string } | undefined, nowMs: number): ReplicaSetStatus {
    const { spec: { template, minReadySeconds = 0 }, metadata: { generation } } = set;
    const labels = Object.entries(template.metadata?.labels ?? {});
    let [replicas, labelled, ready, available, terminating] = [0, 0, 0, 0, 0];
    for (const pod of owned) {
      if (isTerminating(pod)) terminating++;
      if (!isActive(pod)) continue;
      replicas++;
      if (labels.every(([key, value]) => pod.metadata.labels?.[key] === value)) labelled++;
      if (isReady(pod)) ready++;
      if (isAvailable(pod, minReadySeconds, nowMs)) available++;
    }
    const conditions = this.#conditions(set, failure);
    return {
      replicas, ...counted({ fullyLabeledReplicas: labelled, readyReplicas: ready, availableReplicas: available }),
      terminatingReplicas: terminating, ...(generation === undefined ? {} : { observedGeneration: generation }), ...(conditions === undefined ? {} : { conditions }),
    };
  }

  #conditions({ status }: ReplicaSet, failure: { error: unknown; reason: string } | undefined): ReplicaSetStatus["conditions"] {
    if (failure === undefined) return withoutCondition(status?.conditions, "ReplicaFailure");
    if (findCondition(status?.conditions, "ReplicaFailure") !== undefined) return status?.conditions;
    const { error, reason } = failure;
    return withCondition(status?.conditions, { type: "ReplicaFailure", status: "True", lastTransitionTime: this.#kit.now(), reason, message: messageOf(error) });
  }
}

/** Zeros are left out, as the server leaves them out. */
export function counted<T extends { [name: string]: number }>(counts: T): Partial<T> {
  const some: { [name: string]: number } = {};
  for (const name in counts) if (counts[name] !== 0) some[name] = counts[name]!;
  return some as Partial<T>;
}
