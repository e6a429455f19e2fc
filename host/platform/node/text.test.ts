import assert from "node:assert/strict";
import { test } from "node:test";
import { nodePlatform } from "./index.ts";

const { text, digest, random, clock, timers } = nodePlatform();
const TEXTS = ["", "a", "latin \u00fc\u00ff", "\u65e5\u672c\u8a9e", "\u{1f600}\u{10ffff}", "x".repeat(100_000), "\u0000", "\u00e9".repeat(5_000)];

test("text goes into bytes and back, at any offset of any array", () => {
  for (const value of TEXTS) {
    const memory = new Uint8Array(new ArrayBuffer(value.length * 2 + 64), 3);
    assert.equal(text.writeUtf16(memory, 5, value), value.length * 2);
    assert.equal(text.readUtf16(memory, 5, value.length * 2), value);
    assert.deepEqual([memory[4], memory[5 + value.length * 2]], [0, 0], "nothing written beside it");
    const encoded = text.encodeUtf8(value);
    assert.equal(encoded.constructor, Uint8Array);
    assert.deepEqual(encoded, new TextEncoder().encode(value));
    const padded = new Uint8Array(encoded.length + 10);
    padded.set(encoded, 4);
    assert.equal(text.decodeUtf8(padded, 4, 4 + encoded.length), value);
  }
});

test("the digest is SHA-256", () => {
  assert.equal(digest.sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  assert.equal(digest.sha256Hex(new Uint8Array([97, 98, 99])), digest.sha256Hex("abc"));
});

test("random numbers are in [0, 1) and differ", () => {
  const drawn = Array.from({ length: 5_000 }, () => random.next());
  assert.ok(drawn.every((x) => x >= 0 && x < 1));
  assert.equal(new Set(drawn).size, drawn.length);
});

test("timers run in time, not when cancelled, and `soon` comes before them", async () => {
  const ran: string[] = [];
  const startedMs = clock.monotonicMs();
  await new Promise<void>((resolve) => {
    timers.after(2 ** 40, () => ran.push("far")).cancel();
    timers.after(0, () => ran.push("cancelled")).cancel();
    timers.after(5, () => { ran.push("after"); resolve(); });
    timers.soon(() => ran.push("soon"));
  });
  assert.deepEqual(ran, ["soon", "after"]);
  assert.ok(clock.monotonicMs() - startedMs >= 4);
});
