/** The probes of a Pod's containers, and what follows from them. */
import type { Pod } from "../typed/core.ts";
import type { ContainerRun } from "./container-run.ts";
import type { NodeHost } from "./node-host.ts";
import { probersOf, type Prober } from "./probes.ts";

interface Probed { readonly pod: Pod; readonly ip: string; readonly gone: boolean; readonly graceMs: number; wake(): void; wakeIn(delayMs: number): void }

export class Probing {
  readonly #host: NodeHost;
  readonly #owner: Probed;
  /** Made anew with each start, and once more when the startup probe is through. */
  readonly #probers = new Map<ContainerRun, { forStart: number; started: boolean; probers: Prober[] }>();

  constructor(host: NodeHost, owner: Probed) {
    this.#host = host;
    this.#owner = owner;
  }

  /** Runs what is due, and sees to it that what is due later gets its look. */
  look(run: ContainerRun, nowMs: number): void {
    let known = this.#probers.get(run);
    if (known === undefined || known.forStart !== run.startedMs || known.started !== run.started) {
      this.#probers.set(run, known = { forStart: run.startedMs, started: run.started, probers: probersOf(run) });
    }
    for (const prober of known.probers) {
      prober.run(nowMs, run, this.#owner.ip, (delayMs, task) => this.#host.kit.after(delayMs, task), (verdict, failure) => this.#settled(run, prober, verdict, failure));
      if (prober.dueMs > nowMs) this.#owner.wakeIn(prober.dueMs - nowMs);
    }
  }

  #settled(run: ContainerRun, { kind }: Prober, verdict: boolean | undefined, failure: string | undefined): void {
    if (this.#owner.gone || !run.running) return;
    const { pod } = this.#owner;
    if (failure !== undefined) this.#host.containerEvent(pod, run, "Warning", "Unhealthy", `${kind} probe failed: ${failure}`);
    if (verdict === undefined) return;
    if (kind === "Readiness") {
      if (run.ready === verdict) return;
      run.ready = verdict;
    } else if (verdict) {
      if (kind === "Liveness") return;
      run.started = true;
      run.ready = run.spec.readinessProbe === undefined;
    } else {
      this.#host.containerEvent(pod, run, "Normal", "Killing", `Container ${run.spec.name} failed ${kind.toLowerCase()} probe, will be restarted`);
      const { terminationGracePeriodSeconds: own } = (kind === "Startup" ? run.spec.startupProbe : run.spec.livenessProbe) ?? {};
      this.#kill(run, own === undefined ? this.#owner.graceMs : own * 1000);
    }
    this.#owner.wake();
  }

  #kill(run: ContainerRun, graceMs: number): void {
    run.stop(graceMs);
    if (!run.running) return;
    this.#host.kit.after(graceMs, () => {
      if (run.running && run.stopping) run.kill();
    });
  }
}
