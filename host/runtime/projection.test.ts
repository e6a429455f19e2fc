import assert from "node:assert/strict";
import { test } from "node:test";
import type { TypeDef, TypeRef } from "../../bindings/protocol/manifest.ts";
import { nodePlatform } from "../platform/node/index.ts";
import { JsonCursor } from "./json/cursor.ts";
import { pick, randomDocument, randomText, seeded, type RandomSource } from "./json/testing/random-json.ts";
import { METADATA_ALWAYS, compileProjection, type CompiledProjection } from "./projection.ts";
import { Projector } from "./projector.ts";
import { SecretHasher } from "./secrets.ts";

const seed = Number(process.env["SEED"] ?? 20261122);
const platform = nodePlatform();
const projector = new Projector(platform.text, new SecretHasher(new Uint8Array(32), platform.text, platform.digest));
const KIND = { apiVersion: "example.dev/v1", kind: "MyApp", plural: "myapps", namespaced: true };
const STRING: TypeRef = { scalar: "string" };

type Types = { [name: string]: TypeDef };

function project(types: Types, text: string, start = 0): string {
  const bytes = new Uint8Array(new TextEncoder().encode(text));
  return projector.project(compileProjection(types, "Root") as CompiledProjection, KIND, new JsonCursor(bytes, start));
}

const TYPES: Types = {
  Root: { fields: { metadata: { type: { object: "Meta" } }, spec: { type: { object: "Spec" } }, status: { type: { scalar: "json" } } } },
  Meta: { fields: { labels: { type: { map: STRING } } } },
  Spec: {
    fields: {
      replicas: { type: { scalar: "integer" } },
      containers: { type: { list: { object: "Container" }, listType: "map", keys: ["name"] } },
      byName: { type: { map: { object: "Container" } } },
    },
  },
  Container: { fields: { name: { type: STRING }, nested: { type: { object: "Spec" } } } },
};

test("only declared fields, through structures, lists and maps, in the server's order", () => {
  const text = project(TYPES, JSON.stringify({
    kind: "MyApp", apiVersion: "example.dev/v1",
    metadata: { resourceVersion: "5", uid: "u", name: "a", managedFields: [{}], labels: { b: "1", a: "2" }, annotations: { x: "y" } },
    spec: { secretSauce: 1, replicas: 3, containers: [{ image: "i", name: "c", nested: { replicas: 1, other: 2 } }], byName: { k: { image: "i", name: "d" } } },
  }));
  assert.equal(text, '{"apiVersion":"example.dev/v1","kind":"MyApp","metadata":{"uid":"u","name":"a","labels":{"b":"1","a":"2"}},"spec":{"replicas":3,"containers":[{"name":"c","nested":{"replicas":1}}],"byName":{"k":{"name":"d"}}}}');
});

test("the same text from a list, where items lack apiVersion and kind, and from a watch", () => {
  const item = { metadata: { name: "a" }, spec: { replicas: 1 } };
  assert.equal(project(TYPES, JSON.stringify(item)), project(TYPES, JSON.stringify({ ...item, kind: "MyApp", apiVersion: "example.dev/v1" })));
});

test("integers, escapes and unicode stay as the server spelt them", () => {
  const status = '{"big":9223372036854775807,"f":1.50,"e":1E5,"s":"\\u003ca\\u003e ü 😀 \\ud83d\\ude00","n":null}';
  assert.equal(project(TYPES, `{"metadata":{"name":"a"},"status":${status}}`), `{"apiVersion":"example.dev/v1","kind":"MyApp","metadata":{"name":"a"},"status":${status}}`);
});

test("a key spelt with escapes is the key it means", () => {
  const text = project(TYPES, '{"m\\u0065tadata":{"name":"a"},"sp\\u0065c":{"r\\u0065plicas":2,"x\\u0065":1}}');
  assert.deepEqual(JSON.parse(text), { apiVersion: "example.dev/v1", kind: "MyApp", metadata: { name: "a" }, spec: { replicas: 2 } });
});

test("a value of another type than declared is passed on: the core's codec names it", () => {
  const text = project(TYPES, '{"metadata":{"name":"a"},"spec":{"containers":{"oops":1},"replicas":"three","byName":[1]}}');
  assert.deepEqual(JSON.parse(text).spec, { containers: { oops: 1 }, replicas: "three", byName: [1] });
});

