/** The sandbox "cp": etcd, API server, controllers, scheduler, DNS, and the bridge that all nodes are plugged into. */
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { auditPolicy } from "../../support/audit.ts";
import { etcdCompact } from "../../support/etcd.ts";
import { makePki } from "../../support/pki.ts";
import { until } from "../../support/wait.ts";
import { BIN, HYPERKUBE, inSandbox, signalDaemon, startDaemon, startSandbox, STATE, writeState } from "./sandbox.ts";

/** Addresses inside the sandboxes' own networks: nothing of this is seen on the machine's. */
export const CONTROL_PLANE_IP = "10.250.0.1";
export const API_URL = `https://${CONTROL_PLANE_IP}:6443`;
export const PKI = join(STATE, "pki");
export const AUDIT_LOG = join(STATE, "cp", "audit.log");
const STARTS = join(STATE, "cp", "api-server-starts.jsonl");
const ETCD_URL = "http://127.0.0.1:2379";

/** Who there is from the start. Components have names of their own, so that the audit log can leave them out. */
function users(nodes: readonly string[]): [name: string, user: string, group: string][] {
  const components = ["kube-controller-manager", "kube-scheduler", "kube-proxy", "dns"];
  return [
    ["admin", "admin", "system:masters"],
    ...components.map((name): [string, string, string] => [name, `component:${name}`, "system:masters"]),
    ...nodes.map((name): [string, string, string] => [name, `system:node:${name}`, "system:nodes"]),
  ];
}

export function kubeconfigOf(user: string): string { return join(PKI, `${user}.kubeconfig`); }
export function tokenOf(user: string): string { return `${user}-token`; }

/** Makes certificates, tokens and kubeconfigs, for nine nodes at once: tokens are read only when the API server starts. */
export async function makeCredentials(): Promise<void> {
  rmSync(PKI, { recursive: true, force: true });
  mkdirSync(PKI, { recursive: true });
  const names = ["kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local", "localhost"];
  await makePki(PKI, [...names.map((name) => `DNS:${name}`), `IP:${CONTROL_PLANE_IP}`, "IP:10.96.0.1", "IP:127.0.0.1"]);
  const all = users(Array.from({ length: 9 }, (_, index) => `n${index + 1}`));
  writeFileSync(join(PKI, "tokens.csv"), all.map(([name, user, group]) => `${tokenOf(name)},${user},${name},"${group}"\n`).join(""));
  for (const [name] of all) {
    writeFileSync(kubeconfigOf(name), JSON.stringify({
      apiVersion: "v1", kind: "Config", "current-context": "cluster",
      clusters: [{ name: "cluster", cluster: { server: API_URL, "certificate-authority": join(PKI, "ca.crt") } }],
      users: [{ name, user: { token: tokenOf(name) } }], contexts: [{ name: "cluster", context: { cluster: "cluster", user: name } }],
    }));
  }
  const components = users([]).map(([, user]) => user).filter((user) => user.startsWith("component:"));
  writeState("cp", "audit-policy.json", auditPolicy([
    { level: "None", users: ["system:apiserver", ...components] },
    { level: "None", userGroups: ["system:nodes"] },
    { level: "Metadata" },
  ]));
}

/** Powers on the sandbox "cp" and lays the bridge that nodes are plugged into. */
export async function startBridge(): Promise<void> {
  await startSandbox("cp");
  // The default route leads nowhere; without one, connections to Service addresses would be refused before kube-proxy's rules see them.
  await inSandbox("cp", ["sh", "-ec", `ip link add node0 type bridge; ip addr add ${CONTROL_PLANE_IP}/24 dev node0; ip link set node0 up; ip route add default dev node0`]);
}

