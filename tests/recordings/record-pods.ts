/**
 * Records Pods that a real kubelet runs: `node tests/recordings/record-pods.ts`.
 *
 * Brings up the test cluster with one node, runs three members of an etcd on it, and writes what the API server answers
 * when all are Ready, byte by byte, to pods-1.36.json. Takes the cluster down again.
 */
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "../support/wait.ts";
import { down, kubectl, missing, up } from "../e2e/cluster/cluster.ts";
import { kubeconfigOf } from "../e2e/cluster/control-plane.ts";
import { HOME, HYPERKUBE, inSandbox, sandboxPid } from "../e2e/cluster/sandbox.ts";

const MEMBERS = 3;
const FILE = join(import.meta.dirname, "pods-1.36.json");

/** The newest etcd image that the cluster has. */
function etcdImage(): string {
  const versions = readdirSync(join(HOME, "images")).map((file) => /^gcr\.io-etcd-development-etcd-(v3\.6\.\d+)\.tar$/.exec(file)?.[1]).filter((version) => version !== undefined);
  if (versions.length === 0) throw new Error(`no etcd 3.6 image in ${join(HOME, "images")}: tests/e2e/cluster/build.sh makes it`);
  return `gcr.io/etcd-development/etcd:${versions.sort().at(-1)}`;
}

function service(): object {
  return {
    apiVersion: "v1", kind: "Service", metadata: { name: "db", labels: { app: "etcd", etcd_cluster: "db" } },
    spec: { clusterIP: "None", publishNotReadyAddresses: true, selector: { app: "etcd", etcd_cluster: "db" }, ports: [{ name: "peer", port: 2380 }, { name: "client", port: 2379 }] },
  };
}

function statefulSet(image: string): object {
  const labels = { app: "etcd", etcd_cluster: "db" };
  return {
    apiVersion: "apps/v1", kind: "StatefulSet", metadata: { name: "db", labels },
    spec: {
      serviceName: "db", replicas: MEMBERS, podManagementPolicy: "Parallel", selector: { matchLabels: labels },
      template: {
        metadata: { labels, annotations: { "etcd.version": image.split(":v")[1], "example.dev/checksum": "0f343b0931126a20f133d67c2b018a3b" } },
        spec: {
          terminationGracePeriodSeconds: 30,
          securityContext: { fsGroup: 0 },
          tolerations: [{ key: "dedicated", operator: "Equal", value: "databases", effect: "NoSchedule" }],
          containers: [container(image)],
        },
      },
      volumeClaimTemplates: [{ metadata: { name: "data" }, spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } } }],
    },
  };
}

function container(image: string): object {
  const members = Array.from({ length: MEMBERS }, (_, i) => `db-${i}=http://db-${i}.db.default.svc:2380`).join(",");
  const probe = (path: string): object => ({ httpGet: { path, port: "client" }, initialDelaySeconds: 1, periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 6 });
  return {
    name: "etcd", image,
    command: [
      "/usr/local/bin/etcd", "--data-dir=/var/lib/etcd/data", "--name=$(POD_NAME)", "--initial-advertise-peer-urls=http://$(POD_NAME).db.default.svc:2380",
      "--listen-peer-urls=http://0.0.0.0:2380", "--listen-client-urls=http://0.0.0.0:2379", "--advertise-client-urls=http://$(POD_NAME).db.default.svc:2379",
      `--initial-cluster=${members}`, "--initial-cluster-state=new", "--initial-cluster-token=db",
    ],
    env: [{ name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }, { name: "ETCD_AUTO_COMPACTION_RETENTION", value: "1h" }],
    ports: [{ name: "peer", containerPort: 2380 }, { name: "client", containerPort: 2379 }],
    resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { cpu: "1", memory: "512Mi" } },
    volumeMounts: [{ name: "data", mountPath: "/var/lib/etcd" }],
    livenessProbe: probe("/livez"), readinessProbe: probe("/readyz"),
  };
}

async function record(): Promise<void> {
  const objects = { apiVersion: "v1", kind: "List", items: [service(), statefulSet(etcdImage())] };
  await inSandbox("cp", [HYPERKUBE, "kubectl", "--kubeconfig", kubeconfigOf("admin"), "apply", "--server-side", "-f", "-"], JSON.stringify(objects));
  await until("all members are ready", async () => await kubectl("get", "statefulset", "db", "-o", "jsonpath={.status.readyReplicas}") === String(MEMBERS), { timeoutMs: 120_000, everyMs: 500 });
  writeFileSync(FILE, await kubectl("get", "--raw", "/api/v1/namespaces/default/pods"));
  console.log(`${MEMBERS} Pods of ${etcdImage()}, from ${await kubectl("get", "--raw", "/version")}`);
}

const lack = missing() ?? (sandboxPid("cp") === undefined ? undefined : "a cluster is up already, and this wants one of its own");
if (lack !== undefined) throw new Error(lack);
try {
  await up(1, console.log);
  await record();
} finally {
  await down();
}
