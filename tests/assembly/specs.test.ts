/** Every as-pect spec of assembly/, as tests of Node's runner. */
import assert from "node:assert/strict";
import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { manifestOf } from "../../bindings/codegen/index.ts";
import { emitAssembly } from "../../bindings/codegen/emit/index.ts";
import { runSpec } from "./aspect.ts";

const root = new URL("../../", import.meta.url).pathname;

/** Specs of an operator import its `generated/`, which is no source: write it as the build does. */
function generate(operator: string): void {
  const text = (name: string): string => readFileSync(join(root, operator, name), "utf8");
  const result = manifestOf(text("operator.yaml"), text("crd.yaml"));
  assert.ok("manifest" in result, JSON.stringify(result));
  mkdirSync(join(root, operator, "generated"), { recursive: true });
  for (const [name, source] of Object.entries(emitAssembly(result.manifest))) {
    const path = join(root, operator, "generated", name);
    if (readIfThere(path) !== source) writeFileSync(path, source);
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

for (const operator of globSync("assembly/operators/*/operator.yaml", { cwd: root })) generate(dirname(operator));

for (const file of globSync("assembly/**/*.spec.ts", { cwd: root }).sort()) {
  describe(file, async () => {
    const results = await runSpec(root, file);
    for (const { name, passed, message } of results) it(name, () => assert.ok(passed, message));
    it("has tests", () => assert.notEqual(results.length, 0));
  });
}
