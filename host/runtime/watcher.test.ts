import assert from "node:assert/strict";
import { test } from "node:test";
import type { TypeDef } from "../../bindings/protocol/manifest.ts";
import { TransportError } from "../platform/platform.ts";
import type { Change, Store } from "./contracts.ts";
import { compileProjection } from "./projection.ts";
import { bookmark, configMap, event, json, listOf, quiet, status, world, type World } from "./testing/scripted.ts";

const KIND = { apiVersion: "v1", kind: "ConfigMap", plural: "configmaps", namespaced: true };
const types = (...fields: string[]): { [name: string]: TypeDef } => ({
  ConfigMap: { fields: Object.fromEntries(fields.map((field) => [field, { type: { map: { scalar: "string" } } }])) },
});
const DATA = compileProjection(types("data"), "ConfigMap");
const NOTHING = compileProjection(types(), "ConfigMap");

interface Watching extends World { store: Store; changes: string[] }

/** A watch that has listed `a` at 10 and is open. */
async function watching(): Promise<Watching> {
  const made = world();
  made.server.answers = [listOf(10, configMap("a", 7, { v: "1" }))];
  const store = made.informers.watch(KIND, DATA);
  const changes: string[] = [];
  store.onChange((change) => changes.push(described(change)));
  await quiet();
  return { ...made, store, changes };
}

function described({ before, after }: Change): string {
  const of = (object: Change["before"]): string => (object === undefined ? "-" : `${object.ref.name}@${object.resourceVersion}`);
  return `${of(before)} > ${of(after)}`;
}

function restOf(watched: Watching): void {
  watched.informers.close();
  assert.equal(watched.time.nextInMs, undefined, "a timer outlives close()");
  assert.ok(watched.server.streams.every(({ closed }) => closed), "a stream outlives close()");
}

test("lists the latest state in pages, then watches from there with bookmarks", async () => {
  const { server, informers, store } = { ...world(), store: undefined as Store | undefined };
  const page = (next: string, name: string): ReturnType<typeof json> =>
    json(200, { items: [{ metadata: (configMap(name, 3) as { metadata: object }).metadata }], metadata: { resourceVersion: "12", continue: next } });
  server.answers = [page("more", "a"), page("", "b")];
  const watched = store ?? informers.watch(KIND, DATA);
  assert.equal(watched.synced, false);
  assert.equal(watched.resourceVersion, "");
  await quiet();
  assert.deepEqual(server.requests, ["/api/v1/configmaps?limit=500", "/api/v1/configmaps?limit=500&continue=more"]);
  assert.match(server.last.path, /^\/api\/v1\/configmaps\?watch=1&allowWatchBookmarks=true&resourceVersion=12&timeoutSeconds=450$/);
  assert.equal(watched.synced, true);
  assert.deepEqual(watched.list().map(({ ref }) => ref.name), ["a", "b"]);
  assert.equal(watched.list()[0]!.text(DATA), '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"default","uid":"uid-a"}}');
});

test("one watch for all who ask in one go", async () => {
  const { server, informers } = world();
  server.answers = [listOf(10, configMap("a", 7, { v: "1" }))];
  const [first, second] = [informers.watch(KIND, DATA), informers.watch(KIND, NOTHING)];
  assert.equal(informers.watch(KIND, DATA), first);
  await quiet();
  assert.equal(server.requests.length, 1);
  assert.equal(server.streams.length, 1);
  assert.ok(first.synced && second.synced);
  assert.ok(!second.get("default/a")!.text(NOTHING).includes('"data"'));
});

