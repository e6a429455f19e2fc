/**
 * `metadata.managedFields`: one entry for each manager, operation, version and subresource. Entries are never changed; an
 * entry whose fields stay the same stays the same object.
 */
import type { Json, ManagedFieldsEntry } from "../model.ts";
import { parseRfc3339, rfc3339 } from "../../values/time.ts";
import { type FieldSet, isEmptySet, readFieldSet, textSorted, unionOf } from "./field-set.ts";
import { isObject } from "./json.ts";
import { goJson } from "./go-text.ts";
import { compareText } from "./text-order.ts";

export type Entries = readonly ManagedFieldsEntry[];
/** What tells managers apart. */
export interface ManagerId { readonly manager?: string; readonly operation: "Apply" | "Update"; readonly apiVersion: string; readonly subresource?: string | undefined }

/** Managers of updates that an object remembers one by one. */
const UPDATE_MANAGERS_MAX = 10;
const ANCIENT = "ancient-changes";

export function fieldsOf(entry: ManagedFieldsEntry): FieldSet {
  return entry.fieldsV1 as FieldSet;
}

/** The entry with other fields; the same entry when they are the same set. */
export function withFields(entry: ManagedFieldsEntry, fields: FieldSet): ManagedFieldsEntry {
  return fields === entry.fieldsV1 ? entry : { ...entry, fieldsV1: fields };
}

/** `time` undefined: none is written. Members are in the order of the server's JSON; those of a custom resource are sorted. */
export function makeEntry(of: ManagerId, fields: FieldSet, time: string | undefined, custom: boolean): ManagedFieldsEntry {
  const { apiVersion, operation } = of;
  const manager = of.manager === undefined || of.manager === "" ? {} : { manager: of.manager };
  const when = time === undefined ? {} : { time };
  const subresource = of.subresource === undefined || of.subresource === "" ? {} : { subresource: of.subresource };
  const entry = custom
    ? { apiVersion, fieldsType: "FieldsV1", fieldsV1: textSorted(fields), ...manager, operation, ...subresource, ...when }
    : { ...manager, operation, apiVersion, ...when, fieldsType: "FieldsV1", fieldsV1: fields, ...subresource };
  return entry as ManagedFieldsEntry;
}

/** True when both are entries of one manager. Who applies has one entry, whatever version it speaks. */
export function sameManager(a: ManagerId, b: ManagerId): boolean {
  return a.operation === b.operation && (a.manager ?? "") === (b.manager ?? "") && (a.subresource ?? "") === (b.subresource ?? "")
    && (a.operation === "Apply" || a.apiVersion === b.apiVersion);
}

/** How the server names a manager to itself; managers are sorted by it where nothing else tells them apart. */
export function managerKey(entry: ManagerId): string {
  return goJson({
    ...(entry.manager ? { manager: entry.manager } : {}), operation: entry.operation,
    ...(entry.operation === "Apply" ? {} : { apiVersion: entry.apiVersion }), ...(entry.subresource ? { subresource: entry.subresource } : {}),
  });
}

/** Entries as a client sent them, in the server's form; undefined when one is broken, which makes all of them void. */
export function readEntries(json: Json | undefined, custom: boolean): Entries | undefined {
  const entries: ManagedFieldsEntry[] = [];
  for (const each of Array.isArray(json) ? json : []) {
    const entry = isObject(each) ? readEntry(each, custom) : undefined;
    if (entry === undefined) return undefined;
    entries.push(entry);
  }
  return distinct(entries);
}

function readEntry(json: { [name: string]: Json }, custom: boolean): ManagedFieldsEntry | undefined {
  const { manager, operation, apiVersion, fieldsType, fieldsV1, time, subresource } = json;
  if (operation !== "Apply" && operation !== "Update") return undefined;
  if (typeof apiVersion !== "string" || apiVersion === "" || fieldsType !== "FieldsV1") return undefined;
  let fields: FieldSet;
  try {
    fields = readFieldSet(fieldsV1 ?? {});
  } catch {
    return undefined;
  }
  return makeEntry({ manager: text(manager), operation, apiVersion, subresource: text(subresource) }, fields, wholeSeconds(time), custom);
}

