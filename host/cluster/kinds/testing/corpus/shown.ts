/** Objects whose status makes a difference to what `kubectl get` shows of them. */
import type { JsonObject } from "../../../model.ts";

export const SHOWN_NAMESPACE = "shown";

/** By "version/Kind" or "group/version/Kind". The status is written after the object has been made. */
export const SHOWN: { readonly [kind: string]: readonly JsonObject[] } = {
  "v1/Pod": pods(), "v1/Node": nodes(), "v1/PersistentVolume": [volume("bound", { claimRef: { namespace: "a", name: "b" }, storageClassName: "fast", volumeMode: "Block", volumeAttributesClassName: "gold", accessModes: ["ReadWriteMany", "ReadWriteOnce"], hostPath: null, csi: { driver: "x.io", volumeHandle: "h" } }, { phase: "Bound", reason: "Why" }), { ...volume("going", {}, {}, { "volume.beta.kubernetes.io/storage-class": "old" }), gone: true }],
  "v1/PersistentVolumeClaim": [
    claim("bound", { volumeName: "v", storageClassName: "fast" }, { phase: "Bound", capacity: { storage: "2Gi" }, accessModes: ["ReadOnlyMany", "ReadWriteOncePod"] }), claim("lost", { volumeName: "v" }, { phase: "Lost" }), claim("pending", { storageClassName: "", volumeMode: "Block" }, undefined),
    { ...claim("going", {}, undefined), gone: true },
  ],
  "v1/Service": services(), "v1/ResourceQuota": [{ ...object("quota"), spec: { hard: { pods: "3", "limits.cpu": "2", "requests.cpu": "1", "limits.memory": "1Gi" } }, status: { hard: { pods: "3", "limits.cpu": "2", "requests.cpu": "1", "limits.memory": "1Gi" }, used: { pods: "1", "limits.cpu": "500m" } } }],
  "v1/ReplicationController": [{ ...object("rc"), spec: { replicas: 3, selector: { b: "2", a: "1" }, template: template({ a: "1", b: "2" }) }, status: { replicas: 2, readyReplicas: 1 } }],
  "v1/PodTemplate": [{ ...object("template"), template: template({ b: "2", a: "1" }) }], "v1/Secret": [{ ...object("secret"), data: { a: "", b: "" } }], "v1/ConfigMap": [{ ...object("map"), data: { a: "" }, binaryData: { b: "" } }],
  "v1/Event": events(), "events.k8s.io/v1/Event": [],
  "apps/v1/Deployment": [{ ...object("web"), spec: { replicas: 3, selector: selector(), template: template({ a: "1", c: "x" }) }, status: { replicas: 3, updatedReplicas: 2, readyReplicas: 1, availableReplicas: 1 } }],
  "apps/v1/ReplicaSet": [{ ...object("rs"), spec: { replicas: 3, selector: selector(), template: template({ a: "1", c: "x" }) }, status: { replicas: 2, readyReplicas: 1 } }],
  "apps/v1/StatefulSet": [{ ...object("db"), spec: { replicas: 3, serviceName: "db", selector: selector(), template: template({ a: "1", c: "x" }) }, status: { replicas: 2, readyReplicas: 1 } }],
  "apps/v1/DaemonSet": [{ ...object("ds"), spec: { selector: selector(), template: template({ a: "1", c: "x" }, { nodeSelector: { disk: "ssd", b: "a" } }) }, status: { currentNumberScheduled: 3, numberMisscheduled: 0, desiredNumberScheduled: 4, numberReady: 2, updatedNumberScheduled: 1, numberAvailable: 2 } }],
  "apps/v1/ControllerRevision": [
    { ...object("one", {}, [{ apiVersion: "apps/v1", kind: "StatefulSet", name: "db", uid: "u", controller: true }]), revision: 7, data: { a: 1 } }, { ...object("two", {}, [{ apiVersion: "v1", kind: "Pod", name: "p", uid: "u", controller: true }]), revision: 1, data: { a: 1 } }, { ...object("three", {}, [{ apiVersion: "v1", kind: "Pod", name: "p", uid: "u" }]), revision: 2, data: { a: 1 } },
  ],
  "batch/v1/Job": jobs(),
  "batch/v1/CronJob": [
    { ...object("nightly"), spec: { schedule: "0 3 * * *", timeZone: "Europe/Berlin", suspend: true, jobTemplate: { spec: { template: template({ a: "1" }, { restartPolicy: "Never" }) } } }, status: { lastScheduleTime: "2020-01-01T00:00:00Z", active: [{ name: "a" }, { name: "b" }] } },
    { ...object("plain"), spec: { schedule: "@daily", jobTemplate: { spec: { template: template({ a: "1", c: "x" }, { restartPolicy: "Never" }) } } } },
  ],
  "policy/v1/PodDisruptionBudget": [{ ...object("min"), spec: { minAvailable: "50%", selector: selector() }, status: { disruptionsAllowed: 2, currentHealthy: 3, desiredHealthy: 1, expectedPods: 3 } }, { ...object("max"), spec: { maxUnavailable: 1, selector: selector() } }],
  "autoscaling/v2/HorizontalPodAutoscaler": autoscalers(), "autoscaling/v1/HorizontalPodAutoscaler": [],
  "networking.k8s.io/v1/Ingress": ingresses(), "networking.k8s.io/v1/IngressClass": [
    { ...object("kinds-default", { "ingressclass.kubernetes.io/is-default-class": "true" }), spec: { controller: "example.com/c", parameters: { apiGroup: "example.com", kind: "P", name: "p" } } }, { ...object("kinds-other"), spec: { controller: "example.com/c", parameters: { kind: "ConfigMap", name: "p", scope: "Namespace", namespace: "x" } } },
  ],
  "networking.k8s.io/v1/NetworkPolicy": [{ ...object("some"), spec: { podSelector: selector() } }, { ...object("all"), spec: { podSelector: {} } }], "networking.k8s.io/v1/ServiceCIDR": [{ ...object("kinds-more"), spec: { cidrs: ["10.99.0.0/16"] } }],
  "networking.k8s.io/v1/IPAddress": [{ ...object("192.168.7.7"), spec: { parentRef: { resource: "services", namespace: "default", name: "x" } } }, { ...object("192.168.7.8"), spec: { parentRef: { group: "example.com", resource: "things", name: "x" } } }],
  "storage.k8s.io/v1/StorageClass": [{ ...object("kinds-default", { "storageclass.beta.kubernetes.io/is-default-class": "true" }), provisioner: "x.io/y", allowVolumeExpansion: true }, { ...object("kinds-other"), provisioner: "x.io/y", reclaimPolicy: "Retain", volumeBindingMode: "WaitForFirstConsumer" }],
  "storage.k8s.io/v1/CSIDriver": [{ ...object("kinds.a"), spec: { attachRequired: false, podInfoOnMount: true, storageCapacity: true, requiresRepublish: true, tokenRequests: [{ audience: "a" }, { audience: "b", expirationSeconds: 600 }], volumeLifecycleModes: ["Ephemeral", "Persistent"] } }, { ...object("kinds.b"), spec: {} }],
  "storage.k8s.io/v1/CSINode": [{ ...object("kinds-node"), spec: { drivers: [{ name: "a", nodeID: "n" }] } }], "storage.k8s.io/v1/CSIStorageCapacity": [{ ...object("cap"), storageClassName: "x", capacity: "1Gi" }],
  "storage.k8s.io/v1/VolumeAttachment": [{ ...object("kinds-a"), spec: { attacher: "x.io", nodeName: "n", source: { persistentVolumeName: "v" } }, status: { attached: true } }], "storage.k8s.io/v1/VolumeAttributesClass": [{ ...object("kinds-gold"), driverName: "x.io", parameters: { a: "b" } }],
  ...policies(),
};

