import type { JsonObject } from "../../../model.ts";
import type { Corpus } from "../differential.ts";

const pod = (name: string, spec: JsonObject, metadata: JsonObject = {}): JsonObject => ({ apiVersion: "v1", kind: "Pod", metadata: { name, ...metadata }, spec });
const container = (more: JsonObject = {}): JsonObject => ({ name: "main", image: "nginx:1", ...more });

const rich: JsonObject = {
  restartPolicy: "OnFailure", dnsPolicy: "None", serviceAccountName: "runner", hostname: "web", subdomain: "all", activeDeadlineSeconds: 600, priorityClassName: "system-node-critical",
  nodeSelector: { "kubernetes.io/os": "linux" }, terminationGracePeriodSeconds: 45, shareProcessNamespace: true, enableServiceLinks: false, setHostnameAsFQDN: false,
  dnsConfig: { nameservers: ["10.0.0.10"], searches: ["example.com", "a_b.c."], options: [{ name: "ndots", value: "2" }] },
  hostAliases: [{ ip: "10.1.2.3", hostnames: ["one.local", "two.local"] }],
  imagePullSecrets: [{ name: "pull" }],
  readinessGates: [{ conditionType: "example.com/ready" }],
  securityContext: {
    runAsUser: 1000, runAsGroup: 1000, fsGroup: 2000, supplementalGroups: [1, 2], fsGroupChangePolicy: "OnRootMismatch", sysctls: [{ name: "net.core.somaxconn", value: "1" }],
    seccompProfile: { type: "Localhost", localhostProfile: "p.json" }, appArmorProfile: { type: "RuntimeDefault" }, supplementalGroupsPolicy: "Merge", seLinuxChangePolicy: "Recursive",
  },
  tolerations: [{ key: "a", operator: "Equal", value: "b", effect: "NoExecute", tolerationSeconds: 30 }, { operator: "Exists" }],
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: "a", operator: "In", values: ["b"] }, { key: "n", operator: "Gt", values: ["1"] }], matchFields: [{ key: "metadata.name", operator: "In", values: ["n1"] }] }] },
      preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, preference: { matchExpressions: [{ key: "a", operator: "Exists" }] } }],
    },
    podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: { matchLabels: { app: "a" } }, topologyKey: "zone", namespaces: ["x"], matchLabelKeys: ["rev"], mismatchLabelKeys: ["tenant"] }] },
    podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: { labelSelector: { matchExpressions: [{ key: "app", operator: "NotIn", values: ["b"] }] }, namespaceSelector: {}, topologyKey: "kubernetes.io/hostname" } }] },
  },
  topologySpreadConstraints: [{ maxSkew: 1, topologyKey: "zone", whenUnsatisfiable: "DoNotSchedule", labelSelector: { matchLabels: { app: "a" } }, minDomains: 2, nodeAffinityPolicy: "Honor", nodeTaintsPolicy: "Ignore", matchLabelKeys: ["rev"] }],
  volumes: [
    { name: "empty", emptyDir: { medium: "Memory", sizeLimit: "1Gi" } }, { name: "host", hostPath: { path: "/var/log", type: "Directory" } },
    { name: "conf", configMap: { name: "conf", items: [{ key: "a", path: "b/c", mode: 256 }], optional: true } }, { name: "sec", secret: { secretName: "s", defaultMode: 0o600 } },
    { name: "claim", persistentVolumeClaim: { claimName: "data", readOnly: true } },
    { name: "down", downwardAPI: { items: [{ path: "labels", fieldRef: { fieldPath: "metadata.labels" } }, { path: "cpu", resourceFieldRef: { containerName: "main", resource: "limits.cpu", divisor: "1m" } }] } },
    { name: "proj", projected: { sources: [{ secret: { name: "s", items: [{ key: "k", path: "p" }] } }, { configMap: { name: "c" } }, { downwardAPI: { items: [{ path: "n", fieldRef: { fieldPath: "metadata.name" } }] } }, { serviceAccountToken: { path: "token", audience: "x" } }] } },
    { name: "eph", ephemeral: { volumeClaimTemplate: { metadata: { labels: { a: "b" } }, spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } }, storageClassName: "fast" } } } },
    { name: "csi", csi: { driver: "csi.example.com", nodePublishSecretRef: { name: "s" } } }, { name: "img", image: { reference: "quay.io/a:v1" } },
  ],
  initContainers: [
    { name: "first", image: "busybox", command: ["true"], resources: { limits: { cpu: "1" } } },
    { name: "sidecar", image: "proxy:2", restartPolicy: "Always", ports: [{ containerPort: 9, hostPort: 9 }], readinessProbe: { tcpSocket: { port: 9 } } },
  ],
  containers: [{
    name: "main", image: "quay.io/team/app@sha256:" + "a".repeat(64), command: ["run"], args: ["-v"], workingDir: "/tmp", tty: true, stdin: true,
    ports: [{ name: "http", containerPort: 80 }, { name: "dns", containerPort: 53, protocol: "UDP", hostPort: 53, hostIP: "10.0.0.1" }],
    env: [
      { name: "A", value: "1" }, { name: "B", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } }, { name: "C", valueFrom: { secretKeyRef: { name: "s", key: "k" } } },
      { name: "D", valueFrom: { configMapKeyRef: { name: "c", key: "k", optional: true } } }, { name: "E", valueFrom: { resourceFieldRef: { resource: "requests.memory", divisor: "1Mi" } } },
      { name: "F", valueFrom: { fieldRef: { fieldPath: "metadata.annotations['a.b/c']" } } }, { name: "G", valueFrom: { fileKeyRef: { volumeName: "empty", path: "f", key: "K" } } },
    ],
    envFrom: [{ prefix: "P_", configMapRef: { name: "c" } }, { secretRef: { name: "s" } }],
    resources: { limits: { cpu: "500m", memory: "128Mi", "example.com/gpu": "1", "hugepages-2Mi": "4Mi" }, requests: { cpu: "0.1" } },
    resizePolicy: [{ resourceName: "cpu", restartPolicy: "NotRequired" }], restartPolicy: "OnFailure", restartPolicyRules: [{ action: "Restart", exitCodes: { operator: "In", values: [3] } }],
    volumeMounts: [{ name: "empty", mountPath: "/e", readOnly: true, recursiveReadOnly: "IfPossible" }, { name: "conf", mountPath: "/c", subPath: "a" }, { name: "host", mountPath: "/h", mountPropagation: "HostToContainer" }],
    volumeDevices: [{ name: "claim", devicePath: "/dev/xvda" }],
    livenessProbe: { httpGet: { path: "/live", port: "http", httpHeaders: [{ name: "X-A", value: "b" }] }, initialDelaySeconds: 3, terminationGracePeriodSeconds: 10 },
    readinessProbe: { exec: { command: ["ready"] }, successThreshold: 2 }, startupProbe: { grpc: { port: 81 }, failureThreshold: 30 },
    lifecycle: { postStart: { exec: { command: ["a"] } }, preStop: { sleep: { seconds: 5 } } },
    securityContext: { runAsUser: 1, privileged: false, allowPrivilegeEscalation: false, capabilities: { add: ["NET_ADMIN"], drop: ["ALL"] }, procMount: "Default", seccompProfile: { type: "RuntimeDefault" }, readOnlyRootFilesystem: true, seLinuxOptions: { level: "s0" } },
  }],
};

