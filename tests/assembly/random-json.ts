/**
 * Random values of declared types, in random spellings of JSON, with what a strict reader must make of them.
 *
 * A `Sample` is a text, and the value that is left of it: unknown fields gone, nulls of optional fields gone.
 */
import type { Manifest, Scalar, TypeRef } from "../../bindings/protocol/manifest.ts";
import type { Json } from "../../bindings/protocol/types.ts";

export interface Sample { text: string; value: Json }

/** Mulberry32: small, seeded, good enough to find bugs. */
export class Dice {
  #state: number;
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }
  below(n: number): number {
    return Math.floor(this.next() * n);
  }
  chance(p: number): boolean {
    return this.next() < p;
  }
  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }
}

const INTEGERS = ["0", "1", "-1", "9007199254740993", "9223372036854775807", "-9223372036854775808", "4294967296", "2147483648", "-2147483649"];
const UNITS = ["a", "Z", "0", " ", "/", "\"", "\\", "\b", "\f", "\n", "\r", "\t", "\u0000", "\u001f", "\u007f", "é", "ß", "\u2028", "\ufeff", "\uffff", "漢", "😀", "𝒳", "{", "]", ":", ","];

export class RandomJson {
  readonly dice: Dice;
  readonly #types: Manifest["types"];
  /** How likely optional fields are there: small types whole, big ones in part. */
  #presence = 0.6;

  constructor(seed: number, types: Manifest["types"]) {
    this.dice = new Dice(seed);
    this.#types = types;
  }

