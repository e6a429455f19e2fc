/**
 * The bytes in `protobuf-samples.json` are made by Go's own types; `UPDATE=1` makes them anew with the oracle
 * (tests/support/schema-oracle.ts).
 */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { startSchemaOracle } from "../../../tests/support/schema-oracle.ts";
import { parseJson, stringifyJson } from "../../../bindings/protocol/json.ts";
import { StatusError } from "../api/status-error.ts";
import { decodeObject, type DecodableKind } from "./decode.ts";
import { BUILTIN_TYPES, builtinType } from "./facts.ts";
import { decodeProtobuf, messageToJson, openEnvelope } from "./protobuf.ts";
import { SAMPLES } from "./testing/protobuf-samples.ts";

const file = new URL("testing/protobuf-samples.json", import.meta.url);
interface Sample { kind: string; hex: string }

if (process.env["UPDATE"] === "1") {
  const oracle = startSchemaOracle();
  if ("skipped" in oracle) throw new Error(oracle.skipped);
  const answers = await oracle.ask(SAMPLES.map(({ body, ...kind }) => ({ ...kind, body: stringifyJson(parseJson(JSON.stringify(body))) })));
  await oracle.stop();
  const samples = answers.map(({ protobuf }, i): Sample => ({ kind: SAMPLES[i]!.kind, hex: Buffer.from(protobuf!, "base64").toString("hex") }));
  writeFileSync(file, `[\n${samples.map((sample) => JSON.stringify(sample)).join(",\n")}\n]\n`);
}
const samples = JSON.parse(readFileSync(file, "utf8")) as Sample[];

function decodable({ group, version, kind }: (typeof SAMPLES)[number]): DecodableKind {
  // Options and statuses are of every group.
  const type = builtinType(group, version, kind) ?? kind;
  return { types: BUILTIN_TYPES, type, group, version, kind, custom: false };
}
const bytesOf = (index: number): Uint8Array => Buffer.from(samples[index]!.hex, "hex");

SAMPLES.forEach((sample, index) => {
  test(`${sample.kind}: protobuf is the same as JSON`, () => {
    const kind = decodable(sample);
    const body = parseJson(JSON.stringify(sample.body));
    assert.equal(samples[index]!.kind, sample.kind);
    assert.deepEqual(decodeProtobuf(bytesOf(index), kind).object, decodeObject(body, kind).object);
  });
});

test("options are read without their envelope's kind", () => {
  const index = SAMPLES.findIndex(({ kind }) => kind === "DeleteOptions");
  const { kind, message } = openEnvelope(bytesOf(index));
  assert.equal(kind, "DeleteOptions");
  assert.deepEqual(messageToJson(message, BUILTIN_TYPES, "DeleteOptions"), SAMPLES[index]!.body);
});

test("what is no protobuf is refused in Go's words", () => {
  const pod = decodable(SAMPLES[0]!);
  const refusal = (bytes: number[] | Uint8Array): string => {
    try {
      decodeProtobuf(Uint8Array.from(bytes), pod);
    } catch (error) {
      assert.ok(error instanceof StatusError && error.code === 400, String(error));
      return error.message;
    }
    return "accepted";
  };
  assert.equal(refusal([]), "the object provided is unrecognized (must be of type Pod): empty data (<empty>)");
  assert.equal(refusal([1, 2]), "the object provided is unrecognized (must be of type Pod): provided data does not appear to be a protobuf message, expected prefix [107 56 115 0] (0102)");
  assert.equal(refusal([0x6b, 0x38, 0x73, 0]), "the object provided is unrecognized (must be of type Pod): empty body (6b387300)");
  assert.equal(refusal([0x6b, 0x38, 0x73, 0, 0x12, 0x7f]), "the object provided is unrecognized (must be of type Pod): unexpected EOF (6b387300127f)");
  assert.equal(refusal([0x6b, 0x38, 0x73, 0, 0x12, 0x02, 0x0a, 0x05]), 'Pod in version "v1" cannot be handled as a Pod: unexpected EOF');
  assert.equal(refusal([0x6b, 0x38, 0x73, 0, 0x12, 0x02, 0x08, 0x05]), 'Pod in version "v1" cannot be handled as a Pod: proto: wrong wireType = 0 for field ObjectMeta');
  const whole = bytesOf(0);
  for (let length = 5; length < whole.length; length++) refusal(whole.subarray(0, length));
});

test("schemas within schemas end somewhere", () => {
  const crd = decodable(SAMPLES.find(({ kind }) => kind === "CustomResourceDefinition")!);
  const message = (number: number, content: Uint8Array): Uint8Array => {
    const length: number[] = [];
    for (let rest = content.length; length.length === 0 || rest > 0; rest >>>= 7) length.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    return Uint8Array.from([(number << 3 & 0x7f) | 2 | (number > 15 ? 0x80 : 0), ...(number > 15 ? [number >> 4] : []), ...length, ...content]);
  };
  let schema: Uint8Array = new Uint8Array(0);
  for (let i = 0; i < 2000; i++) schema = message(28, schema); // not
  const definition = message(2, message(7, message(4, message(1, schema)))); // spec.versions.schema.openAPIV3Schema
  const body = Uint8Array.from([0x6b, 0x38, 0x73, 0, ...message(2, definition)]);
  assert.throws(() => decodeProtobuf(body, crd), /exceeded max depth/);
});
