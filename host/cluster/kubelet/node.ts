/** One simulated node: its registration and heartbeat, its addresses, the Pods on it, and what may befall it. */
import type { Api } from "../controllers/kit/api.ts";
import { isNotFound } from "../controllers/kit/api.ts";
import type { Kit } from "../controllers/kit/kit.ts";
import type { EventDetails, Recorder } from "../controllers/kit/recorder.ts";
import type { Store } from "../controllers/kit/store.ts";
import { isFinished } from "../controllers/kit/pods.ts";
import { StatusError } from "../api/status-error.ts";
import type { Network } from "../network/network.ts";
import { NODES, PODS, type Pod } from "../typed/core.ts";
import { LEASES } from "../typed/others.ts";
import type { Quantities } from "../typed/resource.ts";
import { rfc3339Micro } from "../../values/time.ts";
import type { ContainerRun } from "./container-run.ts";
import type { SimulatedImage } from "./image.ts";
import type { Images } from "./images.ts";
import type { NodeHost, Timing } from "./node-host.ts";
import { nodeObject, nodeStatus } from "./node-object.ts";
import { PodWorker } from "./pod-worker.ts";
import type { VolumeData } from "./volumes.ts";

export interface NodeOptions {
  readonly name: string;
  readonly labels?: { readonly [name: string]: string };
  readonly capacity?: Quantities;
}
export interface NodeParts {
  readonly kit: Kit;
  readonly network: Network;
  readonly images: Images;
  readonly volumes: VolumeData;
  readonly timing: Timing;
  wake(key: string): void;
  wakeIn(key: string, delayMs: number): void;
}

export const LEASE_NAMESPACE = "kube-node-lease";
export const LEASE_SECONDS = 40;
/** A status that hasn't changed is written so often. */
const STATUS_MS = 300_000;

export class SimulatedNode implements NodeHost {
  readonly name: string;
  readonly ip: string;
  readonly options: NodeOptions;
  readonly podCIDR: string;
  readonly kit: Kit;
  readonly api: Api;
  readonly #events: Recorder;
  readonly images: Images;
  readonly network: Network;
  readonly volumes: VolumeData;
  readonly timing: Timing;
  readonly present = new Map<string, SimulatedImage>();
  readonly workers = new Map<string, PodWorker>();
  readonly #parts: NodeParts;
  readonly #pods: Store<Pod>;
  readonly #prefix: string;
  readonly #taken = new Set<string>();
  #nextHost = 2;
  #powered = true;
  #connected = true;
  #bootId = 0;
  #statusMs = -Infinity;

  /** `index` counts the cluster's nodes from 0; addresses follow from it. */
  constructor(parts: NodeParts, options: NodeOptions, index: number) {
    this.#parts = parts;
    this.kit = parts.kit;
    this.network = parts.network;
    this.images = parts.images;
    this.volumes = parts.volumes;
    this.timing = parts.timing;
    this.name = options.name;
    this.options = options;
    this.ip = `172.18.${Math.floor((index + 2) / 250)}.${(index + 2) % 250}`;
    this.#prefix = `10.${244 + Math.floor(index / 256)}.${index % 256}`;
    this.podCIDR = `${this.#prefix}.0/24`;
    this.api = this.kit.api("kubelet");
    this.#events = this.kit.recorder("kubelet", "kubelet", this.name);
    this.#pods = this.kit.store(PODS);
  }

