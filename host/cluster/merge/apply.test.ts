/**
 * Server-side apply against a real API server: the merged object, who owns what, conflicts and refusals in the same words.
 * `SEED=n` runs random lives again, `FUZZ_SECONDS=60` goes on for longer.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { ClusterObject, Json, JsonObject, ManagedFieldsEntry } from "../model.ts";
import { applyConfiguration } from "./apply.ts";
import { live, type Mismatch, someApply } from "./testing/lives.ts";
import { Random, seedOfRun } from "./testing/random.ts";
import { type RealServer, startRealServer } from "./testing/real-server.ts";
import { copyOf, type Subject, subjectOf, subjects } from "./testing/subjects.ts";
import { Tally, Witness } from "./testing/witness.ts";

const server = await startRealServer();
const skip = "skipped" in server ? server.skipped : false;
const STEPS = 60;

const byName = new Map(subjects().map((subject) => [`${subject.kind}/${(subject.sample["metadata"] as JsonObject)["name"] as string}`, subject]));
const subject = (name: string): Subject => byName.get(name)!;
const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

describe("server-side apply, as a real server does it", { skip }, () => {
  let real: RealServer;
  const open = async (name: string): Promise<Witness> => {
    const witness = new Witness(real.api, subject(name));
    await witness.clear();
    return witness;
  };
  before(() => { real = server as RealServer; });
  after(async () => { if (!("skipped" in server)) await server.stop(); });

  const configMap = (data: Json, metadata: JsonObject = {}): JsonObject => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "conf", ...metadata }, data });
  const managers = (witness: Witness): string[] => (witness.live.metadata.managedFields ?? []).map((each: ManagedFieldsEntry) => `${each.manager} ${each.operation}`);

  it("creates, owns, shares, takes by force, and lets go", async () => {
    const witness = await open("ConfigMap/conf");
    assert.equal((await witness.apply(configMap({ a: "1", b: "2" }), { manager: "a1" })).status, 201);
    assert.equal((await witness.apply(configMap({ a: "1" }), { manager: "a2" })).status, 200);
    assert.equal((await witness.apply(configMap({ a: "2" }), { manager: "a3" })).status, 409);
    assert.equal((await witness.apply(configMap({ a: "2", c: "3" }), { manager: "a3" })).body.details.causes.length, 2);
    assert.equal((await witness.apply(configMap({ a: "2" }), { manager: "a3", force: true })).status, 200);
    assert.deepEqual(managers(witness), ["a1 Apply", "a3 Apply"]);
    await witness.apply(configMap({ b: "2" }), { manager: "a1" });
    assert.deepEqual(witness.live.data, { a: "2", b: "2" });
    await witness.apply(configMap({}), { manager: "a1" });
    assert.deepEqual(witness.live.data, { a: "2" });
    await witness.apply({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "conf" } }, { manager: "a3" });
    assert.deepEqual(managers(witness), ["a1 Apply"], "of an empty map");
  });

  it("an object that nobody managed", async () => {
    const witness = await open("ConfigMap/conf");
    await witness.create(configMap({ a: "1", b: "2" }));
    await witness.put({ ...witness.live, metadata: { ...witness.live.metadata, managedFields: [] } });
    assert.deepEqual(managers(witness), []);
    assert.equal((await witness.apply(configMap({ a: "2" }), { manager: "a1" })).status, 409);
    await witness.apply(configMap({ a: "2" }), { manager: "a1", force: true });
    assert.deepEqual(managers(witness), ["a1 Apply", "before-first-apply Update"]);
  });

  it("an apply that changes nothing: no time where there was none", async () => {
    const witness = await open("ConfigMap/conf");
    await witness.apply(configMap({ a: "1" }), { manager: "a1" });
    await witness.apply(configMap({ a: "1" }), { manager: "a2" });
    const [first, second] = witness.live.metadata.managedFields as ManagedFieldsEntry[];
    assert.deepEqual([first!.manager, first!.time, typeof second!.time], ["a2", undefined, "string"]);
    for (const manager of ["a1", "a2"]) await witness.apply(configMap({ a: "1" }), { manager });
  });

  it("null and empty values", async () => {
    const witness = await open("Deployment/web");
    await witness.apply(witness.subject.sample, { manager: "a1" });
    const deployment = (spec: JsonObject, metadata: JsonObject = {}): JsonObject => ({ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web", ...metadata }, spec });
    for (const [spec, metadata] of [
      [{ replicas: null }], [{ template: { spec: { nodeSelector: null } } }], [{ template: { spec: { containers: null } } }], [{ template: { spec: { tolerations: [] } } }],
      [{}, { labels: null }], [{}, { annotations: {} }], [{ strategy: null }], [{ template: null }], [{ paused: null, template: { metadata: { labels: {} } } }],
    ] as [JsonObject, JsonObject?][]) await witness.apply(deployment(spec, metadata), { manager: "a2", force: true });
    await witness.apply({ apiVersion: "apps/v1", kind: "Deployment", metadata: null, spec: null }, { manager: "a2", force: true });
  });

  it("an apply without metadata on an object that has some", async () => {
    const witness = await open("Lease/l");
    await witness.apply(witness.subject.sample, { manager: "a2" });
    const bare = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", spec: { holderIdentity: "x" } };
    for (const intent of [{ ...bare, metadata: {} }, { ...bare, metadata: null }, bare]) assert.equal((await witness.apply(intent, { manager: "a2" })).status, 200);
  });

  it("lists: keys with defaults, sets, order, duplicates", async () => {
    const witness = await open("Gadget/gadget");
    const gadget = (spec: JsonObject): JsonObject => ({ apiVersion: "example.dev/v1", kind: "Gadget", metadata: { name: "gadget" }, spec });
    const steps: [manager: string, spec: JsonObject][] = [
      ["a1", { ports: [{ port: 80 }, { port: 443, note: "x" }, { port: 80, protocol: "UDP" }], numbers: [3, 1, 2] }],
      ["a2", { ports: [{ port: 443, tags: [1] }, { port: 8080 }, { port: 80, protocol: "TCP" }], numbers: [2, 9, 3] }],
      ["a1", { ports: [{ port: 443, note: "x" }], numbers: [1] }], ["a2", { ports: [], numbers: [] }], ["a1", { ports: null }],
      ["a1", { ports: [{ port: 1 }, { port: 1 }] }], ["a1", { numbers: [1, 2, 1] }], ["a1", { numbers: [null] }], ["a1", { numbers: [[1]] }], ["a1", { numbers: [{}] }],
      ["a1", { ports: [{ protocol: "TCP" }] }], ["a1", { ports: [null] }], ["a1", { ports: ["x"] }], ["a1", { ports: {} }], ["a1", { ports: [{ port: "80" }] }],
      ["a1", { nested: { map: { x: { a: "1" }, y: { b: 2 } } }, whole: { a: "1" }, lists: [["a"]] }],
      ["a2", { nested: { map: { x: { b: 2 }, z: {} } }, lists: [["b"], []] }], ["a1", { nested: { map: { y: null } }, whole: {} }], ["a2", { nested: null }],
      ["a1", { open: { known: "k", more: { deep: [1] }, list: [1] } }], ["a2", { open: { more: { other: 1 }, list: { now: "map" } } }], ["a1", { open: { known: 5 } }],
      ["a1", { inner: { apiVersion: "v1", kind: "X", metadata: { labels: { a: "b" }, nope: 1 } } }], ["a1", { inner: { apiVersion: "v1", kind: "X", metadata: { name: "x", labels: { a: "b" } } } }],
      ["a2", { inner: { apiVersion: "v1", kind: "X", metadata: { annotations: { a: "b" } }, spec: { x: 5 } } }], ["a1", {}],
    ];
    for (const [manager, spec] of steps) await witness.apply(gadget(spec), { manager });
    for (const [manager, spec] of steps) await witness.apply(gadget(spec), { manager, force: true });
  });

  it("a body that is not of the kind's type", async () => {
    const witness = await open("Deployment/web");
    await witness.apply(witness.subject.sample, { manager: "a1" });
    const deployment = (spec: Json, more: JsonObject = {}): JsonObject => ({ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web" }, spec, ...more });
    const containers = (...list: Json[]): Json => ({ template: { spec: { containers: list } } });
    for (const intent of [
      deployment({ nope: 1 }), deployment({ replicas: "3" }), deployment({ replicas: true }), deployment({ paused: 5 }), deployment({ paused: "x" }), deployment({ template: [] }),
      deployment({ template: 1.5 }), deployment(containers("x")), deployment(containers(null)), deployment(containers({ image: "x" })), deployment(containers({ name: 5 })),
      deployment(containers({ name: "a" }, { name: "a" })), deployment(containers({ name: "a", ports: [{ containerPort: 1 }, { containerPort: 1 }] })),
      deployment(containers({ name: "a", command: "x" })), deployment(containers({ name: "a", command: [1, null, {}] })), deployment(containers({ name: "a", resources: { limits: { cpu: {} } } })),
      deployment({}, { extra: {} }), deployment({}, { status: { replicas: "x" } }), { apiVersion: "apps/v2", kind: "Deployment" }, { apiVersion: "a/b/c", kind: "Deployment" }, { kind: "Deployment" },
      { apiVersion: "apps/v1" }, { apiVersion: "v1", kind: "Pod", metadata: { name: "web" } }, deployment({}, { metadata: { name: "web", managedFields: [] } }),
      deployment({}, { metadata: { name: "web", managedFields: [{ manager: 5 }] } }), deployment({}, { metadata: { name: "web", managedFields: [5], extra: 1 } }),
      deployment({}, { metadata: { name: "web", labels: { a: 1, b: {} } } }), deployment({}, { metadata: [] }), deployment([]),
    ]) await witness.apply(intent, { manager: "a1" });
  });

  it("kubectl: from its annotation to server-side apply", async () => {
    const witness = await open("ConfigMap/conf");
    const applied = configMap({ a: "1", b: "2", c: "<&>" });
    const annotations = { [LAST_APPLIED]: JSON.stringify(applied) };
    await witness.create(configMap({ a: "1", b: "changed", c: "<&>" }, { annotations }), { manager: "kubectl-client-side-apply" });
    assert.equal((await witness.apply(configMap({ a: "9", b: "9" }), { manager: "other" })).status, 409);
    assert.equal((await witness.apply(configMap({ a: "9", b: "9" }), { manager: "kubectl" })).body.details.causes.length, 1, "b was changed since");
    assert.equal((await witness.apply(configMap({ a: "9", c: "<&>" }), { manager: "kubectl" })).status, 200);
    assert.match(witness.live.metadata.annotations[LAST_APPLIED], /\\u003c\\u0026\\u003e/);
    for (const odd of [null, {}, { [LAST_APPLIED]: "" }, { [LAST_APPLIED]: "{" }, { [LAST_APPLIED]: `{"apiVersion":"v1"}` }, { x: "y" }] as Json[]) {
      await witness.apply(configMap({ a: "9" }, { annotations: odd }), { manager: "kubectl", force: true });
    }
    await witness.apply(configMap({ a: "x".repeat(262_000) }), { manager: "kubectl", force: true });
    await witness.apply(configMap({ a: "short" }), { manager: "kubectl", force: true });
  });

  it("an object that is not of its type, though its kind is built in", async () => {
    const witness = await open("ServiceAccount/web");
    await witness.create({ ...witness.subject.sample, secrets: [{ name: "a" }] });
    const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "web", labels: { x: "y" } } };
    for (const secrets of [[{ namespace: "a" }], [{ name: "a" }, {}], [{ name: "a" }, { name: "a" }]] as JsonObject[][]) {
      await witness.patch("merge", { secrets });
      await witness.patch("merge", { metadata: { labels: { a: "b", n: JSON.stringify(secrets).length.toString() } } });
      assert.equal(managers(witness).length, 0, "nobody is remembered");
      assert.equal((await witness.apply(account, { manager: "a1" })).status, secrets[1]?.["name"] === undefined ? 500 : 200);
    }
  });

  it("through the status nobody takes the spec, and the other way round", async () => {
    const witness = await open("Gadget/gadget");
    const gadget = (spec: JsonObject, status: JsonObject): JsonObject => ({ apiVersion: "example.dev/v1", kind: "Gadget", metadata: { name: "gadget", labels: { a: "b" } }, spec, status });
    await witness.apply(gadget({ replicas: 1 }, { seen: "x" }), { manager: "a1" });
    await witness.apply(gadget({ replicas: 5 }, { seen: "x" }), { manager: "a1", subresource: "status" });
    assert.equal((await witness.apply(gadget({}, { seen: "y" }), { manager: "a2", subresource: "status" })).status, 409);
    await witness.apply(gadget({}, { seen: "y", replicas: 1 }), { manager: "a2", subresource: "status", force: true });
    await witness.apply(gadget({ replicas: 2 }, { seen: "z" }), { manager: "a1" });
  });

  it("managers of two versions of a kind", async () => {
    const v1 = subject("Gadget/gadget");
    const v2 = subjectOf({ ...v1.sample, apiVersion: "example.dev/v2" });
    const versions = {
      typeIn: (apiVersion: string) => (/^example.dev\/v[12]$/.test(apiVersion) ? { types: v1.types, type: v1.type } : undefined),
      convert: (object: ClusterObject, apiVersion: string) => ({ ...object, apiVersion }),
    };
    const [one, two] = [new Witness(real.api, v1, undefined, versions), new Witness(real.api, v2, undefined, versions)];
    await one.clear();
    const gadget = (version: string, spec: JsonObject): JsonObject => ({ apiVersion: `example.dev/${version}`, kind: "Gadget", metadata: { name: "gadget" }, spec });
    const steps: [Witness, string, string, JsonObject][] = [
      [one, "v1", "a1", { replicas: 1, ports: [{ port: 80 }, { port: 443 }], whole: { a: "1" } }], [two, "v2", "a2", { ports: [{ port: 80, note: "x" }] }],
      [two, "v2", "a1", { replicas: 2, ports: [{ port: 80 }] }], [two, "v2", "a2", { replicas: 3 }], [one, "v1", "a2", { numbers: [1] }], [one, "v1", "a1", {}],
    ];
    for (const [witness, version, manager, spec] of steps) {
      const other = witness === one ? two : one;
      if (other.live !== undefined) witness.live = { ...other.live, apiVersion: `example.dev/${version}` };
      await witness.apply(gadget(version, spec), { manager });
      other.live = undefined;
    }
  });

  it("applying the same once more changes nothing", () => {
    for (const each of subjects()) {
      const { types, type, apiVersion, kind, sample, custom } = each;
      const request = { types, type, apiVersion, kind, custom, manager: "a1", force: false, reset: each.reset(undefined), intent: sample };
      const first = applyConfiguration({ ...request, live: undefined, now: "2026-01-01T00:00:00Z" });
      const second = applyConfiguration({ ...request, live: first, now: "2027-01-01T00:00:00Z" });
      assert.deepEqual(second, first);
      assert.equal(second.metadata.managedFields, first.metadata.managedFields, "shared");
      assert.deepEqual(first, applyConfiguration({ ...request, live: copyOf(first as unknown as JsonObject) as unknown as ClusterObject, now: "2027-01-01T00:00:00Z" }));
    }
  });

  it("random applies", async () => {
    const seed = seedOfRun("random applies");
    const tally = new Tally();
    const deadline = Date.now() + Number(process.env["FUZZ_SECONDS"] ?? 0) * 1000;
    const mismatches: Mismatch[] = [];
    for (let round = 0; round === 0 || (Date.now() < deadline && mismatches.length === 0); round++) {
      const found = await Promise.all(subjects().map(async (each, at) => {
        const random = new Random(seed + round * 1000 + at);
        const witness = new Witness(real.api, each, tally);
        await witness.clear();
        return live(random, STEPS, () => someApply(witness, random));
      }));
      mismatches.push(...found.flat());
    }
    console.log(`  ${tally.text}`);
    assert.deepEqual(mismatches.map(({ what }) => what), [], `SEED=${seed}`);
    assert.ok(tally.sum((what) => /^apply [45]/.test(what)) * 2 > tally.sum((what) => /^apply /.test(what)) * 0.9, "half of them are refused");
  });
});
