/**
 * Tables: what `kubectl get` shows, a row for each object.
 */
import type { Kind } from "../kinds/kind.ts";
import { apiVersionOf, type ClusterObject, type Json, type JsonObject } from "../model.ts";
import type { ListMeta } from "./text.ts";

/** As much of a kind as its table needs. */
export type TableKind = Pick<Kind, "group" | "version" | "kind" | "columns" | "row" | "rowOrder" | "rowConditions">;

/** An object as it is stored, and in the version that is asked for. */
export interface TableObject { readonly stored: ClusterObject; readonly shown: ClusterObject }

export interface TableOptions {
  /** What a row carries of its object. */
  readonly include: "None" | "Metadata" | "Object";
  readonly nowMs: number;
  /** "v1", "v1beta1". */
  readonly version: string;
  /** Later events of a watch repeat no column. */
  readonly headers: boolean;
}

export function tableOf(kind: TableKind, objects: readonly TableObject[], metadata: ListMeta | { resourceVersion: string }, options: TableOptions): JsonObject {
  const { columns, rowOrder } = kind;
  const inOrder = rowOrder === undefined ? objects : [...objects].sort((a, b) => rowOrder(a.stored, b.stored));
  const rows = inOrder.map(({ stored, shown }): JsonObject => {
    const conditions = kind.rowConditions?.(stored);
    return { cells: kind.row(stored, options.nowMs) as Json[], ...conditions === undefined ? {} : { conditions: conditions as Json[] }, object: carried(kind, shown, options) };
  });
  const definitions = columns.map(({ name, type, format, description, priority }): JsonObject => ({ name, type, format, description, priority }));
  return {
    kind: "Table", apiVersion: `meta.k8s.io/${options.version}`, metadata: metadata as unknown as JsonObject,
    columnDefinitions: options.headers ? definitions : null, rows,
  };
}

function carried({ group, version, kind }: TableKind, object: ClusterObject, { include, version: meta }: TableOptions): Json {
  switch (include) {
    case "None": return null;
    case "Metadata": return { kind: "PartialObjectMetadata", apiVersion: `meta.k8s.io/${meta}`, metadata: object.metadata as unknown as JsonObject };
    case "Object": return { ...object, kind, apiVersion: apiVersionOf(group, version) } as unknown as JsonObject;
  }
}
