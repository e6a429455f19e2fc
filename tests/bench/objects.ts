/**
 * A Deployment as an API server sends it, managedFields and all, and the fields that an operator like MyApp's declares.
 */
import type { TypeDef, TypeRef } from "../../bindings/protocol/manifest.ts";

const string: TypeRef = { scalar: "string" };
const integer: TypeRef = { scalar: "integer" };
const map: TypeRef = { map: string };

export const DEPLOYMENT_TYPES: { [name: string]: TypeDef } = {
  Deployment: { fields: { metadata: { type: { object: "ObjectMeta" } }, spec: { type: { object: "DeploymentSpec" } }, status: { type: { object: "DeploymentStatus" } } } },
  ObjectMeta: { fields: { labels: { type: map } } },
  DeploymentSpec: { fields: { replicas: { type: integer }, selector: { type: { object: "LabelSelector" } }, template: { type: { object: "PodTemplateSpec" } } } },
  LabelSelector: { fields: { matchLabels: { type: map } } },
  PodTemplateSpec: { fields: { metadata: { type: { object: "ObjectMeta" } }, spec: { type: { object: "PodSpec" } } } },
  PodSpec: { fields: { containers: { type: { list: { object: "Container" }, listType: "map", keys: ["name"] } } } },
  Container: { fields: { name: { type: string }, image: { type: string }, ports: { type: { list: { object: "ContainerPort" }, listType: "map", keys: ["containerPort", "protocol"] } } } },
  ContainerPort: { fields: { containerPort: { type: integer }, name: { type: string } } },
  DeploymentStatus: { fields: { readyReplicas: { type: integer }, observedGeneration: { type: integer } } },
};

export function deployment(i: number): object {
  const name = `app-${i}`;
  const uid = `0d8a3f5c-52cc-4d9a-8d3e-${String(i).padStart(12, "0")}`;
  return {
    kind: "Deployment", apiVersion: "apps/v1",
    metadata: {
      name, namespace: "default", uid: uid.replace("0d8a", "77aa"), resourceVersion: String(100_000 + i), generation: 1, creationTimestamp: "2026-11-22T13:33:40Z",
      labels: { app: name, "app.kubernetes.io/managed-by": "toque" }, annotations: { "deployment.kubernetes.io/revision": "1" },
      ownerReferences: [{ apiVersion: "example.dev/v1", kind: "MyApp", name, uid, controller: true, blockOwnerDeletion: true }],
      managedFields: [
        { manager: "toque-myapp", operation: "Apply", apiVersion: "apps/v1", time: "2026-11-22T13:33:40Z", fieldsType: "FieldsV1", fieldsV1: {
          "f:metadata": { "f:labels": { "f:app": {}, "f:app.kubernetes.io/managed-by": {} }, "f:ownerReferences": { [`k:{"uid":"${uid}"}`]: {} } },
          "f:spec": { "f:replicas": {}, "f:selector": {}, "f:template": { "f:metadata": { "f:labels": { "f:app": {} } }, "f:spec": { "f:containers": { 'k:{"name":"app"}': { ".": {}, "f:image": {}, "f:name": {}, "f:ports": { 'k:{"containerPort":8080,"protocol":"TCP"}': { ".": {}, "f:containerPort": {} } } } } } } },
        } },
        { manager: "kube-controller-manager", operation: "Update", apiVersion: "apps/v1", time: "2026-11-22T13:33:41Z", fieldsType: "FieldsV1", fieldsV1: {
          "f:metadata": { "f:annotations": { ".": {}, "f:deployment.kubernetes.io/revision": {} } },
          "f:status": { "f:availableReplicas": {}, "f:conditions": { ".": {}, 'k:{"type":"Available"}': { ".": {}, "f:lastTransitionTime": {}, "f:lastUpdateTime": {}, "f:message": {}, "f:reason": {}, "f:status": {}, "f:type": {} } }, "f:observedGeneration": {}, "f:readyReplicas": {}, "f:replicas": {}, "f:updatedReplicas": {} },
        }, subresource: "status" },
      ],
    },
    spec: {
      replicas: 2, selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          containers: [{ name: "app", image: "registry.example.dev/shop/app:1.2.3", ports: [{ containerPort: 8080, protocol: "TCP" }], resources: {}, terminationMessagePath: "/dev/termination-log", terminationMessagePolicy: "File", imagePullPolicy: "IfNotPresent" }],
          restartPolicy: "Always", terminationGracePeriodSeconds: 30, dnsPolicy: "ClusterFirst", securityContext: {}, schedulerName: "default-scheduler",
        },
      },
      strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "25%", maxSurge: "25%" } }, revisionHistoryLimit: 10, progressDeadlineSeconds: 600,
    },
    status: {
      observedGeneration: 1, replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2,
      conditions: [{ type: "Available", status: "True", lastUpdateTime: "2026-11-22T13:33:41Z", lastTransitionTime: "2026-11-22T13:33:41Z", reason: "MinimumReplicasAvailable", message: "Deployment has minimum availability." }],
    },
  };
}
