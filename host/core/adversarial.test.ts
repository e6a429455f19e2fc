/** Cores that mean harm: each is stopped within its budget, and the next pass is as good as new. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { CoreFailureCode, CoreOutcome } from "./core.ts";
import { i32, leb } from "./testing/assembler.ts";
import { type Behaviour, coreBytes, load, planOf, SETTLED } from "./testing/cores.ts";
import { ValueType } from "./wasm/module.ts";

const { i32: I32, i64: I64, f64: F64, v128: V128 } = ValueType;
/** What a stopped pass may take by default. The limits are tuned for 50 ms; machines that run tests are slower, and busy. */
const STOPPED_MS_MAX = 150;
/** A busy machine gets another try: it is the core that must be stopped in time, not the machine's other work. */
const TRIES_MAX = 5;
/** loop ... br 0 end */
const forever = (...code: number[]): number[] => [0x03, 0x40, ...code, 0x0c, 0, 0x0b];
/** Misbehaves in every pass but those over "{}": their argument has two code units. */
const unlessEmpty = (code: number[]): number[] => [0x20, 1, ...i32(2), 0x47, 0x04, 0x40, ...code, 0x0b];
const BAD = '{"bad":1}';

function stopped(name: string, code: CoreFailureCode, behaviour: Behaviour, message?: RegExp): void {
  test(`${name}: ${code}`, () => {
    const bytes = coreBytes({ ...behaviour, code: unlessEmpty(behaviour.code!) });
    let [core, outcome, ms] = [load(bytes), undefined as CoreOutcome | undefined, Infinity];
    for (let tries = 0; tries < TRIES_MAX && ms > STOPPED_MS_MAX; tries++) {
      core = load(bytes);
      const started = performance.now();
      outcome = core.reconcile(BAD);
      ms = performance.now() - started;
    }
    assert.ok(outcome !== undefined);
    assert.equal(outcome.ok ? "ok" : outcome.error.code, code, outcome.ok ? "" : outcome.error.message);
    if (message !== undefined) assert.match(outcome.ok ? "" : outcome.error.message, message);
    assert.ok(ms < STOPPED_MS_MAX, `${ms} ms`);
    assert.equal(planOf(core), SETTLED, "the next pass is confined from it");
  });
}

