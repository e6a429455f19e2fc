/** Pods and what they are made of. */
import type { Condition, IntOrString, LabelSelector, Quantities, Typed } from "./resource.ts";
import { resource } from "./resource.ts";

export interface EnvVar { name: string; value?: string; valueFrom?: { [source: string]: unknown } }
export interface ContainerPort { name?: string; containerPort: number; protocol?: string; hostPort?: number }
export interface VolumeMount { name: string; mountPath: string; subPath?: string; readOnly?: boolean }

export interface HttpGetAction { path?: string; port: IntOrString; host?: string; scheme?: string; httpHeaders?: { name: string; value: string }[] }
export interface Handler {
  httpGet?: HttpGetAction;
  exec?: { command?: string[] };
  tcpSocket?: { port: IntOrString; host?: string };
  grpc?: { port: number; service?: string };
  sleep?: { seconds: number };
}
export interface Probe extends Handler {
  initialDelaySeconds?: number;
  timeoutSeconds?: number;
  periodSeconds?: number;
  successThreshold?: number;
  failureThreshold?: number;
  terminationGracePeriodSeconds?: number;
}

export interface Container {
  name: string;
  image?: string;
  imagePullPolicy?: "Always" | "IfNotPresent" | "Never";
  command?: string[];
  args?: string[];
  env?: EnvVar[];
  envFrom?: { prefix?: string; configMapRef?: { name?: string; optional?: boolean }; secretRef?: { name?: string; optional?: boolean } }[];
  ports?: ContainerPort[];
  volumeMounts?: VolumeMount[];
  resources?: { requests?: Quantities; limits?: Quantities };
  startupProbe?: Probe;
  livenessProbe?: Probe;
  readinessProbe?: Probe;
  lifecycle?: { preStop?: Handler; postStart?: Handler };
  /** Only of init containers: "Always" makes it a sidecar. */
  restartPolicy?: string;
}

export interface Volume {
  name: string;
  persistentVolumeClaim?: { claimName: string; readOnly?: boolean };
  ephemeral?: { volumeClaimTemplate: { metadata?: { labels?: { [key: string]: string }; annotations?: { [key: string]: string } }; spec: PersistentVolumeClaim["spec"] } };
  configMap?: { name?: string; optional?: boolean };
  secret?: { secretName?: string; optional?: boolean };
  [source: string]: unknown;
}

export interface Toleration { key?: string; operator?: "Equal" | "Exists" | "Lt" | "Gt"; value?: string; effect?: string; tolerationSeconds?: number }
export interface Taint { key: string; value?: string; effect: "NoSchedule" | "PreferNoSchedule" | "NoExecute"; timeAdded?: string }

export interface NodeSelectorTerm {
  matchExpressions?: NodeSelectorRequirement[];
  matchFields?: NodeSelectorRequirement[];
}
export interface NodeSelectorRequirement { key: string; operator: "In" | "NotIn" | "Exists" | "DoesNotExist" | "Gt" | "Lt"; values?: string[] }
export interface NodeSelector { nodeSelectorTerms: NodeSelectorTerm[] }
export interface PodAffinityTerm {
  labelSelector?: LabelSelector;
  namespaces?: string[];
  namespaceSelector?: LabelSelector;
  topologyKey: string;
  matchLabelKeys?: string[];
  mismatchLabelKeys?: string[];
}
export interface PodAffinities {
  requiredDuringSchedulingIgnoredDuringExecution?: PodAffinityTerm[];
  preferredDuringSchedulingIgnoredDuringExecution?: { weight: number; podAffinityTerm: PodAffinityTerm }[];
}
export interface Affinity {
  nodeAffinity?: {
    requiredDuringSchedulingIgnoredDuringExecution?: NodeSelector;
    preferredDuringSchedulingIgnoredDuringExecution?: { weight: number; preference: NodeSelectorTerm }[];
  };
  podAffinity?: PodAffinities;
  podAntiAffinity?: PodAffinities;
}
export interface TopologySpreadConstraint {
  maxSkew: number;
  topologyKey: string;
  whenUnsatisfiable: "DoNotSchedule" | "ScheduleAnyway";
  labelSelector?: LabelSelector;
  minDomains?: number;
  nodeAffinityPolicy?: "Honor" | "Ignore";
  nodeTaintsPolicy?: "Honor" | "Ignore";
  matchLabelKeys?: string[];
}

export interface PodSpec {
  nodeName?: string;
  nodeSelector?: { [label: string]: string };
  affinity?: Affinity;
  tolerations?: Toleration[];
  topologySpreadConstraints?: TopologySpreadConstraint[];
  schedulerName?: string;
  schedulingGates?: { name: string }[];
  priority?: number;
  overhead?: Quantities;
  hostNetwork?: boolean;
  hostname?: string;
  subdomain?: string;
  setHostnameAsFQDN?: boolean;
  restartPolicy?: "Always" | "OnFailure" | "Never";
  terminationGracePeriodSeconds?: number;
  activeDeadlineSeconds?: number;
  readinessGates?: { conditionType: string }[];
  serviceAccountName?: string;
  initContainers?: Container[];
  containers: Container[];
  volumes?: Volume[];
}

export interface ContainerState {
  waiting?: { reason?: string; message?: string };
  running?: { startedAt: string };
  terminated?: { exitCode: number; signal?: number; reason?: string; message?: string; startedAt?: string; finishedAt?: string; containerID?: string };
}
export interface ContainerStatus {
  name: string;
  state: ContainerState;
  lastState: ContainerState;
  ready: boolean;
  restartCount: number;
  image: string;
  imageID: string;
  containerID?: string;
  started?: boolean;
  [field: string]: unknown;
}

