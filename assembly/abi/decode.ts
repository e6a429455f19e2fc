/**
 * JSON text into typed objects, as the table says. Strict: a value that does not fit is recorded with its path, a
 * missing required field too, an unknown field is read past.
 *
 * Every field of a generated class is one pointer, so a class is an array of slots and one loop fills them all. Names
 * are not looked up but expected: the table says which field came next the last time, and learns when it was wrong.
 */
import {
  DEPTH_MAX, ENTRY_BYTES, FLAG_REQUIRED, FLAG_STATUS, frames, HEAD_BYTES, INDEX_FRAME, NODE_LIST, NODE_OBJECT,
  newBuffer, REF_BOOLEAN, REF_INT_OR_STRING, REF_INTEGER, REF_JSON, REF_NUMBER, REF_STRING, state, take,
} from "./state";
import { fail, mismatch, record, unexpected } from "./errors";
import { isNull, skipSpace, skipValue, TOO_DEEP } from "./scan";
import { findEntry } from "./names";
import { checkKeys } from "./keys";
import { decodeBoolean, decodeInteger, decodeIntOrString, decodeJson, decodeNumber, decodeString } from "./scalars";

/** Stands in a slot whose field was null, until its object is complete: so a second one is noticed. */
const WAS_NULL: usize = 1;

/** Reads the value at `at` into the slot at `slot`. Returns the address behind it, or 0. */
export function decodeInto(slot: usize, ref: u32, at: usize): usize {
  switch (ref) {
    case REF_STRING: return decodeString(slot, at);
    case REF_INTEGER: return decodeInteger(slot, at);
    case REF_NUMBER: return decodeNumber(slot, at);
    case REF_BOOLEAN: return decodeBoolean(slot, at);
    case REF_INT_OR_STRING: return decodeIntOrString(slot, at);
    case REF_JSON: return decodeJson(slot, at);
  }
  const node = state.table + (<usize>ref << 1);
  const kind: u32 = load<u16>(node);
  if (kind == NODE_OBJECT) return decodeObject(slot, node, at);
  if (kind == NODE_LIST) return decodeList(slot, load<u16>(node, 2), at);
  return decodeMap(slot, load<u16>(node, 2), at);
}

function decodeObject(slot: usize, node: usize, at: usize): usize {
  if (load<u16>(at) != 0x7b) return mismatch(at, "object");
  const depth = state.depth;
  if (depth >= DEPTH_MAX) return fail(at, TOO_DEEP);
  const object = newSlots(load<u16>(node, 2));
  store<usize>(slot, object);
  const frame = frames + (depth << 3);
  state.depth = depth + 1;
  let sawNull = false;
  let flagged: u32 = 0;
  let previous = node + 6; // Where the expectation is kept: of the first field in the head, then in each entry.
  at = skipSpace(at + 2);
  if (load<u16>(at) != 0x7d) {
    for (;;) {
      if (load<u16>(at) != 0x22) return unexpected(at);
      const entry = findEntry(node, previous, at);
      at = state.valueAt;
      if (at == 0) return 0;
      if (entry == 0) {
        state.depth = depth;
        at = skipValue(at);
        state.depth = depth + 1;
        if (at == 0) return 0;
      } else {
        previous = entry + 8;
        store<u32>(frame, <u32>(state.names + (<usize>load<u16>(entry) << 1) + 2));
        store<u32>(frame, <u32>load<u16>(entry, 2) - 3, 4);
        const flags: u32 = load<u16>(entry, 6);
        const field = object + (flags & ~3);
        if (flags & (FLAG_REQUIRED | FLAG_STATUS)) flagged++;
        if (load<usize>(field) != 0) record("expected one value, found the key twice");
        if (isNull(at) && !(flags & FLAG_REQUIRED)) {
          at += 8;
        } else {
          const ref: u32 = load<u16>(entry, 4);
          at = ref == REF_STRING ? decodeString(field, at) : decodeInto(field, ref, at);
          if (at == 0) return 0;
        }
        if (load<usize>(field) == 0) {
          store<usize>(field, WAS_NULL);
          sawNull = true;
        }
      }
      at = skipSpace(at);
      const unit = load<u16>(at);
      if (unit == 0x7d) break;
      if (unit != 0x2c) return unexpected(at);
      at = skipSpace(at + 2);
    }
  }
  if (sawNull || flagged != load<u16>(node, 4)) complete(object, node, frame);
  state.depth = depth;
  return at + 2;
}

