import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { nodePlatform } from "../platform/node/index.ts";
import { decodeBase64, encodeBase64 } from "../values/base64.ts";
import { readCertificates } from "./certificate.ts";
import { JsonCursor } from "./json/cursor.ts";
import { Extractor } from "./extractor.ts";
import { compileProjection, type CompiledProjection } from "./projection.ts";
import { SecretHasher } from "./secrets.ts";
import { listOf, quiet, json, world } from "./testing/scripted.ts";

const { text, digest } = nodePlatform();
const KIND = { apiVersion: "v1", kind: "Secret", plural: "secrets", namespaced: true };
const map = { type: { map: { scalar: "string" } } } as const;
const TYPES = { Secret: { fields: { metadata: { type: { object: "Meta" } }, data: map, stringData: map } }, Meta: { fields: { annotations: map, labels: map } } } as const;
const PROJECTION = compileProjection(TYPES, "Secret", { secret: true }) as CompiledProjection;
const VALUES = ["hunter2-hunter2", "correct horse battery staple", "p\u00e4ssw\u00f6rd"];

function secret(data: { [key: string]: string }): object {
  const encoded = Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString("base64")]));
  const annotations = { "kubectl.kubernetes.io/last-applied-configuration": JSON.stringify({ data: encoded, stringData: data }), note: "kept" };
  return {
    kind: "Secret", apiVersion: "v1", type: "Opaque", data: encoded, stringData: data,
    metadata: { name: "s", namespace: "default", uid: "u", resourceVersion: "4", annotations, managedFields: [{ manager: "m", operation: "Apply", fieldsV1: { "f:data": {} } }] },
  };
}

function extracted(object: object, key = new Uint8Array(32)): ReturnType<Extractor["extract"]> {
  const bytes = new Uint8Array(new TextEncoder().encode(JSON.stringify(object)));
  const extractor = new Extractor(text, new SecretHasher(key, text, digest));
  return extractor.extract({ kind: KIND, projections: [PROJECTION], managers: ["m"] }, new JsonCursor(bytes), () => undefined);
}

/** Every string within reach of `root`. */
function strings(root: unknown, seen = new Set<unknown>()): string[] {
  if (typeof root === "string") return [root];
  if (typeof root !== "object" || root === null || seen.has(root)) return [];
  seen.add(root);
  const inner = root instanceof Map ? [...root.entries()].flat() : Object.entries(root).flat();
  return inner.flatMap((value) => strings(value, seen));
}

test("no value of a Secret is in any string that is cached, nor its base64", () => {
  const object = extracted(secret({ password: VALUES[0]!, words: VALUES[1]!, umlauts: VALUES[2]! }));
  const found = strings(object).join("\n");
  assert.match(found, /password/);
  for (const value of VALUES) {
    for (const trace of [value, Buffer.from(value).toString("base64"), Buffer.from(value).toString("hex")]) assert.ok(!found.includes(trace), `found ${trace}`);
  }
  assert.match(object.text(PROJECTION), /"note":"kept"/);
  assert.doesNotMatch(object.text(PROJECTION), /last-applied|stringData/);
});

test("values become their HMAC-SHA-256: equal ones equal, under another key different", () => {
  const key = new Uint8Array(40).fill(7);
  const { data } = JSON.parse(extracted(secret({ a: "x", b: "x", c: "y" }), key).text(PROJECTION)) as { data: { [key: string]: string } };
  assert.equal(data["a"], createHmac("sha256", key).update("x").digest("base64"));
  assert.equal(data["a"], data["b"]);
  assert.notEqual(data["a"], data["c"]);
  const other = JSON.parse(extracted(secret({ a: "x" }), new Uint8Array(32)).text(PROJECTION)) as { data: { [key: string]: string } };
  assert.notEqual(other.data["a"], data["a"]);
  const long = new Uint8Array(100).fill(3);
  assert.equal(new SecretHasher(long, text, digest).hash(new Uint8Array([1])), createHmac("sha256", long).update(new Uint8Array([1])).digest("base64"));
});

