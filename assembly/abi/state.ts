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
export const NODE_OBJECT: u32 = 6; // [6, fields, checks, first expected entry] and then the entries
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
/** Bytes behind a text that may be read (never used): 16 at a time is the habit of the scanner. */
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
}
// @ts-ignore: address of zeroed static memory
export const state: State = changetype<State>(memory.data(80, 16));
/** [address of a name's first unit, its length in units], or [index, INDEX_FRAME] for a list. */
// @ts-ignore: address of zeroed static memory
export const frames: usize = memory.data(1024, 16);
export const INDEX_FRAME: u32 = 0xffffffff;

/** Class id of a string for the runtime's header. Objects of the codec carry 0: nothing asks them. */
// @ts-ignore: decorator
@inline
export function newString(units: usize): usize {
  return __new(units << 1, idof<string>());
}

/** Copies in steps of 16, so up to 15 bytes more than asked for are written: `to` must have that room. */
// @ts-ignore: decorator
@inline
export function copyLoosely(to: usize, from: usize, bytes: usize): void {
  if (bytes > 256) {
    memory.copy(to, from, bytes);
  } else {
    for (let i: usize = 0; i < bytes; i += 16) v128.store(to + i, v128.load(from + i));
  }
}

/** A new string of what lies between two addresses. */
export function stringBetween(from: usize, to: usize): usize {
  const bytes = to - from;
  // 16 more, so that the loose copy stays within this block; then the header tells the true length.
  const result = __new(bytes + 16, idof<string>());
  copyLoosely(result, from, bytes);
  store<u32>(result - 4, <u32>bytes);
  return result;
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
