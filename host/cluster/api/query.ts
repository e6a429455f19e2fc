/**
 * The query of a request, read as the real server reads its options: the first value of a name counts, and what is no
 * number is a 400 in its words.
 */
import { badRequest } from "./status-error.ts";

export class Query {
  readonly #values: ReadonlyMap<string, readonly string[]>;

  private constructor(values: ReadonlyMap<string, readonly string[]>) { this.#values = values; }

  static readonly empty = new Query(new Map());

  /** What follows the "?". Pairs that are not well encoded are left out, as Go does. */
  static parse(text: string): Query {
    if (text === "") return Query.empty;
    const values = new Map<string, string[]>();
    for (const pair of text.split("&")) {
      if (pair === "" || pair.includes(";")) continue;
      const equals = pair.indexOf("=");
      const name = unescaped(equals === -1 ? pair : pair.slice(0, equals));
      const value = equals === -1 ? "" : unescaped(pair.slice(equals + 1));
      if (name === undefined || value === undefined) continue;
      const known = values.get(name);
      if (known === undefined) values.set(name, [value]);
      else known.push(value);
    }
    return new Query(values);
  }

  get isEmpty(): boolean { return this.#values.size === 0; }
  has(name: string): boolean { return this.#values.has(name); }
  all(name: string): readonly string[] { return this.#values.get(name) ?? []; }
  text(name: string): string { return this.#values.get(name)?.[0] ?? ""; }

  /** Anything but "false" and "0" is true, as long as the name is there at all. */
  flag(name: string): boolean { return this.optionalFlag(name) ?? false; }
  optionalFlag(name: string): boolean | undefined {
    const value = this.#values.get(name)?.[0];
    return value === undefined ? undefined : !/^(false|0)$/i.test(value);
  }

  /** Undefined when it isn't there. Throws the 400 for what is no 64-bit integer. */
  integer(name: string): number | undefined {
    const value = this.#values.get(name)?.[0];
    if (value === undefined) return undefined;
    if (!/^[+-]?\d+$/.test(value)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`);
    const whole = BigInt(value.replace(/^\+/, ""));
    if (BigInt.asIntN(64, whole) !== whole) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(value)}: value out of range`);
    return Number(whole);
  }
}

function unescaped(text: string): string | undefined {
  if (!/[%+]/.test(text)) return text;
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return undefined;
  }
}
