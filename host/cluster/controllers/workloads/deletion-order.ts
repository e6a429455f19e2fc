/** Which Pods a controller gives up first: those that serve least, cost least to lose, and crowd a node. */
import type { Pod } from "../../typed/core.ts";
import { timeMs } from "../kit/numbers.ts";
import { isActive, isReady, readySinceMs } from "../kit/pods.ts";

const COST = "controller.kubernetes.io/pod-deletion-cost";

/**
 * The `count` of `pods` to delete. `related` are the Pods of all sets of the same owner. Ages are compared by their order
 * of magnitude, and then at random (by uid), so that not always the youngest replica, with its node, is the one that goes.
 */
export function firstToGo(pods: readonly Pod[], related: readonly Pod[], count: number, nowMs: number): Pod[] {
  if (count >= pods.length) return [...pods];
  const onNode = new Map<string, number>();
  for (const pod of related) {
    const node = pod.spec.nodeName ?? "";
    if (isActive(pod)) onNode.set(node, (onNode.get(node) ?? 0) + 1);
  }
  const ranked = pods.map((pod) => ({ pod, crowd: onNode.get(pod.spec.nodeName ?? "") ?? 0, ...facts(pod) }));
  ranked.sort((a, b) => compare(a, b, nowMs));
  return ranked.slice(0, count).map(({ pod }) => pod);
}

interface Facts { assigned: number; phase: number; ready: number; cost: number; readySinceMs: number | undefined; restarts: number; sidecarRestarts: number; createdMs: number | undefined; uid: string }
interface Ranked extends Facts { pod: Pod; crowd: number }

function facts(pod: Pod): Facts {
  const { status, spec, metadata } = pod;
  const sidecars = new Set((spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === "Always").map(({ name }) => name));
  const restarts = (statuses: readonly { name: string; restartCount: number }[] | undefined): number => Math.max(0, ...(statuses ?? []).map(({ restartCount }) => restartCount));
  return {
    assigned: spec.nodeName === undefined ? 0 : 1,
    phase: status?.phase === "Running" ? 2 : status?.phase === "Unknown" ? 1 : 0,
    ready: isReady(pod) ? 1 : 0,
    cost: costOf(metadata.annotations?.[COST]),
    readySinceMs: readySinceMs(pod),
    restarts: restarts(status?.containerStatuses),
    sidecarRestarts: restarts(status?.initContainerStatuses?.filter(({ name }) => sidecars.has(name))),
    createdMs: timeMs(metadata.creationTimestamp),
    uid: metadata.uid ?? "",
  };
}

/** Text that is no integer of 32 bits counts as none. */
function costOf(text: string | undefined): number {
  return text !== undefined && /^(0|-?[1-9]\d{0,9})$/.test(text) ? Number(text) : 0;
}

function compare(a: Ranked, b: Ranked, nowMs: number): number {
  const first = a.assigned - b.assigned || a.phase - b.phase || a.ready - b.ready || a.cost - b.cost || b.crowd - a.crowd;
  if (first !== 0) return first;
  if (a.ready === 1 && a.readySinceMs !== b.readySinceMs) return byAge(a.readySinceMs, b.readySinceMs, a.uid, b.uid, nowMs);
  const restarts = b.restarts - a.restarts || b.sidecarRestarts - a.sidecarRestarts;
  if (restarts !== 0) return restarts;
  return a.createdMs === b.createdMs ? 0 : byAge(a.createdMs, b.createdMs, a.uid, b.uid, nowMs);
}

/** The younger first; of about the same age, by uid. */
function byAge(a: number | undefined, b: number | undefined, uidA: string, uidB: string, nowMs: number): number {
  if (a === undefined || b === undefined) return a === undefined ? -1 : 1;
  const magnitude = (ms: number): number => (nowMs > ms ? Math.trunc(Math.log2((nowMs - ms) * 1e6)) : -1);
  const difference = magnitude(a) - magnitude(b);
  if (difference !== 0) return difference;
  return uidA < uidB ? -1 : uidA > uidB ? 1 : 0;
}
