import assert from "node:assert/strict";
import { test } from "node:test";
import { nodePlatform } from "../platform/node/index.ts";
import { createCluster, type Cluster } from "./cluster.ts";

// Tests look into answers of every kind.
type Loose = any;

function ask(cluster: Cluster, method: string, path: string, body?: unknown): { status: number; body: Loose } {
  const text = body === undefined ? "" : JSON.stringify(body);
  const reply = cluster.server.answer({ method, path, headers: {}, body: new TextEncoder().encode(text) }, cluster.admin);
  return { status: reply.status, body: JSON.parse(String(reply.body)) };
}

test("creates, reads, updates, lists, watches and deletes", () => {
  const cluster = createCluster(nodePlatform());
  const path = "/api/v1/namespaces/default/configmaps";
  const events: Loose[] = [];
  const watch = cluster.server.answer({ method: "GET", path: `${path}?watch=1&resourceVersion=0`, headers: {}, body: new Uint8Array() }, cluster.admin);
  const stop = watch.stream!({ write: (chunk) => { events.push(JSON.parse(String(chunk))); return true; }, end: () => undefined });
  const made = ask(cluster, "POST", path, { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, data: { x: "1" } });
  assert.equal(made.status, 201);
  assert.match(made.body.metadata.uid, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(ask(cluster, "POST", path, { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } }).status, 409);
  assert.deepEqual(ask(cluster, "GET", `${path}/a`).body, made.body);
  const next = ask(cluster, "PUT", `${path}/a`, { ...made.body, data: { x: "2" } });
  assert.equal(next.status, 200);
  assert.equal(ask(cluster, "PUT", `${path}/a`, made.body).status, 409, "the old resourceVersion");
  const { body } = ask(cluster, "GET", path);
  assert.equal(body.kind, "ConfigMapList");
  assert.deepEqual(body.items.map((each: Loose) => each.data), [{ x: "2" }]);
  assert.equal(ask(cluster, "DELETE", `${path}/a`).body.status, "Success");
  assert.equal(ask(cluster, "GET", `${path}/a`).body.reason, "NotFound");
  assert.deepEqual(events.map(({ type, object }) => [type, object.data?.x]), [["ADDED", "1"], ["MODIFIED", "2"], ["DELETED", "2"]]);
  stop();
});

test("the host's transport runs in process, in a user's name", async () => {
  const cluster = createCluster(nodePlatform());
  const transport = cluster.transport(cluster.admin);
  const answer = await transport.request({ method: "GET", path: "/api/v1/namespaces/default" });
  assert.equal(answer.status, 200);
  const refused = await transport.request({ method: "GET", path: "/api/v1/secrets", impersonate: { user: "bob", groups: ["dev"] } });
  assert.match(new TextDecoder().decode(refused.body), /User \\"bob\\" cannot list resource \\"secrets\\"/);
  const told: string[] = [];
  const done = Promise.withResolvers<void>();
  const stream = transport.stream({ method: "GET", path: "/api/v1/namespaces?watch=1&resourceVersion=0" }, {
    onHead: (status) => told.push(String(status)),
    onData(chunk) {
      told.push(JSON.parse(new TextDecoder().decode(chunk)).object.metadata.name);
      if (told.includes("later")) done.resolve();
    },
    onEnd: () => done.reject(new Error("ended")), onError: done.reject,
  });
  assert.deepEqual(told, []);
  await transport.request({ method: "POST", path: "/api/v1/namespaces", contentType: "application/json", body: JSON.stringify({ metadata: { name: "later" } }) });
  await done.promise;
  stream.close();
  assert.deepEqual(told, ["200", "default", "kube-node-lease", "kube-public", "kube-system", "later"]);
});

test("a fork goes its own way", () => {
  const cluster = createCluster(nodePlatform());
  const fork = cluster.fork();
  const namespace = (name: string): { apiVersion: string; kind: string; metadata: { name: string } } => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
  fork.client(fork.admin).create(NAMESPACES, namespace("there"));
  cluster.client(cluster.admin).create(NAMESPACES, namespace("here"));
  assert.equal(cluster.client(cluster.admin).get(NAMESPACES, undefined, "there"), undefined);
  assert.equal(fork.client(fork.admin).get(NAMESPACES, undefined, "here"), undefined);
  assert.equal(ask(fork, "GET", "/api/v1/namespaces/there").status, 200);
});

const NAMESPACES = { group: "", version: "v1", resource: "namespaces" };
