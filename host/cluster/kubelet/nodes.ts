/**
 * The cluster's simulated nodes and the kubelets on them.
 *
 * All Pods share one queue and one wheel of times, so that a thousand Pods that are ready in the same moment are one turn
 * of work for those who watch them.
 */
import type { Queue } from "../controllers/kit/dispatcher.ts";
import type { Kit } from "../controllers/kit/kit.ts";
import type { Store } from "../controllers/kit/store.ts";
import type { Network } from "../network/network.ts";
import { CONFIG_MAPS, NODES, PODS, SECRETS, type Pod } from "../typed/core.ts";
import { LEASES } from "../typed/others.ts";
import { keyOf, type Quantities } from "../typed/resource.ts";
import type { ExecResult } from "./image.ts";
import { Images } from "./images.ts";
import type { LogOptions, Log } from "./log.ts";
import { SimulatedNode, type NodeOptions } from "./node.ts";
import type { Timing } from "./node-host.ts";
import type { PodWorker } from "./pod-worker.ts";
import { VolumeData } from "./volumes.ts";
import { Wheel } from "./wheel.ts";

export interface NodesOptions {
  /** How many, or which. Default 3: "n1", "n2", "n3". */
  nodes?: number | readonly NodeOptions[];
  /** Of each node: "cpu", "memory", "pods" ... */
  capacity?: Quantities;
  timing?: Partial<Timing>;
  /** Between two renewals of a node's lease. */
  heartbeatMs?: number;
  images?: Images;
}

const TIMING: Timing = { startMs: 100, pullMs: 300, restartMs: 20 };
const HEARTBEAT_MS = 10_000;

export class Nodes {
  readonly images: Images;
  readonly volumes: VolumeData;
  readonly #kit: Kit;
  readonly #network: Network;
  readonly #pods: Store<Pod>;
  readonly #queue: Queue;
  readonly #wheel: Wheel;
  readonly #timing: Timing;
  readonly #capacity: Quantities;
  readonly #nodes = new Map<string, SimulatedNode>();
  /** Which nodes have something of a Pod: several, while one of them is cut off. */
  readonly #holders = new Map<string, Set<SimulatedNode>>();
  readonly #heartbeatMs: number;
  #count = 0;

  constructor(kit: Kit, network: Network, options: NodesOptions = {}) {
    const { nodes = 3, images = new Images(), timing = {}, heartbeatMs = HEARTBEAT_MS, capacity = {} } = options;
    this.#kit = kit;
    this.#network = network;
    this.images = images;
    this.volumes = new VolumeData(kit);
    this.#timing = { ...TIMING, ...timing };
    this.#capacity = capacity;
    this.#heartbeatMs = heartbeatMs;
    this.#pods = kit.store(PODS);
    for (const resource of [NODES, LEASES, CONFIG_MAPS, SECRETS]) kit.store(resource as typeof NODES);
    this.#queue = kit.queue("kubelet", (key) => this.#sync(key));
    this.#wheel = new Wheel(kit, (keys) => keys.forEach((key) => this.#queue.add(key)));
    for (const each of typeof nodes === "number" ? Array.from({ length: nodes }, (_, n) => ({ name: `n${n + 1}` })) : nodes) this.add(each);
    this.#pods.on(({ object: pod }) => {
      if (pod.spec.nodeName !== undefined && this.#nodes.has(pod.spec.nodeName)) this.#queue.add(keyOf(pod));
    });
    this.#beat();
  }

  /** Sorted by name. */
  get all(): SimulatedNode[] { return [...this.#nodes.values()].sort((a, b) => (a.name < b.name ? -1 : 1)); }
  /** Throws for a name that no node has. */
  get(name: string): SimulatedNode {
    const node = this.#nodes.get(name);
    if (node === undefined) throw new Error(`there is no node ${name}; there are ${[...this.#nodes.keys()].join(", ")}`);
    return node;
  }

  add(options: NodeOptions): SimulatedNode {
    const node = new SimulatedNode({
      kit: this.#kit, network: this.#network, images: this.images, volumes: this.volumes, timing: this.#timing,
      wake: (key) => this.#queue.add(key), wakeIn: (key, delayMs) => this.#wheel.at(key, delayMs),
    }, { ...options, capacity: { ...this.#capacity, ...options.capacity } }, this.#count++);
    this.#nodes.set(node.name, node);
    node.heartbeat();
    for (const pod of this.#pods.list()) if (pod.spec.nodeName === node.name) this.#queue.add(keyOf(pod));
    return node;
  }

  /** Undefined: it doesn't run on a node that is there. */
  worker(namespace: string, pod: string): PodWorker | undefined {
    const key = `${namespace}/${pod}`;
    return this.#nodes.get(this.#pods.get(key)?.spec.nodeName ?? "")?.workers.get(key);
  }
  /** Kills the Pod's containers the hard way, behind everybody's back. */
  killPod(namespace: string, pod: string, exitCode = 137): void { this.worker(namespace, pod)?.killContainers(exitCode); }

  log(namespace: string, pod: string, container: string, options: LogOptions & { previous?: boolean } = {}): string | undefined {
    return this.logOf(namespace, pod, container, options.previous)?.text(options);
  }
  logOf(namespace: string, pod: string, container: string, previous = false): Log | undefined {
    const run = this.worker(namespace, pod)?.find(container);
    return previous ? run?.previousLog : run?.log;
  }
  exec(namespace: string, pod: string, container: string, command: readonly string[], input = ""): ExecResult | undefined {
    return this.worker(namespace, pod)?.find(container)?.exec(command, input);
  }

  #sync(key: string): void {
    const pod = this.#pods.get(key);
    const node = pod?.spec.nodeName === undefined ? undefined : this.#nodes.get(pod.spec.nodeName);
    let holders = this.#holders.get(key);
    // Gone, or made anew elsewhere: whoever still has it lets it go.
    for (const each of holders ?? []) if (each !== node) this.#syncOn(each, key);
    if (node !== undefined) {
      if (holders === undefined) this.#holders.set(key, holders = new Set());
      holders.add(node);
      this.#syncOn(node, key);
    }
  }

  #syncOn(node: SimulatedNode, key: string): void {
    node.sync(key);
    if (node.workers.has(key)) return;
    const holders = this.#holders.get(key);
    holders?.delete(node);
    if (holders?.size === 0) this.#holders.delete(key);
  }

  /** One timer for all: a heartbeat costs a write a node, and nothing else. */
  #beat(): void {
    this.#kit.after(this.#heartbeatMs, () => {
      for (const node of this.#nodes.values()) node.heartbeat();
      this.#beat();
    });
  }
}
