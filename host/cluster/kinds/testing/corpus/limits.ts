import type { JsonObject } from "../../../model.ts";
import type { Corpus } from "../differential.ts";

const range = (name: string, ...limits: JsonObject[]): JsonObject => ({ apiVersion: "v1", kind: "LimitRange", metadata: { name }, spec: { limits } });
const quota = (name: string, hard: JsonObject, spec: JsonObject = {}): JsonObject => ({ apiVersion: "v1", kind: "ResourceQuota", metadata: { name }, spec: { hard, ...spec } });

export const limitRanges: Corpus = {
  // Real ones would be applied to the Pods of the other comparisons.
  kind: "LimitRange", updatable: ({ metadata }) => (metadata as JsonObject).name !== "none",
  objects: [
    range("pods", { type: "Pod", max: { cpu: "4", memory: "4Gi" }, min: { cpu: "0", memory: "0" }, maxLimitRequestRatio: { cpu: "1000" } }),
    range("containers", { type: "Container", max: { cpu: "20", memory: "40Gi" } }), range("claims", { type: "PersistentVolumeClaim", min: { storage: "1" }, max: { storage: "4000Gi" } }),
    range("none", { type: "PersistentVolumeClaim" }), range("all", { type: "Container", default: { cpu: "1" }, defaultRequest: { cpu: "500m" }, min: { cpu: "0" }, max: { cpu: "20" } }, { type: "example.com/other", max: { "example.com/x": "1" } }),
  ],
};

export const resourceQuotas: Corpus = {
  kind: "ResourceQuota", subresources: { status: ["status"] },
  objects: [
    quota("count", { pods: "1k", "count/deployments.apps": "3000", services: "5000" }), quota("compute", { cpu: "4000", memory: "4000Gi", "limits.cpu": "8000", "requests.storage": "10000Gi" }),
    quota("best", { pods: "4000" }, { scopes: ["BestEffort"] }), quota("terminating", { pods: "4000", cpu: "1000" }, { scopes: ["Terminating", "NotBestEffort"] }),
    quota("selected", { pods: "4000" }, { scopeSelector: { matchExpressions: [{ scopeName: "PriorityClass", operator: "In", values: ["high"] }, { scopeName: "NotTerminating", operator: "Exists" }] } }),
    quota("both", { pods: "4000" }, { scopes: ["BestEffort", "NotBestEffort"] }), quota("less", { "requests.cpu": "4000", "limits.cpu": "2000" }),
  ],
};
