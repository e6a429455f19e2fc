/** Which questions are answered ahead for an object that is new. */
import assert from "node:assert/strict";
import { it } from "node:test";
import type { Question } from "../../bindings/protocol/types.ts";
import { Newcomers } from "./newcomers.ts";

const list = (kind: string): Question => ({ type: "list", id: `list ${kind}`, apiVersion: "v1", kind, selector: "" });
const call: Question = { type: "http", id: "http", call: { name: "taste", target: { apiVersion: "v1", kind: "Service", name: "all" } } };
const ids = (questions: readonly Question[]): string[] => questions.map(({ id }) => id);

it("what the last two asked from nothing, and never a call", () => {
  const newcomers = new Newcomers();
  assert.deepEqual(newcomers.ahead(), []);
  newcomers.asked([list("Pod"), list("Secret"), call]);
  assert.deepEqual(newcomers.ahead(), []);
  newcomers.asked([list("Node"), list("Pod"), call]);
  assert.deepEqual(ids(newcomers.ahead()), ["list Pod"]);
});

it("begins with nothing every seventeenth time, and forgets what is asked no more", () => {
  const newcomers = new Newcomers();
  for (let index = 0; index < 2; index++) newcomers.asked([list("Pod"), list("Node")]);
  for (let index = 0; index < 16; index++) assert.deepEqual(ids(newcomers.ahead()), ["list Pod", "list Node"]);
  assert.deepEqual(newcomers.ahead(), []);
  newcomers.asked([list("Node")]);
  assert.deepEqual(ids(newcomers.ahead()), ["list Node"]);
});
