/** HorizontalPodAutoscaler: there is no metrics API here, and each autoscaler says so; its bounds hold nevertheless. */
import { AUTOSCALERS, type HorizontalPodAutoscaler } from "../../typed/others.ts";
import { keyOf, type Condition } from "../../typed/resource.ts";
import type { Client } from "../../client.ts";
import type { ClusterObject } from "../../model.ts";
import { isNotFound, messageOf, type Api } from "../kit/api.ts";
import { findCondition } from "../kit/conditions.ts";
import type { Queue } from "../kit/dispatcher.ts";
import { sameJson } from "../kit/hash.ts";
import type { Kit } from "../kit/kit.ts";
import type { Recorder } from "../kit/recorder.ts";
import type { Store } from "../kit/store.ts";

const MANAGER = "kube-controller-manager";
const EVERY_MS = 15_000;

export class AutoscalerController {
  readonly #kit: Kit;
  readonly #api: Api;
  readonly #client: Client;
  readonly #events: Recorder;
  readonly #autoscalers: Store<HorizontalPodAutoscaler>;
  readonly #queue: Queue;

  constructor(kit: Kit) {
    this.#kit = kit;
    this.#api = kit.api(MANAGER);
    this.#client = kit.client(MANAGER);
    this.#events = kit.recorder("horizontal-pod-autoscaler", MANAGER);
    this.#autoscalers = kit.store(AUTOSCALERS);
    this.#queue = kit.queue("horizontalpodautoscaling", (key) => this.#pass(key));
    this.#autoscalers.on(({ type, object }) => {
      if (type !== "DELETED") this.#queue.add(keyOf(object));
    });
  }

  #pass(key: string): void {
    const autoscaler = this.#autoscalers.get(key);
    if (autoscaler === undefined) return;
    this.#queue.addAfter(key, EVERY_MS);
    const { scaleTargetRef, minReplicas = 1, maxReplicas } = autoscaler.spec;
    const namespace = autoscaler.metadata.namespace!;
    const kind = this.#kit.discovery.resourceOf(scaleTargetRef.apiVersion ?? "v1", scaleTargetRef.kind);
    const target = kind === undefined ? undefined : this.#client.get(kind, namespace, scaleTargetRef.name);
    const replicas = (target?.["spec"] as { replicas?: number } | undefined)?.replicas;
    if (kind === undefined || target === undefined || replicas === undefined) return this.#unable(autoscaler, kind?.resource ?? scaleTargetRef.kind, scaleTargetRef.name, kind?.group ?? "");
    const current = (target["status"] as { replicas?: number } | undefined)?.replicas ?? 0;
    const able = this.#condition(autoscaler, "AbleToScale", "True", "SucceededGetScale", "the HPA controller was able to get the target's current scale");
    if (replicas === 0 && minReplicas !== 0) {
      const off = this.#condition(autoscaler, "ScalingActive", "False", "ScalingDisabled", "scaling is disabled since the replica count of the target is zero");
      return this.#write(autoscaler, { currentReplicas: current, desiredReplicas: 0, conditions: [able, off] });
    }
    const wanted = Math.min(maxReplicas, Math.max(minReplicas, replicas));
    if (wanted !== replicas) return this.#bound(autoscaler, target, replicas, wanted, current);
    const message = "the HPA was unable to compute the replica count: unable to get metrics for resource cpu: unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)";
    this.#events.warning(autoscaler, "FailedGetResourceMetric", message.slice(message.indexOf(": ") + 2));
    const blind = this.#condition(autoscaler, "ScalingActive", "False", "FailedGetResourceMetric", message);
    this.#write(autoscaler, { currentReplicas: current, desiredReplicas: autoscaler.status?.desiredReplicas ?? 0, conditions: [able, blind] });
  }

  #bound(autoscaler: HorizontalPodAutoscaler, target: ClusterObject, replicas: number, wanted: number, current: number): void {
    const kind = this.#kit.discovery.resourceOf(target.apiVersion, target.kind)!;
    const why = wanted < replicas ? "Current number of replicas above Spec.MaxReplicas" : "Current number of replicas below Spec.MinReplicas";
    this.#client.patch(kind, target.metadata.namespace, target.metadata.name, { metadata: { uid: target.metadata.uid! }, spec: { replicas: wanted } });
    this.#events.normal(autoscaler, "SuccessfulRescale", `New size: ${wanted}; reason: ${why}`);
    const able = this.#condition(autoscaler, "AbleToScale", "True", "SucceededRescale", `the HPA controller was able to update the target scale to ${wanted}`);
    this.#write(autoscaler, { currentReplicas: current, desiredReplicas: wanted, lastScaleTime: this.#kit.now(), conditions: [able, ...(autoscaler.status?.conditions ?? []).filter(({ type }) => type !== "AbleToScale")] });
  }

  #unable(autoscaler: HorizontalPodAutoscaler, resource: string, name: string, group: string): void {
    const message = `${group === "" ? resource : `${resource}.${group}`} "${name}" not found`;
    this.#events.warning(autoscaler, "FailedGetScale", message);
    const condition = this.#condition(autoscaler, "AbleToScale", "False", "FailedGetScale", `the HPA controller was unable to get the target's current scale: ${message}`);
    this.#write(autoscaler, { ...autoscaler.status, desiredReplicas: autoscaler.status?.desiredReplicas ?? 0, conditions: [condition] });
  }

  #write(autoscaler: HorizontalPodAutoscaler, next: NonNullable<HorizontalPodAutoscaler["status"]>): void {
    const status = { ...autoscaler.status, ...next };
    if (sameJson(status, autoscaler.status)) return;
    try {
      this.#api.updateStatus(AUTOSCALERS, { ...autoscaler, status });
    } catch (error) {
      if (!isNotFound(error)) throw new Error(messageOf(error), { cause: error });
    }
  }

  #condition({ status }: HorizontalPodAutoscaler, type: string, is: "True" | "False", reason: string, message: string): Condition {
    const known = findCondition(status?.conditions ?? undefined, type);
    return { type, status: is, lastTransitionTime: known?.status === is ? known.lastTransitionTime! : this.#kit.now(), reason, message };
  }
}
