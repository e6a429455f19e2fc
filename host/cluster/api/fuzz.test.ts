/**
 * Hostile requests: whatever comes, the server answers, with a status of its own making, and stays as it was. `SEED=n` runs
 * one again, `FUZZ_SECONDS=60` looks longer.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Dice } from "../../../tests/fidelity/random.ts";
import { nodePlatform } from "../../platform/node/index.ts";
import { nodeYaml } from "../../platform/node/yaml-codec.ts";
import type { HttpCall, HttpReply } from "../../platform/http.ts";
import { createCluster, type Cluster } from "../cluster.ts";

const SEED = Number(process.env["SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const REQUESTS = 2500;
const SECONDS = Number(process.env["FUZZ_SECONDS"] ?? 0);

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "", "get", "\u0000"];
const PARTS = [
  "api", "apis", "v1", "apps", "namespaces", "default", "pods", "configmaps", "deployments", "status", "scale", "log", "proxy", "watch", "a", "..", ".", "", "%", "%2e%2e", "%zz", "__proto__",
  "constructor", "events", "nodes", "eviction", "binding", "token", "openapi", "v3", "healthz", "version", "rbac.authorization.k8s.io", "clusterroles", "x".repeat(300), "ä", "a:b:c:d", "customresourcedefinitions", "apiextensions.k8s.io",
];
const QUERIES = [
  "watch=1", "limit=1", "limit=-5", "limit=99999999999999999999", "continue=abc", "continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MSwic3RhcnQiOiIvLi4vYSJ9", "resourceVersion=1", "resourceVersion=999999", "resourceVersion=-1",
  "resourceVersionMatch=Exact", "resourceVersionMatch=NotOlderThan", "sendInitialEvents=true", "labelSelector=a%20in%20(", "labelSelector=!!", "labelSelector=" + "a%2C".repeat(500), "labelSelector=%00", "fieldSelector=metadata.name%3Da",
  "fieldSelector=%5C", "dryRun=All", "dryRun=x", "fieldValidation=Strict", "fieldManager=" + "m".repeat(500), "force=true", "propagationPolicy=Orphan", "gracePeriodSeconds=x", "timeoutSeconds=1", "pretty=true", "a=%zz&b;c", "&&&", "=", "includeObject=None", "__proto__=1",
];
const ACCEPTS = [undefined, "application/json", "application/yaml", "*/*", "text/html", ";;;,,,", "application/json;as=Table;v=v1;g=meta.k8s.io", "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io", "a/b;q=x", "application/vnd.kubernetes.protobuf", ",".repeat(1000)];
const TYPES = [undefined, "application/json", "application/yaml", "application/vnd.kubernetes.protobuf", "application/json-patch+json", "application/merge-patch+json", "application/strategic-merge-patch+json", "application/apply-patch+yaml", "text/plain", ";", "application/json; charset=utf-16"];

const deep = (open: string, close: string): string => open.repeat(20_000) + close.repeat(20_000);
const BODIES = [
  "", "{}", "[]", "null", "1", '"x"', "{", "}", "nul", deep("[", "]"), deep('{"a":', "}").replace("}", "1}"), `{"metadata":${deep('{"a":', "}").replace("}", "1}")}}`, '{"__proto__":{"polluted":1}}', '{"metadata":{"labels":{"__proto__":"x","constructor":"y"}}}',
  '{"metadata":{"name":"a"},"data":{"__proto__":"1"}}', '{"metadata":null}', '{"metadata":[]}', '{"metadata":{"name":1}}', '{"metadata":{"name":"a","name":"b"}}', '{"apiVersion":"v1","kind":"Pod","spec":null}', '{"spec":{"containers":{}}}',
  '[{"op":"add","path":"/metadata/labels/__proto__/x","value":1}]', '[{"op":"move","from":"/metadata","path":"/metadata/labels/a"}]', '[{"op":"copy","from":"","path":"/a"}]', '[{"op":"test","path":"/nope","value":null}]', '[{}]', '[[1]]',
  "a: &a [*a]", "a: b: c", "- - -", "!!js/function 'x'", "\u0000", "\ufeff{}", "\ud800", "{\"a\":\"\\ud800\"}", '{"a":1e999}', '{"a":123456789012345678901234567890}', "k8s\u0000\u0001\u0002", `{"data":{"a":"${"x".repeat(70_000)}"}}`, '{"$patch":"delete"}', '{"metadata":{"$patch":"replace","finalizers":["a"]}}',
  '{"kind":"DeleteOptions","propagationPolicy":"Foreground"}', '{"metadata":{"managedFields":[{"manager":"a","fieldsV1":{"k:{":{}}}]}}', '{"metadata":{"managedFields":[{}]}}', '{"spec":{"replicas":-1}}', '{"rules":[{"verbs":null}]}',
];