/** Nulls become null again; what is required and missing is said; a status that was not sent is an empty one. */
function complete(object: usize, node: usize, frame: usize): void {
  let entry = node + HEAD_BYTES;
  const stop = entry + <usize>load<u16>(node, 2) * ENTRY_BYTES;
  for (; entry < stop; entry += ENTRY_BYTES) {
    const flags: u32 = load<u16>(entry, 6);
    const field = object + (flags & ~3);
    const value = load<usize>(field);
    if (value > WAS_NULL) continue;
    store<usize>(field, 0);
    if (flags & FLAG_STATUS) {
      store<usize>(field, newSlots(load<u16>(state.table + (<usize>load<u16>(entry, 4) << 1), 2)));
    } else if (flags & FLAG_REQUIRED && value == 0) {
      store<u32>(frame, <u32>(state.names + (<usize>load<u16>(entry) << 1) + 2));
      store<u32>(frame, <u32>load<u16>(entry, 2) - 3, 4);
      record("expected a value, found nothing");
    }
  }
}

/** An object of `count` empty slots. Cleared in steps of 32: what is behind it is free, or slack. */
export function newSlots(count: u32): usize {
  const object = take(<usize>count << 2);
  let i: usize = 0;
  do {
    v128.store(object + i, i64x2.splat(0));
    v128.store(object + i, i64x2.splat(0), 16);
    i += 32;
  } while (i < <usize>count << 2);
  return object;
}

function decodeList(slot: usize, elementRef: u32, at: usize): usize {
  if (load<u16>(at) != 0x5b) return mismatch(at, "list");
  const depth = state.depth;
  if (depth >= DEPTH_MAX) return fail(at, TOO_DEEP);
  state.depth = depth + 1;
  const frame = frames + (depth << 3);
  let items = Items.make();
  at = skipSpace(at + 2);
  if (load<u16>(at) != 0x5d) {
    for (;;) {
      store<u32>(frame, items.length);
      store<u32>(frame, INDEX_FRAME, 4);
      at = decodeInto(items.next(), elementRef, at);
      if (at == 0) return 0;
      at = skipSpace(at);
      const unit = load<u16>(at);
      if (unit == 0x5d) break;
      if (unit != 0x2c) return unexpected(at);
      at = skipSpace(at + 2);
    }
  }
  store<usize>(slot, items.toArray());
  state.depth = depth;
  return at + 2;
}

function decodeMap(slot: usize, valueRef: u32, at: usize): usize {
  if (load<u16>(at) != 0x7b) return mismatch(at, "map");
  const depth = state.depth;
  if (depth >= DEPTH_MAX) return fail(at, TOO_DEEP);
  state.depth = depth + 1;
  const frame = frames + (depth << 3);
  const keys = Items.make();
  const values = Items.make();
  at = skipSpace(at + 2);
  if (load<u16>(at) != 0x7d) {
    for (;;) {
      if (load<u16>(at) != 0x22) return unexpected(at);
      store<u32>(frame, <u32>(at + 2));
      state.depth = depth; // What is wrong with a key is wrong with the map.
      at = decodeString(keys.next(), at);
      if (at == 0) return 0;
      state.depth = depth + 1;
      store<u32>(frame, <u32>((at - 2 - load<u32>(frame)) >> 1), 4);
      at = skipSpace(at);
      if (load<u16>(at) != 0x3a) return unexpected(at);
      at = decodeInto(values.next(), valueRef, skipSpace(at + 2));
      if (at == 0) return 0;
      at = skipSpace(at);
      const unit = load<u16>(at);
      if (unit == 0x7d) break;
      if (unit != 0x2c) return unexpected(at);
      at = skipSpace(at + 2);
    }
  }
  state.depth = depth;
  checkKeys(keys.start, keys.length);
  const map = take(8); // As Dict: keys, values.
  store<usize>(map, keys.toArray());
  store<usize>(map, values.toArray(), 4);
  store<usize>(slot, map);
  return at + 2;
}

/** A growing list of pointers that becomes an Array without being copied again. */
@unmanaged
class Items {
  start: usize;
  length: u32;
  capacity: u32;

  @inline
  static make(): Items {
    const items = changetype<Items>(take(12));
    items.start = newBuffer(16);
    items.length = 0;
    items.capacity = 4;
    return items;
  }

  /** The address of one more, empty. Good until the next call. */
  next(): usize {
    if (this.length == this.capacity) {
      const bytes = <usize>this.capacity << 2;
      const larger = newBuffer(bytes << 1);
      memory.copy(larger, this.start, bytes);
      this.start = larger;
      this.capacity <<= 1;
    }
    const address = this.start + (<usize>(this.length++) << 2);
    store<usize>(address, 0);
    return address;
  }

  /** As the runtime lays out an Array: buffer, start of the data, capacity in bytes, length. */
  toArray(): usize {
    const array = take(16);
    store<usize>(array, this.start);
    store<usize>(array, this.start, 4);
    store<u32>(array, this.capacity << 2, 8);
    store<u32>(array, this.length, 12);
    return array;
  }
}
