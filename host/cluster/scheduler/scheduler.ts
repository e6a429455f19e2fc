/**
 * The scheduler: gives each Pod that has none a node. Pods that fit nowhere are told why, and tried again when something
 * changed that could help.
 *
 * NOTE: nobody is preempted for a Pod of higher priority; the message is that of a cluster in which nobody could be.
 */
import { StatusError } from "../api/status-error.ts";
import type { Api } from "../controllers/kit/api.ts";
import { findCondition } from "../controllers/kit/conditions.ts";
import type { Queue } from "../controllers/kit/dispatcher.ts";
import type { Kit } from "../controllers/kit/kit.ts";
import { isFinished } from "../controllers/kit/pods.ts";
import { requestsOf } from "../controllers/kit/requests.ts";
import type { Change, Store } from "../controllers/kit/store.ts";
import { CLAIMS, NAMESPACES, NODES, PODS, type Namespace, type Node, type Pod } from "../typed/core.ts";
import { keyOf, type Condition } from "../typed/resource.ts";
import { affinityCheck } from "./affinity.ts";
import { SchedulerEvents } from "./events.ts";
import { candidateBase, misfit, type Candidate, type Misfit } from "./filters.ts";
import { NodeStates, type NodeState } from "./node-states.ts";
import { bestOf } from "./score.ts";
import { spreadCheck } from "./spread.ts";
import { VolumeCheck } from "./volumes.ts";

const NAME = "default-scheduler";
const COMPONENT = "kube-scheduler";
/** Between two tries of a Pod: doubling from the first to the second; and a try for luck after the third. */
const BACKOFF_FIRST_MS = 1000;
const BACKOFF_MAX_MS = 10_000;
const FOR_LUCK_MS = 300_000;

interface Waiting { tries: number; notBeforeMs: number }

export class Scheduler {
  readonly #kit: Kit;
  readonly #api: Api;
  readonly #pods: Store<Pod>;
  readonly #namespaces: Store<Namespace>;
  readonly #nodes: NodeStates;
  readonly #volumes: VolumeCheck;
  readonly #events: SchedulerEvents;
  readonly #queue: Queue;
  /** Pods that fitted nowhere. */
  readonly #waiting = new Map<string, Waiting>();

  constructor(kit: Kit) {
    this.#kit = kit;
    this.#api = kit.api(COMPONENT);
    this.#pods = kit.store(PODS);
    this.#namespaces = kit.store(NAMESPACES);
    this.#nodes = new NodeStates(kit);
    this.#volumes = new VolumeCheck(kit, this.#api);
    this.#events = new SchedulerEvents(this.#api, () => kit.nowMs(), kit.line());
    this.#queue = kit.queue("scheduler", (key) => this.#pass(key));
    this.#pods.on((change) => this.#podChanged(change));
    kit.store(NODES).on((change) => {
      if (change.type !== "DELETED" && mayHelp(change)) this.#retryAll();
    });
    for (const resource of [CLAIMS, NAMESPACES]) kit.store(resource as typeof CLAIMS).on(() => this.#retryAll());
  }

  #podChanged({ type, object: pod, previous }: Change<Pod>): void {
    const key = keyOf(pod);
    if (type === "DELETED") this.#waiting.delete(key);
    if (pod.spec.nodeName !== undefined) {
      this.#waiting.delete(key);
      const freed = type === "DELETED" || (isFinished(pod) && previous !== undefined && !isFinished(previous));
      const labelled = type === "ADDED" || previous?.spec.nodeName === undefined || previous.metadata.labels !== pod.metadata.labels;
      if (freed || labelled) this.#retryAll();
      return;
    }
    if (type === "DELETED" || !isOurs(pod)) return;
    // Its own status, which we wrote ourselves, is no reason to try again.
    if (type === "MODIFIED" && this.#waiting.has(key) && previous?.metadata.generation === pod.metadata.generation) return;
    this.#queue.add(key);
  }

  #retryAll(): void {
    if (this.#waiting.size === 0) return;
    const nowMs = this.#kit.platform.clock.monotonicMs();
    for (const [key, { notBeforeMs }] of this.#waiting) this.#queue.addAfter(key, Math.max(0, notBeforeMs - nowMs));
  }

  #pass(key: string): void {
    const pod = this.#pods.get(key);
    if (pod === undefined || pod.spec.nodeName !== undefined || !isOurs(pod) || isFinished(pod)) return;
    const states = this.#nodes.all;
    if (states.length === 0) return this.#refuse(key, pod, "no nodes available to schedule pods");
    const volumes = this.#volumes.check(pod);
    if (volumes.misfit !== undefined) return this.#refuse(key, pod, nowhere(states, [], volumes.misfit));
    const namespaceOf = (name: string): Namespace | undefined => this.#namespaces.get(name);
    const candidate: Candidate = {
      ...candidateBase(pod, requestsOf(pod.spec)), spread: spreadCheck(pod, states), affinity: affinityCheck(pod, states, namespaceOf),
    };
    const misfits: Misfit[] = [];
    const fitting: NodeState[] = [];
    for (const state of states) {
      const why = misfit(candidate, state) ?? volumes.node(state.node);
      if (why === undefined) fitting.push(state);
      else misfits.push(why);
    }
    if (fitting.length === 0) return this.#refuse(key, pod, nowhere(states, misfits));
    const { node } = bestOf(pod, fitting, namespaceOf);
    // Volumes that wait for their first consumer come first; the Pod is tried again when they are there.
    if (volumes.provision(node)) return void this.#waiting.set(key, { tries: 0, notBeforeMs: 0 });
    this.#bind(pod, node);
  }

  #bind(pod: Pod, node: Node): void {
    const { name, namespace, uid } = pod.metadata;
    this.#api.post(PODS, pod, "binding", { apiVersion: "v1", kind: "Binding", metadata: { name, namespace, uid }, target: { kind: "Node", name: node.metadata.name } });
    this.#events.emit(pod, "Normal", "Scheduled", "Binding", `Successfully assigned ${namespace}/${name} to ${node.metadata.name}`);
  }

