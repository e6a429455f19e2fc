/**
 * Typed objects into JSON text: the mirror of `decode.ts`, over the same table. Null is left out. One buffer that grows.
 */
import {
  copyLoosely, ENTRY_BYTES, FLAG_STATUS, HEAD_BYTES, NODE_LIST, NODE_OBJECT, REF_BOOLEAN, REF_INT_OR_STRING, REF_INTEGER,
  REF_JSON, REF_NUMBER, REF_STRING, SLACK_BYTES, state,
} from "./state";
import { specialMask } from "./scan";
import { formatNumber } from "./number";

@unmanaged
class Out {
  start: usize;
  at: usize;
  /** No write goes past it without asking; SLACK_BYTES more are there. */
  limit: usize;
}
const out: Out = changetype<Out>(memory.data(16, 16));

/** Starts a text of about that many bytes. */
export function begin(bytes: usize = 4096): void {
  out.start = __new(bytes + SLACK_BYTES, idof<string>());
  out.at = out.start;
  out.limit = out.start + bytes;
}

/** The text since `begin`, as a string. */
export function end(): string {
  store<u32>(out.start - 4, <u32>(out.at - out.start));
  return changetype<string>(out.start);
}

function room(bytes: usize): void {
  if (out.at + bytes <= out.limit) return;
  const used = out.at - out.start;
  const capacity = ((out.limit - out.start) << 1) + bytes;
  const larger = __new(capacity + SLACK_BYTES, idof<string>());
  memory.copy(larger, out.start, used);
  out.start = larger;
  out.at = larger + used;
  out.limit = larger + capacity;
}

/** Writes `text` as it is: punctuation, names that need no escape, JSON. */
export function raw(text: string): void {
  rawUnits(changetype<usize>(text), <usize>text.length << 1);
}

function rawUnits(from: usize, bytes: usize): void {
  room(bytes);
  copyLoosely(out.at, from, bytes);
  out.at += bytes;
}

@inline
export function unit(value: u32): void {
  room(2);
  store<u16>(out.at, value);
  out.at += 2;
}

/** `text` with quotes and escapes. */
export function quote(text: string): void {
  let from = changetype<usize>(text);
  const stop = from + (<usize>text.length << 1);
  room((stop - from) + 32);
  // Reads go up to 14 bytes past the string: make sure that there is memory there.
  if (stop + SLACK_BYTES > <usize>memory.size() << 16) __new(SLACK_BYTES, 1);
  unit(0x22);
  while (from < stop) {
    const units = v128.load(from);
    v128.store(out.at, units);
    const left = (stop - from) >> 1;
    let mask = specialMask(units);
    if (left < 8) mask &= (1 << <i32>left) - 1;
    if (mask == 0) {
      const bytes = min<usize>(left, 8) << 1;
      from += bytes;
      out.at += bytes;
    } else {
      const bytes = <usize>ctz(mask) << 1;
      out.at += bytes;
      from = escape(from + bytes, stop);
      room((stop - from) + 32);
    }
  }
  unit(0x22);
}

/** `"text"`, as a string of its own. Must not be called while a text is being written. */
export function quoted(text: string): string {
  begin((<usize>text.length << 1) + 64);
  quote(text);
  return end();
}

/** Writes what stands for the unit at `from`, and returns the address of what comes next. */
function escape(from: usize, stop: usize): usize {
  const value: u32 = load<u16>(from);
  room(16);
  if (value >= 0xd800) {
    const low: u32 = from + 2 < stop ? load<u16>(from, 2) : 0;
    if (value >= 0xdc00 || (low & 0xfc00) != 0xdc00) throw new Error("a string of the plan is not well-formed Unicode: it has half a surrogate pair");
    store<u32>(out.at, load<u32>(from));
    out.at += 4;
    return from + 4;
  }
  unit(0x5c);
  switch (value) {
    case 0x22: unit(0x22); break;
    case 0x5c: unit(0x5c); break;
    case 8: unit(0x62); break;
    case 9: unit(0x74); break;
    case 10: unit(0x6e); break;
    case 12: unit(0x66); break;
    case 13: unit(0x72); break;
    default:
      unit(0x75);
      unit(0x30);
      unit(0x30);
      unit(0x30 + (value >> 4));
      unit((value & 15) < 10 ? 0x30 + (value & 15) : 0x57 + (value & 15));
  }
  return from + 2;
}

