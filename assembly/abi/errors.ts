/**
 * What is wrong with a text, in words. Two kinds: a value that does not fit its type (recorded, and reading goes on, so
 * that only its object is lost) and a text that is no JSON (reading ends). Nothing here runs for a good text.
 */
import { frames, INDEX_FRAME, state } from "./state";
import { numberEnd, skipValue } from "./scan";

/** The text is no JSON at `at`. Returns 0, which every reader hands up. */
export function fail(at: usize, what: string): usize {
  if (state.failure == 0) {
    state.failedAt = at;
    state.failure = changetype<usize>(what);
  }
  return 0;
}

/** As `fail`, for a unit that has no business there. */
export function unexpected(at: usize): usize {
  if (at >= state.end) return fail(state.end, "unexpected end");
  const unit = load<u16>(at);
  return fail(at, unit >= 0x20 && unit < 0xd800 ? "unexpected '" + String.fromCharCode(unit) + "'" : "unexpected character");
}

/** The sentence for what ended the reading. */
export function failureMessage(): string {
  const offset = <i32>((state.failedAt - state.start) >> 1);
  return changetype<string>(state.failure) + " at offset " + offset.toString();
}

/** Records that the value at `at` should have been `expected`, and reads past it. */
export function mismatch(at: usize, expected: string): usize {
  record("expected " + expected + ", found " + found(at));
  return skipValue(at);
}

/** Records `what` at the present path. The first one is kept in words, the others are counted. */
export function record(what: string): void {
  if (state.errors == 0) state.error = changetype<usize>(path() + ": " + what);
  state.errors++;
}

/** `primary.spec.containers[2].env` */
export function path(): string {
  let text = changetype<string>(state.root);
  for (let i: u32 = 0; i < state.depth; i++) {
    const frame = frames + (i << 3);
    const length = load<u32>(frame, 4);
    if (length == INDEX_FRAME) text += "[" + load<u32>(frame).toString() + "]";
    else text += "." + shown(load<u32>(frame), length);
  }
  return text;
}

/** A key as it stands in the text, fit for a message: not too long, and with U+FFFD for half a surrogate pair. */
export function shown(from: usize, units: u32): string {
  const text = String.UTF16.decodeUnsafe(from, min<u32>(units, 80) << 1);
  let result = "";
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    const pair = (unit & 0xfc00) == 0xd800 && i + 1 < text.length && (text.charCodeAt(i + 1) & 0xfc00) == 0xdc00;
    result += pair ? text.substring(i, i + 2) : (unit & 0xf800) == 0xd800 ? "\ufffd" : text.charAt(i);
    if (pair) i++;
  }
  return units > 80 ? result + "..." : result;
}

function found(at: usize): string {
  switch (load<u16>(at)) {
    case 0x22: return "string";
    case 0x7b: return "object";
    case 0x5b: return "list";
    case 0x74:
    case 0x66: return "boolean";
    case 0x6e: return "null";
  }
  const end = numberEnd(at);
  if (end == 0) return "nothing";
  const bytes = <i32>min<usize>(end - at, 80);
  return String.UTF16.decodeUnsafe(at, bytes);
}
