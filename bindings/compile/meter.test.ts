import assert from "node:assert/strict";
import { test } from "node:test";
import { assemble, i32, type Source } from "../../host/core/testing/assembler.ts";
import { ValueType } from "../../host/core/wasm/module.ts";
import { meter, type MeterOptions } from "./meter.ts";

const { i32: I32, i64: I64, f64: F64, v128: V128 } = ValueType;
const OPTIONS: MeterOptions = { name: "test.wasm", fuel: 1_000_000, depth: 1_000, memoryMaxPages: 8 };

type Exports = { [name: string]: ((...args: never[]) => unknown) & WebAssembly.Global };
function instance(wasm: Uint8Array): Exports {
  return new WebAssembly.Instance(new WebAssembly.Module(wasm as Uint8Array<ArrayBuffer>)).exports as unknown as Exports;
}
function both(source: Source): { plain: Exports; metered: Exports } {
  const wasm = assemble(source);
  return { plain: instance(wasm), metered: instance(meter(wasm, OPTIONS)) };
}

/** n! by recursion, leaving through `return` from two blocks down, through a table of branches, or at the end. */
const FACTORIAL = [
  0x20, 0, 0x50, 0x04, 0x40, 0x02, 0x40, 0x42, 1, 0x0f, 0x0b, 0x0b,
  0x02, 0x40, 0x02, 0x40, 0x20, 0, 0xa7, 0x0e, 2, 1, 0, 1, 0x0b, 0x42, 1, 0x0f, 0x0b,
  0x20, 0, 0x20, 0, 0x42, 1, 0x7d, 0x10, 0, 0x7e,
];

test("metering changes nothing but the counters", () => {
  const { plain, metered } = both({ functions: [{ name: "factorial", params: [I64], results: [I64], code: FACTORIAL }] });
  for (let n = 0n; n < 20n; n++) {
    assert.equal(metered["factorial"]!(n as never), plain["factorial"]!(n as never));
    assert.equal(metered["toque:depth"]!.value, OPTIONS.depth, "all call depth was given back");
  }
  assert.ok((metered["toque:fuel"]!.value as number) < OPTIONS.fuel);
});

test("a loop pays for every round, in a quiet loop and in one that calls", () => {
  const count = (inner: number[]) => [0x03, 0x40, ...inner, 0x20, 0, ...i32(1), 0x6b, 0x22, 0, 0x0d, 0, 0x0b];
  const { metered } = both({
    functions: [
      { name: "quiet", params: [I32], code: count([]) }, { name: "loud", params: [I32], code: count([0x10, 2]) }, { code: [] },
      { name: "nested", params: [I32], locals: [I32], code: count([...i32(3), 0x21, 1, 0x03, 0x40, 0x20, 1, ...i32(1), 0x6b, 0x22, 1, 0x0d, 0, 0x0b]) },
    ],
  });
  const cost = (name: string, rounds: number) => {
    metered["toque:fuel"]!.value = OPTIONS.fuel;
    metered[name]!(rounds as never);
    return OPTIONS.fuel - (metered["toque:fuel"]!.value as number);
  };
  // Each head 4; local.get, i32.const, i32.sub, local.tee, br_if 1 each; a call 4 and the callee's entry 4.
  assert.equal(cost("quiet", 10), 4 + 10 * 9);
  assert.equal(cost("loud", 10), 4 + 10 * (9 + 4 + 4));
  assert.equal(cost("nested", 10), 4 + 10 * (9 + 2 + 3 * 9));
});

test("only heavy arms of an if are charged by themselves", () => {
  const work = (count: number) => Array.from({ length: count }, () => [0x20, 0, 0x1a]).flat();
  const { metered } = both({ functions: [40, 80].map((count) => ({ name: `arm${count}`, params: [I32], code: [0x20, 0, 0x04, 0x40, ...work(count), 0x05, ...work(1), 0x0b] })) });
  const cost = (name: string, taken: number) => {
    const before = metered["toque:fuel"]!.value as number;
    metered[name]!(taken as never);
    return before - (metered["toque:fuel"]!.value as number);
  };
  assert.equal(cost("arm40", 0), 4 + 2 + 40 + 1);
  assert.equal(cost("arm40", 1), 4 + 2 + 40 + 1);
  assert.equal(cost("arm80", 0), 4 + 2 + 1);
  assert.equal(cost("arm80", 1), 4 + 2 + 1 + 4 + 80);
});

test("bulk operations are paid by length, growth by the page", () => {
  const { metered } = both({
    memory: { min: 2 },
    functions: [
      { name: "fill", params: [I32], code: [...i32(0), ...i32(0), 0x20, 0, 0xfc, 11, 0] },
      { name: "grow", params: [I32], results: [I32], code: [0x20, 0, 0x40, 0] },
    ],
  });
  const cost = (name: string, size: number) => {
    metered["toque:fuel"]!.value = OPTIONS.fuel;
    metered[name]!(size as never);
    return OPTIONS.fuel - (metered["toque:fuel"]!.value as number);
  };
  assert.equal(cost("fill", 80_000) - cost("fill", 0), 10_000);
  assert.equal(cost("grow", 2) - cost("grow", 0), 2 * 65_536);
  assert.equal(metered["toque:refused"]!.value, 0);
  assert.equal(metered["grow"]!(100 as never), -1, "beyond the maximum: refused, as by the engine");
  assert.equal(metered["toque:refused"]!.value, 101);
  assert.equal(metered["grow"]!(-1 as never), -1);
  metered["toque:fuel"]!.value = 1_000;
  assert.throws(() => metered["fill"]!(100_000 as never), WebAssembly.RuntimeError);
  assert.ok((metered["toque:fuel"]!.value as number) < 0);
});

test("every mutable global is exported, the abort message under its own name", () => {
  const wasm = assemble({ functions: [], globals: [{ init: i32(1) }, { init: i32(2), name: "__toque_trap" }, { init: i32(3), mutable: false, name: "constant" }, { type: F64, init: [0x44, 0, 0, 0, 0, 0, 0, 0, 0] }] });
  const names = Object.keys(instance(meter(wasm, OPTIONS)));
  assert.deepEqual(names, ["memory", "toque:trap", "toque:fuel", "toque:depth", "toque:refused", "toque:g0", "toque:g3"]);
});

test("same bytes in, same bytes out; what can't be a core is named", () => {
  const wasm = assemble({ functions: [{ name: "factorial", params: [I64], results: [I64], code: FACTORIAL }] });
  assert.deepEqual(meter(wasm, OPTIONS), meter(wasm, OPTIONS));
  assert.notDeepEqual(meter(wasm, OPTIONS), meter(wasm, { ...OPTIONS, fuel: 7 }));
  const several = assemble({ functions: [{ params: [I32], results: [I32, I32], code: [0x20, 0, 0x10, 0] }] });
  assert.throws(() => meter(several, OPTIONS), /CORE2001 .*returns several values/);
  assert.throws(() => meter(Uint8Array.of(1, 2, 3), OPTIONS), /CORE2001 .*not a Wasm module/);
  assert.throws(() => meter(assemble({ memory: null }), OPTIONS), /CORE2005 .*0 memories/);
  assert.ok(meter(assemble({ functions: [{ locals: [V128], code: [0x20, 0, 0xfd, 77, 0x1a] }] }), OPTIONS).length > 0, "integer SIMD is allowed");
});
