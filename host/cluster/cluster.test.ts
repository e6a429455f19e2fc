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
