import assert from "node:assert/strict";
import { test } from "node:test";
import { parseSelector } from "./selector.ts";

test("selectors mean what they mean to kubectl", () => {
  const labels = { app: "web", tier: "front", empty: "" };
  const cases: [string, boolean][] = [
    ["", true], ["app=web", true], ["app==web", true], ["app=db", false], ["app!=db", true], ["nope!=x", true], ["app in (web,db)", true], ["app in (db)", false],
    ["app notin (db)", true], ["nope notin (x)", true], ["nope in (x)", false], ["app", true], ["!app", false], ["!nope", true], ["empty=", true], ["app=web,tier in (front,back),!nope", true],
    ["app=web,tier=back", false], ["constructor", false], ["example.dev/x", false],
  ];
  for (const [selector, expected] of cases) assert.equal(parseSelector(selector)!(labels), expected, selector);
  for (const broken of ["a in b", "a=b=c", "=x", "a b", ","]) assert.equal(parseSelector(broken), undefined, broken);
});
