/** Startup, liveness and readiness probes of one container, each with its own rhythm and thresholds. */
import type { Container, HttpGetAction, Probe } from "../typed/core.ts";
import type { IntOrString } from "../typed/resource.ts";
import type { SimulatedResponse } from "../network/http.ts";
import type { ContainerRun } from "./container-run.ts";

export type ProbeKind = "Startup" | "Liveness" | "Readiness";
/** Undefined: it succeeded. Otherwise what the kubelet says of it. */
export type ProbeEnd = (failure: string | undefined) => void;

/** Runs a task after a while, unless it is cancelled. */
export type After = (delayMs: number, task: () => void) => { cancel(): void };

export class Prober {
  readonly kind: ProbeKind;
  readonly probe: Probe;
  /** When it is to run next. */
  dueMs: number;
  #successes = 0;
  #failures = 0;
  #asking = false;

  constructor(kind: ProbeKind, probe: Probe, startedMs: number) {
    this.kind = kind;
    this.probe = probe;
    this.dueMs = startedMs + (probe.initialDelaySeconds ?? 0) * 1000;
  }

  /** Asks, when it is time. `settled` hears what that means for the container; undefined: not enough in a row yet. */
  run(nowMs: number, run: ContainerRun, podIP: string, after: After, settled: (verdict: boolean | undefined, failure: string | undefined) => void): void {
    if (this.#asking || nowMs < this.dueMs) return;
    this.#asking = true;
    this.dueMs = nowMs + (this.probe.periodSeconds ?? 10) * 1000;
    let over = false;
    const end: ProbeEnd = (failure) => {
      if (over) return;
      over = true;
      timer.cancel();
      this.#asking = false;
      settled(this.#count(failure === undefined), failure);
    };
    const timer = after((this.probe.timeoutSeconds ?? 1) * 1000, () => end(timeoutOf(this.probe, run.spec, podIP)));
    ask(this.probe, run, podIP, end);
  }

  #count(success: boolean): boolean | undefined {
    if (success) {
      this.#failures = 0;
      return ++this.#successes >= (this.probe.successThreshold ?? 1) ? true : undefined;
    }
    this.#successes = 0;
    return ++this.#failures >= (this.probe.failureThreshold ?? 3) ? false : undefined;
  }
}

/** The probers that a container in its present state needs: readiness and liveness wait for the startup probe. */
export function probersOf(run: ContainerRun): Prober[] {
  const { startupProbe, livenessProbe, readinessProbe } = run.spec;
  if (!run.started) return startupProbe === undefined ? [] : [new Prober("Startup", startupProbe, run.startedMs)];
  return [
    ...(readinessProbe === undefined ? [] : [new Prober("Readiness", readinessProbe, run.startedMs)]),
    ...(livenessProbe === undefined ? [] : [new Prober("Liveness", livenessProbe, run.startedMs)]),
  ];
}

export function portOf({ ports = [] }: Pick<Container, "ports">, port: IntOrString): number | undefined {
  if (typeof port === "number") return port;
  return ports.find(({ name }) => name === port)?.containerPort ?? (/^\d+$/.test(port) ? Number(port) : undefined);
}

function ask(probe: Probe, run: ContainerRun, podIP: string, end: ProbeEnd): void {
  if (probe.exec !== undefined) {
    const { exitCode, stdout = "", stderr = "" } = run.exec(probe.exec.command ?? []);
    return end(exitCode === 0 ? undefined : stdout + stderr);
  }
  if (probe.httpGet !== undefined) return askHttp(probe.httpGet, run, podIP, end);
  const wanted = probe.tcpSocket?.port ?? probe.grpc?.port;
  const port = wanted === undefined ? undefined : portOf(run.spec, wanted);
  if (port !== undefined && run.listensOn(port)) return end(undefined);
  end(refused(podIP, port ?? 0));
}

function askHttp(action: HttpGetAction, run: ContainerRun, podIP: string, end: ProbeEnd): void {
  const port = portOf(run.spec, action.port);
  const headers: { [name: string]: string } = { "user-agent": "kube-probe/1.36", accept: "*/*", host: `${podIP}:${port}` };
  for (const { name, value } of action.httpHeaders ?? []) headers[name.toLowerCase()] = value;
  const answered = (response: SimulatedResponse | "reset"): void => {
    if (response === "reset") end(`Get "${urlOf(action, run.spec, podIP)}": EOF`);
    else end(response.status >= 200 && response.status < 400 ? undefined : `HTTP probe failed with statuscode: ${response.status}`);
  };
  const taken = port !== undefined && run.receive(port, { method: "GET", path: pathOf(action), headers, body: "" }, answered);
  if (!taken) end(`Get "${urlOf(action, run.spec, podIP)}": ${refused(podIP, port ?? 0)}`);
}

function pathOf({ path = "/" }: HttpGetAction): string { return path.startsWith("/") ? path : `/${path}`; }
function urlOf(action: HttpGetAction, container: Container, podIP: string): string {
  return `${(action.scheme ?? "HTTP").toLowerCase()}://${podIP}:${portOf(container, action.port)}${pathOf(action)}`;
}
function refused(address: string, port: number): string { return `dial tcp ${address}:${port}: connect: connection refused`; }

function timeoutOf({ httpGet, exec, timeoutSeconds = 1 }: Probe, container: Container, podIP: string): string {
  if (httpGet !== undefined) return `Get "${urlOf(httpGet, container, podIP)}": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`;
  return exec !== undefined ? `command timed out: "${(exec.command ?? []).join(" ")}" timed out after ${timeoutSeconds}s` : "context deadline exceeded";
}
