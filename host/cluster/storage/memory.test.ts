import assert from "node:assert/strict";
import { test } from "node:test";
import type { ClusterObject } from "../model.ts";
import { createStorage } from "./memory.ts";
import { CompactedError, type Snapshot, type StorageEvent } from "./storage.ts";

const object = (name: string, value: number): ClusterObject => ({ apiVersion: "v1", kind: "Thing", metadata: { name }, value });
const values = (snapshot: Snapshot, namespace?: string): unknown[] => [...snapshot.list("things", namespace)].map((stored) => [stored.key, stored.object["value"]]);

test("a write needs the number that is there", () => {
  const storage = createStorage();
  assert.equal(storage.put("things", "n/a", object("a", 1), 7), undefined);
  const first = storage.put("things", "n/a", object("a", 1), 0)!;
  assert.equal(first.resourceVersion, 1);
  assert.equal(first.object.metadata.resourceVersion, "1");
  assert.equal(storage.put("things", "n/a", object("a", 2), 0), undefined);
  assert.equal(storage.put("things", "n/a", object("a", 2), 1)!.resourceVersion, 2);
  assert.equal(storage.delete("things", "n/a", 1), undefined);
  const gone = storage.delete("things", "n/a", 2)!;
  assert.deepEqual([gone.resourceVersion, gone.object["value"], gone.object.metadata.resourceVersion], [3, 2, "3"]);
  assert.equal(storage.get("things", "n/a"), undefined);
});

test("lists are sorted, by namespace and from behind a key", () => {
  const storage = createStorage();
  for (const key of ["b/x", "a-b/y", "a/x", "a/w", "b/a"]) storage.put("things", key, object(key, 0), 0);
  const keys = (namespace?: string, after?: string): string[] => [...storage.list("things", namespace, after)].map(({ key }) => key);
  assert.deepEqual(keys(), ["a-b/y", "a/w", "a/x", "b/a", "b/x"]);
  assert.deepEqual(keys("a"), ["a/w", "a/x"]);
  assert.deepEqual(keys(undefined, "a/w"), ["a/x", "b/a", "b/x"]);
  assert.deepEqual(keys("b", "b/a"), ["b/x"]);
  assert.deepEqual(keys("none"), []);
});

test("a watch tells what happened, then what happens, until it is stopped", () => {
  const storage = createStorage();
  storage.put("things", "a", object("a", 1), 0);
  storage.put("others", "x", object("x", 1), 0);
  storage.put("things", "a", object("a", 2), 1);
  const told: string[] = [];
  const stop = storage.watch("things", 1, ({ type, resourceVersion, current, previous }: StorageEvent) => told.push(`${type} ${resourceVersion} ${String(current.object["value"])} ${String(previous?.object["value"])}`));
  storage.delete("things", "a", 3);
  storage.put("things", "a", object("a", 4), 0);
  stop();
  storage.delete("things", "a", 5);
  assert.deepEqual(told, ["MODIFIED 3 2 1", "DELETED 4 2 2", "ADDED 5 4 undefined"]);
});

test("the past can be read as far as it is remembered", () => {
  const storage = createStorage({ historyEventsMax: 500 });
  const states = new Map<number, unknown[]>();
  for (let n = 0; n < 2000; n++) {
    const key = `k${n % 7}`;
    const there = storage.get("things", key);
    if (there !== undefined && n % 5 === 0) storage.delete("things", key, there.resourceVersion);
    else storage.put("things", key, object(key, n), there?.resourceVersion ?? 0);
    states.set(storage.resourceVersion, values(storage));
  }
  let read = 0;
  for (const [resourceVersion, state] of states) {
    try {
      assert.deepEqual(values(storage.at("things", resourceVersion)), state);
      read++;
    } catch (error) {
      assert.ok(error instanceof CompactedError && resourceVersion < error.compactedTo);
    }
  }
  assert.ok(read >= 500 && read < 800, `${read} states read`);
  assert.throws(() => storage.watch("things", 5, () => undefined), CompactedError);
  storage.compact(storage.resourceVersion);
  assert.throws(() => storage.at("things", storage.resourceVersion - 1), CompactedError);
  assert.deepEqual(values(storage.at("things", storage.resourceVersion)), values(storage));
});

test("forks and snapshots stay as they were", () => {
  const storage = createStorage();
  for (let n = 0; n < 300; n++) storage.put("things", `k${n}`, object(`k${n}`, n), 0);
  const snapshot = storage.snapshot();
  const fork = storage.fork();
  const before = values(storage);
  for (let n = 0; n < 300; n += 2) storage.delete("things", `k${n}`, n + 1);
  fork.put("things", "new", object("new", 1), 0);
  assert.deepEqual(values(snapshot), before);
  assert.equal(fork.count("things"), 301);
  assert.equal(storage.count("things"), 150);
  assert.equal(fork.resourceVersion, 301);
  const told: number[] = [];
  fork.watch("things", 290, ({ resourceVersion }) => told.push(resourceVersion));
  assert.deepEqual(told, [291, 292, 293, 294, 295, 296, 297, 298, 299, 300, 301]);
});

test("values that are not used become text, and are the same again", () => {
  const storage = createStorage({ valuesMax: 10 });
  const made = Array.from({ length: 100 }, (_, n) => storage.put("things", `k${n}`, { ...object(`k${n}`, n), big: 9007199254740993n, list: [1, "ä", null] }, 0)!);
  for (const { object: read, text } of made) {
    assert.equal(read["big"], 9007199254740993n);
    assert.deepEqual(read["list"], [1, "ä", null]);
    assert.match(text, /"big":9007199254740993,/);
  }
});
