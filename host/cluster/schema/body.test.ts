import assert from "node:assert/strict";
import { test } from "node:test";
import { duplicateFields, JsonSyntaxError, parseBody } from "./body.ts";

test("plain bodies are read by the engine alone", () => {
  for (const text of ['{"a":1,"b":[{"c":"d:e"},"\\"x\\":1",null],"e":{}}', "[1,2,true]", '"x"', "123456789012345", '{"1a":1}', '{"a":-1}']) {
    assert.deepEqual(parseBody(text), { value: JSON.parse(text), odd: undefined }, text);
  }
});

test("integers keep 64 bits, and numbers their spelling", () => {
  const { value, odd } = parseBody('{"wide":9007199254740993,"list":[1.0,2],"e":1e3,"beyond":99999999999999999999}') as unknown as { value: { list: object }; odd: { literals: Map<object, Map<string | number, string>> } };
  assert.deepEqual(value, { wide: 9007199254740993n, list: [1, 2], e: 1000, beyond: 1e20 });
  assert.deepEqual([...odd.literals.get(value)!], [["e", "1e3"], ["beyond", "99999999999999999999"]]);
  assert.deepEqual([...odd.literals.get(value.list)!], [[0, "1.0"]]);
});

test("members given twice are found, at any depth; the last one counts", () => {
  const body = parseBody('{"a":{"b":1,"b":2},"c":[{"d":1,"d":{"e":1,"e":2}}],"a":{"b":3}}');
  assert.deepEqual(body.value, { a: { b: 3 }, c: [{ d: { e: 2 } }] });
  assert.deepEqual(duplicateFields(body), ['duplicate field "a.b"', 'duplicate field "c[0].d"', 'duplicate field "c[0].d.e"', 'duplicate field "a"']);
  assert.deepEqual(duplicateFields(parseBody('{"a":1}')), []);
});

test("__proto__ is an ordinary key, given once or twice", () => {
  for (const text of ['{"__proto__":{"x":1}}', '{"__proto__":1,"__proto__":{"x":1}}']) {
    const { value } = parseBody(text) as { value: { x?: number } };
    assert.equal(value.x, undefined);
    assert.equal(JSON.stringify(value), '{"__proto__":{"x":1}}');
  }
});

test("half a surrogate pair becomes U+FFFD", () => {
  assert.equal(parseBody('"\\ud800x"').value, "\ufffdx");
  assert.equal(parseBody('"\\ud83d\\ude00"').value, "\u{1f600}");
});

test("depth is limited without a stack of its own", () => {
  const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
  assert.ok(Array.isArray(parseBody(nested(10_000)).value));
  assert.throws(() => parseBody(nested(10_001)), new JsonSyntaxError("invalid character '[' exceeded max depth"));
  assert.throws(() => parseBody("[".repeat(1_000_000)), JsonSyntaxError);
});
