import assert from "node:assert/strict";
import { test } from "node:test";
import { identityOf } from "./writer.ts";

test("the identity of an object is its own, not that of something in it", () => {
  const metadata = {
    annotations: { last: '{"metadata":{"uid":"no","resourceVersion":"1"}}', uid: "no" }, managedFields: [{ fieldsV1: { "f:uid": {}, uid: "no" } }],
    ownerReferences: [{ uid: "no", resourceVersion: "no" }], resourceVersion: "42", uid: 'y"es\\',
  };
  const object = { apiVersion: "v1", spec: { metadata: { uid: "no" }, uid: "no" }, metadata, status: { uid: "no" } };
  assert.deepEqual(identityOf(JSON.stringify(object)), { uid: 'y\\"es\\\\', resourceVersion: "42" });
  assert.deepEqual(identityOf('{"kind":"Status","metadata":{},"details":{"uid":"no"}}'), { uid: "", resourceVersion: "" });
  assert.deepEqual(identityOf(""), { uid: "", resourceVersion: "" });
});
