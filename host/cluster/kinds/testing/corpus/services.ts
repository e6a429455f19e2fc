import type { JsonObject } from "../../../model.ts";
import type { Corpus } from "../differential.ts";

const service = (name: string, spec: JsonObject, metadata: JsonObject = {}): JsonObject => ({ apiVersion: "v1", kind: "Service", metadata: { name, ...metadata }, spec });
const ports: JsonObject[] = [{ port: 80 }];

export const services: Corpus = {
  kind: "Service", subresources: { status: ["status"] },
  objects: [
    service("plain", { selector: { app: "a" }, ports }), service("two", { selector: { app: "a" }, ports: [{ name: "a", port: 80, targetPort: "http" }, { name: "b", port: 53, protocol: "UDP", targetPort: 5353, appProtocol: "kubernetes.io/h2c" }] }),
    service("headless", { clusterIP: "None", selector: { app: "a" }, ports }), service("bare", { clusterIP: "None" }), service("static", { clusterIP: "10.96.0.77", ports }), service("outside", { clusterIP: "10.1.1.1", ports }),
    service("nodeport", { type: "NodePort", ports: [{ name: "t", port: 53, nodePort: 30_053 }, { name: "u", port: 53, protocol: "UDP" }, { name: "x", port: 54 }] }),
    service("balanced", { type: "LoadBalancer", ports, externalTrafficPolicy: "Local", loadBalancerSourceRanges: ["10.0.0.0/8"], loadBalancerClass: "example.com/x", loadBalancerIP: "1.2.3.4" }),
    service("portless", { type: "LoadBalancer", ports, allocateLoadBalancerNodePorts: false }), service("alias", { type: "ExternalName", externalName: "example.com" }),
    service("external", { ports, externalIPs: ["80.1.2.3"], sessionAffinity: "ClientIP", sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } }, internalTrafficPolicy: "Local", trafficDistribution: "PreferClose", publishNotReadyAddresses: true }),
    service("dual", { ports, ipFamilyPolicy: "PreferDualStack" }), service("required", { ports, ipFamilyPolicy: "RequireDualStack" }), service("six", { ports, ipFamilies: ["IPv6"] }), service("1digit", { ports }),
    service("ranged", { type: "LoadBalancer", ports }, { annotations: { "service.beta.kubernetes.io/load-balancer-source-ranges": "10.0.0.0/8, 1.2.3.4/24" } }),
    service("hinted", { ports }, { annotations: { "service.kubernetes.io/topology-aware-hints": "a", "service.kubernetes.io/topology-mode": "b" } }),
  ],
};
