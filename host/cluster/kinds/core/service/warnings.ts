/** What a client is told of a Service that is right but not wise. */
import type { Service } from "../../generated/types.ts";
import type { StrategyContext } from "../../kind.ts";
import { formatCidr, formatIp, maskedAddress, parseCidr, parseIp } from "../../shared/ip.ts";
import { NO_ADDRESS } from "./service-facts.ts";

const HINTS = "service.kubernetes.io/topology-aware-hints";

export function warnOfService({ metadata, spec = {} }: Service, { warn }: StrategyContext): void {
  const { type, clusterIP = "", clusterIPs, externalIPs = [], loadBalancerIP = "", trafficDistribution } = spec;
  const warnIp = (path: string, ip: string): void => { for (const each of ipWarnings(path, ip)) warn(each); };
  if (metadata.annotations?.[HINTS] !== undefined) warn(`annotation ${HINTS} is deprecated, please use service.kubernetes.io/topology-mode instead`);
  if (clusterIP !== "" && clusterIP !== NO_ADDRESS) clusterIPs?.forEach((ip, index) => warnIp(`spec.clusterIPs[${index}]`, ip));
  const headless = type === "ClusterIP" && clusterIP === NO_ADDRESS;
  if (headless) {
    if (loadBalancerIP !== "") warn("spec.loadBalancerIP is ignored for headless services");
    if (externalIPs.length > 0) warn("spec.externalIPs is ignored for headless services");
    if (spec.sessionAffinity !== "None") warn("spec.SessionAffinity is ignored for headless services");
  }
  externalIPs.forEach((ip, index) => warnIp(`spec.externalIPs[${index}]`, ip));
  if (externalIPs.length > 0 && !headless && type !== "ExternalName") warn("spec.externalIPs is deprecated and may no longer be implemented in some clusters");
  if (loadBalancerIP !== "") warnIp("spec.loadBalancerIP", loadBalancerIP);
  spec.loadBalancerSourceRanges?.forEach((range, index) => { for (const each of cidrWarnings(`spec.loadBalancerSourceRanges[${index}]`, range)) warn(each); });
  if (type === "ExternalName" && externalIPs.length > 0) warn("spec.externalIPs is ignored when spec.type is \"ExternalName\"");
  if (type !== "ExternalName" && (spec.externalName ?? "") !== "") warn("spec.externalName is ignored when spec.type is not \"ExternalName\"");
  if (trafficDistribution === "PreferClose") warn("spec.trafficDistribution: \"PreferClose\" is deprecated; use \"PreferSameZone\"");
}

/** Addresses that old fields let in although no standard knows them, or in an unusual spelling. */
export function ipWarnings(path: string, text: string): string[] {
  const address = parseIp(text);
  if (address === undefined) return [];
  const canonical = formatIp(address);
  const shown = JSON.stringify(text);
  if (text.includes(":") && address.length === 16) return canonical === text ? [] : [`${path}: IPv6 address ${shown} should be in RFC 5952 canonical format ("${canonical}")`];
  return canonical === text ? [] : [`${path}: non-standard IP address ${shown} is invalid: use "${canonical}"`];
}
export function cidrWarnings(path: string, text: string): string[] {
  const range = parseCidr(text);
  if (range === undefined) return [];
  const shown = JSON.stringify(text);
  const canonical = formatCidr(range);
  const found: string[] = [];
  if (formatIp(maskedAddress(range)) !== formatIp(range.address)) {
    found.push(`${path}: CIDR value ${shown} is ambiguous in this context (should be "${canonical}" or "${formatIp(range.address)}/${range.address.length * 8}"?)`);
  }
  const v6 = text.includes(":") && range.address.length === 16;
  const standard = v6 || `${formatIp(range.address)}/${range.bits}` === text;
  if (!standard) found.push(`${path}: non-standard CIDR value ${shown} is invalid: use "${canonical}"`);
  if (found.length === 0 && v6 && canonical !== text) found.push(`${path}: IPv6 CIDR value ${shown} should be in RFC 5952 canonical format ("${canonical}")`);
  return found;
}
