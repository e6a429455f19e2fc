import assert from "node:assert/strict";
import { test } from "node:test";
import { ResponseParser } from "./http-parser.ts";

interface Seen { status: number; headers: { [name: string]: string }; body: string; reusable: boolean | undefined }

/** Feeds `text` in pieces of `size` bytes and returns the answers found. */
function parse(text: string, size = Infinity): { answers: Seen[]; parser: ResponseParser } {
  const answers: Seen[] = [];
  const parser = new ResponseParser({
    onHead: (status, headers) => answers.push({ status, headers: { ...headers }, body: "", reusable: undefined }),
    onBody: (piece) => { answers.at(-1)!.body += Buffer.from(piece).toString("latin1"); },
    onDone: (reusable) => { answers.at(-1)!.reusable = reusable; },
  });
  const bytes = Buffer.from(text, "latin1");
  for (let i = 0; i < bytes.length; i += size) parser.push(bytes.subarray(i, Math.min(bytes.length, i + size)));
  return { answers, parser };
}

const LENGTH = "HTTP/1.1 200 OK\r\nContent-Type: a\r\nContent-Length: 5\r\n\r\nhello";
const CHUNKED = "HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nA;x=1\r\n, world!!!\r\n0\r\nTrailer: t\r\n\r\n";

for (const size of [1, 2, 3, 7, 64, Infinity]) {
  test(`by length and in chunks, in pieces of ${size}`, () => {
    assert.deepEqual(parse(LENGTH, size).answers, [{ status: 200, headers: { "content-type": "a", "content-length": "5" }, body: "hello", reusable: true }]);
    assert.deepEqual(parse(CHUNKED, size).answers, [{ status: 201, headers: { "transfer-encoding": "chunked" }, body: "hello, world!!!", reusable: true }]);
    assert.equal(parse("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", size).answers[0]!.status, 204);
  });
}

test("up to the end of the connection, and closing by header", () => {
  const { answers, parser } = parse("HTTP/1.1 200 OK\r\n\r\nall of it");
  assert.equal(answers[0]!.reusable, undefined);
  assert.equal(parser.end(), true);
  assert.deepEqual([answers[0]!.body, answers[0]!.reusable], ["all of it", false]);
  assert.equal(parse("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n").answers[0]!.reusable, false);
  assert.equal(parse(LENGTH.slice(0, -1)).parser.end(), false, "a body cut short is not whole");
});

test("what is not an answer, or more than one, is an error", () => {
  for (const wrong of [
    "SSH-2.0-OpenSSH\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", `${LENGTH}HTTP/1.1 200 OK\r\n\r\n`,
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
    "HTTP/1.1 101 Switching\r\n\r\n", `HTTP/1.1 200 OK\r\nX: ${"y".repeat(300_000)}`,
  ]) assert.throws(() => parse(wrong), Error, wrong.slice(0, 60));
});
