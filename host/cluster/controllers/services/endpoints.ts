/** Endpoints: the older form of what EndpointSlices say, one object for each Service. */
import { ENDPOINTS, type EndpointAddress, type Endpoints, type Pod, type Service } from "../../typed/core.ts";
import { splitKey } from "../../typed/resource.ts";
import { isNamespaceTerminating, type Api } from "../kit/api.ts";
import type { Queue } from "../kit/dispatcher.ts";
import { sameJson } from "../kit/hash.ts";
import type { Kit } from "../kit/kit.ts";
import { isFinished, isReady } from "../kit/pods.ts";
import type { Store } from "../kit/store.ts";
import { HEADLESS, hostnameOf, isHeadless, selectorOf, ServiceWatch, targetPortOf, targetRefOf, TRIGGER_TIME } from "./selected-pods.ts";

const MANAGER = "kube-controller-manager";
const MANAGED_BY = "endpoints.kubernetes.io/managed-by";
const CONTROLLER = "endpoint-controller";

type Subset = NonNullable<Endpoints["subsets"]>[number];
type Port = NonNullable<Subset["ports"]>[number];

export class EndpointsController {
  readonly #kit: Kit;
  readonly #api: Api;
  readonly #watch: () => ServiceWatch;
  readonly #endpoints: Store<Endpoints>;
  readonly queue: Queue;

  /** `watch` queues what is to be looked at on `queue`. */
  constructor(kit: Kit, watch: () => ServiceWatch) {
    this.#kit = kit;
    this.#api = kit.api(MANAGER);
    this.#endpoints = kit.store(ENDPOINTS);
    this.#watch = watch;
    this.queue = kit.queue("endpoints", (key) => this.#pass(key));
    this.#endpoints.on(({ type, object }) => {
      if (type !== "ADDED") this.queue.add(`${object.metadata.namespace}/${object.metadata.name}`);
    });
  }

  #pass(key: string): void {
    const service = this.#watch().services.get(key);
    const known = this.#endpoints.get(key);
    if (service === undefined) {
      if (known?.metadata.labels?.[MANAGED_BY] === CONTROLLER) this.#api.delete(ENDPOINTS, known);
      return;
    }
    if (selectorOf(service) === undefined) return;
    const subsets = subsetsOf(service, this.#watch().podsOf(service));
    const { [HEADLESS]: _, ...own } = service.metadata.labels ?? {};
    const labels = { ...own, ...(isHeadless(service) ? { [HEADLESS]: "" } : {}), [MANAGED_BY]: CONTROLLER };
    if (known !== undefined && sameJson(known.subsets ?? [], subsets) && sameJson(known.metadata.labels ?? {}, labels)) return;
    const annotations = { ...known?.metadata.annotations, [TRIGGER_TIME]: this.#kit.now() };
    const [namespace, name] = splitKey(key);
    const content = subsets.length === 0 ? {} : { subsets };
    try {
      if (known === undefined) this.#api.create(ENDPOINTS, { metadata: { name, namespace: namespace!, labels, annotations }, ...content });
      else {
        const { subsets: __, ...rest } = known;
        this.#api.update(ENDPOINTS, { ...rest, ...content, metadata: { ...known.metadata, labels, annotations } });
      }
    } catch (error) {
      if (!isNamespaceTerminating(error)) throw error;
    }
  }
}

/** Addresses that offer the same ports in the same state of readiness are one subset. */
function subsetsOf(service: Service, pods: readonly Pod[]): Subset[] {
  const publish = service.spec.publishNotReadyAddresses === true;
  const byPort = new Map<string, { port: Port | undefined; addresses: Map<string, { address: EndpointAddress; ready: boolean }> }>();
  for (const pod of pods) {
    if (isFinished(pod) || pod.status?.podIP === undefined || (pod.metadata.deletionTimestamp !== undefined && !publish)) continue;
    const hostname = hostnameOf(pod, service);
    const address: EndpointAddress = { ip: pod.status.podIP, ...(hostname === undefined ? {} : { hostname }), ...(pod.spec.nodeName === undefined ? {} : { nodeName: pod.spec.nodeName }), targetRef: targetRefOf(pod) };
    for (const port of portsOf(service, pod)) {
      const key = port === undefined ? "" : `${port.name ?? ""} ${port.port} ${port.protocol}`;
      const entry = byPort.get(key) ?? { port, addresses: new Map() };
      byPort.set(key, entry);
      entry.addresses.set(`${address.ip} ${pod.metadata.uid}`, { address, ready: publish || isReady(pod) });
    }
  }
  const subsets = new Map<string, Subset>();
  for (const { port, addresses } of byPort.values()) {
    const sorted = [...addresses].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
    const key = sorted.map(({ address, ready }) => `${address.ip} ${address.targetRef?.uid} ${ready}`).join();
    const known = subsets.get(key);
    if (known !== undefined) known.ports?.push(port!);
    else subsets.set(key, { ...pick("addresses", sorted, true), ...pick("notReadyAddresses", sorted, false), ...(port === undefined ? {} : { ports: [port] }) });
  }
  for (const { ports } of subsets.values()) ports?.sort((a, b) => ((a.name ?? "") < (b.name ?? "") ? -1 : 1));
  return [...subsets.values()];
}

function pick(name: string, all: readonly { address: EndpointAddress; ready: boolean }[], ready: boolean): object {
  const some = all.filter((each) => each.ready === ready).map(({ address }) => address);
  return some.length === 0 ? {} : { [name]: some };
}

/** `undefined` stands for the one entry of a headless Service without ports. */
function portsOf(service: Service, pod: Pod): (Port | undefined)[] {
  const ports = service.spec.ports ?? [];
  if (ports.length === 0) return isHeadless(service) ? [undefined] : [];
  const found: Port[] = [];
  for (const port of ports) {
    const number = targetPortOf(pod, port);
    if (number === undefined) continue;
    found.push({ ...(port.name === undefined || port.name === "" ? {} : { name: port.name }), port: number, protocol: port.protocol ?? "TCP", ...(port.appProtocol === undefined ? {} : { appProtocol: port.appProtocol }) });
  }
  return found;
}
