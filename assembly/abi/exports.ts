/** What the host calls and reads: the canonical ABI's names (docs/CONTRACT.md), and the message of a trap. */
import { SLACK_BYTES } from "./state";

/** Address of [u32 length in units][units] once the core has aborted; 0 before. The build exports it as `toque:trap`. */
export let __toque_trap: usize = 0;

/** Room for the argument. */
export function cabi_realloc(old: usize, oldSize: usize, align: usize, size: usize): usize {
  const block = __new(size + SLACK_BYTES, 1);
  if (old != 0) memory.copy(block, old, min(oldSize, size));
  return block;
}

/** Nothing to do: the host puts memory back. */
export function cabi_post_reconcile(_result: usize): void {}

/** Where the message of a trap is left: its length, then units. What is longer is cut, but not where it happened. */
const MESSAGE: usize = memory.data(2080, 16);
const TEXT_UNITS: i32 = 900;
const FILE_UNITS: i32 = 100;

/**
 * Every assertion, out-of-range index and `throw` ends here: leaves the message where the host finds it, and traps. It
 * allocates nothing: what allocates may end here itself, and would be recursive then.
 */
export function abortWithMessage(message: string | null, file: string | null, line: u32, column: u32): void {
  let at = append(MESSAGE + 4, message === null ? "aborted" : message, TEXT_UNITS);
  if (file !== null) {
    at = append(append(at, " (", 2), file, FILE_UNITS);
    at = appendNumber(append(at, ":", 1), line);
    at = appendNumber(append(at, ":", 1), column);
    at = append(at, ")", 1);
  }
  store<u32>(MESSAGE, <u32>((at - MESSAGE - 4) >> 1));
  __toque_trap = MESSAGE;
  unreachable();
}

/** Writes the first `units` of `text`. Returns the address behind. */
function append(at: usize, text: string, units: i32): usize {
  const bytes = <usize>min(text.length, units) << 1;
  memory.copy(at, changetype<usize>(text), bytes);
  return at + bytes;
}

function appendNumber(at: usize, value: u32): usize {
  let digits: usize = 2;
  for (let left = value; left >= 10; left /= 10) digits += 2;
  for (let to = at + digits; to > at; value /= 10) store<u16>((to -= 2), 0x30 + (value % 10));
  return at + digits;
}

/** [ptr: u32, length in units: u32], as the canonical ABI returns a string. */
export function returnString(text: string): usize {
  const pair = __new(8, 1);
  store<usize>(pair, changetype<usize>(text));
  store<u32>(pair, <u32>text.length, 4);
  return pair;
}
