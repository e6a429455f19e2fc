/** The table of every built-in kind: the columns that the schema's facts know of, with what is in their cells. */
import type { ClusterObject } from "../../model.ts";
import type { KindFacts } from "../../schema/facts.ts";
import type { Pod } from "../generated/types.ts";
import type { Column, Kind } from "../kind.ts";
import { autoscalerRow } from "./autoscaler.ts";
import { plainRow, type AnyRow } from "./cells.ts";
import { CORE_ROWS } from "./core.ts";
import { NETWORK_ROWS } from "./network.ts";
import { podConditions, podRow } from "./pods.ts";
import { inPrecedence, POLICY_ROWS } from "./policies.ts";
import { STORAGE_ROWS } from "./storage.ts";
import { WORKLOAD_ROWS } from "./workloads.ts";

const ROWS: { readonly [kind: string]: AnyRow } = {
  ...CORE_ROWS, ...WORKLOAD_ROWS, ...NETWORK_ROWS, ...STORAGE_ROWS, ...POLICY_ROWS, Pod: podRow, "HorizontalPodAutoscaler.autoscaling": autoscalerRow,
};

export function tableFacts({ group, kind, columns }: KindFacts): Pick<Kind, "columns" | "row" | "rowOrder" | "rowConditions"> {
  return {
    columns: columns.map(({ type, ...column }) => ({ ...column, type: type as Column["type"], description: "" })),
    row: ROWS[group === "" ? kind : `${kind}.${group}`] ?? plainRow,
    ...kind === "FlowSchema" ? { rowOrder: inPrecedence as unknown as NonNullable<Kind["rowOrder"]> } : {},
    ...group === "" && kind === "Pod" ? { rowConditions: (object: ClusterObject) => podConditions(object as unknown as Pod) } : {},
  };
}