export function integer(value: i64): void {
  room(48);
  let rest: u64 = <u64>value;
  if (value < 0) {
    unit(0x2d);
    rest = 0 - rest;
  }
  let length: usize = 2;
  for (let left = rest; left >= 10; left /= 10) length += 2;
  out.at += length;
  let at = out.at;
  do {
    at -= 2;
    store<u16>(at, 0x30 + <u32>(rest % 10));
    rest /= 10;
  } while (rest != 0);
}

export function float(value: f64): void {
  if (!isFinite(value)) throw new Error("a number of the plan is not finite: JSON has no word for it");
  room(64);
  out.at = formatNumber(out.at, value);
}

/** Writes the value that a slot points to; never null. */
export function encode(ref: u32, value: usize): void {
  switch (ref) {
    case REF_STRING: return quote(changetype<string>(value));
    case REF_INTEGER: return integer(load<i64>(value));
    case REF_NUMBER: return float(load<f64>(value));
    case REF_BOOLEAN: return raw(load<bool>(value) ? "true" : "false");
    case REF_INT_OR_STRING: {
      const text = load<usize>(value);
      if (text != 0) return quote(changetype<string>(text));
      return integer(load<i64>(value, 8));
    }
    case REF_JSON: return raw(changetype<string>(load<usize>(value)));
  }
  const node = state.table + (<usize>ref << 1);
  const kind: u32 = load<u16>(node);
  if (kind == NODE_OBJECT) return encodeObject(node, value);
  if (kind == NODE_LIST) return encodeList(load<u16>(node, 2), value);
  encodeMap(load<u16>(node, 2), value);
}

function encodeObject(node: usize, object: usize): void {
  unit(0x7b);
  let separate = false;
  let entry = node + HEAD_BYTES;
  const stop = entry + <usize>load<u16>(node, 2) * ENTRY_BYTES;
  for (; entry < stop; entry += ENTRY_BYTES) {
    const flags: u32 = load<u16>(entry, 6);
    const value = load<usize>(object + (flags & ~3));
    if (value == 0) continue;
    const ref: u32 = load<u16>(entry, 4);
    // A status is never applied with the rest: it has a resource of its own.
    if (flags & FLAG_STATUS && !hasAny(ref, value)) continue;
    if (separate) unit(0x2c);
    separate = true;
    rawUnits(state.names + (<usize>load<u16>(entry) << 1), <usize>load<u16>(entry, 2) << 1);
    encode(ref, value);
  }
  unit(0x7d);
}

function hasAny(ref: u32, object: usize): bool {
  const count: usize = load<u16>(state.table + (<usize>ref << 1), 2);
  for (let i: usize = 0; i < count; i++) if (load<usize>(object + (i << 2)) != 0) return true;
  return false;
}

function encodeList(elementRef: u32, array: usize): void {
  const data = load<usize>(array, 4);
  const length: usize = load<u32>(array, 12);
  unit(0x5b);
  for (let i: usize = 0; i < length; i++) {
    if (i > 0) unit(0x2c);
    encode(elementRef, load<usize>(data + (i << 2)));
  }
  unit(0x5d);
}

function encodeMap(valueRef: u32, map: usize): void {
  const keys = load<usize>(map);
  const values = load<usize>(map, 4);
  const length: usize = load<u32>(keys, 12);
  unit(0x7b);
  for (let i: usize = 0; i < length; i++) {
    if (i > 0) unit(0x2c);
    quote(changetype<string>(load<usize>(load<usize>(keys, 4) + (i << 2))));
    unit(0x3a);
    encode(valueRef, load<usize>(load<usize>(values, 4) + (i << 2)));
  }
  unit(0x7d);
}
