import assert from "node:assert/strict";
import { test } from "node:test";
import { nodeYaml } from "../platform/node/yaml-codec.ts";
import type { Json } from "./model.ts";
import { yamlText } from "./yaml-text.ts";

/** Texts, and how a real server writes each as a value. */
const TEXTS: readonly (readonly [text: string, yaml: string])[] = [
  ["", '""'], ["true", '"true"'], ["y", '"y"'], ["Null", '"Null"'], ["nULL", "nULL"], ["~", '"~"'], ["<<", "<<"], ["=", "="],
  ["1", '"1"'], ["+1", '"+1"'], [".5", '".5"'], ["5.", '"5."'], ["1e3", '"1e3"'], ["1e400", "1e400"], ["0x1f", '"0x1f"'], ["0x", "0x"], ["018", '"018"'],
  ["1_000", '"1_000"'], ["_1", "_1"], ["12:30:45", '"12:30:45"'], ["12:61", "12:61"], ["10.0.0.1", "10.0.0.1"], ["1e", "1e"],
  ["2024-01-01", '"2024-01-01"'], ["2024-13-01", "2024-13-01"], ["2024-02-30", "2024-02-30"], ["2024-01-01T00:00:00Z", '"2024-01-01T00:00:00Z"'],
  ["2024-01-01T00:00:00", "2024-01-01T00:00:00"], ["2024-01-01 00:00:00", '"2024-01-01 00:00:00"'],
  ["a: b", "'a: b'"], ["a:b", "a:b"], ["a #b", "'a #b'"], ["a#b", "a#b"], ["- a", "'- a'"], ["-a", "-a"], ["?a", "?a"], [":", "':'"], ["{a", "'{a'"], ["a]", "a]"],
  ["it's: x", "'it''s: x'"], ["a\"b", "a\"b"], [" a", "' a'"], ["a  b", "a  b"], ["a\tb", "\"a\\tb\""], ["\r", "\"\\r\""], ["é", "é"], ["\u{1f600}", "\"\\U0001F600\""], ["\ufeff", "\"\\uFEFF\""],
  ["a\nb", "|-\n  a\n  b"], ["a\n", "|\n  a"], ["a\n\n", "|+\n  a\n"], [" a\nb", "|2-\n   a\n  b"], ["a \nb", "\"a \\nb\""], ["\n", "|2+\n"],
];

test("texts as a real server writes them", () => {
  for (const [text, yaml] of TEXTS) assert.equal(yamlText({ a: text, b: 1 }), `a: ${yaml}\nb: 1\n`, JSON.stringify(text));
});

test("lists, maps and numbers; keys in their natural order", () => {
  const value = { list: [1, { b: [], a: {} }, ["x", ["y"]]], a10: null, a2: 1.5, B: true, "1": 1e21, "no": 12345678901234567890n, e: { ".": {} } };
  assert.equal(yamlText(value), '"1": 1e+21\nB: true\na2: 1.5\na10: null\ne:\n  .: {}\nlist:\n- 1\n- a: {}\n  b: []\n- - x\n  - - "y"\n"no": 12345678901234567890\n');
  assert.equal(yamlText([]), "[]\n");
  assert.equal(yamlText("a"), "a\n");
});

test("long lines are folded, and read back as they were", () => {
  const words = "some words of a sentence ".repeat(8);
  assert.equal(yamlText({ message: `it is: ${"word ".repeat(18)}end` }), `message: 'it is: ${"word ".repeat(12)}word\n  ${"word ".repeat(5)}end'\n`);
  const texts = [words.trim(), `${words}: x`, `${words}\tx`, words.replaceAll(" ", "  "), `${words}\tx`.replaceAll(" ", "  "), `'${words}`, `${words}\n${words}x`, words];
  const value: Json = { texts, deep: { deeper: [{ deepest: texts }] } };
  assert.deepEqual(nodeYaml.parse(yamlText(value), []), value);
});
