import assert from "node:assert/strict";
import { test } from "node:test";
import { CoreError } from "./errors.ts";
import { HOST_LIMITS } from "./limits.ts";
import { MANIFEST_SECTION } from "./manifest.ts";
import { assemble, i32, leb, sectionOf, withoutCustom, withSection } from "./testing/assembler.ts";
import { coreBytes, load, metered, planOf, SETTLED, sourceOf, testManifest } from "./testing/cores.ts";
import { meter } from "../../bindings/compile/meter.ts";
import { Writer } from "./wasm/bytes.ts";
import { Charges, SYSTEM_FUNCTIONS } from "./wasm/charges.ts";
import { decodeModule } from "./wasm/module.ts";

/** loop; br_if 0 (i32.const 0); end */
const LOOP = [0x03, 0x40, ...i32(0), 0x0d, 0, 0x0b];
const utf8 = (text: string) => new TextEncoder().encode(text);
const custom = (name: string, content: Uint8Array) => new Writer().name(name).raw(content).done();
/** A good core with a loop, a recursion, a bulk operation and a growth in it. */
const good = () => coreBytes({
  code: [...LOOP, 0x10, 3, ...i32(0), ...i32(0), ...i32(8), 0xfc, 11, 0, ...i32(0), 0x40, 0, 0x1a],
  functions: [{ code: [...i32(0), 0x04, 0x40, 0x10, 3, 0x0b] }],
});

function refused(bytes: Uint8Array, message: RegExp): void {
  assert.throws(() => load(bytes), (error) => {
    assert.ok(error instanceof CoreError, String(error));
    assert.match(error.message, message);
    return true;
  });
}

test("a metered core is accepted and runs", () => {
  assert.equal(planOf(load(good())), SETTLED);
});

test("imports are refused, each with what to use instead", () => {
  const importing = (module: string, name: string) => withSection(good(), 2, new Writer().u32(1).name(module).name(name).byte(0, 0).done());
  refused(importing("env", "Date.now"), /^CORE2003 test\.wasm imports env\.Date\.now; a core must be deterministic: use observed\.now$/);
  refused(importing("env", "Math.random"), /^CORE2003 .*Math\.random; .*derive names/);
  refused(importing("env", "seed"), /^CORE2003 .*imports env\.seed/);
  refused(importing("wasi_snapshot_preview1", "fd_write"), /^CORE2003 .*ask a question/);
});

test("state that the host could not put back is refused", () => {
  refused(withSection(good(), 8, leb(2)), /^CORE2007 .*start section/);
  const bytes = coreBytes({ source: { globals: [{ init: i32(0) }] } });
  const hidden = new TextDecoder("latin1").decode(bytes).indexOf("toque:g0");
  const renamed = bytes.slice();
  renamed[hidden + 6] = "h".charCodeAt(0);
  refused(renamed, /^CORE2007 .*keeps global 0 to itself/);
});

test("the exports of the contract, and only those", () => {
  const source = sourceOf({});
  const [realloc, reconcile, post] = source.functions!;
  refused(metered(assemble({ ...source, functions: [realloc!, { ...reconcile!, name: "decide" }, post!] })), /^CORE2004 .*reconcile/);
  refused(metered(assemble({ ...source, functions: [realloc!, { ...reconcile!, params: [0x7f, 0x7e] }, post!] })), /^CORE2004 .*wrong type/);
  refused(metered(assemble({ ...source, functions: [...source.functions!, { name: "backdoor", code: [] }] })), /^CORE2004 .*backdoor/);
  assert.throws(() => metered(assemble({ ...source, globals: [{ init: i32(0), name: "toque:fuel" }] })), /^CoreError: CORE2004 .*toque:/);
});

test("one memory, with the maximum that the manifest says", () => {
  refused(withSection(good(), 5, [1, 0, 1]), /^CORE2005 .*without a maximum/);
  refused(withSection(good(), 5, [1, 1, 1, ...leb(4096)]), /^CORE2005 .*4096 pages.*manifest says 512/);
  refused(withSection(good(), 5, [2, 1, 1, 2, 1, 1, 2]), /^CORE2005 .*2 memories/);
  refused(withSection(good(), 5, [1, 3, 1, 2]), /^CORE2001 .*threads/);
  refused(withSection(good(), 5, [1, 5, 1, 2]), /^CORE2001 .*memory64/);
  refused(coreBytes({ source: { memory: { min: 100 } } }), /^CORE2005 .*starts with 100 pages/);
});

