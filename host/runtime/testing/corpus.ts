/**
 * Objects that exercise what server-side apply can do: keyed lists, sets, atomics, maps, defaults, quantities,
 * int-or-strings, times. For the tests that compare our verdict with a real API server's.
 */
import type { Manifest, TypeDef } from "../../../bindings/protocol/manifest.ts";
import type { JsonObject } from "../../../bindings/protocol/types.ts";

/** A custom resource with one of each kind of list, map and scalar. */
export const ZOO_CRD = {
  apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition", metadata: { name: "zoos.example.dev" },
  spec: {
    group: "example.dev", scope: "Namespaced", names: { plural: "zoos", singular: "zoo", kind: "Zoo", listKind: "ZooList" },
    versions: [{
      name: "v1", served: true, storage: true, subresources: { status: {} },
      schema: {
        openAPIV3Schema: {
          type: "object",
          properties: {
            spec: {
              type: "object",
              properties: {
                animals: {
                  type: "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name", "kind"],
                  items: {
                    type: "object", required: ["name"],
                    properties: { name: { type: "string" }, kind: { type: "string", default: "cat" }, age: { type: "integer" }, food: { type: "array", items: { type: "string" } } },
                  },
                },
                tags: { type: "array", "x-kubernetes-list-type": "set", items: { type: "string" } },
                plan: { type: "array", items: { type: "object", properties: { day: { type: "string" }, hours: { type: "integer", default: 8 } } } },
                owner: { type: "object", "x-kubernetes-map-type": "atomic", properties: { name: { type: "string" }, mail: { type: "string" } } },
                sizes: { type: "object", additionalProperties: { type: "integer" } },
                free: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
                port: { "x-kubernetes-int-or-string": true },
                opened: { type: "string", format: "date-time" },
                wide: { type: "integer", format: "int64" },
                open: { type: "boolean", default: true },
              },
            },
            status: { type: "object", properties: { ready: { type: "integer" } } },
          },
        },
      },
    }],
  },
};

const STRING = { scalar: "string" } as const;
export const ZOO_TYPES: { [name: string]: TypeDef } = {
  Zoo: { fields: { spec: { type: { object: "ZooSpec" } }, status: { type: { object: "ZooStatus" } } } },
  ZooSpec: {
    fields: {
      animals: { type: { list: { object: "ZooAnimal" }, listType: "map", keys: ["name", "kind"] } },
      tags: { type: { list: STRING, listType: "set" } },
      plan: { type: { list: { object: "ZooDay" }, listType: "atomic" } },
      owner: { type: { object: "ZooOwner" } },
      sizes: { type: { map: { scalar: "integer" } } },
      free: { type: { scalar: "json" } },
      port: { type: { scalar: "intOrString" } },
      opened: { type: { scalar: "time" } },
      wide: { type: { scalar: "integer" } },
      open: { type: { scalar: "boolean" }, default: true },
    },
  },
  ZooAnimal: {
    fields: { name: { type: STRING, required: true }, kind: { type: STRING, default: "cat" }, age: { type: { scalar: "integer" } }, food: { type: { list: STRING, listType: "atomic" } } },
  },
  ZooDay: { fields: { day: { type: STRING }, hours: { type: { scalar: "integer" }, default: 8 } } },
  ZooOwner: { atomic: true, fields: { name: { type: STRING }, mail: { type: STRING } } },
  ZooStatus: { fields: { ready: { type: { scalar: "integer" } } } },
};

const labels = { app: "web", tier: "front" };

const podTemplate: JsonObject = {
  metadata: { labels, annotations: { "prometheus.io/scrape": "true" } },
  spec: {
    containers: [
      {
        name: "web", image: "nginx:1.27", args: ["-c", "x"], imagePullPolicy: "IfNotPresent",
        ports: [{ containerPort: 80, name: "http" }, { containerPort: 53, name: "dns", protocol: "UDP" }],
        env: [
          { name: "A", value: "1" }, { name: "EMPTY", value: "" },
          { name: "POD", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
          { name: "CPU", valueFrom: { resourceFieldRef: { containerName: "web", resource: "limits.cpu" } } },
          { name: "KEY", valueFrom: { secretKeyRef: { name: "s", key: "k" } } },
        ],
        resources: { limits: { cpu: "1000m", memory: "1Gi" }, requests: { cpu: "0.5", memory: "512Mi" } },
        readinessProbe: { httpGet: { path: "/", port: "http" }, periodSeconds: 5 },
        livenessProbe: { tcpSocket: { port: 80 }, initialDelaySeconds: 3 },
        volumeMounts: [{ name: "data", mountPath: "/data" }, { name: "conf", mountPath: "/conf", readOnly: true }],
        securityContext: { runAsNonRoot: true, capabilities: { drop: ["ALL"] } },
      },
      { name: "side", image: "busybox", command: ["sleep", "1d"] },
    ],
    volumes: [
      { name: "data", emptyDir: {} },
      { name: "conf", configMap: { name: "conf", items: [{ key: "a", path: "b" }] } },
      { name: "all", projected: { sources: [{ configMap: { name: "c" } }, { serviceAccountToken: { path: "t", audience: "x" } }] } },
    ],
    tolerations: [{ key: "k", operator: "Exists", effect: "NoSchedule" }],
    nodeSelector: { disk: "ssd" },
    topologySpreadConstraints: [{ maxSkew: 1, topologyKey: "zone", whenUnsatisfiable: "ScheduleAnyway", labelSelector: { matchLabels: labels } }],
    affinity: {
      podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 10, podAffinityTerm: { topologyKey: "host", labelSelector: { matchLabels: labels } } }] },
    },
    terminationGracePeriodSeconds: 20, hostNetwork: false,
  },
};

