/** A DaemonSet's Pods: made for one node each, and tolerant of what is the matter with it. */
import type { DaemonSet } from "../../typed/apps.ts";
import type { Node, Pod, PodSpec, Toleration } from "../../typed/core.ts";
import type { New } from "../kit/api.ts";
import { REVISION_HASH } from "../kit/history.ts";
import { fitsNodeSelection, untolerated } from "../kit/placement.ts";
import { podOf } from "../kit/pods.ts";

const GENERATION_LABEL = "pod-template-generation";
const GENERATION = "deprecated.daemonset.template.generation";

const TOLERATED: readonly [condition: string, effect: string][] = [
  ["not-ready", "NoExecute"], ["unreachable", "NoExecute"], ["disk-pressure", "NoSchedule"], ["memory-pressure", "NoSchedule"],
  ["pid-pressure", "NoSchedule"], ["unschedulable", "NoSchedule"],
];

function specFor({ spec: { template: { spec } } }: DaemonSet): PodSpec {
  const conditions = spec.hostNetwork === true ? [...TOLERATED, ["network-unavailable", "NoSchedule"] as const] : TOLERATED;
  const own = conditions.map(([condition, effect]): Toleration => ({ key: `node.kubernetes.io/${condition}`, operator: "Exists", effect }));
  const replaced = (toleration: Toleration): boolean => own.some(({ key, effect }) => toleration.key === key && toleration.effect === effect && toleration.operator === "Exists");
  return { ...spec, tolerations: [...(spec.tolerations ?? []).filter((each) => !replaced(each)), ...own] };
}

export function daemonPod(set: DaemonSet, node: string, hash: string): New<Pod> {
  const pod = podOf(set, set.spec.template);
  const generation = generationOf(set);
  const spec = specFor(set);
  const { nodeAffinity } = spec.affinity ?? {};
  const required = { ...nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution, nodeSelectorTerms: [{ matchFields: [{ key: "metadata.name", operator: "In" as const, values: [node] }] }] };
  return {
    metadata: { ...pod.metadata, labels: { ...pod.metadata.labels, ...(generation === undefined ? {} : { [GENERATION_LABEL]: generation }), [REVISION_HASH]: hash } },
    spec: { ...spec, affinity: { ...spec.affinity, nodeAffinity: { ...nodeAffinity, requiredDuringSchedulingIgnoredDuringExecution: required } } },
  };
}

/** `run`: a Pod is to be made there; `stay`: one that is there may stay. */
export function placementOf(set: DaemonSet, node: Node): { run: boolean; stay: boolean } {
  const spec = specFor(set);
  if (spec.nodeName !== undefined && spec.nodeName !== "" && spec.nodeName !== node.metadata.name) return { run: false, stay: false };
  if (!fitsNodeSelection({ spec }, node)) return { run: false, stay: false };
  if (untolerated(node.spec.taints, spec.tolerations, ["NoSchedule", "NoExecute"]) === undefined) return { run: true, stay: true };
  return { run: false, stay: untolerated(node.spec.taints, spec.tolerations, ["NoExecute"]) === undefined };
}

/** The node that a Pod is on, or is meant for. */
export function targetOf({ spec }: Pod): string | undefined {
  if (spec.nodeName !== undefined && spec.nodeName !== "") return spec.nodeName;
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  for (const { matchFields = [] } of terms) {
    for (const { key, operator, values = [] } of matchFields) if (key === "metadata.name" && operator === "In") return values.length === 1 ? values[0] : undefined;
  }
  return undefined;
}

export function isUpdated(set: DaemonSet, { metadata: { labels } }: Pod, hash: string): boolean {
  const generation = generationOf(set);
  return (hash !== "" && labels?.[REVISION_HASH] === hash) || (generation !== undefined && labels?.[GENERATION_LABEL] === generation);
}

function generationOf({ metadata: { annotations } }: DaemonSet): string | undefined {
  const text = annotations?.[GENERATION];
  return text !== undefined && /^\d+$/.test(text) ? text : undefined;
}
