/**
 * Base64 (RFC 4648, with padding) on bytes, so that a Secret's value never becomes a string.
 */
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const PADDING = 0x3d;

const VALUES = new Uint8Array(256).fill(0xff);
for (let i = 0; i < ALPHABET.length; i++) VALUES[ALPHABET.charCodeAt(i)] = i;

/** Undefined when it isn't base64. White space is passed over, as PEM has it. */
export function decodeBase64(encoded: Uint8Array): Uint8Array | undefined {
  const decoded = new Uint8Array(Math.floor((encoded.length * 3) / 4));
  let length = 0;
  let bits = 0;
  let bitCount = 0;
  let padded = false;
  for (const byte of encoded) {
    if (byte === 0x0a || byte === 0x0d || byte === 0x20 || byte === 0x09) continue;
    if (byte === PADDING) {
      padded = true;
      continue;
    }
    const value = VALUES[byte]!;
    if (value === 0xff || padded) return undefined;
    bits = ((bits << 6) | value) & 0xfff;
    bitCount += 6;
    if (bitCount >= 8) {
      bitCount -= 8;
      decoded[length++] = (bits >> bitCount) & 0xff;
    }
  }
  return decoded.subarray(0, length);
}

export function encodeBase64(bytes: Uint8Array): string {
  let encoded = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const group = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    encoded += ALPHABET[group >> 18]! + ALPHABET[(group >> 12) & 63]!;
    encoded += i + 1 < bytes.length ? ALPHABET[(group >> 6) & 63]! : "=";
    encoded += i + 2 < bytes.length ? ALPHABET[group & 63]! : "=";
  }
  return encoded;
}