/** Whole objects, without namespace. */
export const CORPUS: JsonObject[] = [
  {
    apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web", labels, annotations: { note: "hello" } },
    spec: { replicas: 0, selector: { matchLabels: labels }, strategy: { rollingUpdate: { maxSurge: "25%", maxUnavailable: 0 } }, template: podTemplate },
  },
  {
    apiVersion: "apps/v1", kind: "StatefulSet", metadata: { name: "db", labels },
    spec: {
      serviceName: "db", replicas: 0, selector: { matchLabels: labels }, template: podTemplate, podManagementPolicy: "Parallel",
      volumeClaimTemplates: [{ metadata: { name: "data" }, spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } } }],
    },
  },
  {
    apiVersion: "v1", kind: "Service", metadata: { name: "web", labels },
    spec: { selector: labels, ports: [{ name: "http", port: 80, targetPort: "http" }, { name: "dns", port: 53, protocol: "UDP", targetPort: 53 }], sessionAffinity: "ClientIP" },
  },
  { apiVersion: "v1", kind: "Service", metadata: { name: "headless" }, spec: { clusterIP: "None", selector: labels, ports: [{ port: 80 }], publishNotReadyAddresses: true } },
  { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "conf", labels }, data: { a: "1", empty: "", "x.y": "z\n\"q\" <&>" }, binaryData: { b: "AAEC" } },
  { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "web", labels }, automountServiceAccountToken: false },
  {
    apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name: "data", labels },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1024Mi" } }, volumeMode: "Filesystem" },
  },
  { apiVersion: "policy/v1", kind: "PodDisruptionBudget", metadata: { name: "web" }, spec: { minAvailable: "50%", selector: { matchLabels: labels } } },
  {
    apiVersion: "autoscaling/v2", kind: "HorizontalPodAutoscaler", metadata: { name: "web" },
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" }, minReplicas: 1, maxReplicas: 5,
      metrics: [{ type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 60 } } }],
      behavior: { scaleDown: { stabilizationWindowSeconds: 60, policies: [{ type: "Pods", value: 1, periodSeconds: 30 }] } },
    },
  },
  {
    apiVersion: "networking.k8s.io/v1", kind: "Ingress", metadata: { name: "web" },
    spec: { rules: [{ host: "a.example", http: { paths: [{ path: "/", pathType: "Prefix", backend: { service: { name: "web", port: { number: 80 } } } }] } }], tls: [{ hosts: ["a.example"], secretName: "t" }] },
  },
  {
    apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: { name: "web" },
    spec: { podSelector: { matchLabels: labels }, ingress: [{ from: [{ podSelector: {} }], ports: [{ port: 80 }] }], policyTypes: ["Ingress"] },
  },
  {
    apiVersion: "rbac.authorization.k8s.io/v1", kind: "RoleBinding", metadata: { name: "web" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "r" }, subjects: [{ kind: "ServiceAccount", name: "a", namespace: "default" }, { kind: "User", name: "u" }],
  },
  { apiVersion: "rbac.authorization.k8s.io/v1", kind: "Role", metadata: { name: "r" }, rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }, { apiGroups: ["apps"], resources: ["deployments"], verbs: ["list"] }] },
  {
    apiVersion: "batch/v1", kind: "CronJob", metadata: { name: "tick" },
    spec: { schedule: "* * * * *", suspend: true, jobTemplate: { spec: { backoffLimit: 1, template: { spec: { restartPolicy: "Never", containers: [{ name: "c", image: "i", env: [{ name: "A", value: "b" }] }] } } } } },
  },
  {
    apiVersion: "example.dev/v1", kind: "Zoo", metadata: { name: "zoo", labels, finalizers: ["example.dev/keeper"] },
    spec: {
      animals: [{ name: "tom", age: 3, food: ["fish", "milk"] }, { name: "rex", kind: "dog", age: 0 }], tags: ["a", "b"], plan: [{ day: "mon", hours: 4 }, { day: "tue" }],
      owner: { name: "ann", mail: "a@b.c" }, sizes: { small: 1, big: 10 }, free: { any: { thing: [1, 2] }, text: "x" }, port: "http", opened: "2026-11-22T13:00:00Z",
      wide: 4611686018427387905n, open: false,
    },
  },
];

export const ALL_LIMITS: Manifest["limits"] = {
  fuel: 20_000_000, depth: 4_000, memoryMaxPages: 1024, planBytesMax: 1 << 20, actionsMax: 500, questionsMax: 200, roundsMax: 8,
};
