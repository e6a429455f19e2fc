/** A Pod's status from what its containers do: phase, conditions, container statuses, in the kubelet's order and words. */
import { findCondition } from "../controllers/kit/conditions.ts";
import type { Container, ContainerStatus, Pod, PodPhase, PodStatus } from "../typed/core.ts";
import type { Condition, Quantities } from "../typed/resource.ts";
import type { ContainerRun } from "./container-run.ts";
import { fullReference, imageIdOf } from "./images.ts";

export interface Running {
  readonly pod: Pod;
  readonly runs: readonly ContainerRun[];
  readonly podIP: string;
  readonly hostIP: string;
  readonly startTime: string;
  readonly now: string;
  /** Nothing of it will be started again. */
  readonly terminal: boolean;
  /** It was killed for this. */
  readonly failure: { readonly reason: string; readonly message: string } | undefined;
}

const KUBELETS = new Set(["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"]);

export function statusOf(running: Running): PodStatus {
  const { pod, runs, podIP, hostIP, startTime, failure } = running;
  const inits = runs.filter(({ role }) => role !== "regular").map((run) => containerStatus(run, pod));
  const regulars = runs.filter(({ role }) => role === "regular").map((run) => containerStatus(run, pod)).sort((a, b) => (a.name < b.name ? -1 : 1));
  const known = pod.status?.phase;
  const over = known === "Succeeded" || known === "Failed";
  const phase = over ? known : failure !== undefined ? "Failed" : phaseOf(running);
  const kept = phase === known ? pod.status : undefined;
  const reason = failure?.reason ?? kept?.reason;
  const message = failure?.message ?? kept?.message;
  const conditions = conditionsOf(running, phase);
  const resources = podResources(pod);
  return {
    ...(pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }),
    phase, conditions, ...(message === undefined ? {} : { message }), ...(reason === undefined ? {} : { reason }),
    hostIP, hostIPs: [{ ip: hostIP }], ...(podIP === "" ? {} : { podIP, podIPs: [{ ip: podIP }] }), startTime,
    ...(inits.length === 0 ? {} : { initContainerStatuses: inits }), containerStatuses: regulars,
    ...(pod.status?.qosClass === undefined ? {} : { qosClass: pod.status.qosClass }), ...resources,
  };
}

/** Whether a container that ended like this is started again. */
export function restarts(pod: Pod, { role }: Pick<ContainerRun, "role">, exitCode: number): boolean {
  const policy = pod.spec.restartPolicy ?? "Always";
  if (role === "sidecar") return true;
  if (role === "init") return exitCode !== 0 && policy !== "Never";
  return policy === "Always" || (policy === "OnFailure" && exitCode !== 0);
}

function phaseOf({ pod, runs, terminal }: Running): PodPhase {
  let [pendingInits, pendingSidecars, running, waiting, stopped, final, succeeded] = [0, 0, 0, 0, 0, 0, 0];
  for (const run of runs) {
    const { role, exitCode } = run;
    if (role === "init") {
      if (!run.exited) pendingInits++;
      else if (exitCode !== 0 && !restarts(pod, run, exitCode!)) return "Failed";
    } else if (role === "sidecar") {
      if (run.running) {
        running++;
        if (!run.started) pendingSidecars++;
      } else if (!run.exited) {
        pendingSidecars++;
        waiting++;
      }
    } else if (run.running) running++;
    else if (run.exited) {
      stopped++;
      if (!restarts(pod, run, exitCode!)) final++;
      if (exitCode === 0) succeeded++;
    } else waiting++;
  }
  const begun = runs.some(({ role, running: runs_, exited }) => role === "regular" && (runs_ || exited));
  if (pendingInits > 0 || (pendingSidecars > 0 && !begun) || waiting > 0) return "Pending";
  if (running > 0) return "Running";
  if (stopped === 0) return "Pending";
  if (!terminal && final !== stopped) return "Running";
  return stopped === succeeded ? "Succeeded" : "Failed";
}

