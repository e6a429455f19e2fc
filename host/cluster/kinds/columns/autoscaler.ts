/** HorizontalPodAutoscalers: what they measure against what they want. */
import type { HorizontalPodAutoscaler, MetricSpec, MetricStatus, MetricTarget, MetricValueStatus } from "../generated/types.ts";
import { named, shortList } from "./cells.ts";

const METRICS_MAX = 2;
/** Amounts that should be there and aren't. */
const MISSING = "<nil>";

export const autoscalerRow = named<HorizontalPodAutoscaler>(({ spec = {}, status = {} }) => {
  const { scaleTargetRef: target = {}, metrics = [], minReplicas, maxReplicas = 0 } = spec;
  const shown = metrics.map((metric, index) => metricText(metric, status.currentMetrics?.[index]));
  return [
    `${target.kind ?? ""}/${target.name ?? ""}`, metrics.length === 0 ? "<none>" : shortList(shown, METRICS_MAX, ", "),
    minReplicas === undefined ? "<unset>" : String(minReplicas), maxReplicas, status.currentReplicas ?? 0,
  ];
});

function metricText(spec: MetricSpec, status: MetricStatus | undefined): string {
  switch (spec.type) {
    case "External": return amount(spec.external?.target, status?.external);
    case "Object": return amount(spec.object?.target, status?.object);
    case "Pods": return `${status?.pods === undefined ? "<unknown>" : status.pods.current?.averageValue ?? MISSING}/${spec.pods?.target?.averageValue ?? MISSING}`;
    case "Resource": return `${spec.resource?.name ?? ""}: ${usage(spec.resource?.target, status?.resource)}`;
    case "ContainerResource": return `${spec.containerResource?.name ?? ""}: ${usage(spec.containerResource?.target, status?.containerResource)}`;
    default: return "<unknown type>";
  }
}

type Current = { readonly current?: MetricValueStatus } | undefined;

function amount({ value = MISSING, averageValue }: MetricTarget = {}, status: Current): string {
  if (averageValue !== undefined) return `${status?.current?.averageValue ?? "<unknown>"}/${averageValue} (avg)`;
  return `${status === undefined ? "<unknown>" : status.current?.value ?? MISSING}/${value}`;
}
function usage({ averageValue, averageUtilization: wanted }: MetricTarget = {}, status: Current): string {
  if (averageValue !== undefined) return `${status === undefined ? "<unknown>" : status.current?.averageValue ?? MISSING}/${averageValue}`;
  const used = status?.current?.averageUtilization;
  return `${used === undefined ? "<unknown>" : `${used}%`}/${wanted === undefined ? "<auto>" : `${wanted}%`}`;
}
