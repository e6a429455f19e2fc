import type { JsonObject } from "../../../model.ts";
import { NAMESPACE, type Corpus } from "../differential.ts";

const slice = (name: string, addressType: string, endpoints: JsonObject[], ports: JsonObject[] = [], metadata: JsonObject = {}): JsonObject => ({ apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice", metadata: { name, ...metadata }, addressType, endpoints, ports });
export const endpointSlices: Corpus = {
  group: "discovery.k8s.io", kind: "EndpointSlice", values: { addressType: ["IPv4", "IPv6", "FQDN", "", "ipv4"] },
  objects: [
    slice("empty", "IPv4", []), slice("fqdn", "FQDN", [{ addresses: ["a.example.com", "b.example.com."] }]), slice("six", "IPv6", [{ addresses: ["fd00::1"], nodeName: "n", zone: "z" }]), slice("odd", "IPv4", [{ addresses: ["010.1.1.1"] }]),
    slice("four", "IPv4", [{ addresses: ["10.0.0.1"], conditions: { ready: true, serving: true, terminating: false }, hostname: "h", targetRef: { kind: "Pod", name: "p", namespace: NAMESPACE }, nodeName: "n", zone: "z", hints: { forZones: [{ name: "z" }], forNodes: [{ name: "n" }] }, deprecatedTopology: { a: "b" } }],
      [{ name: "http", port: 80 }, { port: 53, protocol: "UDP", appProtocol: "kubernetes.io/h2c" }]),
    slice("managed", "IPv4", [{ addresses: ["010.1.1.1", "10.0.0.2"] }], [{}], { labels: { "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io" } }),
  ],
};

const old = (name: string, ...subsets: JsonObject[]): JsonObject => ({ apiVersion: "v1", kind: "Endpoints", metadata: { name }, subsets });
export const endpoints: Corpus = {
  kind: "Endpoints",
  objects: [
    old("none"), old("one", { addresses: [{ ip: "10.0.0.1", hostname: "h", nodeName: "n", targetRef: { kind: "Pod", name: "p" } }], notReadyAddresses: [{ ip: "fd00::0:1" }], ports: [{ port: 80, name: "a" }, { port: 81, name: "b", protocol: "SCTP", appProtocol: "h2" }] }),
    old("plain", { addresses: [{ ip: "10.0.0.1" }], ports: [{ port: 80 }] }), old("odd", { addresses: [{ ip: "127.0.0.1" }, { ip: "169.254.0.1" }, { ip: "224.0.0.1" }, { ip: "0.0.0.0" }, { ip: "x" }] }),
  ],
};

const node = (name: string, spec: JsonObject, status: JsonObject = {}, metadata: JsonObject = {}): JsonObject => ({ apiVersion: "v1", kind: "Node", metadata: { name, ...metadata }, spec, status });
export const nodes: Corpus = {
  kind: "Node", subresources: { status: ["status"] },
  objects: [
    node("kinds-bare", {}), node("kinds-range", { podCIDR: "10.1.0.0/24", providerID: "x://1" }), node("kinds-ranges", { podCIDRs: ["10.1.0.0/24", "fd00::/64"], unschedulable: true }), node("kinds-odd-range", { podCIDRs: ["010.1.0.0/24", "10.1.0.0/24"] }),
    node("kinds-tainted", { taints: [{ key: "a", value: "b", effect: "NoSchedule" }, { key: "a", effect: "NoExecute", timeAdded: "2026-01-01T00:00:00Z" }], externalID: "e" }),
    node("kinds-status", {}, {
      capacity: { cpu: "4", memory: "8Gi", pods: "110", "example.com/x": "2" }, addresses: [{ type: "InternalIP", address: "10.0.0.1" }, { type: "Hostname", address: "h" }], conditions: [{ type: "Ready", status: "True", lastHeartbeatTime: "2026-01-01T00:00:00Z" }],
      nodeInfo: { machineID: "m", kubeletVersion: "v1.36.3", swap: { capacity: 5 } }, declaredFeatures: ["A", "B/c"], images: [{ names: ["a"], sizeBytes: 5 }], daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    }, { labels: { "kubernetes.io/hostname": "h" } }),
  ],
};

const pod: JsonObject = { kind: "Pod", apiVersion: "v1", name: "p", namespace: NAMESPACE, uid: "11111111-2222-4333-8444-555555555555" };
const timed: JsonObject = { eventTime: "2026-01-01T00:00:00.000001Z", action: "Act", reason: "Reason" };
export const events: Corpus = {
  kind: "Event",
  objects: [
    { apiVersion: "v1", kind: "Event", metadata: { name: "old" }, involvedObject: pod, reason: "R", message: "m", source: { component: "c", host: "h" }, firstTimestamp: "2026-01-01T00:00:00Z", lastTimestamp: "2026-01-01T00:00:00Z", count: 3, type: "Normal" },
    { apiVersion: "v1", kind: "Event", metadata: { name: "bare" }, involvedObject: { namespace: NAMESPACE } }, { apiVersion: "v1", kind: "Event", metadata: { name: "elsewhere" }, involvedObject: { namespace: "default" } },
    { apiVersion: "v1", kind: "Event", metadata: { name: "timed" }, involvedObject: pod, ...timed, reportingComponent: "example.com/c", reportingInstance: "i", series: { count: 2, lastObservedTime: "2026-01-01T00:00:00.000001Z" }, related: pod, type: "Warning" },
  ],
};
export const newEvents: Corpus = {
  group: "events.k8s.io", kind: "Event",
  objects: [
    { apiVersion: "events.k8s.io/v1", kind: "Event", metadata: { name: "new" }, regarding: pod, ...timed, reportingController: "example.com/c", reportingInstance: "i", note: "n", type: "Normal", series: { count: 2, lastObservedTime: "2026-01-01T00:00:00.000001Z" }, related: pod },
    { apiVersion: "events.k8s.io/v1", kind: "Event", metadata: { name: "new-bare" }, regarding: { namespace: NAMESPACE }, ...timed, reportingController: "c", reportingInstance: "i", type: "Warning" },
    { apiVersion: "events.k8s.io/v1", kind: "Event", metadata: { name: "deprecated" }, regarding: pod, ...timed, reportingController: "c", reportingInstance: "i", type: "Odd", deprecatedCount: 3, deprecatedSource: { component: "x" }, deprecatedFirstTimestamp: "2026-01-01T00:00:00Z", deprecatedLastTimestamp: "2026-01-01T00:00:00Z" },
  ],
};
