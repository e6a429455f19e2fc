/**
 * The JSON of stored objects in the version a client speaks, put together from texts that are made once.
 */
import type { TextCodec } from "../../platform/platform.ts";
import { stringifyJson } from "../json.ts";
import type { Kind } from "../kinds/kind.ts";
import { apiVersionOf } from "../model.ts";
import type { Stored } from "../storage/storage.ts";

/** Texts of other versions than the stored one, as long as the object lives. */
const converted = new WeakMap<Stored, Map<string, string>>();

export function textOf(stored: Stored, kind: Kind): string {
  if (kind.convert === undefined) return stored.text;
  let texts = converted.get(stored);
  if (texts === undefined) converted.set(stored, texts = new Map());
  let text = texts.get(kind.version);
  if (text === undefined) texts.set(kind.version, text = stringifyJson(kind.convert.fromStorage(stored.object)));
  return text;
}

export interface ListMeta { resourceVersion: string; continue?: string; remainingItemCount?: number }

/** Beyond this a list is put together as bytes: no engine has strings of any length. */
const TEXT_LENGTH_MAX = 64 << 20;

export function listBody(kind: Kind, items: readonly Stored[], metadata: ListMeta, codec: Pick<TextCodec, "encodeUtf8">): string | Uint8Array {
  const apiVersion = apiVersionOf(kind.group, kind.version);
  // Items of built-in kinds don't repeat what the list says of all of them.
  const told = kind.custom ? 0 : `{"apiVersion":${JSON.stringify(apiVersion)},"kind":${JSON.stringify(kind.kind)},`.length;
  let text = `{"kind":${JSON.stringify(kind.listKind)},"apiVersion":${JSON.stringify(apiVersion)},"metadata":${JSON.stringify(kind.custom ? { continue: "", ...metadata } : metadata)},"items":[`;
  const pieces: Uint8Array[] = [];
  for (let n = 0; n < items.length; n++) {
    if (text.length > TEXT_LENGTH_MAX) {
      pieces.push(codec.encodeUtf8(text));
      text = "";
    }
    if (n > 0) text += ",";
    text += told === 0 ? textOf(items[n]!, kind) : `{${textOf(items[n]!, kind).slice(told)}`;
  }
  text += "]}\n";
  return pieces.length === 0 ? text : joined([...pieces, codec.encodeUtf8(text)]);
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
