/** Sandboxes as seen from outside: making them, running commands in them, pulling their plug. See sandbox.sh for the inside. */
import { execFile, spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, closeSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { cacheFolder } from "../../support/assets.ts";
import { until } from "../../support/wait.ts";

/** Binaries, images, state and process ids of the one cluster that there can be for each cache. */
export const HOME = join(cacheFolder(), "cluster");
export const BIN = join(HOME, "bin");
export const RUN = join(HOME, "run");
export const STATE = join(HOME, "state");
export const HYPERKUBE = join(BIN, "hyperkube");

const execute = promisify(execFile);

/** Runs a program to its end and returns what it printed; throws with what it complained about. */
export async function output(file: string, args: readonly string[], input?: string): Promise<string> {
  const promise = execute(file, [...args], { maxBuffer: 1 << 28, env: { ...process.env, CLUSTER_HOME: HOME } });
  promise.child.stdin?.on("error", () => {}); // A program may end before it has read its input.
  promise.child.stdin?.end(input ?? "");
  return (await promise).stdout;
}

export async function startSandbox(name: string): Promise<void> {
  mkdirSync(RUN, { recursive: true });
  await output(join(import.meta.dirname, "sandbox.sh"), [name]);
  // The shell that has made it ready becomes its PID 1 a moment later.
  await until(`PID 1 of ${name} runs`, () => sandboxPid(name), { everyMs: 5 });
}

/** Process id of a sandbox's PID 1, or `undefined` when it is off. */
export function sandboxPid(name: string): number | undefined {
  const path = join(RUN, `${name}.pid`);
  if (!existsSync(path)) return undefined;
  const pid = Number(readFileSync(path, "utf8"));
  // After a crash of the machine the number may be another's by now.
  return pid > 0 && isOurInit(pid) ? pid : undefined;
}

function isOurInit(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").startsWith(join(BIN, "init"));
  } catch {
    return false;
  }
}

/** The arguments of nsenter that lead into a sandbox. Throws when it is off. */
export function entry(name: string): string[] {
  const pid = sandboxPid(name);
  if (pid === undefined) throw new Error(`the sandbox ${name} is not running`);
  return ["-t", String(pid), "-m", "-n", "-p", "-i", "-u", "--wd=/", "--"];
}

/** Runs a command in a sandbox. */
export function inSandbox(name: string, command: readonly string[], input?: string): Promise<string> {
  return output("nsenter", [...entry(name), ...command], input);
}

/** Starts a program in a sandbox that goes on after us. Its output goes to run/SANDBOX-NAME.log, its process id (as seen inside) to state/SANDBOX/NAME.pid. */
export function startDaemon(sandbox: string, name: string, command: readonly string[]): void {
  const log = openSync(join(RUN, `${sandbox}-${name}.log`), "a");
  const note = ["sh", "-c", 'echo $$ > "$0"; exec "$@"', daemonPidFile(sandbox, name)];
  spawn("nsenter", [...entry(sandbox), ...note, ...command], { detached: true, stdio: ["ignore", log, log] }).unref();
  closeSync(log);
}

function daemonPidFile(sandbox: string, name: string): string {
  return join(STATE, sandbox, `${name}.pid`);
}

/** Signals a daemon of a sandbox. */
export async function signalDaemon(sandbox: string, name: string, signal: string): Promise<void> {
  const pid = readFileSync(daemonPidFile(sandbox, name), "utf8").trim();
  await inSandbox(sandbox, ["kill", `-${signal}`, pid]);
  if (signal !== "KILL") return;
  await until(`${name} is gone`, async () => await inSandbox(sandbox, ["sh", "-c", `[ -d /proc/${pid} ] || echo gone`]) !== "");
}

/** Pulls the plug and waits until the kernel has put all away. Its disk stays. */
export async function powerOff(name: string): Promise<void> {
  const pid = sandboxPid(name);
  if (pid !== undefined) {
    process.kill(pid, "SIGKILL");
    await until(`the sandbox ${name} is off`, () => !existsSync(`/proc/${pid}`));
  }
  rmSync(join(RUN, `${name}.pid`), { force: true });
}

export function writeState(sandbox: string, file: string, content: string | object): string {
  const path = join(STATE, sandbox, file);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content, null, 1));
  return path;
}
