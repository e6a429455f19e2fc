/** Finding the table's entry for a key of the text. */
import { ENTRY_BYTES, HEAD_BYTES, state } from "./state";
import { record, unexpected } from "./errors";
import { findSpecial, ILL_FORMED, same, skipSpace, walkString } from "./scan";
import { quoted } from "./encode";

/** Expectations that are followed before every field is tried: absent fields are the usual reason for a miss. */
const GUESSES: i32 = 4;

/**
 * The entry of `node` whose name stands at `at` (a quote), or 0 for an unknown name. `expectation` is where the likely
 * entry is noted. Leaves the address of the value in `state.valueAt`; 0 there when the text is no JSON.
 */
export function findEntry(node: usize, expectation: usize, at: usize): usize {
  let next: usize = load<u16>(expectation);
  for (let i = 0; i < GUESSES; i++) {
    if (next == 0) break;
    const entry = state.table + (next << 1);
    const bytes = <usize>load<u16>(entry, 2) << 1;
    if (same(state.names + (<usize>load<u16>(entry) << 1), at, bytes)) {
      state.valueAt = skipSpace(at + bytes);
      return entry;
    }
    next = load<u16>(entry, 8);
  }
  return search(node, expectation, at);
}

/** All fields, one by one. What is found is expected the next time. */
function search(node: usize, expectation: usize, at: usize): usize {
  let end = findSpecial(at + 2);
  let key = at;
  let known = true;
  if (load<u16>(end) != 0x22) {
    end = walkString(at + 2, 0);
    if (end == 0) {
      state.valueAt = 0;
      return 0;
    }
    known = state.illFormed == 0;
    if (known) key = respell(at + 2, state.units);
    else recordOfParent(ILL_FORMED);
  }
  const colon = skipSpace(end + 2);
  if (load<u16>(colon) != 0x3a) {
    state.valueAt = unexpected(colon);
    return 0;
  }
  state.valueAt = skipSpace(colon + 2);
  if (!known) return 0;
  const bytes = key == at ? end + 2 - at : <usize>changetype<string>(key).length << 1;
  const stop = node + HEAD_BYTES + <usize>load<u16>(node, 2) * ENTRY_BYTES;
  for (let entry = node + HEAD_BYTES; entry < stop; entry += ENTRY_BYTES) {
    if (<usize>load<u16>(entry, 2) << 1 != bytes + 2) continue; // The name in the table has its colon.
    if (memory.compare(state.names + (<usize>load<u16>(entry) << 1), key, bytes) != 0) continue;
    store<u16>(expectation, <u16>((entry - state.table) >> 1));
    return entry;
  }
  return 0;
}

/** The last step of the path is still that of the field before. */
function recordOfParent(what: string): void {
  state.depth--;
  record(what);
  state.depth++;
}

/** A key with escapes in the one spelling that the table knows, quotes included. */
function respell(at: usize, units: u32): usize {
  const text = changetype<string>(__new(<usize>units << 1, idof<string>()));
  walkString(at, changetype<usize>(text));
  return changetype<usize>(quoted(text));
}