stopped("an endless loop", "FuelExhausted", { code: forever() }, /60000000 units of fuel \(limits\.fuel\)/);
stopped("an endless loop that reads memory", "FuelExhausted", { locals: [I32], code: forever(0x20, 2, 0x28, 2, 0, 0x21, 2) });
stopped("an endless loop of loops", "FuelExhausted", { code: forever(0x03, 0x40, ...i32(0), 0x0d, 0, 0x0b) });
stopped("an endless loop of calls", "FuelExhausted", { code: forever(0x10, 3), functions: [{ code: [] }] });
stopped("an endless loop of calls through the table", "FuelExhausted", {
  code: forever(...i32(0), 0x11, 3, 0), functions: [{ code: [] }], source: { table: [3] },
});
stopped("an endless loop of divisions", "FuelExhausted", { locals: [I64], code: forever(0x42, 0x7b, 0x20, 2, 0x42, 1, 0x84, 0x80, 0x21, 2) });
stopped("an endless loop of square roots", "FuelExhausted", { locals: [F64], code: forever(0x20, 2, 0x9f, 0x21, 2) });
stopped("an endless loop of vectors", "FuelExhausted", { locals: [V128], code: forever(0x20, 2, 0x20, 2, 0xfd, ...leb(110), 0x21, 2) });
stopped("memory.fill of nothing, for ever", "FuelExhausted", { code: forever(...i32(0), ...i32(1), ...i32(0), 0xfc, 11, 0) });
stopped("memory.copy in a loop", "FuelExhausted", { code: forever(...i32(0), ...i32(65_536), ...i32(65_536), 0xfc, 10, 0, 0) });
stopped("memory.fill of 32 MiB in a loop", "FuelExhausted", {
  code: [...i32(510), 0x40, 0, 0x1a, ...forever(...i32(0), ...i32(1), ...i32(32 << 20), 0xfc, 11, 0)],
});
stopped("memory.fill of 64 MiB in a loop", "MemoryExhausted", {
  code: [...i32(1022), 0x40, 0, 0x1a, ...forever(...i32(0), ...i32(1), ...i32(64 << 20), 0xfc, 11, 0)],
}, /asked for 1022 pages of memory more, limits\.memoryMaxPages is 512/);
stopped("a fill of 4 GiB", "FuelExhausted", { code: [...i32(0), ...i32(0), ...i32(-1), 0xfc, 11, 0] });
stopped("a fill beyond the end", "Trap", { code: [...i32(131_000), ...i32(0), ...i32(1_000), 0xfc, 11, 0] }, /out of bounds/);
stopped("a growth by 65,536 pages", "MemoryExhausted", { code: [...i32(65_536), 0x40, 0, 0x1a, 0x00] });
stopped("growing page by page, for ever", "FuelExhausted", { code: forever(...i32(1), 0x40, 0, 0x1a) });
stopped("growing by nothing, for ever", "FuelExhausted", { code: forever(...i32(0), 0x40, 0, 0x1a) });
stopped("endless recursion", "DepthExhausted", { code: [0x10, 3], functions: [{ code: [0x10, 3] }] }, /2000 units \(limits\.depth\)/);
stopped("mutual recursion", "DepthExhausted", { code: [0x10, 3], functions: [{ code: [0x10, 4] }, { code: [0x10, 3] }] });
stopped("recursion through the table", "DepthExhausted", {
  code: [0x10, 3], functions: [{ code: [...i32(0), 0x11, 3, 0] }], source: { table: [3] },
});
for (const count of [7, 15, 100, 1_000, 10_000]) {
  stopped(`recursion with ${count} locals`, "DepthExhausted", { code: [0x10, 3], functions: [{ locals: new Array(count).fill(I64), code: [0x10, 3] }] });
}
stopped("recursion with many operands", "DepthExhausted", {
  code: [0x10, 3], functions: [{ code: [...Array.from({ length: 5_000 }, () => i32(1)).flat(), 0x10, 3, ...new Array(5_000).fill(0x1a)] }],
});
stopped("unreachable", "Trap", { code: [0x00] });
stopped("a division by zero", "Trap", { code: [...i32(1), ...i32(0), 0x6d, 0x1a] }, /divide by zero/);
stopped("a read out of bounds", "Trap", { code: [...i32(-1), 0x28, 2, 0, 0x1a] }, /out of bounds/);

test("huge functions are refused by the build, large ones end in time", () => {
  assert.throws(() => coreBytes({ code: Array.from({ length: 200_000 }, () => [...i32(0), 0x1a]).flat() }), /CORE2009/);
  const large = Array.from({ length: 30_000 }, () => [0x20, 0, ...i32(3), 0x6c, 0x1a]).flat();
  const core = load(coreBytes({ code: [0x03, 0x40].concat(large, [0x0c, 0, 0x0b]) }));
  const started = performance.now();
  assert.equal(core.reconcile("{}").ok, false);
  assert.ok(performance.now() - started < 10 * STOPPED_MS_MAX);
});

