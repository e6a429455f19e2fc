/** The rules of Services. */
import { FieldErrors } from "../../../api/field-errors.ts";
import { labelKey, labelName, portNumber, dnsSubdomain } from "../../../api/names.ts";
import { validateLabels } from "../../../api/validate-metadata.ts";
import type { LoadBalancerStatus, Service, ServicePort, ServiceSpec } from "../../generated/types.ts";
import { PROTOCOLS } from "../../pod/containers.ts";
import { checkDnsLabel, checkLabelKey, checkMetadata, checkMetadataUpdate, checkOneOf, checkPort, checkRequiredOneOf, complain } from "../../shared/checks.ts";
import { checkCidr, checkEndpointIp, checkIp, parseIp } from "../../shared/ip.ts";
import { isExternallyAccessible, isHeadless, needsHealthCheck } from "./service-facts.ts";
import { checkAddressChange, checkClusterIps } from "./validate-addresses.ts";
import { trimmed } from "../../pod/security.ts";

const RANGES_ANNOTATION = "service.beta.kubernetes.io/load-balancer-source-ranges";
const HINTS = "service.kubernetes.io/topology-aware-hints";
const MODE = "service.kubernetes.io/topology-mode";
const AFFINITY_SECONDS_MAX = 86_400;

export function checkNewService(service: Service, errors: FieldErrors): void {
  checkMetadata(service.metadata, true, errors, labelName);
  checkService(service, undefined, errors);
}
export function checkServiceUpdate(service: Service, old: Service, errors: FieldErrors): void {
  const { spec = {} } = service;
  const { spec: before = {} } = old;
  checkMetadataUpdate(service.metadata, old.metadata, errors);
  checkAddressChange(spec, before, errors);
  if (spec.type === "LoadBalancer" && before.type === "LoadBalancer" && spec.loadBalancerClass !== before.loadBalancerClass) {
    errors.invalid("spec.loadBalancerClass", spec.loadBalancerClass, "may not change once set");
  }
  checkLoadBalancerClass(spec, errors);
  if (needsHealthCheck(before) && needsHealthCheck(spec) && spec.healthCheckNodePort !== before.healthCheckNodePort) errors.forbidden("spec.healthCheckNodePort", "field is immutable");
  checkService(service, old, errors);
}

