/**
 * Bodies of requests: text to JSON without loss. `JSON.parse` does the work; one look over the text tells whether it lost
 * something (a member that came twice, the spelling of a number, a lone surrogate), and only then the exact parser runs.
 */
import type { Json } from "../model.ts";
import { goQuote, JsonSyntaxError, parseGoJson, type Oddities } from "./go-json.ts";

export { JsonSyntaxError };

export interface ParsedBody {
  /** As last written where a member comes twice; integers beyond 2^53 are bigint while they have 64 bits. `__proto__` is an ordinary key. */
  readonly value: Json;
  /** What `value` doesn't show; undefined for nearly every body. */
  readonly odd: Oddities | undefined;
}

/** Nothing that is to be recursed into may be deeper; the exact parser needs no recursion. */
const PLAIN_DEPTH_MAX = 500;

/** More are not told of. */
const DUPLICATES_MAX = 100;

/** Throws JsonSyntaxError in Go's words. */
export function parseBody(text: string): ParsedBody {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    // Says why. Where it sees nothing wrong, the two parsers differ, and Go's opinion is the one that counts.
    return exactly(text);
  }
  const members = plainMembers(text);
  return members !== undefined && members === countMembers(value) ? { value, odd: undefined } : exactly(text);
}

function exactly(text: string): ParsedBody {
  const { value, odd } = parseGoJson(text);
  return { value, odd: odd.literals.size === 0 && odd.members.size === 0 && odd.depth <= PLAIN_DEPTH_MAX ? undefined : odd };
}

/** 'duplicate field "spec.x"', for a body that no types are known of. In the order of the text. */
export function duplicateFields({ value, odd }: ParsedBody): string[] {
  const found = new Set<string>();
  if (odd === undefined || odd.members.size === 0) return [];
  // A stack of its own: bodies may be deeper than the engine's.
  const open = [stepsInto(value, "", odd.members)];
  while (open.length > 0) {
    const next = open.at(-1)!.next();
    if (next.done === true) open.pop();
    else {
      const { at, value: member, again } = next.value;
      if (again && found.size < DUPLICATES_MAX) found.add(`duplicate field ${goQuote(at)}`);
      if (typeof member === "object" && member !== null) open.push(stepsInto(member, at, odd.members));
    }
  }
  return [...found];
}

function* stepsInto(value: Json, path: string, members: Oddities["members"]): Generator<{ at: string; value: Json; again: boolean }> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield { at: `${path}[${index}]`, value: item, again: false };
  } else if (typeof value === "object" && value !== null) {
    const seen = new Set<string>();
    for (const [key, member] of members.get(value) ?? Object.entries(value)) {
      yield { at: path === "" ? key : `${path}.${key}`, value: member as Json, again: seen.has(key) };
      seen.add(key);
    }
  }
}

const QUOTE = 0x22, BACKSLASH = 0x5c, COLON = 0x3a, OPEN_BRACE = 0x7b, OPEN_BRACKET = 0x5b, CLOSE_BRACE = 0x7d, CLOSE_BRACKET = 0x5d;
const ZERO = 0x30, NINE = 0x39, DOT = 0x2e, LOWER_E = 0x65, UPPER_E = 0x45, LOWER_U = 0x75, LOWER_D = 0x64, UPPER_D = 0x44;
/** An integer of fewer digits is exact as a number. */
const SAFE_DIGITS = 15;

/** The number of members in a text that is known to be JSON; undefined when it has to be read exactly. */
function plainMembers(text: string): number | undefined {
  let members = 0;
  let depth = 0;
  let string = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) {
      string = i;
      for (;;) {
        const inside = text.charCodeAt(++i);
        if (inside === QUOTE) break;
        if (inside === BACKSLASH && text.charCodeAt(++i) === LOWER_U) {
          const first = text.charCodeAt(i + 1);
          // Half of a pair, perhaps.
          if (first === LOWER_D || first === UPPER_D) return undefined;
        }
      }
    } else if (code === COLON) {
      members++;
      // A key that is a number changes its place.
      if (isDigit(text.charCodeAt(string + 1))) return undefined;
    }
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      if (++depth > PLAIN_DEPTH_MAX) return undefined;
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth--;
    else if (code >= ZERO && code <= NINE) {
      const start = i;
      while (isDigit(text.charCodeAt(i + 1))) i++;
      const following = text.charCodeAt(i + 1);
      if (i - start >= SAFE_DIGITS || following === DOT || following === LOWER_E || following === UPPER_E) return undefined;
    }
  }
  return members;
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= NINE;
}

function countMembers(value: Json): number {
  if (typeof value !== "object" || value === null) return 0;
  let members = 0;
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === "object") members += countMembers(item);
  } else {
    for (const key in value) {
      members++;
      const member = value[key];
      if (typeof member === "object") members += countMembers(member);
    }
  }
  return members;
}
