/** Services: an address for a set of Pods. */
import { kindRules } from "../../define.ts";
import type { Service, ServiceSpec } from "../../generated/types.ts";
import { alignClusterIps, allocateClusterIps, decideFamilies } from "./addresses.ts";
import { allocateNodePorts, NodePorts, updateNodePorts } from "./node-ports.ts";
import { isExternallyAccessible, needsClusterIp, needsHealthCheck, nodePortsOf, same, specOf } from "./service-facts.ts";
import { checkNewService, checkServiceStatus, checkServiceUpdate } from "./validate.ts";
import { ipWarnings, warnOfService } from "./warnings.ts";

const AFFINITY_SECONDS = 10_800;

export const service = kindRules<Service>(["", "v1", "Service"], {
  defaults: setDefaults,
  create(service, context) {
    // An update of the status that comes upon nothing makes a Service without addresses.
    if (context.subresource !== undefined) return;
    const spec = specOf(service);
    alignClusterIps(spec, undefined);
    decideFamilies(service, undefined);
    allocateClusterIps(service, context);
    allocateNodePorts(service, new NodePorts(context));
    service.status = {};
  },
  update(next, old, context) {
    const spec = specOf(next);
    const before = old.spec ?? {};
    keepAllocated(spec, before);
    alignClusterIps(spec, before);
    decideFamilies(next, before);
    if (before.type === "ExternalName" && spec.type !== "ExternalName") allocateClusterIps(next, context);
    updateNodePorts(next, before, new NodePorts(context));
    next.status = spec.type === "LoadBalancer" ? old.status : { ...old.status, loadBalancer: {} };
    dropWithType(spec, before);
  },
  validate: checkNewService,
  validateUpdate: checkServiceUpdate,
  warn: (service, _, context) => warnOfService(service, context),
  canonicalize: dropUnused,
  createOnUpdate: true,
  subresources: {
    status: {
      update(next, old) { next.spec = old.spec; },
      validate: checkServiceStatus,
      warn({ status }, _, { warn }) { status?.loadBalancer?.ingress?.forEach(({ ip = "" }, index) => { for (const each of ip === "" ? [] : ipWarnings(`status.loadBalancer.ingress[${index}]`, ip)) warn(each); }); },
    },
  },
}, { selectable: { "spec.clusterIP": ({ spec }) => spec?.clusterIP ?? "", "spec.type": ({ spec }) => spec?.type ?? "" } });

function setDefaults(service: Service): void {
  const spec = specOf(service);
  spec.sessionAffinity ??= "None";
  if (spec.sessionAffinity === "None") delete spec.sessionAffinityConfig;
  if (spec.sessionAffinity === "ClientIP" && spec.sessionAffinityConfig?.clientIP?.timeoutSeconds === undefined) spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: AFFINITY_SECONDS } };
  spec.type ??= "ClusterIP";
  for (const port of spec.ports ?? []) {
    port.protocol ??= "TCP";
    if (port.targetPort === undefined || port.targetPort === 0 || port.targetPort === "") port.targetPort = port.port ?? 0;
  }
  if (isExternallyAccessible(spec)) spec.externalTrafficPolicy ??= "Cluster";
  if (["NodePort", "LoadBalancer", "ClusterIP"].includes(spec.type)) spec.internalTrafficPolicy ??= "Cluster";
  if (spec.type !== "LoadBalancer") return;
  spec.allocateLoadBalancerNodePorts ??= true;
  for (const point of service.status?.loadBalancer?.ingress ?? []) if ((point.ip ?? "") !== "") point.ipMode ??= "VIP";
}

/** An alias has no traffic of its own; what it says of that is looked at, but not shown. */
function dropUnused({ spec = {} }: Service): void {
  if (spec.type === "ExternalName") delete spec.internalTrafficPolicy;
}

function wantsNodePorts({ type, allocateLoadBalancerNodePorts }: ServiceSpec): boolean {
  return type === "NodePort" || (type === "LoadBalancer" && allocateLoadBalancerNodePorts !== false);
}
/** A client that doesn't name what was allocated keeps it. */
function keepAllocated(spec: ServiceSpec, old: ServiceSpec): void {
  if (needsClusterIp(old) && needsClusterIp(spec)) {
    if ((spec.clusterIP ?? "") === "" && old.clusterIP !== undefined) spec.clusterIP = old.clusterIP;
    if ((spec.clusterIPs ?? []).length === 0 && old.clusterIPs !== undefined) spec.clusterIPs = [...old.clusterIPs];
  }
  if (wantsNodePorts(old) && wantsNodePorts(spec)) {
    const before = nodePortsOf(old);
    const used = new Set(nodePortsOf(spec).filter((port) => before.includes(port)));
    const byName = new Map(old.ports?.map(({ name = "", nodePort = 0 }) => [name, nodePort]));
    for (const port of spec.ports ?? []) {
      const kept = byName.get(port.name ?? "") ?? 0;
      if ((port.nodePort ?? 0) === 0 && kept !== 0 && !used.has(kept)) port.nodePort = kept;
    }
  }
  if (needsHealthCheck(old) && needsHealthCheck(spec) && (spec.healthCheckNodePort ?? 0) === 0 && old.healthCheckNodePort !== undefined) spec.healthCheckNodePort = old.healthCheckNodePort;
}

/** What the new type can't have goes, unless the client set it anew: that is told. */
function dropWithType(spec: ServiceSpec, old: ServiceSpec): void {
  if (needsClusterIp(old) && !needsClusterIp(spec)) {
    if ((old.clusterIP ?? "") === (spec.clusterIP ?? "") && same(old.clusterIPs, spec.clusterIPs)) {
      delete spec.clusterIP;
      delete spec.clusterIPs;
    }
    if (same(old.ipFamilies, spec.ipFamilies)) delete spec.ipFamilies;
    if (old.ipFamilyPolicy === spec.ipFamilyPolicy) delete spec.ipFamilyPolicy;
  }
  const onNodes = ({ type }: ServiceSpec): boolean => type === "NodePort" || type === "LoadBalancer";
  if (onNodes(old) && !onNodes(spec)) {
    const before = nodePortsOf(old);
    if (nodePortsOf(spec).every((port) => before.includes(port))) for (const port of spec.ports ?? []) delete port.nodePort;
  }
  if (needsHealthCheck(old) && !needsHealthCheck(spec) && old.healthCheckNodePort === spec.healthCheckNodePort) delete spec.healthCheckNodePort;
  if (old.type === "LoadBalancer" && spec.type !== "LoadBalancer") {
    if (old.allocateLoadBalancerNodePorts === spec.allocateLoadBalancerNodePorts) delete spec.allocateLoadBalancerNodePorts;
    if (old.loadBalancerClass === spec.loadBalancerClass) delete spec.loadBalancerClass;
  }
  if (isExternallyAccessible(old) && !isExternallyAccessible(spec) && old.externalTrafficPolicy === spec.externalTrafficPolicy) delete spec.externalTrafficPolicy;
}
