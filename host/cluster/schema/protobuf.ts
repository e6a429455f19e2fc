/**
 * Bodies in protobuf (application/vnd.kubernetes.protobuf), which Go clients send for built-in kinds: read into the JSON
 * that a JSON client would have sent, and from there on treated alike. Answers are JSON; such clients take that too.
 *
 * The bytes are "k8s\0", then an envelope with apiVersion and kind, in it the object's message. Fields that are no pointers
 * in Go are always in the message; decoding drops zeros again where JSON would not have had them.
 */
import { encodeBase64 } from "../../values/base64.ts";
import { rfc3339 } from "../../values/time.ts";
import type { Json, JsonObject } from "../model.ts";
import { JsonSyntaxError, parseBody } from "./body.ts";
import { cannotBeHandled, decodeObject, type DecodableKind, type Decoded } from "./decode.ts";
import { KEPT_DEPTH_MAX, TOO_DEEP } from "./go-json.ts";
import { setMember } from "./json-values.ts";
import { Code, programOf, type Node, type Program, type Step } from "./program.ts";
import { checkTypeMeta, unrecognized } from "./type-meta.ts";
import type { TypeTable } from "./types.ts";
import { fieldsOf, ProtobufError, Wire, type WireField } from "./wire.ts";

export { ProtobufError };

export const PROTOBUF_MEDIA_TYPE = "application/vnd.kubernetes.protobuf";

const PREFIX = [0x6b, 0x38, 0x73, 0x00];

/** The whole way of a body that is to be an object of `kind`. Throws StatusError 400. */
export function decodeProtobuf(body: Uint8Array, kind: DecodableKind): Decoded {
  let envelope: Envelope;
  try {
    envelope = openEnvelope(body);
  } catch (error) {
    if (error instanceof ProtobufError) throw unrecognized(kind.kind, error.message, body);
    throw error;
  }
  const { apiVersion, kind: said } = envelope;
  checkTypeMeta({ apiVersion, kind: said }, kind, "");
  return decodeObject(refusing(() => messageToJson(envelope.message, kind.types, kind.type), kind), kind);
}

function refusing(read: () => JsonObject, kind: DecodableKind): JsonObject {
  try {
    return read();
  } catch (error) {
    if (error instanceof ProtobufError || error instanceof JsonSyntaxError) throw cannotBeHandled(kind, error.message);
    throw error;
  }
}

export interface Envelope { readonly apiVersion: string; readonly kind: string; readonly message: Uint8Array }

/** Throws ProtobufError for what is none. */
export function openEnvelope(body: Uint8Array): Envelope {
  if (body.length === 0) throw new ProtobufError("empty data");
  if (PREFIX.some((byte, i) => body[i] !== byte)) throw new ProtobufError(`provided data does not appear to be a protobuf message, expected prefix [${PREFIX.join(" ")}]`);
  if (body.length === PREFIX.length) throw new ProtobufError("empty body");
  const envelope: { -readonly [part in keyof Envelope]: Envelope[part] } = { apiVersion: "", kind: "", message: new Uint8Array(0) };
  for (const field of fieldsOf(body.subarray(PREFIX.length), "Unknown")) {
    if (field.number === 2) envelope.message = expectBytes(field, "Raw");
    if (field.number !== 1) continue;
    for (const part of fieldsOf(expectBytes(field, "TypeMeta"), "TypeMeta")) {
      if (part.number === 1) envelope.apiVersion = textOf(expectBytes(part, "APIVersion"));
      if (part.number === 2) envelope.kind = textOf(expectBytes(part, "Kind"));
    }
  }
  return envelope;
}

/** A message of a type as JSON: DeleteOptions, or an object's without its apiVersion and kind. Throws ProtobufError. */
export function messageToJson(message: Uint8Array, types: TypeTable, type: string): JsonObject {
  return readStruct(message, programOf(types, type));
}