const oldVolumes: JsonObject[] = [
  { name: "v1", nfs: { server: "s", path: "/p" } }, { name: "v2", iscsi: { targetPortal: "1.2.3.4:3260", iqn: "iqn.2001-04.com.example:storage", lun: 0, initiatorName: "iqn.2001-04.com.example:node" } },
  { name: "v3", glusterfs: { endpoints: "e", path: "p" } }, { name: "v4", rbd: { monitors: ["m"], image: "i" } }, { name: "v5", cinder: { volumeID: "v", secretRef: { name: "s" } } }, { name: "v6", cephfs: { monitors: ["m"] } },
  { name: "v7", flocker: { datasetName: "d" } }, { name: "v8", fc: { targetWWNs: ["w"], lun: 2 } }, { name: "v9", azureFile: { secretName: "s", shareName: "h" } }, { name: "v10", vsphereVolume: { volumePath: "p" } },
  { name: "v11", quobyte: { registry: "a:1,b:2", volume: "v" } }, { name: "v12", azureDisk: { diskName: "d", diskURI: "https://blob/x.vhd" } }, { name: "v13", photonPersistentDisk: { pdID: "p" } },
  { name: "v14", portworxVolume: { volumeID: "v" } }, { name: "v15", scaleIO: { gateway: "g", system: "s", volumeName: "v", secretRef: { name: "s" } } }, { name: "v16", storageos: { volumeName: "v", volumeNamespace: "n" } },
  { name: "v17", flexVolume: { driver: "d/x", options: { a: "b" } } }, { name: "v18", gcePersistentDisk: { pdName: "p", partition: 1 } }, { name: "v19", awsElasticBlockStore: { volumeID: "v" } }, { name: "v20", gitRepo: { repository: "r", directory: "d" } },
];

