/** Custom resources: definitions good and bad, and values against every keyword of a schema. */
import type { Loose } from "../../support/api-client.ts";
import { type Api, type Script, script } from "../declare.ts";
import { Dice, mutated } from "../random.ts";

const DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

const SPEC: Loose = {
  type: "object", required: ["a", "b"], maxProperties: 30,
  properties: {
    a: { type: "integer", minimum: 1, maximum: 5 }, b: { type: "string", minLength: 2, maxLength: 5, pattern: "^[a-z]+$" }, c: { type: "string", enum: ["x", "y"] },
    d: { type: "array", maxItems: 2, minItems: 1, items: { type: "string" } }, e: { type: "number", multipleOf: 0.5, exclusiveMinimum: true, minimum: 0 }, f: { type: "boolean" },
    g: { type: "object", additionalProperties: { type: "string" }, minProperties: 1, maxProperties: 2 }, h: { "x-kubernetes-int-or-string": true }, i: { type: "string", format: "date-time" },
    j: { type: "integer", format: "int32" }, l: { type: "array", items: { type: "string" }, "x-kubernetes-list-type": "set" }, m: { type: "string", nullable: true },
    k: { type: "array", items: { type: "object", required: ["name"], properties: { name: { type: "string" }, v: { type: "integer", default: 7 } } }, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"] },
    n: { type: "object", anyOf: [{ required: ["p"] }, { required: ["q"] }], properties: { p: { type: "string" }, q: { type: "string" } } }, o: { type: "string", oneOf: [{ pattern: "^a" }, { pattern: "z$" }] },
    q: { type: "string", not: { enum: ["bad"] } }, r: { type: "string", format: "ipv4" }, s: { type: "string", format: "byte" }, t: { type: "integer", enum: [1, 2] }, u: { type: "string", format: "duration" },
    cel: { type: "object", properties: { min: { type: "integer" }, max: { type: "integer" } }, "x-kubernetes-validations": [{ rule: "self.min <= self.max", message: "min above max" }, { rule: "self.max < 100", messageExpression: "'max is too high'", reason: "FieldValueForbidden", fieldPath: ".max" }] },
    imm: { type: "string", "x-kubernetes-validations": [{ rule: "self == oldSelf", message: "immutable" }] },
    open: { type: "object", "x-kubernetes-preserve-unknown-fields": true, properties: { known: { type: "integer" } } }, nested: { type: "object", default: {}, properties: { deep: { type: "object", default: { on: true }, properties: { on: { type: "boolean" }, size: { type: "integer", default: 3 } } } } },
    replicas: { type: "integer" }, w: { type: "string", format: "uuid" }, x: { type: "string", format: "ipv6" }, y: { type: "string", format: "cidr" }, z: { type: "string", format: "date" },
  },
};

export function definition(plural: string, kind: string, change: (definition: Loose) => void = () => undefined): Loose {
  const made = structuredClone({
    apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition", metadata: { name: `${plural}.example.dev` },
    spec: {
      group: "example.dev", scope: "Namespaced", names: { plural, kind, shortNames: [`${plural}x`] },
      versions: [{
        name: "v1", served: true, storage: true, subresources: { status: {}, scale: { specReplicasPath: ".spec.replicas", statusReplicasPath: ".status.replicas" } },
        additionalPrinterColumns: [{ name: "A", type: "integer", jsonPath: ".spec.a" }, { name: "Ready", type: "string", jsonPath: ".status.conditions[?(@.type==\"Ready\")].status" }, { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" }],
        schema: { openAPIV3Schema: { type: "object", required: ["spec"], properties: { spec: SPEC, status: { type: "object", properties: { n: { type: "integer" }, replicas: { type: "integer" } } } } } },
      }],
    },
  });
  change(made);
  return made;
}

/** Defines it and waits until both servers serve it; the definition as it then is is noted. */
async function defined(api: Api, made: Loose): Promise<string> {
  await api.send({ method: "POST", path: DEFINITIONS, body: made }, true);
  const version = made.spec.versions[0].name;
  const base = `/apis/example.dev/${version}/namespaces/${api.ns}/${made.spec.names.plural}`;
  const deadline = AbortSignal.timeout(10_000);
  while ((await api.send({ method: "GET", path: base }, true)).status !== 200) {
    if (deadline.aborted) throw new Error(`${made.metadata.name} is not served`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return base;
}

const VALUES: readonly Loose[] = [
  {}, { a: "x", b: 1 }, { a: 0, b: "A" }, { a: 6, b: "aaaaaaa" }, { a: 1, b: "aa", c: "z" }, { a: 1, b: "aa", d: [] }, { a: 1, b: "aa", d: ["1", "2", "3"] }, { a: 1, b: "aa", d: [1] }, { a: 1, b: "aa", e: 0 },
  { a: 1, b: "aa", e: 0.3 }, { a: 1, b: "aa", e: 2.5 }, { a: 1, b: "aa", e: 3 }, { a: 1, b: "aa", f: "true" }, { a: 1, b: "aa", g: {} }, { a: 1, b: "aa", g: { x: "1", y: "2", z: "3" } }, { a: 1, b: "aa", g: { x: 1 } }, { a: 1, b: "aa", h: 1.5 },
  { a: 1, b: "aa", h: true }, { a: 1, b: "aa", h: "x" }, { a: 1, b: "aa", i: "yesterday" }, { a: 1, b: "aa", i: "2026-11-22T10:00:00Z" }, { a: 1, b: "aa", j: 3000000000 }, { a: 1.5, b: "aa" }, { a: 1, b: "aa", k: [{}] },
  { a: 1, b: "aa", k: [{ name: "a" }, { name: "a" }] }, { a: 1, b: "aa", k: [{ name: "a", more: 1 }, { name: "b", v: null }] }, { a: 1, b: "aa", l: ["a", "b", "a"] }, { a: 1, b: "aa", m: null }, { a: null, b: "aa" }, { a: 1, b: "aa", n: {} }, { a: 1, b: "aa", n: { q: "x" } },
  { a: 1, b: "aa", o: "b" }, { a: 1, b: "aa", o: "az" }, { a: 1, b: "aa", o: "ab" }, { a: 1, b: "aa", q: "bad" }, { a: 1, b: "aa", r: "1.2.3" }, { a: 1, b: "aa", s: "!!" }, { a: 1, b: "aa", t: 3 }, { a: 1, b: "aa", u: "5x" }, { a: 1, b: "aa", u: "3h2m" },
  { a: 1, b: "aa", cel: { min: 3, max: 2 } }, { a: 1, b: "aa", cel: { min: 3, max: 200 } }, { a: 1, b: "aa", cel: { min: 3 } }, { a: 1, b: "aa", unknown: 1, open: { known: 1, other: { deep: [1] } } }, { a: 1, b: "aa", open: { known: "x" } }, [], "s", null, 3,
  { a: 1, b: "aa", k: "x" }, { a: 1, b: "aa", cel: [] }, { a: 1, b: "aa", nested: { deep: {} } }, { a: 1, b: "aa", nested: null }, { a: 1, b: "aa", replicas: -1 }, { a: 1, b: "aa", replicas: 3000000000 },
  { a: 1, b: "aa", w: "x" }, { a: 1, b: "aa", x: "::g" }, { a: 1, b: "aa", x: "::1" }, { a: 1, b: "aa", y: "10.0.0.0/33" }, { a: 1, b: "aa", z: "2026-13-01" }, { a: 1, b: "aa", f: null }, { a: 1, b: "aa", l: [1, null] },
];

const values = script("custom", "values", async (api) => {
  const base = await defined(api, definition("zoos", "Zoo"));
  await api.get(`${DEFINITIONS}/zoos.example.dev`);
  for (const spec of VALUES) {
    const object = { apiVersion: "example.dev/v1", kind: "Zoo", metadata: { name: "z" }, spec };
    await api.post(`${base}?dryRun=All`, object);
    await api.post(`${base}?dryRun=All&fieldValidation=Strict`, object);
  }
  for (const body of [{ apiVersion: "example.dev/v1", kind: "Zoo", metadata: { name: "z" } }, { apiVersion: "example.dev/v1", kind: "Zoo", metadata: { name: "z" }, spec: { a: 1, b: "aa" }, foo: 1 }, { apiVersion: "example.dev/v1", kind: "Zoo", metadata: { name: "z", labels: { a: 1 } }, spec: { a: 1, b: "aa" } }, { apiVersion: "example.dev/v1", kind: "Zoo", metadata: { name: "z", foo: 1 }, spec: { a: 1, b: "aa" } }, { apiVersion: "example.dev/v1", kind: "Zoos", metadata: { name: "z" }, spec: { a: 1, b: "aa" } }]) {
    await api.post(`${base}?dryRun=All`, body);
    await api.post(`${base}?dryRun=All&fieldValidation=Strict`, body);
  }
});

const life = script("custom", "life", async (api) => {
  const base = await defined(api, definition("lives", "Life"));
  const made = await api.post(`${base}?fieldManager=one`, { apiVersion: "example.dev/v1", kind: "Life", metadata: { name: "z" }, spec: { a: 1, b: "aa", imm: "x", k: [{ name: "q" }], gone: 1 }, status: { n: 1 } });
  await api.get(base, { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" });
  await api.put(`${base}/z`, { ...made.body, spec: { ...made.body.spec, imm: "y" } });
  const changed = await api.put(`${base}/z?fieldManager=two`, { ...made.body, spec: { ...made.body.spec, a: 2 } });
  await api.put(`${base}/z/status?fieldManager=st`, { ...changed.body, spec: { a: 99 }, status: { n: "x" } });
  await api.put(`${base}/z/status?fieldManager=st`, { ...changed.body, metadata: { ...changed.body.metadata, labels: { a: "b" } }, spec: { a: 2, b: "bb" }, status: { n: 1 } });
  await api.patch(`${base}/z`, { spec: { a: 3, replicas: 2 } }, "merge");
  await api.patch(`${base}/z`, { spec: { a: 33 } }, "merge");
  await api.patch(`${base}/z`, { spec: { a: 3 } }, "strategic");
  await api.patch(`${base}/z`, [{ op: "replace", path: "/spec/a", value: 4 }], "json");
  await api.get(`${base}/z/scale`);
  await api.patch(`${base}/z/scale?fieldManager=hpa`, { spec: { replicas: 5 } }, "merge");
  await api.patch(`${base}/z/scale`, { spec: { replicas: -5 } }, "merge");
  await api.patch(`${base}/z?fieldManager=ap`, { apiVersion: "example.dev/v1", kind: "Life", metadata: { name: "z" }, spec: { k: [{ name: "q", v: 8 }, { name: "r" }], g: { x: "1" } } }, "apply");
  await api.patch(`${base}/z?fieldManager=ap&force=true`, { apiVersion: "example.dev/v1", kind: "Life", metadata: { name: "z" }, spec: { k: [{ name: "r" }], l: ["a"] } }, "apply");
  await api.patch(`${base}/z?fieldManager=ap`, { apiVersion: "example.dev/v1", kind: "Life", metadata: { name: "z" }, spec: { foo: 1 } }, "apply");
  await api.get(`${base}/z`);
  await api.get(`${base}?fieldSelector=metadata.name%3Dz`);
  await api.get(`${base}?fieldSelector=spec.a%3D4`);
  await api.delete(`${base}/z`);
});

const BAD: readonly [string, (definition: Loose) => void][] = [
  ["plural", (c) => { c.spec.names.plural = "Zoos"; }], ["name", (c) => { c.metadata.name = "x.example.dev"; }], ["no storage", (c) => { c.spec.versions[0].storage = false; }], ["no schema", (c) => { delete c.spec.versions[0].schema; }],
  ["no type", (c) => { c.spec.versions[0].schema.openAPIV3Schema.properties.spec = {}; }], ["scope", (c) => { c.spec.scope = "Foo"; }], ["default", (c) => { c.spec.versions[0].schema.openAPIV3Schema.properties.spec.properties.a.default = "x"; }],
  ["not a bool", (c) => { c.spec.versions[0].schema.openAPIV3Schema.properties.spec.properties.cel["x-kubernetes-validations"][0].rule = "self.min"; }], ["type", (c) => { c.spec.versions[0].schema.openAPIV3Schema.properties.spec.properties.b.type = "strin"; }],
  ["group", (c) => { c.spec.group = "nodots"; }], ["versions twice", (c) => { c.spec.versions.push(c.spec.versions[0]); }], ["no versions", (c) => { delete c.spec.versions; }], ["webhook", (c) => { c.spec.conversion = { strategy: "Webhook" }; }],
  ["no items", (c) => { delete c.spec.versions[0].schema.openAPIV3Schema.properties.spec.properties.d.items; }], ["map keys", (c) => { delete c.spec.versions[0].schema.openAPIV3Schema.properties.spec.properties.k["x-kubernetes-list-map-keys"]; }],
  ["root type", (c) => { c.spec.versions[0].schema.openAPIV3Schema.type = "string"; }], ["no kind", (c) => { delete c.spec.names.kind; }], ["no names", (c) => { delete c.spec.names; }], ["no spec", (c) => { delete c.spec; }], ["scale path", (c) => { c.spec.versions[0].subresources.scale.specReplicasPath = ".status.x"; }],
  ["conversion", (c) => { c.spec.conversion = { strategy: "Magic" }; }], ["version name", (c) => { c.spec.versions[0].name = "V1"; }], ["unique items", (c) => { c.spec.versions[0].schema.openAPIV3Schema.properties.spec.properties.d.uniqueItems = true; }],
];

const definitions = script("custom", "definitions", async (api) => {
  for (const [, change] of BAD) await api.post(`${DEFINITIONS}?dryRun=All`, definition("beasts", "Beast", change));
  const made = await api.post(`${DEFINITIONS}?dryRun=All`, definition("beasts", "Beast"));
  await api.put(`${DEFINITIONS}/beasts.example.dev`, made.body);
  await api.delete(`${DEFINITIONS}/beasts.example.dev`);
});

const dice = new Dice(1);

/** Values broken in ways that nobody thought of. */
const broken = script("custom", "broken values", async (api) => {
  const base = await defined(api, definition("wrecks", "Wreck"));
  const good = { a: 1, b: "aa", d: ["x"], g: { x: "1" }, h: "y", k: [{ name: "q", v: 2 }], n: { p: "1" }, cel: { min: 1, max: 2 }, nested: { deep: { on: false } } };
  for (let n = 0; n < 60; n++) await api.post(`${base}?dryRun=All${n % 3 === 0 ? "&fieldValidation=Strict" : ""}`, { apiVersion: "example.dev/v1", kind: "Wreck", metadata: { name: "z" }, spec: BROKEN[n] ??= mutated(good, dice) });
});
const BROKEN: Loose[] = [];

export const CUSTOM: readonly Script[] = [definitions, values, broken, life];
