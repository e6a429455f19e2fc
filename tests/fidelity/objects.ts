/** Small valid objects of many kinds, to be made, changed and broken. Every call gives a fresh copy. */
import type { Loose } from "../support/api-client.ts";

export interface Sample {
  /** "deployments", as in a path. */
  readonly plural: string;
  /** "/apis/apps/v1", "/api/v1". */
  readonly root: string;
  readonly status: boolean;
  readonly scale: boolean;
  make(name: string): Loose;
}

const container = (): Loose => ({ name: "main", image: "registry.example/app:1", ports: [{ containerPort: 8080, name: "http" }], env: [{ name: "A", value: "1" }], resources: { requests: { cpu: "100m", memory: "64Mi" } } });
const template = (labels: Loose): Loose => ({ metadata: { labels }, spec: { containers: [container()] } });
const meta = (name: string): Loose => ({ name, labels: { app: name, tier: "test" }, annotations: { note: "a" } });

function sample(root: string, plural: string, kind: string, body: (name: string) => Loose, subresources: { status?: boolean; scale?: boolean } = {}): Sample {
  const apiVersion = root.replace(/^\/apis?\//, "");
  return { root, plural, status: subresources.status === true, scale: subresources.scale === true, make: (name) => ({ apiVersion, kind, metadata: meta(name), ...body(name) }) };
}

const both = { status: true, scale: true };
export const SAMPLES: { readonly [kind: string]: Sample } = {
  ConfigMap: sample("/api/v1", "configmaps", "ConfigMap", () => ({ data: { a: "1", b: "2" } })),
  Secret: sample("/api/v1", "secrets", "Secret", () => ({ type: "Opaque", data: { a: "MQ==", b: "Mg==" } })),
  ServiceAccount: sample("/api/v1", "serviceaccounts", "ServiceAccount", () => ({ imagePullSecrets: [{ name: "pull" }] })),
  Service: sample("/api/v1", "services", "Service", (name) => ({ spec: { selector: { app: name }, ports: [{ name: "http", port: 80, targetPort: 8080 }, { name: "metrics", port: 9090 }] } }), { status: true }),
  Pod: sample("/api/v1", "pods", "Pod", () => ({ spec: { containers: [container()], nodeSelector: { disk: "ssd" } } }), { status: true }),
  PersistentVolumeClaim: sample("/api/v1", "persistentvolumeclaims", "PersistentVolumeClaim", () => ({ spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } } }), { status: true }),
  Event: sample("/api/v1", "events", "Event", (name) => ({ involvedObject: { kind: "Pod", name: "p", namespace: "NS" }, reason: "Tested", message: name, type: "Normal", source: { component: "t" }, count: 1 })),
  Deployment: sample("/apis/apps/v1", "deployments", "Deployment", (name) => ({ spec: { replicas: 2, selector: { matchLabels: { app: name } }, template: template({ app: name }) } }), both),
  ReplicaSet: sample("/apis/apps/v1", "replicasets", "ReplicaSet", (name) => ({ spec: { replicas: 1, selector: { matchLabels: { app: name } }, template: template({ app: name }) } }), both),
  StatefulSet: sample("/apis/apps/v1", "statefulsets", "StatefulSet", (name) => ({ spec: { serviceName: name, replicas: 1, selector: { matchLabels: { app: name } }, template: template({ app: name }), volumeClaimTemplates: [{ metadata: { name: "data" }, spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } } }] } }), both),
  DaemonSet: sample("/apis/apps/v1", "daemonsets", "DaemonSet", (name) => ({ spec: { selector: { matchLabels: { app: name } }, template: template({ app: name }) } }), { status: true }),
  Job: sample("/apis/batch/v1", "jobs", "Job", () => ({ spec: { backoffLimit: 2, template: { spec: { restartPolicy: "Never", containers: [container()] } } } }), { status: true }),
  CronJob: sample("/apis/batch/v1", "cronjobs", "CronJob", () => ({ spec: { schedule: "*/5 * * * *", jobTemplate: { spec: { template: { spec: { restartPolicy: "Never", containers: [container()] } } } } } }), { status: true }),
  PodDisruptionBudget: sample("/apis/policy/v1", "poddisruptionbudgets", "PodDisruptionBudget", (name) => ({ spec: { minAvailable: 1, selector: { matchLabels: { app: name } } } }), { status: true }),
  HorizontalPodAutoscaler: sample("/apis/autoscaling/v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler", (name) => ({ spec: { scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name }, minReplicas: 1, maxReplicas: 5, metrics: [{ type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 50 } } }] } }), { status: true }),
  Lease: sample("/apis/coordination.k8s.io/v1", "leases", "Lease", () => ({ spec: { holderIdentity: "a", leaseDurationSeconds: 15, renewTime: "2026-11-22T10:00:00.000000Z" } })),
  EndpointSlice: sample("/apis/discovery.k8s.io/v1", "endpointslices", "EndpointSlice", () => ({ addressType: "IPv4", endpoints: [{ addresses: ["10.1.2.3"], conditions: { ready: true } }], ports: [{ name: "http", port: 8080, protocol: "TCP" }] })),
  Ingress: sample("/apis/networking.k8s.io/v1", "ingresses", "Ingress", (name) => ({ spec: { rules: [{ host: "a.example", http: { paths: [{ path: "/", pathType: "Prefix", backend: { service: { name, port: { number: 80 } } } }] } }] } }), { status: true }),
  NetworkPolicy: sample("/apis/networking.k8s.io/v1", "networkpolicies", "NetworkPolicy", (name) => ({ spec: { podSelector: { matchLabels: { app: name } }, ingress: [{ ports: [{ port: 80, protocol: "TCP" }] }], policyTypes: ["Ingress"] } })),
  Role: sample("/apis/rbac.authorization.k8s.io/v1", "roles", "Role", () => ({ rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get", "list"] }] })),
  RoleBinding: sample("/apis/rbac.authorization.k8s.io/v1", "rolebindings", "RoleBinding", () => ({ roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "r" }, subjects: [{ kind: "ServiceAccount", name: "s", namespace: "d" }] })),
  ResourceQuota: sample("/api/v1", "resourcequotas", "ResourceQuota", () => ({ spec: { hard: { "count/leases.coordination.k8s.io": "1k" } } }), { status: true }),
  LimitRange: sample("/api/v1", "limitranges", "LimitRange", () => ({ spec: { limits: [{ type: "PersistentVolumeClaim", max: { storage: "100Gi" } }] } })),
};

/** Path of the collection in a namespace. */
export function collection(kind: string, ns: string): string {
  const { root, plural } = SAMPLES[kind]!;
  return `${root}/namespaces/${ns}/${plural}`;
}
export function make(kind: string, name: string, ns: string): Loose {
  return JSON.parse(JSON.stringify(SAMPLES[kind]!.make(name)).replaceAll('"NS"', JSON.stringify(ns)));
}
