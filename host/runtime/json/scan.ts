/**
 * A strict JSON scanner on bytes: finds where values begin and end without making anything of them, so that the server's
 * own spelling of a value can be copied. Whatever `JSON.parse` refuses in the parts that it passes is refused here too,
 * with the offset; strings are not checked for well-formed UTF-8.
 */

/** Nesting beyond this is refused; Kubernetes objects stay under 50. */
export const DEPTH_MAX = 1000;

/** The text is not JSON; `offset` counts bytes from the start of the array that was scanned. */
export class JsonScanError extends Error {
  readonly offset: number;
  constructor(offset: number, problem: string) {
    super(`${problem} at byte ${offset}`);
    this.name = "JsonScanError";
    this.offset = offset;
  }
}

export const QUOTE = 0x22, COLON = 0x3a, COMMA = 0x2c, BACKSLASH = 0x5c;
export const OBJECT_OPEN = 0x7b, OBJECT_CLOSE = 0x7d, LIST_OPEN = 0x5b, LIST_CLOSE = 0x5d;

/** 1 for bytes that mean themselves inside a string: not quotes, backslashes or control characters. */
const PLAIN = new Uint8Array(256).fill(1, 0x20);
PLAIN[QUOTE] = 0;
PLAIN[BACKSLASH] = 0;

/** What may follow a backslash, `u` apart. */
const ESCAPES = new Set([...'"\\/bfnrt'].map((c) => c.charCodeAt(0)));

/** The open brackets around the value that `skipValue` is at. Shared, for it never calls out. */
const open = new Uint8Array(DEPTH_MAX + 1);

export function skipSpace(bytes: Uint8Array, start: number): number {
  let pos = start;
  while (pos < bytes.length) {
    const c = bytes[pos]!;
    if (c > 0x20 || (c !== 0x20 && c !== 0x0a && c !== 0x0d && c !== 0x09)) break;
    pos++;
  }
  return pos;
}

/** `start` is at the opening quote; returns the position after the closing one. */
export function skipString(bytes: Uint8Array, start: number): number {
  const end = bytes.length;
  if (start >= end || bytes[start] !== QUOTE) throw unexpected(bytes, start, "a string");
  let pos = start + 1;
  for (;;) {
    while (pos < end && PLAIN[bytes[pos]!] === 1) pos++;
    if (pos >= end) throw new JsonScanError(end, "the text ends inside a string");
    const c = bytes[pos]!;
    if (c === QUOTE) return pos + 1;
    if (c !== BACKSLASH) throw new JsonScanError(pos, "a control character inside a string");
    pos = skipEscape(bytes, pos);
  }
}

/** How many escapes have been passed since the module was loaded: a reader that sees it stand still has read plain text. */
export let escapesPassed = 0;

function skipEscape(bytes: Uint8Array, pos: number): number {
  escapesPassed++;
  const c = bytes[pos + 1];
  if (c === undefined) throw new JsonScanError(bytes.length, "the text ends inside a string");
  if (c !== 0x75) {
    if (!ESCAPES.has(c)) throw new JsonScanError(pos, "an unknown escape");
    return pos + 2;
  }
  for (let i = pos + 2; i < pos + 6; i++) {
    const hex = i < bytes.length ? bytes[i]! | 0x20 : 0;
    if (!((hex >= 0x30 && hex <= 0x39 && bytes[i]! >= 0x30) || (hex >= 0x61 && hex <= 0x66))) {
      throw new JsonScanError(i, "a \\u escape needs four hexadecimal digits");
    }
  }
  return pos + 6;
}

/** `start` is at the first byte of a value (no space before it); returns the position after the value. */
export function skipValue(bytes: Uint8Array, start: number): number {
  let pos = start;
  let depth = 0;
  for (;;) {
    const c = pos < bytes.length ? bytes[pos]! : 0;
    if (c === OBJECT_OPEN || c === LIST_OPEN) {
      const close = c + 2; // "{" and "}", "[" and "]" are two apart.
      pos = skipSpace(bytes, pos + 1);
      if (pos < bytes.length && bytes[pos] === close) {
        pos++;
      } else {
        if (depth === DEPTH_MAX) throw new JsonScanError(pos, `more than ${DEPTH_MAX} levels of nesting`);
        open[depth++] = close;
        if (close === OBJECT_CLOSE) pos = skipKey(bytes, pos);
        continue;
      }
    } else {
      pos = c === QUOTE ? skipString(bytes, pos) : skipPrimitive(bytes, pos);
    }
    // After a value: close what closes here, then move to the next value.
    for (;;) {
      if (depth === 0) return pos;
      pos = skipSpace(bytes, pos);
      const next = pos < bytes.length ? bytes[pos]! : 0;
      const close = open[depth - 1]!;
      if (next === COMMA) {
        pos = skipSpace(bytes, pos + 1);
        if (close === OBJECT_CLOSE) pos = skipKey(bytes, pos);
        break;
      }
      if (next !== close) throw unexpected(bytes, pos, close === OBJECT_CLOSE ? '"," or "}"' : '"," or "]"');
      pos++;
      depth--;
    }
  }
}

/** From the opening quote of a key to the first byte of its value. */
export function skipKey(bytes: Uint8Array, start: number): number {
  const pos = skipSpace(bytes, skipString(bytes, start));
  if (pos >= bytes.length || bytes[pos] !== COLON) throw unexpected(bytes, pos, '":"');
  return skipSpace(bytes, pos + 1);
}

function skipPrimitive(bytes: Uint8Array, pos: number): number {
  switch (bytes[pos]) {
    case 0x74: return skipWord(bytes, pos, "true");
    case 0x66: return skipWord(bytes, pos, "false");
    case 0x6e: return skipWord(bytes, pos, "null");
    default: return skipNumber(bytes, pos);
  }
}

function skipWord(bytes: Uint8Array, pos: number, word: string): number {
  for (let i = 0; i < word.length; i++) {
    if (bytes[pos + i] !== word.charCodeAt(i)) throw unexpected(bytes, pos + i, `"${word}"`);
  }
  return pos + word.length;
}

function skipNumber(bytes: Uint8Array, start: number): number {
  let pos = bytes[start] === 0x2d ? start + 1 : start;
  if (bytes[pos] === 0x30) pos++;
  else pos = skipDigits(bytes, pos, pos === start ? "a value" : "a digit");
  if (bytes[pos] === 0x2e) pos = skipDigits(bytes, pos + 1, "a digit");
  const c = bytes[pos];
  if (c === 0x65 || c === 0x45) {
    const sign = bytes[pos + 1];
    pos = skipDigits(bytes, sign === 0x2b || sign === 0x2d ? pos + 2 : pos + 1, "a digit");
  }
  return pos;
}

function skipDigits(bytes: Uint8Array, start: number, wanted: string): number {
  let pos = start;
  while (pos < bytes.length && bytes[pos]! >= 0x30 && bytes[pos]! <= 0x39) pos++;
  if (pos === start) throw unexpected(bytes, pos, wanted);
  return pos;
}

export function unexpected(bytes: Uint8Array, pos: number, wanted: string): JsonScanError {
  if (pos >= bytes.length) return new JsonScanError(bytes.length, `the text ends where ${wanted} should be`);
  const c = bytes[pos]!;
  const found = c > 0x20 && c < 0x7f ? `"${String.fromCharCode(c)}"` : `byte 0x${c.toString(16).padStart(2, "0")}`;
  return new JsonScanError(pos, `${found} where ${wanted} should be`);
}