function randomCall(dice: Dice, cluster: Cluster): HttpCall {
  const known = ["/api/v1/namespaces/default/configmaps", "/api/v1/namespaces/default/configmaps/a", "/api/v1/namespaces/default/pods/p", "/apis/apps/v1/namespaces/default/deployments/d", "/apis/apps/v1/namespaces/default/deployments/d/scale", "/api/v1/namespaces", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", "/apis/rbac.authorization.k8s.io/v1/clusterroles/c"];
  const path = dice.chance(0.6) ? dice.of(known) : `/${Array.from({ length: dice.below(8) }, () => dice.of(PARTS)).join("/")}`;
  // The state is not to stay empty.
  if (dice.chance(0.02)) return { method: "POST", path: known[0]!, headers: { authorization: `Bearer ${cluster.adminToken}` }, body: new TextEncoder().encode('{"metadata":{"generateName":"a"}}') };
  const query = Array.from({ length: dice.below(4) }, () => dice.of(QUERIES)).join("&");
  const headers: { [name: string]: string } = {};
  if (dice.chance(0.95)) headers["authorization"] = `Bearer ${dice.chance(0.97) ? cluster.adminToken : "a.b.c"}`;
  const [accept, type] = [dice.of(ACCEPTS), dice.of(TYPES)];
  if (accept !== undefined && dice.chance(0.7)) headers["accept"] = accept;
  if (type !== undefined) headers["content-type"] = type;
  if (dice.chance(0.03)) headers["impersonate-user"] = dice.of(["bob", "system:serviceaccount:a:b", "%zz"]);
  return { method: dice.of(METHODS), path: query === "" ? path : `${path}?${query}`, headers, body: bytesOf(dice) };
}

/** Mostly text, sometimes broken, sometimes an object that is nearly right. */
function bytesOf(dice: Dice): Uint8Array {
  const text = dice.chance(0.3) ? JSON.stringify({ apiVersion: dice.of(["v1", "apps/v1", ""]), kind: dice.of(["ConfigMap", "Pod", "Deployment", ""]), metadata: { name: dice.of(["a", "p", "d", ""]) }, data: { a: "1" } }) : dice.of(BODIES);
  const bytes = new TextEncoder().encode(text);
  if (bytes.length > 0 && dice.chance(0.1)) bytes[dice.below(bytes.length)] = dice.below(256);
  return dice.chance(0.05) ? bytes.subarray(0, dice.below(bytes.length + 1)) : bytes;
}

/** Reads a watch for as long as it says something at once. */
function drained(reply: HttpReply): string {
  if (reply.stream === undefined) return String(reply.body);
  let text = "";
  reply.stream({ write: (chunk) => { text += String(chunk); return text.length < 1 << 20; }, end: () => undefined })();
  return text;
}

test(`hostile requests are answered (SEED=${SEED})`, async () => {
  const cluster = createCluster(nodePlatform(), { yaml: nodeYaml });
  const dice = new Dice(SEED);
  const statuses = new Map<number, number>();
  const end = performance.now() + SECONDS * 1000;
  for (let n = 0; n < REQUESTS || performance.now() < end; n++) {
    const call = randomCall(dice, cluster);
    const told = `SEED=${SEED}, request ${n}: ${call.method} ${call.path.slice(0, 200)} ${JSON.stringify(call.headers).slice(0, 300)} ${new TextDecoder().decode(call.body).slice(0, 200)}`;
    let reply: HttpReply;
    try {
      reply = cluster.server.answer(call);
      drained(reply);
    } catch (error) {
      throw new Error(`thrown for ${told}`, { cause: error });
    }
    assert.ok(reply.status >= 200 && reply.status < 600, told);
    assert.doesNotMatch(String(reply.body), /is not a function|Cannot read prop|Cannot convert|undefined|not iterable|call stack/i, `${told}\n${String(reply.body).slice(0, 300)}`);
    statuses.set(reply.status, (statuses.get(reply.status) ?? 0) + 1);
    if (n % 200 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(({} as { polluted?: number }).polluted, undefined);
  assert.equal(cluster.server.answer({ method: "GET", path: "/api/v1/namespaces/default", headers: { authorization: `Bearer ${cluster.adminToken}` }, body: new Uint8Array() }).status, 200);
  for (const status of [200, 201, 400, 401, 403, 404, 405, 406, 415, 422]) assert.ok(statuses.has(status), `never ${status}: ${JSON.stringify([...statuses])}`);
});

test("a body of more than 3 MiB is not looked at", () => {
  const cluster = createCluster(nodePlatform());
  const reply = cluster.server.answer({ method: "POST", path: "/api/v1/namespaces/default/configmaps", headers: { authorization: `Bearer ${cluster.adminToken}`, "content-type": "application/json" }, body: new Uint8Array((3 << 20) + 1) });
  assert.equal(reply.status, 413);
  assert.match(String(reply.body), /"message":"Request entity too large: limit is 3145728","reason":"RequestEntityTooLarge"/);
});

test("thousands of idle watches cost little, and each is told what it asked for", () => {
  const cluster = createCluster(nodePlatform());
  const client = cluster.client(cluster.admin);
  const resource = { group: "", version: "v1", resource: "configmaps" };
  let told = 0;
  const before = process.memoryUsage().heapUsed;
  const stops = Array.from({ length: 5000 }, (_, n) => {
    const reply = cluster.server.answer({ method: "GET", path: `/api/v1/namespaces/default/configmaps?watch=1&resourceVersion=${cluster.storage.resourceVersion}&labelSelector=n%3D${n}`, headers: { authorization: `Bearer ${cluster.adminToken}` }, body: new Uint8Array() });
    return reply.stream!({ write: () => { told++; return true; }, end: () => undefined });
  });
  assert.ok(process.memoryUsage().heapUsed - before < 5000 * 8192, "8 KiB each at most");
  for (let n = 0; n < 20; n++) client.create(resource, { apiVersion: "v1", kind: "ConfigMap", metadata: { name: `c${n}`, namespace: "default", labels: { n: String(n) } } });
  assert.equal(told, 20);
  for (const stop of stops) stop();
  client.delete(resource, "default", "c0");
  assert.equal(told, 20);
});
