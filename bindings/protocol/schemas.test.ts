/**
 * The schemas are the reference: the TypeScript types say the same, no more and no less, and documents of every sort
 * pass or fail as they should.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Ajv2020 } from "ajv/dist/2020.js";
import { compile } from "json-schema-to-typescript";
import { manifestOf } from "../codegen/index.ts";
import type { Json, JsonObject } from "./types.ts";

const here = fileURLToPath(new URL(".", import.meta.url));
const schemas = new Map<string, JsonObject>();
for (const file of readdirSync(join(here, "schemas")).sort()) {
  schemas.set(file, JSON.parse(readFileSync(join(here, "schemas", file), "utf8")) as JsonObject);
}
/** Named types in the schemas, and where TypeScript has them. */
const TYPES: [name: string, file: string][] = [
  ...["KubeObject", "ObjectMeta", "ObjectRef", "Observed", "Answer", "Result", "Plan", "Verdict", "Action", "ActionType", "ApplyAction",
    "CreateAction", "PatchAction", "DeleteAction", "EvictAction", "AdoptAction", "LatchAction", "HttpAction", "HttpCall", "Question"].map((name): [string, string] => [name, "types.ts"]),
  ...["Manifest", "PrimaryKind", "OwnedKind", "OwnedVerb", "ReadKind", "Call", "Limits", "TypeDef", "FieldDef", "TypeRef", "Scalar"].map((name): [string, string] => [name, "manifest.ts"]),
];

/** All schemas as one, for json-schema-to-typescript: every named part is a definition, and free JSON is our `Json`. */
function bundle(change: (name: string, definition: JsonObject) => void = () => {}): JsonObject {
  const definitions: JsonObject = {};
  const rewrite = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(rewrite);
    if (value === null || typeof value !== "object") return value;
    const target = value["$ref"];
    if (target === "json.schema.json") return { tsType: "Json" };
    if (typeof target === "string") return { $ref: `#/definitions/${titleOf(target)}` };
    const { $defs: _defs, $id: _id, $schema: _schema, ...rest } = value;
    return Object.fromEntries(Object.entries(rest).map(([key, member]) => [key, rewrite(member)]));
  };
  for (const [file, schema] of schemas) {
    if (file === "json.schema.json") continue;
    const named = { [schema["title"] as string]: schema, ...(schema["$defs"] as JsonObject | undefined) };
    for (const [name, definition] of Object.entries(named)) {
      const rewritten = rewrite(definition) as JsonObject;
      // Not every part has a title of its own; the key is its name.
      rewritten["title"] = name;
      change(name, rewritten);
      definitions[name] = rewritten;
    }
  }
  return { title: "Everything", type: "object", properties: {}, additionalProperties: false, definitions };
}

function titleOf(reference: string): string {
  const [file, inner] = reference.split("#/$defs/") as [string, string | undefined];
  return inner ?? (schemas.get(file)!["title"] as string);
}

/** TypeScript that compiles only if each of our types and its schema's accept the same values. */
async function comparison(schema: JsonObject): Promise<string> {
  const generated = await compile(schema as Parameters<typeof compile>[0], "Everything", { unreachableDefinitions: true, bannerComment: "", additionalProperties: false });
  const lines = [
    `import type { Json } from ${JSON.stringify(join(here, "types.ts"))};`,
    `import type * as Types from ${JSON.stringify(join(here, "types.ts"))};`,
    `import type * as Manifests from ${JSON.stringify(join(here, "manifest.ts"))};`,
    // Plain assignability sees a changed type; with every optional member made required it sees a missing one as well.
    "type Full<T> = Json extends T ? T : T extends object ? { [K in keyof T]-?: Full<T[K]> } : T;",
    "type Same<A, B> = [A] extends [B] ? [B] extends [A] ? [Full<A>] extends [Full<B>] ? [Full<B>] extends [Full<A>] ? true : false : false : false : false;",
    "type Must<T extends true> = T;",
    "namespace Schemas {", generated, "}",
    ...TYPES.map(([name, file]) => `export type Check${name} = Must<Same<Schemas.${name}, ${file === "types.ts" ? "Types" : "Manifests"}.${name}>>;`),
  ];
  return lines.join("\n");
}

