/** Managers across versions, schemas that change, and the scale subresource, against a real API server. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { until } from "../../../tests/support/wait.ts";
import type { ClusterObject, Json, JsonObject, ManagedFieldsEntry } from "../model.ts";
import { BUILTIN_TYPES } from "../schema/facts.ts";
import { applyConfiguration } from "./apply.ts";
import { mergePatch } from "./merge-patch.ts";
import { entriesFromScale, pathElements, type ReplicasPath, scaleEntries, unfitScale } from "./scale.ts";
import { GADGET, GADGET_CRD, GADGET_TABLE } from "./testing/gadgets.ts";
import { type RealServer, startRealServer } from "./testing/real-server.ts";
import { type Subject, subjectOf } from "./testing/subjects.ts";
import { Witness } from "./testing/witness.ts";
import type { Versions } from "./tracking.ts";
import { updateManagedFields } from "./update.ts";

const server = await startRealServer();
const skip = "skipped" in server ? server.skipped : false;
const CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
/** Test objects are of every shape. */
type Loose = any;

describe("managers, versions, scales", { skip }, () => {
  let real: RealServer;
  before(() => { real = server as RealServer; });
  after(async () => { if (!("skipped" in server)) await server.stop(); });

  /** A copy of the gadgets' CRD under another name, so that a test can change it. */
  const ownKind = async (kind: string): Promise<Subject> => {
    const crd = JSON.parse(JSON.stringify(GADGET_CRD).replaceAll("Gadget", kind).replaceAll("gadget", kind.toLowerCase())) as unknown;
    await real.api.must("POST", CRDS, crd);
    const sample = { ...GADGET, kind, metadata: { name: "thing" } } as JsonObject;
    const subject = { ...subjectOf(GADGET), kind, type: "Gadget", sample, collection: `/apis/example.dev/v1/namespaces/default/${kind.toLowerCase()}s` };
    await until(`${kind}s are served`, async () => (await real.api.request("GET", subject.collection)).status === 200);
    return subject;
  };

  const changeCrd = async (kind: string, change: (spec: Loose) => void): Promise<void> => {
    const path = `${CRDS}/${kind.toLowerCase()}s.example.dev`;
    const crd = await real.api.must("GET", path) as Loose;
    change(crd.spec);
    await real.api.must("PUT", path, crd);
  };

  const both: Versions = {
    typeIn: (apiVersion) => (/^example.dev\/v[12]$/.test(apiVersion) ? { types: GADGET_TABLE, type: "Gadget" } : undefined),
    convert: (object: ClusterObject, apiVersion) => ({ ...object, apiVersion }),
  };

  it("a version that is gone: updates forget everybody, applies fail", async () => {
    const subject = await ownKind("Widget");
    const second = { ...subject, apiVersion: "example.dev/v2", collection: subject.collection.replace("/v1/", "/v2/") };
    const widget = (version: string, spec: JsonObject): JsonObject => ({ apiVersion: `example.dev/${version}`, kind: "Widget", metadata: { name: "thing" }, spec });
    const one = new Witness(real.api, subject, undefined, both);
    await one.apply(widget("v1", { replicas: 1 }), { manager: "a1" });
    const two = new Witness(real.api, second, undefined, both);
    two.live = { ...one.live, apiVersion: "example.dev/v2" };
    await two.apply(widget("v2", { numbers: [1] }), { manager: "a2" });
    await changeCrd("Widget", (spec) => { spec.versions.pop(); });
    await until("v2 is gone", async () => (await real.api.request("GET", second.collection)).status === 404);
    const left = new Witness(real.api, subject);
    left.live = { ...two.live, apiVersion: "example.dev/v1" };
    assert.equal((await left.apply(widget("v1", { replicas: 2 }), { manager: "a1" })).status, 500);
    await left.patch("merge", { spec: { replicas: 5 } });
    assert.equal(left.live.metadata.managedFields, undefined);
    await left.apply(widget("v1", { replicas: 5 }), { manager: "a1" });
  });

  it("a list and a map that become one field, and the other way round", async () => {
    const subject = await ownKind("Gizmo");
    const gizmo = (spec: JsonObject): JsonObject => ({ apiVersion: "example.dev/v1", kind: "Gizmo", metadata: { name: "thing" }, spec });
    const witness = new Witness(real.api, subject);
    await witness.apply(gizmo({ ports: [{ port: 80, note: "x" }], nested: { map: { x: { a: "1" } } }, whole: { a: "1" } }), { manager: "a1" });
    await witness.apply(gizmo({ ports: [{ port: 443 }], nested: { map: { y: { b: 1 } } } }), { manager: "a2" });
    await changeCrd("Gizmo", ({ versions }) => {
      for (const { schema: { openAPIV3Schema: { properties: { spec: { properties } } } } } of versions) {
        properties.ports = { type: "array", items: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };
        properties.nested["x-kubernetes-map-type"] = "atomic";
        delete properties.whole["x-kubernetes-map-type"];
      }
    });
    await until("the schema is in force", async () => {
      const path = `${subject.collection}/other?fieldManager=probe&dryRun=All`;
      const twice = { ...gizmo({ ports: [{ port: 1 }, { port: 1 }] }), metadata: { name: "other" } };
      return (await real.api.request("PATCH", path, twice, "application/apply-patch+yaml")).status === 201;
    });
    const spec = GADGET_TABLE["Spec"]!;
    const types = {
      ...GADGET_TABLE, Port: { fields: {}, open: true as const }, Nested: { ...GADGET_TABLE["Nested"]!, atomic: true as const },
      Spec: { ...spec, fields: { ...spec.fields, ports: { type: { list: { struct: "Port" }, listType: "atomic" as const } }, whole: { type: { map: { scalar: "string" as const } } } } },
    };
    const later = new Witness(real.api, { ...subject, types });
    later.live = witness.live;
    assert.equal((await later.apply(gizmo({ ports: [{ port: 1 }] }), { manager: "a3" })).status, 409);
    await later.patch("merge", { spec: { whole: { b: "2" } } });
    await later.apply(gizmo({ whole: { a: "2" } }), { manager: "a3" });
    await later.apply(gizmo({ whole: { a: "2" } }), { manager: "a1", force: true });
    await later.apply(gizmo({ ports: [] }), { manager: "a2", force: true });
  });

  /** Requests to the scale of an object, one after the other; the object's managedFields after each are compared. */
  const scaled = async (object: JsonObject, path: string, replicas: ReplicasPath, custom: boolean): Promise<void> => {
    const name = (object["metadata"] as JsonObject)["name"] as string;
    await real.api.must("POST", `${path}?fieldManager=creator`, object);
    const url = `${path}/${name}`;
    const scale = (count: number | undefined): JsonObject => ({ apiVersion: "autoscaling/v1", kind: "Scale", metadata: { name }, ...(count === undefined ? {} : { spec: { replicas: count } }) });
    const steps: [manager: string, request: "merge" | "apply" | "force" | "main", count: number | undefined][] = [
      ["x", "merge", 3], ["x", "merge", 4], ["y", "merge", 4], ["y", "merge", 5], ["ap", "apply", 6], ["ap", "force", 6], ["ap", "force", 7], ["om", "main", 7], ["ap", "apply", 9],
      ["ap", "apply", undefined], ["z", "merge", 11], ["z", "merge", 11], ["q", "apply", 11], ["q", "apply", 12], ["z", "merge", 1],
    ];
    for (const [manager, request, count] of steps) {
      const parent = await real.api.must("GET", url) as Loose;
      if (request === "main") {
        await real.api.must("PATCH", `${url}?fieldManager=${manager}&force=true`, { apiVersion: object["apiVersion"], kind: object["kind"], metadata: { name }, spec: { replicas: count } }, "application/apply-patch+yaml");
        continue;
      }
      const before = await real.api.must("GET", `${url}/scale`) as Loose;
      const live = { ...before, metadata: { ...before.metadata, managedFields: scaleEntries(parent.metadata.managedFields, replicas) } } as ClusterObject;
      const tracked = { live, types: BUILTIN_TYPES, type: "Scale", apiVersion: "autoscaling/v1", kind: "Scale", manager, subresource: "scale", now: "2026-01-01T00:00:00Z" };
      let after: ManagedFieldsEntry[] | undefined;
      let refusal: string | undefined;
      try {
        const next = mergePatch(live as unknown as JsonObject, { spec: { replicas: count! } }).value as unknown as ClusterObject;
        if (request === "merge") after = updateManagedFields({ ...tracked, next });
        else {
          const applied = applyConfiguration({ ...tracked, intent: scale(count), force: request === "force" });
          if (custom && JSON.stringify(applied["spec"]) !== JSON.stringify(live["spec"])) throw unfitScale(scale(count));
          after = applied.metadata.managedFields;
        }
      } catch (error) {
        refusal = (error as Error).message;
      }
      const body: Json = request === "merge" ? { spec: { replicas: count! } } : scale(count);
      const type = request === "merge" ? "merge-patch+json" : "apply-patch+yaml";
      const answer = await real.api.request("PATCH", `${url}/scale?fieldManager=${manager}${request === "merge" ? "" : `&force=${request === "force"}`}`, body, `application/${type}`);
      const what = `${manager} ${request} ${count}`;
      assert.equal(refusal, answer.status < 300 ? undefined : answer.body.message, what);
      if (refusal !== undefined) continue;
      const expected = (await real.api.must("GET", url) as Loose).metadata.managedFields;
      assert.equal(JSON.stringify(entriesFromScale(parent.metadata.managedFields, after, object["apiVersion"] as string, replicas, custom)), JSON.stringify(expected), what);
    }
  };

  it("the scale of a Deployment", () => scaled({
    apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "scaled" },
    spec: { replicas: 2, selector: { matchLabels: { a: "b" } }, template: { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "c", image: "i" }] } } },
  }, "/apis/apps/v1/namespaces/default/deployments", (version) => (version === "apps/v1" ? pathElements(".spec.replicas") : undefined), false));

  it("the scale of a custom resource", () => scaled(
    { ...GADGET, metadata: { name: "scaled" } } as JsonObject, "/apis/example.dev/v1/namespaces/default/gadgets",
    (version) => (version.startsWith("example.dev/") ? pathElements(".spec.replicas") : undefined), true,
  ));
});
