/** The command line against a real API server: what people see, what is written, and what is not. */
import assert from "node:assert/strict";
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { startControlPlane, type ControlPlane } from "./support/control-plane.ts";
import { until } from "./support/wait.ts";

const root = new URL("../", import.meta.url).pathname;
const CORE = join(root, "build/myapp.wasm");
const started = await startControlPlane();
const skip = "skipped" in started ? started.skipped : false;
const plane = started as ControlPlane;
const folder = mkdtempSync(join(tmpdir(), "toque-cli-"));
const running: ChildProcess[] = [];

function toque(args: string[], kubeconfig = plane.kubeconfig): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["host/cli/main.ts", ...args], { cwd: root, encoding: "utf8", env: { ...process.env, KUBECONFIG: kubeconfig } });
  return { status, stdout, stderr };
}

/** A host that runs until the test ends; `output` grows. */
function host(args: string[], kubeconfig = plane.kubeconfig): { output(): string; child: ChildProcess; exit: Promise<number | null> } {
  const child = spawn(process.execPath, ["host/cli/main.ts", "run", CORE, "--port", "0", ...args], { cwd: root, env: { ...process.env, KUBECONFIG: kubeconfig } });
  running.push(child);
  let output = "";
  child.stdout.on("data", (data: Buffer) => { output += data; });
  child.stderr.on("data", (data: Buffer) => { output += data; });
  return { output: () => output, child, exit: new Promise((resolve) => child.on("exit", resolve)) };
}

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}
function myApp(name: string, replicas: number): string {
  return file(`${name}-${replicas}.yaml`, `apiVersion: example.dev/v1\nkind: MyApp\nmetadata: {name: ${name}, namespace: default}\nspec: {image: "nginx:1", port: 80, replicas: ${replicas}}\n`);
}
async function replicas(name: string): Promise<string> {
  return plane.kubectl("get", "deployment", name, "--ignore-not-found", "-o", "jsonpath={.spec.replicas}");
}

before(async () => {
  if (skip === false) await plane.kubectl("apply", "-f", join(root, "assembly/operators/myapp/crd.yaml"));
});
after(async () => {
  for (const child of running) child.kill("SIGKILL");
  if (skip === false) await plane.stop();
  rmSync(folder, { recursive: true, force: true });
});

test("plan shows a new object and writes nothing; apply carries it out, once", { skip }, async () => {
  const out = join(folder, "new.json");
  const planned = toque(["plan", CORE, "-f", myApp("fresh", 2), "-o", out]);
  assert.equal(planned.status, 0, planned.stderr);
  assert.match(planned.stdout, /MyApp default\/fresh {2}\(new\)[\s\S]*\+ apply {2}Deployment fresh[\s\S]*spec\.replicas: 2[\s\S]*progressing/);
  assert.equal(await replicas("fresh"), "");
  assert.equal(await plane.kubectl("get", "myapp", "fresh", "--ignore-not-found"), "");

  const applied = toque(["apply", out]);
  assert.equal(applied.status, 0, applied.stderr);
  assert.match(applied.stdout, /done {6}apply Deployment fresh\ndone {6}apply Service fresh\ndone {6}status/);
  assert.equal(await replicas("fresh"), "2");

  const again = toque(["apply", out]);
  assert.equal(again.status, 4);
  assert.match(again.stderr, /the plan is stale: the object exists by now/);
});

test("a plan is refused when anything that it saw has changed", { skip }, async () => {
  const out = join(folder, "change.json");
  assert.match(toque(["plan", CORE, "-f", myApp("fresh", 5), "-o", out]).stdout, /changed by the file[\s\S]*spec\.replicas: 2 -> 5[\s\S]*= apply {2}Service fresh {2}Desired {2}\[skipped\]/);
  await plane.kubectl("label", "deployment", "fresh", "app=other", "--overwrite");
  const refused = toque(["apply", out]);
  assert.equal(refused.status, 4, refused.stdout);
  assert.match(refused.stderr, /what it was decided on has changed in the cluster/);
  assert.equal(await replicas("fresh"), "2");
  assert.equal(await plane.kubectl("get", "myapp", "fresh", "-o", "jsonpath={.spec.replicas}"), "2");
});

