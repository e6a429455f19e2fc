/**
 * Looking into JSON that no type describes, such as what a Pod answered: one step at a time, each part as a text of its own.
 * A text that is no JSON has no parts.
 */
import { readText } from "./reader";
import { isNull, skipSpace, skipValue } from "./scan";
import { decodeString } from "./scalars";
import { open, stringBetween } from "./state";

/** The member `name` of an object; null when there is none, when it is null, and when this is no object. Of two, the last. */
export function memberText(text: string, name: string): string | null {
  const slot = __new(4, 1);
  let found: usize = 0;
  let at = begin(text);
  if (load<u16>(at) != 0x7b) return null;
  at = skipSpace(at + 2);
  while (load<u16>(at) == 0x22) {
    const end = decodeString(slot, at);
    if (end == 0) return null;
    const value = skipSpace(skipSpace(end) + 2); // Behind the colon.
    at = skipValue(value);
    if (at == 0) return null;
    if (changetype<string>(load<usize>(slot)) == name) found = isNull(value) ? 0 : stringBetween(value, at);
    at = next(at);
  }
  return changetype<string | null>(found);
}

/** The items of a list; null when this is none. */
export function itemTexts(text: string): string[] | null {
  let at = begin(text);
  if (load<u16>(at) != 0x5b) return null;
  const items: string[] = [];
  at = skipSpace(at + 2);
  while (load<u16>(at) != 0x5d) {
    const end = skipValue(at);
    if (end == 0) return null;
    items.push(changetype<string>(stringBetween(at, end)));
    at = next(end);
  }
  return items;
}

/** A scalar of the type `ref`, by the codec's own rules: address of a string or a box, 0 when this is something else. */
export function scalarOf(text: string, ref: u32): usize {
  const reading = readText(text, ref, "json");
  return reading.failure === null ? reading.value : 0;
}

function begin(text: string): usize {
  return skipSpace(open(changetype<usize>(text), <usize>text.length << 1, "json"));
}

/** Where the next part begins, or the closing bracket stands. */
function next(at: usize): usize {
  at = skipSpace(at);
  return load<u16>(at) == 0x2c ? skipSpace(at + 2) : at;
}
