/**
 * What the API server makes of a body: Go reads it into the kind's types and writes it again. Wrong types are refused in
 * Go's words, unknown fields and fields given twice are listed, empty values vanish or appear as Go's tags have it, and
 * quantities, times and base64 come out in their canonical spelling, fields in the server's order.
 *
 * Defaulting and validation come later and elsewhere; nothing here knows a kind by name.
 */
import { StatusError, badRequest } from "../api/status-error.ts";
import type { Kind } from "../kinds/kind.ts";
import { apiVersionOf, type ClusterObject, type Json, type JsonObject } from "../model.ts";
import { duplicateFields, JsonSyntaxError, parseBody, type ParsedBody } from "./body.ts";
import { Decoder } from "./decoder.ts";
import { BUILTIN_TYPES } from "./facts.ts";
import { KEPT_DEPTH_MAX, TOO_DEEP, type Oddities } from "./go-json.ts";
import { isObject, setMember } from "./json-values.ts";
import { DecodeError } from "./problems.ts";
import { programOf } from "./program.ts";
import { checkTypeMeta, unreadable } from "./type-meta.ts";
import type { TypeTable } from "./types.ts";

export { DecodeError };

/** What decoding has to know of a kind. */
export type DecodableKind = Pick<Kind, "types" | "type" | "group" | "version" | "kind" | "custom" | "shape">;

export interface Decoded {
  /** A copy; of a custom resource, what isn't metadata is shared with the value. */
  readonly object: ClusterObject;
  /** 'unknown field "spec.foo"', 'duplicate field "spec.bar"': errors, warnings or nothing, as the client wants it. */
  readonly unknown: string[];
}

/** The whole way of a JSON body that is to be an object of `kind`: parsed, its apiVersion and kind checked, decoded. Throws StatusError 400. */
export function decodeText(text: string, kind: DecodableKind): Decoded {
  let body: ParsedBody;
  try {
    body = parseBody(text);
  } catch (error) {
    if (error instanceof JsonSyntaxError) throw unreadable(error.message, kind.kind, text);
    throw error;
  }
  checkTypeMeta(body.value, kind, text);
  return decodeBody(body, kind);
}

/**
 * Decodes a body for a request to `kind`. apiVersion and kind become those of `kind`; `checkTypeMeta` says before
 * whether the client's are right. `odd` is that of the parsed body. Throws StatusError 400.
 */
export function decodeObject(value: Json, kind: DecodableKind, odd?: Oddities): Decoded {
  try {
    return decodeRaw(value, kind, odd);
  } catch (error) {
    if (error instanceof DecodeError) throw cannotBeHandled(kind, error.message);
    throw error;
  }
}

/** As `decodeObject`, for what is no body of its own (the result of a patch): throws DecodeError. */
export function decodeRaw(value: Json, kind: DecodableKind, odd?: Oddities): Decoded {
  const unknown: string[] = [];
  const decoded = kind.custom ? shaped(decodeCustom(value, odd, unknown), kind, unknown) : decodeValue(value, kind.types, kind.type, odd, unknown);
  return { object: withTypeMeta(decoded as JsonObject as ClusterObject, kind), unknown };
}

/** A custom resource without what its schema doesn't know. */
function shaped(object: JsonObject, { shape }: DecodableKind, unknown: string[]): JsonObject {
  if (shape === undefined) return object;
  const found = shape(object);
  for (const path of found.unknown) unknown.push(`unknown field ${JSON.stringify(path)}`);
  return found.object;
}

/** As `decodeObject`, of a whole parsed body. */
export function decodeBody({ value, odd }: ParsedBody, kind: DecodableKind): Decoded {
  return decodeObject(value, kind, odd);
}

/**
 * Decodes into any type of a table: options, scales, parts of objects. Unknown fields go to `unknown`. Throws DecodeError,
 * whose message is Go's own ("json: cannot unmarshal string into Go struct field ...").
 */
export function decodeValue(value: Json, types: TypeTable, type: string, odd?: Oddities, unknown: string[] = []): JsonObject {
  return new Decoder(odd, unknown, "").decode(value, programOf(types, type));
}

/**
 * The same object as the server writes it: fields in order, zero values as Go has them. For what has been defaulted,
 * patched or put together field by field, just before it is stored.
 */
export function inServerOrder(object: ClusterObject, kind: DecodableKind): ClusterObject {
  if (kind.custom) return object;
  try {
    const ordered = new Decoder(undefined, [], "", true).decode(object as JsonObject, programOf(kind.types, kind.type));
    return withTypeMeta(ordered as ClusterObject, kind);
  } catch (error) {
    if (error instanceof DecodeError) throw cannotBeHandled(kind, error.message);
    throw error;
  }
}

/** The refusal of fieldValidation=Strict. */
export function strictError(kind: Pick<Kind, "version" | "kind">, unknown: readonly string[]): StatusError {
  return cannotBeHandled(kind, `strict decoding error: ${unknown.join(", ")}`);
}

/** "Deployment in version "v1" cannot be handled as a Deployment: ..." */
export function cannotBeHandled({ version, kind }: Pick<Kind, "version" | "kind">, why: string): StatusError {
  return badRequest(`${kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind}: ${why}`);
}

/** Only metadata has types of its own here; the rest is the schema's. */
function decodeCustom(value: Json, odd: Oddities | undefined, unknown: string[]): JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new DecodeError("json: cannot unmarshal a value that is no object");
  if (odd !== undefined && odd.depth > KEPT_DEPTH_MAX) throw new DecodeError(TOO_DEEP);
  if (odd?.overflow !== undefined) throw new DecodeError(`json: cannot unmarshal number ${odd.overflow} into Go value of type float64`);
  // Before anything else, and whatever it is in; of the members given twice the last one counts.
  if (odd !== undefined) unknown.push(...duplicateFields({ value, odd }));
  const metadata = value.metadata;
  if (metadata === undefined || metadata === null) return { ...value, metadata: {} };
  return { ...value, metadata: customMetadata(metadata, unknown) };
}

/**
 * On its way into Go's type it has been a map, so what is wrong with it comes in the order of sorted keys, and a number is
 * what it amounts to, however it was written.
 */
function customMetadata(metadata: Json, unknown: string[]): JsonObject {
  const program = programOf(BUILTIN_TYPES, "ObjectMeta");
  const found: string[] = [];
  try {
    const decoded = new Decoder(undefined, found, "metadata").decode(metadata, program);
    if (found.length === 0) return decoded;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
  }
  return new Decoder(undefined, unknown, "metadata").decode(withSortedKeys(metadata), program);
}

function withSortedKeys(value: Json): Json {
  if (Array.isArray(value)) return value.map(withSortedKeys);
  if (!isObject(value)) return value;
  const sorted: JsonObject = {};
  for (const key of Object.keys(value).sort()) setMember(sorted, key, withSortedKeys(value[key] as Json));
  return sorted;
}

function withTypeMeta(object: ClusterObject, { group, version, kind }: DecodableKind): ClusterObject {
  return Object.assign({ kind, apiVersion: apiVersionOf(group, version) }, object, { kind, apiVersion: apiVersionOf(group, version) });
}
