/** One container of a Pod on its node: its process, what became of earlier ones, its log. */
import type { Timer } from "../../platform/platform.ts";
import type { Kit } from "../controllers/kit/kit.ts";
import type { Answer, SimulatedRequest, SimulatedResponse } from "../network/http.ts";
import type { Container, ContainerState, ContainerStatus } from "../typed/core.ts";
import type { ContainerContext, ExecResult, SimulatedImage, SimulatedProcess } from "./image.ts";
import { Log } from "./log.ts";

/** "sidecar": an init container that goes on running. */
export type Role = "init" | "sidecar" | "regular";

/** Restarts after the first wait, doubling from the first to the second; a run this long is a fresh start. */
const BACKOFF_FIRST_MS = 10_000;
const BACKOFF_MAX_MS = 300_000;
const GOOD_RUN_MS = 600_000;

export class ContainerRun {
  spec: Container;
  readonly role: Role;
  readonly log = new Log();
  /** Of the process before. */
  previousLog: Log | undefined;
  id = "";
  state: ContainerState;
  lastState: ContainerState = {};
  restarts = 0;
  /** Its startup probe is through. */
  started = false;
  ready = false;
  startedMs = 0;
  exitedMs = 0;
  /** SIGTERM was sent; at `killMs` follows what can't be ignored. */
  stopping = false;
  killMs = Infinity;
  readonly #kit: Kit;
  readonly #changed: () => void;
  #program: SimulatedProcess | undefined;
  #backoffMs = 0;
  #backoffAtMs = 0;
  readonly #timers = new Set<Timer>();
  readonly #unanswered = new Set<Answer>();

  constructor(kit: Kit, spec: Container, role: Role, waiting: string, changed: () => void) {
    this.#kit = kit;
    this.spec = spec;
    this.role = role;
    this.state = { waiting: { reason: waiting } };
    this.#changed = changed;
  }

  get running(): boolean { return this.state.running !== undefined; }
  get exitCode(): number | undefined { return (this.state.terminated ?? (this.state.waiting === undefined ? undefined : this.lastState.terminated))?.exitCode; }
  /** It ran, and no longer does. */
  get exited(): boolean { return this.state.terminated !== undefined || (this.state.waiting !== undefined && this.lastState.terminated !== undefined); }