function object(name: string, annotations: JsonObject = {}, ownerReferences: JsonObject[] = []): JsonObject {
  return { metadata: { name, annotations, ownerReferences } };
}
function selector(): JsonObject {
  return { matchLabels: { a: "1" }, matchExpressions: [{ key: "c", operator: "In", values: ["x", "b"] }, { key: "d", operator: "DoesNotExist" }, { key: "a", operator: "Exists" }, { key: "b", operator: "NotIn", values: ["y"] }] };
}
function template(labels: JsonObject, more: JsonObject = {}): JsonObject {
  return { metadata: { labels }, spec: { containers: [{ name: "main", image: "app:1" }, { name: "side", image: "side:2" }], ...more } };
}
function volume(name: string, spec: JsonObject, status: JsonObject, annotations: JsonObject = {}): JsonObject {
  return { ...object(`kinds-${name}`, annotations), spec: { accessModes: ["ReadWriteOnce"], capacity: { storage: "1Gi" }, hostPath: { path: "/x" }, ...spec }, status };
}
function claim(name: string, spec: JsonObject, status: JsonObject | undefined): JsonObject {
  return { ...object(name), spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } }, ...spec }, ...status === undefined ? {} : { status } };
}

function pods(): JsonObject[] {
  const state = (name: string, state: JsonObject, more: JsonObject = {}): JsonObject => ({ name, image: "i", imageID: "i", ready: false, restartCount: 0, state, ...more });
  const ended = (exitCode: number, more: JsonObject = {}): JsonObject => ({ terminated: { exitCode, startedAt: null, finishedAt: "2020-01-01T00:00:00Z", ...more } });
  const running = { running: { startedAt: "2020-01-01T00:00:00Z" } };
  const pod = (name: string, status: JsonObject | undefined, spec: JsonObject = {}): JsonObject => ({ ...object(name), spec: { containers: [{ name: "a", image: "i" }, { name: "b", image: "i" }], initContainers: [{ name: "i", image: "i" }, { name: "s", image: "i", restartPolicy: "Always" }], ...spec }, ...status === undefined ? {} : { status } });
  const ready = [{ type: "Ready", status: "True" }, { type: "Initialized", status: "True" }];
  return [
    pod("new", undefined), pod("gated", undefined, { schedulingGates: [{ name: "x.io/a" }] }), { ...pod("going", { phase: "Running" }), gone: true }, { ...pod("lost", { phase: "Running", reason: "NodeLost" }), gone: true }, { ...pod("gone-well", { phase: "Succeeded" }), gone: true },
    pod("running", { phase: "Running", podIP: "10.1.2.3", podIPs: [{ ip: "10.1.2.3" }], conditions: ready, containerStatuses: [state("a", running, { ready: true, restartCount: 2, lastState: ended(1) }), state("b", running, { ready: true, restartCount: 1, lastState: ended(1, { finishedAt: "2020-02-01T00:00:00Z" }) })], initContainerStatuses: [state("i", ended(0), { restartCount: 5 }), state("s", running, { ready: true, started: true, restartCount: 1 })] }),
    pod("half", { phase: "Running", conditions: ready, containerStatuses: [state("a", running, { ready: true }), state("b", ended(0, { reason: "Completed" }))] }), pod("half-unready", { phase: "Running", containerStatuses: [state("a", running, { ready: true }), state("b", ended(0, { reason: "Completed" }))] }),
    pod("half-wrong", { phase: "Running", containerStatuses: [state("a", ended(0, { reason: "Completed" })), state("b", ended(3, { reason: "Error" }))] }), pod("signal", { phase: "Failed", containerStatuses: [state("a", ended(3, { signal: 9 }))] }), pod("code", { phase: "Failed", containerStatuses: [state("a", ended(3))] }),
    pod("loop", { phase: "Running", containerStatuses: [state("a", { waiting: { reason: "CrashLoopBackOff" } }, { restartCount: 4 })] }), pod("evicted", { phase: "Failed", reason: "Evicted" }), pod("done", { phase: "Succeeded", containerStatuses: [state("a", ended(0, { reason: "Completed" }))] }),
    pod("init", { phase: "Pending", initContainerStatuses: [state("i", running)] }), pod("init-wait", { phase: "Pending", initContainerStatuses: [state("i", { waiting: { reason: "PodInitializing" } })] }), pod("init-pull", { phase: "Pending", initContainerStatuses: [state("i", { waiting: { reason: "ImagePullBackOff" } })] }),
    pod("init-code", { phase: "Pending", initContainerStatuses: [state("i", ended(2), { restartCount: 3, lastState: ended(2) })] }), pod("init-signal", { phase: "Pending", initContainerStatuses: [state("i", ended(2, { signal: 15 }))] }), pod("init-error", { phase: "Pending", initContainerStatuses: [state("i", ended(2, { reason: "Error" }))] }),
    pod("init-second", { phase: "Pending", initContainerStatuses: [state("i", ended(0)), state("s", running, { started: false })] }), pod("init-but-ready", { phase: "Running", conditions: ready, initContainerStatuses: [state("i", ended(2))], containerStatuses: [state("a", running, { ready: true })] }),
    pod("ready-gates", { phase: "Running", conditions: [{ type: "x.io/a", status: "True" }, { type: "x.io/b", status: "False" }] }, { nodeName: "node-1", readinessGates: [{ conditionType: "x.io/a" }, { conditionType: "x.io/b" }, { conditionType: "x.io/c" }] }), pod("nominated", { phase: "Pending", nominatedNodeName: "node-2" }),
  ];
}

