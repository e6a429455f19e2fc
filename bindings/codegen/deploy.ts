/**
 * Everything that is needed to run operators in a cluster, as objects: the namespace, the definitions, the permissions,
 * and the Deployment of the host. Writing them as YAML is the caller's.
 */
import type { JsonObject } from "../protocol/types.ts";
import type { Manifest } from "../protocol/manifest.ts";
import { rbacOf, sharedHostRbac } from "./rbac.ts";

export interface DeployOptions {
  /** Image with the host and the modules. Default "toque:latest". */
  image?: string;
  /** Where the host runs. Default "toque-system". */
  namespace?: string;
  /** Watch and write in these namespaces only. Default: everywhere. */
  watchNamespaces?: readonly string[];
  /** Hosts: one leads, the others stand by. Default 1. */
  replicas?: number;
  /** Name of the host's Deployment, Lease and, with several operators, ServiceAccount. Default: `toque-<name>`, or "toque". */
  name?: string;
  /** Folder of the modules in the image. Default "/operators". */
  modules?: string;
  /** Port of /metrics, /healthz, /readyz. Default 8080. */
  port?: number;
  /** Arguments of the host instead of the usual ones. */
  args?: readonly string[];
}

/** In the order in which they are to be created. */
export interface Deploy {
  namespace: JsonObject;
  crds: JsonObject[];
  rbac: JsonObject[];
  deployment: JsonObject;
  all: JsonObject[];
}

/**
 * One host for these operators. A single operator has one ServiceAccount for everything; several have one each for their
 * writes, which the host impersonates.
 */
export function deployOf(manifests: readonly Manifest[], options: DeployOptions = {}): Deploy {
  if (manifests.length === 0) throw new Error("deployOf needs at least one manifest");
  const sorted = [...manifests].sort((a, b) => (a.name < b.name ? -1 : 1));
  const namespace = options.namespace ?? "toque-system";
  const shared = sorted.length > 1;
  const name = options.name ?? (shared ? "toque" : `toque-${sorted[0]!.name}`);
  const hostAccount = shared ? name : sorted[0]!.name;
  const scope = options.watchNamespaces === undefined ? {} : { watchNamespaces: options.watchNamespaces };
  const rbac = [
    ...(shared ? sharedHostRbac(sorted, { namespace, account: hostAccount, leaseName: name }) : []),
    ...sorted.flatMap((manifest) => rbacOf(manifest, { namespace, hostAccount, leaseName: name, ...scope })),
  ];
  const namespaceObject = namespaceOf(namespace);
  const crds = sorted.map((manifest) => manifest.crd as JsonObject);
  const deployment = deploymentOf(sorted, { ...options, name, namespace, account: hostAccount });
  return { namespace: namespaceObject, crds, rbac, deployment, all: [namespaceObject, ...crds, ...rbac, deployment] };
}

function namespaceOf(name: string): JsonObject {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels: { "pod-security.kubernetes.io/enforce": "restricted" } } };
}

type Settled = DeployOptions & { name: string; namespace: string; account: string };

function deploymentOf(manifests: readonly Manifest[], options: Settled): JsonObject {
  const { name, namespace, account, replicas = 1 } = options;
  const labels = { "app.kubernetes.io/name": name, "app.kubernetes.io/managed-by": "toque" };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace, labels: { ...labels } },
    spec: {
      replicas,
      selector: { matchLabels: { "app.kubernetes.io/name": name } },
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: account,
          securityContext: { runAsNonRoot: true, runAsUser: 65532, runAsGroup: 65532, seccompProfile: { type: "RuntimeDefault" } },
          containers: [container(manifests, options)],
        },
      },
    },
  };
}

function container(manifests: readonly Manifest[], options: Settled): JsonObject {
  const { image = "toque:latest", port = 8080 } = options;
  return {
    name: "host",
    image,
    args: [...(options.args ?? argsOf(manifests, options, port))],
    env: [
      { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
      { name: "POD_NAMESPACE", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } },
    ],
    ports: [{ name: "metrics", containerPort: port }],
    livenessProbe: { httpGet: { path: "/healthz", port: "metrics" }, periodSeconds: 10, failureThreshold: 3 },
    readinessProbe: { httpGet: { path: "/readyz", port: "metrics" }, periodSeconds: 5 },
    resources: { requests: { cpu: "50m", memory: "128Mi" }, limits: { memory: "512Mi" } },
    securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } },
  };
}

/** Leader election even with one replica: during a rollout there are two. */
function argsOf(manifests: readonly Manifest[], options: Settled, port: number): string[] {
  const { modules = "/operators", watchNamespaces = [], namespace } = options;
  return [
    "run", ...manifests.map((manifest) => `${modules}/${manifest.name}.wasm`),
    ...(watchNamespaces.length === 0 ? [] : ["--namespace", watchNamespaces.join(",")]),
    "--leader-elect", "--leader-namespace", namespace,
    ...(manifests.length > 1 ? ["--impersonate"] : []),
    "--bind", "0.0.0.0", "--port", String(port), "--log", "json",
  ];
}
