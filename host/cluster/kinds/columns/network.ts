/** How Pods are reached, and who is in charge. */
import type { Endpoints, EndpointSlice, Ingress, IngressClass, IPAddress, Lease, NetworkPolicy, Service, ServiceCIDR } from "../generated/types.ts";
import { age, labelsText, named, orNone, row, selectorCell, shortList, type AnyRow } from "./cells.ts";

function portsOf({ spec }: Service): string {
  return orNone((spec?.ports ?? []).map(({ port = 0, nodePort = 0, protocol = "" }) => `${port}${nodePort > 0 ? `:${nodePort}` : ""}/${protocol}`).join(","));
}
/** Addresses before names, each once, sorted. */
function balancers(points: readonly { ip?: string; hostname?: string }[] | undefined): string[] {
  return [...new Set((points ?? []).map(({ ip = "", hostname = "" }) => (ip !== "" ? ip : hostname)))].filter((each) => each !== "").sort();
}
function externalOf({ spec = {}, status }: Service): string {
  const own = spec.externalIPs ?? [];
  switch (spec.type) {
    case "ClusterIP": case "NodePort": return orNone(own.join(","));
    case "LoadBalancer": return orNone([...balancers(status?.loadBalancer?.ingress), ...own].join(","), "<pending>");
    case "ExternalName": return spec.externalName ?? "";
    default: return "<unknown>";
  }
}

function hostsOf({ spec }: Ingress): string {
  const rules = spec?.rules ?? [];
  const hosts: string[] = [];
  for (const { host = "" } of rules) {
    if (hosts.length === 3) return `${hosts.join(",")} + ${rules.length - 3} more...`;
    if (host !== "") hosts.push(host);
  }
  return orNone(hosts.join(","), "*");
}

function endpointsOf({ subsets = [] }: Endpoints): string {
  if (subsets.length === 0) return "<none>";
  return shortList(subsets.flatMap(({ addresses = [], ports = [] }) => {
    // A Service without an address of its own may have no ports.
    if (ports.length === 0) return addresses.map(({ ip = "" }) => ip);
    return ports.flatMap(({ port = 0 }) => addresses.map(({ ip = "" }) => `${ip.includes(":") ? `[${ip}]` : ip}:${port}`));
  }));
}
function slicePorts({ ports }: EndpointSlice): string {
  return orNone(shortList((ports ?? []).map(({ name, port }) => (port === undefined ? name ?? "*" : String(port)))), "<unset>");
}
function sliceAddresses({ endpoints }: EndpointSlice): string {
  return orNone(shortList((endpoints ?? []).flatMap(({ addresses }) => addresses ?? [])), "<unset>");
}

function parametersOf({ spec }: IngressClass): string {
  const { parameters } = spec ?? {};
  if (parameters === undefined) return "<none>";
  return `${parameters.kind ?? ""}${parameters.apiGroup === undefined ? "" : `.${parameters.apiGroup}`}/${parameters.name ?? ""}`;
}
function parentOf({ spec }: IPAddress): string {
  const { parentRef } = spec ?? {};
  if (parentRef === undefined) return "<none>";
  const { group = "", resource = "", namespace = "", name = "" } = parentRef;
  return [`${resource}${group === "" ? "" : `.${group}`}`.toLowerCase(), ...namespace === "" ? [] : [namespace], name].join("/");
}

const DEFAULT_CLASS = "ingressclass.kubernetes.io/is-default-class";

/** By "Kind.group". */
export const NETWORK_ROWS: { readonly [kind: string]: AnyRow } = {
  Service: row<Service>((service, nowMs) => {
    const { metadata, spec = {} } = service;
    return [metadata.name, spec.type ?? "", spec.clusterIPs?.[0] ?? "<none>", externalOf(service), portsOf(service), age(service, nowMs), labelsText(spec.selector)];
  }),
  Endpoints: named<Endpoints>((endpoints) => [endpointsOf(endpoints)]),
  "EndpointSlice.discovery.k8s.io": named<EndpointSlice>((slice) => [slice.addressType ?? "", slicePorts(slice), sliceAddresses(slice)]),
  "Ingress.networking.k8s.io": named<Ingress>((ingress) => {
    const { spec = {}, status } = ingress;
    return [spec.ingressClassName ?? "<none>", hostsOf(ingress), balancers(status?.loadBalancer?.ingress).join(","), (spec.tls ?? []).length > 0 ? "80, 443" : "80"];
  }),
  "IngressClass.networking.k8s.io": row<IngressClass>((ingressClass, nowMs) => {
    const { metadata, spec } = ingressClass;
    return [`${metadata.name}${metadata.annotations?.[DEFAULT_CLASS] === "true" ? " (default)" : ""}`, spec?.controller ?? "", parametersOf(ingressClass), age(ingressClass, nowMs)];
  }),
  "NetworkPolicy.networking.k8s.io": named<NetworkPolicy>(({ spec }) => [selectorCell(spec?.podSelector ?? {})]),
  // One cell more than there are columns: so the real server has it.
  "IPAddress.networking.k8s.io": named<IPAddress>((address) => [parentOf(address)]),
  "ServiceCIDR.networking.k8s.io": named<ServiceCIDR>(({ spec }) => [(spec?.cidrs ?? []).join(",")]),
  "Lease.coordination.k8s.io": named<Lease>(({ spec }) => [spec?.holderIdentity ?? ""]),
};
