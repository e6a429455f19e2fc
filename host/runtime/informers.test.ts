/**
 * Watches against a real kube-apiserver and etcd, through a proxy that cuts, stalls and damages what passes.
 */
import assert from "node:assert/strict";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { after, before, test, type TestContext } from "node:test";
import type { TypeDef } from "../../bindings/protocol/manifest.ts";
import { startControlPlane, type ControlPlane } from "../../tests/support/control-plane.ts";
import { until } from "../../tests/support/wait.ts";
import { connectTo, loadTarget, nodePlatform } from "../platform/node/index.ts";
import type { NodeTransport } from "../platform/node/index.ts";
import { ApiError, type Informers, type Store } from "./contracts.ts";
import { createInformers, type InformersOptions, type WatchLog } from "./informers.ts";
import { compileProjection } from "./projection.ts";

const map = { type: { map: { scalar: "string" } } } as const;
const TYPES: { [name: string]: TypeDef } = {
  ConfigMap: { fields: { metadata: { type: { object: "Meta" } }, data: map } },
  Secret: { fields: { metadata: { type: { object: "Meta" } }, data: map } },
  Meta: { fields: { labels: map, annotations: map } },
};
const CONFIG_MAP = { apiVersion: "v1", kind: "ConfigMap", plural: "configmaps", namespaced: true };
const DATA = compileProjection(TYPES, "ConfigMap");

let plane: ControlPlane | undefined;
let skipped = "";
before(async () => {
  const started = await startControlPlane({ audit: [], users: [{ name: "nobody" }], apiServerFlags: ["--min-request-timeout=5"] });
  if ("skipped" in started) skipped = started.skipped;
  else {
    plane = started;
    quietly = await watchQuietly(started);
  }
});
after(async () => { await plane?.stop(); });

/** A store of a quiet namespace, and a write elsewhere: begun early, for a bookmark comes seconds before a watch's own time limit. */
interface Quiet { store: Store; written: string; changes: unknown[]; logs: WatchLog[]; informers: Informers; transport: NodeTransport }
let quietly: Quiet | undefined;
async function watchQuietly(started: ControlPlane): Promise<Quiet> {
  const transport = connectTo(await loadTarget({ file: started.kubeconfig }));
  const logs: WatchLog[] = [];
  const platform = { ...nodePlatform(), random: { next: () => 0 } };
  const informers = createInformers({ transport, platform, namespaces: ["kube-public"], tuning: { watchSecondsMin: 9 }, log: (entry) => logs.push(entry) });
  const store = informers.watch(CONFIG_MAP, DATA);
  await synced(store);
  const changes: unknown[] = [];
  store.onChange((change) => changes.push(change));
  const object = await started.api.apply(path("default", "unrelated"), { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "unrelated" }, data: { v: "1" } });
  return { store, written: (object as { metadata: { resourceVersion: string } }).metadata.resourceVersion, changes, logs, informers, transport };
}

interface World { plane: ControlPlane; informers: Informers; transport: NodeTransport; proxy: Proxy; logs: WatchLog[] }

/** Informers on the real API server, behind a proxy of their own. */
async function world(t: TestContext, options: Partial<InformersOptions> = {}, kubeconfig?: string): Promise<World | undefined> {
  if (plane === undefined) {
    t.skip(skipped);
    return undefined;
  }
  const target = await loadTarget({ file: kubeconfig ?? plane.kubeconfig });
  const proxy = await startProxy(Number(target.url.port));
  const transport = connectTo({ ...target, url: new URL(`https://127.0.0.1:${proxy.port}`) });
  const logs: WatchLog[] = [];
  const informers = createInformers({ transport, platform: nodePlatform(), log: (entry) => logs.push(entry), ...options });
  t.after(() => {
    informers.close();
    transport.close();
    proxy.close();
  });
  return { plane, informers, transport, proxy, logs };
}

interface Proxy { readonly port: number; readonly open: number; cut(): void; stall(): void; close(): void }

