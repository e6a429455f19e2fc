/**
 * The JSON of stored objects in the version a client speaks, put together from texts that are made once.
 */
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

export function listText(kind: Kind, items: readonly Stored[], metadata: ListMeta): string {
  const apiVersion = apiVersionOf(kind.group, kind.version);
  // Items of built-in kinds don't repeat what the list says of all of them.
  const told = kind.custom ? 0 : `{"apiVersion":${JSON.stringify(apiVersion)},"kind":${JSON.stringify(kind.kind)},`.length;
  let text = `{"kind":${JSON.stringify(kind.listKind)},"apiVersion":${JSON.stringify(apiVersion)},"metadata":${JSON.stringify(kind.custom ? { continue: "", ...metadata } : metadata)},"items":[`;
  for (let n = 0; n < items.length; n++) {
    if (n > 0) text += ",";
    text += told === 0 ? textOf(items[n]!, kind) : `{${textOf(items[n]!, kind).slice(told)}`;
  }
  return `${text}]}\n`;
}
