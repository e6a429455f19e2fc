/**
 * Decimal text and binary floating point, both ways without loss: reading rounds to the nearest double (ties to even),
 * writing takes the shortest text that reads back as the same double, in JavaScript's form.
 *
 * Short numbers take the exact way through doubles; all others are settled by comparing big integers. Kubernetes has few
 * of these, so small code counts for more than speed.
 */
import { Big } from "./big";
import { state } from "./state";

/** Digits beyond these can't change the result, except by being there at all. */
const DIGITS_MAX: i32 = 780;
const MANTISSA_BITS: i32 = 52;

/** The double nearest to the number between two addresses, which is one by JSON's grammar. */
export function parseNumber(at: usize, end: usize): f64 {
  const negative = load<u16>(at) == 0x2d;
  if (negative) at += 2;
  let digits: u64 = 0; // The first 19.
  let count = 0;
  let exponent = 0;
  let point = false;
  const first = at;
  for (; at < end; at += 2) {
    const unit: u32 = load<u16>(at);
    if (unit == 0x2e) {
      point = true;
      continue;
    }
    if (unit - 0x30 > 9) break;
    if (count > 0 || unit != 0x30) count++;
    if (count <= 19) digits = digits * 10 + (unit - 0x30);
    else exponent++;
    if (point) exponent--;
  }
  const stop = at;
  exponent += explicitExponent(at, end);
  const value = digits == 0 ? 0 : nearest(digits, count, exponent, first, stop);
  return negative ? -value : value;
}

function explicitExponent(at: usize, end: usize): i32 {
  if (at == end) return 0;
  at += 2;
  const negative = load<u16>(at) == 0x2d;
  if (negative || load<u16>(at) == 0x2b) at += 2;
  let value = 0;
  for (; at < end; at += 2) value = min(value * 10 + load<u16>(at) - 0x30, 100000);
  return negative ? -value : value;
}

/** digits x 10^exponent, where `digits` are the first 19 of `count`; the others stand between `first` and `stop`. */
function nearest(digits: u64, count: i32, exponent: i32, first: usize, stop: usize): f64 {
  if (digits <= 1 << 53 && count <= 19 && abs(exponent) <= 22) {
    // Both are exact as doubles, and one operation rounds once.
    return exponent < 0 ? <f64>digits / powerOf10(-exponent) : <f64>digits * powerOf10(exponent);
  }
  const magnitude = min(count, 19) + exponent;
  if (magnitude > 310) return Infinity;
  if (magnitude < -330) return 0;
  const guess = scaled(<f64>digits, exponent);
  return settle(guess, digits, count, exponent, first, stop);
}

function powerOf10(exponent: i32): f64 {
  let value: f64 = 1;
  for (let i = 0; i < exponent; i++) value *= 10; // Exact up to 10^22.
  return value;
}

/** Right to a few units in the last place. */
function scaled(value: f64, exponent: i32): f64 {
  for (; exponent >= 22; exponent -= 22) value *= 1e22;
  for (; exponent <= -22; exponent += 22) value /= 1e22;
  return exponent < 0 ? value / powerOf10(-exponent) : value * powerOf10(exponent);
}

/** Moves `guess` to the double that is nearest to the decimal, by comparing with the points halfway between doubles. */
function settle(guess: f64, digits: u64, count: i32, exponent: i32, first: usize, stop: usize): f64 {
  let bits = reinterpret<u64>(min(guess, f64.MAX_VALUE));
  while (bits < 0x7ff0000000000000) {
    const order = compareHalfway(bits, digits, count, exponent, first, stop);
    if (order < 0 || (order == 0 && !(bits & 1))) break;
    bits++;
  }
  while (bits > 0) {
    const order = compareHalfway(bits - 1, digits, count, exponent, first, stop);
    // A tie goes to the even one of the two.
    if (order > 0 || (order == 0 && !(bits & 1))) break;
    bits--;
  }
  return reinterpret<f64>(bits);
}

/** The decimal against the middle between the double of these bits and the next one. */
function compareHalfway(bits: u64, digits: u64, count: i32, exponent: i32, first: usize, stop: usize): i32 {
  const decimal = count <= 19 ? Big.of(digits) : allDigits(first, stop);
  if (count > 19) exponent -= min(count, DIGITS_MAX + 1) - 19;
  const subnormal = bits >> MANTISSA_BITS == 0;
  const mantissa = (bits & 0x000fffffffffffff) | (subnormal ? 0 : <u64>1 << MANTISSA_BITS);
  const power = (subnormal ? 1 : <i32>(bits >> MANTISSA_BITS)) - 1075 - 1;
  const middle = Big.of(2 * mantissa + 1);
  // decimal x 5^exponent x 2^exponent against middle x 2^power: only the difference of the twos matters.
  if (exponent >= 0) decimal.scaleByPowerOf5(exponent);
  else middle.scaleByPowerOf5(-exponent);
  if (power >= exponent) middle.shiftLeft(power - exponent);
  else decimal.shiftLeft(exponent - power);
  return decimal.compare(middle);
}

/** Up to DIGITS_MAX significant digits, and one more that is not 0 if one of those cut off is not. */
function allDigits(at: usize, stop: usize): Big {
  const big = Big.of(0);
  let count = 0;
  let beyond: u32 = 0;
  for (; at < stop; at += 2) {
    const digit: u32 = <u32>load<u16>(at) - 0x30;
    if (digit > 9 || (count == 0 && digit == 0)) continue;
    if (++count <= DIGITS_MAX) append(big, digit);
    else if (digit != 0) beyond = 1;
  }
  if (count > DIGITS_MAX) append(big, beyond);
  return big;
}