test("certificates show their dates and names", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "toque-certificates-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = (name: string): string => join(folder, name);
  execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", file("key"), "-out", file("crt"), "-days", "30000",
    "-subj", "/O=Shop/CN=db-0.db", "-addext", "subjectAltName=DNS:db-0.db,DNS:*.db.default.svc,IP:10.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE"], { stdio: "ignore" });
  execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", file("key2"), "-out", file("ca"), "-days", "30", "-subj", "/CN=Zert\u00e4 CA", "-utf8"], { stdio: "ignore" });
  const [crt, ca] = [readFileSync(file("crt"), "utf8"), readFileSync(file("ca"), "utf8")];
  const projected = extracted(secret({ "tls.crt": crt + ca, "tls.key": readFileSync(file("key"), "utf8"), word: "x" })).text(PROJECTION);
  const { certificates } = JSON.parse(projected) as { certificates: { [key: string]: { notBefore: string; notAfter: string; commonName: string; dnsNames: string[] }[] } };
  assert.deepEqual(Object.keys(certificates), ["tls.crt"]);
  const dates = (name: string): string[] => execFileSync("openssl", ["x509", "-in", file(name), "-noout", "-dates", "-dateopt", "iso_8601"], { encoding: "utf8" })
    .match(/\d{4}-\d\d-\d\d \S+/g)!.map((date) => date.replace(" ", "T"));
  assert.deepEqual(certificates["tls.crt"], [
    { notBefore: dates("crt")[0], notAfter: dates("crt")[1], commonName: "db-0.db", dnsNames: ["db-0.db", "*.db.default.svc"] },
    { notBefore: dates("ca")[0], notAfter: dates("ca")[1], commonName: "Zert\u00e4 CA", dnsNames: [] },
  ]);
  for (let cut = 0; cut < crt.length; cut += 7) readCertificates(new TextEncoder().encode(`${crt.slice(0, cut)}\n-----END CERTIFICATE-----`), text);
});

test("what isn't base64, or isn't a map, is hashed or dropped, never shown", () => {
  const odd = secret({}) as { data: unknown };
  odd.data = { a: "not base64 !", b: 7, c: null };
  const shown = extracted(odd).text(PROJECTION);
  assert.ok(!shown.includes("not base64"));
  assert.equal(typeof (JSON.parse(shown) as { data: { a: string } }).data.a, "string");
  odd.data = "hunter2";
  assert.equal((JSON.parse(extracted(odd).text(PROJECTION)) as { data: unknown }).data, null);
});

test("Secrets are watched with a secret projection only, and read fresh without their bytes", async () => {
  const { server, informers } = world();
  const plain = compileProjection(TYPES, "Secret");
  assert.throws(() => informers.watchOne(KIND, plain, "default", "s"), /secret projection only/);
  server.answers = [listOf(3)];
  const store = informers.watchOne(KIND, PROJECTION, "default", "s");
  await quiet();
  assert.equal(server.requests[0], "/api/v1/namespaces/default/secrets?limit=500&fieldSelector=metadata.name%3Ds");
  assert.match(server.last.path, /\/namespaces\/default\/secrets\?watch=1.*fieldSelector=metadata\.name%3Ds/);
  assert.equal(store.get("default/s"), undefined);
  server.answers = [json(200, secret({ password: VALUES[0]! }))];
  const fresh = await informers.readFresh(KIND, "default", "s");
  assert.match(fresh!.text(PROJECTION), /"password":"/);
  assert.throws(() => fresh!.text(plain), /has no text for projection/);
});

test("base64 both ways", () => {
  for (let length = 0; length < 70; length++) {
    const bytes = new Uint8Array(length).map((_, i) => (i * 37 + length) & 0xff);
    const encoded = Buffer.from(bytes).toString("base64");
    assert.equal(encodeBase64(bytes), encoded);
    assert.deepEqual(decodeBase64(new TextEncoder().encode(encoded)), bytes);
  }
  assert.equal(decodeBase64(new TextEncoder().encode("a-b_")), undefined);
});
