/**
 * Pods as an API server sends them: every field of one that a real kubelet runs, in the server's order, 3.8 KB of JSON
 * (managedFields left out, as the host does).
 */

export function podText(index: number): string {
  return JSON.stringify(pod(index));
}

function pod(index: number): object {
  const name = `db-${index}`;
  const time = "2026-11-22T10:15:30Z";
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: metadata(name, index, time),
    spec: spec(name, index),
    status: status(name, index, time),
  };
}

function metadata(name: string, index: number, creationTimestamp: string): object {
  return {
    name, namespace: "default", uid: uid(index), resourceVersion: String(180000 + index), generation: 1, creationTimestamp,
    labels: { app: "etcd", "apps.kubernetes.io/pod-index": String(index), etcd_cluster: "db", etcd_node: name },
    annotations: { "etcd.version": "3.6.8", "example.dev/checksum": "0f343b0931126a20f133d67c2b018a3b" },
    ownerReferences: [{ apiVersion: "etcd.database.coreos.com/v1beta2", kind: "EtcdCluster", name: "db", uid: uid(999), controller: true, blockOwnerDeletion: true }],
  };
}

function spec(name: string, index: number): object {
  const probe = { failureThreshold: 3, initialDelaySeconds: 10, periodSeconds: 10, successThreshold: 1, timeoutSeconds: 5 };
  const token = "kube-api-access-x7k2p";
  return {
    volumes: [
      { name: "data", persistentVolumeClaim: { claimName: `data-${name}` } },
      { name: token, projected: { sources: [
        { serviceAccountToken: { expirationSeconds: 3607, path: "token" } },
        { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
        { downwardAPI: { items: [{ path: "namespace", fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" } }] } },
      ], defaultMode: 420 } },
    ],
    containers: [{
      name: "etcd", image: "quay.io/coreos/etcd:v3.6.8",
      command: ["/usr/local/bin/etcd", "--data-dir=/var/lib/etcd/data", `--name=${name}`, `--initial-advertise-peer-urls=http://${name}.db.default.svc:2380`,
        "--listen-peer-urls=http://0.0.0.0:2380", "--listen-client-urls=http://0.0.0.0:2379", `--advertise-client-urls=http://${name}.db.default.svc:2379`,
        "--initial-cluster=db-0=http://db-0.db.default.svc:2380,db-1=http://db-1.db.default.svc:2380,db-2=http://db-2.db.default.svc:2380", "--initial-cluster-state=existing"],
      ports: [{ name: "server", containerPort: 2380, protocol: "TCP" }, { name: "client", containerPort: 2379, protocol: "TCP" }],
      env: [{ name: "POD_NAME", valueFrom: { fieldRef: { apiVersion: "v1", fieldPath: "metadata.name" } } }],
      resources: { limits: { cpu: "1", memory: "1Gi" }, requests: { cpu: "500m", memory: "512Mi" } },
      volumeMounts: [{ name: "data", mountPath: "/var/lib/etcd" }, { name: token, readOnly: true, mountPath: "/var/run/secrets/kubernetes.io/serviceaccount" }],
      livenessProbe: { httpGet: { path: "/livez", port: 2379, scheme: "HTTP" }, ...probe },
      readinessProbe: { httpGet: { path: "/readyz", port: 2379, scheme: "HTTP" }, ...probe },
      terminationMessagePath: "/dev/termination-log", terminationMessagePolicy: "File", imagePullPolicy: "IfNotPresent",
    }],
    restartPolicy: "Always", terminationGracePeriodSeconds: 30, dnsPolicy: "ClusterFirst", serviceAccountName: "default", serviceAccount: "default",
    nodeName: `node-${index % 3}`, securityContext: {}, hostname: name, subdomain: "db", schedulerName: "default-scheduler",
    tolerations: [
      { key: "node.kubernetes.io/not-ready", operator: "Exists", effect: "NoExecute", tolerationSeconds: 300 },
      { key: "node.kubernetes.io/unreachable", operator: "Exists", effect: "NoExecute", tolerationSeconds: 300 },
    ],
    priority: 0, enableServiceLinks: true, preemptionPolicy: "PreemptLowerPriority",
  };
}

function status(name: string, index: number, time: string): object {
  const condition = (type: string): object => ({ type, observedGeneration: 1, status: "True", lastProbeTime: null, lastTransitionTime: time });
  const address = `10.88.${index % 3}.${index + 10}`;
  return {
    observedGeneration: 1, phase: "Running",
    conditions: ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"].map(condition),
    hostIP: `172.18.0.${2 + (index % 3)}`, hostIPs: [{ ip: `172.18.0.${2 + (index % 3)}` }], podIP: address, podIPs: [{ ip: address }], startTime: time,
    containerStatuses: [{
      name: "etcd", state: { running: { startedAt: time } }, lastState: {}, ready: true, restartCount: 0, image: "quay.io/coreos/etcd:v3.6.8",
      imageID: "quay.io/coreos/etcd@sha256:0f343b0931126a20f133d67c2b018a3b5cba6d18f7bf5bd3ee1b7a4f7b5e1b4c", containerID: `containerd://${name.padEnd(64, "0a1b2c3d")}`, started: true,
      volumeMounts: [{ name: "data", mountPath: "/var/lib/etcd" }, { name: "kube-api-access-x7k2p", mountPath: "/var/run/secrets/kubernetes.io/serviceaccount", readOnly: true, recursiveReadOnly: "Disabled" }],
    }],
    qosClass: "Burstable",
  };
}

function uid(n: number): string {
  return `7f6b1c1e-5d0b-4c55-9a7e-${String(n).padStart(12, "0")}`;
}
