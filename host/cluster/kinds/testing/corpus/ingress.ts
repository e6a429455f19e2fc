import type { JsonObject } from "../../../model.ts";
import type { Corpus } from "../differential.ts";

const group = "networking.k8s.io";
const of = (kind: string, name: string, spec: JsonObject, metadata: JsonObject = {}): JsonObject => ({ apiVersion: `${group}/v1`, kind, metadata: { name, ...metadata }, spec });
const service = (port: JsonObject): JsonObject => ({ service: { name: "web", port } });
const path = (text: string, pathType: string, backend: JsonObject = service({ number: 80 })): JsonObject => ({ path: text, pathType, backend });

export const ingresses: Corpus = {
  group, kind: "Ingress", subresources: { status: ["status"] },
  values: { path: ["/", "/a", "a", "", "/a//b", "/a/./b", "/a/../b", "/a/..", "/a/.", "/%2f", "/%2F"], host: ["a.example.com", "*.example.com", "10.0.0.1", "*", "a.*.com", "A.com", "", "x"], pathType: ["Exact", "Prefix", "ImplementationSpecific", "Odd"] },
  objects: [
    of("Ingress", "default", { defaultBackend: service({ number: 80 }), ingressClassName: "nginx" }), of("Ingress", "none", {}),
    of("Ingress", "rules", { rules: [{ host: "a.example.com", http: { paths: [path("/", "Prefix"), path("/a", "Exact", service({ name: "http" })), path("", "ImplementationSpecific")] } }, { host: "*.example.com", http: { paths: [path("/x", "Prefix", { resource: { apiGroup: "example.com", kind: "Bucket", name: "b" } })] } }, {}], tls: [{ hosts: ["a.example.com", "*.example.com"], secretName: "tls" }] }),
    of("Ingress", "annotated", { defaultBackend: service({ number: 80 }) }, { annotations: { "kubernetes.io/ingress.class": "x" } }), of("Ingress", "twice", { defaultBackend: service({ number: 80 }), ingressClassName: "y" }, { annotations: { "kubernetes.io/ingress.class": "x" } }),
  ],
};
export const ingressClasses: Corpus = {
  group, kind: "IngressClass",
  objects: [
    of("IngressClass", "kinds-plain", { controller: "example.com/c" }), of("IngressClass", "kinds-cluster", { controller: "example.com/c/d", parameters: { apiGroup: "example.com", kind: "P", name: "n" } }),
    of("IngressClass", "kinds-namespaced", { controller: "example.com/c", parameters: { kind: "P", name: "n", scope: "Namespace", namespace: "x" } }),
  ],
};
const selector: JsonObject = { matchLabels: { a: "b" } };
export const networkPolicies: Corpus = {
  group, kind: "NetworkPolicy", emptyLists: false, values: { cidr: ["10.0.0.0/8", "10.0.0.0/16", "fd00::/8", "010.0.0.0/8", "10.1.0.0/8", "x", "::ffff:10.0.0.0/104", "0.0.0.0/0", ""], except: ["10.1.0.0/16", "10.0.0.0/8", "fd00:1::/32", "11.0.0.0/16"] },
  objects: [
    of("NetworkPolicy", "all", { podSelector: {} }), of("NetworkPolicy", "out", { podSelector: selector, egress: [{}] }),
    of("NetworkPolicy", "both", {
      podSelector: selector, policyTypes: ["Ingress", "Egress"],
      ingress: [{ from: [{ podSelector: selector, namespaceSelector: {} }, { ipBlock: { cidr: "10.0.0.0/8", except: ["10.1.0.0/16"] } }], ports: [{ port: 80 }, { port: 1000, endPort: 2000, protocol: "UDP" }, { port: "http" }, { protocol: "SCTP" }] }],
      egress: [{ to: [{ ipBlock: { cidr: "fd00::/8" } }] }],
    }),
  ],
};
export const ipAddresses: Corpus = {
  group, kind: "IPAddress", metadata: 0.3, values: { name: ["192.168.7.9", "fd00::1", "010.0.0.1", "fd00::0:1", "x"] },
  objects: [of("IPAddress", "192.168.7.1", { parentRef: { resource: "services", name: "a", namespace: "b" } }), of("IPAddress", "fd00::7", { parentRef: { group: "example.com", resource: "things", name: "a" } }), of("IPAddress", "odd", {})],
};
export const serviceCidrs: Corpus = {
  group, kind: "ServiceCIDR", subresources: { status: ["status"] }, values: { cidrs: ["192.168.0.0/24", "fd00:9::/112", "192.168.1.0/24", "192.168.1.1/24", "x"] },
  objects: [of("ServiceCIDR", "kinds-one", { cidrs: ["192.168.64.0/24"] }), of("ServiceCIDR", "kinds-two", { cidrs: ["192.168.65.0/24", "fd00:8::/112"] }), of("ServiceCIDR", "kinds-none", {})],
};
