/**
 * Why a node won't do for a Pod, in the real scheduler's words and order. The first rule that a node fails names the reason;
 * `final` ones would not go away if other Pods left the node.
 */
import { fitsNodeSelection, untolerated } from "../controllers/kit/placement.ts";
import type { Amounts } from "../controllers/kit/requests.ts";
import type { Pod } from "../typed/core.ts";
import type { AffinityCheck } from "./affinity.ts";
import { hostPortsOf, type NodeState } from "./node-states.ts";
import type { SpreadCheck } from "./spread.ts";

export interface Misfit { readonly reasons: readonly string[]; readonly final: boolean }

/** What is worked out once for a Pod, before it is tried on nodes. */
export interface Candidate {
  readonly pod: Pod;
  readonly requests: Amounts;
  readonly hostPorts: readonly string[];
  readonly spread: SpreadCheck | undefined;
  readonly affinity: AffinityCheck | undefined;
}

const UNSCHEDULABLE = { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" } as const;

/** Undefined: it fits. */
export function misfit(candidate: Candidate, state: NodeState): Misfit | undefined {
  const { pod, spread, affinity } = candidate;
  const { node } = state;
  if (node.spec.unschedulable === true && untolerated([UNSCHEDULABLE], pod.spec.tolerations, ["NoSchedule"]) !== undefined) return final("node(s) were unschedulable");
  if (untolerated(node.spec.taints, pod.spec.tolerations, ["NoSchedule", "NoExecute"]) !== undefined) return final("node(s) had untolerated taint(s)");
  if (!fitsNodeSelection(pod, node)) return final("node(s) didn't match Pod's node affinity/selector");
  if (candidate.hostPorts.some((port) => portTaken(state, port))) return { reasons: ["node(s) didn't have free ports for the requested pod ports"], final: false };
  return lacking(candidate.requests, state) ?? spread?.(state) ?? affinity?.(state);
}

function final(reason: string): Misfit { return { reasons: [reason], final: true }; }

function lacking(requests: Amounts, { allocatable, requested, pods }: NodeState): Misfit | undefined {
  const reasons: string[] = [];
  if (pods.size + 1 > (allocatable["pods"] ?? 0)) reasons.push("Too many pods");
  let never = false;
  for (const resource of Object.keys(requests).sort(byRank)) {
    const request = requests[resource]!;
    if (request === 0 || request <= (allocatable[resource] ?? 0) - (requested[resource] ?? 0)) continue;
    reasons.push(`Insufficient ${resource}`);
    if (request > (allocatable[resource] ?? 0)) never = true;
  }
  return reasons.length === 0 ? undefined : { reasons, final: never };
}

const RANK = ["cpu", "memory", "ephemeral-storage"];
function byRank(a: string, b: string): number {
  const [left, right] = [RANK.indexOf(a), RANK.indexOf(b)];
  if (left !== right && (left === -1 || right === -1)) return left === -1 ? 1 : -1;
  return left - right || (a < b ? -1 : a > b ? 1 : 0);
}

/** A port on all addresses collides with the same port on any. */
function portTaken({ hostPorts }: NodeState, port: string): boolean {
  if (hostPorts.size === 0) return false;
  const [protocol, address, number] = port.split(" ");
  for (const taken of hostPorts.keys()) {
    const [otherProtocol, otherAddress, otherNumber] = taken.split(" ");
    if (protocol === otherProtocol && number === otherNumber && (address === otherAddress || address === "0.0.0.0" || otherAddress === "0.0.0.0")) return true;
  }
  return false;
}

export function candidateBase(pod: Pod, requests: Amounts): Pick<Candidate, "pod" | "requests" | "hostPorts"> {
  return { pod, requests, hostPorts: hostPortsOf(pod) };
}
