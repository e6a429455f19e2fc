/** Small questions that everything about Services asks. */
import type { Service, ServiceSpec } from "../../generated/types.ts";

export const NO_ADDRESS = "None";

/** Without an address of its own: names resolve to the Pods. */
export function isHeadless({ clusterIPs }: ServiceSpec): boolean {
  return clusterIPs?.length === 1 && clusterIPs[0] === NO_ADDRESS;
}
export function isExternallyAccessible({ type, externalIPs }: ServiceSpec): boolean {
  return type === "LoadBalancer" || type === "NodePort" || (type === "ClusterIP" && (externalIPs ?? []).length > 0);
}
export function needsHealthCheck({ type, externalTrafficPolicy }: ServiceSpec): boolean {
  return type === "LoadBalancer" && externalTrafficPolicy === "Local";
}
export function needsClusterIp({ type }: ServiceSpec): boolean {
  return type !== "ExternalName";
}
export function same(a: readonly unknown[] | undefined, b: readonly unknown[] | undefined): boolean {
  return (a?.length ?? 0) === (b?.length ?? 0) && (a ?? []).every((each, index) => each === b![index]);
}
export function nodePortsOf({ ports }: ServiceSpec): number[] {
  return (ports ?? []).map(({ nodePort = 0 }) => nodePort).filter((port) => port !== 0);
}
export function specOf(service: Service): ServiceSpec {
  return service.spec ??= {};
}
