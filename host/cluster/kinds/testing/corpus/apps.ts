import type { JsonObject } from "../../../model.ts";
import type { Corpus } from "../differential.ts";
import { pods } from "./pods.ts";

const of = (kind: string, name: string, spec: JsonObject, metadata: JsonObject = {}): JsonObject => ({ apiVersion: "apps/v1", kind, metadata: { name, ...metadata }, spec });
const labels = { app: "a" };
const selector = { matchLabels: labels };
const template = (more: JsonObject = {}): JsonObject => ({ metadata: { labels }, spec: { containers: [{ name: "main", image: "nginx", ...more }] } });
/** Specs that a template may have: of Pods that are always restarted. */
const richSpecs = pods.objects.map(({ spec }) => ({ ...spec as JsonObject, restartPolicy: "Always" }) as JsonObject).filter((spec) => { delete spec.activeDeadlineSeconds; return true; });
const rich: JsonObject[] = richSpecs.map((spec) => ({ metadata: { labels: { app: "a", rev: "1" }, annotations: { note: "x" } }, spec }));

export const deployments: Corpus = {
  group: "apps", kind: "Deployment", subresources: { status: ["status"] },
  objects: [
    of("Deployment", "small", { selector, template: template() }), of("Deployment", "recreate", { replicas: 0, selector, template: template(), strategy: { type: "Recreate" } }),
    of("Deployment", "rolling", { selector: { matchExpressions: [{ key: "app", operator: "In", values: ["a", "b"] }, { key: "old", operator: "DoesNotExist" }] }, template: template(), strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: "0%" } }, minReadySeconds: 3, paused: true, revisionHistoryLimit: 2, progressDeadlineSeconds: 30 }),
    of("Deployment", "a.b", { selector, template: template() }, { annotations: { x: "y" }, labels: { l: "m" } }), of("Deployment", "none", { template: template() }), of("Deployment", "other", { selector: { matchLabels: { app: "z" } }, template: template() }),
    ...rich.map((each, index) => of("Deployment", `rich-${index}`, { selector, template: each })),
  ],
};

export const replicaSets: Corpus = {
  group: "apps", kind: "ReplicaSet", subresources: { status: ["status"] },
  objects: [
    of("ReplicaSet", "small", { selector, template: template() }), of("ReplicaSet", "none", { replicas: 0, selector, template: template() }), of("ReplicaSet", "a.b", { selector, template: template(), minReadySeconds: 2 }),
    ...rich.slice(0, 4).map((each, index) => of("ReplicaSet", `rich-${index}`, { selector, template: each })),
  ],
};
