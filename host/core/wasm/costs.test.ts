/**
 * Random programs: what the build meters, the host accepts; the metered program does what the plain one does; and it has paid
 * for every instruction that ran, as counted by a program that counts along.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { meter } from "../../../bindings/compile/meter.ts";
import { verifyCore } from "../verify.ts";
import { assemble, type Func, i32, leb } from "../testing/assembler.ts";
import { metered, sourceOf } from "../testing/cores.ts";
import { random } from "../testing/random.ts";
import { ValueType } from "./module.ts";
import { WEIGHT } from "./opcodes.ts";

const SEED = Number(process.env["SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const PROGRAMS = Number(process.env["PROGRAMS"] ?? 150);
const { i32: I32 } = ValueType;
/** Of a core's own functions, those of the contract. */
const CONTRACT = 3;
/** Globals: rounds and calls left before a program must end, what it computed, the weight that was counted. */
const [LEFT, RESULT, COUNTED] = [0, 1, 2] as const;
const BUDGET = 300;
const OPTIONS = { name: "random.wasm", fuel: 2_000_000_000, depth: 4_000, memoryMaxPages: 4 };

/** A program of some functions that call each other, with loops, arms, and branches of every kind. */
class Program {
  readonly #next: (below: number) => number;
  readonly #functions: number;
  /** Whether each instruction is preceded by one that counts its weight. */
  readonly #counts: boolean;

  constructor(seed: number, counts: boolean) {
    this.#next = random(seed);
    this.#functions = 2 + this.#next(6);
    this.#counts = counts;
  }

  functions(): Func[] {
    return Array.from({ length: this.#functions }, () => ({ params: [I32], code: [...this.#spend([]), ...this.#statements([], 0)] }));
  }

  #op(...code: number[]): number[] {
    const op = code[0]! >= 0xfc ? code[0]! * 256 + code[1]! : code[0]!;
    return this.#counts && WEIGHT[op]! > 0 ? [0x23, COUNTED, ...i32(WEIGHT[op]!), 0x6a, 0x24, COUNTED, ...code] : code;
  }

  #constant(value: number): number[] { return this.#op(...i32(value)); }

  /** One of the budget; leaves the function when there is none left. */
  #spend(open: readonly string[]): number[] {
    const spent = [...this.#op(0x23, LEFT), ...this.#constant(1), ...this.#op(0x6b), ...this.#op(0x24, LEFT)];
    return [...spent, ...this.#op(0x23, LEFT), ...this.#constant(0), ...this.#op(0x48), ...this.#op(0x0d, ...leb(open.length))];
  }

  #statements(open: readonly string[], depth: number): number[] {
    return Array.from({ length: 1 + this.#next(4) }, () => this.#statement(open, depth)).flat();
  }

  #statement(open: readonly string[], depth: number): number[] {
    const kind = this.#next(depth < 4 ? 10 : 5);
    const inner = (label: string): number[] => [...(label === "loop" ? this.#spend([...open, label]) : []), ...this.#statements([...open, label], depth + 1)];
    const condition = (): number[] => [...this.#op(0x23, RESULT), ...this.#constant(1 + this.#next(7)), ...this.#op(0x71)];
    switch (kind) {
      case 0: return Array.from({ length: this.#next(150) }, () => this.#op(0x01)).flat();
      case 1: return [...this.#constant(1), ...this.#op(0x10, ...leb(CONTRACT + this.#next(this.#functions)))];
      case 2: return open.length === 0 ? [] : [...condition(), ...this.#op(0x0d, ...leb(this.#next(open.length)))];
      case 3: return open.length === 0 ? [] : [...condition(), ...this.#op(0x0e, 2, ...[0, 1, 2].flatMap(() => leb(this.#next(open.length))))];
      case 4: return [...this.#constant(1), ...this.#constant(this.#next(100)), ...this.#op(0x11, ...leb(CONTRACT), 0)];
      case 5: return [...this.#op(0x02, 0x40), ...inner("block"), 0x0b];
      case 6: case 7: return [...this.#op(0x03, 0x40), ...inner("loop"), ...(this.#next(3) > 0 ? [...condition(), ...this.#op(0x0d, 0)] : this.#op(0x0c, 0)), 0x0b];
      case 8: return [...condition(), ...this.#op(0x04, 0x40), ...inner("if"), 0x0b];
      default: return [...condition(), ...this.#op(0x04, 0x40), ...inner("if"), 0x05, ...inner("else"), 0x0b];
    }
  }
}

/** The random functions stand behind those of the contract; the first is called by `reconcile`. */
function sourceWith(functions: Func[]): Parameters<typeof assemble>[0] {
  const mixed = functions.map((each, n) => ({ ...each, code: [...each.code, ...mix(n)] }));
  return sourceOf({
    code: [...i32(0), 0x10, CONTRACT], functions: mixed,
    source: { globals: [{ init: i32(BUDGET) }, { init: i32(12_345) }, { init: i32(0) }], table: Array.from({ length: 100 }, (_, n) => CONTRACT + (n % functions.length)) },
  });
}
/** result = result * 5 + n */
function mix(n: number): number[] { return [0x23, RESULT, ...i32(5), 0x6c, ...i32(n), 0x6a, 0x24, RESULT]; }

/** Runs it; undefined if the engine's stack or the call depth ended first. */
function outcomeOf(wasm: Uint8Array): { result: number; counted: number; fuelUsed: number } | undefined {
  const exports = new WebAssembly.Instance(new WebAssembly.Module(wasm as Uint8Array<ArrayBuffer>)).exports as unknown as { [name: string]: WebAssembly.Global } & { reconcile(at: number, units: number): number };
  try {
    exports.reconcile(0, 0);
  } catch {
    return undefined;
  }
  const value = (name: string) => exports[name]!.value as number;
  return { result: value("toque:g1"), counted: value("toque:g2"), fuelUsed: OPTIONS.fuel - value("toque:fuel") };
}

test(`random programs pay for what they do (SEED=${SEED})`, () => {
  let ran = 0;
  for (let n = 0; n < PROGRAMS; n++) {
    const plain = assemble(sourceWith(new Program(SEED + n, false).functions()));
    verifyCore(metered(plain), (bytes) => new TextDecoder().decode(bytes), `SEED=${SEED + n}`);
    const done = outcomeOf(meter(plain, OPTIONS));
    const counting = outcomeOf(meter(assemble(sourceWith(new Program(SEED + n, true).functions())), OPTIONS));
    if (done === undefined || counting === undefined) continue;
    ran++;
    assert.equal(done.result, counting.result, `SEED=${SEED + n}: the same program`);
    assert.ok(done.fuelUsed >= counting.counted, `SEED=${SEED + n}: ${done.fuelUsed} paid, ${counting.counted} used`);
    if (done.fuelUsed > 0) assert.ok(counting.counted > 0);
  }
  assert.ok(ran > PROGRAMS / 2, `${ran} of ${PROGRAMS} ran`);
});