function nodes(): JsonObject[] {
  const info = { machineID: "", systemUUID: "", bootID: "", kernelVersion: "6.1", osImage: "Debian", containerRuntimeVersion: "containerd://2", kubeletVersion: "v1.36.3", kubeProxyVersion: "", operatingSystem: "linux", architecture: "amd64" };
  const node = (name: string, labels: JsonObject, status: JsonObject | undefined, spec: JsonObject = {}): JsonObject => ({ metadata: { name: `kinds-${name}`, labels }, spec, ...status === undefined ? {} : { status } });
  return [
    node("ready", { "node-role.kubernetes.io/worker": "", "node-role.kubernetes.io/control-plane": "", "kubernetes.io/role": "other" }, { nodeInfo: info, conditions: [{ type: "Ready", status: "True" }], addresses: [{ type: "Hostname", address: "h" }, { type: "InternalIP", address: "10.0.0.1" }, { type: "ExternalIP", address: "1.2.3.4" }] }),
    node("not-ready", {}, { conditions: [{ type: "Ready", status: "Unknown" }] }), node("closed", {}, undefined, { unschedulable: true }),
  ];
}

function services(): JsonObject[] {
  const service = (name: string, spec: JsonObject, status?: JsonObject): JsonObject => ({ ...object(name), spec: { ports: [{ port: 80, name: "a" }, { port: 53, protocol: "UDP", name: "b" }], ...spec }, ...status === undefined ? {} : { status } });
  const points: JsonObject = { loadBalancer: { ingress: [{ hostname: "a-very-long-name.example.com" }, { ip: "1.2.3.5" }, { ip: "1.2.3.4", hostname: "x.io" }] } };
  return [
    service("plain", { selector: { b: "2", a: "1" } }), service("headless", { clusterIP: "None", ports: [] }), service("reached", { externalIPs: ["1.2.3.4", "1.2.3.5"] }), service("on-nodes", { type: "NodePort", ports: [{ port: 80, nodePort: 31_777 }] }),
    service("waiting", { type: "LoadBalancer", allocateLoadBalancerNodePorts: false }), service("balanced", { type: "LoadBalancer", allocateLoadBalancerNodePorts: false }, points), service("both", { type: "LoadBalancer", allocateLoadBalancerNodePorts: false, externalIPs: ["9.9.9.9"] }, points),
    service("alias", { type: "ExternalName", externalName: "x.example.com", ports: [] }),
  ];
}