test("parts of Wasm that no core may use are refused by name", () => {
  const using = (code: number[]) => () => { load(metered(assemble(sourceOf({ code })))); };
  const cases: [RegExp, () => void][] = [
    [/memory\.init/, using([...i32(0), ...i32(0), ...i32(0), 0xfc, 8, 0, 0])],
    [/data\.drop/, using([0xfc, 9, 0])],
    [/elem\.drop/, using([0xfc, 13, 0])],
    [/table\.get and table\.set/, using([...i32(0), 0x25, 0, 0x1a])],
    [/table mutation/, using([0xfc, 15, 0])],
    [/reference types/, using([0xd0, 0x70, 0x1a])],
    [/exceptions/, using([0x06, 0x40, 0x0b])],
    [/tail calls/, using([0x12, 0])],
    [/garbage collection/, using([0xfb, 0, 0])],
    [/threads/, using([0xfe, 3, 0])],
    [/relaxed SIMD/, using([0xfd, 0x80, 0x02])],
    [/float SIMD/, using([0xfd, ...leb(228)])],
    [/second memory/, using([0x3f, 1, 0x1a])],
  ];
  for (const [pattern, make] of cases) assert.throws(make, (error: Error) => error.name === "CoreError" && pattern.test(error.message), String(pattern));
  refused(withSection(good(), 11, [1, 1, 1, 0]), /passive data segment/);
  refused(withSection(good(), 9, [1, 1, 0, 1, 0]), /passive or declarative element segment/);
  refused(withSection(good(), 13, [0]), /exceptions/);
});

test("a function that does not pay is refused with its number and place", () => {
  refused(forged(0, []), /^CORE2006 test\.wasm has a function \(number 3\) that charges nothing where it must charge 4 \(at byte \d+\); build it with/);
  refused(forged(0, charge(3)), /^CORE2006 .*charges 3 where it must charge 4/);
});

test("a charge that is worth less than what it pays for is refused, wherever it stands", () => {
  const bytes = good();
  const charges = new Charges([], 4, MEMORY);
  let sites = 0;
  for (let at = 0; at + charges.fuelHead.length < bytes.length; at++) {
    if (!charges.fuelHead.every((byte, n) => bytes[at + n] === byte)) continue;
    const cheaper = bytes.slice();
    const weight = at + charges.fuelHead.length;
    if ((cheaper[weight]! & 0x7f) === 0) continue;
    cheaper[weight]!--;
    refused(cheaper, /^CORE2006/);
    sites++;
  }
  assert.ok(sites >= 4, `${sites} sites`);
});

test("unpaid recursion, bulk operations, growth and NaN bits are refused", (t) => {
  t.mock.method(Charges.prototype, "helperBefore", () => undefined);
  const bulk = coreBytes({ code: [...i32(0), ...i32(0), ...i32(8), 0xfc, 11, 0] });
  const float = coreBytes({ code: [0x44, 0, 0, 0, 0, 0, 0, 0, 0, 0xbd, 0x1a] });
  t.mock.restoreAll();
  refused(bulk, /^CORE2006 .*uncharged bulk memory operation/);
  refused(float, /^CORE2006 .*bits of a NaN/);
  refused(unpaidRecursion(), /^CORE2006 .*pays 0 units of call depth instead of 1/);
  const growth = good();
  const grow = lastIndexOf(growth, Uint8Array.of(0x20, 0, 0x40, 0, 0x21, 0));
  growth[grow + 2] = 0x3f;
  refused(growth, /^CORE2006 .*something else than the function that charges/);
});

const MEMORY = { staticBytes: 0, pagesMax: testManifest().limits.memoryMaxPages };
/** The build's sequences, as they are in a core with four functions and no globals of its own. */
const CHARGES = new Charges([], 4, MEMORY);
const charge = (weight: number): number[] => {
  const writer = new Writer();
  CHARGES.fuelCharge(writer, weight);
  return [...writer.done()];
};

