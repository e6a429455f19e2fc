/**
 * The same bodies to Go's own types and to ours: errors to the letter, unknown and repeated fields in order, values in
 * their canonical spelling, fields in their order. Prints its seed; SEED replays one.
 */
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { startSchemaOracle, type Answer } from "../../../tests/support/schema-oracle.ts";
import { StatusError } from "../api/status-error.ts";
import { parseJson, stringifyJson } from "../../../bindings/protocol/json.ts";
import type { Json } from "../model.ts";
import { decodeText, type DecodableKind } from "./decode.ts";
import { BUILTIN_KINDS, BUILTIN_TYPES } from "./facts.ts";
import { Code, programOf, type Node, type Program } from "./program.ts";
import { canonicalQuantity } from "./quantity-text.ts";
import { decodeProtobuf } from "./protobuf.ts";
import { RandomBody, randomFrom } from "./testing/random-body.ts";

const oracle = startSchemaOracle();
const skip = "skipped" in oracle ? oracle.skipped : false;
const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const ROUNDS = 300;
after(async () => { if (!("skipped" in oracle)) await oracle.stop(); });

const KINDS: DecodableKind[] = BUILTIN_KINDS.map(({ group, version, kind, type }) => ({ types: BUILTIN_TYPES, type, group, version, kind, custom: false }));

/** Ours, in the form of the oracle's answer. */
function ours(kind: DecodableKind, body: string): Answer {
  try {
    const { object, unknown } = decodeText(body, kind);
    return { ...(unknown.length === 0 ? {} : { strict: unknown }), object: stringifyJson(object) };
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    const prefix = `${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: `;
    return { error: error.message.startsWith(prefix) ? error.message.slice(prefix.length) : error.message };
  }
}

/** Go sorts the keys of maps and never those of structs; as text, so that the order of fields counts. */
function sorted(value: Json, program: Program | undefined, node?: Node): Json {
  if (Array.isArray(value)) return value.map((item) => sorted(item, node?.item?.code === Code.struct ? node.item.program() : undefined, node?.item));
  if (typeof value !== "object" || value === null) return value;
  const keys = program === undefined ? Object.keys(value).sort() : Object.keys(value);
  const entries = keys.map((key) => {
    const inner = program === undefined ? node?.item : program.byName.get(key)?.node;
    return [key, sorted(value[key] as Json, inner?.code === Code.struct ? inner.program() : undefined, inner)];
  });
  return { pairs: entries as Json };
}

function readable(text: string, kind: DecodableKind): string {
  return stringifyJson(sorted(parseJson(text), programOf(kind.types, kind.type)));
}

const PIECES = ["", '"', "{", "}", "[", "]", ",", ":", "\\", " ", "\n", "\t", "0", "-", ".", "e", "u", "nul", "true", "é", "\u0001", "\u2028", "1.", '"a":', "😀", "\\u", "\\ud800"];

/** A few characters taken out or put in. */
function broken(text: string, random: () => number): string {
  let made = text;
  for (let i = 1 + Math.floor(random() * 2); i > 0; i--) {
    const at = Math.floor(random() * made.length);
    made = made.slice(0, at) + PIECES[Math.floor(random() * PIECES.length)]! + made.slice(at + Math.floor(random() * 3));
  }
  return made.toWellFormed();
}

describe("decoding is Go's", { skip }, () => {
  for (const [name, options] of Object.entries({
    "good bodies": { wrong: 0, unknown: 0 }, "unknown and repeated fields": { wrong: 0, unknown: 0.1 }, "wrong values": { wrong: 0.02, unknown: 0 }, "all at once": { wrong: 0.05, unknown: 0.1 },
  })) {
    test(name, async (t) => {
      t.diagnostic(`SEED=${seed}`);
      const random = randomFrom(seed);
      const bodies = new RandomBody(random, options);
      if ("skipped" in oracle) return;
      const asked = Array.from({ length: ROUNDS * 10 }, () => {
        const kind = KINDS[Math.floor(random() * KINDS.length)]!;
        return { kind, body: bodies.struct(kind.type) };
      });
      const answers = await oracle.ask(asked.map(({ kind: { group, version, kind }, body }) => ({ group, version, kind, body })));
      asked.forEach(({ kind, body }, index) => {
        const { protobuf, ...theirs } = answers[index]!;
        const mine = ours(kind, body);
        const context = `${kind.group}/${kind.version} ${kind.kind} ${body}`;
        assert.deepEqual({ ...mine, object: undefined }, { ...theirs, object: undefined }, context);
        if (theirs.object === undefined) return;
        assert.equal(readable(mine.object!, kind), readable(theirs.object, kind), context);
        const sent = decodeProtobuf(Buffer.from(protobuf!, "base64"), kind);
        assert.equal(readable(stringifyJson(sent.object), kind), readable(theirs.object, kind), `protobuf of ${context}`);
      });
    });
  }

  test("broken text", async (t) => {
    t.diagnostic(`SEED=${seed}`);
    if ("skipped" in oracle) return;
    const random = randomFrom(seed);
    const bodies = new RandomBody(random, { wrong: 0.02, unknown: 0.05 });
    const asked = Array.from({ length: ROUNDS * 10 }, () => {
      const kind = KINDS[Math.floor(random() * KINDS.length)]!;
      return { kind, body: broken(bodies.struct(kind.type), random) };
    });
    const answers = await oracle.ask(asked.map(({ kind: { group, version, kind }, body }) => ({ group, version, kind, body })));
    asked.forEach(({ kind, body }, index) => {
      const { error } = answers[index]!;
      const said = ours(kind, body).error;
      if (error?.startsWith("couldn't get version/kind") === true) assert.ok(said?.startsWith(`the object provided is unrecognized (must be of type ${kind.kind}): ${error} (`), `${body}\n${said}\n${error}`);
      else assert.equal(said, error, body);
    });
  });

  test("quantities", async (t) => {
    t.diagnostic(`SEED=${seed}`);
    if ("skipped" in oracle) return;
    const bodies = new RandomBody(randomFrom(seed), { wrong: 0, unknown: 0 });
    const asked = Array.from({ length: ROUNDS * 10 }, () => bodies.quantity());
    const answers = await oracle.ask(asked.map((quantity) => ({ quantity })));
    asked.forEach((text, index) => {
      const { object, error } = answers[index]!;
      let mine: string;
      try {
        mine = canonicalQuantity(text);
      } catch (failure) {
        mine = String(failure);
      }
      assert.equal(mine, object ?? `Error: ${error}`, text);
    });
  });
});