test("a hidden counter, wherever it hides, sees itself reset", () => {
  const observed = '{"x":1}';
  const END = 2 * 65_536 - 4;
  /** Traps when it is not 0, else makes it 1. */
  const inMemory = (at: number) => [...i32(at), 0x28, 2, 0, 0x04, 0x40, 0x00, 0x0b, ...i32(at), ...i32(1), 0x36, 2, 0];
  const inGlobal = (type: number, zero: number[], one: number[], isZero: number[]) => ({
    source: { globals: [{ type, init: zero }] }, code: [0x23, 0, ...isZero, 0x45, 0x04, 0x40, 0x00, 0x0b, ...one, 0x24, 0],
  });
  const cores: { [where: string]: Behaviour } = {
    "beyond the heap": { code: inMemory(END) },
    "in the first bytes": { code: inMemory(0) },
    "in a global i32": inGlobal(I32, i32(0), i32(1), [0x45]),
    "in a global i64": inGlobal(I64, [0x42, 0], [0x42, 1], [0x50]),
    "in a global f64": inGlobal(F64, [0x44, ...new Array(8).fill(0)], [0x44, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f], [0x44, ...new Array(8).fill(0), 0x61]),
    "in the size of the memory": { code: [0x3f, 0, ...i32(2), 0x47, 0x04, 0x40, 0x00, 0x0b, ...i32(1), 0x40, 0, 0x1a] },
    "in memory that it grew": { code: [...i32(1), 0x40, 0, ...i32(16), 0x74, 0x22, 2, 0x28, 2, 0, 0x04, 0x40, 0x00, 0x0b, 0x20, 2, ...i32(1), 0x36, 2, 0], locals: [I32] },
    "over its own data": { code: [...i32(16), 0x28, 2, 0, ...i32(1024), 0x47, 0x04, 0x40, 0x00, 0x0b, ...i32(1024), ...i32(0x7b), 0x3b, 1, 0] },
  };
  for (const [where, behaviour] of Object.entries(cores)) {
    const core = load(coreBytes(behaviour));
    const first = core.reconcile(observed);
    assert.ok(first.ok, `${where}: ${JSON.stringify(first)}`);
    for (let n = 0; n < 5; n++) assert.deepEqual(core.reconcile(observed), first, where);
  }
});

test("a trap leaves nothing behind either", () => {
  const core = load(coreBytes({ code: [...i32(100_000), 0x28, 2, 0, 0x04, 0x40, 0x00, 0x0b, ...i32(100_000), ...i32(1), 0x36, 2, 0, ...unlessEmpty([0x00])] }));
  for (let n = 0; n < 3; n++) {
    assert.equal(core.reconcile(BAD).ok, false);
    assert.equal(planOf(core), SETTLED);
  }
});

test("results outside of the memory are told, not followed", () => {
  const returning = (pair: number) => load(coreBytes({ code: [...i32(pair), 0x0f] }));
  const fails = (pair: number) => {
    const outcome = returning(pair).reconcile("{}");
    assert.ok(!outcome.ok);
    return outcome.error;
  };
  assert.equal(fails(-8).code, "PlanInvalid");
  assert.equal(fails(2 * 65_536 - 4).code, "PlanInvalid");
  const pointing = (start: number, units: number) => {
    const outcome = load(coreBytes({ code: [...i32(16), ...i32(start), 0x36, 2, 0, ...i32(20), ...i32(units), 0x36, 2, 0] })).reconcile("{}");
    return outcome.ok ? "ok" : outcome.error.code;
  };
  assert.equal(pointing(0, 10), "ok");
  assert.equal(pointing(2 * 65_536 - 2, 2), "PlanInvalid");
  assert.equal(pointing(-2, 1), "PlanInvalid");
  assert.equal(pointing(0, 1 << 20), "PlanTooLarge");
  assert.equal(pointing(0, -1), "PlanTooLarge");
});

test("an argument that finds no room is told", () => {
  // An address with too little memory behind it, one far outside, one that no string may have.
  for (const address of [2 * 65_536 - 4, -2, 33]) {
    const outcome = load(coreBytes({ realloc: i32(address) })).reconcile("x".repeat(10));
    assert.ok(!outcome.ok && /cabi_realloc/.test(outcome.error.message));
  }
  assert.equal(planOf(load(coreBytes())), SETTLED);
});

test("a core that fails while it starts is refused", () => {
  const bytes = coreBytes({ functions: [{ name: "_initialize", code: forever() }] });
  assert.throws(() => load(bytes), /CoreError: CORE2001 test\.wasm can't be started/);
});
