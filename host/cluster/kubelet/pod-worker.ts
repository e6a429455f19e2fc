/**
 * One Pod on its node, from the moment it is assigned to the moment it is gone. `sync` looks at what is wanted and at what
 * is, takes the next steps, and writes the status when it differs.
 */
import { isNotFound } from "../controllers/kit/api.ts";
import { timeMs } from "../controllers/kit/numbers.ts";
import { isFinished } from "../controllers/kit/pods.ts";
import { sameJson } from "../controllers/kit/hash.ts";
import type { Answer, Listener, SimulatedRequest } from "../network/http.ts";
import { PODS, type Pod } from "../typed/core.ts";
import { keyOf } from "../typed/resource.ts";
import { contextOf } from "./context.ts";
import { ContainerRun, type Role } from "./container-run.ts";
import { DEFAULT_IMAGE } from "./default-image.ts";
import { ConfigError } from "./environment.ts";
import type { NodeHost } from "./node-host.ts";
import { Probing } from "./probing.ts";
import { ImagePulls } from "./pulls.ts";
import { restarts, statusOf } from "./status.ts";

/** Between two looks for something that isn't there yet. */
const RETRY_MS = 2000;

export class PodWorker implements Listener {
  pod: Pod;
  readonly key: string;
  readonly runs: ContainerRun[];
  ip = "";
  readonly #host: NodeHost;
  readonly #pulls: ImagePulls;
  readonly #probing: Probing;
  #startTime = "";
  /** When its sandbox and its first containers can be there. */
  #beginMs: number;
  /** Set when it is being stopped. */
  #stop: { killMs: number; readyMs: number } | undefined;
  #failure: { reason: string; message: string } | undefined;
  #detach: (() => void) | undefined;
  gone = false;

  constructor(host: NodeHost, pod: Pod) {
    this.#host = host;
    this.pod = pod;
    this.key = keyOf(pod);
    this.#pulls = new ImagePulls(host, this);
    this.#probing = new Probing(host, this);
    const { initContainers = [], containers } = pod.spec;
    const waiting = initContainers.length > 0 ? "PodInitializing" : "ContainerCreating";
    const run = (role: Role) => (spec: Pod["spec"]["containers"][number]): ContainerRun => new ContainerRun(host.kit, spec, role, waiting, () => this.wake());
    this.runs = [...initContainers.map((spec) => run(spec.restartPolicy === "Always" ? "sidecar" : "init")(spec)), ...containers.map(run("regular"))];
    this.#beginMs = host.kit.nowMs() + host.timing.startMs;
    this.#adopt();
  }