/** A core whose function 3 was made by a forger: `locals` (i32), then exactly these bytes. */
function forged(locals: number, code: number[]): Uint8Array {
  const body = (content: number[]) => [...leb(content.length), ...content];
  // In the table, so that it pays for itself.
  const bytes = coreBytes({ functions: [{ code: [] }], source: { table: [3] } });
  const section = sectionOf(bytes, 10);
  const before = body([0, ...charge(4), 0x0b]);
  // Own functions stand before the helpers: function 3 is the last that looks like this.
  const at = lastIndexOf(section, Uint8Array.from(before));
  const after = body([...(locals === 0 ? [0] : [1, locals, 0x7f]), ...code, 0x0b]);
  return withSection(bytes, 10, [...section.slice(0, at), ...after, ...section.slice(at + before.length)]);
}
const unpaidRecursion = () => forged(0, [...charge(8), 0x10, 3]);

test("a round of a loop can't be had for nothing", () => {
  const loop = (...code: number[]) => [0x03, 0x40, ...code, 0x0b];
  /** Goes back when the value on the stack isn't 0, for `weight`. */
  const backIf = (weight: number, depth = 0) => [0x04, 0x40, ...charge(weight), 0x0c, depth + 1, 0x0b];
  const again = (weight: number) => [...i32(0), ...backIf(weight)];
  // The head of the function pays for the first round, the branch back for each other one: 1 for the constant, if and branch.
  assert.equal(planOf(load(forged(0, [...charge(7), ...loop(...again(7))]))), SETTLED);
  assert.equal(planOf(load(forged(0, [...charge(9), ...loop(...i32(0), ...i32(1), 0x1a, ...charge(9), 0x0e, 1, 0, 1)]))), SETTLED, "a table of branches pays for each");
  const cases: [string, RegExp, number[]][] = [
    ["no charge", /a branch back that is not charged/, [...charge(7), ...loop(...i32(0), 0x04, 0x40, 0x0c, 1, 0x0b)]],
    ["a branch as it was compiled", /a branch back that is not charged/, [...charge(6), ...loop(...i32(0), 0x0d, 0)]],
    ["with a charge before it", /a branch back that is not charged/, [...charge(6), ...loop(...i32(0), ...charge(6), 0x0d, 0)]],
    ["too cheap", /charges 6 where it must charge 7/, [...charge(7), ...loop(...again(6))]],
    ["at the head only", /a charge where none belongs/, [...charge(7), ...loop(...charge(7), ...i32(0), 0x04, 0x40, 0x0c, 1, 0x0b)]],
    ["twice", /a charge where none belongs/, [...charge(7), ...loop(...i32(0), 0x04, 0x40, ...charge(7), ...charge(7), ...charge(7), 0x0c, 1, 0x0b)]],
    ["not right before the branch", /a branch back that is not charged/, [...charge(8), ...loop(...i32(0), 0x04, 0x40, ...charge(8), 0x01, 0x0c, 1, 0x0b)]],
    ["the inner loop's price for the outer", /charges 7 where it must charge 10/, [...charge(10), ...loop(...loop(...again(7)), ...i32(0), 0x04, 0x40, ...charge(7), 0x0c, 1, 0x0b)]],
    ["out of the inner loop to the head of the outer", /charges 7 where it must charge 8/, [...charge(8), ...loop(0x01, ...loop(...i32(0), ...backIf(7, 1)))]],
    ["no charge before a table of branches", /a branch back that is not charged/, [...charge(9), ...loop(...i32(0), ...i32(1), 0x1a, 0x0e, 1, 0, 1)]],
    ["half a charge", /malformed charge|touches a counter/, [...charge(9), ...loop(...CHARGES.fuelHead, 7, 0x1a, ...i32(0), 0x04, 0x40, 0x0c, 1, 0x0b)]],
    ["a charge that gives", /malformed charge/, [...charge(7), ...loop(...i32(0), 0x04, 0x40, ...CHARGES.fuelHead, 0x79, ...CHARGES.fuelTail, 0x0c, 1, 0x0b)]],
    ["a charge in plain code", /a charge where none belongs/, [...charge(5), ...charge(5), 0x01]],
  ];
  for (const [what, message, code] of cases) {
    assert.throws(() => load(forged(0, code)), (error) => error instanceof CoreError && error.code === "CORE2006" && message.test(error.message), what);
  }
  const withParameter = sourceOf({ code: [...i32(0), 0x03, 3, 0x1a, 0x0b], functions: [{ params: [0x7f], code: [] }] });
  assert.throws(() => metered(assemble(withParameter)), /CORE2001 .*a loop with parameters/);
});

