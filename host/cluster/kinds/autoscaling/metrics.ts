/** What an autoscaler looks at. */
import type { FieldErrors } from "../../api/field-errors.ts";
import { pathSegment } from "../../api/names.ts";
import type { CrossVersionObjectReference, MetricIdentifier, MetricSpec, MetricTarget } from "../generated/types.ts";
import { checkDnsLabel, complain } from "../shared/checks.ts";
import { nanos } from "../shared/quantity.ts";
import { checkContainerResourceName } from "../shared/resources.ts";

const TYPES = ["ContainerResource", "External", "Object", "Pods", "Resource"];
/** In the order in which they are looked at: only the first is. */
const SOURCES = ["object", "external", "pods", "resource", "containerResource"] as const;

/** What is allowed of an apiVersion. */
export interface ReferenceRules { readonly anyVersion: boolean; readonly noGroup: boolean }

export function checkMetrics(metrics: readonly MetricSpec[], minReplicas: number | undefined, rules: ReferenceRules, path: string, errors: FieldErrors): void {
  metrics.forEach((metric, index) => checkMetric(metric, rules, `${path}[${index}]`, errors));
  if (minReplicas === 0 && !metrics.some(({ type }) => type === "Object" || type === "External")) errors.forbidden(path, "must specify at least one Object or External metric to support scaling to zero replicas");
}

export function checkReference({ kind = "", name = "", apiVersion = "" }: CrossVersionObjectReference, { anyVersion, noGroup }: ReferenceRules, path: string, errors: FieldErrors): void {
  for (const [field, value] of [["kind", kind], ["name", name]] as const) {
    if (value === "") errors.required(`${path}.${field}`);
    else complain(errors, `${path}.${field}`, value, pathSegment(value, false));
  }
  const why = anyVersion ? undefined : complaintOfVersion(apiVersion, noGroup);
  if (why !== undefined) errors.invalid(`${path}.apiVersion`, apiVersion, why);
}
export function complaintOfVersion(apiVersion: string, noGroup: boolean): string | undefined {
  const slashes = apiVersion.split("/").length - 1;
  if (slashes > 1 && apiVersion !== "/") return `unexpected GroupVersion string: ${apiVersion}`;
  const group = slashes === 0 || apiVersion === "/" ? "" : apiVersion.slice(0, apiVersion.indexOf("/"));
  return group === "" && !noGroup ? "apiVersion must specify API group" : undefined;
}

function checkMetric(metric: MetricSpec, rules: ReferenceRules, path: string, errors: FieldErrors): void {
  const { type = "" } = metric;
  if (type === "") errors.required(`${path}.type`, "must specify a metric source type");
  if (!TYPES.includes(type)) errors.notSupported(`${path}.type`, type, TYPES);
  const present = SOURCES.filter((source) => metric[source] !== undefined);
  const [first] = present;
  if (first !== undefined) checkSource(metric, first, rules, `${path}.${first}`, errors);
  const expected = SOURCES.find((source) => source.toLowerCase() === type.toLowerCase() && TYPES.includes(type));
  if (expected === undefined) errors.notSupported(`${path}.type`, type, TYPES);
  else if (metric[expected] === undefined) errors.required(`${path}.${expected}`, "must populate information for the given metric source");
  if (present.length === 1) return;
  for (const source of present) if (source !== expected) errors.forbidden(`${path}.${source}`, "must populate the given metric source only");
}

function checkSource(metric: MetricSpec, source: typeof SOURCES[number], rules: ReferenceRules, path: string, errors: FieldErrors): void {
  const { target = {} } = metric[source]!;
  const { value, averageValue, averageUtilization } = target;
  const required = (field: string, why: string): void => errors.required(`${path}.target.${field}`, why);
  switch (source) {
    case "object":
      checkReference(metric.object?.describedObject ?? {}, rules, `${path}.describedObject`, errors);
      checkIdentifier(metric.object?.metric ?? {}, `${path}.metric`, errors);
      checkTarget(target, `${path}.target`, errors);
      if (value === undefined && averageValue === undefined) required("averageValue", "must set either a target value or averageValue");
      return;
    case "external":
      checkIdentifier(metric.external?.metric ?? {}, `${path}.metric`, errors);
      checkTarget(target, `${path}.target`, errors);
      if (value === undefined && averageValue === undefined) required("averageValue", "must set either a target value for metric or a per-pod target");
      if (value !== undefined && averageValue !== undefined) errors.forbidden(`${path}.target.value`, "may not set both a target value for metric and a per-pod target");
      return;
    case "pods":
      checkIdentifier(metric.pods?.metric ?? {}, `${path}.metric`, errors);
      checkTarget(target, `${path}.target`, errors);
      if (averageValue === undefined) required("averageValue", "must specify a positive target averageValue");
      return;
    default:
      checkResource(metric[source] ?? {}, source === "containerResource", path, errors);
      checkTarget(target, `${path}.target`, errors);
      if (averageUtilization === undefined && averageValue === undefined) required("averageUtilization", "must set either a target raw value or a target utilization");
      if (averageUtilization !== undefined && averageValue !== undefined) errors.forbidden(`${path}.target.averageValue`, "may not set both a target raw value and a target utilization");
  }
}

function checkResource({ name = "", container = "" }: { name?: string; container?: string }, contained: boolean, path: string, errors: FieldErrors): void {
  if (name === "") errors.required(`${path}.name`, "must specify a resource name");
  else if (contained) checkContainerResourceName(name, `${path}.name`, errors);
  if (!contained) return;
  if (container === "") errors.required(`${path}.container`, "must specify a container");
  else checkDnsLabel(container, `${path}.container`, errors);
}
function checkIdentifier({ name = "" }: MetricIdentifier, path: string, errors: FieldErrors): void {
  if (name === "") errors.required(`${path}.name`, "must specify a metric name");
  else complain(errors, `${path}.name`, name, pathSegment(name, false));
}
function checkTarget({ type = "", value, averageValue, averageUtilization }: MetricTarget, path: string, errors: FieldErrors): void {
  if (type === "") errors.required(`${path}.type`, "must specify a metric target type");
  if (!["Utilization", "Value", "AverageValue"].includes(type)) errors.invalid(`${path}.type`, type, "must be either Utilization, Value, or AverageValue");
  for (const [field, amount] of [["value", value], ["averageValue", averageValue]] as const) if (amount !== undefined && nanos(amount) <= 0n) errors.invalid(`${path}.${field}`, amount, "must be positive");
  if (averageUtilization !== undefined && averageUtilization < 1) errors.invalid(`${path}.averageUtilization`, averageUtilization, "must be greater than 0");
}