test("a plan made with another core, or offline, or no plan at all, is refused in words", { skip }, () => {
  const out = join(folder, "other.json");
  toque(["plan", CORE, "-f", myApp("other", 1), "-o", out]);
  const document = JSON.parse(readFileSync(out, "utf8")) as { digest: string; offline: boolean };
  const changed = (change: Partial<typeof document>): string => file("changed.json", JSON.stringify({ ...document, ...change }));
  assert.match(toque(["apply", changed({ digest: "sha256:00" })]).stderr, /stale: it was made with sha256:00/);
  assert.match(toque(["apply", changed({ offline: true })]).stderr, /was made offline/);
  assert.match(toque(["apply", file("no.json", "{}")]).stderr, /is no plan/);
  assert.match(toque(["apply", file("cut.json", "{\"toquePlan\":")]).stderr, /can't read \S*cut\.json: it is not JSON, or cut short/);
});

test("run makes it so, answers its probes, tells its metrics, and ends in order", { skip }, async () => {
  const { output, child, exit } = host(["--install"]);
  const port = await until("the port in the log", () => /127\.0\.0\.1:(\d+)/.exec(output())?.[1]);
  await until("ready", async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).status === 200);
  assert.equal((await fetch(`http://127.0.0.1:${port}/healthz`)).status, 200);
  await plane.kubectl("apply", "-f", myApp("served", 3));
  await until("the Deployment", async () => (await replicas("served")) === "3");
  await plane.kubectl("scale", "deployment", "served", "--replicas=9");
  await until("drift repaired", async () => (await replicas("served")) === "3");
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  assert.match(metrics, /controller_runtime_reconcile_total\{controller="myapp",result="[a-z_]+"\} [1-9]/);
  assert.match(metrics, /toque_actions_total\{operator="myapp",type="apply",outcome="done"\} [1-9]/);
  child.kill("SIGTERM");
  assert.equal(await exit, 0);
  assert.match(output(), /did="apply Deployment served \(Desired\); apply Service served \(Desired\)"[\s\S]*stopping: finishing what is under way[\s\S]*stopped/);
});

test("an API server that can't be reached, a refused token, a missing right: told in words, tried again", { skip }, async () => {
  const read = readFileSync(plane.kubeconfig, "utf8");
  const gone = host([], file("gone.kubeconfig", read.replace(/127\.0\.0\.1:\d+/, "127.0.0.1:1")));
  await until("the refusal in the log", () => /127\.0\.0\.1:1\b[\s\S]*refused/i.test(gone.output()));
  const token = host([], file("token.kubeconfig", read.replace(plane.token, "expired")));
  await until("the token in the log", () => /401|Unauthorized|credentials/i.test(token.output()));
  const { kubeconfig } = await plane.serviceAccount("default", "nobody", [{ apiGroups: ["example.dev"], resources: ["myapps"], verbs: ["get"] }]);
  const forbidden = host([], kubeconfig);
  await until("the right in the log", () => /list[\s\S]*myapps/.test(forbidden.output()) && /forbidden|403|permission|may not/i.test(forbidden.output()));
  for (const { child } of [gone, token, forbidden]) {
    assert.equal(child.exitCode, null, "the process stays up: it goes on trying");
    child.kill("SIGTERM");
  }
});

test("a definition that is missing is waited for", { skip }, async () => {
  await plane.kubectl("delete", "crd", "myapps.example.dev");
  const { output, child } = host([]);
  await until("the missing definition in the log", () => /myapps|MyApp/.test(output()) && /CustomResourceDefinition|CRD/i.test(output()));
  await plane.kubectl("apply", "-f", join(root, "assembly/operators/myapp/crd.yaml"));
  await until("the caches", () => /caches are in/.test(output()));
  child.kill("SIGTERM");
});

test("inspect and manifests", () => {
  const inspected = spawnSync(process.execPath, ["host/cli/main.ts", "inspect", CORE, "--json"], { cwd: root, encoding: "utf8" });
  assert.match((JSON.parse(inspected.stdout) as { digest: string }).digest, /^sha256:[0-9a-f]{64}$/);
  const printed = spawnSync(process.execPath, ["host/cli/main.ts", "manifests", CORE, "--image", "x:1", "--only", "deployment"], { cwd: root, encoding: "utf8" });
  assert.match(printed.stdout, /kind: Deployment[\s\S]*image: x:1/);
  const damaged = file("damaged.wasm", "\0asm nonsense");
  const refused = spawnSync(process.execPath, ["host/cli/main.ts", "inspect", damaged], { cwd: root, encoding: "utf8" });
  assert.equal(refused.status, 2);
  assert.match(refused.stderr, /^toque: CORE\d+ \S*damaged\.wasm/);
});
