import assert from "node:assert/strict";
import { test } from "node:test";
import { seeded } from "./json/testing/random-json.ts";
import { StoredObject, type Metadata, type Recipe } from "./object.ts";
import { ObjectStore } from "./store.ts";

const seed = Number(process.env["SEED"] ?? 20261122);
const recipe: Recipe = { kind: { apiVersion: "apps/v1", kind: "Deployment", plural: "deployments", namespaced: true }, projections: [], managers: [] };

function object(name: string, resourceVersion: number, more: Partial<Metadata> = {}): StoredObject {
  return new StoredObject(recipe, {
    name, namespace: "default", uid: `uid-${name}`, resourceVersion: String(resourceVersion), generation: 1, deletionTimestamp: undefined,
    labels: {}, finalizers: [], owners: [], applied: new Map(), ...more,
  }, [], undefined);
}
const owned = (uid: string): Partial<Metadata> => ({ owners: [{ uid, kind: "MyApp", name: "x", controller: true }] });
const names = (objects: readonly StoredObject[]): string[] => objects.map(({ ref }) => ref.name);
const open = (): ObjectStore => new ObjectStore(recipe.kind, assert.ifError);

test("finds by key, namespace, owner and label, sorted by key", () => {
  const store = open();
  store.replaceAll([object("b", 1, owned("o")), object("a", 2, { ...owned("o"), labels: { app: "x" } }), object("c", 3, { namespace: "other", labels: { app: "x" } })], "5", new Set());
  assert.deepEqual(names(store.list()), ["a", "b", "c"]);
  assert.deepEqual(names(store.list("other")), ["c"]);
  assert.deepEqual(names(store.ownedBy("o")), ["a", "b"]);
  assert.deepEqual(names(store.labelled("app", "x")), ["a", "c"]);
  store.put(object("b", 6, { labels: { app: "x" } }));
  store.remove(object("a", 7));
  assert.deepEqual(names(store.ownedBy("o")), []);
  assert.deepEqual(names(store.labelled("app", "x")), ["b", "c"]);
  assert.deepEqual(names(store.labelled("constructor", "x")), []);
  assert.equal(store.get("default/a"), undefined);
});

test("longer numbers are later: 9 comes before 10", () => {
  const store = open();
  store.replaceAll([], "9", new Set());
  assert.equal(store.put(object("a", 10)), true);
  assert.equal(store.put(object("a", 9)), false);
  assert.equal(store.replaceAll([], "9", new Set()), false);
  assert.equal(store.advance("100"), true);
  assert.equal(store.remove(object("a", 99)), false);
  assert.deepEqual(names(store.list()), ["a"]);
});

test(`fuzz: events and lists in any order keep indices true and resourceVersions growing (SEED=${seed})`, () => {
  const random = seeded(seed);
  for (let life = 0; life < 100; life++) {
    const store = open();
    const heard = new Map<string, string>();
    store.onChange(({ before, after }) => {
      const name = (after ?? before)!.ref.name;
      assert.equal(heard.get(name), before === undefined ? undefined : `${before.uid}@${before.resourceVersion}`, `SEED=${seed} life ${life}: the change begins where the last ended`);
      if (after === undefined) heard.delete(name);
      else heard.set(name, `${after.uid}@${after.resourceVersion}`);
    });
    store.labelled("app", "0");
    const any = (): StoredObject => {
      const name = `n${Math.floor(random() * 5)}`;
      return object(name, Math.floor(random() * 150), { uid: `${name}-${Math.floor(random() * 2)}`, labels: { app: String(Math.floor(random() * 2)) }, ...owned(String(Math.floor(random() * 2))) });
    };
    for (let step = 0; step < 60; step++) {
      const before = Number(store.resourceVersion);
      const kind = random();
      if (kind < 0.5) store.put(any());
      else if (kind < 0.75) store.remove(any());
      else store.replaceAll([...new Map(Array.from({ length: 3 }, any).map((one) => [one.ref.name, one])).values()], String(Math.floor(random() * 150)), new Set());
      assert.ok(Number(store.resourceVersion) >= before);
      const all = store.list();
      assert.deepEqual(new Map(all.map((one) => [one.ref.name, `${one.uid}@${one.resourceVersion}`])), new Map([...heard].sort()));
      for (const value of ["0", "1"]) {
        assert.deepEqual(store.labelled("app", value), all.filter(({ labels }) => labels["app"] === value));
        assert.deepEqual(store.ownedBy(value), all.filter(({ owners }) => owners[0]!.uid === value));
      }
    }
  }
});
