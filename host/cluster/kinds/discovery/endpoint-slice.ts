/** EndpointSlices. */
import type { FieldErrors } from "../../api/field-errors.ts";
import { dnsLabel, dnsSubdomain, labelKey, labelValue, subdomainName } from "../../api/names.ts";
import { validateLabels } from "../../api/validate-metadata.ts";
import { ipWarnings } from "../core/service/warnings.ts";
import { kindRules } from "../define.ts";
import type { DiscoveryV1EndpointPort, Endpoint, EndpointHints, EndpointSlice } from "../generated/types.ts";
import { checkDnsLabel, checkImmutable, checkMetadata, checkRequiredOneOf, complain } from "../shared/checks.ts";
import { equal } from "../shared/equal.ts";
import { countChange } from "../shared/generation.ts";
import { checkCanonicalIp, checkEndpointIp, checkIp, parseIp } from "../shared/ip.ts";

const ENDPOINTS_MAX = 1000;
const ADDRESSES_MAX = 100;
const PORTS_MAX = 20_000;
const TOPOLOGY_MAX = 16;
const HINTS_MAX = 8;
const MANAGED_BY = "endpointslice.kubernetes.io/managed-by";
const CONTROLLERS = ["endpointslice-controller.k8s.io", "endpointslicemirroring-controller.k8s.io"];

export const endpointSlice = kindRules<EndpointSlice>(["discovery.k8s.io", "v1", "EndpointSlice"], {
  defaults({ ports }) {
    for (const port of ports ?? []) {
      port.name ??= "";
      port.protocol ??= "TCP";
    }
  },
  create(slice) {
    slice.metadata.generation = 1;
    for (const endpoint of slice.endpoints ?? []) delete endpoint.deprecatedTopology;
  },
  update(next, old) {
    const { metadata: { labels }, ...rest } = next;
    const { metadata: { labels: oldLabels }, ...before } = old;
    countChange(next, old, !equal(rest, before) || !equal(labels ?? {}, oldLabels ?? {}));
    if (!equal(next.endpoints, old.endpoints)) for (const endpoint of next.endpoints ?? []) delete endpoint.deprecatedTopology;
  },
  validate: (slice, errors) => checkSlice(slice, undefined, errors),
  validateUpdate(next, old, errors) {
    checkSlice(next, old, errors);
    checkImmutable(next.addressType ?? "", old.addressType ?? "", "addressType", errors);
  },
  warn({ metadata, addressType, endpoints }, old, { warn }) {
    if (old === undefined && addressType === "FQDN") warn("spec.addressType: FQDN endpoints are deprecated");
    if (CONTROLLERS.includes(metadata.labels?.[MANAGED_BY] ?? "")) return;
    endpoints?.forEach(({ addresses }, index) => addresses?.forEach((address, n) => { for (const each of ipWarnings(`endpoints[${index}].addresses[${n}]`, address)) warn(each); }));
  },
});

function checkSlice({ metadata, addressType = "", ports, endpoints }: EndpointSlice, old: EndpointSlice | undefined, errors: FieldErrors): void {
  checkMetadata(metadata, true, errors);
  checkRequiredOneOf(addressType, ["FQDN", "IPv4", "IPv6"], "addressType", errors);
  checkPorts(ports ?? [], "ports", errors);
  // What was stored under older rules may stay.
  if (old !== undefined && equal(old.endpoints, endpoints)) return;
  if (endpoints !== undefined && endpoints !== null && endpoints.length > ENDPOINTS_MAX) errors.tooMany("endpoints", endpoints.length, ENDPOINTS_MAX);
  else endpoints?.forEach((endpoint, index) => checkEndpoint(endpoint, addressType, `endpoints[${index}]`, errors));
}

function checkPorts(ports: readonly DiscoveryV1EndpointPort[], path: string, errors: FieldErrors): void {
  if (ports.length > PORTS_MAX) {
    errors.tooMany(path, ports.length, PORTS_MAX);
    return;
  }
  const names = new Set<string>();
  ports.forEach(({ name = "", protocol, appProtocol }, index) => {
    const at = `${path}[${index}]`;
    if (name !== "") checkDnsLabel(name, `${at}.name`, errors);
    if (names.has(name)) errors.duplicate(`${at}.name`, name);
    names.add(name);
    if (protocol === undefined || !["SCTP", "TCP", "UDP"].includes(protocol)) errors.notSupported(`${at}.protocol`, protocol, ["SCTP", "TCP", "UDP"]);
    if (appProtocol !== undefined) complain(errors, `${at}.appProtocol`, appProtocol, labelKey(appProtocol));
  });
}

function checkEndpoint(endpoint: Endpoint, addressType: string, path: string, errors: FieldErrors): void {
  const { nodeName, deprecatedTopology: topology, hostname, hints } = endpoint;
  const addresses = endpoint.addresses ?? [];
  const at = `${path}.addresses`;
  if (addresses.length === 0) errors.required(at, "must contain at least 1 address");
  else if (addresses.length > ADDRESSES_MAX) errors.tooMany(at, addresses.length, ADDRESSES_MAX);
  addresses.forEach((address, index) => checkAddress(address, addressType, at, `${at}[${index}]`, errors));
  if (nodeName !== undefined) complain(errors, `${path}.nodeName`, nodeName, subdomainName(nodeName, false));
  if (topology !== undefined) {
    const count = Object.keys(topology).length;
    if (count > TOPOLOGY_MAX) errors.tooMany(`${path}.deprecatedTopology`, count, TOPOLOGY_MAX);
    validateLabels(topology, errors, `${path}.deprecatedTopology`);
  }
  if (hostname !== undefined) checkDnsLabel(hostname, `${path}.hostname`, errors);
  if (hints !== undefined) checkHints(hints, `${path}.hints`, errors);
}

function checkAddress(address: string, type: string, list: string, path: string, errors: FieldErrors): void {
  if (type === "FQDN") {
    checkDomain(address, path, errors);
  } else if (type === "IPv4" ? checkIp(address, path, errors) : type === "IPv6" && checkCanonicalIp(address, path, errors)) {
    if (parseIp(address)?.length !== (type === "IPv4" ? 4 : 16)) errors.invalid(list, address, `must be an ${type} address`);
    checkEndpointIp(address, path, errors);
  }
}
function checkDomain(text: string, path: string, errors: FieldErrors): void {
  if (text === "") {
    errors.required(path);
    return;
  }
  const name = text.endsWith(".") ? text.slice(0, -1) : text;
  const complaints = dnsSubdomain(name);
  const labels = name.split(".");
  const long = labels.find((label) => dnsLabel(label).length > 0);
  if (complaints.length > 0) errors.invalid(path, name, complaints.join(","));
  else if (labels.length < 2) errors.invalid(path, name, "should be a domain with at least two segments separated by dots");
  else if (long !== undefined) errors.invalid(path, long, dnsLabel(long).join(","));
}

function checkHints({ forZones = [], forNodes = [] }: EndpointHints, path: string, errors: FieldErrors): void {
  for (const [field, list] of [["forZones", forZones], ["forNodes", forNodes]] as const) {
    if (list.length > HINTS_MAX) {
      errors.tooMany(`${path}.${field}`, list.length, HINTS_MAX);
      return;
    }
    const names = new Set<string>();
    list.forEach(({ name = "" }, index) => {
      const at = `${path}.${field}[${index}].name`;
      if (names.has(name)) errors.duplicate(at, name);
      names.add(name);
      complain(errors, at, name, field === "forZones" ? labelValue(name) : subdomainName(name, false));
    });
  }
}
