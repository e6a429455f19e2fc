import assert from "node:assert/strict";
import { test } from "node:test";
import { callOrder, depthsOf } from "./callgraph.ts";

const depths = (callees: number[][], options: { indirect?: number[]; table?: number[]; frames?: number[] } = {}) => {
  const order = callOrder({ callees, indirect: callees.map((_, node) => options.indirect?.includes(node) ?? false), table: options.table ?? [] });
  return depthsOf(order, options.frames ?? callees.map(() => 1));
};

test("only functions on a cycle pay", () => {
  assert.deepEqual(depths([[1], [2], []]), { units: [0, 0, 0], unpaidMax: 3 });
  assert.deepEqual(depths([[1], [1], []], { frames: [1, 5, 1] }), { units: [0, 5, 0], unpaidMax: 1 });
  assert.deepEqual(depths([[1], [2], [1, 3], []], { frames: [1, 2, 3, 4] }), { units: [0, 2, 3, 0], unpaidMax: 5 });
});

test("an indirect call may mean any function in the table", () => {
  assert.deepEqual(depths([[], []], { indirect: [0], table: [0] }).units, [1, 0]);
  assert.deepEqual(depths([[], []], { indirect: [0], table: [1] }), { units: [0, 0], unpaidMax: 2 });
  assert.deepEqual(depths([[1], []], { indirect: [1], table: [0] }).units, [1, 1]);
});

test("unpaid frames add up across cycles", () => {
  // 0 -> 1 (a cycle) -> 2 -> 3 (a cycle) -> 4
  assert.equal(depths([[1], [1, 2], [3], [3, 4], []], { frames: [10, 1, 20, 1, 40] }).unpaidMax, 70);
});

test("a chain of a hundred thousand calls does not exhaust the verifier's own stack", () => {
  const count = 100_000;
  assert.equal(depths(Array.from({ length: count }, (_, node) => (node + 1 < count ? [node + 1] : []))).unpaidMax, count);
});
