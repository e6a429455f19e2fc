/** `npm start` as a newcomer sees it: on the embedded cluster, with real kubectl, and again on the state that was kept. */
import assert from "node:assert/strict";
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { kubectlProgram } from "./clients/kubectl.ts";
import { until } from "./support/wait.ts";

const root = new URL("../", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "toque-start-"));
const running: ChildProcess[] = [];
after(async () => {
  for (const child of running) child.kill("SIGKILL");
  await Promise.all(running.map((child) => child.exitCode ?? child.signalCode ?? new Promise((resolve) => child.once("exit", resolve))));
  rmSync(folder, { recursive: true, force: true });
});

function start(...args: string[]): { output(): string; child: ChildProcess; exit: Promise<number | null> } {
  const child = spawn(process.execPath, ["host/cli/start.ts", "--out", folder, ...args], { cwd: root, env: { ...process.env, NO_COLOR: "1" } });
  running.push(child);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data: Buffer) => { output += data; });
  return { output: () => output, child, exit: new Promise((resolve) => child.on("exit", resolve)) };
}

test("tells an operator's life until it settles; the kubectl lines that it prints work", async () => {
  const { output, child, exit } = start();
  await until("settled, and what to try next", () => /Ctrl-C/.test(output()), { timeoutMs: 90_000 });
  assert.match(output(), /MyApp\/web +made[^]*Deployment\/web +2 of 2 ready[^]*settled/);
  assert.ok(output().split("\n").every((line) => line.length <= 80), output());
  const lines = output().split("\n").filter((line) => line.startsWith("  kubectl ")).map((line) => line.trim().split(" ").slice(1));
  assert.equal(lines.length, 3);
  const { file, args } = kubectlProgram();
  for (const words of lines) {
    // An editor that saves what it was given.
    const done = spawnSync(file, [...args, "--kubeconfig", join(folder, "kubeconfig"), ...words], { encoding: "utf8", env: { ...process.env, EDITOR: "true", HOME: folder } });
    assert.equal(done.status, 0, `kubectl ${words.join(" ")}\n${done.stdout}${done.stderr}`);
  }
  await until("what was deleted is seen to go", () => /Pod\/web-\S+ +gone/.test(output()));
  child.kill("SIGINT");
  assert.equal(await exit, 0);
});

test("goes on where it ended: with the state kept, a second start finds everything as it should be", async () => {
  const data = join(folder, "data");
  assert.equal(await start("--once", "--data", data).exit, 0);
  const again = start("--once", "--data", data);
  assert.equal(await again.exit, 0);
  assert.match(again.output(), /settled/);
  assert.doesNotMatch(again.output(), /(Pod|Deployment|Service)\/\S+ +\S/);
});

test("a mistake on the command line is one sentence and exit 2", async () => {
  for (const args of [["--filename", join(folder, "none.yaml")], ["--kubeconfig", join(folder, "none")], ["--nodes", "many"]]) {
    const { output, exit } = start("--once", ...args);
    assert.equal(await exit, 2, output());
    assert.match(output().trim().split("\n").at(-1)!, /^toque: /);
  }
});
