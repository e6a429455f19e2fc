/**
 * What is measured of one operator, on a control plane of its own: cold start, one app at a time, a burst, a restart.
 * There are no controllers: Deployments never become ready, and nothing but the operator and the meter writes.
 */
import { isWrite, type AuditEvent } from "../../support/audit.ts";
import type { ControlPlane } from "../../support/control-plane.ts";
import { pause } from "../../support/wait.ts";
import { OperatorProcess, type Launch } from "./operator.ts";
import { cpuSecondsOf, machineCpuSeconds } from "./processes.ts";
import { isComplete, World } from "./world.ts";

export interface Quantiles { p50: number; p99: number; max: number }

/** Times in ms unless the name says seconds; memory in MiB. NaN is what was not measured. */
export interface Measures {
  coldStart: number;
  writeDeployment: Quantiles;
  writeStatus: Quantiles;
  burstSeconds: number;
  burstOperatorCpuSeconds: number;
  burstControlPlaneCpuSeconds: number;
  /** Requests by verb, and those that were refused. */
  burstRequests: { [verb: string]: number };
  burstRefused: number;
  restartIdleSeconds: number;
  restartCpuSeconds: number;
  restartWrites: number;
  memoryIdle: number;
  memoryAfterBurst: number;
  memoryPeak: number;
  memoryAfterRestart: number;
  /** Cores used meanwhile by processes that have no part in the test: above 0.3 the run is worth little. */
  otherLoadCores: number;
}

export interface Sizes { coldStarts: number; sequential: number; burst: number }
/** `one`: apps one at a time. `burst`: many at once, and then a restart with them. A cold start comes before either. */
export type Phase = "one" | "burst";
export const PHASES: readonly Phase[] = ["one", "burst"];

/** Still for this long is idle; the longer one where the server refused something, which may make an operator back off. */
const QUIET_MS = 2_000;
const QUIET_AFTER_REFUSAL_MS = 7_000;
const CREATORS = 20;
const BURST_NAMESPACES = 10;

export interface Subject { readonly plane: ControlPlane; readonly launch: Launch; readonly sizes: Sizes; readonly phases: readonly Phase[] }

export async function measure(subject: Subject, say: (line: string) => void): Promise<Measures> {
  const { plane, launch, sizes, phases } = subject;
  const world = new World(plane);
  let operator: OperatorProcess | undefined;
  try {
    await prepare(plane, world);
    const coldStarts: number[] = [];
    for (let round = 0; round < sizes.coldStarts; round++) {
      await operator?.stop();
      await world.createApp("cold", `c-${round}`);
      operator = new OperatorProcess(launch);
      await world.wait(`cold/c-${round}`, isComplete, 60_000);
      coldStarts.push(performance.now() - operator.startedAtMs);
    }
    if (operator === undefined) throw new Error("no cold start asked for");
    await operator.idle(() => QUIET_MS, 30_000);
    const memoryIdle = operator.memoryMib().now;
    say(`cold start ${median(coldStarts).toFixed(0)} ms, ${memoryIdle.toFixed(0)} MiB`);
    const sequential = phases.includes("one") ? await oneAtATime(world, sizes.sequential) : NOT_ONE;
    if (phases.includes("one")) {
      await operator.idle(() => QUIET_MS, 30_000);
      say(`one at a time: Deployment ${format(sequential.writeDeployment)}, status ${format(sequential.writeStatus)}`);
    }
    const many = phases.includes("burst") ? await burstAndRestart(subject, world, operator, say) : NOT_MANY;
    return { coldStart: median(coldStarts), ...sequential, ...many, memoryIdle };
  } finally {
    await operator?.stop();
    world.close();
  }
}

type OneMeasures = Pick<Measures, "writeDeployment" | "writeStatus">;
type ManyMeasures = Omit<Measures, "coldStart" | "memoryIdle" | keyof OneMeasures>;
const NOT_ONE: OneMeasures = { writeDeployment: { p50: NaN, p99: NaN, max: NaN }, writeStatus: { p50: NaN, p99: NaN, max: NaN } };
const NOT_MANY: ManyMeasures = {
  burstSeconds: NaN, burstOperatorCpuSeconds: NaN, burstControlPlaneCpuSeconds: NaN, burstRequests: {}, burstRefused: NaN, otherLoadCores: NaN,
  restartIdleSeconds: NaN, restartCpuSeconds: NaN, restartWrites: NaN, memoryAfterBurst: NaN, memoryPeak: NaN, memoryAfterRestart: NaN,
};

/** Stops `operator` and starts another in its place, with everything there. */
async function burstAndRestart({ plane, launch, sizes }: Subject, world: World, operator: OperatorProcess, say: (line: string) => void): Promise<ManyMeasures> {
  const burst = await runBurst(plane, world, operator, sizes.burst);
  const memory = operator.memoryMib();
  say(`burst ${burst.burstSeconds.toFixed(2)} s, CPU ${burst.burstOperatorCpuSeconds.toFixed(1)} s, ${memory.now.toFixed(0)} MiB`);
  await operator.stop();

  await world.wipe("cold");
  await world.wipe("seq");
  await settleAudit();
  const before = plane.audit().length;
  const again = new OperatorProcess(launch);
  try {
    const restartIdleSeconds = await again.idle(() => quietSince(plane, before), 120_000) / 1000;
    const restartCpuSeconds = again.cpuSeconds();
    const memoryAfterRestart = again.memoryMib().now;
    await settleAudit();
    const restartWrites = plane.audit().slice(before).filter(isOwnWrite).length;
    say(`restart ${restartIdleSeconds.toFixed(2)} s, ${restartWrites} writes`);
    return { ...burst, memoryAfterBurst: memory.now, memoryPeak: memory.peak, restartIdleSeconds, restartCpuSeconds, restartWrites, memoryAfterRestart };
  } finally {
    await again.stop();
  }
}

