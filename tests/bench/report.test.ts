/** What the benchmark's page says of what was measured, and of what was not. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Measures } from "./meter/phases.ts";
import { documentOf, goals, table } from "./report.ts";

const quantiles = (p50: number): Measures["writeStatus"] => ({ p50, p99: p50 * 2, max: p50 * 3 });
const run = (p50: number, burstSeconds: number): Measures => ({
  coldStart: 200, writeDeployment: quantiles(p50), writeStatus: quantiles(p50), burstSeconds, burstOperatorCpuSeconds: 1, burstControlPlaneCpuSeconds: 10,
  burstRequests: { create: 2, get: 5, patch: 1 }, burstRefused: Number.isNaN(burstSeconds) ? NaN : 0, restartIdleSeconds: 0.5, restartCpuSeconds: 1, restartWrites: 0,
  memoryIdle: 70, memoryAfterBurst: 100, memoryPeak: 100, memoryAfterRestart: 90, otherLoadCores: 0,
});

describe("the page", () => {
  it("keeps what others have written on it", () => {
    const core = "## The core\n\nWritten by hand.\n";
    const page = documentOf(["| new |"], 5, `# Benchmarks\n\n| old |\n\n${core}`);
    assert.ok(page.endsWith(core));
    assert.ok(page.includes("| new |") && !page.includes("| old |"));
    assert.equal(documentOf(["| new |"], 5, page), page);
    assert.ok(!documentOf(["| new |"], 5, "").includes("## The core"));
  });
});

describe("goals", () => {
  it("compare medians with the fastest peer's", () => {
    const runs = new Map([["toque", [run(5, 10), run(5, 10), run(50, 10)]], ["quick", [run(4, 10)]], ["slow", [run(9, 9)]]]);
    assert.match(goals(runs), /event to status p50 \| 1\.25 of quick \| at most 1\.1 \| no/);
    assert.match(goals(runs), /burst of 1,000 \| 1\.11 of slow \| at most 1\.1 \| no/);
    assert.match(goals(runs), /restart with 1,000: writes \| 0 \| at most 0 \| yes/);
  });

  it("say of what was not measured that it was not", () => {
    const runs = new Map([["toque", [run(5, NaN)]], ["peer", [run(5, NaN)]]]);
    assert.match(goals(runs), /burst of 1,000 \| not measured/);
    assert.match(table(runs), /burst: all done, s \| - \| - \|/);
    assert.match(table(runs), /burst: requests that write \| - \| - \|/);
  });
});
