/** PodDisruptionBudget: how many Pods may be disturbed by now. The eviction API spends what is allowed here. */
import { DEPLOYMENTS, REPLICA_SETS, STATEFUL_SETS } from "../../typed/apps.ts";
import { PODS, REPLICATION_CONTROLLERS, type Pod } from "../../typed/core.ts";
import { BUDGETS, type PodDisruptionBudget } from "../../typed/others.ts";
import { keyOf, type Condition, type LabelSelector } from "../../typed/resource.ts";
import type { OwnerReference } from "../../model.ts";
import type { Client } from "../../client.ts";
import { messageOf, type Api } from "../kit/api.ts";
import { findCondition } from "../kit/conditions.ts";
import type { Queue } from "../kit/dispatcher.ts";
import { sameJson } from "../kit/hash.ts";
import type { Kit } from "../kit/kit.ts";
import { scaled, timeMs } from "../kit/numbers.ts";
import { isReady } from "../kit/pods.ts";
import type { Recorder } from "../kit/recorder.ts";
import { SelectorIndex, type LabelIndex } from "../kit/selectors.ts";
import { controllerOf, type Store } from "../kit/store.ts";

const MANAGER = "kube-controller-manager";
/** A Pod that was evicted and is still there after this long was not evicted. */
const DELETION_MS = 120_000;

interface Counts { expected: number; desired: number; unmanaged: boolean }

export class DisruptionController {
  readonly #kit: Kit;
  readonly #api: Api;
  readonly #client: Client;
  readonly #events: Recorder;
  readonly #budgets: Store<PodDisruptionBudget>;
  readonly #pods: LabelIndex<Pod>;
  readonly #queue: Queue;

  constructor(kit: Kit) {
    this.#kit = kit;
    this.#api = kit.api(MANAGER);
    this.#client = kit.client(MANAGER);
    this.#events = kit.recorder("controllermanager", MANAGER);
    this.#budgets = kit.store(BUDGETS);
    this.#pods = kit.labels(PODS);
    this.#queue = kit.queue("disruption", (key) => this.#pass(key));
    const selecting = new SelectorIndex(this.#budgets, ({ spec }) => spec.selector);
    this.#budgets.on(({ type, object }) => {
      if (type !== "DELETED") this.#queue.add(keyOf(object));
    });
    kit.store(PODS).on(({ object: pod, previous }) => {
      if (this.#budgets.size === 0) return;
      for (const labels of new Set([pod.metadata.labels, previous?.metadata.labels])) {
        for (const budget of selecting.matching(pod.metadata.namespace!, labels)) this.#queue.add(keyOf(budget));
      }
    });
    // What a budget in percent refers to changes with its Pods' owners, too.
    for (const resource of [REPLICA_SETS, STATEFUL_SETS, DEPLOYMENTS]) {
      kit.store(resource as typeof REPLICA_SETS).on(({ object, previous }) => {
        if (this.#budgets.size === 0 || object.spec.replicas === previous?.spec.replicas) return;
        for (const budget of selecting.matching(object.metadata.namespace!, object.spec.template.metadata?.labels)) this.#queue.add(keyOf(budget));
      });
    }
  }

  #pass(key: string): void {
    const budget = this.#budgets.get(key);
    if (budget === undefined) return;
    const pods = this.#pods.select(budget.metadata.namespace!, budget.spec.selector);
    if (pods.length === 0) this.#events.normal(budget, "NoPods", "No matching pods found");
    try {
      this.#write(key, budget, pods, this.#count(budget, pods));
    } catch (error) {
      const message = messageOf(error);
      this.#events.warning(budget, "CalculateExpectedPodCountFailed", `Failed to calculate the number of expected pods: ${message}`);
      const conditions = this.#conditions(budget, "False", "SyncFailed", message, budget.status?.observedGeneration ?? 0);
      const status = { currentHealthy: 0, desiredHealthy: 0, expectedPods: 0, ...budget.status, disruptionsAllowed: 0, conditions };
      if (!sameJson(status, budget.status)) this.#api.updateStatus(BUDGETS, { ...budget, status });
    }
  }

