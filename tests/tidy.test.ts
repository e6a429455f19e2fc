/**
 * Style is a test: who may import whom, what may touch the world, how long things may grow.
 * Every message names what to do instead.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { test } from "node:test";

const root = new URL("../", import.meta.url).pathname;
const tracked = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], { cwd: root, encoding: "utf8" })
  .split("\n").filter((file) => file !== "");
const sources = tracked.filter((file) => /\.(ts|mjs)$/.test(file) && !file.includes("/generated/") && !file.endsWith(".d.ts"));
const text = (file: string): string => readFileSync(join(root, file), "utf8");
const isTest = (file: string): boolean => file.endsWith(".test.ts") || file.includes("/testing/") || file.startsWith("tests/");

/** Folder -> the folders it may import from (itself always). Longest prefix wins. */
const MAY_IMPORT: Record<string, string[]> = {
  "bindings/protocol": [],
  "bindings/codegen": ["bindings/protocol"],
  "bindings/compile": ["bindings/protocol", "bindings/codegen", "host/core", "host/platform"],
  "bindings/component": ["bindings/protocol", "bindings/compile", "host/core", "host/platform"],
  "host/platform/node": ["host/platform", "bindings/protocol"],
  "host/platform": [],
  "host/core": ["bindings/protocol", "host/platform"],
  "host/values": [],
  "host/runtime": ["bindings/protocol", "host/platform", "host/core", "host/values"],
  "host/cluster": ["bindings/protocol", "host/platform", "host/values"],
  assembly: [],
};
/** Folders whose code must run in a tab and under a virtual clock. */
const PURE = ["host/core/", "host/values/", "host/runtime/", "host/cluster/", "host/platform/platform.ts", "host/platform/portable", "host/platform/simulated/", "bindings/protocol/", "bindings/codegen/emit/"];
const FORBIDDEN: [RegExp, string][] = [
  [/from "node:/, "node:* - take it from an interface in host/platform/platform.ts"],
  [/\bDate\.now\(|\bnew Date\(\)/, "the system clock - use platform.clock.nowMs()"],
  [/\bset(Timeout|Interval|Immediate)\(/, "timers - use platform.timers.after()"],
  [/\bMath\.random\(/, "randomness - use platform.random.next()"],
  [/\bperformance\.now\(/, "the system clock - use platform.clock.monotonicMs()"],
  [/\bprocess\.|\bBuffer\.|\bconsole\./, "Node's globals - use the interfaces in host/platform, or a Log"],
];

/** Functions and methods by their indentation: from the line that opens one to the closing brace in the same column. */
function functions(source: string): { name: string; line: number; lines: number }[] {
  const found: { name: string; line: number; lines: number }[] = [];
  const lines = source.split("\n");
  lines.forEach((line, index) => {
    const opens = /^(\s*)(?:export )?(?:default )?(?:(?:private|static|override|async|get|set) )*(?:function\*? (\w+)|(\w+)(?=\([^)]*\)?.*(?:\{|,|\()$))/.exec(line);
    const name = opens?.[2] ?? opens?.[3];
    if (name === undefined || /^(if|for|while|switch|catch|return|describe|test|it|before|after|beforeEach|afterEach|function|await)$/.test(name)) return;
    const end = lines.findIndex((other, at) => at > index && other.startsWith(`${opens![1]}}`) && !other.startsWith(`${opens![1]}})`) );
    const closedEarlier = lines.findIndex((other, at) => at > index && other.startsWith(`${opens![1]})`));
    if (end > index && (closedEarlier === -1 || closedEarlier > end || /\{$/.test(lines[closedEarlier]!))) found.push({ name, line: index + 1, lines: end - index + 1 });
  });
  return found;
}

test("folders import only what DESIGN allows", () => {
  const wrong: string[] = [];
  for (const file of sources.filter((f) => !isTest(f))) {
    const folder = Object.keys(MAY_IMPORT).filter((f) => file.startsWith(`${f}/`)).sort((a, b) => b.length - a.length)[0];
    if (folder === undefined) continue;
    const allowed = [folder, ...MAY_IMPORT[folder]!];
    for (const [, target] of text(file).matchAll(/^(?:import|export)[^;]*? from "(\.[^"]+)"/gm)) {
      const path = normalize(join(dirname(file), target!));
      if (!allowed.some((prefix) => path.startsWith(`${prefix}/`))) wrong.push(`${file} imports ${path}: ${folder} may import ${allowed.join(", ")} only`);
    }
  }
  assert.deepEqual(wrong, []);
});

test("I/O, clock and randomness only behind host/platform", () => {
  const wrong: string[] = [];
  for (const file of sources.filter((f) => !isTest(f) && PURE.some((p) => f.startsWith(p)))) {
    text(file).split("\n").forEach((line, index) => {
      if (/^\s*(\/\/|\*|\/\*)/.test(line)) return;
      for (const [pattern, instead] of FORBIDDEN) if (pattern.test(line)) wrong.push(`${file}:${index + 1} touches ${instead}`);
    });
  }
  assert.deepEqual(wrong, []);
});

test("files stay under 300 lines", () => {
  const long = sources.map((file) => [file, text(file).split("\n").length] as const).filter(([, lines]) => lines > 300);
  assert.deepEqual(long.map(([file, lines]) => `${file} has ${lines} lines: split it by concept`), []);
});

test("functions stay under 70 lines", () => {
  const long: string[] = [];
  for (const file of sources.filter((f) => f.endsWith(".ts") && !f.startsWith("assembly/") && !f.includes("compile-errors/"))) {
    for (const { name, line, lines } of functions(text(file))) {
      if (lines > 70) long.push(`${file}:${line} ${name} has ${lines} lines: pull its steps out, named`);
    }
  }
  assert.deepEqual(long, []);
});

test("names are kebab-case", () => {
  const odd = sources.filter((file) => !/^[a-z0-9.-]+$/.test(file.split("/").pop()!));
  assert.deepEqual(odd, []);
});

test("nothing is left undone, and no place of this machine is named", () => {
  const marks = new RegExp(["TO" + "DO", "FIX" + "ME", "X" + "XX\\b", "\\.on" + "ly\\(", "@ts-ig" + "nore", "as a" + "ny\\b"].join("|"));
  const places = new RegExp(["/wo" + "rk/", "/ro" + "ot/", "\\.libr" + "ary"].join("|"));
  const wrong: string[] = [];
  for (const file of tracked.filter((f) => /\.(ts|mjs|md|ya?ml|json|sh|go|rs|py)$/.test(f) && !f.startsWith("package-lock"))) {
    text(file).split("\n").forEach((line, index) => {
      if (places.test(line)) wrong.push(`${file}:${index + 1} names a place of one machine: ${line.trim().slice(0, 80)}`);
      if (/\.(ts|mjs)$/.test(file) && marks.test(line)) wrong.push(`${file}:${index + 1} is left undone: ${line.trim().slice(0, 80)}`);
    });
  }
  assert.deepEqual(wrong, []);
});
