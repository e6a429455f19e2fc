/** Workloads of the group apps. */
import type { PersistentVolumeClaim, PodTemplate } from "./core.ts";
import type { Condition, IntOrString, LabelSelector, Typed } from "./resource.ts";
import { resource } from "./resource.ts";

export interface RollingUpdate { maxSurge?: IntOrString; maxUnavailable?: IntOrString }

export interface DeploymentStatus {
  observedGeneration?: number;
  replicas?: number;
  updatedReplicas?: number;
  readyReplicas?: number;
  availableReplicas?: number;
  unavailableReplicas?: number;
  terminatingReplicas?: number;
  conditions?: Condition[];
  collisionCount?: number;
}
export interface Deployment extends Typed {
  spec: {
    replicas: number;
    selector: LabelSelector;
    template: PodTemplate;
    strategy: { type: "RollingUpdate" | "Recreate"; rollingUpdate?: RollingUpdate };
    minReadySeconds?: number;
    revisionHistoryLimit?: number;
    paused?: boolean;
    progressDeadlineSeconds?: number;
  };
  status?: DeploymentStatus;
}

export interface ReplicaSetStatus {
  replicas: number;
  fullyLabeledReplicas?: number;
  readyReplicas?: number;
  availableReplicas?: number;
  terminatingReplicas?: number;
  observedGeneration?: number;
  conditions?: Condition[];
}
export interface ReplicaSet extends Typed {
  spec: { replicas: number; minReadySeconds?: number; selector: LabelSelector; template: PodTemplate };
  status?: ReplicaSetStatus;
}

export interface StatefulSetStatus {
  observedGeneration?: number;
  replicas: number;
  readyReplicas?: number;
  currentReplicas?: number;
  updatedReplicas?: number;
  currentRevision?: string;
  updateRevision?: string;
  collisionCount?: number;
  conditions?: Condition[];
  availableReplicas: number;
}
export type RetentionPolicy = "Retain" | "Delete";
export interface StatefulSet extends Typed {
  spec: {
    replicas: number;
    selector: LabelSelector;
    template: PodTemplate;
    volumeClaimTemplates?: PersistentVolumeClaim[];
    serviceName?: string;
    podManagementPolicy?: "OrderedReady" | "Parallel";
    updateStrategy: { type: "RollingUpdate" | "OnDelete"; rollingUpdate?: { partition?: number; maxUnavailable?: IntOrString } };
    revisionHistoryLimit?: number;
    minReadySeconds?: number;
    persistentVolumeClaimRetentionPolicy?: { whenDeleted?: RetentionPolicy; whenScaled?: RetentionPolicy };
    ordinals?: { start?: number };
  };
  status?: StatefulSetStatus;
}

export interface DaemonSetStatus {
  currentNumberScheduled: number;
  numberMisscheduled: number;
  desiredNumberScheduled: number;
  numberReady: number;
  observedGeneration?: number;
  updatedNumberScheduled?: number;
  numberAvailable?: number;
  numberUnavailable?: number;
  collisionCount?: number;
  conditions?: Condition[];
}
export interface DaemonSet extends Typed {
  spec: {
    selector: LabelSelector;
    template: PodTemplate;
    updateStrategy: { type: "RollingUpdate" | "OnDelete"; rollingUpdate?: RollingUpdate };
    minReadySeconds?: number;
    revisionHistoryLimit?: number;
  };
  status?: DaemonSetStatus;
}

export interface ControllerRevision extends Typed { data: unknown; revision: number }

export const DEPLOYMENTS = resource<Deployment>("apps", "v1", "deployments", "Deployment");
export const REPLICA_SETS = resource<ReplicaSet>("apps", "v1", "replicasets", "ReplicaSet");
export const STATEFUL_SETS = resource<StatefulSet>("apps", "v1", "statefulsets", "StatefulSet");
export const DAEMON_SETS = resource<DaemonSet>("apps", "v1", "daemonsets", "DaemonSet");
export const CONTROLLER_REVISIONS = resource<ControllerRevision>("apps", "v1", "controllerrevisions", "ControllerRevision");
