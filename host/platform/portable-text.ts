/** Text in and out of memory in plain JavaScript, for platforms that have nothing faster. */
import type { TextCodec } from "./platform.ts";

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();
/** Arguments of one call: engines allow some 65,000. A decoder would turn lone surrogates into U+FFFD; this keeps them. */
const UNITS_AT_ONCE = 4096;

export const portableText: TextCodec = {
  writeUtf16(memory, offset, text) {
    if ((memory.byteOffset + offset) % 2 === 0) {
      const units = new Uint16Array(memory.buffer, memory.byteOffset + offset, text.length);
      for (let n = 0; n < text.length; n++) units[n] = text.charCodeAt(n);
    } else {
      for (let n = 0; n < text.length; n++) {
        const unit = text.charCodeAt(n);
        memory[offset + 2 * n] = unit & 0xff;
        memory[offset + 2 * n + 1] = unit >> 8;
      }
    }
    return text.length * 2;
  },

  readUtf16(memory, offset, byteLength) {
    // A copy of its own is aligned; the address in memory may not be.
    const bytes = memory.slice(offset, offset + byteLength);
    const units = new Uint16Array(bytes.buffer, 0, byteLength >> 1);
    let text = "";
    for (let n = 0; n < units.length; n += UNITS_AT_ONCE) text += String.fromCharCode(...units.subarray(n, n + UNITS_AT_ONCE));
    return text;
  },

  decodeUtf8: (bytes, start, end) => utf8.decode(bytes.subarray(start, end)),
  encodeUtf8: (text) => encoder.encode(text),
};
