import assert from "node:assert/strict";
import { test } from "node:test";
import { spoken, type Loose, type Spoken, type Watched } from "./testing/server.ts";

const MAPS = "/api/v1/namespaces/default/configmaps";
const map = (name: string, labels: Loose = {}, data: Loose = {}): Loose => ({ metadata: { name, labels }, data });
const names = ({ body }: { body: Loose }): string[] => body.items.map(({ metadata: { name } }: Loose) => name);
const told = ({ events }: Watched): string[] => events.map(({ type, object }) => `${type} ${object.metadata.name ?? ""}`.trim());

function withMaps(count: number): Spoken {
  const server = spoken();
  for (let n = 0; n < count; n++) server.call("POST", MAPS, map(`m${n}`, { parity: n % 2 === 0 ? "even" : "odd" }));
  return server;
}

test("pages show one moment, whatever is written between them", () => {
  const { call } = withMaps(7);
  const first = call("GET", `${MAPS}?limit=3`);
  assert.deepEqual(names(first), ["m0", "m1", "m2"]);
  assert.equal(first.body.metadata.remainingItemCount, 4);
  call("DELETE", `${MAPS}/m4`);
  call("POST", MAPS, map("m3a"));
  call("PUT", `${MAPS}/m5`, map("m5", {}, { now: "other" }));
  const second = call("GET", `${MAPS}?limit=3&continue=${first.body.metadata.continue}`);
  assert.deepEqual(names(second), ["m3", "m4", "m5"]);
  assert.equal(second.body.items[2].data, undefined);
  assert.equal(second.body.metadata.resourceVersion, first.body.metadata.resourceVersion);
  const last = call("GET", `${MAPS}?limit=3&continue=${second.body.metadata.continue}`);
  assert.deepEqual([names(last), last.body.metadata.continue, last.body.metadata.remainingItemCount], [["m6"], undefined, undefined]);
  // With a selector nobody counts what remains.
  const odd = call("GET", `${MAPS}?limit=1&labelSelector=parity%3Dodd`);
  assert.deepEqual([names(odd), odd.body.metadata.remainingItemCount], [["m1"], undefined]);
  assert.deepEqual(names(call("GET", `${MAPS}?limit=5&labelSelector=parity%3Dodd&continue=${odd.body.metadata.continue}`)), ["m3"]);
});

test("a page whose moment is forgotten is refused with a token for the rest", () => {
  const { call, cluster } = withMaps(5);
  const { body: { metadata: { continue: token } } } = call("GET", `${MAPS}?limit=2`);
  call("DELETE", `${MAPS}/m3`);
  cluster.storage.compact(cluster.storage.resourceVersion);
  const gone = call("GET", `${MAPS}?limit=2&continue=${token}`);
  assert.deepEqual([gone.status, gone.body.reason], [410, "Expired"]);
  const rest = call("GET", `${MAPS}?continue=${gone.body.metadata.continue}`);
  assert.deepEqual(names(rest), ["m2", "m4"]);
  assert.equal(call("GET", `${MAPS}?continue=abc`).status, 400);
});

test("a list of an earlier moment, or of none before one", () => {
  const { call } = withMaps(2);
  const then = call("GET", MAPS).body.metadata.resourceVersion;
  call("DELETE", `${MAPS}/m0`);
  assert.deepEqual(names(call("GET", `${MAPS}?resourceVersion=${then}&resourceVersionMatch=Exact`)), ["m0", "m1"]);
  assert.deepEqual(names(call("GET", `${MAPS}?resourceVersion=${then}&resourceVersionMatch=NotOlderThan`)), ["m1"]);
  assert.deepEqual(names(call("GET", `${MAPS}?resourceVersion=${then}&limit=5`)), ["m0", "m1"]);
  assert.equal(call("GET", `${MAPS}?resourceVersionMatch=Exact`).status, 422);
  assert.equal(call("GET", `${MAPS}?resourceVersion=99999`).status, 504);
});

test("a watch tells of what begins and ceases to match", () => {
  const { call, watch, cluster } = withMaps(2);
  const even = watch(`${MAPS}?watch=1&labelSelector=parity%3Deven`);
  const since = watch(`${MAPS}?watch=1&resourceVersion=${cluster.storage.resourceVersion}`);
  const named = watch(`${MAPS}?watch=1&fieldSelector=metadata.name%3Dm1&resourceVersion=${cluster.storage.resourceVersion}`);
  call("PUT", `${MAPS}/m1`, map("m1", { parity: "even" }));
  const { body: { metadata: { resourceVersion } } } = call("PUT", `${MAPS}/m0`, map("m0", { parity: "odd" }, { a: "b" }));
  call("DELETE", `${MAPS}/m0`);
  call("DELETE", `${MAPS}/m1`);
  assert.deepEqual(told(even), ["ADDED m0", "ADDED m1", "DELETED m0", "DELETED m1"]);
  // As it was when it matched, under the number of the write that took it away.
  const lost = even.events[2].object;
  assert.deepEqual([lost.data, lost.metadata.labels.parity, lost.metadata.resourceVersion], [undefined, "even", resourceVersion]);
  assert.deepEqual(told(since), ["MODIFIED m1", "MODIFIED m0", "DELETED m0", "DELETED m1"]);
  assert.deepEqual(told(named), ["MODIFIED m1", "DELETED m1"]);
  since.stop();
  call("POST", MAPS, map("late"));
  assert.equal(since.events.length, 4);
});

test("a watch goes on from any moment that is remembered", () => {
  const { call, watch, cluster } = withMaps(3);
  const { resourceVersion } = cluster.storage;
  call("DELETE", `${MAPS}/m1`);
  assert.deepEqual(told(watch(`${MAPS}?watch=1&resourceVersion=${resourceVersion}`)), ["DELETED m1"]);
  assert.deepEqual(told(watch(`${MAPS}?watch=1&resourceVersion=0`)), ["ADDED m0", "ADDED m2"]);
  cluster.storage.compact(cluster.storage.resourceVersion);
  const late = watch(`${MAPS}?watch=1&resourceVersion=${resourceVersion}`);
  assert.deepEqual([late.events.length, late.events[0].type, late.events[0].object.code, late.events[0].object.reason], [1, "ERROR", 410, "Expired"]);
  assert.equal(late.ended(), true);
});

test("bookmarks, the end of the initial events, and of the watch", () => {
  const { call, watch, advance } = withMaps(2);
  const streamed = watch(`${MAPS}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=100`);
  assert.deepEqual(told(streamed), ["ADDED m0", "ADDED m1", "BOOKMARK"]);
  assert.deepEqual(streamed.events[2].object.metadata.annotations, { "k8s.io/initial-events-end": "true" });
  const { body: { metadata: { resourceVersion } } } = call("POST", MAPS, map("m2"));
  advance(70_000);
  assert.deepEqual(told(streamed).slice(3), ["ADDED m2", "BOOKMARK"]);
  assert.equal(streamed.events[4].object.metadata.resourceVersion, resourceVersion);
  assert.equal(streamed.ended(), false);
  advance(40_000);
  assert.equal(streamed.ended(), true);
  assert.equal(call("GET", `${MAPS}?watch=1&sendInitialEvents=true`).status, 422);
});
