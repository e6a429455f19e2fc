/** Several namespaces against a real kube-apiserver: one store, a watch for each, and nothing from anywhere else. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { startControlPlane, type ControlPlane } from "../../tests/support/control-plane.ts";
import { until } from "../../tests/support/wait.ts";
import { nodePlatform, nodeTransport, type NodeTransport } from "../platform/node/index.ts";
import type { Change, Informers, Store } from "./contracts.ts";
import { createInformers } from "./informers.ts";
import { partOf, partsOf } from "./merged-store.ts";
import { compileProjection } from "./projection.ts";
import { caughtUp } from "./take-over.ts";
import { SILENT } from "./log.ts";

const CONFIG_MAP = { apiVersion: "v1", kind: "ConfigMap", plural: "configmaps", namespaced: true };
const NAMESPACE = { apiVersion: "v1", kind: "Namespace", plural: "namespaces", namespaced: false };
const DATA = compileProjection({ ConfigMap: { fields: { data: { type: { map: { scalar: "string" } } } } } }, "ConfigMap");
const started = await startControlPlane();
const skip = "skipped" in started ? started.skipped : false;
const plane = started as ControlPlane;
const path = (namespace: string, name: string): string => `/api/v1/namespaces/${namespace}/configmaps/${name}`;
const keys = (store: Store): string[] => store.list().map(({ ref }) => `${ref.namespace}/${ref.name}`);

describe("one kind in several namespaces", { skip }, () => {
  let transport: NodeTransport;
  let informers: Informers;
  let store: Store;
  const changes: Change[] = [];

  async function put(namespace: string, name: string, labels: object = {}): Promise<string> {
    const made = await plane.api.apply(path(namespace, name), { apiVersion: "v1", kind: "ConfigMap", metadata: { name, labels, ownerReferences: [{ apiVersion: "v1", kind: "Node", name: "o", uid: "o" }] }, data: { v: "1" } });
    return made.metadata.resourceVersion as string;
  }

  before(async () => {
    for (const name of ["a", "a-b", "c"]) await plane.api.apply(`/api/v1/namespaces/${name}`, { apiVersion: "v1", kind: "Namespace", metadata: { name } });
    for (const namespace of ["a", "a-b", "c"]) await put(namespace, "one");
    ({ transport } = await nodeTransport({ file: plane.kubeconfig }));
    informers = createInformers({ transport, platform: nodePlatform(), namespaces: ["a", "a-b", "a"] });
    store = informers.watch(CONFIG_MAP, DATA);
    store.onChange((change) => changes.push(change));
    await until("both lists are in", () => store.synced);
  });
  after(async () => {
    informers.close();
    transport.close();
    await plane.stop();
  });

  it("shows those, sorted by key, and nothing of the others", () => {
    assert.deepEqual(keys(store), ["a-b/one", "a/one"]);
    assert.deepEqual([store.get("a/one")?.ref.namespace, store.get("a-b/one")?.ref.namespace, store.get("c/one"), store.get("one")], ["a", "a-b", undefined, undefined]);
    assert.deepEqual([store.list("a").length, store.list("c").length, store.ownedBy("o").length], [1, 0, 2]);
  });

  it("has one watch for each, however often it is asked for, and one for what has no namespace", async () => {
    assert.equal(informers.watch(CONFIG_MAP, DATA), store);
    const namespaces = informers.watch(NAMESPACE, DATA);
    await until("namespaces are in", () => namespaces.synced);
    assert.deepEqual([partsOf(store).map(({ namespace }) => namespace), partsOf(namespaces).length], [["a-b", "a"], 1]);
    const watched = plane.audit().filter(({ verb }) => verb === "watch").map(({ requestURI }) => requestURI.split("?")[0]);
    assert.deepEqual(watched.sort(), ["/api/v1/namespaces", "/api/v1/namespaces/a-b/configmaps", "/api/v1/namespaces/a/configmaps"]);
  });

  it("tells changes of both, and how far each has come by itself", async () => {
    changes.length = 0;
    const written = await put("a", "two", { app: "x" });
    await until("the change is seen", () => store.get("a/two") !== undefined);
    await put("c", "two");
    assert.deepEqual(changes.map(({ after: is }) => is?.ref.name), ["two"]);
    assert.deepEqual(store.labelled("app", "x").map(({ ref }) => ref.name), ["two"]);
    // What a pass waits for after its own write: the watch of that namespace, however quiet the other is.
    assert.ok(BigInt(partOf(store, "a")!.resourceVersion) >= BigInt(written));
    assert.ok(BigInt(partOf(store, "a-b")!.resourceVersion) < BigInt(written));
    assert.throws(() => store.resourceVersion, /ask the part/);
    assert.equal(partOf(store, "c"), undefined);
  });

  it("catches up part by part when the lead is taken over, and lists fresh what it watches", async () => {
    for (const part of partsOf(store)) await caughtUp(part, informers, nodePlatform(), SILENT, () => true);
    assert.deepEqual((await informers.listFresh(CONFIG_MAP, {})).items.map(({ ref }) => `${ref.namespace}/${ref.name}`).sort(), ["a-b/one", "a/one", "a/two"]);
    assert.deepEqual((await informers.listFresh(CONFIG_MAP, { namespace: "c" })).items.length, 2);
  });
});
