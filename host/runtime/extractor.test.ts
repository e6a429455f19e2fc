import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { DEPLOYMENT_TYPES, deployment } from "../../tests/bench/objects.ts";
import { nodePlatform } from "../platform/node/index.ts";
import { Extractor } from "./extractor.ts";
import { JsonCursor } from "./json/cursor.ts";
import type { Recipe, StoredObject } from "./object.ts";
import { compileProjection, type CompiledProjection } from "./projection.ts";
import { SecretHasher } from "./secrets.ts";

const { text, digest } = nodePlatform();
const extractor = new Extractor(text, new SecretHasher(new Uint8Array(32), text, digest));
const projection = compileProjection(DEPLOYMENT_TYPES, "Deployment") as CompiledProjection;
const recipe: Recipe = { kind: { apiVersion: "apps/v1", kind: "Deployment", plural: "deployments", namespaced: true }, projections: [projection], managers: ["toque-myapp"] };

function extract(object: unknown, how: { recipe?: Recipe; before?: StoredObject; fresh?: boolean } = {}): StoredObject {
  const bytes = new Uint8Array(new TextEncoder().encode(JSON.stringify(object)));
  return extractor.extract(how.recipe ?? recipe, new JsonCursor(bytes), () => how.before, how.fresh);
}

test("metadata as the host needs it", () => {
  const object = extract({
    metadata: {
      name: "a", namespace: "ns", uid: "u", resourceVersion: "12", generation: 3, deletionTimestamp: "2026-11-22T00:00:00Z", finalizers: ["x/y"], labels: { a: "1", __proto__x: "2" },
      ownerReferences: [{ apiVersion: "v1", kind: "K", name: "o", uid: "ou" }, { kind: "K", name: "p", uid: "pu", controller: true }], annotations: null,
    },
  });
  assert.deepEqual({ ...object.ref }, { apiVersion: "apps/v1", kind: "Deployment", namespace: "ns", name: "a" });
  assert.deepEqual([object.uid, object.resourceVersion, object.generation, object.deletionTimestamp, [...object.finalizers]], ["u", "12", 3, "2026-11-22T00:00:00Z", ["x/y"]]);
  assert.deepEqual(object.owners, [{ uid: "ou", kind: "K", name: "o", controller: false }, { uid: "pu", kind: "K", name: "p", controller: true }]);
  assert.deepEqual({ ...object.labels }, { a: "1", __proto__x: "2" });
  const bare = extract({ metadata: { labels: null, resourceVersion: "1", uid: "u", name: "cluster-scoped" }, spec: {} });
  assert.deepEqual({ ...bare.ref }, { apiVersion: "apps/v1", kind: "Deployment", name: "cluster-scoped" });
  assert.deepEqual([bare.generation, bare.deletionTimestamp, { ...bare.labels }, [...bare.finalizers], [...bare.owners]], [0, undefined, {}, [], []]);
});

test("which intent created the object, for what may be applied", () => {
  const object = (annotations: unknown): object => ({ metadata: { name: "a", uid: "u", resourceVersion: "1", annotations } });
  const created = { "toque.dev/created": "no", "toque.dev/created-as": "0123456789abcdef" };
  assert.equal(extract(object(created)).createdAs, "0123456789abcdef");
  assert.equal(extract(object({ other: "x" })).createdAs, undefined);
  assert.equal(extract(object(created), { recipe: { ...recipe, managers: [] } }).createdAs, undefined);
});

test("Apply entries of the managers asked for, verbatim, and no others", () => {
  const entry = (manager: string, more: object = {}): object => ({ manager, operation: "Apply", apiVersion: "v1", fieldsType: "FieldsV1", fieldsV1: { [`f:${manager}`]: {} }, ...more });
  const managedFields = [
    entry("toque-myapp"), entry("toque-myapp-1234"), entry("toque-myapplication"), entry("other"), entry("toque-myapp.x", { operation: "Update" }),
    entry("toque-myapp:s", { subresource: "status" }), entry("toque-myapp/e", { subresource: "" }),
  ];
  const object = extract({ metadata: { name: "a", uid: "u", resourceVersion: "1", managedFields } });
  assert.deepEqual([...object.applied], [["toque-myapp", '{"f:toque-myapp":{}}'], ["toque-myapp-1234", '{"f:toque-myapp-1234":{}}'], ["toque-myapp/e", '{"f:toque-myapp/e":{}}']]);
  assert.equal(extract({ metadata: { name: "a", uid: "u", resourceVersion: "1", managedFields } }, { recipe: { ...recipe, managers: [] } }).applied.size, 0);
});

test("an unchanged text is the same string: nothing is kept twice", () => {
  const first = extract(deployment(1));
  const heartbeat = deployment(1) as { metadata: { resourceVersion: string }; status: { conditions: unknown[] } };
  heartbeat.metadata.resourceVersion = "999";
  heartbeat.status.conditions = [];
  const second = extract(heartbeat, { before: first });
  assert.equal(second.text(projection), first.text(projection));
  assert.notEqual(second.resourceVersion, first.resourceVersion);
});

test("a text that nobody registered is an error on a cached object, and made late on a fresh one", () => {
  const other = compileProjection({ Other: { fields: { spec: { type: { scalar: "json" } } } } }, "Other");
  assert.throws(() => extract(deployment(1)).text(other), /Deployment app-1 has no text for projection Other#/);
  assert.match(extract(deployment(1), { fresh: true }).text(other), /"spec":\{"replicas":2/);
});

test("a cached object keeps nothing of the bytes that it was read from, and is small", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const kept: StoredObject[] = [];
  const bodies: WeakRef<ArrayBuffer>[] = [];
  const read = (from: number): void => {
    const bytes = new Uint8Array(new TextEncoder().encode(JSON.stringify(Array.from({ length: 100 }, (_, i) => deployment(from + i)))));
    bodies.push(new WeakRef(bytes.buffer));
    const cursor = new JsonCursor(bytes);
    cursor.enterList();
    while (cursor.nextItem()) kept.push(extractor.extract(recipe, cursor, () => undefined));
  };
  read(0);
  // A weak reference holds until the turn ends.
  await new Promise((resolve) => setImmediate(resolve));
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let i = 1; i <= 20; i++) read(i * 100);
  await new Promise((resolve) => setImmediate(resolve));
  collect();
  assert.deepEqual(bodies.filter((body) => body.deref() !== undefined), []);
  const bytesPerObject = (process.memoryUsage().heapUsed - before) / 2_000;
  assert.ok(bytesPerObject < 3_000, `${bytesPerObject.toFixed(0)} bytes per object of ${JSON.stringify(deployment(1)).length} bytes of JSON`);
  assert.equal(kept.length, 2_100);
});