test("other forgeries in a function", () => {
  const cases: [string, RegExp, number[]][] = [
    ["memory.grow itself", /uncharged memory\.grow/, [...charge(9), ...i32(1), 0x40, 0, 0x1a]],
    ["a helper for its own sake", /calls a function of the build/, [...charge(6), ...i32(0), 0x10, 4, 0x1a]],
    ["memory by the build's reservation", /calls a function of the build/, [...charge(14), ...i32(0), ...i32(0), ...i32(2), ...i32(1 << 20), 0x10, 8, 0x1a]],
    ["all globals set anew", /calls a function of the build/, [...charge(12), ...i32(2_000_000_000), ...i32(0), ...i32(0), 0x10, 9, 0x01]],
    ["a heavy arm for nothing", /charges nothing where it must charge 404/, [...charge(6), ...i32(0), 0x04, 0x40, ...new Array<number>(400).fill(0x01), 0x0b]],
    ["a light arm with a charge", /must charge nothing/, [...charge(7), ...i32(0), 0x04, 0x40, ...charge(5), 0x01, 0x0b]],
    ["depth for nothing", /pays 1 units of call depth instead of 0/, [...charge(4), ...CHARGES.enterHead, 1, ...CHARGES.enterTail({ params: [], results: [] }), ...CHARGES.leaving(1).slice(0, -1)]],
    ["more depth back than was paid", /does not give its call depth back|end is not where/, [...charge(8), ...CHARGES.enterHead, 1, ...CHARGES.enterTail({ params: [], results: [] }), 0x10, 3, ...CHARGES.leaving(2).slice(0, -1)]],
    ["a return past the end", /returns without giving/, [...charge(9), ...CHARGES.enterHead, 1, ...CHARGES.enterTail({ params: [], results: [] }), 0x10, 3, 0x0f, ...CHARGES.leaving(1).slice(0, -1)]],
  ];
  for (const [what, message, code] of cases) {
    assert.throws(() => load(forged(0, code)), (error) => error instanceof CoreError && error.code === "CORE2006" && message.test(error.message), what);
  }
});

function lastIndexOf(bytes: Uint8Array, part: Uint8Array): number {
  for (let at = bytes.length - part.length; at >= 0; at--) if (part.every((byte, n) => bytes[at + n] === byte)) return at;
  throw new Error("not found");
}

test("the function that reserves memory is the build's, byte for byte, and the only way in", () => {
  const bytes = good();
  const module = decodeModule(bytes);
  const own = module.functions.length - SYSTEM_FUNCTIONS;
  const charges = new Charges([], own, MEMORY);
  const { start, end } = module.bodies[charges.reserve]!;
  for (let at = start; at < end; at++) {
    for (const change of [0x01, 0x40, 0x0b]) {
      const forged = bytes.slice();
      forged[at]! ^= change;
      assert.throws(() => load(forged), CoreError, `byte ${at - start} ^ ${change}`);
    }
  }
  // It ends by calling the core's own function, number 0: any other of that type is as good, but none of the build.
  const calling = (index: number) => {
    const forged = bytes.slice();
    forged[end - 2] = index;
    return forged;
  };
  assert.equal(planOf(load(calling(0))), SETTLED);
  refused(calling(charges.reserve), /^CORE2006 .*makes room by a function of the build/);
  refused(calling(charges.charge), /^CORE2006 .*makes room by a function of the build/);

  const exporting = (name: string, index: number) => withSection(bytes, 7, new Writer().vector(module.exports, (writer, entry) => {
    writer.name(entry.name).byte(entry.kind).u32(entry.name === name ? index : entry.index);
  }).done());
  refused(exporting("cabi_realloc", 0), /^CORE2006 .*exports another function as cabi_realloc/);
  refused(exporting("toque:reset", 2), /^CORE2006 .*exports another function as toque:reset/);
  refused(exporting("toque:reset", charges.reserve), /^CORE2006 .*exports another function as toque:reset/);
  refused(withSection(bytes, 7, new Writer().vector(module.exports.filter(({ name }) => name !== "toque:reset"), (writer, entry) => {
    writer.name(entry.name).byte(entry.kind).u32(entry.index);
  }).done()), /^CORE2004 .*does not export toque:reset/);
  const table = coreBytes({ source: { table: [3] }, functions: [{ code: [] }] });
  for (const helper of [charges.charge, charges.grow, charges.reserve, charges.reset]) {
    refused(withSection(table, 9, [1, 0, 0x41, 0, 0x0b, 1, ...leb(helper)]), /^CORE2006 .*a function of the build in its table/);
  }
});

