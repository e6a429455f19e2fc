/**
 * Runs the same kubectl command lines against two servers and compares what people see: output, errors, exit codes.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import type { Component } from "../support/assets.ts";
import { findAssets } from "../support/assets.ts";
import { startControlPlane } from "../support/control-plane.ts";
import { embeddedServer } from "../fidelity/embedded.ts";
import type { Server } from "../fidelity/target.ts";
import { FILES, SCRIPTS } from "./kubectl-scripts.ts";

export interface Seen { readonly command: string; readonly code: number | null; readonly output: string }

/** The kubectl that belongs to the API server's version, where the test cluster's binaries are; else the machine's. */
export function kubectlProgram(): Component {
  const assets = findAssets();
  return (typeof assets === "function" ? assets("kubectl") : undefined) ?? { file: "kubectl", args: [] };
}

/** Runs one script in a namespace of its own. */
export async function runScript(server: Server, name: string, commands: readonly string[]): Promise<Seen[]> {
  const folder = mkdtempSync(join(tmpdir(), "toque-kubectl-"));
  try {
    const kubeconfig = join(folder, "kubeconfig");
    const namespace = `k-${name.replaceAll(" ", "-")}`;
    writeFileSync(kubeconfig, stringify({
      apiVersion: "v1", kind: "Config", "current-context": "c",
      clusters: [{ name: "c", cluster: { server: server.url, ...(server.ca === undefined ? {} : { "certificate-authority-data": Buffer.from(server.ca).toString("base64") }) } }],
      users: [{ name: "u", user: { token: server.token } }], contexts: [{ name: "c", context: { cluster: "c", user: "u", namespace } }],
    }));
    const run = (command: string): Promise<Seen> => kubectl(kubeconfig, folder, command);
    await run(`create namespace ${namespace}`);
    const seen: Seen[] = [];
    for (const command of commands) seen.push(await run(command));
    return seen;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A command line as a shell would split it; `< NAME` is a file of FILES. */
function kubectl(kubeconfig: string, cache: string, command: string): Promise<Seen> {
  const [line, input] = command.split(/ < (?=[\w.-]+$)/) as [string, string | undefined];
  const args = [...line.matchAll(/'([^']*)'|(\S+?)'([^']*)'|(\S+)/g)].map(([, quoted, head, tail, plain]) => quoted ?? (head === undefined ? plain! : head + tail!));
  const program = kubectlProgram();
  return new Promise((resolve, reject) => {
    const child = spawn(program.file, [...program.args, "--kubeconfig", kubeconfig, "--cache-dir", join(cache, "cache"), ...args], { env: { ...process.env, KUBECTL_EXTERNAL_DIFF: "diff -u -N", HOME: cache, KUBECONFIG: "" } });
    let output = "";
    child.stdout.on("data", (data: Buffer) => { output += data; });
    child.stderr.on("data", (data: Buffer) => { output += data; });
    child.on("error", reject);
    child.on("close", (code) => resolve({ command, code, output }));
    child.stdin.end(input === undefined ? "" : FILES[input]);
  });
}

/** Takes out what differs between two runs of the same thing. */
export function normalised(output: string): string {
  return output
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "UID").replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?( ?[+-]\d{4}|Z)?/g, "TIME")
    .replace(/(resourceVersion"?: "?)\d+/g, "$1N").replace(/\b10\.96\.\d+\.\d+\b/g, "ADDRESS").replace(/\/tmp\/\S+/g, "PATH")
    .replace(/(Creation ?Timestamp:|Start Time:|Resource Version:|CreationTimestamp:|Time:).*/g, "$1 TIME").replace(/\b(\d+[smhd])+( ago)?\b/g, "AGE").replace(/ +(?=$)/gm, "")
    .replace(/https?:\/\/\S+:\d+/g, "SERVER").replace(/^[IWE]\d{4} .*$/gm, "LOG").replace(/(?<=\S) {2,}/g, "  ");
}

/** What kubectl explains in sentences is each server's own; kinds, fields and types are not. */
function shownOf({ command, output }: Seen): string {
  const text = normalised(output);
  return command.startsWith("explain ") ? text.split("\n").filter((line) => /^[A-Z]+:|<|^error/.test(line) && !line.startsWith("DESCRIPTION") && !/<(empty|no description)>/.test(line)).join("\n") : text;
}

async function realServer(): Promise<{ server: Server; stop(): Promise<void> }> {
  const plane = await startControlPlane({ audit: [] });
  if ("skipped" in plane) throw new Error(plane.skipped);
  return { server: { name: "real", url: plane.url, ca: readFileSync(plane.caPath, "utf8"), token: plane.token }, stop: () => plane.stop() };
}

export interface Outcome { readonly passed: number; readonly failed: number }

/** `self`: two real servers, to see what the comparison itself is worth. */
export async function compareKubectl(patterns: readonly string[], self: boolean): Promise<Outcome> {
  const [real, other] = [await realServer(), self ? await realServer() : await embeddedServer()];
  let wrong = 0;
  let count = 0;
  try {
    for (const [name, commands] of Object.entries(SCRIPTS).filter(([each]) => patterns.length === 0 || patterns.some((pattern) => each.includes(pattern)))) {
      const [theirs, ours] = await Promise.all([runScript(real.server, name, commands), runScript(other.server, name, commands)]);
      theirs.forEach((seen, n) => {
        count++;
        const [left, right] = [shownOf(seen), shownOf(ours[n]!)];
        if (left === right && seen.code === ours[n]!.code) return;
        wrong++;
        console.log(`\nDIFFERENT ${name}: kubectl ${seen.command}\n--- real (${seen.code})\n${left}--- embedded (${ours[n]!.code})\n${right}`);
      });
    }
  } finally {
    await Promise.all([real.stop(), other.stop()]);
  }
  return { passed: count - wrong, failed: wrong };
}
