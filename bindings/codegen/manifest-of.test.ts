import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import type { Manifest, TypeRef } from "../protocol/manifest.ts";
import { DEFAULT_LIMITS } from "../protocol/manifest.ts";
import { stringifyJson } from "../protocol/json.ts";
import { formatDiagnostics, manifestOf } from "./index.ts";

const read = (name: string): string => readFileSync(new URL(`testdata/${name}`, import.meta.url), "utf8");

function manifest(operator: string, crd: string): Manifest {
  const result = manifestOf(operator, crd);
  if ("errors" in result) assert.fail(formatDiagnostics(result.errors, { "operator.yaml": operator, "crd.yaml": crd }));
  return result.manifest;
}
const fieldsOf = (m: Manifest, type: string): string[] => Object.keys(m.types[type]?.fields ?? {}).sort();
const typeOf = (m: Manifest, type: string, field: string): TypeRef | undefined => m.types[type]?.fields[field]?.type;

describe("an operator with every key", () => {
  const rich = manifest(read("rich/operator.yaml"), read("rich/crd.yaml"));

  it("is described by name, version, kinds, calls and limits", () => {
    assert.deepEqual([rich.protocol, rich.name, rich.version], [1, "kitchen", "1.2.3-rc.1"]);
    assert.deepEqual(rich.for, { apiVersion: "serving.example.dev/v1", kind: "Service", plural: "services", namespaced: true, type: "ServingService", statusSubresource: true });
    assert.deepEqual(rich.limits, { ...DEFAULT_LIMITS, fuel: 5_000_000, roundsMax: 3 });
    assert.deepEqual(rich.calls, [
      { name: "health", targetKind: "Service", port: 8080, scheme: "http", method: "GET", path: "/healthz", effect: "read", timeoutMs: 5000 },
      { name: "memberRemove", targetKind: "Pod", port: 2379, scheme: "https", method: "POST", path: "/v3/cluster/member/remove", effect: "destructive", timeoutMs: 3000 },
    ]);
  });

  it("lists what it owns and reads in the order of their names, with the verbs in theirs", () => {
    assert.deepEqual(rich.owns.map((o) => [o.apiVersion, o.kind, o.link, o.shared, o.verbs.join()]), [
      ["other.example.dev/v1alpha1", "Helper", "ownerReference", false, "apply,create,patch,delete,adopt"],
      ["v1", "PersistentVolumeClaim", "uidLabel", false, "create"],
      ["v1", "Pod", "ownerReference", false, "apply,create,patch,delete,evict,adopt"],
      ["v1", "Service", "ownerReference", true, "apply,adopt"],
    ]);
    assert.deepEqual(rich.reads.map((r) => [r.kind, r.byName, r.namespaced]), [["ConfigMap", true, true], ["Node", false, false], ["Secret", true, true]]);
  });

  it("gets a finalizer when a child is linked by label", () => {
    assert.equal(rich.finalizer, true);
    assert.equal(manifest(read("myapp/operator.yaml"), read("myapp/crd.yaml")).finalizer, false);
  });

  it("carries the definition as it is installed, with its 64-bit integers", () => {
    const text = stringifyJson(rich.crd);
    assert.ok(text.includes('"default":9007199254740993'));
    assert.ok(!text.includes("creationTimestamp") && !text.includes("acceptedNames"));
  });

  it("comes out the same, byte for byte", () => {
    assert.equal(stringifyJson(rich), stringifyJson(manifest(read("rich/operator.yaml"), read("rich/crd.yaml"))));
    assert.deepEqual(Object.keys(rich.types), Object.keys(rich.types).sort());
  });
});

