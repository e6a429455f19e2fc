/** The raw path and the component run the same code: same text in, same text out, same fuel, same failures. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { loadCore } from "../../host/core/load.ts";
import { i32 } from "../../host/core/testing/assembler.ts";
import { type Behaviour, coreBytes, load } from "../../host/core/testing/cores.ts";
import { nodePlatform } from "../../host/platform/node/index.ts";
import { buildOperator } from "../compile/index.ts";
import { componentOf } from "./component.ts";
import { openComponent } from "./run.ts";

const MYAPP = new URL("../../assembly/operators/myapp/", import.meta.url).pathname;

/** Observations of a MyApp: as it comes and goes, with text that tries the strings, and broken ones. */
function corpus(): string[] {
  const observed = (change: object = {}, spec: object = {}) => JSON.stringify({
    protocol: 1, mode: "reconcile", now: "2026-01-01T00:00:00.000Z",
    primary: {
      apiVersion: "example.dev/v1", kind: "MyApp", metadata: { name: "web", namespace: "default", uid: "u1", generation: 1 },
      spec: { image: "nginx:1", replicas: 3, port: 80, ...spec },
    },
    owned: [], strays: [], answers: {}, lastResults: [], ...change,
  });
  const answered = { answers: { "list autoscaling/v2 HorizontalPodAutoscaler default?": { state: "value", value: [] } } };
  return [
    observed(), observed(answered), observed(answered, { replicas: undefined }), observed(answered, { env: [{ name: "Ü", value: "世界 \u{1f468}\u200d\u{1f373} \"\\\n" }] }),
    observed(answered, { image: "x".repeat(10_000) }), observed(answered, { replicas: "three" }), observed({ protocol: 2 }), "{}", "", "[", "null",
  ];
}

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