function conditionsOf({ pod, runs, podIP, now }: Running, phase: PodPhase): Condition[] {
  const before = pod.status?.conditions ?? [];
  const observed = pod.metadata.generation;
  const make = (type: string, status: boolean, reason?: string, message?: string): Condition => {
    const known = findCondition(before, type);
    const text = status ? "True" : "False";
    return {
      type, ...(observed === undefined ? {} : { observedGeneration: observed }), status: text, lastProbeTime: null,
      lastTransitionTime: known?.status === text ? known.lastTransitionTime! : now, ...(reason === undefined ? {} : { reason }), ...(message === undefined ? {} : { message }),
    };
  };
  const others = before.filter(({ type }) => !KUBELETS.has(type));
  const [initialized, ready] = [initializedOf(runs, phase), containersReady(runs, phase)];
  const gates = ready === undefined ? unmetGates(pod, others) : undefined;
  return [
    ...others,
    make("PodReadyToStartContainers", podIP !== "" && !(phase === "Succeeded" || phase === "Failed")),
    initialized === undefined ? make("Initialized", true, phase === "Succeeded" ? "PodCompleted" : undefined) : make("Initialized", false, ...initialized),
    ready !== undefined ? make("Ready", false, ...ready) : gates !== undefined ? make("Ready", false, "ReadinessGatesNotReady", gates) : make("Ready", true),
    ready === undefined ? make("ContainersReady", true) : make("ContainersReady", false, ...ready),
    make("PodScheduled", true),
  ];
}

type Why = [reason: string, message?: string];

function initializedOf(runs: readonly ContainerRun[], phase: PodPhase): Why | undefined {
  if (phase === "Succeeded" || runs.some((run) => run.role === "regular" && (run.running || run.exited))) return undefined;
  const incomplete = runs.filter((run) => (run.role === "init" && !(run.exited && run.exitCode === 0)) || (run.role === "sidecar" && !run.started)).map(({ spec }) => spec.name);
  return incomplete.length === 0 ? undefined : ["ContainersNotInitialized", `containers with incomplete status: [${incomplete.join(" ")}]`];
}

function containersReady(runs: readonly ContainerRun[], phase: PodPhase): Why | undefined {
  if (phase === "Succeeded") return ["PodCompleted"];
  if (phase === "Failed") return ["PodFailed"];
  const unready = runs.filter((run) => run.role !== "init" && !run.ready).map(({ spec }) => spec.name);
  return unready.length === 0 ? undefined : ["ContainersNotReady", `containers with unready status: [${unready.join(" ")}]`];
}

function unmetGates({ spec: { readinessGates = [] } }: Pod, conditions: readonly Condition[]): string | undefined {
  const unmet: string[] = [];
  for (const { conditionType } of readinessGates) {
    const known = findCondition(conditions, conditionType);
    if (known === undefined) unmet.push(`corresponding condition of pod readiness gate "${conditionType}" does not exist.`);
    else if (known.status !== "True") unmet.push(`the status of pod readiness gate "${conditionType}" is not "True", but ${known.status}`);
  }
  return unmet.length === 0 ? undefined : unmet.join(", ");
}

function containerStatus(run: ContainerRun, pod: Pod): ContainerStatus {
  const { spec, id, state, lastState, restarts: restartCount } = run;
  const begun = id !== "";
  const image = spec.image ?? "";
  const ready = run.role === "init" ? run.exitCode === 0 && run.state.terminated !== undefined : run.ready;
  const mounts = mountsOf(spec, pod);
  return {
    name: spec.name, state, lastState, ready, restartCount, image: begun ? fullReference(image) : image, imageID: begun ? imageIdOf(image) : "",
    ...(begun ? { containerID: id } : {}), started: run.role === "init" ? run.running : run.started,
    ...(begun ? resourcesOf(spec) : {}), ...(mounts.length === 0 ? {} : { volumeMounts: mounts }),
  };
}

function resourcesOf({ resources = {} }: Container): object {
  return { ...(resources.requests === undefined ? {} : { allocatedResources: resources.requests }), resources };
}

function mountsOf({ volumeMounts = [] }: Container, _pod: Pod): object[] {
  return volumeMounts.map(({ name, mountPath, readOnly }) => ({ name, mountPath, ...(readOnly === true ? { readOnly: true, recursiveReadOnly: "Disabled" } : {}) }));
}

/** Sums of what the containers ask for, where they ask for anything. */
function podResources({ spec }: Pod): object {
  const [first, ...more] = spec.containers;
  const { requests, limits } = first?.resources ?? {};
  // Sums are written for the common case of one container; with several they would have to be added up as quantities.
  if (more.length > 0 || (requests === undefined && limits === undefined)) return {};
  const some = (quantities: Quantities | undefined, name: string): object => (quantities === undefined ? {} : { [name]: quantities });
  return { ...some(requests, "allocatedResources"), resources: { ...some(limits, "limits"), ...some(requests, "requests") } };
}
