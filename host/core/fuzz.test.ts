/** Damaged and altered cores: refused with a `CoreError`, or harmless. Never a crash, never a hang. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CoreError } from "./errors.ts";
import { i32 } from "./testing/assembler.ts";
import { coreBytes, load } from "./testing/cores.ts";
import { random } from "./testing/random.ts";
import { decodeModule } from "./wasm/module.ts";

const SEED = Number(process.env["SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const MUTATIONS = 6_000;
/** A pass within its budget, on a machine that is busy with other tests. */
const PASS_MS_MAX = 1_000;

/** Of everything something: a loop, a recursion with both arms, a bulk operation, a global, a table. */
const good = coreBytes({
  locals: [0x7f],
  code: [
    0x20, 1, 0x21, 2, 0x03, 0x40, 0x20, 2, ...i32(1), 0x6b, 0x22, 2, 0x0d, 0, 0x0b, 0x10, 3,
    ...i32(0), ...i32(0), ...i32(8), 0xfc, 11, 0, 0x23, 0, ...i32(1), 0x6a, 0x24, 0,
  ],
  functions: [{ code: [...i32(0), 0x04, 0x40, 0x10, 3, 0x05, 0x01, 0x0b] }],
  source: { globals: [{ init: i32(0) }], table: [3] },
  limits: { fuel: 1_000_000 },
});

/** True when the bytes were refused; runs them when they were not. */
function refusedOrHarmless(bytes: Uint8Array): boolean {
  let core;
  try {
    core = load(bytes);
  } catch (error) {
    assert.ok(error instanceof CoreError, `${String(error)}\n${(error as Error).stack}`);
    return true;
  }
  const started = performance.now();
  const first = core.reconcile("{}");
  assert.ok(performance.now() - started < PASS_MS_MAX);
  assert.deepEqual(core.reconcile("{}"), first, "and every pass is like the first");
  return false;
}

test("a core cut short at any byte is refused", () => {
  assert.equal(refusedOrHarmless(good), false);
  for (let length = 0; length < good.length; length++) assert.ok(refusedOrHarmless(good.slice(0, length)), `cut to ${length} bytes`);
});

test(`a core with bytes changed at random is refused or harmless (SEED=${SEED})`, () => {
  const next = random(SEED);
  const code = decodeModule(good).sections.find((each) => each.id === 10)!;
  let refused = 0;
  for (let n = 0; n < MUTATIONS; n++) {
    const bytes = good.slice();
    for (let changes = 1 + next(3); changes > 0; changes--) {
      // Every other change in the code, where it matters most.
      const at = n % 2 === 0 ? next(bytes.length) : code.start + next(code.end - code.start);
      bytes[at] = n % 3 === 0 ? bytes[at]! ^ (1 << next(8)) : next(256);
    }
    if (refusedOrHarmless(bytes)) refused++;
  }
  assert.ok(refused > MUTATIONS / 2, `${refused} of ${MUTATIONS} refused`);
});
