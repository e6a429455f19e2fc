/**
 * Values of Secrets never enter a core. Its actions carry placeholders instead, which are filled here, on the way out.
 *
 * In `data` or `stringData` of a Secret that is applied or created, a value that is, whole, one of these texts:
 *   {"$fromSecret":{"name":"db-root","key":"password"}}    copied from a declared Secret beside the primary
 *   {"$generate":{"length":32}}                             letters and digits, drawn once and kept from then on
 */
import { parseJson, stringifyJson } from "../../../bindings/protocol/json.ts";
import type { Json, JsonObject } from "../../../bindings/protocol/types.ts";
import { objectPath, send } from "../api.ts";
import { ApiError, type CachedObject } from "../contracts.ts";
import type { DeclaredKind } from "../declarations.ts";
import { encodeBase64 } from "../../values/base64.ts";
import type { Intent } from "../apply/intent.ts";
import { isObject } from "../apply/types.ts";
import type { Act, ExecutorContext } from "./act.ts";
import type { Target } from "./check.ts";

/** Fingerprint of what a Secret was filled from: unchanged, nothing is written. */
const FILLED = "toque.dev/filled-from";
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

type Placeholder = { readonly from: { name: string; key: string } } | { readonly generate: { length: number } };

export function hasPlaceholders(object: JsonObject): boolean {
  return object["kind"] === "Secret" && placeholders(object).length > 0;
}

interface Place { readonly section: "data" | "stringData"; readonly key: string; readonly placeholder: Placeholder }

function placeholders(object: JsonObject): Place[] {
  const places: Place[] = [];
  for (const section of ["data", "stringData"] as const) {
    const values = object[section];
    if (!isObject(values)) continue;
    for (const [key, value] of Object.entries(values)) {
      const placeholder = placeholderOf(value);
      if (placeholder !== undefined) places.push({ section, key, placeholder });
    }
  }
  return places;
}

function placeholderOf(value: Json): Placeholder | undefined {
  const object = typeof value === "string" && value.startsWith('{"$') ? parsed(value) : value;
  if (!isObject(object)) return undefined;
  const { $fromSecret: from, $generate: generate } = object;
  if (isObject(from) && typeof from["name"] === "string" && typeof from["key"] === "string") return { from: { name: from["name"], key: from["key"] } };
  if (!isObject(generate)) return undefined;
  const length = typeof generate["length"] === "number" ? generate["length"] : 32;
  return { generate: { length: Math.min(Math.max(Math.floor(length), 1), 4096) } };
}

function parsed(text: string): Json {
  try {
    return parseJson(text);
  } catch {
    return null;
  }
}

/**
 * The body with values in place of placeholders, or undefined when the Secret that exists was filled from the same.
 * Throws ApiError for a source that is missing or may not be read.
 */
export async function fillSecret(
  context: ExecutorContext, act: Act, target: Target, existing: CachedObject | undefined, intent: Intent,
): Promise<string | undefined> {
  const current = existing === undefined ? {} : await readData(context, target.kind, target.namespace, target.name);
  const sources = new Map<string, JsonObject>();
  const data: JsonObject = {};
  for (const { key, placeholder } of placeholders(intent.object)) {
    if ("generate" in placeholder) {
      data[key] = current.data?.[key] ?? encodeBase64(context.text.encodeUtf8(randomText(context, placeholder.generate.length)));
    } else {
      data[key] = await copied(context, act, target.kind, placeholder.from, sources);
    }
  }
  const print = context.digest.sha256Hex(intent.text + stringifyJson(data));
  if (current.annotations?.[FILLED] === print) return undefined;
  return stringifyJson(filled(intent.object, data, print));
}

function filled(intent: JsonObject, data: JsonObject, print: string): JsonObject {
  const metadata = intent["metadata"] as JsonObject;
  const annotations = { ...(metadata["annotations"] as JsonObject | undefined), [FILLED]: print };
  const object: JsonObject = { ...intent, metadata: { ...metadata, annotations } };
  const { stringData, ...rest } = object;
  const kept = isObject(stringData) ? Object.fromEntries(Object.entries(stringData).filter(([key]) => !Object.hasOwn(data, key))) : {};
  return { ...rest, data: { ...(rest["data"] as JsonObject | undefined), ...data }, ...(Object.keys(kept).length === 0 ? {} : { stringData: kept }) };
}

async function copied(
  context: ExecutorContext, act: Act, kind: DeclaredKind, from: { name: string; key: string }, sources: Map<string, JsonObject>,
): Promise<string> {
  let source = sources.get(from.name);
  if (source === undefined) {
    const read = await readData(context, kind, act.primary.ref.namespace, from.name);
    source = read.data ?? {};
    sources.set(from.name, source);
  }
  const value = source[from.key];
  if (typeof value !== "string") throw new ApiError(404, "NotFound", `Secret ${from.name} has no key ${from.key} to copy`);
  return value;
}

async function readData(
  context: ExecutorContext, kind: DeclaredKind, namespace: string | undefined, name: string,
): Promise<{ data?: JsonObject; annotations?: JsonObject }> {
  const response = await send(context.transport, context.text, { method: "GET", path: objectPath(kind.ref, namespace, name) });
  const object = parseJson(context.text.decodeUtf8(response.body, 0, response.body.length)) as JsonObject;
  const metadata = object["metadata"] as JsonObject;
  return {
    ...(isObject(object["data"]) ? { data: object["data"] } : {}),
    ...(isObject(metadata["annotations"]) ? { annotations: metadata["annotations"] } : {}),
  };
}

/** Letters and digits, each as likely. */
function randomText(context: ExecutorContext, length: number): string {
  let text = "";
  while (text.length < length) text += ALPHABET[Math.floor(context.random.next() * ALPHABET.length)];
  return text;
}
