/**
 * Nodes that fall silent: their conditions become Unknown, they are tainted, and their Pods count as not ready. When all of
 * them are silent the fault is more likely on this side: then nobody is evicted.
 */
import { NODES, PODS, type Node, type NodeCondition, type Pod, type Taint } from "../../typed/core.ts";
import { LEASES } from "../../typed/others.ts";
import { isNotFound, type Api } from "../kit/api.ts";
import { findCondition } from "../kit/conditions.ts";
import type { Queue } from "../kit/dispatcher.ts";
import type { Kit } from "../kit/kit.ts";
import { isReady } from "../kit/pods.ts";
import type { Recorder } from "../kit/recorder.ts";
import type { Index, Store } from "../kit/store.ts";

const MANAGER = "kube-controller-manager";
const NODE_LEASES = "kube-node-lease";
/** Silence up to this long is patience; a node that has never said anything is given more. */
const GRACE_MS = 50_000;
const STARTUP_GRACE_MS = 60_000;

const UNREACHABLE = "node.kubernetes.io/unreachable";
const NOT_READY = "node.kubernetes.io/not-ready";
const UNSCHEDULABLE = "node.kubernetes.io/unschedulable";
/** Condition and status -> the key of the taint that keeps new Pods away. */
const KEYS: { readonly [condition: string]: string } = {
  "Ready False": NOT_READY, "Ready Unknown": UNREACHABLE, "MemoryPressure True": "node.kubernetes.io/memory-pressure",
  "DiskPressure True": "node.kubernetes.io/disk-pressure", "NetworkUnavailable True": "node.kubernetes.io/network-unavailable",
  "PIDPressure True": "node.kubernetes.io/pid-pressure",
};
const OURS = new Set([...Object.values(KEYS), UNSCHEDULABLE]);
const SILENT_TYPES = ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"];

export class NodeLifecycleController {
  readonly #kit: Kit;
  readonly #api: Api;
  readonly #events: Recorder;
  readonly #nodes: Store<Node>;
  readonly #podsOn: Index<Pod>;
  readonly #queue: Queue;
  /** When something was heard of a node last, in monotonic milliseconds. */
  readonly #heardMs = new Map<string, number>();
  readonly #registered = new Set<string>();

