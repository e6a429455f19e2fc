/**
 * HorizontalPodAutoscalers as autoscaling/v1 has them: one share of the processor as a target. What else the stored form has
 * goes into annotations, in forms of its own.
 */
import { goJson } from "../../api/field-errors.ts";
import type { ClusterObject, JsonObject } from "../../model.ts";
import { kindRules, type Rules } from "../define.ts";
import type {
  AutoscalingV1HorizontalPodAutoscaler, HorizontalPodAutoscaler, HorizontalPodAutoscalerBehavior, HorizontalPodAutoscalerCondition, MetricSpec, MetricStatus, MetricTarget, MetricValueStatus,
} from "../generated/types.ts";
import { goForm, fromGoForm } from "../shared/go-form.ts";
import { isZero } from "../shared/quantity.ts";
import { autoscalerRules, cpuMetric } from "./autoscaler.ts";

const METRICS = "autoscaling.alpha.kubernetes.io/metrics";
const CURRENT = "autoscaling.alpha.kubernetes.io/current-metrics";
const CONDITIONS = "autoscaling.alpha.kubernetes.io/conditions";
const BEHAVIOR = "autoscaling.alpha.kubernetes.io/behavior";
const ANNOTATIONS = [METRICS, CURRENT, CONDITIONS, BEHAVIOR];
const DEFAULT_UTILIZATION = 80;

type Old = AutoscalingV1HorizontalPodAutoscaler;
type New = HorizontalPodAutoscaler;
type Loose = { readonly [field: string]: unknown };

const oldRules: Rules<New> = { ...autoscalerRules, defaults({ spec }) { if (spec !== undefined) spec.minReplicas ??= 1; } };

export const oldAutoscaler = kindRules<New>(["autoscaling", "v1", "HorizontalPodAutoscaler"], oldRules, {
  convert: { toStorage: (object) => toNew(object as unknown as Old) as unknown as ClusterObject, fromStorage: (object) => toOld(object as unknown as New) as unknown as ClusterObject },
});

/** Annotations that can't be read say nothing. */
function parsed<T>(text: string | undefined): T | undefined {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
}

function toNew(old: Old): New {
  const { spec = {}, status, metadata: { annotations = {} } } = old;
  const { targetCPUUtilizationPercentage: target, ...plain } = spec;
  const others = parsed<Loose[]>(annotations[METRICS]);
  const metrics: MetricSpec[] = [...Array.isArray(others) ? others.map(metricFromOld) : [], ...target === undefined ? [] : [cpuMetric(target)]];
  const behavior = parsed<JsonObject>(annotations[BEHAVIOR]);
  const current = parsed<Loose[]>(annotations[CURRENT]);
  const conditions = parsed<HorizontalPodAutoscalerCondition[]>(annotations[CONDITIONS]);
  const { currentCPUUtilizationPercentage: used, ...counts } = status ?? {};
  const currentMetrics: MetricStatus[] | null = Array.isArray(current) ? current.map(statusFromOld) : used === undefined ? null : [{ type: "Resource", resource: { name: "cpu", current: { averageUtilization: used } } }];
  return {
    ...old, apiVersion: "autoscaling/v2", metadata: withoutAnnotations(old.metadata),
    spec: { ...plain, metrics: metrics.length === 0 ? [cpuMetric(DEFAULT_UTILIZATION)] : metrics, ...behavior === undefined || Object.keys(behavior).length === 0 ? {} : { behavior: fromGoForm(behavior, "HorizontalPodAutoscalerBehavior") as HorizontalPodAutoscalerBehavior } },
    status: { ...counts, currentMetrics, ...Array.isArray(conditions) ? { conditions } : {} },
  };
}

