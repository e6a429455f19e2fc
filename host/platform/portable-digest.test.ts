import assert from "node:assert/strict";
import { test } from "node:test";
import { nodeDigest } from "./node/digest.ts";
import { portableDigest } from "./portable-digest.ts";

test("the portable SHA-256 is OpenSSL's, at every length around the blocks, of text and of bytes", () => {
  for (let length = 0; length < 300; length++) {
    const bytes = Uint8Array.from({ length }, (_, n) => (n * 31 + length) & 0xff);
    assert.equal(portableDigest.sha256Hex(bytes), nodeDigest.sha256Hex(bytes), `${length} bytes`);
  }
  for (const text of ["", "abc", "ünïcödé 🎉", "x".repeat(100_000)]) assert.equal(portableDigest.sha256Hex(text), nodeDigest.sha256Hex(text));
});