function text(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

function wholeSeconds(time: Json | undefined): string | undefined {
  const parsed = typeof time === "string" ? parseRfc3339(time) : undefined;
  return parsed === undefined ? undefined : rfc3339(parsed.seconds * 1000);
}

const ENTRY_FIELDS = ["manager", "operation", "apiVersion", "time", "fieldsType", "fieldsV1", "subresource"];

/** `[]` and `[{}]` ask the server to forget all managers. It does not see the first of the two in a custom resource. */
export function asksToForget(json: Json | undefined, custom: boolean): boolean {
  if (!Array.isArray(json) || json.length > 1) return false;
  const only = json[0];
  if (only === undefined) return !custom;
  return isObject(only) && ENTRY_FIELDS.every((name) => only[name] === undefined || only[name] === null || only[name] === "");
}

/** Of several entries of one manager the last. Requests to a scale may leave such behind. */
export function distinct(entries: Entries): Entries {
  if (entries.length <= 8 && !entries.some((entry, at) => entries.findIndex((other) => sameManager(entry, other)) < at)) return entries;
  const last = new Map(entries.map((entry) => [managerKey(entry), entry]));
  return last.size === entries.length ? entries : entries.filter((entry) => last.get(managerKey(entry)) === entry);
}

/** In the server's order, without those that own nothing. Undefined for none. */
export function sortedEntries(entries: Entries): ManagedFieldsEntry[] | undefined {
  const kept = entries.filter((entry) => !isEmptySet(fieldsOf(entry)));
  if (kept.length === 0) return undefined;
  return kept.sort((a, b) => compareText(a.operation, b.operation) || compareTimes(a, b) || compareText(a.manager ?? "", b.manager ?? "")
    || compareText(a.apiVersion, b.apiVersion) || compareText(a.subresource ?? "", b.subresource ?? ""));
}

/** Times are all spelled alike, so their texts have their order; none comes first. */
function compareTimes(a: ManagedFieldsEntry, b: ManagedFieldsEntry): number {
  return compareText(a.time ?? "", b.time ?? "");
}

/** Where too many managers of updates are remembered, the oldest are merged into one for each version. */
export function capUpdateManagers(entries: ManagedFieldsEntry[], custom: boolean): ManagedFieldsEntry[] {
  const updates = entries.filter(({ operation }) => operation !== "Apply");
  let count = updates.length;
  if (count <= UPDATE_MANAGERS_MAX) return entries;
  updates.sort((a, b) => compareTimes(a, b) || compareText(managerKey(a), managerKey(b)));
  const kept = new Map(entries.map((entry) => [managerKey(entry), entry]));
  const buckets = new Map<string, { first: string; key: string; merged: FieldSet[]; time: string | undefined }>();
  for (const entry of updates) {
    if (count <= UPDATE_MANAGERS_MAX) break;
    const key = managerKey(entry);
    const bucket = buckets.get(entry.apiVersion);
    if (bucket === undefined) {
      buckets.set(entry.apiVersion, { first: key, key: managerKey({ manager: ANCIENT, operation: "Update", apiVersion: entry.apiVersion }), merged: [], time: undefined });
      continue;
    }
    count--;
    if (key === bucket.key) {
      // The server merges the bucket into itself, and takes it away.
      kept.delete(key);
      bucket.merged = [];
      continue;
    }
    if (bucket.merged.length === 0) {
      // Into the bucket that is there, else into the first of its version.
      const into = kept.has(bucket.key) ? bucket.key : bucket.first;
      bucket.merged.push(fieldsOf(kept.get(into)!));
      kept.delete(into);
    }
    bucket.merged.push(fieldsOf(entry));
    kept.delete(key);
    // The update that is merged last is the most recent one.
    bucket.time = entry.time;
  }
  for (const [apiVersion, { merged, time }] of buckets) {
    if (merged.length > 0) kept.set(`${ANCIENT} ${apiVersion}`, makeEntry({ manager: ANCIENT, operation: "Update", apiVersion }, unionOf(merged), time, custom));
  }
  return [...kept.values()];
}