/** Fields by number; those of embedded messages are in a plan of their own. */
interface Plan { readonly [number: number]: { readonly step: Step } | { readonly embedded: Plan } }
const plans = new WeakMap<Program, Plan>();

function planOf(program: Program): Plan {
  let plan = plans.get(program);
  if (plan === undefined) {
    plan = {};
    for (const step of program.steps) addToPlan(plan as { [number: number]: Plan[number] }, step, step.wire);
    plans.set(program, plan);
  }
  return plan;
}

function addToPlan(plan: { [number: number]: Plan[number] }, step: Step, [number, ...rest]: readonly number[]): void {
  if (rest.length === 0) {
    if (number !== 0) plan[number!] = { step };
    return;
  }
  const known = plan[number!] ??= { embedded: {} };
  if ("embedded" in known) addToPlan(known.embedded as { [number: number]: Plan[number] }, step, rest);
}

/** Messages within messages, now being read; only schemas can be deep, and the engine's stack must hold them. */
let depth = 0;
const DEPTH_MAX = 150;

function readStruct(bytes: Uint8Array, program: Program): JsonObject {
  if (depth >= DEPTH_MAX) throw new ProtobufError(TOO_DEEP);
  const object: JsonObject = {};
  depth++;
  try {
    readFields(bytes, planOf(program), program, object);
  } finally {
    depth--;
  }
  return object;
}

function readFields(bytes: Uint8Array, plan: Plan, program: Program, object: JsonObject): void {
  for (const field of fieldsOf(bytes, program.name)) {
    const planned = plan[field.number];
    if (planned === undefined) continue;
    if ("embedded" in planned) readFields(expectBytes(field, program.name), planned.embedded, program, object);
    else readField(field, planned.step, object);
  }
}

function readField(field: WireField, { name, node }: Step, object: JsonObject): void {
  if (node.code === Code.list) {
    const items = (object[name] ??= []) as Json[];
    // Numbers may also come packed, though Go's own clients don't.
    if (isNumeric(node.item!) && field.wire === Wire.bytes) items.push(...packed(field.bytes).map((bits) => numberOf(bits)));
    else items.push(readValue(field, node.item!, name));
  } else if (node.code === Code.map) {
    readEntry(expectBytes(field, name), node.item!, name, (object[name] ??= {}) as JsonObject);
  } else object[name] = readValue(field, node, name);
}

function readEntry(bytes: Uint8Array, item: Node, name: string, map: JsonObject): void {
  let key = "";
  let value: Json = null;
  for (const part of fieldsOf(bytes, name)) {
    if (part.number === 1) key = textOf(expectBytes(part, name));
    if (part.number === 2) value = readValue(part, item, name);
  }
  setMember(map, key, value);
}

function readValue(field: WireField, node: Node, name: string): Json {
  switch (node.code) {
    case Code.boolean: return expect(field, Wire.varint, name).bits !== 0n;
    case Code.int32: return Number(BigInt.asIntN(32, expect(field, Wire.varint, name).bits));
    case Code.int64: return numberOf(expect(field, Wire.varint, name).bits);
    case Code.double: return doubleOf(expect(field, Wire.fixed64, name).bits);
    default: return readBytes(expectBytes(field, name), node, name);
  }
}

function readBytes(bytes: Uint8Array, node: Node, name: string): Json {
  switch (node.code) {
    case Code.string: return textOf(bytes);
    case Code.bytes: return encodeBase64(bytes);
    case Code.struct: return readStruct(bytes, node.program());
    // As the value of a map, a list is a message with the items as its first field.
    case Code.list: return [...fieldsOf(bytes, name)].filter(({ number }) => number === 1).map((item) => readValue(item, node.item!, name));
    case Code.quantity: return textOf(partOf(bytes, 1, name)?.bytes ?? new TextEncoder().encode("0"));
    case Code.time: return timeOf(bytes, name, false);
    case Code.microTime: return timeOf(bytes, name, true);
    case Code.intOrString: return partOf(bytes, 1, name)?.bits === 1n ? textOf(partOf(bytes, 3, name)?.bytes ?? new Uint8Array(0)) : Number(BigInt.asIntN(32, partOf(bytes, 2, name)?.bits ?? 0n));
    case Code.any: return jsonOf(partOf(bytes, 1, name)?.bytes);
    default: return readSchema(bytes, node, name);
  }
}