/** Starts all components; resolves when the API server is ready and the rest is on its way. */
export async function startControlPlane(): Promise<void> {
  startDaemon("cp", "etcd", [HYPERKUBE, "etcd", "--data-dir", join(STATE, "cp/etcd"), "--unsafe-no-fsync", "--log-level", "warn",
    "--listen-client-urls", ETCD_URL, "--advertise-client-urls", ETCD_URL, "--listen-peer-urls", "http://127.0.0.1:2380"]);
  await startApiServer();
  startControllers();
  await inSandbox("cp", [HYPERKUBE, "kubectl", "--kubeconfig", kubeconfigOf("admin"), "apply", "-f", "-"], JSON.stringify({
    apiVersion: "storage.k8s.io/v1", kind: "StorageClass", provisioner: "kubernetes.io/host-path",
    metadata: { name: "hostpath", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
    // With Immediate the Pod often reaches the kubelet before its claim says Bound, and 10-15 s are lost.
    volumeBindingMode: "WaitForFirstConsumer",
  }));
}

/** Starts the API server and waits until it is ready. Also after `killApiServer`. */
export async function startApiServer(): Promise<void> {
  const fromMs = Date.now();
  const pki = (name: string): string => join(PKI, name);
  startDaemon("cp", "kube-apiserver", [HYPERKUBE, "kube-apiserver",
    `--etcd-servers=${ETCD_URL}`, "--bind-address=0.0.0.0", `--advertise-address=${CONTROL_PLANE_IP}`, "--secure-port=6443",
    `--tls-cert-file=${pki("server.crt")}`, `--tls-private-key-file=${pki("server.key")}`, `--client-ca-file=${pki("ca.crt")}`,
    `--token-auth-file=${pki("tokens.csv")}`, "--authorization-mode=Node,RBAC", "--enable-admission-plugins=NodeRestriction",
    "--service-cluster-ip-range=10.96.0.0/16", "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-signing-key-file=${pki("sa.key")}`, `--service-account-key-file=${pki("sa.pub")}`,
    "--allow-privileged=true", "--kubelet-preferred-address-types=InternalIP",
    `--audit-policy-file=${join(STATE, "cp/audit-policy.json")}`, `--audit-log-path=${AUDIT_LOG}`]);
  await until("the API server is ready", () => inSandbox("cp", [HYPERKUBE, "kubectl", "--kubeconfig", kubeconfigOf("admin"), "get", "--raw", "/readyz"]), { timeoutMs: 120_000, everyMs: 100 });
  appendFileSync(STARTS, `${JSON.stringify({ fromMs, toMs: Date.now() })}\n`);
}

/** When API servers were starting: until it is ready, one has not read the roles yet and refuses what they allow. */
export function apiServerStarts(): { fromMs: number; toMs: number }[] {
  if (!existsSync(STARTS)) return [];
  return readFileSync(STARTS, "utf8").trim().split("\n").map((line) => JSON.parse(line) as { fromMs: number; toMs: number });
}

export function killApiServer(): Promise<void> { return signalDaemon("cp", "kube-apiserver", "KILL"); }

/** Compacts etcd to now, from within its sandbox: it listens on that loopback only. */
export async function compact(): Promise<void> {
  const module = JSON.stringify(new URL("../../support/etcd.ts", import.meta.url).href);
  await inSandbox("cp", [process.execPath, "--input-type=module", "-e", `await (await import(${module})).${etcdCompact.name}(${JSON.stringify(ETCD_URL)})`]);
}

function startControllers(): void {
  const flags = (name: string): string[] => [...["", "authentication-", "authorization-"].map((use) => `--${use}kubeconfig=${kubeconfigOf(name)}`), "--leader-elect=false"];
  startDaemon("cp", "kube-controller-manager", [HYPERKUBE, "kube-controller-manager", ...flags("kube-controller-manager"),
    `--service-account-private-key-file=${join(PKI, "sa.key")}`, `--root-ca-file=${join(PKI, "ca.crt")}`, "--enable-hostpath-provisioner=true",
    "--node-monitor-grace-period=10s", "--node-monitor-period=1s",
    // Its default of 20 a second leaves Deployments waiting for a minute after a suite that has made hundreds.
    "--kube-api-qps=100", "--kube-api-burst=100"]);
  startDaemon("cp", "kube-scheduler", [HYPERKUBE, "kube-scheduler", ...flags("kube-scheduler")]);
  const corefile = writeState("cp", "Corefile", `.:53 {
 bind ${CONTROL_PLANE_IP}
 errors
 ready ${CONTROL_PLANE_IP}:8181
 kubernetes cluster.local in-addr.arpa {
  kubeconfig ${kubeconfigOf("dns")}
  pods insecure
  ttl 1
 }
}
`);
  startDaemon("cp", "dns", [join(BIN, "coredns"), "-conf", corefile]);
}

export function caOfCluster(): string { return readFileSync(join(PKI, "ca.crt"), "utf8"); }