test("equal declarations share one projection, others don't", () => {
  const copy = JSON.parse(JSON.stringify(TYPES)) as Types;
  assert.equal(compileProjection(TYPES, "Root"), compileProjection(copy, "Root"));
  copy["Container"]!.fields["image"] = { type: STRING };
  assert.notEqual(compileProjection(TYPES, "Root"), compileProjection(copy, "Root"));
  assert.notEqual(compileProjection(TYPES, "Root"), compileProjection(TYPES, "Root", { secret: true }));
  copy["Unreached"] = { fields: {} };
  delete copy["Container"]!.fields["image"];
  assert.equal(compileProjection(TYPES, "Root"), compileProjection(copy, "Root"));
});

test("malformed input is an error with its offset, deep nesting too", () => {
  assert.throws(() => project(TYPES, '{"metadata":{"name":"a"},"spec":{"replicas":}}'), { name: "JsonScanError", offset: 44 });
  const deep = `{"spec":${'{"containers":[{"nested":'.repeat(2_000)}{}${"}]}".repeat(2_000)}}`;
  assert.throws(() => project(TYPES, deep), /levels of nesting/);
});

/** The reference: what projecting means, on parsed values. */
function expected(types: Types, type: TypeRef, value: unknown): unknown {
  if ("object" in type && isRecord(value)) return pruned(types, types[type.object]!, value);
  if ("list" in type && Array.isArray(value)) return value.map((item) => expected(types, type.list, item));
  if ("map" in type && isRecord(value)) return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, expected(types, type.map, member)]));
  return value;
}

function pruned(types: Types, def: TypeDef, value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([key]) => Object.hasOwn(def.fields, key)).map(([key, member]) => [key, expected(types, def.fields[key]!.type, member)]));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const NAMES = ["a", "b", "spec", "name", "äöü", 'quo"te', "a\nb", "kind", "long".repeat(30)];

function randomType(random: RandomSource, depth: number): TypeRef {
  const kind = random();
  if (depth === 0 || kind < 0.25) return { scalar: pick(random, ["string", "integer", "json"] as const) };
  if (kind < 0.6) return { object: `T${Math.floor(random() * 5)}` };
  if (kind < 0.8) return { list: randomType(random, depth - 1), listType: "atomic" };
  return { map: randomType(random, depth - 1) };
}

function randomTypes(random: RandomSource): Types {
  const def = (): TypeDef => ({ fields: Object.fromEntries(Array.from({ length: 4 }, () => [pick(random, NAMES), { type: randomType(random, 3) }])) });
  const types: Types = Object.fromEntries(Array.from({ length: 5 }, (_, i) => [`T${i}`, def()]));
  types["Root"] = { fields: { ...def().fields, metadata: { type: { object: "T0" } } } };
  return types;
}

test(`fuzz: projecting bytes equals projecting parsed values (SEED=${seed})`, () => {
  const random = seeded(seed);
  for (let i = 0; i < 1_500; i++) {
    const types = randomTypes(random);
    const document = { ...Object.fromEntries(NAMES.map((name) => [name, randomDocument(random, 5, NAMES)])), metadata: { name: "a", uid: "u", ...Object.fromEntries(NAMES.map((name) => [name, randomDocument(random, 3, NAMES)])) } };
    const source = randomText(random, document);
    const { apiVersion: _, kind: __, metadata, ...rest } = pruned(types, types["Root"]!, document);
    const always = Object.fromEntries(METADATA_ALWAYS.map((field) => [field, { type: { scalar: "json" } as TypeRef }]));
    const meta = pruned(types, { fields: { ...types["T0"]!.fields, ...always } }, document.metadata);
    const text = project(types, source);
    assert.deepEqual(JSON.parse(text), { apiVersion: KIND.apiVersion, kind: KIND.kind, ...rest, metadata: meta }, `SEED=${seed} round ${i}\n${source}\n${JSON.stringify(types)}\n${JSON.stringify(metadata)}`);
    assert.doesNotMatch(text.replaceAll(/"(?:[^"\\]|\\.)*"/g, ""), /\s/, `SEED=${seed} round ${i}: white space in ${text}`);
    const cut = source.slice(0, Math.floor(random() * source.length));
    assert.throws(() => project(types, cut), { name: "JsonScanError" }, `SEED=${seed} round ${i}, cut: ${cut}`);
  }
});
