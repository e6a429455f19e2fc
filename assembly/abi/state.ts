/**
 * Where the codec keeps what it knows, and how it gets memory.
 *
 * The state is a structure in linear memory, not a handful of globals: the host puts memory back in one stroke after a
 * pass, but globals one by one.
 *
 * The table (made by `bindings/codegen/emit/table.ts`) is an array of u16 that describes every type; `names` holds the
 * field names, quoted and with their colon, as they look in compact JSON.
 */

/** A type reference below this is a scalar; any other is the position of a node in the table, in units. */
export const REF_STRING: u32 = 0;
export const REF_INTEGER: u32 = 1;
export const REF_NUMBER: u32 = 2;
export const REF_BOOLEAN: u32 = 3;
export const REF_INT_OR_STRING: u32 = 4;
export const REF_JSON: u32 = 5;

/** First unit of a node. */
export const NODE_OBJECT: u32 = 6; // [6, fields, fields with a flag, first expected entry] and then the entries
export const NODE_LIST: u32 = 7; //   [7, reference of the elements]
export const NODE_MAP: u32 = 8; //    [8, reference of the values]

/** An entry of an object node: [name position, name units, type reference, slot | flags, next expected entry]. */
export const ENTRY_BYTES: usize = 10;
export const HEAD_BYTES: usize = 8;
/** Flags in the two low bits of `slot`, which is a multiple of 4. */
export const FLAG_REQUIRED: u32 = 1;
/** `status` of a root object: never null, left out of what is applied. */
export const FLAG_STATUS: u32 = 2;

/** Deeper texts are refused: the depth of a call stack is not for an input to choose. */
export const DEPTH_MAX: u32 = 100;
/** Bytes behind a text that may be read (never used): 32 at a time is the habit of the scanner. */
export const SLACK_BYTES: usize = 64;

@unmanaged
export class State {
  table: usize;
  names: usize;
  /** The text being read: its first unit, and the zero unit behind its last. */
  start: usize;
  end: usize;
  /** Path of the value being read, outermost first: pairs of u32 in `frames`. */
  depth: u32;
  /** What the outermost frame is called in messages. Address of a string. */
  root: usize;
  /** Objects that do not fit their type: how many, and the first one's message (address of a string). */
  errors: u32;
  error: usize;
  /** Where the text is no JSON at all, and what was the matter. */
  failedAt: usize;
  failure: usize;
  /** Second results of scanners, so that nothing is allocated for them. */
  units: u32;
  illFormed: u32;
  valueAt: usize;
  /** Levels below `depth` that are only read past. */
  nested: u32;
  integer: i64;
  /** What is left of the memory that objects are cut from. */
  arenaAt: usize;
  arenaEnd: usize;
}
export const state: State = changetype<State>(memory.data(96, 16));
/** [address of a name's first unit, its length in units], or [index, INDEX_FRAME] for a list. */
export const frames: usize = memory.data(1024, 16);
export const INDEX_FRAME: u32 = 0xffffffff;

/**
 * Memory for what is decoded: cut off one block after another, without the runtime's 20 bytes before each object. Nothing
 * is ever given back, no collector looks at it, and the stub runtime asks no object for its header. In steps of 8 bytes, so
 * that the runtime compares strings in the same.
 */
@inline
export function take(bytes: usize): usize {
  const size = (bytes + 7) & ~7;
  const at = state.arenaAt;
  // At first both are 0, and 0 is no address: not even for nothing.
  if (at + size >= state.arenaEnd) return takeFromNew(size);
  state.arenaAt = at + size;
  return at;
}
const ARENA_BYTES: usize = 4000;

/**
 * Room for the elements of an Array, as the runtime wants it when an author makes the Array longer: aligned, behind a
 * header of 20 bytes whose first and last word are its size with and without the rest of the header.
 */
export function newBuffer(bytes: usize): usize {
  const buffer = (take(bytes + 20 + 12) + 20 + 12) & ~15; // What is taken is aligned to 8 bytes at least.
  store<usize>(buffer - 20, bytes + 16);
  store<u32>(buffer - 4, <u32>bytes);
  return buffer;
}

/** What is too big for what is left gets a block of its own, unless more is left of that one afterwards. */
function takeFromNew(size: usize): usize {
  const capacity = max<usize>(ARENA_BYTES, size);
  const block = __new(capacity + SLACK_BYTES, 1);
  if (capacity - size > state.arenaEnd - state.arenaAt) {
    state.arenaAt = block + size;
    state.arenaEnd = block + capacity;
  }
  return block;
}

/** Room for a string, with the part of the header that strings do have: class id and length in bytes. */
@inline
export function newString(bytes: usize): usize {
  const text = take(bytes + 8) + 8;
  store<u32>(text - 8, idof<string>());
  store<u32>(text - 4, <u32>bytes);
  return text;
}

/** Copies in steps of 16, so up to 15 bytes more than asked for are written: `to` must have that room. */
@inline
export function copyLoosely(to: usize, from: usize, bytes: usize): void {
  if (bytes > 256) {
    memory.copy(to, from, bytes);
  } else {
    for (let i: usize = 0; i < bytes; i += 16) v128.store(to + i, v128.load(from + i));
  }
}

/** A new string of what lies between two addresses of a text that is being read. */
@inline
export function stringBetween(from: usize, to: usize): usize {
  const bytes = to - from;
  const text = newString(bytes);
  if (bytes > 256) {
    memory.copy(text, from, bytes);
  } else {
    // Up to 63 bytes too many are read and written: the slack of the text, and of the block.
    let i: usize = 0;
    do {
      v128.store(text + i, v128.load(from + i));
      v128.store(text + i, v128.load(from + i, 16), 16);
      i += 32;
      if (i >= bytes) break;
      v128.store(text + i, v128.load(from + i));
      v128.store(text + i, v128.load(from + i, 16), 16);
      i += 32;
    } while (i < bytes);
  }
  return text;
}

/** Tells the codec which table and names describe the types. */
export function bind(table: usize, names: usize): void {
  state.table = table;
  state.names = names;
}

/** Makes `text` the text to read: copied, with the zero and the slack behind it that the scanner wants. */
export function open(from: usize, bytes: usize, root: string): usize {
  const copy = __new(bytes + SLACK_BYTES, 1);
  memory.copy(copy, from, bytes);
  return openInPlace(copy, bytes, root);
}

/** As `open`, for a text that has its slack already. */
export function openInPlace(start: usize, bytes: usize, root: string): usize {
  store<u16>(start + bytes, 0);
  state.start = start;
  state.end = start + bytes;
  state.depth = 0;
  state.nested = 0;
  state.errors = 0;
  state.error = 0;
  state.failure = 0;
  state.root = changetype<usize>(root);
  return start;
}