function toOld({ spec = {}, status = {}, ...whole }: New): Old {
  const { metrics = [], behavior, ...plain } = spec;
  const { currentMetrics, conditions = [], ...counts } = status;
  const isCpu = ({ type, resource }: MetricSpec): boolean => type === "Resource" && resource?.name === "cpu" && resource.target?.averageUtilization !== undefined;
  const target = metrics.find(isCpu)?.resource?.target?.averageUtilization;
  const used = currentMetrics?.findLast(({ type, resource }) => type === "Resource" && resource?.name === "cpu" && resource.current?.averageUtilization !== undefined)?.resource?.current?.averageUtilization;
  const others = metrics.filter((metric) => !isCpu(metric)).map(metricToOld);
  const added: Record<string, string> = {};
  if (others.length > 0) added[METRICS] = goJson(others);
  if ((currentMetrics?.length ?? 0) > 0) added[CURRENT] = goJson(currentMetrics!.map(statusToOld));
  if (behavior !== undefined) added[BEHAVIOR] = goJson(goForm(behavior, "HorizontalPodAutoscalerBehavior"));
  if (conditions.length > 0) added[CONDITIONS] = goJson(conditions.map(({ type = "", status: state = "", lastTransitionTime = null, ...rest }) => ({ type, status: state, lastTransitionTime, ...rest })));
  const metadata = withoutAnnotations(whole.metadata);
  return {
    ...whole, apiVersion: "autoscaling/v1", metadata: Object.keys(added).length === 0 ? metadata : { ...metadata, annotations: { ...metadata.annotations, ...added } },
    spec: { ...plain, ...target === undefined ? {} : { targetCPUUtilizationPercentage: target } }, status: { ...counts, ...used === undefined ? {} : { currentCPUUtilizationPercentage: used } },
  };
}

function withoutAnnotations<T extends { annotations?: Record<string, string> }>(metadata: T): T {
  const { annotations, ...rest } = metadata;
  if (annotations === undefined) return metadata;
  const kept = Object.fromEntries(Object.entries(annotations).filter(([key]) => !ANNOTATIONS.includes(key)));
  return { ...rest, annotations: kept } as unknown as T;
}

const some = (fields: Loose): Loose => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

function metricToOld({ type = "", object, pods, resource, containerResource, external }: MetricSpec): Loose {
  const named = (metric: { name?: string; selector?: object } | undefined): { name: string; selector: object | undefined } => ({ name: metric?.name ?? "", selector: metric?.selector });
  return some({
    type,
    object: object && some({ target: reference(object.describedObject), metricName: named(object.metric).name, targetValue: object.target?.value ?? "0", selector: named(object.metric).selector, averageValue: object.target?.averageValue }),
    pods: pods && some({ metricName: named(pods.metric).name, targetAverageValue: pods.target?.averageValue ?? "0", selector: named(pods.metric).selector }),
    resource: resource && some({ name: resource.name ?? "", targetAverageUtilization: resource.target?.averageUtilization, targetAverageValue: resource.target?.averageValue }),
    containerResource: containerResource && some({ name: containerResource.name ?? "", targetAverageUtilization: containerResource.target?.averageUtilization, targetAverageValue: containerResource.target?.averageValue, container: containerResource.container ?? "" }),
    external: external && some({ metricName: named(external.metric).name, metricSelector: named(external.metric).selector, targetValue: external.target?.value, targetAverageValue: external.target?.averageValue }),
  });
}
function statusToOld({ type = "", object, pods, resource, containerResource, external }: MetricStatus): Loose {
  const { name: objectName = "", selector: objectSelector } = object?.metric ?? {};
  const { name: podsName = "", selector: podsSelector } = pods?.metric ?? {};
  const { name: externalName = "", selector: externalSelector } = external?.metric ?? {};
  return some({
    type,
    object: object && some({ target: reference(object.describedObject), metricName: objectName, currentValue: object.current?.value ?? "0", selector: objectSelector, averageValue: object.current?.averageValue }),
    pods: pods && some({ metricName: podsName, currentAverageValue: pods.current?.averageValue ?? "0", selector: podsSelector }),
    resource: resource && some({ name: resource.name ?? "", currentAverageUtilization: resource.current?.averageUtilization, currentAverageValue: resource.current?.averageValue ?? "0" }),
    containerResource: containerResource && some({ name: containerResource.name ?? "", currentAverageUtilization: containerResource.current?.averageUtilization, currentAverageValue: containerResource.current?.averageValue ?? "0", container: containerResource.container ?? "" }),
    external: external && some({ metricName: externalName, metricSelector: externalSelector, currentValue: external.current?.value ?? "0", currentAverageValue: external.current?.averageValue }),
  });
}
function reference(described: { kind?: string; name?: string; apiVersion?: string } | undefined): Loose {
  return some({ kind: described?.kind ?? "", name: described?.name ?? "", apiVersion: described?.apiVersion === "" ? undefined : described?.apiVersion });
}

