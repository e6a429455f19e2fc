/**
 * JSON read with Go's eyes: its words for what is no JSON, its limit of nesting, members that come twice, and the spelling
 * of numbers ("1.0" is no integer to Go, "1e3" is a quantity with an exponent). Slow and exact: `body.ts` only comes here
 * when `JSON.parse` refused the text or would lose something.
 *
 * It keeps its own stack: ten thousand levels are legal, and the engine's stack would not hold them.
 */
import type { Json, JsonObject } from "../model.ts";
import { setMember } from "./json-values.ts";

/** The message is Go's: "invalid character '}' looking for beginning of value". */
export class JsonSyntaxError extends Error {}

/** `literal`: its spelling, of a number that is not written as an integer of 64 bits. */
export type Member = readonly [key: string, value: Json, literal: string | undefined];

/** What plain JSON values can't hold. */
export interface Oddities {
  /** Levels of objects and arrays. */
  depth: number;
  /** The first number that is beyond all doubles ("1e400"). */
  overflow?: string;
  /** Numbers that are not written as integers of 64 bits, by the object or array they stand in and their key or index. */
  readonly literals: Map<object, Map<string | number, string>>;
  /**
   * All members, in order, of the objects that can't hold them so: one comes twice (the object itself has the last one), or
   * is called by a number, which the engine puts first.
   */
  readonly members: Map<object, Member[]>;
}

/** More levels of objects and arrays than these are refused. */
export const DEPTH_MAX = 10_000;
/** What is to be kept may not be deeper than this: it will be walked by calls within calls, as deep as itself. */
export const KEPT_DEPTH_MAX = 1000;
/** Go's words. */
export const TOO_DEEP = "exceeded max depth";

/** "-9223372036854775808" */
const INT64_LENGTH_MAX = 20;

const WHITE = /[ \t\r\n]*/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
const LITERALS: { [first: string]: [text: string, value: Json] } = { t: ["true", true], f: ["false", false], n: ["null", null] };

export function parseGoJson(text: string): { value: Json; odd: Oddities } {
  return new Parser(text).run();
}

interface Frame {
  readonly container: JsonObject | Json[];
  readonly members: Member[];
  readonly keys: Set<string>;
  /** The container can't hold them as they are. */
  odd: boolean;
  key: string;
}

class Parser {
  readonly #text: string;
  #at = 0;
  readonly #odd: Oddities = { depth: 0, literals: new Map(), members: new Map() };
  readonly #stack: Frame[] = [];

