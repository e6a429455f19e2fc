/**
 * Simulated images: what a container does, as a small program in TypeScript instead of a file system with binaries.
 *
 * A program has no clock, randomness, disk or network of its own: it gets all of that from its context, so that the same
 * seed makes the same life.
 */
import type { Timer } from "../../platform/platform.ts";
import type { Answer, Outcome, SimulatedRequest } from "../network/http.ts";
import type { NetworkRequest } from "../network/network.ts";

export interface SimulatedImage {
  /** Called for each start of a container, also after a crash. Throwing is a container that could not be started. */
  start(context: ContainerContext): SimulatedProcess;
}

export interface ContainerContext {
  readonly pod: { readonly namespace: string; readonly name: string; readonly uid: string; readonly ip: string; readonly node: string; readonly labels: { readonly [name: string]: string }; readonly hostname: string };
  readonly container: { readonly name: string; readonly image: string; readonly ports: readonly { readonly name?: string; readonly containerPort: number }[] };
  /** Command and arguments, with `$(VARIABLES)` filled in. */
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly env: { readonly [name: string]: string };
  /** "Always": the container is meant to run forever. */
  readonly restartPolicy: string;
  readonly restarts: number;
  /** Milliseconds since the Unix epoch. */
  nowMs(): number;
  random(): number;
  /** Ends with the process. */
  after(delayMs: number, task: () => void): Timer;
  /** What is mounted at this path, or holds it; undefined: nothing, the container's own file system, which dies with it. */
  volume(path: string): SimulatedVolume | undefined;
  request(request: Omit<NetworkRequest, "from">, done: (outcome: Outcome) => void): void;
  /** A line of the container's log. */
  log(line: string): void;
  /** Ends the process. Nothing of it runs after that. */
  exit(code: number, message?: string): void;
}

/** Everything may be left out: such a process runs, answers everything with 200, and stops when told to. */
export interface SimulatedProcess {
  /** False: nothing listens on this port. Absent: it listens on all. */
  listens?(port: number): boolean;
  /** Answers once, now or later. Absent: 200, or 503 while `ready` says no. */
  serve?(request: SimulatedRequest, port: number, answer: Answer): void;
  /** What probes that nothing else answers go by. */
  ready?(): boolean;
  exec?(command: readonly string[], input: string): ExecResult;
  /** SIGTERM: calls `context.exit` when it is through, or is killed at the end of the grace period. Absent: ends at once. */
  stop?(): void;
}

export interface ExecResult { readonly exitCode: number; readonly stdout?: string; readonly stderr?: string }

/** A volume's files, by path relative to its root. Changes last as long as the volume does. */
export interface SimulatedVolume {
  readonly readOnly: boolean;
  get(path: string): string | undefined;
  /** Throws on a read-only volume. */
  set(path: string, content: string): void;
  delete(path: string): void;
  /** Sorted. */
  list(): string[];
}
