/** The raw path and the component run the same code: same text in, same text out, same fuel, same failures. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { loadCore } from "../../host/core/load.ts";
import { i32 } from "../../host/core/testing/assembler.ts";
import { type Behaviour, coreBytes, load, PLAN } from "../../host/core/testing/cores.ts";
import { nodePlatform } from "../../host/platform/node/index.ts";
import { buildOperator } from "../compile/index.ts";
import { componentOf } from "./component.ts";
import { openComponent } from "./run.ts";
import { corpus } from "./testing/corpus.ts";

const MYAPP = new URL("../../assembly/operators/myapp/", import.meta.url).pathname;

test("MyApp: raw and component agree on every observation", async () => {
  const out = mkdtempSync(join(tmpdir(), "toque-component-"));
  try {
    const report = await buildOperator(MYAPP, out, { debug: true, component: true });
    assert.ok(report.ok, report.ok ? "" : report.errors);
    const core = loadCore(readFileSync(report.wasmFile), nodePlatform());
    const component = await openComponent(readFileSync(report.componentFile!), core.manifest.limits, nodePlatform().text);
    for (const text of corpus()) {
      const raw = core.reconcile(text);
      assert.ok(raw.ok, JSON.stringify(raw));
      assert.deepEqual(component(text), raw);
      assert.deepEqual(core.reconcile(text), raw);
    }
  } finally {
    rmSync(out, { recursive: true });
  }
});

test("kept, fresh and component: the same memory and fuel for inputs of every length", async () => {
  // Answers with the size of its memory and its last word, as two units, and leaves that word changed; grows in between.
  const last = [0x3f, 0, ...i32(16), 0x74, ...i32(4), 0x6b];
  const bytes = coreBytes({
    code: [
      ...i32(PLAN), 0x3f, 0, 0x3b, 1, 0, ...i32(PLAN + 2), ...last, 0x28, 2, 0, 0x3b, 1, 0, ...last, ...i32(7), 0x36, 2, 0,
      ...i32(20), ...i32(2), 0x36, 2, 0, 0x20, 1, ...i32(30_000), 0x46, 0x04, 0x40, ...i32(1), 0x40, 0, 0x1a, 0x0b,
    ],
  });
  const core = load(bytes);
  const component = await openComponent(await componentOf(bytes), core.manifest.limits, nodePlatform().text);
  const plans = [0, 200_000, 10_000, 30_000, 1_000_000, 30_000, 10_000, 2].map((length) => {
    const text = "ü".repeat(length);
    const [kept, fresh, wrapped] = [core.reconcile(text), load(bytes).reconcile(text), component(text)];
    assert.ok(kept.ok, JSON.stringify(kept));
    assert.deepEqual(kept, fresh, `${length} units`);
    assert.deepEqual(kept, wrapped, `${length} units`);
    return kept.plan.charCodeAt(0);
  });
  assert.deepEqual(plans, [2, 20, 2, 4, 96, 4, 2, 2]);
});

test("budgets end both paths alike", async () => {
  const cores: { [name: string]: Behaviour } = {
    FuelExhausted: { code: [0x03, 0x40, 0x0c, 0, 0x0b], limits: { fuel: 1_000_000 } },
    DepthExhausted: { code: [0x10, 3], functions: [{ code: [0x10, 3] }] },
    MemoryExhausted: { code: [...i32(1_000), 0x40, 0, 0x1a, 0x00] },
    Trap: { code: [0x00] },
  };
  for (const [code, behaviour] of Object.entries(cores)) {
    const bytes = coreBytes(behaviour);
    const core = load(bytes);
    const component = await openComponent(await componentOf(bytes), core.manifest.limits, nodePlatform().text);
    const [raw, wrapped] = [core.reconcile("{}"), component("{}")];
    assert.ok(!raw.ok && !wrapped.ok && raw.error.code === code && wrapped.error.code === code, `${code}: ${JSON.stringify([raw, wrapped])}`);
    assert.deepEqual(component("{}"), wrapped, "a fresh instance for each call");
  }
});
