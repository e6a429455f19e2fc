/** A new leader and its warm cache, on a real API server: with more objects than a list of one holds. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startControlPlane, type ControlPlane } from "../../tests/support/control-plane.ts";
import { until } from "../../tests/support/wait.ts";
import { connectTo, loadTarget, nodePlatform } from "../platform/node/index.ts";
import { compareResourceVersions } from "./contracts.ts";
import { createInformers } from "./informers.ts";
import { SILENT } from "./log.ts";
import { compileProjection } from "./projection.ts";
import { caughtUp } from "./take-over.ts";

const CONFIG_MAP = { apiVersion: "v1", kind: "ConfigMap", plural: "configmaps", namespaced: true };
const PROJECTION = compileProjection({ ConfigMap: { fields: { data: { type: { map: { scalar: "string" } } } } } }, "ConfigMap");

let plane: ControlPlane | undefined;
let skipped = "";
before(async () => {
  const started = await startControlPlane({ audit: [] });
  if ("skipped" in started) skipped = started.skipped;
  else plane = started;
});
after(async () => { await plane?.stop(); });

test("it catches up though there are many objects, and its cache then holds the last write", async (t) => {
  if (plane === undefined) return t.skip(skipped);
  const platform = nodePlatform();
  const transport = connectTo(await loadTarget({ file: plane.kubeconfig }));
  const informers = createInformers({ transport, platform });
  t.after(() => {
    informers.close();
    transport.close();
  });
  const store = informers.watch(CONFIG_MAP, PROJECTION);
  await until("the first list", () => store.synced);
  let last = "";
  for (const name of ["a", "b", "c"]) {
    const made = await plane.api.apply(`/api/v1/namespaces/default/configmaps/${name}`, { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data: {} });
    last = (made as { metadata: { resourceVersion: string } }).metadata.resourceVersion;
  }
  assert.ok(compareResourceVersions(await informers.currentVersion(CONFIG_MAP), last) >= 0);
  await caughtUp(store, informers, platform, SILENT, () => true);
  assert.ok(store.get("default/c") !== undefined);
  assert.ok(compareResourceVersions(store.resourceVersion, last) >= 0);
});