  constructor(text: string) { this.#text = text; }

  run(): { value: Json; odd: Oddities } {
    let value = this.#begin();
    for (;;) {
      const frame = this.#stack.at(-1);
      if (value === undefined) {
        // A container was opened: its first member, or its end.
        value = this.#first(frame!);
        continue;
      }
      if (frame === undefined) break;
      this.#put(frame, value);
      value = this.#next(frame);
    }
    this.#white();
    if (this.#at < this.#text.length) throw this.#unexpected("after top-level value");
    return { value, odd: this.#odd };
  }

  /** A value's beginning: the value itself, or undefined when it is a container that has just been opened. */
  #begin(): Json | undefined {
    this.#white();
    const character = this.#text[this.#at];
    if (character === "{" || character === "[") {
      if (this.#stack.length === DEPTH_MAX) throw this.#unexpected(TOO_DEEP);
      this.#at++;
      this.#stack.push({ container: character === "{" ? {} : [], members: [], keys: new Set(), odd: false, key: "" });
      this.#odd.depth = Math.max(this.#odd.depth, this.#stack.length);
      return undefined;
    }
    if (character === '"') return this.#string();
    if (character === "-" || (character !== undefined && character >= "0" && character <= "9")) return this.#number();
    const literal = character === undefined ? undefined : LITERALS[character];
    if (literal === undefined) throw this.#unexpected("looking for beginning of value");
    return this.#literal(...literal);
  }

  #first(frame: Frame): Json | undefined {
    this.#white();
    if (Array.isArray(frame.container)) {
      if (this.#text[this.#at] !== "]") return this.#begin();
    } else if (this.#text[this.#at] !== "}") return this.#member(frame);
    return this.#close(frame);
  }

  #next(frame: Frame): Json | undefined {
    this.#white();
    const character = this.#text[this.#at];
    const list = Array.isArray(frame.container);
    if (character === (list ? "]" : "}")) return this.#close(frame);
    if (character !== ",") throw this.#unexpected(list ? "after array element" : "after object key:value pair");
    this.#at++;
    return list ? this.#begin() : this.#member(frame);
  }

  #close(frame: Frame): Json {
    this.#at++;
    this.#stack.pop();
    if (frame.odd) this.#odd.members.set(frame.container, frame.members);
    return frame.container;
  }

  #member(frame: Frame): Json | undefined {
    this.#white();
    if (this.#text[this.#at] !== '"') throw this.#unexpected("looking for beginning of object key string");
    frame.key = this.#string();
    this.#white();
    if (this.#text[this.#at] !== ":") throw this.#unexpected("after object key");
    this.#at++;
    this.#odd.literals.get(frame.container)?.delete(frame.key);
    return this.#begin();
  }

  #put(frame: Frame, value: Json): void {
    const { container, members, keys, key } = frame;
    if (Array.isArray(container)) {
      container.push(value);
      return;
    }
    if (keys.has(key) || /^[0-9]+$/.test(key)) frame.odd = true;
    keys.add(key);
    members.push([key, value, this.#odd.literals.get(container)?.get(key)]);
    setMember(container, key, value);
  }

  #number(): Json {
    NUMBER.lastIndex = this.#at;
    const found = NUMBER.exec(this.#text);
    const [literal = "-", fraction, exponent] = found ?? [];
    this.#at += literal.length;
    const following = this.#text[this.#at];
    if (found === null) throw this.#unexpected("in numeric literal");
    if (following === "." && fraction === undefined && exponent === undefined) {
      this.#at++;
      throw this.#unexpected("after decimal point in numeric literal");
    }
    if ((following === "e" || following === "E") && exponent === undefined) {
      this.#at++;
      if (/[+-]/.test(this.#text[this.#at] ?? "")) this.#at++;
      throw this.#unexpected("in exponent of numeric literal");
    }
    const value = Number(literal);
    if (fraction === undefined && exponent === undefined) {
      if (Number.isSafeInteger(value)) return value;
      const whole = literal.length <= INT64_LENGTH_MAX ? BigInt(literal) : 2n ** 64n;
      if (BigInt.asIntN(64, whole) === whole) return whole;
    }
    this.#keepLiteral(literal);
    if (!Number.isFinite(value)) this.#odd.overflow ??= literal;
    return value;
  }

  #keepLiteral(literal: string): void {
    const frame = this.#stack.at(-1);
    if (frame === undefined) return;
    const literals = this.#odd.literals.get(frame.container) ?? new Map<string | number, string>();
    this.#odd.literals.set(frame.container, literals.set(Array.isArray(frame.container) ? frame.container.length : frame.key, literal));
  }

  #literal(text: string, value: Json): Json {
    for (let i = 1; i < text.length; i++) {
      this.#at++;
      if (this.#text[this.#at] !== text[i]) throw this.#unexpected(`in literal ${text} (expecting '${text[i]}')`);
    }
    this.#at++;
    return value;
  }

  #string(): string {
    const start = this.#at++;
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (Number.isNaN(code)) throw this.#unexpected("");
      if (code === 0x22) break;
      if (code < 0x20) throw this.#unexpected("in string literal");
      if (code === 0x5c) this.#escape();
      this.#at++;
    }
    this.#at++;
    // Go has no lone surrogates: each becomes U+FFFD.
    return (JSON.parse(this.#text.slice(start, this.#at)) as string).toWellFormed();
  }

  #escape(): void {
    this.#at++;
    const kind = this.#text[this.#at];
    if (kind === "u") {
      for (let i = 0; i < 4; i++) {
        this.#at++;
        if (!/^[0-9a-fA-F]$/.test(this.#text[this.#at] ?? "")) throw this.#unexpected("in \\u hexadecimal character escape");
      }
    } else if (kind === undefined || !'bfnrt\\/"'.includes(kind)) throw this.#unexpected("in string escape code");
  }

  #white(): void {
    WHITE.lastIndex = this.#at;
    WHITE.exec(this.#text);
    this.#at = WHITE.lastIndex;
  }

  #unexpected(context: string): JsonSyntaxError {
    // At its end Go's scanner tries a space: inside of a token that is the wrong character.
    const point = this.#text.codePointAt(this.#at) ?? (/^in |decimal/.test(context) ? 0x20 : undefined);
    if (point === undefined) return new JsonSyntaxError("unexpected end of JSON input");
    return new JsonSyntaxError(`invalid character ${quoteByte(firstByte(point))} ${context}`);
  }
}

/** Go reads bytes: of a character beyond ASCII it names the first byte, as if that were a character. */
function firstByte(point: number): number {
  if (point < 0x80) return point;
  return point < 0x800 ? 0xc0 | (point >> 6) : point < 0x10000 ? 0xe0 | (point >> 12) : 0xf0 | (point >> 18);
}

function quoteByte(byte: number): string {
  if (byte === 0x27) return "'\\''";
  if (byte === 0x22) return "'\"'";
  return `'${goQuote(String.fromCharCode(byte)).slice(1, -1)}'`;
}

const SHORT: { [character: string]: string } = { "\x07": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v", '"': '\\"', "\\": "\\\\" };

/** As Go's strconv.Quote: what can be printed stays. */
export function goQuote(text: string): string {
  if (/^[ !#-[\]-~]*$/.test(text)) return `"${text}"`;
  let quoted = "";
  for (const character of text) {
    const point = character.codePointAt(0)!;
    const short = SHORT[character];
    if (short !== undefined) quoted += short;
    else if (character === " " || !/[\p{C}\p{Z}]/u.test(character)) quoted += character;
    else if (point < 0x80) quoted += `\\x${hex(point, 2)}`;
    else quoted += point < 0x10000 ? `\\u${hex(point, 4)}` : `\\U${hex(point, 8)}`;
  }
  return `"${quoted}"`;
}

function hex(value: number, width: number): string {
  return value.toString(16).padStart(width, "0");
}
