/**
 * Answers in the form that the client wants: objects and lists whole, as metadata only, or as a table; as JSON or YAML.
 */
import type { HttpReply } from "../../platform/http.ts";
import { yamlText } from "../yaml-text.ts";
import { parseJson, stringifyJson } from "../json.ts";
import type { Kind } from "../kinds/kind.ts";
import type { ClusterObject, JsonObject } from "../model.ts";
import type { Stored } from "../storage/storage.ts";
import { notAcceptable, type Output } from "./negotiate.ts";
import { includeObjectOf } from "./options.ts";
import type { Query } from "./query.ts";
import { jsonReply } from "./reply.ts";
import type { Kernel, Scope } from "./scope.ts";
import { tableOf, type TableObject } from "./table.ts";
import { listBody, textOf, type ListMeta } from "./text.ts";

export interface Rendering { readonly scope: Scope; readonly output: Output; readonly query: Query }

/** An object: as it is stored, or, of dry runs and subresources, as it would be. */
const UNREADABLE = /[\x7f-\x84\x86-\x9f\ufffe\uffff]/;

export type Shown = { readonly stored: Stored } | { readonly object: ClusterObject };

export function objectReply({ scope, output, query }: Rendering, status: number, shown: Shown): HttpReply {
  const { kind } = scope;
  const object = (): ClusterObject => ("stored" in shown ? objectIn(shown.stored, kind) : shown.object);
  let text: string;
  if (output.as === undefined) text = "stored" in shown ? textOf(shown.stored, kind) : stringifyJson(shown.object);
  else if (output.as === "PartialObjectMetadata") text = stringifyJson(partial(object(), output.version));
  else if (output.as === "PartialObjectMetadataList") throw notAcceptable(`you requested PartialObjectMetadataList, but the requested object is not a list (${goType(kind, kind.kind)})`);
  else text = stringifyJson(tableOf(kind, ["stored" in shown ? tableObject(shown.stored, kind) : { stored: scope.toStorage(shown.object), shown: shown.object }], { resourceVersion: object().metadata.resourceVersion ?? "" }, tableOptions(scope, output, query)));
  return formatted(scope.kernel, output, status, text, scope.warnings);
}

export function listReply({ scope, output, query }: Rendering, items: readonly Stored[], metadata: ListMeta): HttpReply {
  const { kind } = scope;
  let text: string | Uint8Array;
  if (output.as === undefined) text = listBody(kind, items, metadata, scope.kernel.platform.text);
  else if (output.as === "PartialObjectMetadata") throw notAcceptable(`you requested PartialObjectMetadata, but the requested object is a list (${goType(kind, kind.listKind)})`);
  else if (output.as === "PartialObjectMetadataList") {
    const list = items.map((stored) => partial(objectIn(stored, kind), output.version));
    text = stringifyJson({ kind: "PartialObjectMetadataList", apiVersion: `meta.k8s.io/${output.version}`, metadata, items: list.length === 0 ? null : list });
  } else text = stringifyJson(tableOf(kind, items.map((stored) => tableObject(stored, kind)), metadata, tableOptions(scope, output, query)));
  return formatted(scope.kernel, output, 200, text, scope.warnings);
}

/** A Status, a Scale, a review: shown as it is. */
export function plainObjectReply({ scope, output }: Pick<Rendering, "scope" | "output">, status: number, value: JsonObject | ClusterObject): HttpReply {
  return formatted(scope.kernel, output, status, stringifyJson(value), scope.warnings);
}

/** `text` is JSON. */
export function formatted({ platform }: Kernel, output: Output, status: number, json: string | Uint8Array, warnings: readonly string[] = []): HttpReply {
  if (output.media === "json" && !output.pretty) return jsonReply(status, json, warnings);
  const text = typeof json === "string" ? json : platform.text.decodeUtf8(json, 0, json.length);
  if (output.media === "yaml") {
    // The real server goes from JSON to YAML through a reader that refuses these.
    const refused = UNREADABLE.test(text);
    const value = refused ? { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message: "yaml: control characters are not allowed", code: 500 } : parseJson(text);
    const reply = jsonReply(refused && status < 400 ? 500 : status, yamlText(value), warnings);
    return { ...reply, headers: { ...reply.headers, "Content-Type": "application/yaml" } };
  }
  return jsonReply(status, `${JSON.stringify(parseJson(text), bigintText, 2)}\n`, warnings);
}

function tableObject(stored: Stored, kind: Kind): TableObject {
  return { stored: stored.object, shown: objectIn(stored, kind) };
}

/** How an event's object goes over the wire. A table's columns are told once. */
export function eventText({ scope, output, query }: Rendering): (stored: Stored) => string {
  const { kind } = scope;
  switch (output.as) {
    case undefined: return (stored) => textOf(stored, kind);
    case "PartialObjectMetadata": return (stored) => stringifyJson(partial(objectIn(stored, kind), output.version));
    case "PartialObjectMetadataList": throw notAcceptable(`you requested PartialObjectMetadataList, but the requested object is not a list (${goType(kind, kind.kind)})`);
    case "Table": {
      const options = tableOptions(scope, output, query);
      let headers = true;
      return (stored) => {
        const text = stringifyJson(tableOf(kind, [tableObject(stored, kind)], { resourceVersion: stored.object.metadata.resourceVersion ?? "" }, { ...options, headers }));
        headers = false;
        return text;
      };
    }
  }
}

export function objectIn(stored: Stored, kind: Kind): ClusterObject {
  return kind.convert === undefined ? stored.object : kind.convert.fromStorage(stored.object);
}

export function partial({ metadata }: ClusterObject, version: string): JsonObject {
  return { kind: "PartialObjectMetadata", apiVersion: `meta.k8s.io/${version}`, metadata: metadata as unknown as JsonObject };
}

function tableOptions(scope: Scope, output: Output, query: Query): { include: "None" | "Metadata" | "Object"; nowMs: number; version: string; headers: boolean } {
  return { include: includeObjectOf(query), nowMs: scope.kernel.platform.clock.nowMs(), version: output.version, headers: true };
}

/** Go's name of a type, which the real server's message shows. */
function goType(kind: Kind, name: string): string {
  if (kind.custom) return name === kind.kind ? "*unstructured.Unstructured" : "*unstructured.UnstructuredList";
  return `*${kind.group === "" ? "core" : kind.group.split(".")[0]}.${name}`;
}

function bigintText(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? Number(value) : value;
}
