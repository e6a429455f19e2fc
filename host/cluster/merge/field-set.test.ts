import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { keyElement, showElement, valueElement } from "./element.ts";
import {
  difference, type FieldSet, hasPath, includes, intersection, isEmptySet, nodeOf, pathsOf, readFieldSet, recursiveDifference, sameSet,
  sortedSet, textSorted, union,
} from "./field-set.ts";
import { Random, seedOfRun } from "./testing/random.ts";

const set = (text: string): FieldSet => JSON.parse(text) as FieldSet;
const text = (fields: FieldSet): string => JSON.stringify(fields);

describe("sets of fields", () => {
  const spec = set(`{"f:metadata":{"f:labels":{".":{},"f:app":{}}},"f:spec":{"f:replicas":{},"f:template":{"f:spec":{"f:x":{}}}}}`);

  it("tells an element from what is beneath it", () => {
    assert.equal(hasPath(spec, ["f:metadata", "f:labels"]), true);
    assert.equal(hasPath(spec, ["f:metadata"]), false);
    assert.equal(hasPath(spec, ["f:spec", "f:replicas"]), true);
    assert.equal(hasPath(spec, []), false);
  });

  it("takes out elements, and keeps what is beneath them", () => {
    assert.equal(text(difference(spec, set(`{"f:metadata":{"f:labels":{}}}`))),
      `{"f:metadata":{"f:labels":{"f:app":{}}},"f:spec":{"f:replicas":{},"f:template":{"f:spec":{"f:x":{}}}}}`);
    assert.equal(text(recursiveDifference(spec, set(`{"f:metadata":{"f:labels":{}},"f:spec":{}}`))), "{}");
  });

  it("shares what it leaves as it was", () => {
    assert.equal(difference(spec, set(`{"f:other":{},"f:spec":{"f:nothing":{}}}`)), spec);
    assert.equal(union(spec, set(`{"f:spec":{"f:replicas":{}}}`)), spec);
    assert.equal(difference(spec, set(`{"f:spec":{"f:replicas":{}}}`))["f:metadata"], spec["f:metadata"]);
  });

  it("lists elements of one level before what is beneath them", () => {
    assert.deepEqual(pathsOf(set(`{"f:a":{".":{},"f:c":{}},"f:b":{}}`)).map((path) => path.map(showElement).join("")), [".a", ".b", ".a.c"]);
  });

  it("sorts keys by what they say, texts as texts", () => {
    const port = (number: number): string => keyElement([["port", number]]);
    const sorted = sortedSet([[port(80), {}], ["f:x", {}], [port(443), {}], [valueElement("a"), {}], [valueElement(2), {}], ["f:a", {}]]);
    assert.deepEqual(Object.keys(sorted), ["f:a", "f:x", `k:{"port":80}`, `k:{"port":443}`, "v:2", `v:"a"`]);
    assert.deepEqual(Object.keys(textSorted(sorted)), ["f:a", "f:x", `k:{"port":443}`, `k:{"port":80}`, `v:"a"`, "v:2"]);
  });

  it("reads what clients write: in any order, with other spellings, ignoring what it doesn't know", () => {
    assert.equal(text(readFieldSet(set(`{"f:b":{},"f:a":{".":{}},"x:y":{},"k:{ \\"port\\" : 1, \\"name\\":\\"<\\"}":{"f:z":{}}}`))),
      `{"f:a":{},"f:b":{},"k:{\\"name\\":\\"\\\\u003c\\",\\"port\\":1}":{"f:z":{}}}`);
    for (const broken of [`{"f":{}}`, `{"fx":{}}`, `{"k:5":{}}`, `{"v:{":{}}`, `{"i:x":{}}`, `{"f:a":5}`, `[]`]) {
      assert.throws(() => readFieldSet(JSON.parse(broken)), Error, broken);
    }
    assert.equal(text(readFieldSet({ "f:a": null })), `{"f:a":{}}`);
  });
});

describe("laws of sets, of random ones", () => {
  const random = new Random(seedOfRun("laws of field sets"));
  const some = (depth: number): FieldSet => {
    const entries: [string, FieldSet][] = [];
    for (let at = 0; at < random.below(5); at++) {
      const element = random.pick(["f:a", "f:b", "f:c", `k:{"n":1}`, `k:{"n":10}`, `k:{"n":9}`, `v:"x"`, "f:__proto__"]);
      const node = nodeOf(random.chance(0.6), depth === 0 ? undefined : some(depth - 1));
      if (node !== undefined) entries.push([element, node]);
    }
    return sortedSet(entries);
  };

  it("hold", () => {
    for (let round = 0; round < 2000; round++) {
      const [a, b, c] = [some(3), some(3), some(3)];
      const shown = `${text(a)} ${text(b)} ${text(c)}`;
      const before = shown;
      assert.equal(text(union(a, b)), text(union(b, a)), shown);
      assert.equal(text(union(union(a, b), c)), text(union(a, union(b, c))), shown);
      assert.equal(text(union(a, a)), text(a), shown);
      assert.equal(text(intersection(a, b)), text(intersection(b, a)), shown);
      assert.equal(text(union(difference(a, b), intersection(a, b))), text(a), shown);
      assert.equal(isEmptySet(intersection(difference(a, b), b)), true, shown);
      assert.equal(text(difference(difference(a, b), c)), text(difference(a, union(b, c))), shown);
      assert.equal(text(difference(union(a, b), b)), text(difference(a, b)), shown);
      assert.equal(includes(union(a, b), b), true, shown);
      assert.equal(includes(a, b), text(union(a, b)) === text(a), shown);
      assert.equal(sameSet(a, b), text(a) === text(b), shown);
      assert.equal(includes(difference(a, b), recursiveDifference(a, b)), true, shown);
      assert.equal(text(readFieldSet(JSON.parse(text(a)))), text(a), shown);
      assert.equal(`${text(a)} ${text(b)} ${text(c)}`, before, "operands stay as they are");
    }
  });
});
