import assert from "node:assert/strict";
import { test } from "node:test";
import { BUILTIN_KINDS, BUILTIN_TYPES, builtinType } from "./facts.ts";
import type { Type } from "./types.ts";

function structsOf(type: Type): string[] {
  if ("struct" in type) return [type.struct];
  return "list" in type ? structsOf(type.list) : "map" in type ? structsOf(type.map) : [];
}

test("every type that is named is there, and its list keys are fields of its items", () => {
  for (const [name, { fields }] of Object.entries(BUILTIN_TYPES)) {
    for (const [field, { type }] of Object.entries(fields)) {
      for (const struct of structsOf(type)) assert.ok(BUILTIN_TYPES[struct], `${name}.${field}: ${struct}`);
      if (!("list" in type) || type.listType !== "map") continue;
      for (const key of type.keys!) assert.ok("struct" in type.list && BUILTIN_TYPES[type.list.struct]!.fields[key], `${name}.${field} has no key ${key}`);
    }
  }
});

test("no two fields of a message have one number", () => {
  for (const [name, { fields }] of Object.entries(BUILTIN_TYPES)) {
    const numbers = Object.values(fields).filter(({ number }) => number !== 0).map(({ number, message = [] }) => [...message.map((each) => each.number), number].join("."));
    assert.equal(new Set(numbers).size, numbers.length, name);
  }
});

test("facts are read as they are written", () => {
  const { fields } = BUILTIN_TYPES.PodSpec!;
  assert.deepEqual(fields.volumes, {
    type: { list: { struct: "Volume" }, listType: "map", keys: ["name"] }, omit: "empty", number: 1, patch: { strategy: "merge,retainKeys", mergeKey: "name" },
  });
  assert.deepEqual(fields.nodeSelector, { type: { map: { scalar: "string" }, atomic: true }, omit: "empty", number: 7 });
  assert.deepEqual(fields.overhead!.type, { map: { scalar: "quantity" }, go: "v1.ResourceList", key: "v1.ResourceName" });
  assert.equal(fields.containers!.omit, "never");
  assert.equal(BUILTIN_TYPES.DeploymentSpec!.fields.selector!.omit, "null");
  assert.equal(BUILTIN_TYPES.ContainerPort!.fields.protocol!.default, "TCP");
  assert.deepEqual(BUILTIN_TYPES.Volume!.fields.emptyDir!.message, [{ number: 2, go: "VolumeSource" }]);
  assert.equal(BUILTIN_TYPES.LabelSelector!.atomic, true);
});

test("kinds are found with their subresources and types", () => {
  const deployment = BUILTIN_KINDS.find(({ group, kind }) => group === "apps" && kind === "Deployment")!;
  assert.deepEqual(deployment.subresources.map(({ name, type }) => [name, type]), [["deployments/scale", "Scale"], ["deployments/status", "Deployment"]]);
  assert.deepEqual(deployment.shortNames, ["deploy"]);
  assert.equal(deployment.columns[0]!.name, "Name");
  assert.equal(builtinType("events.k8s.io", "v1", "Event"), "Event@events/v1");
  assert.equal(builtinType("", "v1", "constructor"), undefined);
});