export const pods: Corpus = {
  kind: "Pod",
  subresources: { status: ["status"], resize: ["spec"], ephemeralcontainers: ["spec"] },
  objects: [
    pod("small", { containers: [container()] }),
    pod("labelled", { containers: [container({ image: "nginx" })], securityContext: {} }, { labels: { app: "a", rev: "1", tenant: "t" }, annotations: { "controller.kubernetes.io/pod-deletion-cost": "5", note: "x" } }),
    pod("rich", rich, { labels: { app: "a", rev: "1", tenant: "t" } }),
    pod("volumes", { containers: [container()], volumes: oldVolumes }),
    pod("hostnet", { hostNetwork: true, hostPID: true, hostIPC: true, containers: [container({ ports: [{ containerPort: 80 }, { containerPort: 81, hostPort: 81 }] })], nodeName: "n1" }),
    pod("gated", { schedulingGates: [{ name: "a" }, { name: "example.com/b" }], nodeSelector: { a: "b" }, containers: [container()], affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: "a", operator: "Exists" }] }] } } } }),
    pod("windows", { os: { name: "windows" }, containers: [container({ securityContext: { windowsOptions: { runAsUserName: "NT AUTHORITY\\SYSTEM", gmsaCredentialSpecName: "gmsa" } } })], securityContext: { windowsOptions: { hostProcess: false } } }),
    pod("linux", { os: { name: "linux" }, containers: [container()], hostUsers: false, hostnameOverride: "web.example.com" }),
    pod("budget", { resources: { limits: { cpu: "2", memory: "1Gi" } }, containers: [container({ resources: { requests: { cpu: "500m", memory: "64Mi" } } }), { name: "b", image: "b:1" }] }),
    pod("guaranteed", { containers: [container({ resources: { limits: { cpu: "1", memory: "1Gi" } } })] }),
    pod("claims", { resourceClaims: [{ name: "gpu", resourceClaimName: "c" }, { name: "nic", resourceClaimTemplateName: "t" }], containers: [container({ resources: { claims: [{ name: "gpu" }, { name: "nic", request: "r" }] } })] }),
    pod("armored", { containers: [container()] }, { annotations: { "container.apparmor.security.beta.kubernetes.io/main": "runtime/default", "container.seccomp.security.alpha.kubernetes.io/main": "localhost/p" } }),
    { apiVersion: "v1", kind: "Pod", metadata: { generateName: "made-" }, spec: { containers: [container()] } },
  ],
};
