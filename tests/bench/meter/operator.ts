/** One run of an operator's process, and when it has come to rest. */
import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync, statSync } from "node:fs";
import { pause } from "../../support/wait.ts";
import { cpuSecondsOf, memoryMibOf, treeOf } from "./processes.ts";

export interface Launch {
  readonly command: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  /** Its output is appended to this file. */
  readonly log: string;
  /** The API server's audit log, with the operator's requests and no others: a sign of work. */
  readonly auditLog: string;
}

export class OperatorProcess {
  readonly startedAtMs = performance.now();
  readonly #launch: Launch;
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  #isStopping = false;
  running = true;

  constructor(launch: Launch) {
    this.#launch = launch;
    const log = openSync(launch.log, "a");
    const [file, ...args] = launch.command as [string, ...string[]];
    this.#child = spawn(file, args, { env: { ...process.env, ...launch.environment }, stdio: ["ignore", log, log] });
    closeSync(log);
    this.#exited = new Promise((resolve) => {
      const end = (why: unknown): void => {
        this.running = false;
        if (!this.#isStopping) console.error(`the operator ended by itself (${String(why)}); see ${launch.log}`);
        resolve();
      };
      this.#child.once("exit", end);
      this.#child.once("error", end);
    });
  }

  get pids(): number[] { return treeOf(this.#child.pid ?? -1); }
  cpuSeconds(): number { return cpuSecondsOf(this.pids); }
  memoryMib(): { now: number; peak: number } { return memoryMibOf(this.pids); }

  /** SIGTERM, and after 15 s SIGKILL. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#child.kill("SIGTERM");
    const force = setTimeout(() => this.#child.kill("SIGKILL"), 15_000);
    await this.#exited;
    clearTimeout(force);
  }

  /**
   * Waits until it has been still for `quietMs`: no request, at most 4 % of a core. It is asked for again each time that
   * much stillness was seen: longer than a back-off where there was an error, shorter where there was none. Returns when
   * the work before that ended, ms after the start.
   */
  async idle(quietMs: () => number, timeoutMs: number): Promise<number> {
    const samples: Sample[] = [];
    const deadline = performance.now() + timeoutMs;
    let wantedMs = quietMs();
    for (let pids = this.pids; this.running; await pause(STEP_MS)) {
      if (samples.length % 20 === 0) pids = this.pids;
      samples.push({ atMs: performance.now(), cpu: cpuSecondsOf(pids), bytes: statSync(this.#launch.auditLog).size });
      if (isStill(samples, wantedMs)) {
        wantedMs = quietMs();
        if (isStill(samples, wantedMs)) return (samples[lastWork(samples)]?.atMs ?? 0) - this.startedAtMs;
      }
      if (performance.now() > deadline) throw new Error(`not idle after ${timeoutMs / 1000} s`);
    }
    throw new Error("ended before it was idle");
  }
}

interface Sample { readonly atMs: number; readonly cpu: number; readonly bytes: number }
const STEP_MS = 50;

function isStill(samples: readonly Sample[], quietMs: number): boolean {
  const last = samples.length - 1;
  const [now, then] = [samples[last], samples[last - quietMs / STEP_MS]];
  return now !== undefined && then !== undefined && now.cpu - then.cpu <= quietMs / 1000 * 0.04 && now.bytes === then.bytes;
}

/** The last sample that shows work: a request, or 10 % of a core over 0.2 s. */
function lastWork(samples: readonly Sample[]): number {
  let index = samples.length - 1;
  for (; index > 4; index--) {
    const [now, before, earlier] = [samples[index], samples[index - 1], samples[index - 4]];
    if (now === undefined || before === undefined || earlier === undefined) break;
    if (now.cpu - earlier.cpu >= 0.02 || now.bytes !== before.bytes) break;
  }
  return index;
}
