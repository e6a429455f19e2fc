/**
 * Reading past JSON, eight UTF-16 units at a time, without building anything.
 *
 * Every reader takes the address where a value starts and returns the one behind it, or 0 when the text is no JSON. A
 * zero unit ends the text (`open` puts it there), and no reader goes past one, so nothing compares with the end.
 */
import { DEPTH_MAX, state } from "./state";
import { fail, record, unexpected } from "./errors";

/** The first unit from `at` on that a string can't just contain: quote, backslash, control, or a surrogate. */
@inline
export function findSpecial(at: usize): usize {
  let mask: i32;
  while (true) {
    mask = likelyMask(v128.load(at), v128.load(at, 16));
    if (mask != 0) break;
    at += 32;
    mask = likelyMask(v128.load(at), v128.load(at, 16));
    if (mask != 0) break;
    at += 32;
  }
  at += <usize>ctz(mask) << 1;
  return load<u16>(at) < 0x8000 ? at : findSpecialExactly(at);
}

/** As `specialMask`, for sixteen units at once; of those from 0x8000 on, where the surrogates are, all count as special. */
@inline
export function likelyMask(low: v128, high: v128): i32 {
  const units = i8x16.narrow_i16x8_u(low, high); // 0xff for what is above it, 0 from 0x8000 on.
  const quote = i8x16.eq(units, i8x16.splat(0x22));
  const backslash = i8x16.eq(units, i8x16.splat(0x5c));
  return i8x16.bitmask(v128.or(v128.or(quote, backslash), i8x16.le_u(units, i8x16.splat(0x1f))));
}

function findSpecialExactly(at: usize): usize {
  while (true) {
    const mask = specialMask(v128.load(at));
    if (mask != 0) return at + (<usize>ctz(mask) << 1);
    at += 16;
  }
}

/** One bit per unit that needs a look. */
@inline
export function specialMask(units: v128): i32 {
  const quote = i16x8.eq(units, i16x8.splat(0x22));
  const backslash = i16x8.eq(units, i16x8.splat(0x5c));
  const control = i16x8.lt_u(units, i16x8.splat(0x20));
  const surrogate = i16x8.eq(v128.and(units, i16x8.splat(<i16>0xf800)), i16x8.splat(<i16>0xd800));
  return i16x8.bitmask(v128.or(v128.or(quote, backslash), v128.or(control, surrogate)));
}

/** Whether the text at `at` begins with that many bytes of `name`, 1 or more. Reads up to 15 bytes behind both. */
@inline
export function same(name: usize, at: usize, bytes: usize): bool {
  let left = bytes;
  if (left > 16) {
    do {
      if (v128.any_true(v128.xor(v128.load(name), v128.load(at)))) return false;
      name += 16;
      at += 16;
      left -= 16;
    } while (left > 16);
  }
  return i8x16.bitmask(i8x16.ne(v128.load(name), v128.load(at))) << (32 - <i32>left) == 0;
}

/** The first unit from `at` on that is not white space. Most texts have none. */
@inline
export function skipSpace(at: usize): usize {
  return load<u16>(at) > 0x20 ? at : skipSpaces(at);
}

function skipSpaces(at: usize): usize {
  let unit = load<u16>(at);
  while (unit == 0x20 || unit == 0x0a || unit == 0x0d || unit == 0x09) unit = load<u16>((at += 2));
  return at;
}

/** Reads past the value at `at`, checking that it is JSON. */
export function skipValue(at: usize): usize {
  switch (load<u16>(at)) {
    case 0x22: return skipString(at);
    case 0x7b: return skipNested(at, 0x7d);
    case 0x5b: return skipNested(at, 0x5d);
    case 0x74: return load<u64>(at) == 0x0065_0075_0072_0074 ? at + 8 : unexpected(at); // true
    case 0x66: return load<u64>(at + 2) == 0x0065_0073_006c_0061 ? at + 10 : unexpected(at); // false
    case 0x6e: return isNull(at) ? at + 8 : unexpected(at);
  }
  return numberEnd(at);
}

@inline
export function isNull(at: usize): bool {
  return load<u64>(at) == 0x006c_006c_0075_006e;
}