/** A TCP proxy. `cut` ends all connections; `stall` leaves them open, and silent for ever. */
async function startProxy(target: number): Promise<Proxy> {
  const pairs = new Set<[Socket, Socket]>();
  const server = createServer((near) => {
    const far = connect(target, "127.0.0.1");
    const pair: [Socket, Socket] = [near, far];
    pairs.add(pair);
    near.pipe(far).pipe(near);
    for (const socket of pair) {
      socket.on("error", () => undefined);
      socket.on("close", () => {
        pairs.delete(pair);
        for (const other of pair) other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const each = (act: (near: Socket, far: Socket) => void): void => { for (const [near, far] of [...pairs]) act(near, far); };
  return {
    port: (server.address() as AddressInfo).port,
    get open() { return pairs.size; },
    cut: () => each((near) => near.resetAndDestroy()),
    stall: () => each((near, far) => { near.unpipe(far); far.unpipe(near); near.pause(); far.resume(); }),
    close() {
      server.close();
      each((near) => near.destroy());
    },
  };
}

const path = (namespace: string, name: string): string => `/api/v1/namespaces/${namespace}/configmaps/${name}`;
async function put(world: World, namespace: string, name: string, v: string): Promise<string> {
  const made = await world.plane.api.apply(path(namespace, name), { apiVersion: "v1", kind: "ConfigMap", metadata: { name, labels: { app: "x" } }, data: { v } });
  return (made as { metadata: { resourceVersion: string } }).metadata.resourceVersion;
}
async function newNamespace(world: World, name: string): Promise<string> {
  await world.plane.api.apply(`/api/v1/namespaces/${name}`, { apiVersion: "v1", kind: "Namespace", metadata: { name } });
  return name;
}
/** Writes and deletes ConfigMaps behind the API server's back: fast, and while it is down. */
async function inEtcd(world: World, namespace: string, puts: readonly string[], deletes: readonly string[] = []): Promise<void> {
  const base64 = (value: string): string => Buffer.from(value).toString("base64");
  const key = (name: string): string => base64(`/registry/configmaps/${namespace}/${name}`);
  const value = (name: string): string => base64(JSON.stringify({
    kind: "ConfigMap", apiVersion: "v1", data: { v: name.replace(/\D/g, "") },
    metadata: { name, namespace, uid: crypto.randomUUID(), creationTimestamp: "2026-11-22T00:00:00Z", labels: { app: "x" } },
  }));
  const operations = [
    ...puts.map((name) => ({ requestPut: { key: key(name), value: value(name) } })),
    ...deletes.map((name) => ({ requestDeleteRange: { key: key(name) } })),
  ];
  for (let i = 0; i < operations.length; i += 100) {
    const answer = await fetch(`${world.plane.etcdUrl}/v3/kv/txn`, { method: "POST", body: JSON.stringify({ success: operations.slice(i, i + 100) }) });
    assert.equal(answer.status, 200, await answer.text());
  }
}
const synced = (store: Store): Promise<boolean> => until("the first list is in", () => store.synced);
const sees = (store: Store, key: string, v: string): Promise<boolean> =>
  until(`${key} is seen as ${v}`, () => store.get(key)?.text(DATA).includes(`"v":"${v}"`) === true);

test("list, watch, read fresh: one text of one object, however it came", async (t) => {
  const made = await world(t);
  if (made === undefined) return;
  const { informers } = made;
  const ns = await newNamespace(made, "plain");
  await put(made, ns, "a", "line\n\u00fc\u{1f600}<&>");
  const store = informers.watch(CONFIG_MAP, DATA, { applyManager: "toque-test" });
  await synced(store);
  const listed = store.get(`${ns}/a`)!;
  assert.equal((JSON.parse(listed.text(DATA)) as { data: { v: string } }).data.v, "line\n\u00fc\u{1f600}<&>");
  assert.deepEqual(JSON.parse(listed.applied.get("toque-test")!), { "f:data": { "f:v": {} }, "f:metadata": { "f:labels": { "f:app": {} } } });
  assert.deepEqual({ ...listed.labels }, { app: "x" });
  await put(made, ns, "a", "2");
  await sees(store, `${ns}/a`, "2");
  const watched = store.get(`${ns}/a`)!;
  const fresh = await informers.readFresh(CONFIG_MAP, ns, "a");
  assert.equal(fresh!.text(DATA), watched.text(DATA));
  const list = await informers.listFresh(CONFIG_MAP, { namespace: ns, labelSelector: "app=x" });
  assert.deepEqual(list.items.map((item) => item.text(DATA)), [watched.text(DATA)]);
  assert.equal(await informers.readFresh(CONFIG_MAP, ns, "nope"), undefined);
  await assert.rejects(informers.readFresh({ ...CONFIG_MAP, apiVersion: "example.dev/v9" }, ns, "a"), (error: unknown) => error instanceof ApiError && error.status === 404);
  await made.plane.api.must("DELETE", path(ns, "a"));
  await until("the deletion is seen", () => store.get(`${ns}/a`) === undefined);
});

test("a cut connection resumes without a list, and misses nothing", async (t) => {
  const made = await world(t);
  if (made === undefined) return;
  const ns = await newNamespace(made, "cut");
  const store = made.informers.watch(CONFIG_MAP, DATA);
  await synced(store);
  const changes: string[] = [];
  store.onChange(({ before: was, after: is }) => { if ((is ?? was)!.ref.namespace === ns) changes.push(is?.resourceVersion ?? "gone"); });
  const written: string[] = [];
  for (let i = 0; i < 20; i++) {
    written.push(await put(made, ns, "a", `${i}`));
    if (i % 5 === 2) made.proxy.cut();
  }
  await sees(store, `${ns}/a`, "19");
  assert.deepEqual(changes, written);
  assert.equal(store.trouble, undefined);
  assert.ok(!made.logs.some(({ message }) => /listing again/.test(message)), JSON.stringify(made.logs));
});

test("a connection that falls silent is noticed and replaced", async (t) => {
  const made = await world(t, { tuning: { silentAfterMs: 1_500 } });
  if (made === undefined) return;
  const ns = await newNamespace(made, "silent");
  const store = made.informers.watch(CONFIG_MAP, DATA);
  await synced(store);
  await until("the watch is open", () => made.proxy.open >= 2);
  made.proxy.stall();
  await put(made, ns, "a", "behind the silence");
  await sees(store, `${ns}/a`, "behind the silence");
});

test("5,000 objects in pages", async (t) => {
  const made = await world(t, { namespaces: ["many"] });
  if (made === undefined) return;
  const ns = await newNamespace(made, "many");
  await inEtcd(made, ns, Array.from({ length: 5_000 }, (_, i) => `cm-${i}`));
  const store = made.informers.watch(CONFIG_MAP, DATA);
  const started = performance.now();
  await synced(store);
  t.diagnostic(`5,000 ConfigMaps listed in ${(performance.now() - started).toFixed(0)} ms`);
  assert.equal(store.list().filter(({ ref }) => ref.name.startsWith("cm-")).length, 5_000);
  assert.equal(store.get(`${ns}/cm-4999`)!.text(DATA).includes('"v":"4999"'), true);
  await assert.rejects(made.informers.listFresh(CONFIG_MAP, { limit: 100 }), /more than 100 objects/);
  // Only this namespace is watched.
  await put(made, "default", "elsewhere", "1");
  await put(made, ns, "here", "1");
  await sees(store, `${ns}/here`, "1");
  assert.equal(store.get("default/elsewhere"), undefined);
});

test("bookmarks move a store on when nothing of its own happens", async (t) => {
  if (quietly === undefined) return t.skip(skipped);
  const { store, written, changes, logs, informers, transport } = quietly;
  t.after(() => {
    informers.close();
    transport.close();
  });
  await until("a bookmark passes the write", () => BigInt(store.resourceVersion) >= BigInt(written));
  assert.deepEqual([changes, logs], [[], []]);
});

test("API server killed, history compacted, API server back: 410, a list, and only what differs is told", async (t) => {
  const made = await world(t);
  if (made === undefined) return;
  const ns = await newNamespace(made, "compacted");
  await put(made, ns, "stays", "1");
  await put(made, ns, "goes", "1");
  const store = made.informers.watch(CONFIG_MAP, DATA);
  await synced(store);
  await made.plane.killApiServer();
  await until("trouble shows", () => store.trouble !== undefined);
  assert.match(store.trouble!, /can't watch configmaps|can't list configmaps/);
  assert.equal(store.list(ns).length, 2);
  const changes: string[] = [];
  store.onChange(({ before: was, after: is }) => { if ((is ?? was)!.ref.namespace === ns) changes.push(`${was === undefined ? "+" : is === undefined ? "-" : "~"}${(is ?? was)!.ref.name}`); });
  await inEtcd(made, ns, ["comes-1"], ["goes"]);
  await made.plane.compact();
  await made.plane.startApiServer();
  await sees(store, `${ns}/comes-1`, "1");
  await until("all is well again", () => store.trouble === undefined);
  assert.ok(made.logs.some(({ message }) => /is no longer to be had.*listing again/.test(message)), JSON.stringify(made.logs));
  assert.deepEqual(changes.sort(), ["+comes-1", "-goes"]);
});

test("a kind that is not served yet, and one that is not allowed: trouble in words until mended", async (t) => {
  const made = await world(t, { tuning: { backoffMsMax: 500 } });
  if (made === undefined) return;
  const widgets = { apiVersion: "example.dev/v1", kind: "Widget", plural: "widgets", namespaced: true };
  const store = made.informers.watch(widgets, DATA);
  await until("trouble shows", () => store.trouble !== undefined);
  assert.match(store.trouble!, /does not serve example\.dev\/v1 Widget \(widgets\.example\.dev\): install its CustomResourceDefinition/);
  await made.plane.api.apply("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.dev", {
    apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition", metadata: { name: "widgets.example.dev" },
    spec: { group: "example.dev", scope: "Namespaced", names: { plural: "widgets", kind: "Widget" }, versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } } }] },
  });
  await synced(store);
  assert.equal(store.trouble, undefined);

  const limited = await world(t, { tuning: { backoffMsMax: 500 } }, made.plane.user("nobody").kubeconfig);
  const refused = limited!.informers.watch(CONFIG_MAP, DATA);
  await until("trouble shows", () => refused.trouble !== undefined);
  assert.match(refused.trouble!, /not allowed to list configmaps in all namespaces: grant the verbs list and watch/);
});

test("a Secret watched by name shows keys and hashes, and is watched alone", async (t) => {
  const made = await world(t);
  if (made === undefined) return;
  const kind = { apiVersion: "v1", kind: "Secret", plural: "secrets", namespaced: true };
  const projection = compileProjection(TYPES, "Secret", { secret: true });
  const store = made.informers.watchOne(kind, projection, "default", "login");
  await synced(store);
  const secret = (password: string): object => ({ apiVersion: "v1", kind: "Secret", metadata: { name: "login" }, stringData: { password } });
  await made.plane.api.apply("/api/v1/namespaces/default/secrets/other", { apiVersion: "v1", kind: "Secret", metadata: { name: "other" } });
  await made.plane.api.apply("/api/v1/namespaces/default/secrets/login", secret("hunter2-hunter2"));
  const first = await until("it is seen", () => store.get("default/login"));
  await made.plane.api.apply("/api/v1/namespaces/default/secrets/login", secret("correct horse"));
  await until("the change is seen", () => store.get("default/login") !== first);
  const texts = [first, store.get("default/login")!].map((object) => object.text(projection));
  assert.notEqual(texts[0], texts[1]);
  for (const text of texts) assert.doesNotMatch(text, /hunter2|aHVudGVy|correct|Y29ycmVjd/);
  assert.equal(store.list().length, 1);
  const fresh = await made.informers.readFresh(kind, "default", "login");
  assert.equal(fresh!.text(projection), texts[1]);
});
