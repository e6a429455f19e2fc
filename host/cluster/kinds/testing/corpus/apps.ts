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

const claim: JsonObject = { metadata: { name: "data" }, spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } } };
export const statefulSets: Corpus = {
  group: "apps", kind: "StatefulSet", subresources: { status: ["status"] },
  objects: [
    of("StatefulSet", "small", { serviceName: "s", selector, template: template() }),
    of("StatefulSet", "claims", { serviceName: "s", selector, template: template({ volumeMounts: [{ name: "data", mountPath: "/d" }] }), volumeClaimTemplates: [claim, { metadata: { name: "block", labels: { a: "b" } }, spec: { accessModes: ["ReadWriteOnce"], volumeMode: "Block", storageClassName: "x", resources: { requests: { storage: "2Gi" } } } }] }),
    of("StatefulSet", "ondelete", { replicas: 3, podManagementPolicy: "Parallel", updateStrategy: { type: "OnDelete" }, selector, template: template(), ordinals: { start: 2 }, minReadySeconds: 3, revisionHistoryLimit: 3, persistentVolumeClaimRetentionPolicy: { whenDeleted: "Delete" } }),
    of("StatefulSet", "rolling", { updateStrategy: { rollingUpdate: { partition: 2, maxUnavailable: 1 } }, selector: { matchExpressions: [{ key: "app", operator: "Exists" }] }, template: template() }), of("StatefulSet", "a.b", { selector, template: template() }),
    of("StatefulSet", "rolled", { updateStrategy: { type: "RollingUpdate" }, selector, template: template() }),
    ...rich.map((each, index) => of("StatefulSet", `rich-${index}`, { selector, serviceName: "s", template: each })),
  ],
};

export const daemonSets: Corpus = {
  group: "apps", kind: "DaemonSet", subresources: { status: ["status"] },
  objects: [
    of("DaemonSet", "small", { selector, template: template() }), of("DaemonSet", "ondelete", { selector, template: template(), updateStrategy: { type: "OnDelete" }, minReadySeconds: 2, revisionHistoryLimit: 1 }),
    of("DaemonSet", "surge", { selector, template: template(), updateStrategy: { rollingUpdate: { maxSurge: "10%", maxUnavailable: 0 } } }, { annotations: { "deprecated.daemonset.template.generation": "4" } }),
    of("DaemonSet", "odd", { selector, template: template() }, { annotations: { "deprecated.daemonset.template.generation": "x" } }),
    ...rich.map((each, index) => of("DaemonSet", `rich-${index}`, { selector, template: each })),
  ],
};

export const controllerRevisions: Corpus = {
  group: "apps", kind: "ControllerRevision", metadata: 0.3,
  objects: [
    { apiVersion: "apps/v1", kind: "ControllerRevision", metadata: { name: "small" }, revision: 1, data: { a: 1 } }, { apiVersion: "apps/v1", kind: "ControllerRevision", metadata: { name: "none" } },
    { apiVersion: "apps/v1", kind: "ControllerRevision", metadata: { name: "list" }, data: [1] }, { apiVersion: "apps/v1", kind: "ControllerRevision", metadata: { name: "text" }, data: "x", revision: -1 },
    { apiVersion: "apps/v1", kind: "ControllerRevision", metadata: { name: "deep" }, revision: 7, data: { spec: { template: { $patch: "replace", spec: {} } } } },
  ],
};

export const replicationControllers: Corpus = {
  kind: "ReplicationController", subresources: { status: ["status"] },
  objects: [
    { apiVersion: "v1", kind: "ReplicationController", metadata: { name: "small" }, spec: { template: template() } },
    { apiVersion: "v1", kind: "ReplicationController", metadata: { name: "a.b", labels: { l: "m" } }, spec: { replicas: 0, selector: labels, template: template(), minReadySeconds: 1 } },
    { apiVersion: "v1", kind: "ReplicationController", metadata: { name: "none" }, spec: { selector: labels } },
    ...rich.slice(0, 4).map((each, index) => ({ apiVersion: "v1", kind: "ReplicationController", metadata: { name: `rich-${index}` }, spec: { selector: labels, template: each } })),
  ],
};

export const podTemplates: Corpus = {
  kind: "PodTemplate",
  objects: [
    { apiVersion: "v1", kind: "PodTemplate", metadata: { name: "small" }, template: template() },
    ...rich.map((each, index) => ({ apiVersion: "v1", kind: "PodTemplate", metadata: { name: `rich-${index}` }, template: each })),
  ],
};