describe("the types of a custom kind", () => {
  const rich = manifest(read("rich/operator.yaml"), read("rich/crd.yaml"));
  const spec = (field: string): TypeRef | undefined => typeOf(rich, "ServingServiceSpec", field);

  it("tell every sort of value apart", () => {
    const expected: [string, TypeRef][] = [
      ["image", { scalar: "string" }], ["size", { scalar: "integer" }], ["ratio", { scalar: "number" }], ["paused", { scalar: "boolean" }],
      ["since", { scalar: "time" }], ["ca", { scalar: "bytes" }], ["port", { scalar: "intOrString" }], ["memory", { scalar: "quantity" }],
      ["config", { scalar: "json" }], ["anything", { scalar: "json" }], ["marker", { scalar: "json" }], ["template", { scalar: "json" }],
      ["annotations", { map: { scalar: "string" }, atomic: true }], ["hosts", { list: { scalar: "string" }, listType: "set" }],
      ["args", { list: { scalar: "string" }, listType: "atomic" }],
    ];
    for (const [field, type] of expected) assert.deepEqual(spec(field), type, field);
  });

  it("are named after where they stand; items in the singular", () => {
    assert.deepEqual(spec("policies"), { list: { object: "ServingServiceSpecPolicy" }, listType: "map", keys: ["name", "protocol"] });
    assert.deepEqual(spec("backends"), { map: { object: "ServingServiceSpecBackend" } });
    assert.equal(rich.types["ServingServiceSpecBackend"]!.atomic, true);
  });

  it("are Kubernetes' own where they are exactly the same, and only there", () => {
    assert.deepEqual(spec("selector"), { object: "LabelSelector" });
    assert.deepEqual(spec("otherSelector"), { object: "LabelSelector" });
    assert.deepEqual(typeOf(rich, "ServingServiceStatus", "conditions"), { list: { object: "Condition" }, listType: "map", keys: ["type"] });
    assert.deepEqual(spec("toleration"), { object: "ServingServiceSpecToleration" });
    // Two of Kubernetes' types look like this one; neither is more right than the other.
    assert.deepEqual(spec("reference"), { object: "ServingServiceSpecReference" });
    assert.deepEqual(spec("resources"), { object: "ServingServiceSpecResources" });
    // One field less required than in metav1.Condition.
    assert.deepEqual(typeOf(manifest(read("myapp/operator.yaml"), read("myapp/crd.yaml")), "MyAppStatus", "conditions"),
      { list: { object: "MyAppStatusCondition" }, listType: "map", keys: ["type"] });
  });

  it("keep out of the way of Kubernetes' names, whether those are used or not", () => {
    assert.deepEqual(fieldsOf(rich, "Service"), ["apiVersion", "kind", "metadata", "spec"]);
    assert.deepEqual(fieldsOf(rich, "ServiceSpec"), ["ports", "selector"]);
    const alone = manifest("name: a\nversion: 0.1.0\nfor: serving.example.dev/v1 Service\n", read("rich/crd.yaml"));
    assert.equal(alone.for.type, "ServingService");
  });

  it("know what is required, what may be null, and the defaults", () => {
    const { image, nothing, size } = rich.types["ServingServiceSpec"]!.fields;
    assert.equal(image!.required, true);
    assert.equal(nothing!.required, undefined);
    assert.equal(size!.default, 9007199254740993n);
    assert.equal(rich.types["ServingServiceSpecPolicy"]!.fields["protocol"]!.default, "TCP");
  });

  it("leave the names of the generated plan and observed alone", () => {
    const crd = read("myapp/crd.yaml").replace("            status:\n", "            plan: {type: object, properties: {a: {type: string}, b: {type: string}}}\n            status:\n");
    const m = manifest("name: a\nversion: 0.1.0\nfor: example.dev/v1 MyApp\n", crd);
    assert.deepEqual(typeOf(m, "MyApp", "plan"), { object: "ExampleMyAppPlan" });
  });

  it("may have fields with the names of JavaScript's own members", () => {
    assert.deepEqual(spec("constructor"), { scalar: "string" });
    assert.ok(fieldsOf(rich, "ServingServiceSpec").includes("__proto__"));
  });
});

