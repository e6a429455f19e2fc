/** What every cluster has from the start, written as the real API server writes it. */
import { bootstrapPolicy } from "./auth/policy.ts";
import type { Client } from "./client.ts";
import type { ClusterObject } from "./model.ts";

const NAMESPACES = ["default", "kube-node-lease", "kube-public", "kube-system"];
const RBAC = { group: "rbac.authorization.k8s.io", version: "v1" };
const HTTPS_PORT = 443;
const SERVER_PORT = 6443;

/** `client`: as the API server itself. */
export function bootstrap(client: Client): void {
  for (const name of NAMESPACES) {
    client.create({ group: "", version: "v1", resource: "namespaces" }, { apiVersion: "v1", kind: "Namespace", metadata: { name } });
  }
  for (const { resource, object } of bootstrapPolicy()) client.create({ ...RBAC, resource }, object);
  for (const object of priorityClasses()) client.create({ group: "scheduling.k8s.io", version: "v1", resource: "priorityclasses" }, object);
  client.create({ group: "", version: "v1", resource: "services" }, kubernetesService());
}

function priorityClasses(): ClusterObject[] {
  const classOf = (name: string, value: number, description: string): ClusterObject =>
    ({ apiVersion: "scheduling.k8s.io/v1", kind: "PriorityClass", metadata: { name }, value, description });
  return [
    classOf("system-node-critical", 2_000_001_000, "For Pods of the system that must stay on their node."),
    classOf("system-cluster-critical", 2_000_000_000, "For Pods of the system that must run, on whatever node."),
  ];
}

function kubernetesService(): ClusterObject {
  return {
    apiVersion: "v1", kind: "Service", metadata: { name: "kubernetes", namespace: "default", labels: { component: "apiserver", provider: "kubernetes" } },
    spec: {
      type: "ClusterIP", clusterIP: "10.96.0.1", clusterIPs: ["10.96.0.1"], sessionAffinity: "None", ipFamilies: ["IPv4"], ipFamilyPolicy: "SingleStack", internalTrafficPolicy: "Cluster",
      ports: [{ name: "https", protocol: "TCP", port: HTTPS_PORT, targetPort: SERVER_PORT }],
    },
  };
}