  constructor(kit: Kit) {
    this.#kit = kit;
    this.#api = kit.api(MANAGER);
    this.#events = kit.recorder("node-controller", MANAGER);
    this.#nodes = kit.store(NODES);
    this.#podsOn = kit.store(PODS).index(({ spec }) => (spec.nodeName === undefined ? [] : [spec.nodeName]));
    this.#queue = kit.queue("node-lifecycle", (name) => this.#pass(name));
    kit.store(LEASES).on(({ type, object: { metadata, spec }, previous }) => {
      if (metadata.namespace === NODE_LEASES && type !== "DELETED" && spec.renewTime !== previous?.spec.renewTime) this.#heard(metadata.name);
    });
    this.#nodes.on(({ type, object: node, previous }) => {
      const { name } = node.metadata;
      if (type === "DELETED") {
        this.#heardMs.delete(name);
        this.#registered.delete(name);
      } else if (type === "ADDED" || heartbeatOf(node) !== heartbeatOf(previous)) this.#heard(name);
      // One node's recovery is what another's eviction depends on.
      if (readinessOf(node) !== readinessOf(previous)) for (const each of this.#nodes.list()) this.#queue.add(each.metadata.name);
      this.#queue.add(name);
    });
  }

  #heard(name: string): void {
    this.#heardMs.set(name, this.#kit.platform.clock.monotonicMs());
    if (!this.#queue.has(name)) this.#queue.addAfter(name, GRACE_MS);
  }

  #pass(name: string): void {
    let node = this.#nodes.get(name);
    if (node === undefined) return;
    if (!this.#registered.has(name)) {
      this.#registered.add(name);
      this.#events.normal(node, "RegisteredNode", `Node ${name} event: Registered Node ${name} in Controller`);
    }
    const graceMs = readinessOf(node) === undefined ? STARTUP_GRACE_MS : GRACE_MS;
    const silentMs = this.#kit.platform.clock.monotonicMs() - (this.#heardMs.get(name) ?? 0);
    const before = readinessOf(node);
    if (silentMs > graceMs) node = this.#silence(node);
    else this.#queue.addAfter(name, graceMs - silentMs + 1);
    if (readinessOf(node) !== "True") this.#pods(node, before);
    this.#taint(node);
  }

  /** Nothing is known of it any more. */
  #silence(node: Node): Node {
    const now = this.#kit.now();
    const conditions: NodeCondition[] = [...node.status?.conditions ?? []];
    let changed = false;
    for (const type of SILENT_TYPES) {
      const at = conditions.findIndex((condition) => condition.type === type);
      const known = conditions[at];
      if (known?.status === "Unknown") continue;
      changed = true;
      if (known === undefined) conditions.push({ type, status: "Unknown", lastHeartbeatTime: node.metadata.creationTimestamp!, lastTransitionTime: now, reason: "NodeStatusNeverUpdated", message: "Kubelet never posted node status." });
      else conditions[at] = { ...known, status: "Unknown", lastTransitionTime: now, reason: "NodeStatusUnknown", message: "Kubelet stopped posting node status." };
    }
    return changed ? this.#api.updateStatus(NODES, { ...node, status: { ...node.status, conditions } }) : node;
  }

  #pods(node: Node, before: string | undefined): void {
    if (before === "True") this.#events.normal(node, "NodeNotReady", `Node ${node.metadata.name} status is now: NodeNotReady`);
    for (const pod of this.#podsOn.get(node.metadata.name)) {
      if (!isReady(pod)) continue;
      const conditions = pod.status!.conditions!.map((condition) => (condition.type === "Ready" ? { ...condition, status: "False" as const, lastTransitionTime: this.#kit.now() } : condition));
      try {
        this.#api.updateStatus(PODS, { ...pod, status: { ...pod.status, conditions } });
        this.#events.warning(pod, "NodeNotReady", "Node is not ready");
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
  }

  #taint(node: Node): void {
    const now = this.#kit.now();
    const keys: [key: string, effect: Taint["effect"]][] = [];
    for (const { type, status } of node.status?.conditions ?? []) {
      const key = KEYS[`${type} ${status}`];
      if (key !== undefined) keys.push([key, "NoSchedule"]);
    }
    if (node.spec.unschedulable === true) keys.push([UNSCHEDULABLE, "NoSchedule"]);
    const readiness = readinessOf(node);
    const allSilent = this.#nodes.list().every((each) => readinessOf(each) !== "True");
    if (readiness !== undefined && readiness !== "True" && !allSilent) keys.push([readiness === "False" ? NOT_READY : UNREACHABLE, "NoExecute"]);
    const known = node.spec.taints ?? [];
    const isKept = (taint: Taint): boolean => !managed(taint) || keys.some(([key, effect]) => taint.key === key && taint.effect === effect);
    const missing = keys.filter(([key, effect]) => !known.some((taint) => taint.key === key && taint.effect === effect));
    if (missing.length === 0 && known.every(isKept)) return;
    const taints = [...known.filter(isKept), ...missing.map(([key, effect]): Taint => ({ key, effect, timeAdded: now }))];
    this.#api.patch(NODES, node, { spec: { taints: taints.length === 0 ? null : taints } });
  }
}

/** Taints that come and go with conditions; others are their owners' business. */
function managed({ key, effect }: Taint): boolean {
  return effect === "NoSchedule" ? OURS.has(key) : effect === "NoExecute" && (key === NOT_READY || key === UNREACHABLE);
}
export function readinessOf(node: Node | undefined): string | undefined { return findCondition(node?.status?.conditions, "Ready")?.status; }
function heartbeatOf(node: Node | undefined): string | undefined {
  return (findCondition(node?.status?.conditions, "Ready") as NodeCondition | undefined)?.lastHeartbeatTime;
}