describe("the fields that an operator sees", () => {
  const crd = read("myapp/crd.yaml");
  const operator = (rest: string): Manifest => manifest(`name: a\nversion: 0.1.0\nfor: example.dev/v1 MyApp\n${rest}`, crd);
  const always = ["creationTimestamp", "deletionTimestamp", "generation", "name", "namespace", "uid"];

  it("of the primary, without a word: all of its schema, and labels and annotations", () => {
    const m = operator("");
    assert.deepEqual(fieldsOf(m, "ObjectMeta"), [...always, "annotations", "labels"].sort());
    assert.deepEqual(fieldsOf(m, "MyAppSpec"), ["image", "port", "replicas"]);
    assert.deepEqual(fieldsOf(m, "MyAppStatus"), ["conditions", "observedGeneration", "readyReplicas"]);
  });

  it("of the primary, with `fields`: those, and the metadata that is always there", () => {
    const m = manifest("name: a\nversion: 0.1.0\nfor:\n  kind: example.dev/v1 MyApp\n  fields: [spec.image]\n", crd);
    assert.deepEqual(Object.keys(m.types), ["MyApp", "MyAppSpec", "ObjectMeta"]);
    assert.deepEqual(fieldsOf(m, "MyApp"), ["apiVersion", "kind", "metadata", "spec"]);
    assert.deepEqual(fieldsOf(m, "MyAppSpec"), ["image"]);
    assert.deepEqual(fieldsOf(m, "ObjectMeta"), always);
  });

  it("of another kind, without a word: everything but the API server's books", () => {
    const m = operator("reads: [{kind: v1 Pod}]");
    const metadata = fieldsOf(m, "ObjectMeta");
    assert.ok(metadata.includes("ownerReferences") && metadata.includes("finalizers"));
    assert.ok(!metadata.includes("managedFields") && !metadata.includes("resourceVersion"));
    assert.ok(fieldsOf(m, "PodSpec").length > 30);
    assert.ok(!("ManagedFieldsEntry" in m.types));
  });

  it("include the resourceVersion where it is named", () => {
    assert.ok(fieldsOf(operator("reads: [{kind: v1 Pod, fields: [metadata.resourceVersion]}]"), "ObjectMeta").includes("resourceVersion"));
  });

  it("go through lists and maps, and end with all that is beneath", () => {
    const m = operator("reads: [{kind: v1 Pod, fields: [spec.containers.livenessProbe, spec.volumes.name]}]");
    assert.deepEqual(fieldsOf(m, "PodSpec"), ["containers", "volumes"]);
    assert.deepEqual(fieldsOf(m, "Volume"), ["name"]);
    assert.deepEqual(fieldsOf(m, "TCPSocketAction"), ["host", "port"]);
    // The key of a list comes along: without it no item could be told from another.
    assert.deepEqual(fieldsOf(m, "Container"), ["livenessProbe", "name"]);
  });

  it("of a shared type: the union of what all kinds declared", () => {
    const m = operator("owns:\n  - {kind: apps/v1 Deployment, fields: [spec.template.spec.containers.image]}\n  - {kind: v1 Pod, fields: [spec.nodeName, metadata.labels]}\n");
    assert.deepEqual(fieldsOf(m, "PodSpec"), ["containers", "nodeName"]);
    assert.deepEqual(fieldsOf(m, "Container"), ["image", "name"]);
  });

  it("stand as a server writes them: of its own kinds as in their structs, of custom kinds by name", () => {
    const { types } = operator("reads: [{kind: v1 Pod, fields: [spec.containers, spec.volumes]}]");
    assert.deepEqual(Object.keys(types["PodSpec"]!.fields), ["volumes", "containers"]);
    assert.deepEqual(Object.keys(types["Container"]!.fields).slice(0, 3), ["name", "image", "command"]);
    assert.deepEqual(Object.keys(types["MyApp"]!.fields), ["apiVersion", "kind", "metadata", "spec", "status"]);
    assert.deepEqual(Object.keys(types["MyAppSpec"]!.fields), ["image", "port", "replicas"]);
  });

  it("are never JavaScript's own members", () => {
    const result = manifestOf("name: a\nversion: 0.1.0\nfor: example.dev/v1 MyApp\nreads: [{kind: v1 Pod, fields: [constructor, spec.toString]}]\n", crd);
    assert.ok("errors" in result);
    assert.deepEqual(result.errors.map((error) => error.message), ["Pod has no field 'constructor'.", "Pod.spec has no field 'toString'."]);
  });

  it("do not depend on the order in which they are declared", () => {
    const a = operator("owns:\n  - {kind: v1 Service, fields: [spec.selector, spec.ports]}\n  - {kind: v1 Pod, fields: [spec.nodeName]}\n");
    const b = operator("owns:\n  - {kind: v1 Pod, fields: [spec.nodeName]}\n  - {kind: v1 Service, fields: [spec.ports, spec.selector]}\n");
    assert.deepEqual(a, b);
    assert.equal(stringifyJson(a), stringifyJson(b));
  });
});