  #write(key: string, budget: PodDisruptionBudget, pods: readonly Pod[], { expected, desired, unmanaged }: Counts): void {
    if (unmanaged) this.#events.warning(budget, "UnmanagedPods", unmanagedMessage(budget.spec.selector));
    const { disrupted, recheckInMs } = this.#disrupted(budget, pods);
    const healthy = pods.filter((pod) => pod.metadata.deletionTimestamp === undefined && disrupted[pod.metadata.name] === undefined && isReady(pod)).length;
    const allowed = expected <= 0 ? 0 : Math.max(0, healthy - desired);
    const generation = budget.metadata.generation ?? 0;
    const conditions = allowed > 0 ? this.#conditions(budget, "True", "SufficientPods", "", generation) : this.#conditions(budget, "False", "InsufficientPods", "", generation);
    const status = {
      observedGeneration: generation, ...(Object.keys(disrupted).length === 0 ? {} : { disruptedPods: disrupted }),
      disruptionsAllowed: allowed, currentHealthy: healthy, desiredHealthy: desired, expectedPods: expected, conditions,
    };
    if (!sameJson(status, budget.status)) this.#api.updateStatus(BUDGETS, { ...budget, status });
    if (recheckInMs !== undefined) this.#queue.addAfter(key, recheckInMs);
  }

  #count({ spec: { minAvailable, maxUnavailable } }: PodDisruptionBudget, pods: readonly Pod[]): Counts {
    if (typeof minAvailable === "number" && maxUnavailable === undefined) return { expected: pods.length, desired: minAvailable, unmanaged: false };
    const { expected, unmanaged } = this.#expectedScale(pods);
    if (maxUnavailable !== undefined) return { expected, desired: Math.max(0, expected - scaled(maxUnavailable, expected, "up")), unmanaged };
    return { expected, desired: minAvailable === undefined ? 0 : scaled(minAvailable, expected, "up"), unmanaged };
  }

  /** The sizes of all that controls one of the Pods. */
  #expectedScale(pods: readonly Pod[]): { expected: number; unmanaged: boolean } {
    const scales = new Map<string, number>();
    let unmanaged = false;
    for (const pod of pods) {
      const owner = controllerOf(pod);
      if (owner === undefined) unmanaged = true;
      else if (!scales.has(owner.uid)) {
        const found = this.#scaleOf(owner, pod.metadata.namespace!);
        if (found === undefined) throw new Error(`found no controllers for pod "${pod.metadata.name}"`);
        scales.set(found.uid, found.scale);
      }
    }
    return { expected: [...scales.values()].reduce((sum, scale) => sum + scale, 0), unmanaged };
  }

  #scaleOf(owner: OwnerReference, namespace: string): { uid: string; scale: number } | undefined {
    const key = `${namespace}/${owner.name}`;
    const ofApps = owner.apiVersion.startsWith("apps/");
    if (ofApps && owner.kind === "ReplicaSet") {
      const set = this.#kit.store(REPLICA_SETS).get(key);
      if (set?.metadata.uid !== owner.uid) return undefined;
      const above = controllerOf(set);
      const deployment = above?.kind === "Deployment" ? this.#kit.store(DEPLOYMENTS).get(`${namespace}/${above.name}`) : undefined;
      // A Deployment in the middle of a rollout counts once.
      if (deployment !== undefined && deployment.metadata.uid === above!.uid) return { uid: deployment.metadata.uid!, scale: deployment.spec.replicas };
      return { uid: set.metadata.uid!, scale: set.spec.replicas };
    }
    if (ofApps && owner.kind === "StatefulSet") {
      const set = this.#kit.store(STATEFUL_SETS).get(key);
      return set?.metadata.uid === owner.uid ? { uid: owner.uid, scale: set.spec.replicas } : undefined;
    }
    if (owner.apiVersion === "v1" && owner.kind === "ReplicationController") {
      const controller = this.#kit.store(REPLICATION_CONTROLLERS).get(key);
      return controller?.metadata.uid === owner.uid ? { uid: owner.uid, scale: controller.spec.replicas ?? 1 } : undefined;
    }
    return this.#customScale(owner, namespace);
  }

  /** Any other kind, if its objects say how many they want to be. */
  #customScale(owner: OwnerReference, namespace: string): { uid: string; scale: number } | undefined {
    const kind = this.#kit.discovery.resourceOf(owner.apiVersion, owner.kind);
    const object = kind === undefined ? undefined : this.#client.get(kind, kind.namespaced ? namespace : undefined, owner.name);
    const replicas = (object?.["spec"] as { replicas?: unknown } | undefined)?.replicas;
    return object?.metadata.uid === owner.uid && typeof replicas === "number" ? { uid: owner.uid, scale: replicas } : undefined;
  }

  #disrupted(budget: PodDisruptionBudget, pods: readonly Pod[]): { disrupted: { [pod: string]: string }; recheckInMs: number | undefined } {
    const disrupted: { [pod: string]: string } = {};
    let recheckInMs: number | undefined;
    for (const pod of pods) {
      const since = budget.status?.disruptedPods?.[pod.metadata.name];
      if (since === undefined || pod.metadata.deletionTimestamp !== undefined) continue;
      const leftMs = timeMs(since)! + DELETION_MS - this.#kit.nowMs();
      if (leftMs < 0) {
        this.#events.warning(pod, "NotDeleted", `Pod was expected by PDB ${budget.metadata.namespace}/${budget.metadata.namespace} to be deleted but it wasn't`);
        continue;
      }
      disrupted[pod.metadata.name] = since;
      recheckInMs = Math.min(recheckInMs ?? Infinity, leftMs + 1);
    }
    return { disrupted, recheckInMs };
  }

  #conditions({ status }: PodDisruptionBudget, is: "True" | "False", reason: string, message: string, observedGeneration: number): Condition[] {
    const known = findCondition(status?.conditions, "DisruptionAllowed");
    const lastTransitionTime = known?.status === is ? known.lastTransitionTime! : this.#kit.now();
    const next: Condition = { type: "DisruptionAllowed", status: is, observedGeneration, lastTransitionTime, reason, message };
    return known === undefined ? [...status?.conditions ?? [], next] : status!.conditions!.map((each) => (each === known ? next : each));
  }
}

function unmanagedMessage(selector: LabelSelector | undefined): string {
  const labels = Object.entries(selector?.matchLabels ?? {}).map(([key, value]) => `${key}:${value}`).join(" ");
  return `Pods selected by this PodDisruptionBudget (selector: &LabelSelector{MatchLabels:map[string]string{${labels === "" ? "" : `${labels.replaceAll(":", ": ").replaceAll(" ", ",")},`}},MatchExpressions:[]LabelSelectorRequirement{},}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.`;
}
