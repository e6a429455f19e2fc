/** Pods that nobody looks after any more: their node is gone, or they were deleted before they had one. */
import { NODES, PODS, type Node, type Pod } from "../../typed/core.ts";
import type { Condition } from "../../typed/resource.ts";
import type { Api } from "../kit/api.ts";
import { findCondition } from "../kit/conditions.ts";
import type { Queue } from "../kit/dispatcher.ts";
import type { Kit } from "../kit/kit.ts";
import { isFinished } from "../kit/pods.ts";
import { timeMs } from "../kit/numbers.ts";
import type { Store } from "../kit/store.ts";
import { readinessOf } from "./node-lifecycle.ts";

const MANAGER = "kube-controller-manager";
const CHECK_MS = 20_000;
/** A node that is missing may come back. */
const QUARANTINE_MS = 40_000;
/** Finished Pods beyond this number go, the oldest first. */
const FINISHED_MAX = 12_500;
const OUT_OF_SERVICE = "node.kubernetes.io/out-of-service";

export class PodGarbageController {
  readonly #kit: Kit;
  readonly #api: Api;
  readonly #pods: Store<Pod>;
  readonly #nodes: Store<Node>;
  readonly #missingSinceMs = new Map<string, number>();
  readonly #queue: Queue;

  constructor(kit: Kit) {
    this.#kit = kit;
    this.#api = kit.api(MANAGER);
    this.#pods = kit.store(PODS);
    this.#nodes = kit.store(NODES);
    this.#queue = kit.queue("pod-gc", () => this.#collect());
    this.#pods.on(({ type, object: pod }) => {
      const { metadata: { deletionTimestamp }, spec: { nodeName } } = pod;
      if (type !== "DELETED" && (deletionTimestamp !== undefined || isFinished(pod) || (nodeName !== undefined && this.#nodes.get(nodeName) === undefined))) this.#plan();
    });
    this.#nodes.on(({ type }) => {
      if (type === "DELETED") this.#plan();
    });
  }

  /** A look now and then, but only while there may be something to see: an idle cluster stays idle. */
  #plan(): void {
    this.#queue.addAfter("", CHECK_MS);
  }

  #collect(): void {
    const nowMs = this.#kit.platform.clock.monotonicMs();
    let more = false;
    const finished: Pod[] = [];
    for (const pod of this.#pods.list()) {
      const { nodeName } = pod.spec;
      const node = nodeName === undefined ? undefined : this.#nodes.get(nodeName);
      const leaving = pod.metadata.deletionTimestamp !== undefined;
      if (isFinished(pod) && !leaving) finished.push(pod);
      if (nodeName === undefined) {
        if (leaving) this.#fail(pod);
      } else if (node === undefined) {
        const sinceMs = this.#missingSinceMs.get(nodeName) ?? nowMs;
        this.#missingSinceMs.set(nodeName, sinceMs);
        if (nowMs - sinceMs >= QUARANTINE_MS) this.#fail(pod, { reason: "DeletionByPodGC", message: "PodGC: node no longer exists" });
        else more = true;
      } else {
        this.#missingSinceMs.delete(nodeName);
        if (!leaving) continue;
        if (readinessOf(node) !== "True" && node.spec.taints?.some(({ key }) => key === OUT_OF_SERVICE) === true) this.#fail(pod);
        else more = true;
      }
    }
    finished.sort((a, b) => (timeMs(a.metadata.creationTimestamp) ?? 0) - (timeMs(b.metadata.creationTimestamp) ?? 0));
    for (const pod of finished.slice(0, Math.max(0, finished.length - FINISHED_MAX))) this.#fail(pod);
    if (more) this.#plan();
  }

  #fail(pod: Pod, why?: { reason: string; message: string }): void {
    if (!isFinished(pod)) {
      const conditions = why === undefined ? undefined : withDisruption(this.#kit, pod, why.reason, why.message);
      const status = { phase: "Failed", ...(pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }), ...(conditions === undefined ? {} : { conditions }) };
      this.#api.patchStatus(PODS, pod, status);
    }
    this.#api.delete(PODS, pod, { gracePeriodSeconds: 0 });
  }
}

/** Writes on the Pod why it is about to be deleted. */
export function markDisrupted(kit: Kit, api: Api, pod: Pod, reason: string, message: string): void {
  const known = findCondition(pod.status?.conditions, "DisruptionTarget");
  if (known?.status === "True" && known.reason === reason && known.message === message) return;
  api.patchStatus(PODS, pod, { conditions: withDisruption(kit, pod, reason, message) });
}

function withDisruption(kit: Kit, pod: Pod, reason: string, message: string): Condition[] {
  const known = findCondition(pod.status?.conditions, "DisruptionTarget");
  const condition: Condition = {
    type: "DisruptionTarget", ...(pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }), status: "True",
    lastProbeTime: null, lastTransitionTime: known?.status === "True" ? known.lastTransitionTime! : kit.now(), reason, message,
  };
  return [...(pod.status?.conditions ?? []).filter(({ type }) => type !== "DisruptionTarget"), condition];
}
