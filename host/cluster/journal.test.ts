import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { nodePlatform } from "../platform/node/index.ts";
import { openJournal } from "../platform/node/journal.ts";
import { createCluster } from "./cluster.ts";
import type { ClusterObject } from "./model.ts";
import type { Storage } from "./storage/storage.ts";
import { until } from "../../tests/support/wait.ts";

const folder = mkdtempSync(join(tmpdir(), "toque-cluster-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const CONFIG_MAPS = { group: "", version: "v1", resource: "configmaps" };
const DEFINITIONS = { group: "apiextensions.k8s.io", version: "v1", resource: "customresourcedefinitions" };
const configMap = (name: string, data: { [key: string]: string }): ClusterObject => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "default" }, data });

function stateOf(storage: Storage): string[] {
  return storage.resources().flatMap((resource) => [...storage.list(resource)].map(({ key, text }) => `${resource} ${key} ${text}`));
}

test("a cluster goes on where its journal ends: objects, numbers, definitions, tokens", async () => {
  const first = openJournal(folder);
  const cluster = createCluster(nodePlatform(), { journal: first.journal });
  const client = cluster.client(cluster.admin);
  for (let n = 0; n < 50; n++) client.create(CONFIG_MAPS, configMap(`c${n}`, { n: "ä\n" }));
  for (let round = 0; round < 120; round++) for (let n = 0; n < 50; n++) client.patch(CONFIG_MAPS, "default", `c${n}`, { data: { round: String(round) } });
  client.delete(CONFIG_MAPS, "default", "c0");
  client.create(DEFINITIONS, {
    apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition", metadata: { name: "things.example.dev" },
    spec: { group: "example.dev", scope: "Namespaced", names: { plural: "things", kind: "Thing" }, versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } }] },
  });
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise<void>((resolve) => first.journal.whenDurable(resolve));
  const state = stateOf(cluster.storage);
  const { resourceVersion } = cluster.storage;
  await until("the journal is rewritten", () => first.journal.length < 6000);
  await first.journal.close();

  const second = openJournal(folder);
  assert.equal(second.mended, undefined);
  const again = createCluster(nodePlatform(), { records: second.records, journal: second.journal });
  assert.deepEqual(stateOf(again.storage), state);
  assert.equal(again.storage.resourceVersion, resourceVersion);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(again.discovery.resourceOf("example.dev/v1", "Thing")?.resource, "things");
  const made = again.client(again.admin).create(CONFIG_MAPS, configMap("later", {}));
  assert.equal(made.metadata.resourceVersion, String(resourceVersion + 1));
  await second.journal.close();
});