function events(): JsonObject[] {
  const event = (name: string, more: JsonObject): JsonObject => ({ ...object(name), involvedObject: { kind: "Pod", namespace: SHOWN_NAMESPACE, name: "p", fieldPath: "spec.x" }, reason: "Tested", message: "  said so\n", type: "Normal", ...more });
  return [
    event("old", { source: { component: "c", host: "h" }, firstTimestamp: "2020-01-01T00:00:00Z", lastTimestamp: "2021-01-01T00:00:00Z", count: 3 }), event("once", { source: { component: "c" } }), event("nameless", { involvedObject: { kind: "Node", namespace: SHOWN_NAMESPACE }, lastTimestamp: "2021-01-01T00:00:00Z" }),
    event("new", { eventTime: "2020-01-01T00:00:00.000000Z", reportingComponent: "x.io/c", reportingInstance: "i", action: "a" }), event("series", { eventTime: "2020-01-01T00:00:00.000000Z", reportingComponent: "x.io/c", reportingInstance: "i", action: "a", series: { count: 7, lastObservedTime: "2022-01-01T00:00:00.000000Z" } }),
  ];
}

function jobs(): JsonObject[] {
  const job = (name: string, spec: JsonObject, status?: JsonObject): JsonObject => ({ ...object(name), spec: { template: template({}, { restartPolicy: "Never" }), ...spec }, ...status === undefined ? {} : { status } });
  const startTime = "2020-01-01T00:00:00Z";
  return [
    job("new", {}), job("many", { parallelism: 3 }), job("some", { completions: 5, parallelism: 2 }, { startTime, succeeded: 2, active: 2 }), job("work-queue", { parallelism: 2, completions: null }, { startTime, succeeded: 1 }), { ...job("going", {}), gone: true }, job("paused", { suspend: true }, { conditions: [{ type: "Suspended", status: "True" }] }),
    job("failing", {}, { startTime, conditions: [{ type: "FailureTarget", status: "True", reason: "x" }] }), job("nearly", {}, { startTime, conditions: [{ type: "SuccessCriteriaMet", status: "True" }] }),
  ];
}

