import type { JsonObject } from "../../../model.ts";
import type { Corpus } from "../differential.ts";

const budget = (name: string, spec: JsonObject): JsonObject => ({ apiVersion: "policy/v1", kind: "PodDisruptionBudget", metadata: { name }, spec });
export const budgets: Corpus = {
  group: "policy", kind: "PodDisruptionBudget", subresources: { status: ["status"] },
  objects: [
    budget("least", { minAvailable: 1, selector: { matchLabels: { app: "a" } } }), budget("most", { maxUnavailable: "20%", unhealthyPodEvictionPolicy: "AlwaysAllow" }), budget("both", { minAvailable: 1, maxUnavailable: 1, selector: {} }),
    budget("none", { selector: { matchExpressions: [{ key: "a", operator: "In", values: ["b"] }] } }), budget("odd_name", {}),
  ],
};

const of = (version: string, name: string, spec: JsonObject, metadata: JsonObject = {}): JsonObject => ({ apiVersion: `autoscaling/${version}`, kind: "HorizontalPodAutoscaler", metadata: { name, ...metadata }, spec });
const target: JsonObject = { apiVersion: "apps/v1", kind: "Deployment", name: "web" };
const selector: JsonObject = { matchLabels: { a: "b" } };
const metrics: JsonObject[] = [
  { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 60 } } }, { type: "Resource", resource: { name: "memory", target: { type: "AverageValue", averageValue: "500Mi" } } },
  { type: "ContainerResource", containerResource: { name: "cpu", container: "main", target: { type: "Utilization", averageUtilization: 60 } } },
  { type: "Pods", pods: { metric: { name: "requests", selector }, target: { type: "AverageValue", averageValue: "1k" } } },
  { type: "Object", object: { describedObject: { kind: "Service", name: "web", apiVersion: "v1" }, metric: { name: "hits" }, target: { type: "Value", value: "10k" } } },
  { type: "External", external: { metric: { name: "queue", selector }, target: { type: "Value", value: "30" } } },
];
const behavior: JsonObject = { scaleDown: { stabilizationWindowSeconds: 60, selectPolicy: "Min", policies: [{ type: "Percent", value: 10, periodSeconds: 60 }], tolerance: "0.05" }, scaleUp: { policies: [{ type: "Pods", value: 2, periodSeconds: 30 }] } };

export const autoscalers: Corpus = {
  group: "autoscaling", version: "v2", kind: "HorizontalPodAutoscaler", subresources: { status: ["status"] },
  objects: [
    of("v2", "small", { scaleTargetRef: target, maxReplicas: 3 }), of("v2", "all", { scaleTargetRef: target, minReplicas: 2, maxReplicas: 9, metrics, behavior }), of("v2", "down", { scaleTargetRef: target, maxReplicas: 3, behavior: { scaleDown: { selectPolicy: "Disabled" } } }),
    of("v2", "controller", { scaleTargetRef: { kind: "ReplicationController", name: "x" }, maxReplicas: 1 }), of("v2", "core", { scaleTargetRef: { apiVersion: "v1", kind: "Pod", name: "x" }, maxReplicas: 1 }),
    ...metrics.map((metric, index) => of("v2", `metric-${index}`, { scaleTargetRef: target, maxReplicas: 5, metrics: [metric] })),
  ],
};

const alpha = "autoscaling.alpha.kubernetes.io/";
export const oldAutoscalers: Corpus = {
  group: "autoscaling", version: "v1", kind: "HorizontalPodAutoscaler", subresources: { status: ["status"] },
  objects: [
    of("v1", "old-small", { scaleTargetRef: target, maxReplicas: 3 }), of("v1", "old-target", { scaleTargetRef: target, minReplicas: 2, maxReplicas: 4, targetCPUUtilizationPercentage: 55 }),
    of("v1", "old-metrics", { scaleTargetRef: target, maxReplicas: 4, targetCPUUtilizationPercentage: 55 }, { annotations: {
      x: "y", [`${alpha}metrics`]: JSON.stringify([
        { type: "Pods", pods: { metricName: "requests", targetAverageValue: "1k", selector } }, { type: "Object", object: { target: { kind: "Service", name: "web", apiVersion: "v1" }, metricName: "hits", targetValue: "10k" } },
        { type: "Resource", resource: { name: "memory", targetAverageValue: "100Mi" } }, { type: "External", external: { metricName: "queue", metricSelector: selector, targetAverageValue: "30" } }, { type: "ContainerResource", containerResource: { name: "cpu", container: "main", targetAverageUtilization: 10 } },
      ]),
    } }),
    of("v1", "old-behavior", { scaleTargetRef: target, maxReplicas: 4 }, { annotations: { [`${alpha}behavior`]: JSON.stringify({ ScaleUp: null, ScaleDown: { StabilizationWindowSeconds: 5, SelectPolicy: "Max", Policies: [{ Type: "Pods", Value: 1, PeriodSeconds: 3 }] } }) } }),
    of("v1", "old-broken", { scaleTargetRef: target, maxReplicas: 4 }, { annotations: { [`${alpha}metrics`]: "{", [`${alpha}behavior`]: "x", [`${alpha}conditions`]: "[]", [`${alpha}current-metrics`]: "1" } }),
  ],
};

const lease = (name: string, spec: JsonObject): JsonObject => ({ apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name }, spec });
export const leases: Corpus = {
  group: "coordination.k8s.io", kind: "Lease",
  objects: [
    lease("none", {}), lease("held", { holderIdentity: "me", leaseDurationSeconds: 15, acquireTime: "2026-01-01T00:00:00.000000Z", renewTime: "2026-01-01T00:00:01.500000Z", leaseTransitions: 3 }),
    lease("elected", { strategy: "OldestEmulationVersion", preferredHolder: "you" }),
  ],
};
