/**
 * Child processes that can't outlive their test. All run in one temporary folder; a detached watchdog holds the other
 * end of a pipe, and when this process ends - by whatever cause, SIGKILL too - it ends what is left and removes the folder.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Component } from "./assets.ts";

export interface Nursery {
  /** The temporary folder: working folder of every child, gone after `end`. */
  readonly folder: string;
  start(name: string, component: Component, args: readonly string[], env?: NodeJS.ProcessEnv): Child;
  /** Kills every child, waits until they are gone, removes the folder. Safe to call twice. */
  end(): Promise<void>;
}

export interface Child {
  readonly name: string;
  readonly pid: number;
  /** Resolves with the exit code or signal, never rejects. */
  readonly exited: Promise<string>;
  readonly running: boolean;
  signal(signal: NodeJS.Signals): void;
  kill(): Promise<void>;
  /** The last lines of what it printed, for error messages. */
  tail(lines?: number): string;
}

// A pid is only killed while it still runs in our folder: the number may have gone to a stranger meanwhile.
const WATCHDOG = `
folder=$1 pids=
while read -r pid; do pids="$pids $pid"; done
for pid in $pids; do
  [ "$(readlink "/proc/$pid/cwd")" = "$folder" ] && kill -KILL "$pid"
done
rm -rf "$folder"`;

export function openNursery(label: string): Nursery {
  const folder = mkdtempSync(join(tmpdir(), `toque-${label}-`));
  const watchdog = spawn("/bin/sh", ["-c", WATCHDOG, "toque-watchdog", folder], { stdio: ["pipe", "ignore", "ignore"], detached: true });
  watchdog.unref();
  // The pipe must not keep a finished test alive.
  (watchdog.stdin as unknown as { unref(): void }).unref();
  const children: Child[] = [];
  return {
    folder,
    start(name, component, args, env) {
      const child = startChild(folder, name, component, args, env);
      watchdog.stdin?.write(`${child.pid}\n`);
      children.push(child);
      return child;
    },
    async end() {
      await Promise.all(children.map((child) => child.kill()));
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
      watchdog.stdin?.end();
    },
  };
}

function startChild(folder: string, name: string, component: Component, args: readonly string[], env?: NodeJS.ProcessEnv): Child {
  const logPath = join(folder, `${name}.log`);
  const log = openSync(logPath, "a");
  const child: ChildProcess = spawn(component.file, [...component.args, ...args], {
    cwd: folder, stdio: ["ignore", log, log], env: env ?? process.env,
  });
  closeSync(log);
  child.unref();
  let running = true;
  const exited = new Promise<string>((resolve) => {
    child.once("exit", (code, signal) => { running = false; resolve(signal ?? `exit code ${code}`); });
    child.once("error", (error) => { running = false; resolve(error.message); });
  });
  return {
    name, exited,
    get pid() { return child.pid ?? -1; },
    get running() { return running; },
    signal(signal) { if (running) child.kill(signal); },
    async kill() {
      if (!running) return;
      child.kill("SIGKILL");
      child.ref();
      await exited;
    },
    tail(lines = 15) {
      try {
        return readFileSync(logPath, "utf8").trimEnd().split("\n").slice(-lines).join("\n");
      } catch {
        return "(no output)";
      }
    },
  };
}