  wake(): void { this.#host.wake(this.key); }
  wakeIn(delayMs: number): void { this.#host.wakeIn(this.key, delayMs); }
  find(container: string): ContainerRun | undefined { return this.runs.find(({ spec }) => spec.name === container); }

  /** One look. `wanted` undefined: the object is gone, and so is everything of it. True when there is nothing left to do, ever. */
  sync(wanted: Pod | undefined): boolean {
    if (wanted === undefined || wanted.metadata.uid !== this.pod.metadata.uid) {
      this.vanish();
      return true;
    }
    this.pod = wanted;
    wanted.spec.containers.forEach((spec) => {
      const run = this.find(spec.name);
      if (run !== undefined && run.spec !== spec) run.spec = spec;
    });
    this.#checkDeadline();
    if (wanted.metadata.deletionTimestamp !== undefined || this.#failure !== undefined || isFinished(wanted)) return this.#end();
    this.#progress();
    // An address alone is no news while images are about to be there.
    if (!this.#pulls.soon || wanted.status?.containerStatuses === undefined || this.runs.some(({ id }) => id !== "")) this.#report(false);
    return false;
  }

  /** Everything stops at once, and nothing is written: the object is gone, or the node lost its power, but not its disk. */
  vanish(withDisk = true): void {
    if (this.gone) return;
    this.gone = true;
    for (const run of this.runs) run.kill();
    this.#release();
    if (withDisk) this.#host.volumes.forgetPod(this.pod.metadata.uid!);
  }

  /** Kills the Pod's containers the hard way; its restart policy decides what follows. */
  killContainers(exitCode = 137): void {
    for (const run of this.runs) if (run.running) run.exit(exitCode);
  }
  /** Fails the Pod for good, as the kubelet does on its own account. */
  fail(reason: string, message: string): void {
    this.#failure ??= { reason, message };
    this.wake();
  }

  receive(port: number, request: SimulatedRequest, answer: Answer): boolean {
    const listening = this.runs.filter((run) => run.listensOn(port));
    // Where several would take it, the one that names the port is meant.
    const run = listening.find(({ spec }) => spec.ports?.some(({ containerPort }) => containerPort === port) === true) ?? listening[0];
    return run?.receive(port, request, answer) === true;
  }

  /** Takes over what a status says is running: the kubelet or the whole cluster was stopped and started again. */
  #adopt(): void {
    const { status } = this.pod;
    if (status?.startTime !== undefined) this.#startTime = status.startTime;
    const statuses = [...status?.initContainerStatuses ?? [], ...status?.containerStatuses ?? []];
    const [known, rebooted] = [statuses.filter(({ containerID }) => containerID !== undefined), status?.podIP === undefined];
    if (!rebooted) {
      this.#beginMs = 0;
      this.#enter(status!.podIP!);
    }
    for (const each of known) {
      const run = this.find(each.name);
      if (run === undefined) continue;
      if (rebooted) run.lost(each);
      else run.resume(each);
      const image = run.spec.image ?? "";
      const found = this.#host.images.find(image).image ?? DEFAULT_IMAGE;
      this.#host.present.set(image, found);
      if (run.running) run.start(found, contextOf(this.#host, this, run), true);
    }
  }

  #enter(ip: string): void {
    this.ip = ip;
    this.#detach = this.pod.spec.hostNetwork === true ? undefined : this.#host.network.attach(ip, this.#host.name, this);
  }
  #release(): void {
    if (this.ip === "") return;
    this.#detach?.();
    if (this.pod.spec.hostNetwork !== true) this.#host.releaseIp(this.ip);
    this.ip = "";
  }

  #progress(): void {
    const { kit } = this.#host;
    if (this.#startTime === "") this.#startTime = kit.now();
    const nowMs = kit.nowMs();
    if (this.ip === "") {
      if (nowMs < this.#beginMs) return this.wakeIn(this.#beginMs - nowMs);
      const missing = this.#host.volumes.missing(this.pod);
      if (missing !== undefined) {
        this.#host.podEvent(this.pod, "Warning", "FailedMount", missing);
        return this.wakeIn(RETRY_MS);
      }
      const ip = this.pod.spec.hostNetwork === true ? this.#host.ip : this.#host.allocateIp();
      if (ip === undefined) {
        this.#host.podEvent(this.pod, "Warning", "FailedCreatePodSandBox", "Failed to create pod sandbox: no IP addresses available in range set");
        return this.wakeIn(RETRY_MS);
      }
      this.#enter(ip);
    }
    this.#startWhatMay(nowMs);
    for (const run of this.runs) if (run.running) this.#probing.look(run, nowMs);
  }

  /** Init containers one after the other, sidecars until they have started, then all the others. */
  #startWhatMay(nowMs: number): void {
    for (const run of this.runs) {
      if (run.role === "regular") break;
      if (!run.running && !(run.role === "init" && run.exited && run.exitCode === 0)) this.#restart(run, nowMs);
      const through = run.role === "init" ? run.exited && run.exitCode === 0 : run.started;
      if (!through && !this.#begun) return;
    }
    const regular = this.runs.filter(({ role }) => role === "regular");
    for (const run of regular) if (!run.running) this.#restart(run, nowMs);
    const over = regular.every((run) => run.exited && !run.running && !restarts(this.pod, run, run.exitCode!));
    // Sidecars serve the others; with those gone, so are they.
    if (over) for (const run of this.runs) if (run.role === "sidecar" && run.running) run.stop(this.graceMs);
  }

  get #begun(): boolean { return this.runs.some((run) => run.role === "regular" && (run.running || run.exited)); }
  get #over(): boolean {
    return this.runs.every((run) => run.role !== "regular" || (run.exited && !run.running && !restarts(this.pod, run, run.exitCode!)));
  }
  get graceMs(): number { return (this.pod.spec.terminationGracePeriodSeconds ?? 30) * 1000; }

  #restart(run: ContainerRun, nowMs: number): void {
    if (run.exited) {
      if (!restarts(this.pod, run, run.exitCode!) || (run.role === "sidecar" && this.#over)) return;
      // A status between the end and what follows lets everybody see the end.
      const shownMs = run.exitedMs + this.#host.timing.restartMs;
      if (run.state.terminated !== undefined && nowMs < shownMs) return this.wakeIn(shownMs - nowMs);
      const atMs = run.restartAtMs(nowMs);
      if (nowMs < atMs) return this.#holdBack(run, atMs - nowMs);
    }
    if (!this.#pulls.ready(run, nowMs)) return;
    try {
      const context = contextOf(this.#host, this, run);
      const image = this.#host.present.get(run.spec.image ?? "")!;
      this.#host.containerEvent(this.pod, run, "Normal", "Created", "Container created");
      this.#host.containerEvent(this.pod, run, "Normal", "Started", "Container started");
      run.start(image, context);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      if (run.state.waiting?.message !== error.message) this.#host.containerEvent(this.pod, run, "Warning", "Failed", `Error: ${error.message}`);
      run.waitFor("CreateContainerConfigError", error.message);
      this.wakeIn(RETRY_MS * 5);
    }
  }

  #holdBack(run: ContainerRun, waitMs: number): void {
    const { name, namespace, uid } = this.pod.metadata;
    const who = `${name}_${namespace}(${uid})`;
    if (run.state.waiting?.reason !== "CrashLoopBackOff") {
      const seconds = run.backoffMs / 1000;
      const wait = seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
      this.#host.containerEvent(this.pod, run, "Warning", "BackOff", `Back-off restarting failed container ${run.spec.name} in pod ${who}`);
      run.waitFor("CrashLoopBackOff", `back-off ${wait} restarting failed container=${run.spec.name} pod=${who}`);
    }
    this.wakeIn(waitMs);
  }

  #checkDeadline(): void {
    const { activeDeadlineSeconds } = this.pod.spec;
    if (activeDeadlineSeconds === undefined || this.#startTime === "" || this.#failure !== undefined) return;
    const leftMs = timeMs(this.#startTime)! + activeDeadlineSeconds * 1000 - this.#host.kit.nowMs();
    if (leftMs > 0) return this.wakeIn(leftMs);
    this.#host.podEvent(this.pod, "Normal", "DeadlineExceeded", "Pod was active on the node longer than the specified deadline");
    this.#failure = { reason: "DeadlineExceeded", message: "Pod was active on the node longer than the specified deadline" };
  }

  /** Stops what runs, tells how it ended, and lets the object go. */
  #end(): boolean {
    const nowMs = this.#host.kit.nowMs();
    const graceMs = (this.pod.metadata.deletionGracePeriodSeconds ?? this.pod.spec.terminationGracePeriodSeconds ?? 30) * 1000;
    this.#stop ??= { killMs: nowMs + graceMs, readyMs: nowMs + this.#preStop(graceMs) };
    this.#stop.killMs = Math.min(this.#stop.killMs, nowMs + graceMs);
    if (nowMs >= this.#stop.readyMs) this.#stopRuns(this.#stop.killMs - nowMs);
    if (nowMs >= this.#stop.killMs) for (const run of this.runs) run.kill();
    if (this.runs.some(({ running }) => running)) {
      this.wakeIn(Math.max(0, (nowMs < this.#stop.readyMs ? Math.min(this.#stop.readyMs, this.#stop.killMs) : this.#stop.killMs) - nowMs));
      this.#report(false);
      return false;
    }
    this.#release();
    this.#report(true);
    if (this.pod.metadata.deletionTimestamp === undefined || !this.#host.online) return false;
    this.vanish();
    try {
      this.#host.api.delete(PODS, this.pod, { gracePeriodSeconds: 0 });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    return true;
  }

  /** Everything but sidecars first; sidecars when the others are through. */
  #stopRuns(graceMs: number): void {
    for (const run of this.runs) if (run.running && run.role !== "sidecar") run.stop(graceMs);
    if (this.runs.some(({ role, running }) => running && role !== "sidecar")) return;
    for (const run of [...this.runs].reverse()) if (run.running) run.stop(graceMs);
  }

  /** How long the hooks before SIGTERM take. Each container that runs is told once that it is going. */
  #preStop(graceMs: number): number {
    let longestMs = 0;
    for (const run of this.runs) {
      if (!run.running) continue;
      this.#host.containerEvent(this.pod, run, "Normal", "Killing", `Stopping container ${run.spec.name}`);
      const hook = run.spec.lifecycle?.preStop;
      if (hook?.sleep !== undefined) longestMs = Math.max(longestMs, hook.sleep.seconds * 1000);
      if (hook?.exec !== undefined) run.exec(hook.exec.command ?? []);
    }
    return Math.min(longestMs, graceMs);
  }

  #report(terminal: boolean): void {
    const { pod } = this;
    const status = statusOf({
      pod, runs: this.runs, podIP: this.ip !== "" ? this.ip : pod.status?.podIP ?? "", hostIP: this.#host.ip,
      startTime: this.#startTime || this.#host.kit.now(), now: this.#host.kit.now(), terminal, failure: this.#failure,
    });
    if (!this.#host.online || sameJson(status, pod.status)) return;
    this.#host.api.updateStatus(PODS, { ...pod, status });
  }
}
