import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { loadCore } from "../../host/core/load.ts";
import { parsePlan } from "../../host/core/plan.ts";
import { nodePlatform } from "../../host/platform/node/index.ts";
import { buildOperator, type BuildReport } from "./build.ts";
import { watchOperator } from "./watch.ts";

const MYAPP = new URL("../../assembly/operators/myapp/", import.meta.url).pathname;
const folders: string[] = [];
after(() => { for (const folder of folders) rmSync(folder, { recursive: true, force: true }); });

/** A copy of MyApp outside of the checkout, with files changed: what an outside author has. */
function copyOfMyApp(changes: { [file: string]: string | ((text: string) => string) } = {}): string {
  const folder = mkdtempSync(join(tmpdir(), "toque-build-"));
  folders.push(folder);
  mkdirSync(join(folder, "app"));
  for (const file of ["operator.yaml", "crd.yaml", "reconcile.ts"]) cpSync(join(MYAPP, file), join(folder, "app", file));
  for (const [file, change] of Object.entries(changes)) {
    const path = join(folder, "app", file);
    writeFileSync(path, typeof change === "string" ? change : change(readFileSync(path, "utf8")));
  }
  return join(folder, "app");
}

async function built(folder: string, options = {}): Promise<Extract<BuildReport, { ok: true }>> {
  const report = await buildOperator(folder, join(folder, "../out"), options);
  return report.ok ? report : assert.fail(report.errors);
}
async function failed(folder: string): Promise<Extract<BuildReport, { ok: false }>> {
  const report = await buildOperator(folder, join(folder, "../out"), { debug: true });
  return report.ok ? assert.fail("it was built") : report;
}

const OBSERVED = JSON.stringify({
  protocol: 1, mode: "reconcile", now: "2026-01-01T00:00:00.000Z",
  primary: {
    apiVersion: "example.dev/v1", kind: "MyApp", metadata: { name: "web", namespace: "default", uid: "u1", generation: 1 },
    spec: { image: "nginx:1", replicas: 3, port: 80 },
  },
  owned: [], strays: [], answers: { "list autoscaling/v2 HorizontalPodAutoscaler default?": { state: "value", value: [] } }, lastResults: [],
});

/** The line of `reconcile` that every rule begins with. */
const insert = (line: string) => (text: string) => text.replace(/(export function reconcile\(.*\n)/, `$1  ${line}\n`);

/** One release build for all tests: optimising takes seconds. */
let release: Promise<Extract<BuildReport, { ok: true }>> | undefined;
const released = () => (release ??= built(copyOfMyApp()));

test("the same sources give the same bytes, wherever they lie", async () => {
  const [one, two] = [await released(), await built(copyOfMyApp())];
  assert.equal(one.digest, two.digest);
  assert.deepEqual(readFileSync(one.wasmFile), readFileSync(two.wasmFile));
  assert.doesNotMatch(readFileSync(one.wasmFile, "latin1"), new RegExp(tmpdir().slice(1)), "no path of this machine");
  assert.ok(one.bytes <= 100 << 10 && one.gzippedBytes <= 30 << 10, `${one.bytes} bytes, ${one.gzippedBytes} gzipped`);
  const core = loadCore(readFileSync(one.wasmFile), nodePlatform(), "myapp.wasm");
  assert.equal(core.digest, one.digest);
  const outcome = core.reconcile(OBSERVED);
  assert.ok(outcome.ok, JSON.stringify(outcome));
  const plan = parsePlan(outcome.plan, core.manifest);
  assert.ok("actions" in plan && plan.actions.length === 2, outcome.plan);
});

test("a debug build does the same, under a digest of its own", async () => {
  const folder = copyOfMyApp();
  const debug = await built(folder, { debug: true });
  assert.notEqual(debug.digest, (await released()).digest);
  assert.equal((await built(copyOfMyApp(), { debug: true })).digest, debug.digest);
  const run = (report: { wasmFile: string }) => loadCore(readFileSync(report.wasmFile), nodePlatform()).reconcile(OBSERVED);
  const [one, two] = [run(debug), run(await released())];
  assert.ok(one.ok && two.ok);
  assert.equal(one.plan, two.plan);
});

test("the clock and chance are refused where the author wrote them", async () => {
  const clock = await failed(copyOfMyApp({ "reconcile.ts": insert("const t = Date.now(); if (t > 5) return MyAppPlan.for(app);") }));
  assert.match(clock.errors, /^reconcile\.ts:\d+:13 error CORE2003: a core may not use Date\.now\.\n.*\n.*\^{8}\n  a core must be deterministic: use observed\.now\./m);
  const chance = await failed(copyOfMyApp({ "reconcile.ts": insert("if (Math.random() > 0.5) return MyAppPlan.for(app);") }));
  assert.match(chance.errors, /CORE2003: a core may not use Math\.random\.[^]*derive names/);
});

test("mistakes come back as data, with their place", async () => {
  const report = await failed(copyOfMyApp({ "reconcile.ts": insert("app.spec.imagee;") }));
  const [first] = report.diagnostics;
  assert.equal(first?.code, "TS2339");
  assert.equal(first?.file, "reconcile.ts");
  assert.match(report.errors, /imagee/);
  const yaml = await failed(copyOfMyApp({ "operator.yaml": (text) => text.replace("owns:", "ownz:") }));
  assert.equal(yaml.diagnostics[0]?.file, "operator.yaml");
  const empty = copyOfMyApp();
  rmSync(join(empty, "crd.yaml"));
  assert.match((await failed(empty)).errors, /crd\.yaml:1:1 error BUILD3001: there is no such file/);
});

test("a failed build leaves the last good one", async () => {
  const folder = copyOfMyApp();
  const good = await built(folder, { debug: true });
  const before = readFileSync(good.wasmFile);
  writeFileSync(join(folder, "reconcile.ts"), "export function reconcile(");
  await failed(folder);
  assert.deepEqual(readFileSync(good.wasmFile), before);
});

test("a trap names file and line", async () => {
  const report = await built(copyOfMyApp({ "reconcile.ts": insert("assert(app.metadata.name.length > 100, \"names are long\");") }), { debug: true });
  const outcome = loadCore(readFileSync(report.wasmFile), nodePlatform()).reconcile(OBSERVED);
  assert.ok(!outcome.ok);
  assert.match(outcome.error.message, /^names are long \(reconcile\.ts:\d+:\d+\)$/);
});

test("a watch builds again after a change, in less than two seconds", async () => {
  const folder = copyOfMyApp();
  const controller = new AbortController();
  const reports: BuildReport[] = [];
  let arrived = () => {};
  const next = () => new Promise<void>((resolve) => { arrived = resolve; });
  const first = next();
  const done = watchOperator(folder, join(folder, "../out"), { debug: true, signal: controller.signal }, (report) => { reports.push(report); arrived(); });
  await first;
  const second = next();
  writeFileSync(join(folder, "reconcile.ts"), readFileSync(join(folder, "reconcile.ts"), "utf8").replace("belongs to somebody else", "is not ours"));
  await second;
  controller.abort();
  await done;
  assert.equal(reports.length, 2);
  const [before, again] = reports;
  assert.ok(before!.ok && again!.ok && before!.digest !== again!.digest);
  assert.ok(again!.ms < 2_000, `${again!.ms} ms`);
});
