import assert from "node:assert/strict";
import { it } from "node:test";
import { goFloat, goJson, goQuote, goSortedJson, goSyntax, goTypeName, goValue } from "./go-text.ts";
import { compareText } from "./text-order.ts";

it("writes values as Go's %v and %#v do", () => {
  const value = { b: [1, "x", null, 1.5, true], a: {} };
  assert.equal(goValue(value), "map[a:map[] b:[1 x <nil> 1.5 true]]");
  assert.equal(goSyntax({ b: value.b }), `map[string]interface {}{"b":[]interface {}{1, "x", interface {}(nil), 1.5, true}}`);
  assert.deepEqual([1, 1.5, "", true, null, [], {}, 5n].map(goTypeName),
    ["int64", "float64", "string", "bool", "<nil>", "[]interface {}", "map[string]interface {}", "int64"]);
});

it("writes floats as Go does", () => {
  const floats = [1_000_000, 123_456, 1_234_567, 1e20, 0.0001, 0.00001, 1.5, -0.25, 100, 0];
  assert.deepEqual(floats.map(goFloat), ["1e+06", "123456", "1.234567e+06", "1e+20", "0.0001", "1e-05", "1.5", "-0.25", "100", "0"]);
});

it("quotes texts as Go's %q does", () => {
  assert.equal(goQuote("a\u00ad\u2028<é\u007f\u0000\n\"\\"), `"a\\u00ad\\u2028<é\\x7f\\x00\\n\\"\\\\"`);
  assert.equal(goQuote("日本\u{1F600}\u200b"), `"日本\u{1F600}\\u200b"`);
});

it("writes JSON with Go's escapes", () => {
  assert.equal(goJson({ b: "<&>\u2028", a: "\b\f\n" }), `{"b":"\\u003c\\u0026\\u003e\\u2028","a":"\\u0008\\u000c\\n"}`);
  assert.equal(goSortedJson({ b: 1n, a: { d: 1, c: [{ z: 1, y: 2 }] } }), `{"a":{"c":[{"y":2,"z":1}],"d":1},"b":1}`);
  assert.equal(goJson("\\b"), `"\\\\b"`);
});

it("orders texts by their bytes", () => {
  assert.ok(compareText("\uffee", "\u{1F600}") < 0);
  assert.ok(compareText("a", "ab") < 0);
  assert.equal(compareText("x", "x"), 0);
  assert.ok(compareText("\u{1F600}", "\u{1F600}a") < 0);
});