function autoscalers(): JsonObject[] {
  const resource = (target: JsonObject): JsonObject => ({ type: "Resource", resource: { name: "cpu", target } });
  const inContainer = (target: JsonObject): JsonObject => ({ type: "ContainerResource", containerResource: { name: "memory", container: "c", target } });
  const external = (target: JsonObject): JsonObject => ({ type: "External", external: { metric: { name: "m" }, target } });
  const about = (target: JsonObject): JsonObject => ({ type: "Object", object: { metric: { name: "m" }, describedObject: { kind: "Service", name: "s" }, target } });
  const ofPods: JsonObject = { type: "Pods", pods: { metric: { name: "m" }, target: { type: "AverageValue", averageValue: "3" } } };
  const [value, average, usage] = [{ type: "Value", value: "1500m" }, { type: "AverageValue", averageValue: "2" }, { type: "Utilization", averageUtilization: 50 }] as const;
  const scaler = (name: string, metrics: JsonObject[], currentMetrics?: JsonObject[], spec: JsonObject = {}): JsonObject => ({
    ...object(name), spec: { scaleTargetRef: { kind: "Deployment", name: "d", apiVersion: "apps/v1" }, maxReplicas: 5, metrics, ...spec }, ...currentMetrics === undefined ? {} : { status: { currentReplicas: 2, desiredReplicas: 2, currentMetrics } },
  });
  const now = (metric: JsonObject, current: JsonObject): JsonObject => {
    const [field] = Object.keys(metric).filter((each) => each !== "type") as [string];
    const { target: _, ...rest } = metric[field] as JsonObject;
    return { type: metric.type as string, [field]: { ...rest, current } };
  };
  return [
    scaler("default", []), scaler("usage", [resource(usage), inContainer(usage)], [now(resource(usage), { averageUtilization: 70, averageValue: "1" }), now(inContainer(usage), { averageUtilization: 7, averageValue: "1" })], { minReplicas: 2 }), scaler("unknown", [resource(usage), resource(average)]),
    scaler("averages", [resource(average), inContainer(average)], [now(resource(average), { averageValue: "500m" }), now(inContainer(average), { averageValue: "5" })]), scaler("external", [external(value), external(average)], [now(external(value), { value: "1" }), now(external(average), { averageValue: "4" })]),
    scaler("half", [external(value), external(average)], [now(external(value), { averageValue: "1" }), now(external(average), { value: "4" })]), scaler("object", [about(value), about(average)], [now(about(value), { value: "1" }), now(about(average), { averageValue: "4" })]),
    scaler("pods", [ofPods, external(value), about(value), resource(usage)], [now(ofPods, { averageValue: "1" })]), scaler("nothing-known", [ofPods, about(average)]),
  ];
}