function checkService(service: Service, old: Service | undefined, errors: FieldErrors): void {
  const { metadata: { annotations = {} }, spec = {} } = service;
  const { type, ports = [], sessionAffinity = "" } = spec;
  if (annotations[MODE] !== undefined && annotations[HINTS] !== undefined && annotations[MODE] !== annotations[HINTS]) {
    errors.invalid(`metadata.annotations[${MODE}]`, annotations[MODE], `must match annotations[${HINTS}] when both are specified`);
  }
  const headless = isHeadless(spec);
  if (ports.length === 0 && !headless && type !== "ExternalName") errors.required("spec.ports");
  if (type === "ExternalName") checkExternalName(spec, errors);
  else if (headless && (type === "LoadBalancer" || type === "NodePort")) errors.invalid("spec.clusterIPs[0]", "None", `may not be set to 'None' for ${type} services`);
  const names = new Set<string>();
  ports.forEach((port, index) => checkServicePort(port, ports.length > 1, names, `spec.ports[${index}]`, errors));
  if (spec.selector !== undefined) validateLabels(spec.selector, errors, "spec.selector");
  checkRequiredOneOf(sessionAffinity, ["ClientIP", "None"], "spec.sessionAffinity", errors);
  if (sessionAffinity === "ClientIP") checkAffinity(spec, errors);
  else if (sessionAffinity === "None" && spec.sessionAffinityConfig !== undefined) errors.forbidden("spec.sessionAffinityConfig", "must not be set when session affinity is None");
  checkClusterIps(spec, old?.spec?.clusterIPs, errors);
  spec.externalIPs?.forEach((ip, index) => { if (checkIp(ip, `spec.externalIPs[${index}]`, errors, old?.spec?.externalIPs)) checkEndpointIp(ip, `spec.externalIPs[${index}]`, errors); });
  checkRequiredOneOf(type, ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"], "spec.type", errors);
  checkPortNumbers(spec, errors);
  checkSourceRanges(service, old, errors);
  checkBalancing(spec, errors);
}

function checkExternalName({ clusterIPs, ipFamilies, ipFamilyPolicy, externalName = "" }: ServiceSpec, errors: FieldErrors): void {
  const why = "may not be set for ExternalName services";
  if ((clusterIPs ?? []).length > 0) errors.forbidden("spec.clusterIPs", why);
  if ((ipFamilies ?? []).length > 0) errors.forbidden("spec.ipFamilies", why);
  if (ipFamilyPolicy !== undefined) errors.forbidden("spec.ipFamilyPolicy", why);
  const name = externalName.endsWith(".") ? externalName.slice(0, -1) : externalName;
  if (name === "") errors.required("spec.externalName");
  else complain(errors, "spec.externalName", name, dnsSubdomain(name));
}
function checkServicePort(servicePort: ServicePort, named: boolean, names: Set<string>, path: string, errors: FieldErrors): void {
  const { name = "", port = 0, protocol, targetPort, appProtocol } = servicePort;
  if (named && name === "") errors.required(`${path}.name`);
  if (name !== "") {
    checkDnsLabel(name, `${path}.name`, errors);
    if (names.has(name)) errors.duplicate(`${path}.name`, name);
    names.add(name);
  }
  complain(errors, `${path}.port`, port, portNumber(port));
  checkRequiredOneOf(protocol, PROTOCOLS, `${path}.protocol`, errors);
  checkPort(targetPort, `${path}.targetPort`, errors);
  if (appProtocol !== undefined) checkLabelKey(appProtocol, `${path}.appProtocol`, errors);
}
function checkAffinity({ sessionAffinityConfig: config }: ServiceSpec, errors: FieldErrors): void {
  const path = "spec.sessionAffinityConfig";
  const why = "when session affinity type is ClientIP";
  const seconds = config?.clientIP?.timeoutSeconds;
  if (config === undefined) errors.required(path, why);
  else if (config.clientIP === undefined) errors.required(`${path}.clientIP`, why);
  else if (seconds === undefined) errors.required(`${path}.clientIP.timeoutSeconds`, why);
  else if (seconds <= 0 || seconds > AFFINITY_SECONDS_MAX) errors.invalid(`${path}.clientIP.timeoutSeconds`, seconds, `must be greater than 0 and less than ${AFFINITY_SECONDS_MAX}`);
}
function checkPortNumbers({ type, ports = [] }: ServiceSpec, errors: FieldErrors): void {
  const at = (index: number): string => `spec.ports[${index}]`;
  if (type === "ClusterIP") ports.forEach(({ nodePort = 0 }, index) => { if (nodePort !== 0) errors.forbidden(`${at(index)}.nodePort`, "may not be used when `type` is 'ClusterIP'"); });
  const nodePorts = new Set<string>();
  ports.forEach(({ protocol = "", nodePort = 0 }, index) => {
    const key = `${protocol}/${nodePort}`;
    if (nodePort !== 0 && nodePorts.has(key)) errors.duplicate(`${at(index)}.nodePort`, nodePort);
    nodePorts.add(key);
  });
  const numbers = new Set<string>();
  ports.forEach(({ protocol = "", port = 0 }, index) => {
    const key = `${protocol}/${port}`;
    if (numbers.has(key)) errors.duplicate(at(index), { Name: "", Protocol: protocol, AppProtocol: null, Port: port, TargetPort: 0, NodePort: 0 });
    numbers.add(key);
  });
}
function checkSourceRanges({ metadata, spec = {} }: Service, old: Service | undefined, errors: FieldErrors): void {
  const why = "may only be used when `type` is 'LoadBalancer'";
  const { loadBalancerSourceRanges: ranges = [] } = spec;
  const text = metadata.annotations?.[RANGES_ANNOTATION];
  if (ranges.length > 0) {
    if (spec.type !== "LoadBalancer") errors.forbidden("spec.LoadBalancerSourceRanges", why);
    const known = old?.spec?.loadBalancerSourceRanges?.map(trimmed);
    ranges.forEach((range, index) => checkCidr(trimmed(range), `spec.LoadBalancerSourceRanges[${index}]`, errors, known));
  } else if (text !== undefined) {
    const path = `metadata.annotations[${RANGES_ANNOTATION}]`;
    if (spec.type !== "LoadBalancer") errors.forbidden(path, why);
    if (old?.metadata.annotations?.[RANGES_ANNOTATION] === text || trimmed(text) === "") return;
    for (const range of trimmed(text).split(",")) checkCidr(trimmed(range), path, errors);
  }
}
function checkBalancing(spec: ServiceSpec, errors: FieldErrors): void {
  const { type, allocateLoadBalancerNodePorts: allocate, externalTrafficPolicy: external = "", healthCheckNodePort = 0, internalTrafficPolicy: internal, trafficDistribution } = spec;
  if (allocate !== undefined && type !== "LoadBalancer") errors.forbidden("spec.allocateLoadBalancerNodePorts", "may only be used when `type` is 'LoadBalancer'");
  if (allocate === undefined && type === "LoadBalancer") errors.required("allocateLoadBalancerNodePorts");
  checkLoadBalancerClass(spec, errors);
  if (!isExternallyAccessible(spec)) {
    if (external !== "") errors.invalid("spec.externalTrafficPolicy", external, "may only be set for externally-accessible services");
  } else {
    checkRequiredOneOf(external, ["Cluster", "Local"], "spec.externalTrafficPolicy", errors);
  }
  if (!needsHealthCheck(spec)) {
    if (healthCheckNodePort !== 0) errors.invalid("spec.healthCheckNodePort", healthCheckNodePort, "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'");
  } else if (healthCheckNodePort === 0) {
    errors.required("spec.healthCheckNodePort");
  } else {
    complain(errors, "spec.healthCheckNodePort", healthCheckNodePort, portNumber(healthCheckNodePort));
  }
  if (internal === undefined && ["NodePort", "LoadBalancer", "ClusterIP"].includes(type ?? "")) errors.required("spec.internalTrafficPolicy");
  if (internal !== undefined) checkOneOf(internal, ["Cluster", "Local"], "spec.internalTrafficPolicy", errors);
  if (trafficDistribution !== undefined) checkOneOf(trafficDistribution, ["PreferClose", "PreferSameZone", "PreferSameNode"], "spec.trafficDistribution", errors);
}
function checkLoadBalancerClass({ type, loadBalancerClass }: ServiceSpec, errors: FieldErrors): void {
  if (loadBalancerClass === undefined) return;
  if (type !== "LoadBalancer") errors.forbidden("spec.loadBalancerClass", "may only be used when `type` is 'LoadBalancer'");
  else complain(errors, "spec.loadBalancerClass", loadBalancerClass, labelKey(loadBalancerClass));
}

export function checkServiceStatus(service: Service, old: Service, errors: FieldErrors): void {
  checkMetadataUpdate(service.metadata, old.metadata, errors);
  const ingress = service.status?.loadBalancer?.ingress ?? [];
  if (service.spec?.type !== "LoadBalancer" && ingress.length > 0) errors.forbidden("status.loadBalancer.ingress", "may only be used when `spec.type` is 'LoadBalancer'");
  else checkIngressPoints(ingress, old.status?.loadBalancer, errors);
}
function checkIngressPoints(ingress: NonNullable<LoadBalancerStatus["ingress"]>, old: LoadBalancerStatus | undefined, errors: FieldErrors): void {
  const known = old?.ingress?.flatMap(({ ip }) => ip ?? []);
  ingress.forEach(({ ip = "", ipMode, hostname = "" }, index) => {
    const at = `status.loadBalancer.ingress[${index}]`;
    if (ip !== "") checkIp(ip, `${at}.ip`, errors, known);
    if (ipMode === undefined) {
      if (ip !== "") errors.required(`${at}.ipMode`, "must be specified when `ip` is set");
    } else if (ip === "") {
      errors.forbidden(`${at}.ipMode`, "may not be specified when `ip` is not set");
    } else {
      checkOneOf(ipMode, ["Proxy", "VIP"], `${at}.ipMode`, errors);
    }
    if (hostname === "") return;
    complain(errors, `${at}.hostname`, hostname, dnsSubdomain(hostname));
    if (parseIp(hostname) !== undefined) errors.invalid(`${at}.hostname`, hostname, "must be a DNS name, not an IP address");
  });
}