function quietSince(plane: ControlPlane, before: number): number {
  return plane.audit().slice(before).some(isRefused) ? QUIET_AFTER_REFUSAL_MS : QUIET_MS;
}

function isRefused({ responseStatus }: AuditEvent): boolean { return (responseStatus?.code ?? 0) >= 400; }

/** Rights, namespaces, and each kind of request once: the first operator second must not pay for the server's. */
async function prepare(plane: ControlPlane, world: World): Promise<void> {
  const namespaces = ["warm", "cold", "seq", ...Array.from({ length: BURST_NAMESPACES }, (_, index) => `burst-${index}`)];
  for (const name of namespaces) await plane.api.must("POST", "/api/v1/namespaces", { metadata: { name } });
  await world.watch();
  for (let index = 0; index < 100; index++) {
    const metadata = { name: `w-${index}` };
    const template = { metadata: { labels: { app: metadata.name } }, spec: { containers: [{ name: "app", image: "x" }] } };
    await world.createApp("warm", metadata.name);
    await world.request("POST", "/apis/apps/v1/namespaces/warm/deployments", { metadata, spec: { selector: { matchLabels: { app: metadata.name } }, template } });
    await world.request("POST", "/api/v1/namespaces/warm/services", { metadata, spec: { ports: [{ port: 80 }] } });
  }
  await world.wipe("warm");
}

/** From the answer to the create call to the watch event of the Deployment, and of the status. */
async function oneAtATime(world: World, count: number): Promise<OneMeasures> {
  const deployment: number[] = [];
  const status: number[] = [];
  for (let index = 0; index < count; index++) {
    const name = `s-${String(index).padStart(3, "0")}`;
    await world.createApp("seq", name);
    const createdAtMs = performance.now();
    await world.wait(`seq/${name}`, isComplete, 60_000);
    const seen = world.get(`seq/${name}`);
    deployment.push(Math.max(0, (seen?.deploymentAtMs ?? 0) - createdAtMs));
    status.push(Math.max(0, (seen?.statusAtMs ?? 0) - createdAtMs));
  }
  return { writeDeployment: quantiles(deployment), writeStatus: quantiles(status) };
}

type BurstMeasures = Pick<Measures, "burstSeconds" | "burstOperatorCpuSeconds" | "burstControlPlaneCpuSeconds" | "burstRequests" | "burstRefused" | "otherLoadCores">;

/** From the first create to the last app that is complete; processor time and requests until the operator is idle. */
async function runBurst(plane: ControlPlane, world: World, operator: OperatorProcess, count: number): Promise<BurstMeasures> {
  const auditBefore = plane.audit().length;
  const planePids = [plane.pids.etcd, plane.pids.apiServer];
  const start = { atMs: performance.now(), operator: operator.cpuSeconds(), plane: cpuSecondsOf(planePids), meter: cpuSecondsOf([process.pid]), machine: machineCpuSeconds() };
  const nameOf = (index: number): [string, string] => [`burst-${index % BURST_NAMESPACES}`, `b-${String(Math.floor(index / BURST_NAMESPACES)).padStart(4, "0")}`];
  let next = 0;
  const creator = async (): Promise<void> => {
    while (next < count) await world.createApp(...nameOf(next++));
  };
  await Promise.all(Array.from({ length: CREATORS }, creator));
  let lastMs = start.atMs;
  for (let index = 0; index < count; index++) {
    const key = nameOf(index).join("/");
    await world.wait(key, isComplete, 600_000);
    lastMs = Math.max(lastMs, world.get(key)?.completeAtMs ?? 0);
  }
  await operator.idle(() => quietSince(plane, auditBefore), 120_000);
  await settleAudit();
  const used = {
    operator: operator.cpuSeconds() - start.operator, plane: cpuSecondsOf(planePids) - start.plane,
    meter: cpuSecondsOf([process.pid]) - start.meter, machine: machineCpuSeconds() - start.machine,
  };
  const events = plane.audit().slice(auditBefore);
  const burstRequests: { [verb: string]: number } = {};
  for (const { verb } of events) burstRequests[verb] = (burstRequests[verb] ?? 0) + 1;
  return {
    burstSeconds: (lastMs - start.atMs) / 1000,
    burstOperatorCpuSeconds: used.operator, burstControlPlaneCpuSeconds: used.plane, burstRequests,
    burstRefused: events.filter(isRefused).length,
    otherLoadCores: Math.max(0, used.machine - used.operator - used.plane - used.meter) / ((performance.now() - start.atMs) / 1000),
  };
}

/** Events about an object are not writes to it. */
function isOwnWrite(event: AuditEvent): boolean {
  return isWrite(event) && event.objectRef?.resource !== "events";
}

/** The audit log is written after the answer: this is how long after, at most. */
function settleAudit(): Promise<void> { return pause(300); }

export function quantiles(values: readonly number[]): Quantiles {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (q: number): number => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? NaN;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? NaN) + (sorted[Math.floor(middle)] ?? NaN)) / 2;
}

function format({ p50, p99 }: Quantiles): string { return `${p50.toFixed(1)} / ${p99.toFixed(1)} ms`; }
