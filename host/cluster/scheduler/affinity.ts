/** Required affinity and anti-affinity between Pods, both ways: what the Pod demands, and what Pods that run demand of it. */
import { matcherOf } from "../controllers/kit/selectors.ts";
import type { Namespace, Pod, PodAffinityTerm } from "../typed/core.ts";
import type { Misfit } from "./filters.ts";
import type { NodeState } from "./node-states.ts";

export type AffinityCheck = (state: NodeState) => Misfit | undefined;
export type NamespaceOf = (name: string) => Namespace | undefined;

/** Undefined where neither the Pod nor any that runs has terms. */
export function affinityCheck(pod: Pod, states: readonly NodeState[], namespaceOf: NamespaceOf): AffinityCheck | undefined {
  const affinity = pod.spec.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  const anti = pod.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  const forbidden = forbiddenByOthers(pod, states, namespaceOf);
  if (affinity.length === 0 && anti.length === 0 && forbidden.size === 0) return undefined;
  const wanted = affinity.map((term) => domainsWith(term, pod, states, namespaceOf));
  const shunned = anti.map((term) => domainsWith(term, pod, states, namespaceOf));
  // The first of a group that wants to be together may go anywhere.
  const founder = wanted.every(({ size }) => size === 0) && affinity.every((term) => selects(term, pod, pod, namespaceOf));
  return ({ node: { metadata: { labels = {} } } }) => {
    const together = affinity.every(({ topologyKey }, n) => labels[topologyKey] !== undefined && (founder || wanted[n]!.has(labels[topologyKey]!)));
    if (!together) return { reasons: ["node(s) didn't match pod affinity rules"], final: true };
    if (anti.some(({ topologyKey }, n) => labels[topologyKey] !== undefined && shunned[n]!.has(labels[topologyKey]!))) {
      return { reasons: ["node(s) didn't match pod anti-affinity rules"], final: false };
    }
    for (const key in labels) if (forbidden.has(`${key}=${labels[key]}`)) return { reasons: ["node(s) didn't satisfy existing pods anti-affinity rules"], final: false };
    return undefined;
  };
}

/** Values of the term's topology key on nodes that run a Pod that the term selects. */
function domainsWith(term: PodAffinityTerm, pod: Pod, states: readonly NodeState[], namespaceOf: NamespaceOf): Set<string> {
  const domains = new Set<string>();
  for (const { node, pods } of states) {
    const domain = node.metadata.labels?.[term.topologyKey];
    if (domain === undefined || domains.has(domain)) continue;
    for (const other of pods.values()) {
      if (other.metadata.deletionTimestamp === undefined && selects(term, pod, other, namespaceOf)) {
        domains.add(domain);
        break;
      }
    }
  }
  return domains;
}

/** "key=value" of every topology that a running Pod's anti-affinity keeps this Pod out of. */
function forbiddenByOthers(pod: Pod, states: readonly NodeState[], namespaceOf: NamespaceOf): Set<string> {
  const forbidden = new Set<string>();
  for (const { node, antiAffine } of states) {
    for (const other of antiAffine) {
      for (const term of other.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []) {
        const domain = node.metadata.labels?.[term.topologyKey];
        if (domain !== undefined && selects(term, other, pod, namespaceOf)) forbidden.add(`${term.topologyKey}=${domain}`);
      }
    }
  }
  return forbidden;
}

/** Whether `term` of `owner` selects `other`. */
export function selects(term: PodAffinityTerm, owner: Pod, other: Pod, namespaceOf: NamespaceOf): boolean {
  const namespace = other.metadata.namespace!;
  const { namespaces = [], namespaceSelector, matchLabelKeys = [], mismatchLabelKeys = [] } = term;
  const named = namespaces.length === 0 && namespaceSelector === undefined ? owner.metadata.namespace === namespace : namespaces.includes(namespace);
  if (!named && !(namespaceSelector !== undefined && matcherOf(namespaceSelector)(namespaceOf(namespace)?.metadata.labels))) return false;
  const labels = other.metadata.labels ?? {};
  const own = owner.metadata.labels ?? {};
  if (matchLabelKeys.some((key) => own[key] !== undefined && labels[key] !== own[key])) return false;
  if (mismatchLabelKeys.some((key) => own[key] !== undefined && labels[key] === own[key])) return false;
  return matcherOf(term.labelSelector)(labels);
}
