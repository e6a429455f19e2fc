import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { METRICS, type MetricName } from "../runtime/metrics.ts";
import { prometheusMetrics } from "./metrics.ts";

test("every metric can be written with its labels, and is shown", async () => {
  const metrics = prometheusMetrics();
  for (const [name, { type, labels }] of Object.entries(METRICS)) {
    const values = Object.fromEntries(labels.map((label) => [label, "x"]));
    const write = type === "counter" ? metrics.add : type === "gauge" ? metrics.set : metrics.observe;
    write(name as MetricName, values, 1);
  }
  const text = await metrics.registry.metrics();
  for (const name of Object.keys(METRICS)) assert.match(text, new RegExp(`^${name}`, "m"));
});

test("a label that a metric does not have is left out, never an error that ends the host", async () => {
  const metrics = prometheusMetrics();
  metrics.set("controller_runtime_active_workers", { controller: "a", name: "b" }, 3);
  assert.match(await metrics.registry.metrics(), /controller_runtime_active_workers\{controller="a"\} 3/);
});

test("a gauge that is read shows what is so when somebody looks", async () => {
  const metrics = prometheusMetrics();
  const depth = { a: 1, b: 2 };
  for (const name of ["a", "b"] as const) metrics.gauge("workqueue_depth", { name, controller: name }, () => depth[name]);
  depth.b = 7;
  const text = await metrics.registry.metrics();
  assert.match(text, /workqueue_depth\{name="a",controller="a"\} 1/);
  assert.match(text, /workqueue_depth\{name="b",controller="b"\} 7/);
});

test("the runtime names only metrics that are defined", () => {
  const folder = new URL("../runtime/", import.meta.url);
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".ts"))) {
    for (const [, name] of readFileSync(new URL(file, folder), "utf8").matchAll(/[mM]etrics\.(?:add|set|gauge|observe)\("([a-z_]+)"/g)) assert.ok(name! in METRICS, `${file}: ${name}`);
  }
});
