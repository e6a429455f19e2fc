/** Taints of the effect NoExecute: Pods that don't tolerate them go, at once or when their toleration has run out. */
import { NODES, PODS, type Node, type Pod, type Toleration } from "../../typed/core.ts";
import { keyOf } from "../../typed/resource.ts";
import type { Api } from "../kit/api.ts";
import type { Queue } from "../kit/dispatcher.ts";
import type { Kit } from "../kit/kit.ts";
import { tolerates } from "../kit/placement.ts";
import type { Recorder } from "../kit/recorder.ts";
import type { Index, Store } from "../kit/store.ts";
import { markDisrupted } from "./pod-gc.ts";

const MANAGER = "kube-controller-manager";

export class TaintEvictionController {
  readonly #kit: Kit;
  readonly #api: Api;
  readonly #events: Recorder;
  readonly #pods: Store<Pod>;
  readonly #nodes: Store<Node>;
  readonly #podsOn: Index<Pod>;
  readonly #queue: Queue;
  /** Since when a Pod has been tolerating what it does not tolerate forever. */
  readonly #since = new Map<string, { uid: string; fromMs: number }>();

  constructor(kit: Kit) {
    this.#kit = kit;
    this.#api = kit.api(MANAGER);
    this.#events = kit.recorder("taint-eviction-controller", MANAGER);
    this.#pods = kit.store(PODS);
    this.#nodes = kit.store(NODES);
    this.#podsOn = this.#pods.index(({ spec }) => (spec.nodeName === undefined ? [] : [spec.nodeName]));
    this.#queue = kit.queue("taint-eviction", (key) => this.#pass(key));
    this.#nodes.on(({ object: node, previous }) => {
      if (noExecute(node).length === 0 && (previous === undefined || noExecute(previous).length === 0)) return;
      for (const pod of this.#podsOn.get(node.metadata.name)) this.#queue.add(keyOf(pod));
    });
    this.#pods.on(({ type, object: pod, previous }) => {
      if (type === "DELETED") this.#since.delete(keyOf(pod));
      else if (pod.spec.nodeName !== undefined && (previous?.spec.nodeName === undefined || previous.spec.tolerations !== pod.spec.tolerations)) {
        const node = this.#nodes.get(pod.spec.nodeName);
        if (node !== undefined && noExecute(node).length > 0) this.#queue.add(keyOf(pod));
      }
    });
  }

  #pass(key: string): void {
    const pod = this.#pods.get(key);
    const node = pod?.spec.nodeName === undefined ? undefined : this.#nodes.get(pod.spec.nodeName);
    if (pod === undefined || node === undefined || pod.metadata.deletionTimestamp !== undefined) return;
    const forSeconds = toleratedFor(pod.spec.tolerations ?? [], node);
    if (forSeconds === Infinity) return this.#cancel(key, pod);
    const nowMs = this.#kit.nowMs();
    const known = this.#since.get(key);
    const fromMs = known?.uid === pod.metadata.uid ? known!.fromMs : nowMs;
    this.#since.set(key, { uid: pod.metadata.uid!, fromMs });
    const leftMs = fromMs + forSeconds * 1000 - nowMs;
    if (leftMs > 0) return this.#queue.addAfter(key, leftMs);
    this.#events.normal(pod, "TaintManagerEviction", `Marking for deletion Pod ${key}`);
    markDisrupted(this.#kit, this.#api, pod, "DeletionByTaintManager", "Taint manager: deleting due to NoExecute taint");
    this.#api.delete(PODS, pod);
    this.#since.delete(key);
  }

  #cancel(key: string, pod: Pod): void {
    if (this.#since.delete(key)) this.#events.normal(pod, "TaintManagerEviction", `Cancelling deletion of Pod ${key}`);
  }
}

function noExecute({ spec: { taints = [] } }: Node) { return taints.filter(({ effect }) => effect === "NoExecute"); }

/** Seconds that the Pod may stay: the shortest of its matching tolerations; 0 when a taint is not tolerated at all. */
function toleratedFor(tolerations: readonly Toleration[], node: Node): number {
  let shortest = Infinity;
  for (const taint of noExecute(node)) {
    const matching = tolerations.filter((toleration) => tolerates(toleration, taint));
    if (matching.length === 0) return 0;
    for (const { tolerationSeconds } of matching) if (tolerationSeconds !== undefined) shortest = Math.min(shortest, Math.max(0, tolerationSeconds));
  }
  return shortest;
}
