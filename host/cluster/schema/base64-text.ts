/** Base64 as Go's StdEncoding reads and writes it: line breaks are passed over, padding is required, spare bits are dropped. */
export class Base64Error extends Error {
  constructor(at: number) {
    super(`illegal base64 data at input byte ${at}`);
    this.name = "Base64Error";
  }
}

const CANONICAL = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$/;
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** The text that Go writes for the same bytes. Throws Base64Error. */
export function canonicalBase64(text: string): string {
  if (CANONICAL.test(text)) return text;
  let digits = "";
  let i = 0;
  for (; i < text.length; i++) {
    const character = text[i]!;
    if (character === "\n" || character === "\r") continue;
    if (character === "=") break;
    if (!ALPHABET.includes(character)) throw new Base64Error(bytesBefore(text, i));
    digits += character;
  }
  const spare = digits.length % 4;
  if (i < text.length) checkPadding(text, i, spare);
  else if (spare !== 0) throw new Base64Error(bytesBefore(text, i) - spare);
  if (spare === 0) return digits;
  const keptBits = spare === 2 ? 0x30 : 0x3c;
  const last = ALPHABET[ALPHABET.indexOf(digits.at(-1)!) & keptBits]!;
  return digits.slice(0, -1) + last + (spare === 2 ? "==" : "=");
}

/** `at`: where the first `=` stands. Two digits want two of them, three want one; nothing but line breaks may follow. */
function checkPadding(text: string, at: number, spare: number): void {
  if (spare < 2) throw new Base64Error(bytesBefore(text, at));
  let next = afterBreaks(text, at + 1);
  if (spare === 2) {
    if (next === text.length) throw new Base64Error(bytesBefore(text, next));
    if (text[next] !== "=") throw new Base64Error(bytesBefore(text, next) - 1);
    next = afterBreaks(text, next + 1);
  }
  if (next < text.length) throw new Base64Error(bytesBefore(text, next));
}

function afterBreaks(text: string, at: number): number {
  let next = at;
  while (text[next] === "\n" || text[next] === "\r") next++;
  return next;
}

/** Go counts bytes. */
function bytesBefore(text: string, at: number): number {
  return new TextEncoder().encode(text.slice(0, at)).length;
}
