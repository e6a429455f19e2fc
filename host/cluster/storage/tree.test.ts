import assert from "node:assert/strict";
import { test } from "node:test";
import { Dice } from "../../../tests/fidelity/random.ts";
import { Tree } from "./tree.ts";

const SEED = Number(process.env["SEED"] ?? Math.floor(Math.random() * 2 ** 31));

function same(tree: Tree<number>, model: Map<string, number>, dice: Dice): void {
  const keys = [...model.keys()].sort();
  assert.equal(tree.count, keys.length);
  assert.deepEqual([...tree.range("")], keys.map((key) => model.get(key)));
  for (let n = 0; n < 5; n++) {
    const [from, to] = [keyOf(dice), keyOf(dice)].sort() as [string, string];
    assert.deepEqual([...tree.range(from, to)], keys.filter((key) => key >= from && key < to).map((key) => model.get(key)));
    const key = keyOf(dice);
    assert.equal(tree.get(key), model.get(key));
  }
}

function keyOf(dice: Dice): string { return `${dice.of(["a", "b", "c"])}/${dice.below(400)}`; }

test(`a tree is a sorted map, and a fork is a copy (SEED=${SEED})`, () => {
  const dice = new Dice(SEED);
  let alive: { tree: Tree<number>; model: Map<string, number> }[] = [{ tree: new Tree<number>(), model: new Map() }];
  for (let step = 0; step < 6000; step++) {
    const { tree, model } = dice.of(alive);
    const key = keyOf(dice);
    if (dice.chance(0.6)) {
      tree.set(key, step);
      model.set(key, step);
    } else assert.equal(tree.delete(key), model.delete(key));
    if (dice.chance(0.02)) alive.push({ tree: tree.fork(), model: new Map(model) });
    if (step % 100 === 0) for (const each of alive) same(each.tree, each.model, dice);
    if (alive.length > 8) alive = alive.slice(-4);
  }
  for (const { tree, model } of alive) {
    same(tree, model, dice);
    for (const key of [...model.keys()]) assert.ok(tree.delete(key));
    assert.equal(tree.count, 0);
    assert.deepEqual([...tree.range("")], []);
  }
});
