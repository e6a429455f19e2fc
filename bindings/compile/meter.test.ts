import assert from "node:assert/strict";
import { test } from "node:test";
import { assemble, i32, type Source } from "../../host/core/testing/assembler.ts";
import { ValueType } from "../../host/core/wasm/module.ts";
import { pagesFor } from "../../host/core/wasm/reserve.ts";
import { meter, type MeterOptions } from "./meter.ts";

const { i32: I32, i64: I64, f64: F64, v128: V128 } = ValueType;
const OPTIONS: MeterOptions = { name: "test.wasm", fuel: 1_000_000, depth: 1_000, memoryMaxPages: 8 };

type Exports = { [name: string]: ((...args: never[]) => unknown) & WebAssembly.Global };
function instance(wasm: Uint8Array): Exports {
  return new WebAssembly.Instance(new WebAssembly.Module(wasm as Uint8Array<ArrayBuffer>)).exports as unknown as Exports;
}
/** The module with what every core has: a function that makes room, as its last. */
function withRealloc(source: Source): Uint8Array {
  return assemble({ ...source, functions: [...source.functions ?? [], { name: "cabi_realloc", params: [I32, I32, I32, I32], results: [I32], code: i32(64) }] });
}
function both(source: Source): { plain: Exports; metered: Exports } {
  const wasm = withRealloc(source);
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

/** What one call takes. */
function costIn(metered: Exports): (name: string, ...args: number[]) => number {
  return (name, ...args) => {
    metered["toque:fuel"]!.value = OPTIONS.fuel;
    metered[name]!(...args as never[]);
    return OPTIONS.fuel - (metered["toque:fuel"]!.value as number);
  };
}

test("a loop pays for every round, the first with what is around it", () => {
  const count = (...inner: number[]) => [0x03, 0x40, ...inner, 0x20, 0, ...i32(1), 0x6b, 0x22, 0, 0x0d, 0, 0x0b];
  const table = [0x03, 0x40, 0x20, 0, ...i32(1), 0x6b, 0x21, 0, 0x20, 0, 0x45, 0x0e, 1, 0, 1, 0x0b];
  const { metered } = both({
    functions: [
      { name: "plain", params: [I32], code: count() },
      { name: "nested", params: [I32], locals: [I32], code: count(...i32(3), 0x21, 1, 0x03, 0x40, 0x20, 1, ...i32(1), 0x6b, 0x22, 1, 0x0d, 0, 0x0b) },
      { name: "once", params: [I32], code: [0x03, 0x40, 0x20, 0, 0x1a, 0x0b] },
      { name: "table", params: [I32], code: table },
      { name: "while", params: [I32], code: [0x03, 0x40, 0x20, 0, 0x04, 0x40, 0x20, 0, ...i32(1), 0x6b, 0x21, 0, 0x0c, 1, 0x0b, 0x0b] },
    ],
  });
  const cost = costIn(metered);
  // Each charge 4; local.get, i32.const, i32.sub, local.tee, if and br 1 each.
  assert.equal(cost("plain", 1), 4 + 6);
  assert.equal(cost("plain", 10), 10 * (4 + 6));
  // A round outside, with the first round inside, and two more of those.
  assert.equal(cost("nested", 10), 10 * (4 + 6 + 2 + 6 + 2 * (4 + 6)));
  assert.equal(cost("once", 0), 4 + 1, "a loop that nobody goes back to is plain code");
  assert.equal(cost("table", 10), 4 + 9 + 10 * (4 + 9), "before a table of branches whoever comes pays");
  assert.equal(cost("while", 10) - cost("while", 9), 4 + 7);
});

test("a light function is paid by its callers, but those on cycles, in the table or exported", () => {
  const body = (size: number) => Array.from({ length: size }, () => [0x20, 0, 0x1a]).flat();
  const { metered } = both({
    functions: [
      { name: "light", params: [I32], code: [...i32(0), 0x10, 5] }, { name: "heavy", params: [I32], code: [...i32(0), 0x10, 6] },
      { name: "chain", params: [I32], code: [...i32(0), 0x10, 7] }, { name: "table", params: [I32], code: [...i32(0), 0x10, 8] },
      { name: "unused", params: [I32], code: [0x20, 0, 0x04, 0x40, ...i32(0), 0x10, 6, 0x0b] },
      { params: [I32], code: body(125) }, { params: [I32], code: body(130) }, { params: [I32], code: [...i32(0), 0x10, 5] }, { params: [I32], code: body(9) },
      { name: "recurs", params: [I32], code: [0x20, 0, 0x04, 0x40, 0x20, 0, ...i32(1), 0x6b, 0x10, 9, 0x0b] },
    ],
    table: [8],
  });
  const cost = costIn(metered);
  assert.equal(cost("light", 0), 4 + 1 + 4 + 125);
  assert.equal(cost("heavy", 0), 4 + 1 + 4 + (4 + 130));
  assert.equal(cost("chain", 0), 4 + 1 + 4 + (4 + 1 + 4 + 125), "light with what it calls, or not");
  assert.equal(cost("table", 0), 4 + 1 + 4 + (4 + 9));
  assert.equal(cost("unused", 0), 4 + 2 + 1 + 4, "a function that pays for itself costs nothing until it runs");
  assert.equal(cost("recurs", 5) - cost("recurs", 4), 4 + 2 + 3 + 4);
});

test("only heavy arms of an if are charged by themselves", () => {
  const work = (count: number) => Array.from({ length: count }, () => [0x20, 0, 0x1a]).flat();
  const { metered } = both({ functions: [250, 350].map((count) => ({ name: `arm${count}`, params: [I32], code: [0x20, 0, 0x04, 0x40, ...work(count), 0x05, ...work(1), 0x0b] })) });
  const cost = costIn(metered);
  assert.equal(cost("arm250", 0), 4 + 2 + 250 + 1);
  assert.equal(cost("arm250", 1), 4 + 2 + 250 + 1);
  assert.equal(cost("arm350", 0), 4 + 2 + 1);
  assert.equal(cost("arm350", 1), 4 + 2 + 1 + 4 + 350);
});

test("room is reserved by the length of the input, and costs the same whether memory has to grow or not", () => {
  const metered = (pages: number) => instance(meter(withRealloc({ memory: { min: 1 }, data: [{ at: 0, bytes: new Array(100).fill(1) }] }), { ...OPTIONS, memoryMaxPages: pages }));
  for (const pagesMax of [1, 5, 100]) {
    const plan = { staticBytes: 100, pagesMax };
    for (let bytes = 0; bytes < 8 << 20; bytes = bytes * 1.3 + 1_001 | 0) {
      const fresh = metered(pagesMax);
      const costs = [0, 1].map(() => costIn(fresh)("cabi_realloc", 0, 0, 2, bytes));
      assert.equal((fresh["memory"] as unknown as WebAssembly.Memory).buffer.byteLength / 65_536, pagesFor(bytes, plan), `${bytes} bytes of at most ${pagesMax} pages`);
      assert.equal(costs[0], costs[1]);
    }
  }
  assert.equal(pagesFor(2 ** 32 - 2, { staticBytes: 0, pagesMax: 4_096 }), 4_096);
  const huge = metered(100);
  costIn(huge)("cabi_realloc", 0, 0, 2, -2);
  assert.equal((huge["memory"] as unknown as WebAssembly.Memory).buffer.byteLength / 65_536, 100);
  const sizes = Array.from({ length: 1_000 }, (_, n) => pagesFor(n * 10_000, { staticBytes: 0, pagesMax: 4_096 }));
  assert.deepEqual([...new Set(sizes)], [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512], "three significant bits");
  huge["toque:fuel"]!.value = 1_000;
  assert.throws(() => huge["cabi_realloc"]!(0 as never, 0 as never, 2 as never, 100_000 as never), WebAssembly.RuntimeError);
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
  const wasm = withRealloc({ functions: [], globals: [{ init: i32(1) }, { init: i32(2), name: "__toque_trap" }, { init: i32(3), mutable: false, name: "constant" }, { type: F64, init: [0x44, 0, 0, 0, 0, 0, 0, 0, 0] }] });
  const names = Object.keys(instance(meter(wasm, OPTIONS)));
  assert.deepEqual(names, ["memory", "cabi_realloc", "toque:g0", "toque:trap", "toque:g3", "toque:fuel", "toque:depth", "toque:refused", "toque:reset"]);
});

test("same bytes in, same bytes out; what can't be a core is named", () => {
  const wasm = withRealloc({ functions: [{ name: "factorial", params: [I64], results: [I64], code: FACTORIAL }] });
  assert.deepEqual(meter(wasm, OPTIONS), meter(wasm, OPTIONS));
  assert.notDeepEqual(meter(wasm, OPTIONS), meter(wasm, { ...OPTIONS, fuel: 7 }));
  const several = withRealloc({ functions: [{ params: [I32], results: [I32, I32], code: [0x20, 0, 0x10, 0] }] });
  assert.throws(() => meter(several, OPTIONS), /CORE2001 .*returns several values/);
  assert.throws(() => meter(Uint8Array.of(1, 2, 3), OPTIONS), /CORE2001 .*not a Wasm module/);
  assert.throws(() => meter(assemble({ memory: null }), OPTIONS), /CORE2005 .*0 memories/);
  assert.throws(() => meter(assemble({ functions: [] }), OPTIONS), /CORE2004 .*does not export the function cabi_realloc/);
  assert.ok(meter(withRealloc({ functions: [{ locals: [V128], code: [0x20, 0, 0xfd, 77, 0x1a] }] }), OPTIONS).length > 0, "integer SIMD is allowed");
});