  of(type: TypeRef, depth = 0): Sample {
    if ("scalar" in type) return this.scalar(type.scalar);
    if ("object" in type) return this.object(type.object, {}, depth);
    const count = depth > 6 ? 0 : this.dice.chance(0.03) ? 40 : this.dice.below(4);
    if ("list" in type) {
      const items = Array.from({ length: count }, () => this.of(type.list, depth + 1));
      return { text: this.#joined("[", items.map((item) => item.text), "]"), value: items.map((item) => item.value) };
    }
    const entries = new Map(Array.from({ length: count }, () => [this.string().value as string, this.of(type.map, depth + 1)]));
    const texts = [...entries].map(([key, item]) => `${this.#spellKey(key)}${this.#space()}:${this.#space()}${item.text}`);
    return { text: this.#joined("{", texts, "}"), value: fromEntries([...entries].map(([key, item]) => [key, item.value])) };
  }

  /** `fixed` fields are as given. */
  object(name: string, fixed: { [field: string]: Sample }, depth = 0): Sample {
    const parts: [string, Sample | undefined][] = [];
    const def = this.#types[name]!;
    this.#presence = Object.keys(def.fields).length > 12 ? 0.2 : 0.6;
    for (const [field, { type, required }] of Object.entries(def.fields)) {
      if (fixed[field] !== undefined) parts.push([field, fixed[field]]);
      else if (required === true || (depth < 8 && this.dice.chance(this.#presence))) {
        const sample = this.of(type, depth + 1);
        // Null is null, also where any JSON may stand: the field is absent.
        parts.push([field, sample.value === null && required !== true ? undefined : sample]);
      }
      else if (this.dice.chance(0.1)) parts.push([field, undefined]);
    }
    const texts = this.#shuffled(parts).map(([field, sample]) => `${this.#spellKey(field)}${this.#space()}:${this.#space()}${sample?.text ?? "null"}`);
    if (this.dice.chance(0.1)) texts.splice(this.dice.below(texts.length + 1), 0, `"unknown${this.dice.below(9)}":${this.any(depth).text}`);
    return { text: this.#joined("{", texts, "}"), value: fromEntries(parts.flatMap(([field, sample]) => (sample === undefined ? [] : [[field, sample.value]]))) };
  }

  scalar(scalar: Scalar): Sample {
    switch (scalar) {
      case "integer": return this.integer();
      case "number": return this.number();
      case "boolean": return this.dice.chance(0.5) ? { text: "true", value: true } : { text: "false", value: false };
      case "intOrString": return this.dice.chance(0.5) ? this.integer() : this.string();
      case "json": return this.any(0);
      default: return this.string();
    }
  }

  integer(): Sample {
    const text = this.dice.chance(0.5) ? this.dice.pick(INTEGERS) : String(BigInt.asIntN(64, BigInt(Math.floor(this.dice.next() * 2 ** 53)) << BigInt(this.dice.below(12))));
    return { text, value: integerOf(text) };
  }

  number(): Sample {
    const bits = new DataView(new ArrayBuffer(8));
    bits.setUint32(0, this.dice.below(4294967296));
    bits.setUint32(4, this.dice.below(4294967296));
    const wild = bits.getFloat64(0);
    const wide = Number.isInteger(wild) && Math.abs(wild) < 1e21; // Would be read back as a bigint.
    const value = this.dice.chance(0.5) && Number.isFinite(wild) && !wide ? wild : this.dice.pick([0, 0.1, 1.5, -2.25, 1e21, 1e-7, 123456789.125, 5e-324, 1.7976931348623157e308, 4.35, 0.3]);
    const text = this.dice.pick([String(value), value.toExponential(), value.toExponential(20), `${value}`.replace("e", "E")]);
    return { text, value };
  }

  string(): Sample {
    const length = this.dice.chance(0.02) ? 300 : this.dice.below(this.dice.chance(0.5) ? 6 : 24);
    let value = "";
    for (let i = 0; i < length; i++) value += this.dice.chance(0.7) ? String.fromCharCode(97 + this.dice.below(26)) : this.dice.pick(UNITS);
    return { text: this.spell(value), value };
  }

  any(depth: number): Sample {
    switch (this.dice.below(depth > 4 ? 5 : 7)) {
      case 0: return this.string();
      case 1: return this.integer();
      case 2: return this.number();
      case 3: return { text: "null", value: null };
      case 4: return { text: "true", value: true };
      case 5: return this.of({ list: { scalar: "json" }, listType: "atomic" }, depth + 1);
      default: return this.of({ map: { scalar: "json" } }, depth + 1);
    }
  }

  /**
   * NOTE: V8 (Node 24.21) now and then reads the key of `{"\\u0074": 1}` as a backslash: of keys of one unit that is
   * escaped it takes the first unit as written. The oracle is V8's parser, so such keys are written plainly.
   */
  #spellKey(key: string): string {
    return key.length === 1 ? JSON.stringify(key) : this.spell(key);
  }

  /** One of the many ways to write a string. */
  spell(value: string): string {
    if (this.dice.chance(0.8)) return JSON.stringify(value);
    let text = "";
    for (let i = 0; i < value.length; i++) {
      const unit = value.charCodeAt(i);
      const pair = unit >= 0xd800 && unit < 0xdc00;
      if (this.dice.chance(0.5) || unit < 0x20) {
        text += escaped(unit, this.dice);
        if (pair) text += escaped(value.charCodeAt(++i), this.dice);
      } else if (unit === 0x2f && this.dice.chance(0.5)) text += "\\/";
      else {
        text += unit === 0x22 || unit === 0x5c ? `\\${value[i]}` : value[i];
        if (pair) text += value[++i];
      }
    }
    return `"${text}"`;
  }

  #joined(open: string, parts: string[], close: string): string {
    return `${open}${this.#space()}${parts.map((part) => part + this.#space()).join(`,${this.#space()}`)}${close}`;
  }

  #space(): string {
    return this.dice.chance(0.9) ? "" : this.dice.pick([" ", "\n", "\t", "\r\n  ", "   "]);
  }

  #shuffled<T>(items: T[]): T[] {
    if (this.dice.chance(0.5)) return items;
    const out = [...items];
    for (let i = out.length - 1; i > 0; i--) {
      const j = this.dice.below(i + 1);
      [out[i], out[j]] = [out[j]!, out[i]!];
    }
    return out;
  }
}

function escaped(unit: number, dice: Dice): string {
  const hex = unit.toString(16).padStart(4, "0");
  return `\\u${dice.chance(0.5) ? hex : hex.toUpperCase()}`;
}

function integerOf(text: string): Json {
  const value = BigInt(text);
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

/** Own properties only: a key may be `__proto__`. */
function fromEntries(entries: (readonly [string, Json])[]): Json {
  return Object.fromEntries(entries);
}
