/** Which Pods may be on which nodes: taints and tolerations, node selectors and affinity, as all who place or evict read them. */
import type { Node, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, Pod, Taint, Toleration } from "../../typed/core.ts";

export function tolerates({ key, operator = "Equal", value = "", effect = "" }: Toleration, taint: Taint): boolean {
  if (effect !== "" && effect !== taint.effect) return false;
  if ((key ?? "") !== "" && key !== taint.key) return false;
  if (operator === "Exists") return true;
  if (operator === "Equal") return value === (taint.value ?? "");
  if (!/^-?\d+$/.test(value) || !/^-?\d+$/.test(taint.value ?? "")) return false;
  return operator === "Lt" ? Number(taint.value) < Number(value) : Number(taint.value) > Number(value);
}

/** The first taint of one of these effects that none of the tolerations tolerates. */
export function untolerated(taints: readonly Taint[] | undefined, tolerations: readonly Toleration[] | undefined, effects: readonly Taint["effect"][]): Taint | undefined {
  return taints?.find((taint) => effects.includes(taint.effect) && tolerations?.some((toleration) => tolerates(toleration, taint)) !== true);
}

/** What the Pod demands of its node, by nodeSelector and by required node affinity. */
export function fitsNodeSelection({ spec }: Pick<Pod, "spec">, node: Node): boolean {
  for (const label in spec.nodeSelector) if (node.metadata.labels?.[label] !== spec.nodeSelector[label]) return false;
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return required === undefined || matchesNodeSelector(required, node);
}

/** One term is enough. An empty term matches nothing. */
export function matchesNodeSelector({ nodeSelectorTerms }: NodeSelector, node: Node): boolean {
  return nodeSelectorTerms.some((term) => matchesTerm(term, node));
}
export function matchesTerm({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, node: Node): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false;
  return matchExpressions.every((requirement) => meets(requirement, node.metadata.labels?.[requirement.key])) &&
    matchFields.every((requirement) => meets(requirement, requirement.key === "metadata.name" ? node.metadata.name : undefined));
}

function meets({ operator, values = [] }: NodeSelectorRequirement, value: string | undefined): boolean {
  switch (operator) {
    case "In": return value !== undefined && values.includes(value);
    case "NotIn": return value === undefined || !values.includes(value);
    case "Exists": return value !== undefined;
    case "DoesNotExist": return value === undefined;
    case "Gt": return value !== undefined && /^-?\d+$/.test(value) && Number(value) > Number(values[0]);
    case "Lt": return value !== undefined && /^-?\d+$/.test(value) && Number(value) < Number(values[0]);
    default: return false;
  }
}
