/** EndpointSlices: the addresses behind each Service, at most a hundred to a slice, grouped by the ports they listen on. */
import { NODES, type Node, type Pod, type Service } from "../../typed/core.ts";
import { ENDPOINT_SLICES, type Endpoint, type EndpointSlice } from "../../typed/others.ts";
import { isNamespaceTerminating, type Api, type New } from "../kit/api.ts";
import type { Queue } from "../kit/dispatcher.ts";
import { sameJson } from "../kit/hash.ts";
import type { Kit } from "../kit/kit.ts";
import { controlledBy, isFinished, isReady } from "../kit/pods.ts";
import { controllerOf, type Index, type Store } from "../kit/store.ts";
import { HEADLESS, hostnameOf, isHeadless, selectorOf, ServiceWatch, targetPortOf, targetRefOf, TRIGGER_TIME } from "./selected-pods.ts";

const MANAGER = "kube-controller-manager";
const SERVICE_NAME = "kubernetes.io/service-name";
const MANAGED_BY = "endpointslice.kubernetes.io/managed-by";
const CONTROLLER = "endpointslice-controller.k8s.io";
const PER_SLICE_MAX = 100;

type Ports = NonNullable<EndpointSlice["ports"]>;
interface Wanted { readonly ports: Ports; readonly endpoints: Endpoint[] }
interface Plan { readonly create: New<EndpointSlice>[]; readonly update: EndpointSlice[]; readonly remove: EndpointSlice[] }

export class EndpointSliceController {
  readonly #kit: Kit;
  readonly #api: Api;
  readonly #watch: () => ServiceWatch;
  readonly #nodes: Store<Node>;
  readonly #slices: Index<EndpointSlice>;
  readonly queue: Queue;

