import assert from "node:assert/strict";
import { test } from "node:test";
import { TransportError } from "../platform/platform.ts";
import { bookmark, configMap, event, listOf, quiet, status, world } from "./testing/scripted.ts";
import { DATA, KIND, described, restOf, watching } from "./testing/watching.ts";

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

test("a listener that throws does not stop the others", async () => {
  const watched = await watching();
  watched.store.onChange(() => { throw new Error("oops"); });
  watched.store.onProgress(() => { throw new Error("ouch"); });
  const after: string[] = [];
  watched.store.onChange((change) => after.push(described(change)));
  watched.server.last.send(event("ADDED", configMap("b", 12)));
  assert.deepEqual(after, ["- > b@12"]);
  for (const cry of ["oops", "ouch"]) assert.ok(watched.logs.some(({ message }) => message.includes(cry)));
  assert.equal(watched.server.streams.length, 1);
  restOf(watched);
});
