import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeBase64Url, encodeBase64Url } from "./base64-url.ts";

test("bytes go both ways, as Node spells them", () => {
  for (let length = 0; length < 70; length++) {
    const bytes = Uint8Array.from({ length }, (_, n) => (n * 167 + length * 31) & 0xff);
    assert.equal(encodeBase64Url(bytes), Buffer.from(bytes).toString("base64url"));
    assert.deepEqual(decodeBase64Url(encodeBase64Url(bytes)), bytes);
  }
  assert.equal(decodeBase64Url("ab+c"), 2);
  assert.equal(decodeBase64Url("abcde"), 4);
});