  /** `watch` queues what is to be looked at on `queue`. */
  constructor(kit: Kit, watch: () => ServiceWatch) {
    this.#kit = kit;
    this.#api = kit.api(MANAGER);
    this.#nodes = kit.store(NODES);
    const slices = kit.store(ENDPOINT_SLICES);
    this.#slices = slices.index(({ metadata: { namespace, labels } }) => (labels?.[MANAGED_BY] === CONTROLLER && labels[SERVICE_NAME] !== undefined ? [`${namespace}/${labels[SERVICE_NAME]}`] : []));
    this.#watch = watch;
    this.queue = kit.queue("endpointslice", (key) => this.#pass(key));
    slices.on(({ type, object, previous }) => {
      // Somebody may have meddled with it.
      const service = (object.metadata.labels?.[MANAGED_BY] === CONTROLLER ? object : previous)?.metadata.labels?.[SERVICE_NAME];
      if (type !== "ADDED" && service !== undefined) this.queue.add(`${object.metadata.namespace}/${service}`);
    });
  }

  #pass(key: string): void {
    const service = this.#watch().services.get(key);
    if (service === undefined || selectorOf(service) === undefined) return;
    const groups = new Map<string, Wanted>();
    for (const pod of this.#watch().podsOf(service)) this.#addTo(groups, service, pod);
    const plan = planOf(service, groups, this.#slices.get(key));
    const stamp = { [TRIGGER_TIME]: this.#kit.now() };
    try {
      if (service.metadata.deletionTimestamp === undefined) {
        for (const slice of plan.create) this.#api.create(ENDPOINT_SLICES, { ...slice, metadata: { ...slice.metadata, annotations: stamp } });
      }
      for (const slice of plan.update) this.#api.update(ENDPOINT_SLICES, { ...slice, metadata: { ...slice.metadata, annotations: { ...slice.metadata.annotations, ...stamp } } });
      for (const slice of plan.remove) this.#api.delete(ENDPOINT_SLICES, slice);
    } catch (error) {
      if (!isNamespaceTerminating(error)) throw error;
    }
  }

  #addTo(groups: Map<string, Wanted>, service: Service, pod: Pod): void {
    if (isFinished(pod) || pod.status?.podIP === undefined) return;
    const node = this.#nodes.get(pod.spec.nodeName ?? "");
    const publish = service.spec.publishNotReadyAddresses === true;
    if (node === undefined && !publish) return;
    const ports: Ports = [];
    for (const port of service.spec.ports ?? []) {
      const number = targetPortOf(pod, port);
      if (number === undefined) continue;
      ports.push({ name: port.name ?? "", port: number, protocol: port.protocol ?? "TCP", ...(port.appProtocol === undefined ? {} : { appProtocol: port.appProtocol }) });
    }
    const group = keyOfPorts(ports);
    const wanted = groups.get(group) ?? { ports, endpoints: [] };
    groups.set(group, wanted);
    wanted.endpoints.push(endpointOf(pod, node, service, publish));
  }
}

function endpointOf(pod: Pod, node: Node | undefined, service: Service, publish: boolean): Endpoint {
  const [serving, terminating] = [isReady(pod), pod.metadata.deletionTimestamp !== undefined];
  const hostname = hostnameOf(pod, service);
  const zone = node?.metadata.labels?.["topology.kubernetes.io/zone"];
  return {
    addresses: [pod.status!.podIP!], conditions: { ready: publish || (serving && !terminating), serving, terminating },
    ...(hostname === undefined ? {} : { hostname }), targetRef: targetRefOf(pod),
    ...(pod.spec.nodeName === undefined ? {} : { nodeName: pod.spec.nodeName }), ...(zone === undefined || zone === "" ? {} : { zone }),
  };
}

function keyOfPorts(ports: EndpointSlice["ports"]): string {
  return (ports ?? []).map(({ name, port, protocol, appProtocol }) => `${name} ${port} ${protocol} ${appProtocol ?? ""}`).sort().join(",");
}
const idOf = ({ addresses, targetRef }: Endpoint): string => `${addresses[0]} ${targetRef?.uid}`;

/** What is to be written so that the slices hold what is wanted, with as few of them touched as will do. */
function planOf(service: Service, groups: Map<string, Wanted>, existing: readonly EndpointSlice[]): Plan {
  const create: New<EndpointSlice>[] = [];
  const update: EndpointSlice[] = [];
  const remove: EndpointSlice[] = [];
  for (const slice of existing) if (controllerOf(slice)?.uid !== service.metadata.uid || !groups.has(keyOfPorts(slice.ports))) remove.push(slice);
  const left = existing.filter((slice) => !remove.includes(slice));
  for (const [group, { ports, endpoints }] of groups) {
    const mine = left.filter((slice) => keyOfPorts(slice.ports) === group);
    fill(service, ports, endpoints, mine, { create, update, remove });
  }
  if (remove.length === existing.length && create.length === 0) {
    // A Service without endpoints has one slice that says so.
    const empty = sliceOf(service, null, null);
    const [only] = remove;
    if (remove.length === 1 && only !== undefined && (only.endpoints ?? []).length === 0 && sameJson(only.metadata.labels, empty.metadata.labels) && controllerOf(only)?.uid === service.metadata.uid) remove.pop();
    else create.push(empty);
  }
  // What is to be thrown away can as well be filled anew.
  for (let n = 0; n < remove.length && create.length > 0; ) {
    const old = remove[n]!;
    if (controllerOf(old)?.uid !== service.metadata.uid) n++;
    else {
      const next = create.pop()!;
      update.push({ ...old, endpoints: next.endpoints, ports: next.ports, metadata: { ...old.metadata, labels: next.metadata.labels! } });
      remove.splice(n, 1);
    }
  }
  return { create, update, remove };
}

function fill(service: Service, ports: Ports, endpoints: readonly Endpoint[], mine: readonly EndpointSlice[], plan: Plan): void {
  const waiting = new Map(endpoints.map((endpoint) => [idOf(endpoint), endpoint]));
  const { labels } = sliceOf(service, ports, []).metadata;
  const kept = mine.map((slice) => {
    const now: Endpoint[] = [];
    for (const endpoint of slice.endpoints ?? []) {
      const wanted = waiting.get(idOf(endpoint));
      if (wanted === undefined) continue;
      now.push(wanted);
      waiting.delete(idOf(endpoint));
    }
    return { slice, now };
  });
  const touched = kept.filter(({ slice, now }) => now.length > 0 && !sameJson(now, slice.endpoints ?? []));
  // Those that change anyway are filled up first, the fullest before the others.
  const roomy = [...touched.sort((a, b) => b.now.length - a.now.length), ...kept.filter((each) => each.now.length > 0 && !touched.includes(each) && each.now.length + waiting.size <= PER_SLICE_MAX)];
  const rest = [...waiting.values()];
  for (const { now } of roomy) now.push(...rest.splice(0, Math.max(0, PER_SLICE_MAX - now.length)));
  for (const { slice, now } of kept) {
    if (now.length === 0) plan.remove.push(slice);
    else if (!sameJson(now, slice.endpoints ?? []) || !sameJson(slice.metadata.labels, labels)) plan.update.push({ ...slice, endpoints: now, metadata: { ...slice.metadata, labels: labels! } });
  }
  while (rest.length > 0) plan.create.push(sliceOf(service, ports, rest.splice(0, PER_SLICE_MAX)));
}

function sliceOf(service: Service, ports: EndpointSlice["ports"], endpoints: EndpointSlice["endpoints"]): New<EndpointSlice> {
  const { name, namespace, labels = {} } = service.metadata;
  const { [HEADLESS]: _, [SERVICE_NAME]: __, [MANAGED_BY]: ___, ...own } = labels;
  const v6 = (service.spec.ipFamilies ?? [])[0] === "IPv6";
  return {
    metadata: {
      generateName: `${name}-`, namespace: namespace!, ownerReferences: [controlledBy(service)],
      labels: { ...own, ...(isHeadless(service) ? { [HEADLESS]: "" } : {}), [SERVICE_NAME]: name, [MANAGED_BY]: CONTROLLER },
    },
    addressType: v6 ? "IPv6" : "IPv4", endpoints, ports,
  };
}