function ingresses(): JsonObject[] {
  const rule = (host?: string): JsonObject => ({ ...host === undefined ? {} : { host }, http: { paths: [{ path: "/", pathType: "Prefix", backend: { service: { name: "s", port: { number: 80 } } } }] } });
  const ingress = (name: string, spec: JsonObject, status?: JsonObject): JsonObject => ({ ...object(name), spec, ...status === undefined ? {} : { status } });
  return [
    ingress("any", { rules: [rule()] }, { loadBalancer: { ingress: [{ hostname: "a-very-long-name.example.com" }, { ip: "1.2.3.4" }] } }), ingress("some", { ingressClassName: "c", tls: [{ hosts: ["a.io"], secretName: "s" }], rules: [rule("a.io"), rule(), rule("b.io")] }),
    ingress("many", { rules: ["a.io", "b.io", "c.io", "d.io", "e.io"].map(rule) }),
  ];
}

function policies(): { [kind: string]: JsonObject[] } {
  const rules = [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }];
  const subjects: JsonObject[] = [{ kind: "User", name: "u" }, { kind: "Group", name: "g" }, { kind: "User", name: "v" }, { kind: "ServiceAccount", name: "s", namespace: "n" }];
  const webhook: JsonObject = { name: "a.example.com", clientConfig: { url: "https://example.com" }, sideEffects: "None", admissionReviewVersions: ["v1"] };
  const admission = "admissionregistration.k8s.io/v1";
  const flow = "flowcontrol.apiserver.k8s.io/v1";
  const matching: JsonObject = { resourceRules: [{ apiGroups: ["x.io"], apiVersions: ["v1"], resources: ["things"], operations: ["CREATE"] }] };
  const binding = (name: string, paramRef?: JsonObject): JsonObject => ({ ...object(`kinds-${name}`), spec: { policyName: "p", ...paramRef === undefined ? {} : { paramRef: { parameterNotFoundAction: "Allow", ...paramRef } } } });
  const bindings = (more: JsonObject): JsonObject[] => [binding("a"), binding("b", { name: "x" }), binding("c", { name: "x", namespace: "n" }), binding("d", { selector: { matchLabels: { b: "2", a: "1" }, matchExpressions: [{ key: "c", operator: "In", values: ["x", "y"] }] } })].map((each) => ({ ...each, spec: { ...each.spec as JsonObject, ...more } }));
  return {
    "rbac.authorization.k8s.io/v1/Role": [{ ...object("r"), rules }], "rbac.authorization.k8s.io/v1/ClusterRole": [{ ...object("kinds-r"), rules }],
    "rbac.authorization.k8s.io/v1/RoleBinding": [{ ...object("b"), roleRef: { kind: "Role", name: "r" }, subjects }], "rbac.authorization.k8s.io/v1/ClusterRoleBinding": [{ ...object("kinds-b"), roleRef: { kind: "ClusterRole", name: "view" }, subjects }],
    "coordination.k8s.io/v1/Lease": [{ ...object("held"), spec: { holderIdentity: "me" } }, { ...object("free"), spec: {} }],
    "discovery.k8s.io/v1/EndpointSlice": [{ ...object("many"), addressType: "IPv4", endpoints: [{ addresses: ["10.0.0.1", "10.0.0.2"] }, { addresses: ["10.0.0.3", "10.0.0.4"] }], ports: [{ name: "a", port: 80 }, { name: "b" }, { name: "c", port: 1 }, { name: "d", port: 2 }] }, { ...object("none"), addressType: "IPv6", endpoints: [], ports: [{}] }, { ...object("nothing"), addressType: "IPv6", endpoints: [] }],
    "v1/Endpoints": [{ ...object("many"), subsets: [{ addresses: [{ ip: "10.0.0.1" }, { ip: "fd00::1" }], ports: [{ name: "a", port: 80 }, { name: "b", port: 81 }] }] }, { ...object("bare"), subsets: [{ addresses: [{ ip: "fd00::1" }] }] }, { ...object("unready"), subsets: [{ notReadyAddresses: [{ ip: "fd00::1" }], ports: [{ port: 1 }] }] }, object("none")],
    "scheduling.k8s.io/v1/PriorityClass": [{ ...object("kinds-high"), value: 1000 }, { ...object("kinds-calm"), value: -1000, preemptionPolicy: "Never" }], "node.k8s.io/v1/RuntimeClass": [{ ...object("kinds-gvisor"), handler: "runsc" }],
    "certificates.k8s.io/v1/CertificateSigningRequest": [],
    [`${admission}/ValidatingWebhookConfiguration`]: [{ ...object("kinds-v"), webhooks: [webhook, { ...webhook, name: "b.example.com" }] }, object("kinds-none")], [`${admission}/MutatingWebhookConfiguration`]: [{ ...object("kinds-m"), webhooks: [webhook] }],
    [`${admission}/ValidatingAdmissionPolicy`]: [{ ...object("kinds-p"), spec: { paramKind: { apiVersion: "x.io/v1", kind: "P" }, matchConstraints: matching, validations: [{ expression: "true" }] } }, { ...object("kinds-q"), spec: { matchConstraints: matching, validations: [{ expression: "true" }, { expression: "false" }] } }],
    [`${admission}/ValidatingAdmissionPolicyBinding`]: bindings({ validationActions: ["Warn"] }), [`${admission}/MutatingAdmissionPolicy`]: [{ ...object("kinds-p"), spec: { paramKind: { apiVersion: "x.io/v1", kind: "P" }, matchConstraints: matching, reinvocationPolicy: "Never", mutations: [{ patchType: "JSONPatch", jsonPatch: { expression: "[JSONPatch{op: \"remove\", path: \"/spec/x\"}]" } }] } }],
    [`${admission}/MutatingAdmissionPolicyBinding`]: bindings({}),
    [`${flow}/FlowSchema`]: [{ ...object("kinds-f"), spec: { priorityLevelConfiguration: { name: "global-default" }, matchingPrecedence: 9000, distinguisherMethod: { type: "ByUser" } } }, { ...object("kinds-dangling"), spec: { priorityLevelConfiguration: { name: "nowhere" } } }], [`${flow}/PriorityLevelConfiguration`]: [{ ...object("kinds-l"), spec: { type: "Limited", limited: { limitResponse: { type: "Queue", queuing: { queues: 8 } } } } }, { ...object("kinds-r"), spec: { type: "Limited", limited: { nominalConcurrencyShares: 0, limitResponse: { type: "Reject" } } } }],
    "apiregistration.k8s.io/v1/APIService": [{ ...object("v1.kinds.io"), spec: { group: "kinds.io", version: "v1", groupPriorityMinimum: 100, versionPriority: 10, insecureSkipTLSVerify: true, service: { namespace: "n", name: "s" } } }],
    "resource.k8s.io/v1/DeviceClass": [{ ...object("kinds-c"), spec: {} }], "resource.k8s.io/v1/ResourceClaim": [{ ...object("c"), spec: { devices: {} } }, { ...object("going"), spec: { devices: {} }, gone: true }],
    "resource.k8s.io/v1/ResourceClaimTemplate": [{ ...object("t"), spec: { spec: { devices: {} } } }], "resource.k8s.io/v1/ResourceSlice": [{ ...object("kinds-s"), spec: { driver: "x.io", nodeName: "n", pool: { name: "p", resourceSliceCount: 1 } } }],
  };
}
