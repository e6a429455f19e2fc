import assert from "node:assert/strict";
import { test } from "node:test";
import { TransportError } from "../platform/platform.ts";
import type { Store } from "./contracts.ts";
import { bookmark, configMap, event, json, listOf, quiet, status, world } from "./testing/scripted.ts";
import { DATA, KIND, NOTHING, described, restOf, watching, type Watching } from "./testing/watching.ts";

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

test("what changed while the watch was being extended is news to the newcomer too, of what it could know", async () => {
  const watched = await watching();
  const { server, informers } = watched;
  server.last.send(event("ADDED", configMap("b", 11)));
  server.answers = [listOf(20, configMap("b", 15))];
  const late = informers.watch(KIND, NOTHING);
  const changes: string[] = [];
  late.onChange((change) => changes.push(described(change)));
  await quiet();
  assert.deepEqual(changes, ["- > b@15"]);
  restOf(watched);
});

test("a list that was overtaken by an extension is not taken", async () => {
  const { server, informers } = world();
  let answer: (response: ReturnType<typeof listOf>) => void = () => undefined;
  const request = server.request.bind(server);
  server.request = () => new Promise((resolve) => { answer = resolve; });
  const first = informers.watch(KIND, DATA);
  await quiet();
  const overtaken = answer;
  server.request = request;
  server.answers = [listOf(10, configMap("a", 7))];
  const second = informers.watch(KIND, NOTHING);
  await quiet();
  overtaken(listOf(12, configMap("a", 11)));
  await quiet();
  assert.deepEqual([first.synced, second.synced, first.resourceVersion, server.streams.length], [true, true, "10", 1]);
  second.list()[0]!.text(NOTHING);
  informers.close();
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
