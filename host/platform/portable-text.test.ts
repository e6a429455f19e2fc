import assert from "node:assert/strict";
import { test } from "node:test";
import { nodeText } from "./node/text.ts";
import { portableText } from "./portable-text.ts";

const TEXTS = ["", "a", "Grüße, 世界", "\u{1f468}\u200d\u{1f373}", "\ufeffbom", "x".repeat(10_000), "\ud800 half \udc00"];

test("the portable codec and Node's agree, at even and odd addresses", () => {
  for (const text of TEXTS) for (const offset of [0, 1, 6, 7]) {
    const [portable, node] = [new Uint8Array(text.length * 2 + 16), new Uint8Array(text.length * 2 + 16)];
    assert.equal(portableText.writeUtf16(portable, offset, text), text.length * 2);
    assert.equal(nodeText.writeUtf16(node, offset, text), text.length * 2);
    assert.deepEqual(portable, node);
    assert.equal(portableText.readUtf16(portable, offset, text.length * 2), text);
  }
  for (const text of TEXTS.filter((each) => each.isWellFormed())) {
    const bytes = portableText.encodeUtf8(`<${text}>`);
    assert.deepEqual([...bytes], [...nodeText.encodeUtf8(`<${text}>`)]);
    assert.equal(portableText.decodeUtf8(bytes, 1, bytes.length - 1), text);
  }
});
