/**
 * Which of the nodes that will do is the best: the one with the most left, with the fewest Pods of the same owner, that the
 * Pod prefers. Equal nodes are taken in the order of their names: nothing is left to chance.
 */
import { matchesTerm, tolerates } from "../controllers/kit/placement.ts";
import { controllerOf } from "../controllers/kit/store.ts";
import type { Pod } from "../typed/core.ts";
import type { NamespaceOf } from "./affinity.ts";
import { selects } from "./affinity.ts";
import { assumedOf, type NodeState } from "./node-states.ts";

/** The weights of the real scheduler's own scores. */
const WEIGHT = { left: 1, spread: 2, taints: 3, nodeAffinity: 2, podAffinity: 2 };
const FULL = 100;

export function bestOf(pod: Pod, fitting: readonly NodeState[], namespaceOf: NamespaceOf): NodeState {
  if (fitting.length === 1) return fitting[0]!;
  const assumed = assumedOf(pod);
  const owner = controllerOf(pod);
  const left = fitting.map(({ allocatable, assumed: taken }) => {
    const share = (resource: string): number => {
      const has = allocatable[resource] ?? 0;
      const rest = has - (taken[resource] ?? 0) - (assumed[resource] ?? 0);
      return has === 0 || rest < 0 ? 0 : (rest * FULL) / has;
    };
    return (share("cpu") + share("memory")) / 2;
  });
  const siblings = fitting.map(({ ofOwner }) => (owner === undefined ? 0 : ofOwner.get(owner.uid) ?? 0));
  const disliked = fitting.map(({ node }) => (node.spec.taints ?? []).filter((taint) => taint.effect === "PreferNoSchedule" && !(pod.spec.tolerations ?? []).some((each) => tolerates(each, taint))).length);
  const nodeLiked = fitting.map(({ node }) => (pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [])
    .reduce((total, { weight, preference }) => total + (matchesTerm(preference, node) ? weight : 0), 0));
  const podLiked = fitting.map((state) => preferenceOf(pod, state, fitting, namespaceOf));
  const [spread, taints, nodes, pods] = [inverted(siblings), inverted(disliked), normalised(nodeLiked), normalised(podLiked)];
  let best = 0;
  let bestScore = -Infinity;
  fitting.forEach((_, n) => {
    const score = WEIGHT.left * left[n]! + WEIGHT.spread * spread[n]! + WEIGHT.taints * taints[n]! + WEIGHT.nodeAffinity * nodes[n]! + WEIGHT.podAffinity * pods[n]!;
    if (score > bestScore + 1e-9) [best, bestScore] = [n, score];
  });
  return fitting[best]!;
}

/** Weights of preferred Pod affinity that the node's domain satisfies, less those of anti-affinity. */
function preferenceOf(pod: Pod, state: NodeState, states: readonly NodeState[], namespaceOf: NamespaceOf): number {
  const { podAffinity, podAntiAffinity } = pod.spec.affinity ?? {};
  let total = 0;
  for (const [sign, terms] of [[1, podAffinity], [-1, podAntiAffinity]] as const) {
    for (const { weight, podAffinityTerm: term } of terms?.preferredDuringSchedulingIgnoredDuringExecution ?? []) {
      const domain = state.node.metadata.labels?.[term.topologyKey];
      if (domain === undefined) continue;
      for (const { node, pods } of states) {
        if (node.metadata.labels?.[term.topologyKey] !== domain) continue;
        for (const other of pods.values()) if (selects(term, pod, other, namespaceOf)) total += sign * weight;
      }
    }
  }
  return total;
}

/** The least of them is worth 100, the most 0; all the same: nobody gains. */
function inverted(counts: readonly number[]): number[] {
  const most = Math.max(...counts);
  return counts.map((count) => (most === 0 ? FULL : ((most - count) * FULL) / most));
}
function normalised(scores: readonly number[]): number[] {
  const [least, most] = [Math.min(...scores), Math.max(...scores)];
  return scores.map((score) => (most === least ? 0 : ((score - least) * FULL) / (most - least)));
}