  #refuse(key: string, pod: Pod, message: string): void {
    const tries = (this.#waiting.get(key)?.tries ?? 0) + 1;
    const backoffMs = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** (tries - 1));
    this.#waiting.set(key, { tries, notBeforeMs: this.#kit.platform.clock.monotonicMs() + backoffMs });
    this.#queue.addAfter(key, FOR_LUCK_MS);
    this.#events.emit(pod, "Warning", "FailedScheduling", "Scheduling", message);
    const known = findCondition(pod.status?.conditions, "PodScheduled");
    if (known?.status === "False" && known.reason === "Unschedulable" && known.message === message) return;
    const since = known?.status === "False" ? known.lastTransitionTime! : this.#kit.now();
    const condition: Condition = {
      type: "PodScheduled", ...(pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }),
      status: "False", lastProbeTime: null, lastTransitionTime: since, reason: "Unschedulable", message,
    };
    const conditions = [...(pod.status?.conditions ?? []).filter(({ type }) => type !== "PodScheduled"), condition];
    try {
      this.#api.patchStatus(PODS, pod, { conditions });
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
    }
  }
}

function isOurs({ spec, metadata }: Pod): boolean {
  return (spec.schedulerName ?? NAME) === NAME && (spec.schedulingGates ?? []).length === 0 && metadata.deletionTimestamp === undefined;
}

/** A node's heartbeat is no news; what it offers and whom it takes is. */
function mayHelp({ object, previous }: Change<Node>): boolean {
  if (previous === undefined) return true;
  return object.spec !== previous.spec && JSON.stringify(object.spec) !== JSON.stringify(previous.spec) ||
    JSON.stringify(object.metadata.labels) !== JSON.stringify(previous.metadata.labels) ||
    JSON.stringify(object.status?.allocatable) !== JSON.stringify(previous.status?.allocatable);
}

/** "0/3 nodes are available: 2 Insufficient cpu, 1 node(s) were unschedulable. preemption: ...". */
function nowhere(states: readonly NodeState[], misfits: readonly Misfit[], all?: string): string {
  const total = states.length;
  const preemptable = misfits.filter(({ final }) => !final).length;
  const counts = all === undefined ? histogram(misfits.flatMap(({ reasons }) => reasons)) : all;
  const helpless = total - preemptable;
  const preemption = histogram([...Array<string>(helpless).fill("Preemption is not helpful for scheduling"), ...Array<string>(preemptable).fill("No preemption victims found for incoming pod")]);
  return `0/${total} nodes are available: ${counts}. preemption: 0/${total} nodes are available: ${preemption}.`;
}

function histogram(reasons: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].map(([reason, count]) => `${count} ${reason}`).sort().join(", ");
}