/** Names of the types that differ, by file. */
function differing(files: { [name: string]: string }): { [name: string]: string[] } {
  const folder = mkdtempSync(join(tmpdir(), "toque-schemas-"));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const output = typeCheck(Object.keys(files).map((name) => join(folder, name)));
    const found: { [name: string]: string[] } = {};
    for (const [name, text] of Object.entries(files)) {
      const places = [...output.matchAll(new RegExp(`${name.replace(".", "\\.")}[(:](\\d+)[,:]`, "g"))].map((match) => text.split("\n")[Number(match[1]) - 1]!);
      found[name] = places.map((line) => /export type Check(\w+)/.exec(line)?.[1] ?? line);
    }
    if (output !== "" && Object.values(found).every((names) => names.length === 0)) assert.fail(output);
    return found;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function typeCheck(files: string[]): string {
  const tsc = fileURLToPath(new URL("../../node_modules/typescript/bin/tsc", import.meta.url));
  const options = "--noEmit --strict --target es2024 --module nodenext --moduleResolution nodenext --allowImportingTsExtensions --skipLibCheck --types node --typeRoots".split(" ");
  const typeRoots = fileURLToPath(new URL("../../node_modules/@types", import.meta.url));
  try {
    return execFileSync(process.execPath, [tsc, ...options, typeRoots, "--ignoreConfig", ...files], { encoding: "utf8" });
  } catch (error) {
    return String((error as { stdout: unknown }).stdout);
  }
}

test("the TypeScript types and the schemas say the same", async () => {
  const plus = bundle((_name, definition) => {
    for (const object of objectsOf(definition)) (object["properties"] as JsonObject)["somethingNew"] = { type: "string" };
  });
  const minus = bundle((_name, definition) => {
    for (const object of objectsOf(definition)) {
      const optional = Object.keys(object["properties"] as JsonObject).find((key) => !(object["required"] as string[]).includes(key));
      if (optional !== undefined) delete (object["properties"] as JsonObject)[optional];
    }
  });
  const files = { "as-it-is.ts": await comparison(bundle()), "plus.ts": await comparison(plus), "minus.ts": await comparison(minus) };
  const found = differing(files);
  assert.deepEqual(found["as-it-is.ts"], [], "these differ between bindings/protocol/*.ts and schemas/");
  // The comparison itself: a member too many or too few must be seen in every type that has members.
  const withMembers = TYPES.map(([name]) => name).filter((name) => !["Verdict", "ActionType", "OwnedVerb", "Scalar"].includes(name));
  assert.deepEqual(found["plus.ts"]!.sort(), withMembers.sort());
  for (const name of ["KubeObject", "Observed", "Plan", "Result", "HttpCall", "Question", "Answer", "ApplyAction", "Manifest", "TypeRef"]) {
    assert.ok(found["minus.ts"]!.includes(name), `a member missing from ${name} goes unseen`);
  }
});

/** The closed or open objects that a definition consists of: itself, or its alternatives. */
function objectsOf(definition: JsonObject): JsonObject[] {
  const alternatives = (definition["oneOf"] as JsonObject[] | undefined) ?? [definition];
  return alternatives.filter((alternative) => alternative["properties"] !== undefined);
}

const ajv = new Ajv2020({ allErrors: true, strict: true });
for (const schema of schemas.values()) ajv.addSchema(schema);

/** "" when the document passes; else what is wrong, as "/path message". */
function wrongIn(file: string, document: Json): string {
  const validate = ajv.getSchema(`https://toque.dev/schemas/v1/${file}.schema.json`)!;
  return validate(document) ? "" : ajv.errorsText(validate.errors, { separator: "\n", dataVar: "" });
}

const pod: JsonObject = { apiVersion: "v1", kind: "Pod", metadata: { name: "p", namespace: "n", labels: { a: "b" } }, spec: { any: [1, null] } };
const target: JsonObject = { apiVersion: "v1", kind: "Pod", namespace: "n", name: "p" };
const samples: [file: string, document: JsonObject][] = [
  ["observed", { protocol: 1, mode: "reconcile", now: "2026-01-02T03:04:05.006Z", primary: pod, owned: [pod], strays: [], answers: { q: { state: "value", value: 5 }, r: { state: "absent" }, s: { state: "unobserved", reason: "Timeout", httpStatus: 504 } }, lastResults: [{ action: { type: "apply", kind: "Pod" }, outcome: "failed", reason: "Conflict" }] }],
  ["plan", { protocol: 1, verdict: "settled", actions: [], questions: [] }],
  ["plan", { protocol: 1, verdict: "progressing", reason: "Scaling", message: "3 of 5", status: { ready: 3 }, requeueAfterMs: 1000, questions: [], actions: [
    { type: "apply", stage: 0, reason: "r", object: pod, uid: "u", release: ["spec.replicas"] }, { type: "create", stage: 0, reason: "r", object: pod },
    { type: "patch", stage: 1, reason: "r", target, uid: "u", patch: { spec: null } }, { type: "delete", stage: 1, reason: "r", target, uid: "u", propagationPolicy: "Orphan" },
    { type: "evict", stage: 1, reason: "r", target, uid: "u" }, { type: "adopt", stage: 1, reason: "r", target, uid: "u" },
    { type: "latch", stage: 0, reason: "r", status: {} }, { type: "http", stage: 2, reason: "r", call: { name: "memberAdd", target, body: "{}" } }] }],
  ["plan", { protocol: 1, verdict: "blocked", actions: [], questions: [
    { type: "get", id: "a", target }, { type: "list", id: "b", apiVersion: "v1", kind: "Pod", selector: "a=b", limit: 5, pollMs: 100 }, { type: "http", id: "c", call: { name: "status", target } }] }],
];

test("documents of the contract pass", () => {
  for (const [file, document] of samples) assert.equal(wrongIn(file, document), "");
  const folder = new URL("../codegen/testdata/myapp/", import.meta.url);
  const read = (name: string): string => readFileSync(new URL(name, folder), "utf8");
  const result = manifestOf(read("operator.yaml"), read("crd.yaml"));
  assert.ok("manifest" in result);
  assert.equal(wrongIn("manifest", result.manifest as unknown as JsonObject), "");
});

test("documents that break the contract are refused, with the place", () => {
  const observed = samples[0]![1];
  const plan = samples[1]![1];
  const refused = (file: string, document: JsonObject, expected: RegExp): void => assert.match(wrongIn(file, document), expected);
  refused("observed", { ...observed, protocol: 2 }, /\/protocol must be equal to constant/);
  refused("plan", { ...plan, protocol: 2 }, /\/protocol must be equal to constant/);
  refused("observed", { ...observed, now: "2026-01-02T03:04:05Z" }, /\/now must match pattern/);
  refused("observed", { ...observed, answers: { q: { state: "value" } } }, /\/answers\/q/);
  refused("observed", { ...observed, answers: { q: { state: "absent", value: 1 } } }, /\/answers\/q/);
  refused("observed", { ...observed, primary: { ...pod, metadata: {} } }, /\/primary\/metadata must have required property 'name'/);
  refused("plan", { ...plan, verdict: "done" }, /\/verdict must be equal to one of/);
  refused("plan", { ...plan, extra: 1 }, /must NOT have additional properties/);
  refused("plan", { ...plan, requeueAfterMs: 0.5 }, /\/requeueAfterMs must be integer/);
  refused("plan", { ...plan, actions: [{ type: "delete", stage: 0, reason: "r", target }] }, /\/actions\/0 must have required property 'uid'/);
  refused("plan", { ...plan, actions: [{ type: "erase", stage: 0, reason: "r" }] }, /\/actions\/0/);
  refused("plan", { ...plan, questions: [{ type: "http", id: "q", call: { name: "n", target, url: "http://x" } }] }, /\/questions\/0\/call must NOT have additional properties/);
});
