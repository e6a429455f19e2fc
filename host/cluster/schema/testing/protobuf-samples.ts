/** Objects and requests as Go clients send them in protobuf: what `protobuf-samples.json` has the bytes of. */
export const SAMPLES: { group: string; version: string; kind: string; body: object }[] = [
  { group: "", version: "v1", kind: "Pod", body: {
    metadata: { name: "web-0", namespace: "default", labels: { app: "web" }, creationTimestamp: "2026-01-01T00:00:00Z", deletionGracePeriodSeconds: 0, ownerReferences: [{ apiVersion: "apps/v1", kind: "StatefulSet", name: "web", uid: "u-1", controller: true, blockOwnerDeletion: false }] },
    spec: {
      volumes: [{ name: "data", emptyDir: {} }, { name: "host", hostPath: { path: "/var" } }],
      containers: [{ name: "web", image: "web:1", ports: [{ containerPort: 80, protocol: "TCP" }], env: [{ name: "A", value: "" }], resources: { limits: { cpu: "500m", memory: "1Gi" } }, livenessProbe: { httpGet: { path: "/", port: "http" }, periodSeconds: 5 }, securityContext: { runAsUser: 0, privileged: false } }],
      terminationGracePeriodSeconds: 0, hostNetwork: true, tolerations: [{ operator: "Exists", tolerationSeconds: -1 }],
    },
    status: { phase: "Running", conditions: [{ type: "Ready", status: "True", lastTransitionTime: "2026-01-01T00:00:00Z" }] } } },
  { group: "apps", version: "v1", kind: "Deployment", body: { metadata: { name: "web", annotations: { a: "é" } }, spec: { replicas: 0, selector: { matchLabels: { app: "web" } }, strategy: { rollingUpdate: { maxSurge: "25%", maxUnavailable: 1 } }, template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "c", image: "i" }] } } } } },
  { group: "", version: "v1", kind: "Secret", body: { metadata: { name: "s" }, data: { a: "AAECAw==", empty: "" }, type: "Opaque", immutable: false } },
  { group: "", version: "v1", kind: "ConfigMap", body: { metadata: { name: "c" }, data: { "k.txt": "v", empty: "" } } },
  { group: "coordination.k8s.io", version: "v1", kind: "Lease", body: { metadata: { name: "leader" }, spec: { holderIdentity: "", leaseDurationSeconds: 15, acquireTime: "2026-01-01T00:00:00.000001Z", renewTime: "2026-01-01T00:00:00.500000Z", leaseTransitions: 0 } } },
  { group: "", version: "v1", kind: "Event", body: { metadata: { name: "e" }, involvedObject: { kind: "Pod", name: "web-0" }, reason: "Started", message: "x", firstTimestamp: "2026-01-01T00:00:00Z", count: 3, type: "Normal" } },
  { group: "apiextensions.k8s.io", version: "v1", kind: "CustomResourceDefinition", body: { metadata: { name: "widgets.example.dev" }, spec: { group: "example.dev", scope: "Namespaced", names: { plural: "widgets", kind: "Widget" }, versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object", required: ["spec"], properties: {
    spec: { type: "object", properties: { n: { type: "integer", minimum: 0.5, default: 3, enum: [3, null, { a: 1 }] }, any: { "x-kubernetes-preserve-unknown-fields": true }, list: { type: "array", items: { type: "string" } }, map: { type: "object", additionalProperties: { type: "string" } }, open: { type: "object", additionalProperties: true } } } } } } }] } } },
  { group: "apps", version: "v1", kind: "ControllerRevision", body: { metadata: { name: "r" }, revision: 9007199254740993, data: { spec: { n: 1 } } } },
  { group: "authentication.k8s.io", version: "v1", kind: "TokenRequest", body: { spec: { audiences: ["a"], expirationSeconds: 600, boundObjectRef: null } } },
  { group: "authorization.k8s.io", version: "v1", kind: "SubjectAccessReview", body: { spec: { user: "u", extra: { scopes: ["a", "b"], none: [] }, resourceAttributes: { verb: "get", resource: "pods" } } } },
  { group: "policy", version: "v1", kind: "Eviction", body: { metadata: { name: "web-0", namespace: "default" }, deleteOptions: { gracePeriodSeconds: 0, preconditions: { uid: "u-1" } } } },
  { group: "autoscaling", version: "v1", kind: "Scale", body: { metadata: { name: "web" }, spec: { replicas: 3 } } },
  { group: "", version: "v1", kind: "Binding", body: { metadata: { name: "web-0" }, target: { kind: "Node", name: "node-1" } } },
  { group: "", version: "v1", kind: "DeleteOptions", body: { gracePeriodSeconds: 0, propagationPolicy: "Foreground", preconditions: { uid: "u-1", resourceVersion: "5" }, dryRun: ["All"] } },
  { group: "", version: "v1", kind: "Status", body: { status: "Failure", message: "x", reason: "NotFound", details: { name: "n", causes: [{ field: "a" }] }, code: 404 } },
];