test("events change the store in order, and what is not newer is dropped", async () => {
  const watched = await watching();
  const { server, store, changes } = watched;
  changes.length = 0;
  server.last.send(
    event("MODIFIED", configMap("a", 11, { v: "2" })), event("ADDED", configMap("b", 12)),
    event("MODIFIED", configMap("a", 11, { v: "again" })), event("MODIFIED", configMap("a", 5, { v: "old" })), bookmark(9),
    event("DELETED", configMap("b", 13)), event("ADDED", configMap("b", 12)),
  );
  assert.deepEqual(changes, ["a@7 > a@11", "- > b@12", "b@12 > -"]);
  assert.equal(store.resourceVersion, "13");
  assert.match(store.get("default/a")!.text(DATA), /"v":"2"/);
  let progress = 0;
  store.onProgress(() => progress++);
  server.last.send(bookmark(40));
  assert.deepEqual([store.resourceVersion, progress], ["40", 1]);
  restOf(watched);
});

test("an object recreated under its name is a removal and an addition", async () => {
  const watched = await watching();
  watched.changes.length = 0;
  watched.server.last.send(event("MODIFIED", configMap("a", 11, {}, "another")));
  assert.deepEqual(watched.changes, ["a@7 > -", "- > a@11"]);
  restOf(watched);
});

test("after a cut it resumes from where it was, nearly at once, without a list", async () => {
  const watched = await watching();
  const { server, time, store } = watched;
  server.last.send(bookmark(20));
  server.last.sink.onError(new TransportError("Unknown", "cut"));
  await time.pass(60);
  assert.equal(server.streams.length, 2);
  assert.match(server.last.path, /resourceVersion=20&/);
  assert.equal(server.requests.length, 1);
  assert.equal(store.trouble, undefined);
  // The server's own time limit is no failure at all.
  server.last.send(bookmark(21));
  server.last.sink.onEnd();
  await quiet();
  assert.match(server.last.path, /resourceVersion=21&/);
  restOf(watched);
});

for (const [how, expire] of [
  ["as an answer", (w: Watching) => { w.server.last.sink.onHead(410, {}); w.server.last.send({ kind: "Status", code: 410, reason: "Expired", message: "too old" }); w.server.last.sink.onEnd(); }],
  ["as an event", (w: Watching) => w.server.last.send(event("ERROR", { kind: "Status", code: 410, reason: "Expired", message: "too old" }))],
] as const) {
  test(`410 ${how}: lists again and tells only what differs`, async () => {
    const watched = await watching();
    const { server, store, changes, time } = watched;
    server.last.send(event("ADDED", configMap("b", 11)), event("ADDED", configMap("c", 12)));
    server.last.sink.onError(new TransportError("Unknown", "cut"));
    server.accepts = how === "as an event";
    await time.pass(60);
    changes.length = 0;
    server.answers = [listOf(90, configMap("a", 7, { v: "1" }), configMap("c", 50), configMap("d", 60))];
    server.accepts = true;
    expire(watched);
    await quiet();
    assert.deepEqual(changes, ["b@11 > -", "c@12 > c@50", "- > d@60"]);
    assert.match(server.last.path, /resourceVersion=90&/);
    assert.equal(store.trouble, undefined);
    restOf(watched);
  });
}

test("a list whose snapshot is compacted away between two pages starts over", async () => {
  const { server, informers } = world();
  const first = json(200, { items: [configMap("gone", 3)], metadata: { resourceVersion: "12", continue: "x" } });
  const gone = status(410, "Expired", "the provided continue parameter is too old");
  server.answers = [first, gone, first, gone, listOf(20, configMap("a", 15))];
  const store = informers.watch(KIND, DATA);
  await quiet();
  assert.equal(server.requests.at(-1), "/api/v1/configmaps");
  assert.deepEqual(store.list().map(({ ref }) => ref.name), ["a"]);
  assert.equal(store.resourceVersion, "20");
});

