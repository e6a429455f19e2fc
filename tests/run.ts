/**
 * `npm test`: type check, build of the shipped operators, then every test, as tests of Node's own runner.
 *
 * Prints a line per file, failures whole, and at the end `N passed, N failed, N skipped`. Exits with 1 on any failure.
 * `npm test -- PATTERN...` runs the files whose path contains one of the patterns.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { relative } from "node:path";
import { run } from "node:test";
import type { TestEvent } from "./test-events.ts";

const root = new URL("../", import.meta.url).pathname;
process.chdir(root);
const patterns = process.argv.slice(2);

interface Tally { passed: number; failed: number; skipped: number; ms: number; skips: Set<string> }
const perFile = new Map<string, Tally>();
const failures: string[] = [];

function step(name: string, command: string, args: string[]): void {
  const started = performance.now();
  const done = spawnSync(command, args, { stdio: ["ignore", "pipe", "pipe"], encoding: "utf8" });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const ok = done.status === 0;
  console.log(`${ok ? "ok  " : "FAIL"} ${name} (${seconds} s)`);
  if (!ok) failures.push(`${name}\n${done.stdout}${done.stderr}`);
  tally(name)[ok ? "passed" : "failed"]++;
}

function tally(file: string): Tally {
  let found = perFile.get(file);
  if (found === undefined) perFile.set(file, found = { passed: 0, failed: 0, skipped: 0, ms: 0, skips: new Set() });
  return found;
}

function onEvent(event: TestEvent): void {
  if (event.type !== "test:pass" && event.type !== "test:fail") return;
  const { data } = event;
  const file = data.file === undefined ? "?" : relative(root, data.file);
  const at = tally(file);
  if (data.nesting === 0) at.ms += data.details?.duration_ms ?? 0;
  // A suite is not a test; a file that could not even be loaded is a failure of its own.
  if (data.details?.type === "suite") return;
  if (data.skip !== undefined && data.skip !== false) {
    at.skipped++;
    at.skips.add(typeof data.skip === "string" ? data.skip : data.name);
  } else if (event.type === "test:pass") at.passed++;
  else {
    at.failed++;
    const error = data.details?.error;
    const cause = (error as { cause?: unknown } | undefined)?.cause ?? error;
    failures.push(`${file}: ${data.name}\n${cause instanceof Error ? cause.stack : String(cause)}`);
  }
}

function report(started: number): void {
  for (const [file, at] of [...perFile].sort()) {
    if (at.ms === 0 && at.passed + at.failed <= 1 && !file.includes("test.ts")) continue;
    const skipped = at.skipped > 0 ? `, ${at.skipped} skipped: ${[...at.skips].join("; ")}` : "";
    console.log(`${at.failed > 0 ? "FAIL" : "ok  "} ${file}: ${at.passed} passed${at.failed > 0 ? `, ${at.failed} failed` : ""}${skipped} (${(at.ms / 1000).toFixed(1)} s)`);
  }
  for (const failure of failures) console.log(`\n--- ${failure}`);
  const sum = [...perFile.values()].reduce((a, b) => ({ passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped }), { passed: 0, failed: 0, skipped: 0 });
  console.log(`\n${((performance.now() - started) / 1000).toFixed(0)} s`);
  console.log(`${sum.passed} passed, ${sum.failed} failed${sum.skipped > 0 ? `, ${sum.skipped} skipped` : ""}`);
  process.exitCode = sum.failed > 0 ? 1 : 0;
}

const started = performance.now();
/** Minutes long: a suite of their own in .ci/run. */
const LONG = ["tests/fidelity/controllers.test.ts"];
const files = globSync(["bindings/**/*.test.ts", "host/**/*.test.ts", "tests/**/*.test.ts"])
  .filter((file) => (patterns.length === 0 && !LONG.includes(file)) || patterns.some((pattern) => file.includes(pattern)))
  .sort();
if (files.length === 0) {
  console.error(`no test file matches ${patterns.join(", ")}`);
  process.exit(2);
}
if (patterns.length === 0) {
  step("type check", process.execPath, ["node_modules/typescript/bin/tsc", "--noEmit"]);
  step("build operators", process.execPath, ["host/cli/main.ts", "build", "assembly/operators/myapp"]);
}
execFileSync("mkdir", ["-p", "build"]);
// Two at a time: many tests start servers of their own.
const stream = run({ files, concurrency: 2, cwd: root });
for await (const event of stream) onEvent(event as TestEvent);
report(started);
