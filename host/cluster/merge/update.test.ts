/**
 * Updates and patches against a real API server: what a patch makes of an object, what is said of a broken one, and who
 * manages what afterwards. `SEED=n` runs a random life again, `FUZZ_SECONDS=60` goes on for longer.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Json, JsonObject } from "../model.ts";
import { live, type Mismatch, someUpdate } from "./testing/lives.ts";
import { Random, seedOfRun } from "./testing/random.ts";
import { startRealServer, type RealServer } from "./testing/real-server.ts";
import { type Subject, subjects } from "./testing/subjects.ts";
import { type PatchKind, Tally, Witness } from "./testing/witness.ts";

const server = await startRealServer();
const skip = "skipped" in server ? server.skipped : false;
const STEPS = 60;

const byName = new Map(subjects().map((subject) => [`${subject.kind}/${(subject.sample["metadata"] as JsonObject)["name"] as string}`, subject]));
const subject = (name: string): Subject => byName.get(name)!;

describe("updates and patches, as a real server does them", { skip }, () => {
  let real: RealServer;
  const open = async (name: string): Promise<Witness> => {
    const witness = new Witness(real.api, subject(name));
    assert.equal((await witness.create()).status, 201);
    return witness;
  };
  before(() => { real = server as RealServer; });
  after(async () => { if (!("skipped" in server)) await server.stop(); });

  /** Patches and the status that each comes to; everything else about them is compared. */
  const cases = async (name: string, kind: PatchKind, patches: readonly (readonly [status: number, patch: Json])[]): Promise<void> => {
    const witness = await open(name);
    for (const [status, patch] of patches) {
      const answer = await witness.patch(kind, patch);
      assert.equal(answer.status, status, JSON.stringify(patch));
    }
  };

  it("JSON patches", () => cases("ConfigMap/conf", "json", [
    [422, [{ op: "test", path: "/data/a", value: "x" }]], [200, [{ op: "test", path: "/data/a", value: "1" }]], [422, [{ op: "remove", path: "/data/zz" }]],
    [422, [{ op: "add", path: "", value: {} }]], [0, [{ op: "replace", path: "" }]], [422, [{ op: "replace", path: "", value: null }]],
    [422, [{ op: "replace", path: "", value: [] }]], [0, [{ op: "test", path: "" }]], [400, { op: "test" }], [400, "x"], [200, null], [422, [null]],
    [400, ["x"]], [400, [{ op: 5, path: "/a" }]], [400, [{ op: "add", path: 5 }]], [422, [{ op: "foo", path: "/a" }]], [422, [{ path: "/a" }]],
    [200, [{ op: "replace", path: "/data/new", value: "q" }]], [200, [{ op: "add", path: "ignored/data/other", value: "q" }]],
    [200, [{ op: "add", path: "/data/none" }]], [200, [{ op: "test", path: "/data/missing", value: null }]],
    [422, [{ op: "add", path: "/metadata/finalizers", value: [null] }]],
    [0, [{ op: "add", path: "/metadata/finalizers", value: [null] }, { op: "test", path: "/metadata/finalizers", value: [null] }]],
    [422, [{ op: "add", path: "/data/number", value: 5 }]], [422, [{ op: "add", path: "/data", value: "x" }]],
    [200, [{ op: "add", path: "/metadata/labels/a.b~1c", value: "slash" }]], [200, [{ op: "move", from: "/data/a", path: "/data/moved" }]],
    // Texts are compared as they are spelled: the server writes "<" as an escape.
    [422, [{ op: "test", path: "/data/x.y", value: "z\n\"q\" <&>" }]],
    // A null that was written is another one than a null that was there, and a copy of it yet another.
    [422, [{ op: "add", path: "/metadata/labels/n", value: null }, { op: "copy", from: "/metadata/labels/n", path: "/data/n" }, { op: "test", path: "/data/n", value: null }]],
    [200, [{ op: "add", path: "/metadata/labels/n", value: null }, { op: "test", path: "/metadata/labels/n", value: null }, { op: "remove", path: "/metadata/labels/n" }]],
    [0, [{ op: "add", path: "/metadata/labels/n", value: null }, { op: "copy", from: "/metadata/labels/n", path: "/data/n" }, { op: "add", path: "/data/n/x", value: 1 }]],
    [422, [{ op: "add", path: "/metadata/labels/n", value: null }, { op: "add", path: "/metadata/labels/n/x", value: 1 }]],
    [200, [{ op: "add", path: "/data/n", value: null }, { op: "copy", from: "/data/n", path: "/data/m" }, { op: "test", path: "/data/m", value: {} }]],
    // A copy of what was reached is sorted, of what wasn't is not.
    [422, [{ op: "copy", from: "/metadata", path: "/metadata/ownerReferences" }]], [422, [{ op: "copy", from: "/metadata", path: "/data/all" }]],
    [422, [{ op: "test", path: "/metadata/labels", value: { tier: "front", app: "web" } }, { op: "replace", path: "/data", value: 1 }]],
    [413, Array.from({ length: 10_001 }, () => ({ op: "test", path: "/data/other", value: "q" }))],
    [200, Array.from({ length: 10_000 }, () => ({ op: "test", path: "/data/other", value: "q" }))],
  ]));

  it("JSON patches of lists", () => cases("ConfigMap/owned", "json", [
    [200, [{ op: "add", path: "/metadata/finalizers/-", value: "a.b/e" }]], [200, [{ op: "add", path: "/metadata/finalizers/0", value: "a.b/f" }]],
    [200, [{ op: "remove", path: "/metadata/finalizers/-1" }]], [200, [{ op: "add", path: "/metadata/finalizers/-1", value: "a.b/g" }]],
    [422, [{ op: "add", path: "/metadata/finalizers/9", value: "a.b/h" }]], [422, [{ op: "remove", path: "/metadata/finalizers/4" }]],
    [422, [{ op: "replace", path: "/metadata/finalizers/x", value: "a.b/h" }]], [200, [{ op: "replace", path: "/metadata/finalizers/+1", value: "a.b/h" }]],
    [200, [{ op: "copy", from: "/metadata/finalizers/0", path: "/metadata/labels" }, { op: "replace", path: "/metadata/labels", value: { x: "y" } }]],
    [200, [{ op: "remove", path: "/metadata/finalizers" }]],
  ]));

  it("merge patches", () => cases("ConfigMap/conf", "merge", [
    [400, null], [400, []], [400, 5], [400, "x"], [422, { data: { a: 5 } }], [422, { data: { a: null, b: { c: null } } }],
    [200, { metadata: { annotations: { x: "y", z: null } } }], [422, { data: { "<": "&", z: 5 } }], [200, { data: null, binaryData: { b: "AAED" } }],
    [422, { metadata: [] }], [200, {}], [200, { unknown: { a: null } }], [200, { data: { __proto__: "x", constructor: "y" } }],
    [200, JSON.parse(`{"data":{"__proto__":"own","toString":"t"}}`)], [200, { data: { toString: null } }],
  ]));

  it("strategic merge patches", () => {
    const pod = (spec: JsonObject): Json => ({ spec: { template: { spec } } });
    return cases("Deployment/web", "strategic", [
      [500, { $patch: "foo" }], [500, { $patch: 5 }], [500, { spec: { $patch: "merge" } }], [500, pod({ containers: [{ image: "y" }] })], [500, pod({ containers: ["x"] })],
      [500, pod({ containers: [["x"]] })], [500, pod({ containers: [{ name: "web", $patch: "merge" }] })], [500, pod({ containers: [{ name: "web", $patch: "zzz" }] })],
      [500, pod({ containers: [{ $patch: "delete" }] })], [500, pod({ "$setElementOrder/containers": ["a"] })],
      [500, pod({ "$setElementOrder/containers": [{ name: "zz" }], containers: [{ name: "web" }] })], [500, pod({ "$setElementOrder/nope": [{ name: "zz" }] })],
      [500, pod({ "$setElementOrder/dnsPolicy": [{ name: "zz" }] })], [500, pod({ "$setElementOrder/securityContext": [{ name: "zz" }] })],
      [500, pod({ "$setElementOrder/containers": "x" })], [400, pod({ $setElementOrderX: [1] })], [400, pod({ $deleteFromPrimitiveList: [1] })],
      [400, { spec: { strategy: { $retainKeys: "x" } } }], [400, { spec: { strategy: { $retainKeys: ["type"], type: "Recreate", rollingUpdate: { maxSurge: 1 } } } }],
      [200, { spec: { strategy: { $retainKeys: ["type"], type: "Recreate" } } }], [200, { spec: { strategy: { type: "RollingUpdate" } } }],
      [422, { metadata: { finalizers: [{ a: 1 }] } }], [200, { metadata: { finalizers: ["a.b/c", "a.b/c"] } }], [200, { metadata: { finalizers: ["a.b/d", "a.b/c"] } }],
      [500, { metadata: { finalizers: [5] } }], [500, { metadata: { finalizers: [null] } }], [200, { metadata: { "$deleteFromPrimitiveList/finalizers": ["a.b/c"] } }],
      [200, { metadata: { "$deleteFromPrimitiveList/finalizers": "x" } }], [200, { metadata: { finalizers: null } }], [422, { metadata: { finalizers: [null] } }],
      [0, pod({ containers: [{ name: { a: 1 }, image: "q" }] })], [200, pod({ containers: [{ name: "side", $patch: "delete" }] })],
      [422, pod({ containers: [{ name: "web", $patch: "delete" }] })], [200, pod({ containers: [{ name: "new", image: "i" }, { name: "web", image: "j" }] })],
      [200, pod({ "$setElementOrder/containers": [{ name: "web" }, { name: "new" }], containers: [{ name: "web", ports: [{ containerPort: 80, protocol: "UDP" }] }] })],
      [422, { spec: { selector: { matchLabels: { $patch: "replace", z: "1" } } } }], [200, { metadata: { labels: { $patch: "replace", q: "1" } } }],
      [200, { metadata: { labels: { $patch: "delete" } } }], [422, { spec: { replicas: 1.5 } }], [200, { spec: { nope: 1.5 } }], [200, { spec: { Template: { x: 1 } } }],
      [400, []], [400, 5], [200, null], [200, { metadata: { annotations: { a: { $patch: "x" }, b: "c" } } }],
    ]);
  });

  it("strategic merge patches of lists that are replaced", () => cases("EndpointSlice/es", "strategic", [
    // What can't be compared with its like can be with something else.
    [500, { endpoints: [null], "$setElementOrder/endpoints": [{ addresses: ["10.0.0.1"] }] }], [0, { endpoints: [{}], "$setElementOrder/endpoints": [{}] }],
    [200, { ports: [{ name: "b", port: 81 }] }], [422, { endpoints: "x" }], [200, { endpoints: [] }],
  ]));

  it("managedFields in bodies: forgotten on demand, taken over where sound, else as they were", async () => {
    const witness = await open("ConfigMap/conf");
    const put = async (managedFields: Json, more: JsonObject = {}): Promise<Json> => {
      const { live: object } = witness;
      const { body } = await witness.put({ ...object, ...more, metadata: { ...object.metadata, managedFields } });
      return body.metadata.managedFields ?? null;
    };
    const entry = { manager: "x", operation: "Apply", apiVersion: "v1", fieldsType: "FieldsV1", fieldsV1: { "f:data": { "f:a": {} } }, time: "2020-01-01T01:00:00+01:00" };
    assert.deepEqual(await put([entry]), [{ manager: "x", operation: "Apply", apiVersion: "v1", time: "2020-01-01T00:00:00Z", fieldsType: "FieldsV1", fieldsV1: entry.fieldsV1 }]);
    assert.notEqual(await put([{ ...entry, operation: "Foo" }], { data: { a: "other" } }), null);
    assert.notEqual(await put([{ ...entry, apiVersion: "" }]), null);
    assert.equal(await put([{ ...entry, apiVersion: "nope/v1" }]), null);
    assert.equal(await put([{}]), null);
    assert.notEqual(await put([entry], { data: { a: "once more" } }), null);
    assert.equal(await put([]), null);
    assert.equal(await put(null, { data: { a: "untracked" } }), null, "an object without managers stays without");
  });

  it("a status that is not of its type makes a custom resource forget its managers", async () => {
    const witness = await open("Zoo/zoo");
    const answer = await witness.patch("json", [{ op: "add", path: "/status", value: { ready: 1 } }, { op: "add", path: "/spec/tags/0", value: true }], { subresource: "status" });
    assert.equal(answer.status, 200);
    assert.equal(answer.body.metadata.managedFields, undefined);
  });

  it("managers of versions that aren't served: a custom resource forgets all, another kind that one", async () => {
    for (const [name, left] of [["Zoo/zoo", 0], ["ConfigMap/conf", 1]] as const) {
      const witness = await open(name);
      const { live: object } = witness;
      const [own] = object.metadata.managedFields;
      const { body } = await witness.put({ ...object, metadata: { ...object.metadata, managedFields: [own, { ...own, manager: "old", apiVersion: "nope/v1" }] } });
      assert.equal(body.metadata.managedFields?.length ?? 0, left, name);
    }
  });

  it("more than ten updaters: the oldest become one", async () => {
    const witness = await open("ConfigMap/conf");
    for (let at = 0; at < 14; at++) await witness.patch("merge", { data: { [`k${at}`]: "x" } }, { manager: `manager-${at}` });
    const managers = witness.live.metadata.managedFields.map((each: { manager: string }) => each.manager) as string[];
    assert.equal(managers.length, 10);
    assert.ok(managers.includes("ancient-changes"));
  });

  it("a manager by the name of the merged ones, in between", async () => {
    const witness = await open("ConfigMap/conf");
    const names = ["a1", "ancient-changes", ...Array.from({ length: 12 }, (_, at) => `b${at}`), "ancient-changes", "c1", "c2", "a1", "c3"];
    for (const [at, manager] of names.entries()) await witness.patch("merge", { data: { [`k${at}`]: "x" } }, { manager });
    // Times decide who is merged, so that entries of other days are needed for another order.
    const { live: object } = witness;
    const entries = object.metadata.managedFields.map((entry: JsonObject, at: number) => ({ ...entry, time: `2020-01-${String(28 - at).padStart(2, "0")}T00:00:00Z` }));
    await witness.put({ ...object, metadata: { ...object.metadata, managedFields: entries } });
    for (const manager of ["d1", "d2", "d3", "d4"]) await witness.patch("merge", { data: { [manager]: "x" } }, { manager });
  });

  it("random updates and patches", async () => {
    const seed = seedOfRun("random updates and patches");
    const tally = new Tally();
    const deadline = Date.now() + Number(process.env["FUZZ_SECONDS"] ?? 0) * 1000;
    const mismatches: Mismatch[] = [];
    for (let round = 0; round === 0 || (Date.now() < deadline && mismatches.length === 0); round++) {
      const found = await Promise.all(subjects().map(async (each, at) => {
        const random = new Random(seed + round * 1000 + at);
        const witness = new Witness(real.api, each, tally);
        await witness.create();
        return live(random, STEPS, () => someUpdate(witness, random));
      }));
      mismatches.push(...found.flat());
    }
    console.log(`  ${tally.text}`);
    assert.deepEqual(mismatches.map(({ what }) => what), [], `SEED=${seed}`);
    assert.ok(tally.sum((what) => / patch [45]|put [45]/.test(what)) * 2 > tally.sum((what) => / patch |put /.test(what)) * 0.9, "half of them are refused");
  });
});
