/**
 * Looks keys up by their bytes, without decoding them: a table from field names to values, as small as an object's
 * declared fields are.
 */
import type { TextCodec } from "../../platform/platform.ts";
import type { JsonCursor } from "./cursor.ts";

interface Entry<T> { readonly bytes: Uint8Array; readonly value: T }

export class KeyTable<T> {
  /** By the key's length in bytes. */
  readonly #byLength: (Entry<T>[] | undefined)[] = [];
  readonly #byName: Map<string, T>;
  readonly #text: TextCodec;

  constructor(entries: Iterable<readonly [string, T]>, text: TextCodec) {
    this.#byName = new Map(entries);
    this.#text = text;
    for (const [name, value] of this.#byName) {
      // Copied, so that every table holds plain byte arrays and the comparison stays on one hidden class.
      const bytes = new Uint8Array(text.encodeUtf8(name));
      (this.#byLength[bytes.length] ??= []).push({ bytes, value });
    }
  }

  /** The value for the current key of `cursor`. */
  find(cursor: JsonCursor): T | undefined {
    const { bytes, keyStart, keyEnd } = cursor;
    const length = keyEnd - keyStart;
    const candidates = length < this.#byLength.length ? this.#byLength[length] : undefined;
    if (candidates !== undefined) {
      for (let i = 0; i < candidates.length; i++) {
        if (sameBytes(candidates[i]!.bytes, bytes, keyStart)) return candidates[i]!.value;
      }
    }
    // Longer than its name; rare enough to be decoded.
    return cursor.keyEscaped ? this.#byName.get(cursor.key(this.#text)) : undefined;
  }
}

export function sameBytes(wanted: Uint8Array, bytes: Uint8Array, start: number): boolean {
  for (let i = 0; i < wanted.length; i++) {
    if (wanted[i] !== bytes[start + i]) return false;
  }
  return true;
}