test("a list older than what was seen is refused: the cache never goes back", async () => {
  const watched = await watching();
  const { server, store, changes, time } = watched;
  server.last.send(event("MODIFIED", configMap("a", 30, { v: "3" })));
  changes.length = 0;
  server.answers = [listOf(20), listOf(20), listOf(31, configMap("a", 30, { v: "3" }))];
  server.last.send(event("ERROR", { kind: "Status", code: 410, reason: "Expired", message: "too old" }));
  await time.pass(60);
  assert.equal(store.resourceVersion, "30");
  assert.match(store.trouble ?? "", /older state \(20\) than was seen before \(30\)/);
  await time.pass(20_000);
  assert.deepEqual(changes, []);
  assert.equal(store.trouble, undefined);
  assert.equal(store.resourceVersion, "31");
  restOf(watched);
});

test("a silent connection is dropped, one with bookmarks is not", async () => {
  const watched = await watching();
  const { server, time } = watched;
  for (let i = 1; i <= 5; i++) {
    await time.pass(60_000);
    server.last.send(bookmark(20 + i));
  }
  assert.equal(server.streams.length, 1);
  await time.pass(91_000);
  assert.equal(server.streams.length, 2);
  assert.ok(server.streams[0]!.closed);
  assert.match(server.last.path, /resourceVersion=25&/);
  restOf(watched);
});

test("retries quickly first, then backs off to a bound, and says what is wrong", async () => {
  const watched = await watching();
  const { server, time, store } = watched;
  server.accepts = false;
  const delays: number[] = [];
  server.last.sink.onError(new TransportError("Unknown", "cut"));
  for (let i = 0; i < 12; i++) {
    await quiet();
    const delayMs = time.nextInMs!;
    delays.push(delayMs);
    const opened = server.streams.length;
    await time.pass(delayMs);
    assert.equal(server.streams.length, opened + 1);
    server.last.sink.onError(new TransportError("NotSent", "127.0.0.1:6443: connection refused"));
  }
  assert.deepEqual(delays.slice(0, 5), [30, 150, 300, 600, 1200]);
  assert.equal(Math.max(...delays), 7_500);
  assert.equal(store.trouble, "can't watch configmaps: 127.0.0.1:6443: connection refused");
  assert.equal(store.synced, true);
  server.accepts = true;
  await time.pass(10_000);
  assert.equal(store.trouble, undefined);
  restOf(watched);
});

test("a watch that ends as soon as it begins is no success: it backs off too", async () => {
  const watched = await watching();
  const { server, time, store } = watched;
  for (let i = 0; i < 60; i++) {
    if (!server.last.closed) server.last.sink.onEnd();
    await time.pass(1_000);
  }
  assert.ok(server.streams.length < 25, `${server.streams.length} watches in a minute`);
  assert.ok(store.trouble === undefined || /ends the watch as soon as it begins/.test(store.trouble));
  restOf(watched);
});

test("the server's Retry-After is honoured", async () => {
  const { server, informers, time } = world();
  server.answers = [{ ...status(429, "TooManyRequests", "slow down"), headers: { "retry-after": "7" } }, listOf(5)];
  const store = informers.watch(KIND, DATA);
  await time.pass(6_900);
  assert.equal(server.requests.length, 1);
  await time.pass(200);
  assert.ok(store.synced);
});

for (const [code, reason, words] of [
  [401, "Unauthorized", /refuses the credentials.*renew the token/],
  [403, "Forbidden", /not allowed to list configmaps in all namespaces: grant the verbs list and watch on configmaps/],
  [404, "NotFound", /does not serve v1 ConfigMap \(configmaps\): install its CustomResourceDefinition/],
] as const) {
  test(`${code} is trouble in words, and it goes on trying`, async () => {
    const { server, informers, time, logs } = world();
    server.answers = [status(code, reason, "no")];
    const store = informers.watch(KIND, DATA);
    await time.pass(5_000);
    assert.match(store.trouble ?? "", words);
    assert.equal(store.synced, false);
    assert.equal(logs.filter(({ message }) => message === store.trouble).length, 1, "said once, not at each try");
    server.answers = [listOf(9)];
    await time.pass(10_000);
    assert.deepEqual([store.trouble, store.synced], [undefined, true]);
  });
}

