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

/** Every assertion, out-of-range index and `throw` ends here: leaves the message where the host finds it, and traps. */
export function abortWithMessage(message: string | null, file: string | null, line: u32, column: u32): void {
  let text = message === null ? "aborted" : message;
  if (file !== null) text += " (" + file + ":" + line.toString() + ":" + column.toString() + ")";
  const bytes = <usize>text.length << 1;
  const block = __new(bytes + 4, 1);
  store<u32>(block, <u32>text.length);
  memory.copy(block + 4, changetype<usize>(text), bytes);
  __toque_trap = block;
  unreachable();
}

/** [ptr: u32, length in units: u32], as the canonical ABI returns a string. */
export function returnString(text: string): usize {
  const pair = __new(8, 1);
  store<usize>(pair, changetype<usize>(text));
  store<u32>(pair, <u32>text.length, 4);
  return pair;
}