/** An object or a list. One function for both: their separators are the same. */
function skipNested(at: usize, close: u16): usize {
  if (state.depth + state.nested >= DEPTH_MAX) return fail(at, TOO_DEEP);
  state.nested++;
  at = skipSpace(at + 2);
  if (load<u16>(at) == close) {
    state.nested--;
    return at + 2;
  }
  while (true) {
    if (close == 0x7d) {
      if (load<u16>(at) != 0x22) return unexpected(at);
      at = skipString(at);
      if (at == 0) return 0;
      at = skipSpace(at);
      if (load<u16>(at) != 0x3a) return unexpected(at);
      at = skipSpace(at + 2);
    }
    at = skipValue(at);
    if (at == 0) return 0;
    at = skipSpace(at);
    const unit = load<u16>(at);
    if (unit == 0x2c) {
      at = skipSpace(at + 2);
    } else if (unit == close) {
      state.nested--;
      return at + 2;
    } else {
      return unexpected(at);
    }
  }
}

function skipString(at: usize): usize {
  const stop = findSpecial(at + 2);
  if (load<u16>(stop) == 0x22) return stop + 2;
  const end = walkString(at + 2, 0);
  if (end == 0) return 0;
  if (state.illFormed != 0) record(ILL_FORMED);
  return end + 2;
}

export const TOO_DEEP: string = "nested deeper than 100";
export const ILL_FORMED: string = "expected well-formed Unicode, found a lone surrogate";

/**
 * Walks a string from behind its opening quote to its closing one, and returns the address of that. Leaves the decoded
 * length in `state.units`, and in `state.illFormed` whether a surrogate stands alone. With `to`, writes what it decodes.
 */
export function walkString(at: usize, to: usize): usize {
  let units: u32 = 0;
  let illFormed: u32 = 0;
  while (true) {
    const stop = findSpecial(at);
    const run = stop - at;
    if (to != 0) memory.copy(to + (units << 1), at, run);
    units += <u32>(run >> 1);
    const unit = load<u16>(stop);
    if (unit == 0x22) {
      state.units = units;
      state.illFormed = illFormed;
      return stop;
    }
    let value: u32 = unit;
    if (unit == 0x5c) {
      value = unescape(stop);
      if (value > 0xffff) return unexpected(stop);
      at = stop + (load<u16>(stop, 2) == 0x75 ? 12 : 4);
    } else if (unit < 0x20) {
      return unexpected(stop);
    } else {
      at = stop + 2;
    }
    if (to != 0) store<u16>(to + (units << 1), value);
    units++;
    if ((value & 0xf800) != 0xd800) continue;
    const low = followingLow(at, unit == 0x5c);
    if (value >= 0xdc00 || low == 0) {
      illFormed = 1;
      continue;
    }
    if (to != 0) store<u16>(to + (units << 1), low);
    units++;
    at += unit == 0x5c ? 12 : 2;
  }
}

/** The low surrogate at `at`, spelt as the high one before it was; 0 if there is none. */
function followingLow(at: usize, escaped: bool): u32 {
  let low: u32 = load<u16>(at);
  if (escaped) {
    if (low != 0x5c) return 0;
    low = unescape(at);
  }
  return (low & 0xfffffc00) == 0xdc00 ? low : 0;
}

/** What the escape at `at` stands for; more than 0xffff if it is none. */
function unescape(at: usize): u32 {
  switch (load<u16>(at, 2)) {
    case 0x22: return 0x22;
    case 0x5c: return 0x5c;
    case 0x2f: return 0x2f;
    case 0x62: return 8;
    case 0x66: return 12;
    case 0x6e: return 10;
    case 0x72: return 13;
    case 0x74: return 9;
    case 0x75: break;
    default: return 0x10000;
  }
  let value: u32 = 0;
  for (let i: usize = 4; i < 12; i += 2) {
    const unit: u32 = load<u16>(at + i);
    let digit: u32 = unit - 0x30;
    if (digit > 9) {
      digit = (unit | 0x20) - 0x61 + 10;
      if (digit < 10 || digit > 15) return 0x10000;
    }
    value = (value << 4) | digit;
  }
  return value;
}

/** Reads past the number at `at`, by JSON's grammar. */
export function numberEnd(at: usize): usize {
  if (load<u16>(at) == 0x2d) at += 2;
  if (load<u16>(at) == 0x30) {
    at += 2;
  } else {
    at = digits(at);
    if (at == 0) return 0;
  }
  if (load<u16>(at) == 0x2e) {
    at = digits(at + 2);
    if (at == 0) return 0;
  }
  if ((load<u16>(at) | 0x20) == 0x65) {
    at += 2;
    const sign = load<u16>(at);
    if (sign == 0x2b || sign == 0x2d) at += 2;
    at = digits(at);
  }
  return at;
}

function digits(at: usize): usize {
  if (<u32>load<u16>(at) - 0x30 > 9) return unexpected(at);
  do { at += 2; } while (<u32>load<u16>(at) - 0x30 <= 9);
  return at;
}
