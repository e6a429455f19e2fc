/** What each node has, and what the Pods on it take of that; kept up to date with every change. */
import type { Kit } from "../controllers/kit/kit.ts";
import { isFinished } from "../controllers/kit/pods.ts";
import { addTo, amountsOf, requestsOf, type Amounts } from "../controllers/kit/requests.ts";
import { controllerOf, type Change } from "../controllers/kit/store.ts";
import { NODES, PODS, type Container, type Node, type Pod } from "../typed/core.ts";
import { keyOf } from "../typed/resource.ts";

/** What a container without requests is taken to need when nodes are compared. */
const ASSUMED: Amounts = { cpu: 100, memory: 200 * 1024 * 1024 };

export interface NodeState {
  node: Node;
  allocatable: Amounts;
  readonly requested: Amounts;
  /** As `requested`, with something assumed for those who ask for nothing. */
  readonly assumed: Amounts;
  readonly pods: Map<string, Pod>;
  /** Those of them that keep others away. */
  readonly antiAffine: Set<Pod>;
  /** "TCP 0.0.0.0 8080", and how often. */
  readonly hostPorts: Map<string, number>;
  /** Pods by the uid of their controller. */
  readonly ofOwner: Map<string, number>;
}
interface Placed { readonly state: NodeState | undefined; readonly nodeName: string; readonly pod: Pod; readonly requests: Amounts; readonly assumed: Amounts }

export class NodeStates {
  readonly #states = new Map<string, NodeState>();
  readonly #placed = new Map<string, Placed>();
  #sorted: NodeState[] | undefined;

  constructor(kit: Kit) {
    kit.store(NODES).on((change) => this.#nodeChanged(change));
    kit.store(PODS).on((change) => this.#podChanged(change));
  }

  /** By name. */
  get all(): readonly NodeState[] {
    this.#sorted ??= [...this.#states.values()].sort((a, b) => (a.node.metadata.name < b.node.metadata.name ? -1 : 1));
    return this.#sorted;
  }
  get(name: string): NodeState | undefined { return this.#states.get(name); }

  #nodeChanged({ type, object: node }: Change<Node>): void {
    const { name } = node.metadata;
    const known = this.#states.get(name);
    if (type === "DELETED") {
      this.#states.delete(name);
      this.#sorted = undefined;
    } else if (known !== undefined) {
      if (known.node.status?.allocatable !== node.status?.allocatable) known.allocatable = amountsOf(node.status?.allocatable);
      known.node = node;
    } else {
      this.#states.set(name, { node, allocatable: amountsOf(node.status?.allocatable), requested: {}, assumed: {}, pods: new Map(), antiAffine: new Set(), hostPorts: new Map(), ofOwner: new Map() });
      this.#sorted = undefined;
      // Pods may be there before their node is.
      for (const placed of [...this.#placed.values()].filter(({ nodeName }) => nodeName === name)) this.#place(placed.pod);
    }
  }

  #podChanged({ type, object: pod }: Change<Pod>): void {
    const key = keyOf(pod);
    const known = this.#placed.get(key);
    const counts = type !== "DELETED" && pod.spec.nodeName !== undefined && !isFinished(pod);
    if (!counts) {
      if (known !== undefined) this.#remove(key, known);
    } else if (known === undefined || known.nodeName !== pod.spec.nodeName || known.pod.metadata.generation !== pod.metadata.generation) {
      this.#place(pod);
    } else known.state?.pods.set(key, pod);
  }

  #place(pod: Pod): void {
    const key = keyOf(pod);
    const known = this.#placed.get(key);
    if (known !== undefined) this.#remove(key, known);
    const nodeName = pod.spec.nodeName!;
    const state = this.#states.get(nodeName);
    const placed: Placed = { state, nodeName, pod, requests: requestsOf(pod.spec), assumed: assumedOf(pod) };
    this.#placed.set(key, placed);
    if (state === undefined) return;
    state.pods.set(key, pod);
    this.#count(state, placed, 1);
  }

  #remove(key: string, placed: Placed): void {
    this.#placed.delete(key);
    const { state } = placed;
    if (state === undefined) return;
    state.pods.delete(key);
    this.#count(state, placed, -1);
  }

  #count(state: NodeState, { pod, requests, assumed }: Placed, by: 1 | -1): void {
    addTo(state.requested, requests, by);
    addTo(state.assumed, assumed, by);
    if (pod.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution !== undefined) {
      if (by === 1) state.antiAffine.add(pod);
      else state.antiAffine.delete(pod);
    }
    for (const port of hostPortsOf(pod)) bump(state.hostPorts, port, by);
    const owner = controllerOf(pod);
    if (owner !== undefined) bump(state.ofOwner, owner.uid, by);
  }
}

export function assumedOf({ spec }: Pod): Amounts {
  return requestsOf(spec, ({ resources }: Container) => {
    const { cpu, memory } = amountsOf(resources?.requests);
    return { cpu: cpu ?? ASSUMED["cpu"]!, memory: memory ?? ASSUMED["memory"]! };
  });
}

/** Ports that the Pod takes of its node itself. */
export function hostPortsOf({ spec }: Pod): string[] {
  const ports: string[] = [];
  for (const container of [...spec.containers, ...(spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === "Always")]) {
    for (const { hostPort, protocol = "TCP", hostIP = "0.0.0.0" } of (container.ports ?? []) as { hostPort?: number; protocol?: string; hostIP?: string }[]) {
      if (hostPort !== undefined && hostPort > 0) ports.push(`${protocol} ${hostIP === "" ? "0.0.0.0" : hostIP} ${hostPort}`);
    }
  }
  return ports;
}

function bump(counts: Map<string, number>, key: string, by: number): void {
  const count = (counts.get(key) ?? 0) + by;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}
