import assert from "node:assert/strict";
import { test } from "node:test";
import { portableText } from "../platform/portable-text.ts";
import { nodePlatform } from "../platform/node/index.ts";
import { loadCore } from "./load.ts";
import { assemble, i32, leb } from "./testing/assembler.ts";
import { ARGUMENT, coreBytes, load, metered, sourceOf } from "./testing/cores.ts";
import { ValueType } from "./wasm/module.ts";

const { i32: I32, f64: F64 } = ValueType;

/** A core whose plan is its argument: the result pair points at it. */
function echo(text = nodePlatform().text) {
  const code = [...i32(16), 0x20, 0, 0x36, 2, 0, ...i32(20), 0x20, 1, 0x36, 2, 0];
  return loadCore(coreBytes({ code }), { ...nodePlatform(), text }, "echo.wasm");
}

test("text goes in and comes out as it was, by Node's codec and by the portable one", () => {
  for (const text of ["{}", "", "Grüße, 世界 \u{1f468}\u200d\u{1f373}", "\u0000\u0001", "\ufeffx", "é".repeat(20_000)]) {
    for (const codec of [nodePlatform().text, portableText]) {
      const outcome = echo(codec).reconcile(text);
      assert.deepEqual(outcome.ok && outcome.plan, text);
    }
  }
});

test("half a character in a plan makes it invalid", () => {
  const outcome = echo(portableText).reconcile("\ud800");
  assert.ok(!outcome.ok && outcome.error.code === "PlanInvalid");
});

test("the digest is that of the whole file", () => {
  const bytes = coreBytes();
  assert.equal(load(bytes).digest, `sha256:${nodePlatform().digest.sha256Hex(bytes)}`);
  assert.notEqual(load(coreBytes({ limits: { fuel: 1_000 } })).digest, load(bytes).digest);
});

test("the same pass uses the same fuel, in any order and on any instance", () => {
  // Counts down from its argument's length.
  const loop = [0x20, 1, 0x21, 2, 0x03, 0x40, 0x20, 2, ...i32(1), 0x6b, 0x22, 2, 0x0d, 0, 0x0b];
  const core = load(coreBytes({ code: loop, locals: [I32] }));
  const fuel = (units: number, on = core) => {
    const outcome = on.reconcile("x".repeat(units));
    assert.ok(outcome.ok);
    return outcome.fuelUsed;
  };
  const [ten, hundred] = [fuel(10), fuel(100)];
  const perUnit = (hundred - ten) / 90;
  assert.ok(Number.isInteger(perUnit) && perUnit > 5, `${perUnit} a round`);
  for (let n = 0; n < 200; n++) assert.equal(fuel(100), hundred);
  assert.equal(fuel(10), ten);
  assert.equal(fuel(10, load(coreBytes({ code: loop, locals: [I32] }))), ten);
});

test("what _initialize costs is part of every pass, and done once", () => {
  const init = (code: number[]) => {
    const source = sourceOf({ source: { globals: [{ init: i32(0) }] }, code: [0x23, 0, ...i32(code.length === 0 ? 0 : 1), 0x47, 0x04, 0x40, 0x00, 0x0b] });
    const core = load(metered(assemble({ ...source, functions: [...source.functions!, { name: "_initialize", code }] })));
    const outcomes = [core.reconcile("{}"), core.reconcile("{}")];
    assert.deepEqual(outcomes[0], outcomes[1]);
    return outcomes[0]!.ok ? outcomes[0]!.fuelUsed : assert.fail(JSON.stringify(outcomes[0]));
  };
  // Global 0 becomes 1; the pass sees it.
  assert.equal(init([0x23, 0, ...i32(1), 0x6a, 0x24, 0]) - init([]), 4);
});

test("the core's own abort message comes with the trap", () => {
  const message = "no such member (topology.ts:41:7)";
  const bytes = [...leb(message.length).concat([0, 0, 0]), ...[...message].flatMap((c) => [c.charCodeAt(0), 0])];
  const source = sourceOf({ code: [...i32(5_000), 0x24, 0, 0x00], source: { globals: [{ init: i32(0), name: "__toque_trap" }] } });
  const core = load(metered(assemble({ ...source, data: [...source.data!, { at: 5_000, bytes }] })));
  for (let n = 0; n < 2; n++) assert.deepEqual(core.reconcile("{}"), { ok: false, error: { code: "Trap", message } });
  // An address or a length that lies is not followed.
  for (const address of [-2, 131_070, 131_060]) {
    const lying = load(metered(assemble({ ...sourceOf({ code: [...i32(address), 0x24, 0, 0x00], source: { globals: [{ init: i32(0), name: "__toque_trap" }] } }) })));
    const outcome = lying.reconcile("{}");
    assert.ok(!outcome.ok && outcome.error.code === "Trap", JSON.stringify(outcome));
  }
});

test("the bits of a NaN are the same on every processor", () => {
  // 0/0 is negative on x86 and positive on ARM; -(0/0) the other way round. Both must look alike.
  const zero = [0x44, ...new Array<number>(8).fill(0)];
  const nan = [...zero, ...zero, 0xa3];
  const upperHalf = [0xbd, 0x42, 32, 0x88, 0xa7];
  const stored = (value: number[]) => [...i32(16), ...value, 0x39, 3, 0, ...i32(20), 0x28, 2, 0];
  const signOf = (value: number[]) => [...zero, ...value, 0xa6, ...upperHalf];
  const traps = (bits: number[], wanted: number) => load(coreBytes({ code: [...bits, ...i32(wanted), 0x47, 0x04, 0x40, 0x00, 0x0b, 0x20, 0, 0x28, 2, 0, 0x1a, ...i32(ARGUMENT), 0x0f], locals: [F64] })).reconcile("{}");
  for (const value of [nan, [...nan, 0x9a], [...nan, 0x99]]) {
    for (const [bits, wanted] of [[[...value, ...upperHalf], 0x7ff80000], [stored(value), 0x7ff80000], [signOf(value), 0]] as const) {
      const outcome = traps([...bits], wanted);
      assert.ok(outcome.ok || outcome.error.code !== "Trap", JSON.stringify(outcome));
    }
  }
});
