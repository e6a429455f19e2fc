/**
 * Bodies of requests: from bytes of some media type to objects of a kind.
 */
import type { HttpCall } from "../../platform/http.ts";
import type { Kind } from "../kinds/kind.ts";
import type { ClusterObject } from "../model.ts";
import { JsonSyntaxError, parseBody, type ParsedBody } from "../schema/body.ts";
import { decodeBody, strictError } from "../schema/decode.ts";
import { decodeProtobuf } from "../schema/protobuf.ts";
import { checkTypeMeta, unreadable, unrecognized } from "../schema/type-meta.ts";
import { keepWishToForget } from "./metadata.ts";
import { BODY_TYPES, mediaTypeOf, unsupportedMediaType } from "./negotiate.ts";
import type { FieldValidation } from "./options.ts";
import type { Kernel, Scope } from "./scope.ts";
import { StatusError } from "./status-error.ts";

/** 3 MiB, as the real server's. */
export const BODY_BYTES_MAX = 3 << 20;

export function tooLargeError(): StatusError {
  return new StatusError(413, "RequestEntityTooLarge", `Request entity too large: limit is ${BODY_BYTES_MAX}`);
}

/** Throws the 413. */
export function bodyText({ platform }: Kernel, { body }: HttpCall): string {
  if (body.length > BODY_BYTES_MAX) throw tooLargeError();
  return platform.text.decodeUtf8(body, 0, body.length);
}

/** "json", "yaml" or "protobuf"; throws the 415. */
export function bodyMedia({ yaml }: Kernel, contentType: string | undefined): "json" | "yaml" | "protobuf" {
  switch (mediaTypeOf(contentType)) {
    case "": case "application/json": return "json";
    case "application/yaml": if (yaml !== undefined) return "yaml"; break;
    case "application/vnd.kubernetes.protobuf": return "protobuf";
  }
  throw unsupportedMediaType(BODY_TYPES);
}

export interface ReadBody extends ParsedBody {
  readonly text: string;
  /** Keys that a YAML body had twice. */
  readonly repeated: readonly string[];
}

/** `broken` makes the error of a text that can't be read. */
export function parseText({ yaml }: Kernel, media: "json" | "yaml", text: string, broken: (why: string) => StatusError): ReadBody {
  try {
    if (media === "json" || yaml === undefined) return { ...parseBody(text), text, repeated: [] };
    const repeated: string[] = [];
    return { value: yaml.parse(text, repeated), odd: undefined, text, repeated };
  } catch (error) {
    if (error instanceof StatusError) throw error;
    throw broken(error instanceof JsonSyntaxError || error instanceof Error ? error.message : String(error));
  }
}

/** The object that a create or an update sends, decoded and with its defaults. */
export function decodedBody(scope: Scope, call: HttpCall, kind: Kind, validation: FieldValidation): ClusterObject {
  const { kernel } = scope;
  const media = bodyMedia(kernel, call.headers["content-type"]);
  if (call.body.length > BODY_BYTES_MAX) throw tooLargeError();
  if (media === "protobuf") {
    if (kind.custom) throw unsupportedMediaType(BODY_TYPES.slice(0, 2));
    return defaulted(decodeProtobuf(call.body, kind).object, kind);
  }
  const text = bodyText(kernel, call);
  const body = parseText(kernel, media, text, (why) => (media === "json" ? unreadable(why, kind.kind, text) : unrecognized(kind.kind, why, text)));
  checkTypeMeta(body.value, kind, text);
  const { object, unknown } = decodeBody(body.value === null ? { value: {}, odd: undefined } : body, kind);
  gateUnknown(scope, kind, validation, [...body.repeated, ...unknown]);
  keepWishToForget(body.value, object);
  return defaulted(object, kind);
}

function defaulted(object: ClusterObject, kind: Kind): ClusterObject {
  kind.strategy.setDefaults(object);
  return object;
}

/** Fields that the kind doesn't know, and fields given twice: an error, warnings or nothing, as the client wants it. */
export function gateUnknown(scope: Scope, kind: Pick<Kind, "version" | "kind">, validation: FieldValidation, unknown: readonly string[]): void {
  if (unknown.length === 0 || validation === "Ignore") return;
  if (validation === "Strict") throw strictError(kind, unknown);
  for (const each of unknown) scope.warn(each);
}
