/** Topology spread constraints that must hold: no domain may have `maxSkew` more matching Pods than the emptiest one. */
import { fitsNodeSelection, untolerated } from "../controllers/kit/placement.ts";
import { matcherOf, type LabelMatch } from "../controllers/kit/selectors.ts";
import type { Pod, TopologySpreadConstraint } from "../typed/core.ts";
import type { Misfit } from "./filters.ts";
import type { NodeState } from "./node-states.ts";

export type SpreadCheck = (state: NodeState) => Misfit | undefined;
const REASON = "node(s) didn't match pod topology spread constraints";

interface Rule { readonly constraint: TopologySpreadConstraint; readonly match: LabelMatch; readonly counts: Map<string, number>; readonly least: number; readonly self: number }

export function spreadCheck(pod: Pod, states: readonly NodeState[]): SpreadCheck | undefined {
  const constraints = (pod.spec.topologySpreadConstraints ?? []).filter(({ whenUnsatisfiable }) => whenUnsatisfiable === "DoNotSchedule");
  if (constraints.length === 0) return undefined;
  const rules = constraints.map((constraint) => ruleOf(constraint, constraints, pod, states));
  return ({ node: { metadata: { labels = {} } } }) => {
    for (const { constraint, counts, least, self } of rules) {
      const domain = labels[constraint.topologyKey];
      if (domain === undefined) return { reasons: [`${REASON} (missing required label)`], final: true };
      if ((counts.get(domain) ?? 0) + self - least > constraint.maxSkew) return { reasons: [REASON], final: false };
    }
    return undefined;
  };
}

function ruleOf(constraint: TopologySpreadConstraint, all: readonly TopologySpreadConstraint[], pod: Pod, states: readonly NodeState[]): Rule {
  const { topologyKey, labelSelector, matchLabelKeys = [], minDomains, nodeAffinityPolicy = "Honor", nodeTaintsPolicy = "Ignore" } = constraint;
  const own = pod.metadata.labels ?? {};
  const selected = matcherOf(labelSelector);
  const match: LabelMatch = (labels) => selected(labels) && matchLabelKeys.every((key) => own[key] === undefined || labels?.[key] === own[key]);
  const counts = new Map<string, number>();
  for (const { node, pods } of states) {
    const domain = node.metadata.labels?.[topologyKey];
    // A node that lacks the label of one constraint counts for none of them.
    if (domain === undefined || all.some((each) => node.metadata.labels?.[each.topologyKey] === undefined)) continue;
    if (nodeAffinityPolicy === "Honor" && !fitsNodeSelection(pod, node)) continue;
    if (nodeTaintsPolicy === "Honor" && untolerated(node.spec.taints, pod.spec.tolerations, ["NoSchedule", "NoExecute"]) !== undefined) continue;
    let count = counts.get(domain) ?? 0;
    for (const { metadata } of pods.values()) {
      if (metadata.namespace === pod.metadata.namespace && metadata.deletionTimestamp === undefined && match(metadata.labels)) count++;
    }
    counts.set(domain, count);
  }
  const least = counts.size < (minDomains ?? 1) ? 0 : Math.min(...counts.values());
  return { constraint, match, counts, least, self: match(pod.metadata.labels) ? 1 : 0 };
}
