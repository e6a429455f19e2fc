import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FrameReader, frameOf, Opcode } from "./websocket.ts";

/** As a server sends: without a mask. */
function unmasked(first: number, payload: Uint8Array): Buffer {
  const { length } = payload;
  const head = length < 126 ? Buffer.of(first, length) : length < 1 << 16 ? Buffer.of(first, 126, length >> 8, length & 0xff) : Buffer.concat([Buffer.of(first, 127, 0, 0, 0, 0), Buffer.of(length >>> 24, (length >> 16) & 0xff, (length >> 8) & 0xff, length & 0xff)]);
  return Buffer.concat([head, payload]);
}
const bytes = (length: number): Buffer => Buffer.from(Uint8Array.from({ length }, (_, index) => index * 7));
function messages(chunks: readonly Buffer[]): [number, string][] {
  const found: [number, string][] = [];
  const reader = new FrameReader((opcode, payload) => void found.push([opcode, payload.toString("hex")]));
  for (const chunk of chunks) reader.push(chunk);
  return found;
}

describe("frames", () => {
  it("go out masked, with the length in as few bytes as it needs", () => {
    // The example of RFC 6455, 5.7, as binary.
    assert.equal(frameOf(Opcode.binary, Buffer.from("Hello"), Buffer.from("37fa213d", "hex")).toString("hex"), "828537fa213d7f9f4d5158");
    for (const [length, head] of [[0, "8280"], [125, "82fd"], [126, "82fe007e"], [65_535, "82feffff"], [65_536, "82ff0000000000010000"]] as const) {
      const frame = frameOf(Opcode.binary, bytes(length), Buffer.alloc(4));
      assert.equal(frame.subarray(0, head.length / 2).toString("hex"), head);
      assert.deepEqual(frame.subarray(head.length / 2 + 4), bytes(length));
    }
  });

  it("come in whatever pieces they are cut into", () => {
    const sent = [0, 5, 125, 126, 65_535, 65_536].map((length) => unmasked(0x82, bytes(length)));
    const wanted = [0, 5, 125, 126, 65_535, 65_536].map((length) => [Opcode.binary, bytes(length).toString("hex")]);
    const all = Buffer.concat(sent);
    assert.deepEqual(messages([all]), wanted);
    for (const size of [1, 3, 1_000]) assert.deepEqual(messages(Array.from({ length: Math.ceil(all.length / size) }, (_, index) => all.subarray(index * size, (index + 1) * size))), wanted);
  });

  it("that are fragments are one message, with pings between them told at once", () => {
    const fragments = [unmasked(0x02, Buffer.from("ab")), unmasked(0x89, Buffer.from("p")), unmasked(0x00, Buffer.from("cd")), unmasked(0x80, Buffer.from("e")), unmasked(0x82, Buffer.from("f"))];
    assert.deepEqual(messages(fragments), [[Opcode.ping, "70"], [Opcode.binary, Buffer.from("abcde").toString("hex")], [Opcode.binary, "66"]]);
  });

  it("that no server may send, or nobody can hold, are refused", () => {
    assert.throws(() => messages([frameOf(Opcode.binary, Buffer.from("x"), Buffer.alloc(4))]), /no server may send/);
    assert.throws(() => messages([unmasked(0xc2, Buffer.from("x"))]), /no server may send/);
    assert.throws(() => messages([Buffer.from("827f00000000ffffffff", "hex")]), /more than 16 MiB/);
  });
});
