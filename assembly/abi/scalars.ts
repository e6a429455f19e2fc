/** Scalars into their boxes: the classes of assembly/sdk/values.ts and json.ts, by layout. */
import { state, stringBetween, newString, take } from "./state";
import { mismatch, record } from "./errors";
import { findSpecial, likelyMask, ILL_FORMED, numberEnd, skipValue, walkString } from "./scan";
import { parseNumber } from "./number";

export function decodeString(slot: usize, at: usize): usize {
  if (load<u16>(at) != 0x22) return mismatch(at, "string");
  at += 2;
  const stop = findSpecial(at);
  if (load<u16>(stop) != 0x22) return decodeEscaped(slot, at);
  store<usize>(slot, stringBetween(at, stop));
  return stop + 2;
}

function decodeEscaped(slot: usize, at: usize): usize {
  const end = walkString(at, 0);
  if (end == 0) return 0;
  if (state.illFormed != 0) record(ILL_FORMED);
  const text = newString(<usize>state.units << 1);
  walkString(at, text);
  store<usize>(slot, text);
  return end + 2;
}

export function decodeInteger(slot: usize, at: usize): usize {
  const end = readInteger(at);
  if (end == 0) return mismatch(at, "integer");
  const box = take(8); // As Int.
  store<i64>(box, state.integer);
  store<usize>(slot, box);
  return end;
}

/** Reads 64 bits into `state.integer`. 0 if there is no integer, or one beyond 64 bits; that is no failure yet. */
function readInteger(at: usize): usize {
  const negative = load<u16>(at) == 0x2d;
  if (negative) at += 2;
  let digit: u32 = <u32>load<u16>(at) - 0x30;
  if (digit > 9) return 0;
  let value: u64 = digit;
  const leadingZero = digit == 0;
  at += 2;
  for (;;) {
    digit = <u32>load<u16>(at) - 0x30;
    if (digit > 9) break;
    if (leadingZero || value > 922337203685477580) return 0;
    value = value * 10 + digit;
    if (value > <u64>i64.MAX_VALUE + <u64>negative) return 0;
    at += 2;
  }
  if (digit == 0xfffffffe || ((digit + 0x30) | 0x20) == 0x65) return 0; // A point or an exponent.
  state.integer = negative ? -(<i64>value) : <i64>value;
  return at;
}

export function decodeNumber(slot: usize, at: usize): usize {
  const unit = load<u16>(at);
  if (unit != 0x2d && <u32>unit - 0x30 > 9) return mismatch(at, "number");
  const end = numberEnd(at);
  if (end == 0) return 0;
  const value = parseNumber(at, end);
  if (!isFinite(value)) return mismatch(at, "number of 64 bits");
  const box = take(8); // As Float.
  store<f64>(box, value);
  store<usize>(slot, box);
  return end;
}

export function decodeBoolean(slot: usize, at: usize): usize {
  const unit = load<u16>(at);
  if (unit != 0x74 && unit != 0x66) return mismatch(at, "boolean");
  const end = skipValue(at);
  if (end == 0) return 0;
  const box = take(1); // As Bool.
  store<bool>(box, unit == 0x74);
  store<usize>(slot, box);
  return end;
}

export function decodeIntOrString(slot: usize, at: usize): usize {
  const box = take(16); // As IntOrString: text, then the number.
  store<i64>(box, 0);
  store<i64>(box, 0, 8);
  let end: usize;
  if (load<u16>(at) == 0x22) {
    end = decodeString(box, at);
  } else {
    end = readInteger(at);
    if (end == 0) return mismatch(at, "integer or string");
    store<i64>(box, state.integer, 8);
  }
  store<usize>(slot, box);
  return end;
}

export function decodeJson(slot: usize, at: usize): usize {
  const end = skipValue(at);
  if (end == 0) return 0;
  const box = take(4); // As Json.
  store<usize>(box, stringBetween(at, end));
  store<usize>(slot, box);
  return end;
}