  /** Goes on where a status left off: the kubelet was away, the container wasn't. */
  resume({ containerID, state, lastState, restartCount, started, ready }: ContainerStatus): void {
    Object.assign(this, { id: containerID ?? "", state, lastState, restarts: restartCount, started: started === true, ready, startedMs: this.#kit.nowMs() });
  }

  /** Its node lost power while it ran: how it ended nobody knows. */
  lost({ containerID, state, lastState, restartCount }: ContainerStatus): void {
    const startedAt = state.running?.startedAt;
    const unknown = { exitCode: 255, reason: "Unknown", ...(startedAt === undefined ? {} : { startedAt }), finishedAt: this.#kit.now(), containerID: containerID! };
    this.id = containerID!;
    this.restarts = restartCount;
    this.lastState = state.waiting === undefined ? { terminated: state.terminated ?? unknown } : lastState;
  }

  /** Starts a process of the image. What throws is an image that can't be started. */
  start(image: SimulatedImage, context: Omit<ContainerContext, "exit" | "log" | "after" | "restarts">, resumed = false): void {
    if (!resumed) this.#begin();
    const { id } = this;
    const alive = (): boolean => this.id === id && this.running;
    const whole: ContainerContext = {
      ...context, restarts: this.restarts,
      after: (delayMs, task) => this.#after(delayMs, () => alive() && task()),
      log: (line) => this.log.add(this.#kit.nowMs(), line),
      exit: (code, message) => {
        if (alive()) this.exit(code, { message });
      },
    };
    try {
      const program = image.start(whole);
      if (alive()) this.#program = program;
    } catch (error) {
      this.exit(128, { reason: "StartError", message: `failed to start container: ${error instanceof Error ? error.message : String(error)}` });
    }
  }

  /** Ends the process, whatever it thinks of that. */
  exit(exitCode: number, { reason, message }: { reason?: string; message?: string | undefined } = {}): void {
    if (!this.running) return;
    const { startedAt } = this.state.running!;
    this.state = {
      terminated: {
        exitCode, reason: reason ?? (exitCode === 0 ? "Completed" : "Error"), ...(message === undefined ? {} : { message }),
        startedAt, finishedAt: this.#kit.now(), containerID: this.id,
      },
    };
    this.started = this.ready = this.stopping = false;
    this.killMs = Infinity;
    this.exitedMs = this.#kit.nowMs();
    this.#program = undefined;
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
    for (const answer of [...this.#unanswered]) answer("reset");
    this.#changed();
  }

  /** SIGTERM now, and SIGKILL after the grace period. */
  stop(graceMs: number): void {
    if (!this.running) return;
    this.killMs = Math.min(this.killMs, this.#kit.nowMs() + graceMs);
    if (this.stopping) return;
    this.stopping = true;
    if (this.#program?.stop === undefined) this.exit(0);
    else this.#program.stop();
  }
  kill(): void { this.exit(137); }

  /** When it may start again after its last end; the wait grows with each. Undefined: it never ran. */
  restartAtMs(nowMs: number): number {
    if (this.#backoffMs === 0 || nowMs - this.#backoffAtMs > GOOD_RUN_MS) return nowMs;
    return this.exitedMs + this.#backoffMs;
  }
  /** The wait that holds it back now, for messages. */
  get backoffMs(): number { return this.#backoffMs; }

  waitFor(reason: string, message?: string): void {
    if (this.state.terminated !== undefined) this.lastState = { terminated: this.state.terminated };
    this.state = { waiting: { reason, ...(message === undefined ? {} : { message }) } };
  }

  receive(port: number, request: SimulatedRequest, answer: Answer): boolean {
    const program = this.#program;
    if (!this.running || program === undefined || program.listens?.(port) === false) return false;
    if (program.serve === undefined) {
      answer(plainAnswer(program));
      return true;
    }
    const once: Answer = (response) => {
      if (this.#unanswered.delete(once)) answer(response);
    };
    this.#unanswered.add(once);
    try {
      program.serve(request, port, once);
    } catch (error) {
      once({ status: 500, body: error instanceof Error ? error.message : String(error) });
    }
    return true;
  }
  listensOn(port: number): boolean { return this.running && this.#program !== undefined && this.#program.listens?.(port) !== false; }

  exec(command: readonly string[], input = ""): ExecResult {
    const program = this.#program;
    if (program === undefined) return { exitCode: 1, stderr: "container not running" };
    if (program.exec !== undefined) return program.exec(command, input);
    return { exitCode: program.ready?.() === false ? 1 : 0 };
  }

  #begin(): void {
    const nowMs = this.#kit.nowMs();
    if (this.exited) {
      this.restarts++;
      if (this.state.terminated !== undefined) this.lastState = { terminated: this.state.terminated };
      const fresh = this.#backoffMs === 0 || nowMs - this.#backoffAtMs > GOOD_RUN_MS;
      this.#backoffMs = fresh ? BACKOFF_FIRST_MS : Math.min(BACKOFF_MAX_MS, this.#backoffMs * 2);
      this.#backoffAtMs = nowMs;
      this.previousLog = this.log.take();
    }
    this.id = `containerd://${hex64(this.#kit)}`;
    this.state = { running: { startedAt: this.#kit.now() } };
    this.startedMs = nowMs;
    this.started = this.spec.startupProbe === undefined;
    this.ready = this.started && this.spec.readinessProbe === undefined;
  }

  #after(delayMs: number, task: () => void): Timer {
    const timer = this.#kit.after(delayMs, () => {
      this.#timers.delete(timer);
      task();
    });
    this.#timers.add(timer);
    return timer;
  }
}

function plainAnswer(program: SimulatedProcess): SimulatedResponse {
  return program.ready?.() === false ? { status: 503, body: "not ready" } : { status: 200, body: "ok" };
}

function hex64({ platform: { random } }: Kit): string {
  let text = "";
  for (let n = 0; n < 8; n++) text += Math.floor(random.next() * 0x1_0000_0000).toString(16).padStart(8, "0");
  return text;
}
