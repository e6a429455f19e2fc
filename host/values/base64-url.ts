/** Base64 in the alphabet of URLs, without padding (RFC 4648, section 5). */
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const VALUES: ReadonlyMap<string, number> = new Map([...ALPHABET].map((character, value) => [character, value]));

export function encodeBase64Url(bytes: Uint8Array): string {
  let text = "";
  for (let n = 0; n < bytes.length; n += 3) {
    const [a, b, c] = [bytes[n]!, bytes[n + 1] ?? 0, bytes[n + 2] ?? 0];
    text += ALPHABET[a >> 2]! + ALPHABET[((a & 3) << 4) | (b >> 4)]!;
    if (n + 1 < bytes.length) text += ALPHABET[((b & 15) << 2) | (c >> 6)]!;
    if (n + 2 < bytes.length) text += ALPHABET[c & 63]!;
  }
  return text;
}

/** The bytes, or the index of the first character that doesn't belong there. */
export function decodeBase64Url(text: string): Uint8Array | number {
  const bytes = new Uint8Array((text.length * 3) >> 2);
  let [bits, held, at] = [0, 0, 0];
  for (let n = 0; n < text.length; n++) {
    const value = VALUES.get(text[n]!);
    if (value === undefined) return n;
    held = ((held << 6) | value) & 0xfff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at++] = (held >> bits) & 0xff;
  }
  return text.length % 4 === 1 ? text.length - 1 : bytes;
}
