/** MyApp in another engine: wasmtime runs the same component and the same module, with the same plans for the same fuel. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { corpus } from "../../bindings/component/testing/corpus.ts";
import { buildOperator } from "../../bindings/compile/index.ts";
import { loadCore } from "../../host/core/load.ts";
import { nodePlatform } from "../../host/platform/node/index.ts";
import { cacheFolder } from "../support/assets.ts";

const MYAPP = new URL("../../assembly/operators/myapp/", import.meta.url).pathname;
const RUN = new URL("run.py", import.meta.url).pathname;

/** A Python that has wasmtime: that of the project's cache (`tests/wasmtime/install.sh` makes it), or the machine's. */
function findPython(): string | undefined {
  const candidates = [join(cacheFolder(), "wasmtime", "bin", "python3"), "python3"];
  return candidates.find((python) => spawnSync(python, ["-c", "import wasmtime.component"]).status === 0);
}
const python = findPython();
const missing = "no Python with wasmtime: run tests/wasmtime/install.sh";
if (python === undefined && process.env.TOQUE_REQUIRE_WASMTIME === "1") throw new Error(`TOQUE_REQUIRE_WASMTIME=1, but ${missing}`);

test("MyApp: wasmtime agrees with the host, in plan and fuel", { skip: python === undefined ? missing : false }, async () => {
  const out = mkdtempSync(join(tmpdir(), "toque-wasmtime-"));
  try {
    const report = await buildOperator(MYAPP, out, { debug: true, component: true });
    assert.ok(report.ok, report.ok ? "" : report.errors);
    const core = loadCore(readFileSync(report.wasmFile), nodePlatform());
    // Some so long that their pass reserves several pages.
    const texts = [...corpus(), ...[50_000, 300_000].map((length) => `{"protocol":1,"x":"${"é".repeat(length)}"}`)];
    const printed = execFileSync(python!, [RUN, report.wasmFile, report.componentFile!], { input: JSON.stringify(texts), encoding: "utf8", maxBuffer: 64 << 20 });
    const results = JSON.parse(printed) as { component: string | null; module: string | null; fuelUsed: number }[];
    assert.equal(results.length, texts.length);
    texts.forEach((text, n) => {
      const raw = core.reconcile(text);
      assert.ok(raw.ok, JSON.stringify(raw));
      assert.deepEqual(results[n], { component: raw.plan, module: raw.plan, fuelUsed: raw.fuelUsed }, text.slice(0, 200));
    });
  } finally {
    rmSync(out, { recursive: true });
  }
});
