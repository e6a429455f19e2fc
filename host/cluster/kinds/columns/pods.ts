/** Pods: what their containers amount to, in a word. */
import type { Container, ContainerState, ContainerStatus, Pod } from "../generated/types.ts";
import type { Json, JsonObject } from "../../model.ts";
import { age, millisecondsOf, orNone, row, since } from "./cells.ts";

/** What is found on the way through the containers. */
interface Found {
  reason: string;
  ready: number;
  restarts: number;
  /** The time of the last restart. */
  last: string | undefined;
}

export const podRow = row<Pod>((pod, nowMs) => {
  const { spec = {}, status = {} } = pod;
  const { containers, initContainers = [] } = spec;
  const found = lookThrough(pod);
  const restarts = found.restarts !== 0 && found.last !== undefined ? `${found.restarts} (${since(found.last, nowMs)} ago)` : String(found.restarts);
  const total = (containers ?? []).length + initContainers.filter(isSidecar).length;
  return [
    pod.metadata.name, `${found.ready}/${total}`, endingOf(pod) ?? found.reason, restarts, age(pod, nowMs),
    orNone(status.podIPs?.[0]?.ip), orNone(spec.nodeName), orNone(status.nominatedNodeName), gates(pod),
  ];
});

const ENDED: { readonly [phase: string]: readonly JsonObject[] } = {
  Succeeded: [{ type: "Completed", status: "True", reason: "Succeeded", message: "The pod has completed successfully." }],
  Failed: [{ type: "Completed", status: "True", reason: "Failed", message: "The pod failed." }],
};
export function podConditions({ status }: Pod): readonly Json[] | undefined {
  return ENDED[status?.phase ?? ""];
}

function isSidecar(container: Container | undefined): boolean {
  return container?.restartPolicy === "Always";
}
function hasCondition({ status }: Pod, type: string): boolean {
  return status?.conditions?.some((each) => each.type === type && each.status === "True") ?? false;
}

/** What is said of a Pod that goes, whatever its containers do. */
function endingOf({ metadata, status = {} }: Pod): string | undefined {
  if (metadata.deletionTimestamp === undefined) return undefined;
  if (status.reason === "NodeLost") return "Unknown";
  return status.phase === "Succeeded" || status.phase === "Failed" ? undefined : "Terminating";
}

function lookThrough(pod: Pod): Found {
  const { status = {} } = pod;
  const gated = status.conditions?.some(({ type, reason }) => type === "PodScheduled" && reason === "SchedulingGated") === true;
  const found: Found = { reason: gated ? "SchedulingGated" : orNone(status.reason, status.phase ?? ""), ready: 0, restarts: 0, last: undefined };
  const sidecars: Found = { ...found };
  if (initialize(pod, found, sidecars) || hasCondition(pod, "Initialized")) {
    found.restarts = sidecars.restarts;
    found.last = sidecars.last;
    lookAtContainers(pod, found);
  }
  return found;
}

/** False while init containers run, or when one has failed. Restarts of those that stay are counted apart as well. */
function initialize({ spec = {}, status = {} }: Pod, found: Found, sidecars: Found): boolean {
  const { initContainers = [] } = spec;
  const byName = new Map(initContainers.map((each) => [each.name, each]));
  for (const [index, container] of (status.initContainerStatuses ?? []).entries()) {
    const { state = {}, started, ready } = container;
    const sidecar = isSidecar(byName.get(container.name));
    countRestarts(container, found);
    if (sidecar) countRestarts(container, sidecars);
    if (state.terminated !== undefined && (state.terminated.exitCode ?? 0) === 0) continue;
    if (sidecar && started === true) {
      if (ready === true) found.ready++;
      continue;
    }
    found.reason = `Init:${initReason(state) ?? `${index}/${initContainers.length}`}`;
    return false;
  }
  return true;
}
function initReason({ terminated, waiting }: ContainerState): string | undefined {
  if (terminated !== undefined) return endOf(terminated);
  const reason = waiting?.reason ?? "";
  return reason === "" || reason === "PodInitializing" ? undefined : reason;
}
function endOf({ reason = "", signal = 0, exitCode = 0 }: NonNullable<ContainerState["terminated"]>): string {
  return reason !== "" ? reason : signal !== 0 ? `Signal:${signal}` : `ExitCode:${exitCode}`;
}

function lookAtContainers(pod: Pod, found: Found): void {
  let running = false;
  let wrong = "";
  for (const container of [...pod.status?.containerStatuses ?? []].reverse()) {
    const { state = {}, ready } = container;
    const { waiting, terminated } = state;
    countRestarts(container, found);
    if ((waiting?.reason ?? "") !== "") {
      found.reason = waiting!.reason!;
    } else if (terminated !== undefined) {
      found.reason = endOf(terminated);
      if ((terminated.exitCode ?? 0) !== 0) wrong = found.reason;
    } else if (ready === true && state.running !== undefined) {
      running = true;
      found.ready++;
    }
  }
  // One container has ended well, others go on.
  if (found.reason !== "Completed") return;
  if (running && hasCondition(pod, "Ready")) found.reason = "Running";
  else if (wrong !== "") found.reason = wrong;
  else if (running) found.reason = "NotReady";
}

function countRestarts({ restartCount = 0, lastState }: ContainerStatus, found: Found): void {
  found.restarts += restartCount;
  const ended = lastState?.terminated?.finishedAt;
  if ((millisecondsOf(ended) ?? 0) > (millisecondsOf(found.last) ?? 0)) found.last = ended;
}

function gates({ spec, status }: Pod): string {
  const wanted = spec?.readinessGates ?? [];
  if (wanted.length === 0) return "<none>";
  const fulfilled = wanted.filter(({ conditionType }) => status?.conditions?.find(({ type }) => type === conditionType)?.status === "True");
  return `${fulfilled.length}/${wanted.length}`;
}