  /** Whether its kubelet works and reaches the API server. */
  get online(): boolean { return this.#powered && this.#connected; }
  get powered(): boolean { return this.#powered; }

  /** Power cut: everything on it is gone at once; nobody is told. */
  fail(): void {
    if (!this.#powered) return;
    this.#powered = false;
    this.network.cut(this.name);
    for (const worker of this.workers.values()) worker.vanish(false);
    this.workers.clear();
    this.#taken.clear();
  }
  /** Power is back: its kubelet starts, and with it the Pods that are still assigned to it. */
  recover(): void {
    if (this.#powered) return;
    this.#powered = true;
    this.#bootId++;
    if (this.#connected) this.network.heal(this.name);
    this.#resync();
  }
  restart(): void {
    this.fail();
    this.recover();
  }
  /** Off the network: its Pods go on, alone; its kubelet neither hears nor is heard. */
  partition(): void {
    this.#connected = false;
    this.network.cut(this.name);
  }
  heal(): void {
    this.#connected = true;
    if (!this.#powered) return;
    this.network.heal(this.name);
    this.#resync();
  }

  /** Looks after one Pod. */
  sync(key: string): void {
    if (!this.#powered) return;
    if (!this.#connected) {
      // It goes by what it knew last.
      const known = this.workers.get(key);
      if (known !== undefined) known.sync(known.pod);
      return;
    }
    const pod = this.#pods.get(key);
    const ours = pod?.spec.nodeName === this.name ? pod : undefined;
    let worker = this.workers.get(key);
    if (worker !== undefined && worker.pod.metadata.uid !== ours?.metadata.uid) {
      worker.vanish();
      this.workers.delete(key);
      worker = undefined;
    }
    if (ours === undefined) return;
    if (worker === undefined) {
      if (isFinished(ours) && ours.metadata.deletionTimestamp === undefined) return;
      this.workers.set(key, worker = new PodWorker(this, this.#rebooted(ours)));
    }
    if (worker.sync(ours)) this.workers.delete(key);
  }

  /** Renews its lease, and from time to time its status. */
  heartbeat(): void {
    if (!this.online) return;
    const nowMs = this.kit.nowMs();
    try {
      this.#writeStatus(nowMs);
      const lease = this.kit.store(LEASES).get(`${LEASE_NAMESPACE}/${this.name}`);
      const renewTime = rfc3339Micro(nowMs);
      if (lease === undefined) this.#makeLease(renewTime);
      else this.api.update(LEASES, { ...lease, spec: { ...lease.spec, renewTime } });
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
    }
  }

  allocateIp(): string | undefined {
    for (let tries = 0; tries < 253; tries++) {
      const ip = `${this.#prefix}.${this.#nextHost}`;
      this.#nextHost = this.#nextHost === 254 ? 2 : this.#nextHost + 1;
      if (this.#taken.has(ip)) continue;
      this.#taken.add(ip);
      return ip;
    }
    return undefined;
  }
  takeIp(ip: string): void { this.#taken.add(ip); }
  releaseIp(ip: string): void { this.#taken.delete(ip); }

  wake(key: string): void { this.#parts.wake(key); }
  wakeIn(key: string, delayMs: number): void { this.#parts.wakeIn(key, delayMs); }

  containerEvent(pod: Pod, { spec, role }: ContainerRun, type: "Normal" | "Warning", reason: string, message: string): void {
    const fieldPath = `spec.${role === "regular" ? "containers" : "initContainers"}{${spec.name}}`;
    this.#tell(pod, type, reason, message, { fieldPath });
  }
  podEvent(pod: Pod, type: "Normal" | "Warning", reason: string, message: string): void { this.#tell(pod, type, reason, message); }

  #tell(pod: Pod, type: "Normal" | "Warning", reason: string, message: string, details?: EventDetails): void {
    if (!this.online) return;
    if (type === "Normal") this.#events.normal(pod, reason, message, details);
    else this.#events.warning(pod, reason, message, details);
  }

  #resync(): void {
    this.heartbeat();
    for (const key of this.workers.keys()) this.wake(key);
    for (const pod of this.#pods.list()) if (pod.spec.nodeName === this.name) this.wake(`${pod.metadata.namespace}/${pod.metadata.name}`);
  }

  /** After a power cut, nothing that the status says is true any more: containers come back as new ones. */
  #rebooted(pod: Pod): Pod {
    const { status } = pod;
    if (this.#bootId === 0 || status?.podIP === undefined) {
      if (status?.podIP !== undefined && pod.spec.hostNetwork !== true) this.#taken.add(status.podIP);
      return pod;
    }
    const { podIP: _, podIPs: __, ...rest } = status;
    this.podEvent(pod, "Normal", "SandboxChanged", "Pod sandbox changed, it will be killed and re-created.");
    return { ...pod, status: rest };
  }

  #makeLease(renewTime: string): void {
    const node = this.kit.store(NODES).get(this.name);
    if (node === undefined) return;
    const owner = { apiVersion: "v1", kind: "Node", name: this.name, uid: node.metadata.uid! };
    this.api.create(LEASES, {
      metadata: { name: this.name, namespace: LEASE_NAMESPACE, ownerReferences: [owner] },
      spec: { holderIdentity: this.name, leaseDurationSeconds: LEASE_SECONDS, renewTime },
    });
  }

  #writeStatus(nowMs: number): void {
    const node = this.kit.store(NODES).get(this.name);
    const unsaid = node?.status?.conditions?.find(({ type }) => type === "Ready")?.status !== "True";
    if (!unsaid && nowMs - this.#statusMs < STATUS_MS) return;
    this.#statusMs = nowMs;
    if (node !== undefined) {
      this.api.updateStatus(NODES, { ...node, status: nodeStatus(this, this.#bootId, node.status, this.kit.now()) });
      return;
    }
    try {
      this.api.create(NODES, nodeObject(this, this.#bootId, this.kit.now()));
      this.#events.normal({ apiVersion: "v1", kind: "Node", metadata: { name: this.name } }, "Starting", "Starting kubelet.", { uid: this.name });
    } catch (error) {
      if (isNotFound(error)) return;
      throw error;
    }
  }
}
