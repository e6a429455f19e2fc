/** Kinds of the smaller groups. */
import type { Condition, IntOrString, LabelSelector, Typed } from "./resource.ts";
import { resource } from "./resource.ts";
import type { NodeSelector, ObjectReference } from "./core.ts";

export interface StorageClass extends Typed {
  provisioner: string;
  parameters?: { [name: string]: string };
  reclaimPolicy?: "Retain" | "Delete";
  volumeBindingMode?: "Immediate" | "WaitForFirstConsumer";
  allowVolumeExpansion?: boolean;
  mountOptions?: string[];
  allowedTopologies?: NodeSelector[];
}

export interface Lease extends Typed {
  spec: { holderIdentity?: string; leaseDurationSeconds?: number; acquireTime?: string; renewTime?: string; leaseTransitions?: number };
}

export interface PodDisruptionBudget extends Typed {
  spec: { minAvailable?: IntOrString; maxUnavailable?: IntOrString; selector?: LabelSelector; unhealthyPodEvictionPolicy?: string };
  status?: {
    observedGeneration?: number;
    disruptedPods?: { [pod: string]: string };
    disruptionsAllowed: number;
    currentHealthy: number;
    desiredHealthy: number;
    expectedPods: number;
    conditions?: Condition[];
  };
}

export interface EndpointSlice extends Typed {
  addressType: "IPv4" | "IPv6" | "FQDN";
  endpoints: Endpoint[] | null;
  ports: { name?: string | null; protocol?: string; port?: number | null; appProtocol?: string }[] | null;
}
export interface Endpoint {
  addresses: string[];
  conditions?: { ready?: boolean; serving?: boolean; terminating?: boolean };
  hostname?: string;
  targetRef?: ObjectReference;
  nodeName?: string;
  zone?: string;
  hints?: { [kind: string]: unknown };
}

export interface HorizontalPodAutoscaler extends Typed {
  spec: { scaleTargetRef: { apiVersion?: string; kind: string; name: string }; minReplicas?: number; maxReplicas: number; metrics?: unknown[]; behavior?: unknown };
  status?: { observedGeneration?: number; lastScaleTime?: string; currentReplicas?: number; desiredReplicas: number; currentMetrics?: unknown[] | null; conditions?: Condition[] | null };
}

export interface PolicyRule { verbs: string[]; apiGroups?: string[]; resources?: string[]; resourceNames?: string[]; nonResourceURLs?: string[] }
export interface ClusterRole extends Typed { rules?: PolicyRule[] | null; aggregationRule?: { clusterRoleSelectors?: LabelSelector[] } }

export const STORAGE_CLASSES = resource<StorageClass>("storage.k8s.io", "v1", "storageclasses", "StorageClass", false);
export const LEASES = resource<Lease>("coordination.k8s.io", "v1", "leases", "Lease");
export const BUDGETS = resource<PodDisruptionBudget>("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget");
export const ENDPOINT_SLICES = resource<EndpointSlice>("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice");
export const AUTOSCALERS = resource<HorizontalPodAutoscaler>("autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler");
export const CLUSTER_ROLES = resource<ClusterRole>("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", false);
