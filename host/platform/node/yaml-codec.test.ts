import assert from "node:assert/strict";
import { test } from "node:test";
import { nodeYaml } from "./yaml-codec.ts";

test("YAML as an API server reads it", () => {
  const repeated: string[] = [];
  assert.deepEqual(nodeYaml.parse("a: yes\nb: 010\nc: 9223372036854775807\nd: [1, 2.5, null, ~]\ne: {f: g}\n", repeated), { a: true, b: 8, c: 9223372036854775807n, d: [1, 2.5, null, null], e: { f: "g" } });
  assert.deepEqual(nodeYaml.parse("a: 1\nb:\n  c: 1\n  c: 2\na: 3\n", repeated), { a: 3, b: { c: 2 } });
  assert.deepEqual(repeated, ['line 4: key "c" already set in map', 'line 5: key "a" already set in map']);
  assert.throws(() => nodeYaml.parse("a: b: c\n", []), /yaml: line 1: /);
});

test("neither prototypes nor aliases get out of hand", () => {
  const value = nodeYaml.parse("__proto__: {polluted: true}\n", []) as Record<string, unknown>;
  assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
  assert.deepEqual(Object.keys(value), ["__proto__"]);
  const bomb = ["a0: &a0 x", ...Array.from({ length: 9 }, (_, n) => `a${n + 1}: &a${n + 1} [${Array(9).fill(`*a${n}`).join(", ")}]`)].join("\n");
  assert.throws(() => nodeYaml.parse(bomb, []), /alias/i);
  assert.throws(() => nodeYaml.parse("a: &a [*a]", []), /contains itself/);
  const shared = nodeYaml.parse("a: &a {b: 1}\nc: *a\n", []) as { a: object; c: object };
  assert.notEqual(shared.a, shared.c);
});
