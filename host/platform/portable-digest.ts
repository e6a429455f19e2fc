/** SHA-256 in plain JavaScript, for platforms whose own is asynchronous (a browser's) or would not be the same everywhere. */
import type { Digest } from "./platform.ts";

const encoder = new TextEncoder();
/** Fractions of the cube roots of the first 64 primes, and of the square roots of the first eight, as FIPS 180-4 defines them. */
const PRIMES = firstPrimes(64);
const ROUND = Int32Array.from(PRIMES, (prime) => fraction(Math.cbrt(prime)));
const START = Int32Array.from(PRIMES.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));
const BLOCK_BYTES = 64;

export const portableDigest: Digest = {
  sha256Hex(data) {
    const hash = START.slice();
    const words = new Int32Array(64);
    const padded = pad(typeof data === "string" ? encoder.encode(data) : data);
    const view = new DataView(padded.buffer);
    for (let at = 0; at < padded.length; at += BLOCK_BYTES) {
      for (let n = 0; n < 16; n++) words[n] = view.getInt32(at + 4 * n);
      compress(hash, words);
    }
    return Array.from(hash, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
  },
};

function compress(hash: Int32Array, words: Int32Array): void {
  for (let n = 16; n < 64; n++) {
    const near = words[n - 2]!;
    const far = words[n - 15]!;
    const nearMix = rotate(near, 17) ^ rotate(near, 19) ^ (near >>> 10);
    const farMix = rotate(far, 7) ^ rotate(far, 18) ^ (far >>> 3);
    words[n] = (nearMix + words[n - 7]! + farMix + words[n - 16]!) | 0;
  }
  let [a, b, c, d, e, f, g, h] = hash as unknown as [number, number, number, number, number, number, number, number];
  for (let n = 0; n < 64; n++) {
    const mixE = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const first = (h + mixE + ((e & f) ^ (~e & g)) + ROUND[n]! + words[n]!) | 0;
    const mixA = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const second = (mixA + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0];
  }
  [a, b, c, d, e, f, g, h].forEach((word, n) => { hash[n] = (hash[n]! + word) | 0; });
}

/** A one bit, zeros, and the length in bits fill up the last block. */
function pad(data: Uint8Array): Uint8Array<ArrayBuffer> {
  const padded = new Uint8Array(Math.ceil((data.length + 9) / BLOCK_BYTES) * BLOCK_BYTES);
  padded.set(data);
  padded[data.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor(data.length / 0x2000_0000));
  view.setUint32(padded.length - 4, (data.length * 8) >>> 0);
  return padded;
}

function rotate(word: number, by: number): number {
  return (word >>> by) | (word << (32 - by));
}
function fraction(root: number): number {
  return ((root - Math.floor(root)) * 0x1_0000_0000) | 0;
}
function firstPrimes(count: number): number[] {
  const primes: number[] = [];
  for (let n = 2; primes.length < count; n++) if (primes.every((prime) => n % prime !== 0)) primes.push(n);
  return primes;
}
