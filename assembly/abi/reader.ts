/** Whole texts, read by type. */
import { decodeInto } from "./decode";
import { failureMessage, unexpected } from "./errors";
import { skipSpace, skipValue } from "./scan";
import { open, state } from "./state";

/** What came of `readText`. */
export class Reading {
  /** Address of the object; null when the text was no JSON. Not to be used while `failure` is set. */
  value: usize;
  failure: string | null;
}

/** Reads `text` as the type `ref`; `root` names it in messages. */
export function readText(text: string, ref: u32, root: string): Reading {
  const slot = __new(4, 1);
  store<usize>(slot, 0);
  const start = open(changetype<usize>(text), <usize>text.length << 1, root);
  const at = decodeInto(slot, ref, skipSpace(start));
  if (at != 0) atEnd(at);
  return { value: load<usize>(slot), failure: problem() };
}

/** What is wrong with `text` as JSON; null when nothing is. */
export function checkedJson(text: string): string | null {
  const at = skipValue(skipSpace(open(changetype<usize>(text), <usize>text.length << 1, "json")));
  if (at != 0) atEnd(at);
  return problem();
}

/** Nothing but white space may follow a value. */
export function atEnd(at: usize): void {
  at = skipSpace(at);
  if (at != state.end) unexpected(at);
}

/** One sentence, or null when all is well. */
export function problem(): string | null {
  if (state.failure != 0) return changetype<string>(state.root) + ": " + failureMessage();
  if (state.errors == 0) return null;
  const first = changetype<string>(state.error);
  return state.errors == 1 ? first : first + " (and " + (state.errors - 1).toString() + " more)";
}