/** A schema, or one of the shorter things that may stand in its place. */
function readSchema(bytes: Uint8Array, node: Node, name: string): Json {
  const schemaIn = (field: WireField): Json => readStruct(expectBytes(field, name), node.program());
  const schemaNumber = node.code === Code.schemaOrBool ? 2 : 1;
  const schema = partOf(bytes, schemaNumber, name);
  if (schema !== undefined) return schemaIn(schema);
  if (node.code === Code.schemaOrBool) return (partOf(bytes, 1, name)?.bits ?? 0n) !== 0n;
  const items = [...fieldsOf(bytes, name)].filter(({ number }) => number === 2);
  return items.map((item) => (node.code === Code.schemaOrArray ? schemaIn(item) : textOf(item.bytes)));
}

/** The last one counts, as everywhere in protobuf. */
function partOf(bytes: Uint8Array, number: number, name: string): WireField | undefined {
  let found: WireField | undefined;
  for (const field of fieldsOf(bytes, name)) if (field.number === number) found = field;
  return found;
}

/** The zero time is an empty message. As text it is what makes Go write null behind a pointer, and nothing elsewhere. */
function timeOf(bytes: Uint8Array, name: string, micros: boolean): Json {
  if (bytes.length === 0) return `0001-01-01T00:00:00${micros ? ".000000" : ""}Z`;
  const seconds = rfc3339(Number(partOf(bytes, 1, name)?.bits ?? 0n) * 1000);
  if (!micros) return seconds;
  const nanos = Number(partOf(bytes, 2, name)?.bits ?? 0n);
  return seconds.replace("Z", `.${String(Math.trunc(nanos / 1000)).padStart(6, "0")}Z`);
}

function jsonOf(text: Uint8Array | undefined): Json {
  if (text === undefined || text.length === 0) return null;
  const { value, odd } = parseBody(textOf(text));
  if (odd !== undefined && odd.depth > KEPT_DEPTH_MAX) throw new ProtobufError(TOO_DEEP);
  return value;
}

function isNumeric({ code }: Node): boolean {
  return code === Code.int32 || code === Code.int64 || code === Code.boolean;
}

function packed(bytes: Uint8Array): bigint[] {
  const found: bigint[] = [];
  let value = 0n;
  let shift = 0n;
  for (const byte of bytes) {
    value |= BigInt(byte & 0x7f) << shift;
    shift += 7n;
    if (byte >= 0x80) continue;
    found.push(BigInt.asIntN(64, value));
    value = 0n;
    shift = 0n;
  }
  return found;
}

function numberOf(bits: bigint): number | bigint {
  const number = Number(bits);
  return Number.isSafeInteger(number) ? number : bits;
}

function doubleOf(bits: bigint): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigInt64(0, bits);
  return view.getFloat64(0);
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
function textOf(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

function expectBytes(field: WireField, name: string): Uint8Array {
  return expect(field, Wire.bytes, name).bytes;
}

function expect(field: WireField, wire: number, name: string): WireField {
  if (field.wire !== wire) throw new ProtobufError(`proto: wrong wireType = ${field.wire} for field ${goNameOf(name)}`);
  return field;
}

/** Go's names of fields are JSON's with a capital, nearly always. */
function goNameOf(name: string): string {
  if (name === "metadata") return "ObjectMeta";
  return name === "uid" ? "UID" : name.charAt(0).toUpperCase() + name.slice(1);
}
