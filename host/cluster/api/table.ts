/**
 * Tables: what `kubectl get` shows, a row for each object.
 */
import type { Kind } from "../kinds/kind.ts";
import { apiVersionOf, type ClusterObject, type Json, type JsonObject } from "../model.ts";
import type { ListMeta } from "./text.ts";

export interface TableOptions {
  /** What a row carries of its object. */
  readonly include: "None" | "Metadata" | "Object";
  readonly nowMs: number;
  /** "v1", "v1beta1". */
  readonly version: string;
  /** Later events of a watch repeat no column. */
  readonly headers: boolean;
}

export function tableOf(kind: Kind, objects: readonly ClusterObject[], metadata: ListMeta | { resourceVersion: string }, options: TableOptions): JsonObject {
  const { columns } = kind;
  const rows = objects.map((object): JsonObject => ({
    cells: columns.map((column) => column.cell(object, options.nowMs)),
    object: carried(kind, object, options),
  }));
  const definitions = columns.map(({ name, type, format, description, priority }): JsonObject => ({ name, type, format, description, priority }));
  return {
    kind: "Table", apiVersion: `meta.k8s.io/${options.version}`, metadata: metadata as unknown as JsonObject,
    columnDefinitions: options.headers ? definitions : null, rows,
  };
}

function carried({ group, version, kind }: Kind, object: ClusterObject, { include, version: meta }: TableOptions): Json {
  switch (include) {
    case "None": return null;
    case "Metadata": return { kind: "PartialObjectMetadata", apiVersion: `meta.k8s.io/${meta}`, metadata: object.metadata as unknown as JsonObject };
    case "Object": return { ...object, kind, apiVersion: apiVersionOf(group, version) } as unknown as JsonObject;
  }
}
