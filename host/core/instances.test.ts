/** Kept instances are as good as fresh ones: same memory, same size of it, same fuel, whatever ran on them or beside them before. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Core } from "./core.ts";
import { keptBytes } from "./instances.ts";
import { HOST_LIMITS } from "./limits.ts";
import { i32 } from "./testing/assembler.ts";
import { type Behaviour, coreBytes, load, PLAN } from "./testing/cores.ts";
import { ValueType } from "./wasm/module.ts";
import { pagesFor } from "./wasm/reserve.ts";

const { i32: I32 } = ValueType;
const PAGE = 65_536;
/** Texts that ask for memory of many sizes, up and down. */
const LENGTHS = [2, 60_000, 5, 20_000, 300_000, 2, 9_000, 150_000, 300_001, 60_000, 3];
const textOf = (length: number): string => "{".padEnd(length, "x");

/** A pass's plan and fuel; fails when there is none. */
function run(core: Core, text: string): { plan: string; fuelUsed: number } {
  const outcome = core.reconcile(text);
  assert.ok(outcome.ok, JSON.stringify(outcome));
  return outcome;
}

/**
 * Answers with a checksum over all of its memory and its globals, the size of its memory included, and leaves all of it changed.
 * Locals: 2 address, 3 end, 4 checksum.
 */
const WITNESS: Behaviour = {
  source: { globals: [{ init: i32(7) }] },
  locals: [I32, I32, I32],
  code: [
    0x3f, 0, ...i32(16), 0x74, 0x21, 3, 0x23, 0, 0x20, 3, 0x6a, 0x21, 4,
    0x03, 0x40, 0x20, 4, ...i32(5), 0x77, 0x20, 2, 0x28, 2, 0, 0x73, ...i32(-1640531535), 0x6c, 0x21, 4,
    0x20, 2, ...i32(4), 0x6a, 0x22, 2, 0x20, 3, 0x49, 0x0d, 0, 0x0b,
    ...i32(0), ...i32(0xaa), 0x20, 3, 0xfc, 11, 0, ...i32(9), 0x24, 0,
    // Eight units of the plan, "A" to "P" for four bits each, and the pair that points there.
    ...Array.from({ length: 8 }, (_, n) => [...i32(PLAN + 2 * n), 0x20, 4, ...i32(4 * n), 0x76, ...i32(15), 0x71, ...i32(65), 0x6a, 0x3b, 1, 0]).flat(),
    ...i32(16), ...i32(PLAN), 0x36, 2, 0, ...i32(20), ...i32(8), 0x36, 2, 0,
  ],
};

test("a pass sees what it would see on a fresh instance, in memory of every size", () => {
  const bytes = coreBytes(WITNESS);
  const core = load(bytes);
  const plans = LENGTHS.map((length) => {
    const kept = run(core, textOf(length));
    assert.deepEqual(kept, run(load(bytes), textOf(length)), `${length} units`);
    assert.deepEqual(kept, run(core, textOf(length)), `${length} units again`);
    return kept.plan;
  });
  assert.equal(new Set(plans).size, new Set(LENGTHS).size, "and the witness does look");
});

test("a counter hidden in the last bytes of memory is reset, in memory of every size", () => {
  const last = [0x3f, 0, ...i32(16), 0x74, ...i32(4), 0x6b];
  const core = load(coreBytes({ code: [...last, 0x28, 2, 0, 0x04, 0x40, 0x00, 0x0b, ...last, ...i32(1), 0x36, 2, 0] }));
  for (let round = 0; round < 3; round++) for (const length of LENGTHS) run(core, textOf(length));
});

test("memory is as large as the length of the input says, or as the core made it before", () => {
  /** Answers with its pages, as one unit. */
  const pages: Behaviour = { code: [...i32(PLAN), 0x3f, 0, 0x3b, 1, 0, ...i32(20), ...i32(1), 0x36, 2, 0] };
  const sizeIn = (core: Core, length: number) => run(core, textOf(length)).plan.charCodeAt(0);
  const core = load(coreBytes(pages));
  for (const length of LENGTHS) assert.equal(sizeIn(core, length), Math.max(2, pagesFor(2 * length, { staticBytes: 2 * 1_024, pagesMax: 512 })), `${length} units`);
  const early = load(coreBytes({ ...pages, functions: [{ name: "_initialize", code: [...i32(8), 0x40, 0, 0x1a] }] }));
  for (const length of LENGTHS) assert.ok(sizeIn(early, length) >= 10);
  const late = load(coreBytes({ ...pages, realloc: [...i32(1), 0x40, 0, 0x1a, ...i32(32_768)] }));
  for (const length of LENGTHS) assert.equal(sizeIn(late, length), sizeIn(core, length) + 1, "what it grows by comes on top, each time anew");
  const small = load(coreBytes({ ...pages, limits: { memoryMaxPages: 11 } }));
  for (const length of LENGTHS.filter((each) => each < 200_000)) assert.ok(sizeIn(small, length) <= 11);
});

test("a core that takes more memory before its first pass than may be put back is refused", () => {
  const grows = (by: number) => coreBytes({ functions: [{ name: "_initialize", code: [...i32(by), 0x40, 0, 0x1a] }] });
  run(load(grows(HOST_LIMITS.memoryInitialPagesMax - 2)), "{}");
  assert.throws(() => load(grows(HOST_LIMITS.memoryInitialPagesMax - 1)), /CORE2001 .*takes 65 pages of memory before its first pass, and 64 are allowed/);
});

test("instances are kept, of all cores together up to a limit, and the limit changes no answer", (t) => {
  const limits: { keptBytesMax: number } = HOST_LIMITS;
  const { keptBytesMax } = limits;
  t.after(() => { limits.keptBytesMax = keptBytesMax; });
  const bytes = coreBytes(WITNESS);
  const wanted = LENGTHS.map((length) => run(load(bytes), textOf(length)));
  for (const pages of [0, 2, 8, 40, 200]) {
    limits.keptBytesMax = pages * PAGE;
    const cores = [load(bytes), load(bytes), load(bytes)];
    for (let round = 0; round < 2; round++) {
      LENGTHS.forEach((length, n) => {
        assert.deepEqual(run(cores[(n + round) % 3]!, textOf(length)), wanted[n]);
        assert.ok(keptBytes() <= limits.keptBytesMax, `${keptBytes()} bytes of ${limits.keptBytesMax}`);
      });
    }
  }
});

test("an instance is made once for each size, and again only after a trap or a growth", (t) => {
  let made = 0;
  const { Instance } = WebAssembly;
  t.mock.method(WebAssembly, "Instance", function (module: WebAssembly.Module, imports: WebAssembly.Imports) {
    made++;
    return new Instance(module, imports);
  });
  // Grows for three units, traps for four.
  const core = load(coreBytes({ code: [0x20, 1, ...i32(3), 0x46, 0x04, 0x40, ...i32(1), 0x40, 0, 0x1a, 0x0b, 0x20, 1, ...i32(4), 0x46, 0x04, 0x40, 0x00, 0x0b] }));
  const sizes = new Set(LENGTHS.filter((length) => length !== 3).map((length) => Math.max(2, pagesFor(2 * length, { staticBytes: 2_048, pagesMax: 512 }))));
  for (let round = 0; round < 3; round++) for (const length of LENGTHS) if (length !== 3) run(core, textOf(length));
  assert.equal(made, sizes.size);
  for (const unfit of [3, 4]) {
    core.reconcile(textOf(unfit));
    const before = made;
    run(core, "{}");
    run(core, "{}");
    assert.equal(made, before + 1, `after ${unfit} units`);
  }
});