test("the counters can't be touched by the core's own code", () => {
  // Global 0 of a core without globals is the fuel, once it is metered.
  for (const code of [[0x23, 0, 0x1a], [...i32(1_000_000), 0x24, 0], [...i32(1_000_000), 0x24, 1], [...i32(7), 0x24, 2]]) {
    refused(metered(assemble(sourceOf({ code }))), /^CORE2006 .*touches a counter/);
  }
  assert.throws(() => meter(good(), { name: "twice.wasm", fuel: 1, depth: 1, memoryMaxPages: 1 }), /metered already/);
});

test("a manifest that is missing, doubled, malformed or forged is refused", () => {
  const plain = withoutCustom(good(), MANIFEST_SECTION);
  const saying = (manifest: unknown) => withSection(plain, 0, custom(MANIFEST_SECTION, utf8(typeof manifest === "string" ? manifest : JSON.stringify(manifest))));
  const manifest = testManifest();
  assert.equal(planOf(load(saying(manifest))), SETTLED);
  refused(plain, /^CORE2008 .*no manifest/);
  refused(withSection(saying(manifest), 0, custom(MANIFEST_SECTION, utf8(JSON.stringify(manifest)))), /^CORE2008 .*several/);
  refused(saying("{"), /^CORE2008 .*not JSON/);
  refused(saying({ ...manifest, protocol: 2 }), /^CORE2002 .*speaks protocol 2, this host speaks 1; use a newer host/);
  refused(saying({ ...manifest, protocol: "1" }), /^CORE2008 .*manifest\.protocol/);
  refused(saying({ ...manifest, name: "../../kube-system" }), /^CORE2008 .*manifest\.name/);
  refused(saying({ ...manifest, for: { ...manifest.for, plural: "things/../../secrets" } }), /^CORE2008 .*plural/);
  refused(saying({ ...manifest, secret: 1 }), /^CORE2008 .*unknown member "secret"/);
  refused(saying({ ...manifest, limits: { ...manifest.limits, fuel: 1e12 } }), /^CORE2008 .*limits\.fuel/);
  refused(saying({ ...manifest, limits: { ...manifest.limits, fuel: manifest.limits.fuel + 1 } }), /^CORE2006 .*does not start toque:fuel/);
  refused(saying({ ...manifest, limits: { ...manifest.limits, depth: 1 } }), /^CORE2006 .*toque:depth/);
  const call = { name: "x", targetKind: "Pod", port: 80, scheme: "http", method: "GET", path: "/a", effect: "read", timeoutMs: 1000 };
  assert.equal(planOf(load(saying({ ...manifest, calls: [call] }))), SETTLED);
  for (const path of ["/a/../../b", "//evil/..", "/%2e%2e/b", "a", "/a?b"]) refused(saying({ ...manifest, calls: [{ ...call, path }] }), /^CORE2008 .*path/);
});

test("what is too large is refused before it is compiled", () => {
  refused(new Uint8Array(5 << 20), /^CORE2009 .*5242880 bytes/);
  assert.throws(() => coreBytes({ code: new Array(300_000).fill(0x01) }), /CORE2009 .*number 1.*split it/);
  const chain = Array.from({ length: 3_000 }, (_, n) => ({ code: n < 2_999 ? [0x10, ...leb(4 + n)] : [] }));
  assert.throws(() => coreBytes({ code: [0x10, 3], functions: chain }), /CORE2009 .*nests calls too deep/);
  const limits: { unpaidDepthMax: number } = HOST_LIMITS;
  const { unpaidDepthMax } = limits;
  limits.unpaidDepthMax = Infinity;
  const careless = coreBytes({ code: [0x10, 3], functions: chain });
  limits.unpaidDepthMax = unpaidDepthMax;
  refused(careless, /^CORE2009 .*nests calls too deep/);
  refused(coreBytes({ source: { table: new Array(30_000).fill(0) } }), /^CORE2009 .*30000 functions/);
  const arms = Array.from({ length: 40_000 }, () => [0x20, 0, 0x04, 0x40, 0x0b]).flat();
  assert.throws(() => coreBytes({ functions: new Array(6).fill({ params: [0x7f], code: arms }) }), /CORE2009 .*too many loops and branches/);
});
