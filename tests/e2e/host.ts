/** The host in the test cluster: deployed from its own manifests, found, harmed, and read about in the audit log. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { apiClient, type Loose } from "../support/api-client.ts";
import { isWrite, readAudit, type AuditEvent } from "../support/audit.ts";
import { until } from "../support/wait.ts";
import { API_URL, AUDIT_LOG, caOfCluster, tokenOf } from "./cluster/control-plane.ts";
import { inSandbox } from "./cluster/sandbox.ts";

const ROOT = join(import.meta.dirname, "../..");
export const NAMESPACE = "toque-system";
export const HOST_IMAGE = "toque.test/host:e2e";

/** A host of one operator: its Deployment and Lease, who it is to the API server, and its module. */
export interface Hosted { readonly host: string; readonly account: string; readonly core: string }
function hosted(operator: string): Hosted {
  return { host: `toque-${operator}`, account: `system:serviceaccount:${NAMESPACE}:${operator}`, core: join(ROOT, `build/${operator}.wasm`) };
}
export const MYAPP = hosted("myapp");
export const STORE = hosted("store");

/** The admin. Reaches the API server only from within the cluster's network: see run.ts. */
export const api = apiClient({ url: API_URL, ca: caOfCluster(), token: tokenOf("admin") });

/** What `toque manifests` prints, as objects. */
export function manifests(replicas: number, { core }: Hosted = MYAPP): Loose[] {
  const text = execFileSync(process.execPath, [join(ROOT, "build/dist/toque.mjs"), "manifests", core, "--image", HOST_IMAGE, "--replicas", String(replicas)], { encoding: "utf8" });
  return parseAllDocuments(text).map((document) => document.toJS() as Loose);
}

const KIND_PATHS: { [kind: string]: string } = {
  Namespace: "/api/v1/namespaces", ServiceAccount: "/api/v1/namespaces/{ns}/serviceaccounts", Deployment: "/apis/apps/v1/namespaces/{ns}/deployments",
  CustomResourceDefinition: "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
  ClusterRole: "/apis/rbac.authorization.k8s.io/v1/clusterroles", ClusterRoleBinding: "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
  Role: "/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/roles", RoleBinding: "/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/rolebindings",
};

/** Applies the generated manifests as they are - two hosts on two nodes, if two - and waits until one leads. */
export async function deployHost(replicas: number, of: Hosted = MYAPP): Promise<void> {
  for (const object of manifests(replicas, of)) {
    const path = KIND_PATHS[object.kind];
    if (path === undefined) throw new Error(`no test knows how to apply a ${object.kind}`);
    if (object.kind === "Deployment" && replicas > 1) spread(object);
    await api.apply(`${path.replace("{ns}", object.metadata.namespace)}/${object.metadata.name}`, object);
  }
  await until(`${replicas} hosts are ready`, async () => {
    const { spec, status, metadata } = await api.must("GET", `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/${of.host}`);
    return spec.replicas === replicas && status.observedGeneration === metadata.generation && status.readyReplicas === replicas && status.replicas === replicas;
  }, { timeoutMs: 90_000, everyMs: 200 });
  await leader(undefined, of);
}

/** One host for each node: else a cut would take both. */
function spread(deployment: Loose): void {
  deployment.spec.template.spec.affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [
    { topologyKey: "kubernetes.io/hostname", labelSelector: deployment.spec.selector },
  ] } };
  // A host that a suite pauses must wake up again, not be replaced by the kubelet.
  deployment.spec.template.spec.containers[0].livenessProbe.failureThreshold = 30;
  // An extra one during a rollout would find no node.
  deployment.spec.strategy = { type: "RollingUpdate", rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } };
}

export interface HostPod { readonly name: string; readonly node: string; readonly containerId: string; readonly restarts: number }

export async function hostPods({ host }: Hosted = MYAPP): Promise<HostPod[]> {
  const { items } = await api.must("GET", `/api/v1/namespaces/${NAMESPACE}/pods?labelSelector=app.kubernetes.io/name%3D${host}`);
  return items.filter((pod: Loose) => pod.metadata.deletionTimestamp === undefined && pod.status.containerStatuses?.[0]?.state?.running !== undefined)
    .map((pod: Loose) => ({
      name: pod.metadata.name, node: pod.spec.nodeName, restarts: pod.status.containerStatuses[0].restartCount,
      containerId: pod.status.containerStatuses[0].containerID.replace("containerd://", ""),
    }));
}

/** The Lease's present holder, as the Pod it names. Waits for one whose lease has not run out. */
export function leader(other?: HostPod, of: Hosted = MYAPP): Promise<HostPod> {
  return until(other === undefined ? "a host leads" : `another host than ${other.name} leads`, async () => {
    const { items } = await api.must("GET", `/apis/coordination.k8s.io/v1/namespaces/${NAMESPACE}/leases`);
    const lease = items.find((item: Loose) => item.metadata.name === of.host);
    const holder: string | undefined = lease?.spec.holderIdentity;
    const isCurrent = Date.parse(lease?.spec.renewTime) + lease?.spec.leaseDurationSeconds * 1000 > Date.now();
    if (holder === undefined || holder === "" || !isCurrent) return undefined;
    const pods = await hostPods(of);
    return pods.find((pod) => holder.startsWith(pod.name) && pod.name !== other?.name);
  }, { timeoutMs: 90_000, everyMs: 200 });
}

/** Signals the host's process from outside its Pod, as the kernel's OOM killer would. */
export async function signalHost(pod: HostPod, signal: "KILL" | "STOP" | "CONT"): Promise<void> {
  const listed = await inSandbox(pod.node, ["ctr", "-n", "k8s.io", "task", "ls"]);
  const pid = new RegExp(`^${pod.containerId}\\s+(\\d+)`, "m").exec(listed)?.[1];
  if (pid === undefined) throw new Error(`no container ${pod.containerId} of ${pod.name} on ${pod.node}`);
  await inSandbox(pod.node, ["kill", `-${signal}`, pid]);
}

/** The host's requests since a moment (ms since the epoch). */
export function hostRequests(sinceMs = 0, { account }: Hosted = MYAPP): AuditEvent[] {
  return readAudit(AUDIT_LOG).filter((event) => event.user.username === account && Date.parse(event.requestReceivedTimestamp) >= sinceMs);
}

/** Writes other than to the Lease, which is renewed for ever. */
export function hostWrites(sinceMs = 0): AuditEvent[] {
  return hostRequests(sinceMs).filter((event) => isWrite(event) && event.objectRef?.resource !== "leases");
}

/** The Pod that a request came from, as its token says. */
export function podOf(event: AuditEvent): string | undefined {
  return event.user.extra?.["authentication.kubernetes.io/pod-name"]?.[0];
}
