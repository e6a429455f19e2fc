/** How many are tried at once, and when no more are. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { slowStart, type Trial } from "./slow-start.ts";

/** Tries whose ends the test decides, in rounds: all that are under way end with what `trialOf` says. */
class Bench {
  readonly begun: number[] = [];
  readonly rounds: number[] = [];
  #open: [number, (trial: Trial) => void][] = [];
  readonly attempt = (item: number): Promise<Trial> => new Promise((resolve) => {
    this.begun.push(item);
    this.#open.push([item, resolve]);
  });

  async run(items: Iterable<number>, trialOf: (item: number) => Trial): Promise<void> {
    let ended = false;
    const all = slowStart(items, this.attempt).then(() => (ended = true));
    while (!ended) {
      const open = this.#open.splice(0);
      if (open.length > 0) this.rounds.push(open.length);
      for (const [item, resolve] of open) resolve(trialOf(item));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await all;
  }
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe("a slow start", () => {
  it("begins with one, and doubles with each round that succeeds", async () => {
    const bench = new Bench();
    await bench.run(upTo(20), () => "wider");
    assert.deepEqual(bench.rounds, [1, 2, 4, 8, 5]);
    assert.deepEqual(bench.begun, upTo(20));
  });

  it("begins no other after a failure, and waits for those under way", async () => {
    const bench = new Bench();
    await bench.run(upTo(20), (item) => (item === 4 ? "stop" : "wider"));
    assert.deepEqual(bench.rounds, [1, 2, 4, 2], "3 ended before 4 did, and made room for two");
  });

  it("asks once where the first fails", async () => {
    const bench = new Bench();
    await bench.run(upTo(500), () => "stop");
    assert.deepEqual(bench.begun, [0]);
  });

  it("stays narrow for what proves nothing", async () => {
    const bench = new Bench();
    await bench.run(upTo(6), (item) => (item < 3 ? "same" : "wider"));
    assert.deepEqual(bench.rounds, [1, 1, 1, 1, 2]);
  });

  it("of nothing ends at once", async () => {
    const bench = new Bench();
    await bench.run([], () => "wider");
    assert.deepEqual(bench.begun, []);
  });
});