/** Of an old form: a metric's names and amounts, some of which it may lack. */
interface OldMetric {
  readonly target?: { kind?: string; name?: string; apiVersion?: string };
  readonly name?: string; readonly container?: string; readonly metricName?: string; readonly selector?: object; readonly metricSelector?: object;
  readonly targetValue?: string; readonly averageValue?: string; readonly targetAverageValue?: string; readonly targetAverageUtilization?: number;
  readonly currentValue?: string; readonly currentAverageValue?: string; readonly currentAverageUtilization?: number;
}
type OldMetrics = { readonly type?: string } & { readonly [source in "object" | "pods" | "resource" | "containerResource" | "external"]?: OldMetric };

function metricFromOld(metric: Loose): MetricSpec {
  const { type = "", object, pods, resource, containerResource, external } = metric as OldMetrics;
  return some({
    type,
    object: object && { describedObject: object.target ?? {}, target: objectTarget(object), metric: some({ name: object.metricName ?? "", selector: object.selector }) },
    pods: pods && { metric: some({ name: pods.metricName ?? "", selector: pods.selector }), target: { type: "AverageValue", averageValue: pods.targetAverageValue ?? "0" } },
    resource: resource && { name: resource.name ?? "", target: resourceTarget(resource) },
    containerResource: containerResource && { name: containerResource.name ?? "", target: resourceTarget(containerResource), container: containerResource.container ?? "" },
    external: external && {
      metric: some({ name: external.metricName ?? "", selector: external.metricSelector }),
      target: some({ type: external.targetValue === undefined ? "AverageValue" : "Value", value: external.targetValue, averageValue: external.targetAverageValue }),
    },
  }) as MetricSpec;
}
function objectTarget({ targetValue = "0", averageValue }: OldMetric): MetricTarget {
  if (averageValue === undefined) return { type: "Value", value: targetValue };
  return { type: "AverageValue", ...isZero(targetValue) ? {} : { value: targetValue }, averageValue };
}
function resourceTarget({ targetAverageUtilization, targetAverageValue }: OldMetric): MetricTarget {
  return some({ type: targetAverageUtilization === undefined ? "AverageValue" : "Utilization", averageValue: targetAverageValue, averageUtilization: targetAverageUtilization }) as MetricTarget;
}
function statusFromOld(status: Loose): MetricStatus {
  const { type = "", object, pods, resource, containerResource, external } = status as OldMetrics;
  const used = ({ currentAverageUtilization, currentAverageValue = "0" }: OldMetric): MetricValueStatus => some({ averageValue: currentAverageValue, averageUtilization: currentAverageUtilization }) as MetricValueStatus;
  return some({
    type,
    object: object && { metric: some({ name: object.metricName ?? "", selector: object.selector }), current: some({ value: object.currentValue ?? "0", averageValue: object.averageValue }), describedObject: object.target ?? {} },
    pods: pods && { metric: some({ name: pods.metricName ?? "", selector: pods.selector }), current: { averageValue: pods.currentAverageValue ?? "0" } },
    resource: resource && { name: resource.name ?? "", current: used(resource) },
    containerResource: containerResource && { name: containerResource.name ?? "", current: used(containerResource), container: containerResource.container ?? "" },
    external: external && { metric: some({ name: external.metricName ?? "", selector: external.metricSelector }), current: some({ value: external.currentValue ?? "0", averageValue: external.currentAverageValue }) },
  }) as MetricStatus;
}