function append(big: Big, digit: u32): void {
  if (big.isZero) {
    store<u32>(big.limbs, digit);
    big.length = digit == 0 ? 0 : 1;
  } else {
    big.scale(10, digit);
  }
}

/** Writes a finite `value` at `at`, which has room for 32 units. Returns the address behind it. */
export function formatNumber(at: usize, value: f64): usize {
  if (value < 0) {
    store<u16>(at, 0x2d);
    at += 2;
    value = -value;
  }
  if (value == 0) {
    store<u16>(at, 0x30);
    return at + 2;
  }
  // value = 0.digits x 10^point. The binary exponent tells the point, or one less.
  let point = <i32>ceil<f64>(<f64>binaryExponent(value) * 0.30102999566398120);
  let exact = seventeenDigits(value, point);
  while (exact >= 100000000000000000) exact = seventeenDigits(value, ++point);
  // With a digit more a text reads back no worse, so the shortest is found by halves. 17 always do.
  const bits = reinterpret<u64>(value);
  const cut = state.units;
  let digits = exact;
  let enough = 17;
  for (let few = 0; enough - few > 1; ) {
    const length = (few + enough) >> 1;
    const rounded = shortened(exact, cut, length, point, bits);
    if (rounded == 0) {
      few = length;
    } else {
      enough = length;
      digits = rounded;
    }
  }
  // Rounding 99.9 up takes one place more.
  if (countDigits(digits) > enough) point++;
  while (digits % 10 == 0) digits /= 10;
  return layOut(at, digits, countDigits(digits), point);
}

/** The `length` first digits of 17, rounded so that they read back as the double of these bits; 0 if they can't. */
function shortened(exact: u64, cut: u32, length: i32, point: i32, bits: u64): u64 {
  let divisor: u64 = 1;
  for (let i = length; i < 17; i++) divisor *= 10;
  const low = exact / divisor;
  const twice = (exact - low * divisor) * 2;
  // Half way by 17 digits: the digits behind them decide, and where there are none, the even one.
  const up = twice == divisor ? cut == 1 || (cut == 0 && (low & 1) != 0) : twice > divisor;
  const nearer = up ? low + 1 : low;
  if (readsBack(nearer, point - length, bits)) return nearer;
  const other = nearer == low ? low + 1 : low;
  return readsBack(other, point - length, bits) ? other : 0;
}

function readsBack(digits: u64, exponent: i32, bits: u64): bool {
  const above = compareHalfway(bits, digits, 17, exponent, 0, 0);
  if (above > 0 || (above == 0 && (bits & 1) != 0)) return false;
  const below = compareHalfway(bits - 1, digits, 17, exponent, 0, 0);
  return below > 0 || (below == 0 && (bits & 1) == 0);
}

function binaryExponent(value: f64): i32 {
  const bits = reinterpret<u64>(value);
  const biased = <i32>(bits >> MANTISSA_BITS);
  return biased == 0 ? 63 - <i32>clz(bits) - 1074 : biased - 1023;
}

/** value x 10^(17 - point), to the nearest integer. Leaves in `state.units` whether that is 0 exact, 1 too little, 2 too much. */
function seventeenDigits(value: f64, point: i32): u64 {
  const bits = reinterpret<u64>(value);
  const subnormal = bits >> MANTISSA_BITS == 0;
  const big = Big.of((bits & 0x000fffffffffffff) | (subnormal ? 0 : <u64>1 << MANTISSA_BITS));
  const power = (subnormal ? 1 : <i32>(bits >> MANTISSA_BITS)) - 1075;
  let exponent = 17 - point;
  if (exponent > 0) big.scaleByPowerOf5(exponent);
  const twos = power + max(exponent, 0);
  if (twos > 0) big.shiftLeft(twos);
  let cut = 0; // 0: nothing is cut off, 1: less than a half, 2: a half, 3: more than a half.
  for (; exponent < 0; exponent++) {
    const digit = big.divide(10);
    if (digit > 5 || (digit == 5 && cut != 0)) cut = 3;
    else if (digit == 5) cut = 2;
    else cut = digit != 0 || cut != 0 ? 1 : 0;
  }
  if (twos < 0) cut = big.shiftRight(-twos);
  // A half goes to the even one, as everywhere.
  const up = cut == 3 || (cut == 2 && (big.toU64() & 1) != 0);
  if (up) big.increment();
  state.units = cut == 0 ? 0 : up ? 2 : 1;
  return big.toU64();
}

function countDigits(value: u64): i32 {
  let count = 1;
  for (; value >= 10; value /= 10) count++;
  return count;
}

/** 0.digits x 10^point as JavaScript writes it. */
function layOut(at: usize, digits: u64, length: i32, point: i32): usize {
  if (point > 21 || point < -5) {
    at = put(at, digits, length, 1);
    store<u16>(at, 0x65);
    store<u16>(at, point > 0 ? 0x2b : 0x2d, 2);
    const exponent = abs(point - 1);
    return put(at + 4, exponent, countDigits(exponent), 3);
  }
  if (point <= 0) {
    store<u32>(at, 0x002e0030);
    at += 4;
    for (; point < 0; point++, at += 2) store<u16>(at, 0x30);
    return put(at, digits, length, length);
  }
  at = put(at, digits, length, point);
  for (; point > length; point--, at += 2) store<u16>(at, 0x30);
  return at;
}

/** `length` digits, with a point behind the first `point` of them if any come after it. */
function put(at: usize, digits: u64, length: i32, point: i32): usize {
  const end = at + (<usize>(length + (point < length ? 1 : 0)) << 1);
  let to = end;
  for (let i = length; i > 0; i--) {
    if (i == point && point < length) store<u16>((to -= 2), 0x2e);
    store<u16>((to -= 2), 0x30 + <u32>(digits % 10));
    digits /= 10;
  }
  return end;
}
