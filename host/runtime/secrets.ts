/**
 * What the host lets a core see of a Secret: names, keys, a keyed hash of each value, and the dates and names of
 * certificates. No value becomes part of a string that is kept.
 *
 * `data` keeps its shape (key -> base64), but each value is the HMAC-SHA-256 of the real one: equal values of any two
 * Secrets compare equal, and a changed value shows. After it comes `certificates`: key -> list of the PEM certificates
 * found in the value, in their order.
 *
 * The HMAC key decides who can compare: without it a recorded hash can't be tried against a list of likely passwords. A
 * host that wants its hashes to survive a restart (a core may write one into a Pod's annotation) keeps the key in a
 * Secret of its own and passes it in; by default it is drawn anew by each process.
 */
import type { Digest, Random, TextCodec } from "../platform/platform.ts";
import { decodeBase64, encodeBase64 } from "../values/base64.ts";
import { readCertificates } from "./certificate.ts";
import type { JsonCursor } from "./json/cursor.ts";
import { COMMA, OBJECT_CLOSE, OBJECT_OPEN } from "./json/scan.ts";
import type { JsonSink } from "./json/sink.ts";

/** The annotation in which `kubectl apply` keeps the whole object, values included. */
export const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

const BLOCK_BYTES = 64;

export class SecretHasher {
  readonly #text: TextCodec;
  readonly #digest: Digest;
  readonly #inner: Uint8Array;
  readonly #outer: Uint8Array;

  /** `key` as random as its length: at least 32 bytes are expected. */
  constructor(key: Uint8Array, text: TextCodec, digest: Digest) {
    this.#text = text;
    this.#digest = digest;
    const block = new Uint8Array(BLOCK_BYTES);
    block.set(key.length > BLOCK_BYTES ? fromHex(digest.sha256Hex(key)) : key);
    this.#inner = block.map((byte) => byte ^ 0x36);
    this.#outer = block.map((byte) => byte ^ 0x5c);
  }

  /** HMAC-SHA-256 (RFC 2104), base64. */
  hash(value: Uint8Array): string {
    const inner = fromHex(this.#digest.sha256Hex(joined(this.#inner, value)));
    return encodeBase64(fromHex(this.#digest.sha256Hex(joined(this.#outer, inner))));
  }

  /** Writes the value of `data` at the cursor, and a member `certificates` behind it when there are any. */
  write(cursor: JsonCursor, sink: JsonSink): void {
    if (!cursor.atObject()) {
      // `null`, or nonsense; nonsense may hold a value.
      cursor.skip();
      sink.ascii("null");
      return;
    }
    const certificates: string[] = [];
    sink.byte(OBJECT_OPEN);
    cursor.enterObject();
    for (let first = true; cursor.nextMember(); first = false) {
      if (!first) sink.byte(COMMA);
      const key = JSON.stringify(cursor.key(this.#text));
      const value = decodeValue(cursor);
      sink.copy(cursor.bytes, cursor.keyStart - 1, cursor.keyEnd + 1);
      sink.ascii(`:"${this.hash(value)}"`);
      const found = readCertificates(value, this.#text);
      if (found.length > 0) certificates.push(`${key}:${JSON.stringify(found)}`);
    }
    sink.byte(OBJECT_CLOSE);
    if (certificates.length === 0) return;
    const text = this.#text.encodeUtf8(`,"certificates":{${certificates.join(",")}}`);
    sink.copy(text, 0, text.length);
  }
}

/** The value at the cursor; whatever isn't base64 is hashed as it stands, for it may be a value all the same. */
function decodeValue(cursor: JsonCursor): Uint8Array {
  const start = cursor.pos;
  const quoted = cursor.atString();
  cursor.skip();
  const raw = quoted ? cursor.bytes.subarray(start + 1, cursor.pos - 1) : cursor.bytes.subarray(start, cursor.pos);
  return decodeBase64(raw) ?? raw;
}

/** 32 bytes for a process that was given no key. */
export function randomKey(random: Random): Uint8Array {
  return new Uint8Array(32).map(() => Math.floor(random.next() * 256));
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const whole = new Uint8Array(first.length + second.length);
  whole.set(first);
  whole.set(second, first.length);
  return whole;
}

function fromHex(hex: string): Uint8Array {
  return new Uint8Array(hex.length / 2).map((_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}
