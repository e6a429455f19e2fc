/** Policies about Pods: how long they stay on failing nodes, how important they are, what runs them. */
import type { AdmissionRequest } from "../api/machinery.ts";
import { pathSegment } from "../api/names.ts";
import { StatusError } from "../api/status-error.ts";
import type { Node, Pod, PriorityClass, RuntimeClass, Toleration } from "../kinds/generated/types.ts";
import type { StrategyContext } from "../kinds/kind.ts";
import { equal } from "../kinds/shared/equal.ts";
import { objectOf, refused, type Plugin } from "./plugin.ts";

const PODS = ["pods"];
const FAILING = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];
const TOLERATED_SECONDS = 300;

export const defaultTolerationSeconds: Plugin = {
  name: "DefaultTolerationSeconds", resources: PODS, operations: ["CREATE", "UPDATE"],
  mutate(request) {
    if (request.subresource !== undefined) return;
    const spec = objectOf<Pod>(request).spec ??= {};
    const tolerations = spec.tolerations ?? [];
    const missing = FAILING.filter((key) => !tolerations.some((each) => ["", key].includes(each.key ?? "") && ["", "NoExecute"].includes(each.effect ?? "")));
    if (missing.length === 0) return;
    spec.tolerations = [...tolerations, ...missing.map((key): Toleration => ({ key, operator: "Exists", effect: "NoExecute", tolerationSeconds: TOLERATED_SECONDS }))];
  },
};

const PRIORITY_CLASSES = "priorityclasses.scheduling.k8s.io";

export const priority: Plugin = {
  name: "Priority", resources: [...PODS, PRIORITY_CLASSES], operations: ["CREATE", "UPDATE"],
  mutate(request, context) {
    if (request.subresource !== undefined || request.resource !== "pods") return;
    const spec = objectOf<Pod>(request).spec ??= {};
    if (request.operation === "UPDATE") {
      const old = (request.old as unknown as Pod | undefined)?.spec;
      if (spec.priority === undefined && old?.priority !== undefined) spec.priority = old.priority;
      if (spec.preemptionPolicy === undefined && old?.preemptionPolicy !== undefined) spec.preemptionPolicy = old.preemptionPolicy;
      return;
    }
    const { name, value, policy } = classOf(spec.priorityClassName ?? "", request, context);
    if (name !== "") spec.priorityClassName = name;
    if (spec.priority !== undefined && spec.priority !== value) {
      throw refused(request, `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`);
    }
    spec.priority = value;
    if (policy === undefined) return;
    if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== policy) {
      throw refused(request, `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${policy} from the given PriorityClass name`);
    }
    spec.preemptionPolicy = policy;
  },
  validate(request, context) {
    if (request.resource !== PRIORITY_CLASSES || objectOf<PriorityClass>(request).globalDefault !== true) return;
    const there = defaultClass(context);
    if (there === undefined || (request.operation === "UPDATE" && there.metadata.name === request.name)) return;
    throw refused(request, `PriorityClass ${there.metadata.name} is already marked as default. Only one default can exist`);
  },
};
function defaultClass(context: StrategyContext): PriorityClass | undefined {
  let found: PriorityClass | undefined;
  for (const object of context.list(PRIORITY_CLASSES)) {
    const each = object as unknown as PriorityClass;
    if (each.globalDefault === true && (found === undefined || found.value! > each.value!)) found = each;
  }
  return found;
}
function classOf(name: string, request: AdmissionRequest, context: StrategyContext): { name: string; value: number; policy: string | undefined } {
  if (name === "") {
    const found = defaultClass(context);
    return found === undefined ? { name, value: 0, policy: "PreemptLowerPriority" } : { name: found.metadata.name, value: found.value ?? 0, policy: found.preemptionPolicy };
  }
  const found = context.get(PRIORITY_CLASSES, undefined, name) as unknown as PriorityClass | undefined;
  if (found === undefined) throw refused(request, `no PriorityClass with name ${name} was found`);
  return { name, value: found.value ?? 0, policy: found.preemptionPolicy };
}

export const runtimeClass: Plugin = {
  name: "RuntimeClass", resources: PODS, operations: ["CREATE"],
  mutate(request, context) {
    if (request.subresource !== undefined) return;
    const found = runtimeClassOf(request, context);
    if (found === undefined) return;
    const spec = objectOf<Pod>(request).spec!;
    const { overhead, scheduling } = found;
    if (overhead !== undefined) {
      if (spec.overhead !== undefined && !equal(overhead.podFixed, spec.overhead, "overhead")) throw refused(request, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead");
      if (overhead.podFixed !== undefined) spec.overhead = { ...overhead.podFixed };
    }
    for (const [key, value] of Object.entries(scheduling?.nodeSelector ?? {})) {
      const own = spec.nodeSelector?.[key];
      if (own !== undefined && own !== value) throw refused(request, `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${own}`);
      (spec.nodeSelector ??= {})[key] = value;
    }
    for (const each of scheduling?.tolerations ?? []) {
      if (!(spec.tolerations ?? []).some((own) => equal(own, each))) (spec.tolerations ??= []).push({ ...each });
    }
  },
  validate(request, context) {
    if (request.subresource !== undefined) return;
    const found = runtimeClassOf(request, context);
    const { spec } = objectOf<Pod>(request);
    if (found?.overhead === undefined) {
      if (spec?.overhead !== undefined) throw refused(request, "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead");
    } else if (!equal(found.overhead.podFixed, spec?.overhead, "overhead")) {
      throw refused(request, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead");
    }
  },
};
function runtimeClassOf(request: AdmissionRequest, context: StrategyContext): RuntimeClass | undefined {
  const name = objectOf<Pod>(request).spec?.runtimeClassName;
  if (name === undefined) return undefined;
  // Asked of the API, where such a name makes no path.
  if (name === "") throw new StatusError(500, "", "resource name may not be empty");
  const unfit = pathSegment(name, false);
  if (unfit.length > 0) throw new StatusError(500, "", `invalid resource name ${JSON.stringify(name)}: [${unfit.join(" ")}]`);
  const found = context.get("runtimeclasses.node.k8s.io", undefined, name);
  if (found === undefined) throw refused(request, `pod rejected: RuntimeClass ${JSON.stringify(name)} not found`);
  return found as unknown as RuntimeClass;
}

const TOPOLOGY_LABELS = ["topology.kubernetes.io/zone", "topology.kubernetes.io/region"];

/** A Pod bears the zone of its node: of one named from the start, or by a binding. */
export const podTopologyLabels: Plugin = {
  name: "PodTopologyLabels", resources: PODS, operations: ["CREATE", "UPDATE"],
  mutate(request, context) {
    const { object, subresource } = request;
    if (object === undefined || (subresource !== undefined && subresource !== "binding")) return;
    const target = (object as { target?: { kind?: string; name?: string } }).target;
    const name = subresource === "binding" ? (target?.kind === "Node" ? target.name : undefined) : (object as unknown as Pod).spec?.nodeName;
    if (name === undefined || name === "") return;
    const labels = (context.get("nodes", undefined, name) as unknown as Node | undefined)?.metadata.labels ?? {};
    for (const key of TOPOLOGY_LABELS) if (labels[key] !== undefined) (object.metadata.labels ??= {})[key] = labels[key];
  },
};