export type PodPhase = "Pending" | "Running" | "Succeeded" | "Failed" | "Unknown";
export interface PodStatus {
  observedGeneration?: number;
  phase?: PodPhase;
  conditions?: Condition[];
  message?: string;
  reason?: string;
  nominatedNodeName?: string;
  hostIP?: string;
  hostIPs?: { ip: string }[];
  podIP?: string;
  podIPs?: { ip: string }[];
  startTime?: string;
  initContainerStatuses?: ContainerStatus[];
  containerStatuses?: ContainerStatus[];
  qosClass?: "Guaranteed" | "Burstable" | "BestEffort";
}
export interface Pod extends Typed { spec: PodSpec; status?: PodStatus }

export interface PodTemplate {
  metadata?: { labels?: { [key: string]: string }; annotations?: { [key: string]: string }; finalizers?: string[]; name?: string };
  spec: PodSpec;
}

export interface Node extends Typed {
  spec: { podCIDR?: string; podCIDRs?: string[]; providerID?: string; unschedulable?: boolean; taints?: Taint[] };
  status?: {
    capacity?: Quantities;
    allocatable?: Quantities;
    conditions?: NodeCondition[];
    addresses?: { type: string; address: string }[];
    [field: string]: unknown;
  };
}
export interface NodeCondition extends Condition { lastHeartbeatTime?: string }

export interface ServicePort { name?: string; protocol?: string; appProtocol?: string; port: number; targetPort?: IntOrString; nodePort?: number }
export interface Service extends Typed {
  spec: {
    type?: "ClusterIP" | "NodePort" | "LoadBalancer" | "ExternalName";
    clusterIP?: string;
    clusterIPs?: string[];
    ipFamilies?: string[];
    ports?: ServicePort[];
    selector?: { [label: string]: string };
    publishNotReadyAddresses?: boolean;
    externalName?: string;
    trafficDistribution?: string;
    sessionAffinity?: string;
  };
}

export interface PersistentVolumeClaim extends Typed {
  spec: {
    accessModes?: string[];
    storageClassName?: string;
    volumeName?: string;
    volumeMode?: string;
    resources?: { requests?: Quantities; limits?: Quantities };
    selector?: LabelSelector;
  };
  status?: { phase?: "Pending" | "Bound" | "Lost"; accessModes?: string[]; capacity?: Quantities; conditions?: Condition[]; [field: string]: unknown };
}
export interface ObjectReference { apiVersion?: string; kind?: string; namespace?: string; name?: string; uid?: string; resourceVersion?: string; fieldPath?: string }
export interface PersistentVolume extends Typed {
  spec: {
    accessModes?: string[];
    capacity?: Quantities;
    claimRef?: ObjectReference;
    storageClassName?: string;
    volumeMode?: string;
    persistentVolumeReclaimPolicy?: "Retain" | "Delete" | "Recycle";
    nodeAffinity?: { required?: NodeSelector };
    [source: string]: unknown;
  };
  status?: { phase?: "Pending" | "Available" | "Bound" | "Released" | "Failed"; reason?: string; message?: string; lastPhaseTransitionTime?: string };
}

export interface Namespace extends Typed { spec?: { finalizers?: string[] }; status?: { phase?: "Active" | "Terminating"; conditions?: Condition[] } }
export interface ServiceAccount extends Typed { secrets?: ObjectReference[] }
export interface ConfigMap extends Typed { data?: { [key: string]: string }; binaryData?: { [key: string]: string } }
export interface Secret extends Typed { type?: string; data?: { [key: string]: string } }
export interface Endpoints extends Typed {
  subsets?: { addresses?: EndpointAddress[]; notReadyAddresses?: EndpointAddress[]; ports?: { name?: string; port: number; protocol?: string; appProtocol?: string }[] }[];
}
export interface EndpointAddress { ip: string; hostname?: string; nodeName?: string; targetRef?: ObjectReference }
export interface ReplicationController extends Typed {
  spec: { replicas?: number; minReadySeconds?: number; selector?: { [label: string]: string }; template?: PodTemplate };
  status?: { replicas: number; fullyLabeledReplicas?: number; readyReplicas?: number; availableReplicas?: number; observedGeneration?: number; conditions?: Condition[] };
}
export interface CoreEvent extends Typed {
  involvedObject: ObjectReference;
  reason?: string;
  message?: string;
  source?: { component?: string; host?: string };
  firstTimestamp?: string | null;
  lastTimestamp?: string | null;
  count?: number;
  type?: string;
  eventTime?: string | null;
  series?: { count: number; lastObservedTime: string };
  action?: string;
  related?: ObjectReference;
  reportingComponent?: string;
  reportingInstance?: string;
}

export const PODS = resource<Pod>("", "v1", "pods", "Pod");
export const NODES = resource<Node>("", "v1", "nodes", "Node", false);
export const SERVICES = resource<Service>("", "v1", "services", "Service");
export const ENDPOINTS = resource<Endpoints>("", "v1", "endpoints", "Endpoints");
export const CLAIMS = resource<PersistentVolumeClaim>("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim");
export const VOLUMES = resource<PersistentVolume>("", "v1", "persistentvolumes", "PersistentVolume", false);
export const NAMESPACES = resource<Namespace>("", "v1", "namespaces", "Namespace", false);
export const SERVICE_ACCOUNTS = resource<ServiceAccount>("", "v1", "serviceaccounts", "ServiceAccount");
export const CONFIG_MAPS = resource<ConfigMap>("", "v1", "configmaps", "ConfigMap");
export const SECRETS = resource<Secret>("", "v1", "secrets", "Secret");
export const EVENTS = resource<CoreEvent>("", "v1", "events", "Event");
export const REPLICATION_CONTROLLERS = resource<ReplicationController>("", "v1", "replicationcontrollers", "ReplicationController");
