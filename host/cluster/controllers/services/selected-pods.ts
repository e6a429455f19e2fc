/** What both kinds of endpoints are made of: a Service's Pods, their addresses and the ports they listen on. */
import type { Pod, Service, ServicePort } from "../../typed/core.ts";
import { keyOf, type LabelSelector } from "../../typed/resource.ts";
import { SERVICES, PODS } from "../../typed/core.ts";
import type { Kit } from "../kit/kit.ts";
import type { Queue } from "../kit/dispatcher.ts";
import { isFinished, isReady } from "../kit/pods.ts";
import { SelectorIndex } from "../kit/selectors.ts";
import type { Store } from "../kit/store.ts";

export const HEADLESS = "service.kubernetes.io/headless";
export const TRIGGER_TIME = "endpoints.kubernetes.io/last-change-trigger-time";

/** One object for each Service's selector, so that it is compiled once. */
const selectors = new WeakMap<object, LabelSelector>();

/** Undefined: its endpoints are somebody else's business. */
export function selectorOf({ spec: { selector, type } }: Service): LabelSelector | undefined {
  if (selector === undefined || type === "ExternalName") return undefined;
  let made = selectors.get(selector);
  if (made === undefined) selectors.set(selector, made = { matchLabels: selector });
  return made;
}

/** Queues every Service whose endpoints a change may have changed. */
export class ServiceWatch {
  readonly services: Store<Service>;
  readonly #kit: Kit;

  constructor(kit: Kit, queues: readonly Queue[]) {
    this.#kit = kit;
    this.services = kit.store(SERVICES);
    kit.labels(PODS);
    const selecting = new SelectorIndex(this.services, selectorOf);
    const add = (service: Service): void => {
      for (const queue of queues) queue.add(keyOf(service));
    };
    this.services.on(({ object }) => add(object));
    kit.store(PODS).on(({ type, object: pod, previous }) => {
      if (type === "MODIFIED" && previous !== undefined && sameForServices(pod, previous)) return;
      const namespace = pod.metadata.namespace!;
      selecting.matching(namespace, pod.metadata.labels).forEach(add);
      if (previous !== undefined && previous.metadata.labels !== pod.metadata.labels) selecting.matching(namespace, previous.metadata.labels).forEach(add);
    });
  }

  /** In order of their names. */
  podsOf(service: Service): Pod[] {
    const pods = this.#kit.labels(PODS).select(service.metadata.namespace!, selectorOf(service));
    return pods.sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  }
}

function sameForServices(a: Pod, b: Pod): boolean {
  return a.status?.podIP === b.status?.podIP && isReady(a) === isReady(b) && isFinished(a) === isFinished(b) && a.spec.nodeName === b.spec.nodeName &&
    a.metadata.deletionTimestamp === b.metadata.deletionTimestamp && sameLabels(a.metadata.labels, b.metadata.labels);
}
function sameLabels(a: { [key: string]: string } = {}, b: { [key: string]: string } = {}): boolean {
  if (a === b) return true;
  for (const key in a) if (a[key] !== b[key]) return false;
  for (const key in b) if (!(key in a)) return false;
  return true;
}

/** Undefined for a named port that the Pod doesn't have. */
export function targetPortOf({ spec }: Pod, { targetPort, protocol = "TCP", port }: ServicePort): number | undefined {
  if (targetPort === undefined || targetPort === 0) return port;
  if (typeof targetPort === "number") return targetPort;
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === "Always");
  for (const container of [...spec.containers, ...sidecars]) {
    for (const each of container.ports ?? []) if (each.name === targetPort && (each.protocol ?? "TCP") === protocol) return each.containerPort;
  }
  return undefined;
}

export function isHeadless({ spec: { clusterIP } }: Service): boolean { return clusterIP === undefined || clusterIP === "" || clusterIP === "None"; }
export function hostnameOf({ spec, metadata }: Pod, service: Service): string | undefined {
  return spec.hostname !== undefined && spec.hostname !== "" && spec.subdomain === service.metadata.name && service.metadata.namespace === metadata.namespace ? spec.hostname : undefined;
}
export function targetRefOf({ metadata: { name, namespace, uid } }: Pod) {
  return { kind: "Pod", namespace: namespace!, name, uid: uid! };
}
