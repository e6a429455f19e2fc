import assert from "node:assert/strict";
import { test } from "node:test";
import { Reader, WasmError, Writer } from "./bytes.ts";

test("numbers survive LEB128 in both directions", () => {
  for (const value of [0, 1, 63, 64, 127, 128, 16_384, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1]) {
    assert.equal(new Reader(new Writer().u32(value).done()).u32(), value);
  }
  for (const value of [0, 1, -1, 63, 64, -64, -65, 8191, 8192, -8192, 2 ** 31 - 1, -(2 ** 31)]) {
    assert.equal(new Reader(new Writer().s32(value).done()).s32(), value);
  }
});

test("what is longer than it may be, or ends too early, is refused with its place", () => {
  assert.throws(() => new Reader(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x1f)).u32(), (error) => error instanceof WasmError && error.offset === 0);
  assert.throws(() => new Reader(Uint8Array.of(0x80)).u32(), WasmError);
  assert.throws(() => new Reader(Uint8Array.of(5, 1, 2)).part(), WasmError);
  assert.throws(() => new Reader(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f)).vector(() => 0), WasmError);
});
