/** What `kubectl get` shows of the objects of a kind, by a real API server and by our own columns. */
import type { Target } from "../../../../tests/fidelity/target.ts";
import { tableOf, type TableKind } from "../../api/table.ts";
import type { ClusterObject } from "../../model.ts";

interface Table { columnDefinitions: { name: string; type: string; format: string; priority: number }[]; rows: { cells: unknown[]; conditions?: unknown }[] }
export interface Shown { readonly columns: readonly string[]; readonly rows: readonly unknown[] }

/** Where the objects of some kinds are in the version they are stored in, by "group/version/Kind". */
export const STORED: { readonly [kind: string]: (namespace: string) => string } = {
  "autoscaling/v1/HorizontalPodAutoscaler": (namespace) => `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers`,
  "events.k8s.io/v1/Event": (namespace) => `/api/v1/namespaces/${namespace}/events`,
};

/** `path`: of the collection; `stored`: of the same in the stored version. */
export async function tables(kind: TableKind, target: Target, path: string, stored = path): Promise<{ expected: Shown; actual: Shown }> {
  const { body } = await target.send({ method: "GET", path: `${path}`, headers: { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" } }, true);
  const theirs = body as unknown as Table;
  // An empty table has no rows at all.
  theirs.rows ??= [];
  const { body: { items } } = await target.send({ method: "GET", path: stored }, true);
  const objects = (items as ClusterObject[]).map((object) => ({ stored: object, shown: object }));
  const ours = tableOf(kind, objects, { resourceVersion: "" }, { include: "None", nowMs: Date.now(), version: "v1", headers: true });
  return { expected: comparable(theirs), actual: comparable(ours as unknown as Table) };
}

/** Descriptions are each server's own, and an age is as good as another. */
function comparable({ columnDefinitions, rows }: Table): Shown {
  return {
    columns: columnDefinitions.map(({ name, type, format, priority }) => `${name} ${type} ${format} ${priority}`),
    rows: rows.map(({ cells, conditions }) => [...cells.map((cell) => (typeof cell === "string" ? cell.replace(/^(\d+[smhdy]){1,2}$|<invalid>/, "AGE").replace(/\((\d+[smhdy]){1,2} ago\)/, "(AGE ago)") : cell)), conditions]),
  };
}
