/** A map must not have a key twice: one of the two values would be lost without a word. */
import { record, shown } from "./errors";

/** `keys` is the address of `count` string pointers. Sorted ones, as an API server sends them, cost one look each. */
export function checkKeys(keys: usize, count: u32): void {
  for (let i: u32 = 1; i < count; i++) {
    if (order(at(keys, i - 1), at(keys, i)) >= 0) return checkUnsorted(keys, count);
  }
}

function checkUnsorted(keys: usize, count: u32): void {
  const sorted = __new(<usize>count << 2, 1);
  memory.copy(sorted, keys, <usize>count << 2);
  sort(sorted, count);
  for (let i: u32 = 1; i < count; i++) {
    if (order(at(sorted, i - 1), at(sorted, i)) == 0) {
      return record("expected one value, found the key " + shownKey(at(sorted, i)) + " twice");
    }
  }
}

function shownKey(key: usize): string {
  return shown(key, load<u32>(key - 4) >> 1);
}

/** Heap sort: in place, and never slower than n log n, whatever the input was made for. */
function sort(keys: usize, count: u32): void {
  for (let i = count >> 1; i > 0; i--) sink(keys, i - 1, count);
  for (let last = count - 1; last > 0; last--) {
    const top = at(keys, 0);
    store<usize>(keys, at(keys, last));
    store<usize>(keys + (<usize>last << 2), top);
    sink(keys, 0, last);
  }
}

function sink(keys: usize, index: u32, count: u32): void {
  while (true) {
    let child: u32 = 2 * index + 1;
    if (child >= count) return;
    if (child + 1 < count && order(at(keys, child), at(keys, child + 1)) < 0) child++;
    const parent = at(keys, index);
    if (order(parent, at(keys, child)) >= 0) return;
    store<usize>(keys + (<usize>index << 2), at(keys, child));
    store<usize>(keys + (<usize>child << 2), parent);
    index = child;
  }
}

@inline
function at(keys: usize, index: u32): usize {
  return load<usize>(keys + (<usize>index << 2));
}

/** By UTF-16 units; a prefix comes first. */
function order(a: usize, b: usize): i32 {
  const lengthA = load<u32>(a - 4);
  const lengthB = load<u32>(b - 4);
  const shorter = min(lengthA, lengthB);
  for (let i: usize = 0; i < shorter; i += 2) {
    const difference = <i32>load<u16>(a + i) - <i32>load<u16>(b + i);
    if (difference != 0) return difference;
  }
  return <i32>lengthA - <i32>lengthB;
}