test("an event of damaged bytes costs itself only, and a list brings what it said", async () => {
  const watched = await watching();
  const { server, store, logs, time } = watched;
  server.last.send(`{"type":"MODIFIED","object":{"metadata":{"name":"a","uid":"uid-a",#`, event("ADDED", configMap("b", 12)));
  assert.equal(store.get("default/b")?.resourceVersion, "12");
  assert.ok(logs.some(({ level, message }) => level === "error" && /not JSON.*at byte/.test(message)), JSON.stringify(logs));
  server.answers = [listOf(20, configMap("a", 11, { v: "2" }), configMap("b", 12))];
  await time.pass(5_000);
  assert.equal(store.get("default/a")?.resourceVersion, "11");
  restOf(watched);
});

test("an object that is none is passed over, in a watch and in a list", async () => {
  const watched = await watching();
  const { server, store, logs } = watched;
  server.last.send(event("ADDED", { metadata: { name: "odd", namespace: "default", uid: "u" } }), event("ADDED", { metadata: { name: "odd", uid: 7, resourceVersion: "11" } }), event("ODD", {}), event("ADDED", configMap("b", 12)));
  assert.equal(store.get("default/b")?.resourceVersion, "12");
  assert.deepEqual(logs.map(({ message }) => message), [
    "passed over in the watch: default/odd has no decimal metadata.resourceVersion",
    "passed over in the watch: metadata.uid of odd is of the wrong type",
    'passed over in the watch: an event of the unknown type "ODD"',
  ]);
  // In a list one that is known by its name is not taken for gone.
  server.answers = [listOf(20, { metadata: { name: "a", namespace: "default" } }, configMap("b", 12))];
  server.last.send(event("ERROR", { kind: "Status", code: 410, message: "too old" }));
  await quiet();
  assert.deepEqual(store.list().map(({ ref }) => ref.name), ["a", "b"]);
  restOf(watched);
});

test("another projection extends the running watch: one list more, no events, no gap", async () => {
  const watched = await watching();
  const { server, store, changes, informers } = watched;
  changes.length = 0;
  server.answers = [listOf(15, configMap("a", 7, { v: "1" }))];
  const late = informers.watch(KIND, NOTHING);
  const lateChanges: string[] = [];
  late.onChange((change) => lateChanges.push(described(change)));
  assert.deepEqual([store.synced, late.synced], [true, false]);
  assert.match(store.get("default/a")!.text(DATA), /data/);
  await quiet();
  assert.equal(late.synced, true);
  assert.ok(server.streams[0]!.closed);
  assert.equal(server.requests.length, 2);
  const object = late.get("default/a")!;
  assert.ok(!object.text(NOTHING).includes('"data"'));
  assert.match(object.text(DATA), /data/);
  assert.deepEqual([changes, lateChanges], [[], []]);
  server.last.send(event("ADDED", configMap("b", 16)));
  assert.deepEqual([changes, lateChanges], [["- > b@16"], ["- > b@16"]]);
  restOf(watched);
});

test("reconnect() drops the connection and resumes", async () => {
  const watched = await watching();
  watched.store.reconnect("a write of our own has not come back");
  await quiet();
  assert.equal(watched.server.streams.length, 2);
  assert.match(watched.server.last.path, /resourceVersion=10&/);
  // What the old connection still says is not heard.
  watched.server.streams[0]!.send(event("ADDED", configMap("ghost", 99)));
  assert.equal(watched.store.get("default/ghost"), undefined);
  restOf(watched);
});

test("a listener that throws does not stop the others", async () => {
  const watched = await watching();
  watched.store.onChange(() => { throw new Error("oops"); });
  const after: string[] = [];
  watched.store.onChange((change) => after.push(described(change)));
  watched.server.last.send(event("ADDED", configMap("b", 12)));
  assert.deepEqual(after, ["- > b@12"]);
  assert.ok(watched.logs.some(({ message }) => message.includes("oops")));
  restOf(watched);
});
