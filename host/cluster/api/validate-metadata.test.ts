import assert from "node:assert/strict";
import { test } from "node:test";
import type { Metadata } from "../model.ts";
import { FieldErrors, goQuoted } from "./field-errors.ts";
import { dnsLabel, labelKey, pathSegment, subdomainName } from "./names.ts";
import { validateMetadata, validateMetadataUpdate } from "./validate-metadata.ts";

function complaints(metadata: Metadata): string[] {
  const errors = new FieldErrors();
  validateMetadata(metadata, true, subdomainName, errors);
  return errors.all.map(({ field, body }) => `${field}: ${body}`);
}

test("good metadata raises no complaint", () => {
  const labels = { a: "", "example.com/b": "c_d.e" };
  assert.deepEqual(complaints({ name: "a.b-c", namespace: "x", labels, annotations: { "EXAMPLE.com/X": " anything " }, finalizers: ["x/y"] }), []);
});

test("what is wrong is told by path, in order", () => {
  const owner = { apiVersion: "v1", kind: "Pod", name: "a", uid: "1", controller: true };
  assert.deepEqual(complaints({ name: "", labels: { a: "-" }, ownerReferences: [owner, { ...owner, name: "" }] }).map((each) => each.slice(0, 60)), [
    "metadata.name: Required value: name or generateName is requi",
    "metadata.namespace: Required value",
    "metadata.labels: Invalid value: \"-\": a valid label must be a",
    "metadata.ownerReferences.name: Invalid value: \"\": must not b",
    "metadata.ownerReferences: Invalid value: [{\"apiVersion\":\"v1\"",
  ]);
});

test("what may not change", () => {
  const errors = new FieldErrors();
  const old: Metadata = { name: "a", namespace: "x", uid: "1", resourceVersion: "1", deletionTimestamp: "2026-01-01T00:00:00Z", finalizers: ["x/y"] };
  validateMetadataUpdate({ ...old, uid: "2", finalizers: ["x/z"] }, old, errors);
  assert.deepEqual(errors.all.map(({ field, body }) => `${field}: ${body}`), [
    "metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{\"x/z\"}",
    "metadata.uid: Invalid value: \"2\": field is immutable",
  ]);
});

test("formats", () => {
  assert.deepEqual(dnsLabel("a.b"), ["must not contain dots"]);
  assert.deepEqual(dnsLabel("a".repeat(64)), ["must be no more than 63 characters"]);
  assert.equal(labelKey("a/b/c").length, 1);
  assert.equal(labelKey("").length, 2);
  assert.deepEqual(subdomainName("a-", true), []);
  assert.deepEqual(pathSegment("..", false), ["may not be '..'"]);
  assert.deepEqual(pathSegment("a/b%", true), ["may not contain '/'", "may not contain '%'"]);
  assert.equal(goQuoted("a\u0007\u{e000}\"\u00e9"), "\"a\\a\\ue000\\\"\u00e9\"");
});
