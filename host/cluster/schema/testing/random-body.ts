/** Random bodies of a type, good and bad, as text: numbers in odd spellings and members given twice are part of it. */
import { BUILTIN_TYPES } from "../facts.ts";
import type { Type } from "../types.ts";

/** A small generator with a seed; uniform in [0, 1). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface BodyOptions {
  /** How often a value is of a wrong type or no value of its type. */
  wrong: number;
  /** How often a struct has an unknown field, a field twice. */
  unknown: number;
}

const UNKNOWN = ["foo", "Spec", "METADATA", "__proto__", "constructor", "toString", "hasOwnProperty", "x-é", "a\"b", "", "\u2028", "0"];
const KEYS = ["a", "b", "app.kubernetes.io/name", "__proto__", "constructor", "1", "0", "cpu", "memory", "é", ""];
const STRINGS = ["", "x", "web", "a b", "é\u2028", "<&>", "null", "\\u0000", "\ud83d\ude00"];
const WRONG = ["1", "1.0", "1e3", "-0", "0.5", "1e400", "3000000000", "-2147483649", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "1E2", "true", "false", '"x"', '""', '"1"', "[]", "{}", "[1]", '{"a":1}', "[null]", "null"];
const TIMES = ["2026-01-01T00:00:00Z", "2026-02-28T23:59:59Z", "2024-02-29T00:00:00+02:00", "0001-01-01T00:00:00Z", "2026-01-01T00:00:00.999999999Z", "2026-12-31T23:59:59.123456Z", "2026-12-31T23:59:59.000000Z", "1969-12-31T23:59:59.100000-11:30"];
const WRONG_TIMES = ["", "x", "2026", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T1:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:61Z", "2026-01-01T00:00:00", "2026-01-01T00:00:00Zx", "2026-01-01 00:00:00Z", "2026-01-01T00:00:00,5Z", "2026-01-01T00:00:00+25:00", "2026-01-01T00:00:00+01:61", "2026-01-01T00:00:00*01:00", "2026-01-01T00:00:00.12345Z", "2026-01-01T00:00:00.1234567Z", "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z", "é026-01-01T00:00:00Z", "20a6-01-01T00:00:00Z", "2026-1-01T00:00:00Z", "2026-01-01T00:00:00+0100", "2026-01-01T00:00:00+24:00", "2026-01-01t00:00:00z"];
const BYTES = ["", "YQ==", "YWI=", "YWJj", "YR==", "YQ\\n==", "YQ=\\n=", "\\r\\nYWJj\\n"];
const WRONG_BYTES = ["Y", "YQ", "YQ=", "YQ==x", "é", "YQ=x", "=", "Y===", "YWJj=", "YWJjZ", "YW\\nJ", "*"];
const NUMBERS = ["0", "1", "10", "100", "1000", "1024", "1500", "0.5", "1.5", "1.500", "0.1", ".5", "5.", "007", "12345678901234567890", "999999999999999999", "0.0000000001", "1.0000000001", "+5", "-3", "1023", "1025", "4096", "1048576"];
const SUFFIXES = ["", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "e3", "E3", "e-3", "e+2", "e1", "e12"];
const WRONG_QUANTITIES = ["", "x", "1x", "1 Gi", " 1 ", "1mm", "1e", "1kM", ".", "-", "+", "Gi", "1Kii", "--1", "1..5", "1.5.5", "é", "0x1", "1e99999999999999999999", "1\\n"];

export class RandomBody {
  readonly #random: () => number;
  readonly #options: BodyOptions;

  constructor(random: () => number, options: BodyOptions) {
    this.#random = random;
    this.#options = options;
  }

  /** The text of an object of `type`, with some of its fields. */
  struct(type: string, depth = 0): string {
    const fields = Object.entries(BUILTIN_TYPES[type]!.fields).filter(([name]) => depth > 0 || (name !== "apiVersion" && name !== "kind"));
    const wanted = Math.min(fields.length, 1 + Math.floor(this.#random() * (depth > 6 ? 2 : 5)));
    const members: string[] = [];
    for (let i = 0; i < wanted && fields.length > 0; i++) {
      const [name, field] = this.#take(fields);
      members.push(`${JSON.stringify(name)}:${this.#value(field.type, depth + 1)}`);
      if (this.#chance(this.#options.unknown)) members.push(`${JSON.stringify(name)}:${this.#value(field.type, depth + 1)}`);
    }
    if (this.#chance(this.#options.unknown)) members.push(`${JSON.stringify(this.#one(UNKNOWN))}:${this.#one(WRONG)}`);
    return `{${members.join(this.#one([",", ",", " , ", ",\n"]))}}`;
  }

  #value(type: Type, depth: number): string {
    if (this.#chance(0.02)) return "null";
    if (this.#chance(this.#options.wrong)) return "scalar" in type && (type.scalar === "any" || this.#chance(0.7)) ? this.#wrongScalar(type.scalar) : this.#one(WRONG);
    if ("struct" in type) return this.struct(type.struct, depth);
    if ("list" in type) return `[${this.#some(depth, () => this.#value(type.list, depth + 1)).join(",")}]`;
    if ("map" in type) return `{${this.#some(depth, () => `${JSON.stringify(this.#one(KEYS))}:${this.#value(type.map, depth + 1)}`).join(",")}}`;
    if (type.go?.startsWith("v1.JSONSchemaProps") === true) return this.#schema(depth);
    return this.#scalar(type.scalar);
  }

  #schema(depth: number): string {
    const schema = (): string => (depth > 8 ? "{}" : this.struct("JSONSchemaProps", depth + 1));
    return this.#one([schema, schema, () => "true", () => "false", () => `[${schema()},${schema()}]`, () => '["a","b"]', () => "[]"])();
  }

  #scalar(scalar: string): string {
    switch (scalar) {
      case "string": return JSON.stringify(this.#one(STRINGS));
      case "boolean": return this.#one(["true", "false"]);
      case "int32": return this.#one(["0", "1", "-0", "-1", "2147483647", "-2147483648", "80"]);
      case "int64": return this.#one(["0", "1", "-1", "9007199254740993", "9223372036854775807", "-9223372036854775808"]);
      case "double": return this.#one(["0", "1", "0.5", "1e21", "1e-7", "-2.50", "100"]);
      case "intOrString": return this.#one(["0", "1", '""', '"50%"', '"http"', "-1"]);
      case "time":
      case "microTime": return `"${this.#one(TIMES)}"`;
      case "bytes": return this.#one([...BYTES.map((text) => `"${text}"`), "[104,105]", "[]"]);
      case "quantity": return this.#chance(0.2) ? this.#one(["1", "0.5", "1e3", "1E-3", "2.50", "0", "-1"]) : `"${this.quantity()}"`;
      default: return this.#one(['{"a":1}', "{}", "[1,2]", '"x"', "1", "true"]);
    }
  }

  #wrongScalar(scalar: string): string {
    switch (scalar) {
      case "time":
      case "microTime": return `"${this.#one(WRONG_TIMES)}"`;
      case "bytes": return `"${this.#one(WRONG_BYTES)}"`;
      case "quantity": return `"${this.#one(WRONG_QUANTITIES)}"`;
      // Any JSON is right here, and Go keeps even the spelling of its numbers, which is lost on us.
      case "any": return '"x"';
      default: return this.#one(WRONG);
    }
  }

  /** Mostly a good one. */
  quantity(): string {
    return `${this.#one(["", "", "", "-"])}${this.#one(NUMBERS)}${this.#one(SUFFIXES)}`;
  }

  #some(depth: number, make: () => string): string[] {
    return Array.from({ length: Math.floor(this.#random() * (depth > 6 ? 2 : 3)) }, make);
  }
  #chance(of: number): boolean { return this.#random() < of; }
  #one<T>(of: readonly T[]): T { return of[Math.floor(this.#random() * of.length)]!; }
  #take<T>(from: T[]): T { return from.splice(Math.floor(this.#random() * from.length), 1)[0]!; }
}
