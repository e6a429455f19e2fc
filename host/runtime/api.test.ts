import assert from "node:assert/strict";
import { test } from "node:test";
import { nodePlatform } from "../platform/node/index.ts";
import { apiErrorOf, collectionPath, objectPath, withQuery } from "./api.ts";
import { bytes, json, status } from "./testing/scripted.ts";

const { text } = nodePlatform();
const POD = { apiVersion: "v1", kind: "Pod", plural: "pods", namespaced: true };
const ROLE = { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", plural: "clusterroles", namespaced: false };

test("paths of core, grouped, namespaced and cluster-scoped kinds", () => {
  assert.equal(collectionPath(POD), "/api/v1/pods");
  assert.equal(objectPath(POD, "ns", "a", "status"), "/api/v1/namespaces/ns/pods/a/status");
  assert.equal(objectPath(ROLE, "ignored", "system:node"), "/apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Anode");
  assert.equal(withQuery("/p", { a: undefined, b: 0, c: "x y&z" }), "/p?b=0&c=x%20y%26z");
  assert.equal(withQuery("/p", { a: undefined }), "/p");
});

test("a Status says what went wrong; without one the HTTP status does", () => {
  const conflict = apiErrorOf(status(409, "Conflict", "the object has been modified"), text);
  assert.deepEqual([conflict.status, conflict.reason, conflict.message, conflict.retryAfterS], [409, "Conflict", "the object has been modified", undefined]);
  assert.equal(apiErrorOf(status(429, "TooManyRequests", "m", { retryAfterSeconds: 3 }), text).retryAfterS, 3);
  assert.equal(apiErrorOf(json(503, { kind: "Status" }, { "retry-after": "5" }), text).retryAfterS, 5);
  const page = apiErrorOf({ status: 503, headers: {}, body: bytes("<html>gateway</html>") }, text);
  assert.deepEqual([page.reason, page.message], ["ServiceUnavailable", "the API server answered 503: <html>gateway</html>"]);
  assert.equal(apiErrorOf({ status: 418, headers: {}, body: bytes("") }, text).reason, "Unknown");
});
