/** Which addresses a Service gets: of which families, from the cluster's range or as the client asks. */
import { FieldErrors } from "../../../api/field-errors.ts";
import { StatusError } from "../../../api/status-error.ts";
import type { Service, ServiceSpec } from "../../generated/types.ts";
import type { StrategyContext } from "../../kind.ts";
import { contains, formatIp, isIpv6, maskedAddress, parseCidr, parseIp, type Range } from "../../shared/ip.ts";
import { NO_ADDRESS, same } from "./service-facts.ts";
import { checkClusterIps } from "./validate-addresses.ts";

/** The cluster has one family of addresses, and one range of them. */
export const SERVICE_RANGE = "10.96.0.0/16";
const FAMILY = "IPv4";
/** The beginning of the range is left to those who ask for an address. */
const ASKED_FOR = 256;

const range: Range = parseCidr(SERVICE_RANGE)!;
const first = numberOf(maskedAddress(range));
const last = first + 2 ** (32 - range.bits) - 1;

function numberOf(address: readonly number[]): number {
  return address.reduce((sum, byte) => sum * 256 + byte, 0);
}
function textOf(number: number): string {
  return formatIp([24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256));
}

export function invalid(service: Service, check: (errors: FieldErrors) => void): void {
  const errors = new FieldErrors();
  check(errors);
  if (!errors.empty) throw errors.toStatusError("", "Service", service.metadata.name ?? "");
}

/** One address is written twice: alone, and as the first of all. */
export function alignClusterIps(spec: ServiceSpec, old: ServiceSpec | undefined): void {
  const { clusterIP = "", clusterIPs = [] } = spec;
  if (old === undefined) {
    if (clusterIP !== "" && clusterIPs.length === 0) spec.clusterIPs = [clusterIP];
    return;
  }
  const { clusterIP: before = "", clusterIPs: allBefore = [] } = old;
  if (allBefore.length > 0 && clusterIPs.length === 0 && before === clusterIP) spec.clusterIPs = [...allBefore];
  if (before === clusterIP || !same(allBefore, spec.clusterIPs)) return;
  if (before !== "" && clusterIP === "") delete spec.clusterIPs;
  else spec.clusterIPs = [clusterIP];
}

/** Decides on the families. Throws the 422 of what can't be. */
export function decideFamilies(service: Service, old: ServiceSpec | undefined): void {
  const spec = service.spec!;
  if (spec.type === "ExternalName" || keepsPreferredFamilies(spec, old)) return;
  const selectorless = Object.keys(spec.selector ?? {}).length === 0;
  spec.ipFamilyPolicy ??= old?.ipFamilyPolicy ?? (spec.clusterIP === NO_ADDRESS && selectorless ? "RequireDualStack" : "SingleStack");
  invalid(service, (errors) => checkClusterIps(spec, old?.clusterIPs, errors));
  invalid(service, (errors) => {
    if (old !== undefined) releaseSecond(spec, old, errors);
    checkPolicy(spec, errors);
    familiesOfAddresses(spec, errors);
  });
  if (spec.clusterIP === NO_ADDRESS && selectorless) {
    const families = spec.ipFamilies ??= [FAMILY];
    if (families.length < 2 && spec.ipFamilyPolicy !== "SingleStack") families.push(families[0] === "IPv4" ? "IPv6" : "IPv4");
    return;
  }
  invalid(service, (errors) => {
    if (spec.ipFamilyPolicy === "RequireDualStack") errors.invalid("spec.ipFamilyPolicy", spec.ipFamilyPolicy, "this cluster is not configured for dual-stack services");
    spec.ipFamilies?.forEach((family, index) => { if (family !== FAMILY) errors.invalid(`spec.ipFamilies[${index}]`, family, "not configured on this cluster"); });
  });
  if ((spec.ipFamilies ?? []).length === 0) spec.ipFamilies = [FAMILY];
}
function keepsPreferredFamilies(spec: ServiceSpec, old: ServiceSpec | undefined): boolean {
  return old !== undefined && spec.ipFamilyPolicy === "PreferDualStack" && (old.ipFamilyPolicy ?? "PreferDualStack") === "PreferDualStack" && old.type === spec.type
    && ["ClusterIP", "NodePort", "LoadBalancer"].includes(spec.type ?? "") && same(old.clusterIPs, spec.clusterIPs) && same(old.ipFamilies, spec.ipFamilies);
}
function releaseSecond(spec: ServiceSpec, old: ServiceSpec, errors: FieldErrors): void {
  const { clusterIPs = [], ipFamilies = [] } = spec;
  if (spec.ipFamilyPolicy === "SingleStack") {
    if (same(old.clusterIPs, clusterIPs) && clusterIPs.length > 1) spec.clusterIPs = clusterIPs.slice(0, 1);
    if (same(old.ipFamilies, ipFamilies) && ipFamilies.length > 1) spec.ipFamilies = ipFamilies.slice(0, 1);
    return;
  }
  const less = (next: readonly string[], before: readonly string[] = []): boolean => next.length > 0 && next.length < before.length;
  if (less(clusterIPs, old.clusterIPs)) errors.invalid("spec.ipFamilyPolicy", spec.ipFamilyPolicy, "must be 'SingleStack' to release the secondary cluster IP");
  if (less(ipFamilies, old.ipFamilies)) errors.invalid("spec.ipFamilyPolicy", spec.ipFamilyPolicy, "must be 'SingleStack' to release the secondary IP family");
}
function checkPolicy({ ipFamilyPolicy, clusterIPs, ipFamilies }: ServiceSpec, errors: FieldErrors): void {
  if (ipFamilyPolicy !== "SingleStack") return;
  const why = "must be 'RequireDualStack' or 'PreferDualStack' when multiple";
  if (clusterIPs?.length === 2) errors.invalid("spec.ipFamilyPolicy", ipFamilyPolicy, `${why} cluster IPs are specified`);
  if (ipFamilies?.length === 2) errors.invalid("spec.ipFamilyPolicy", ipFamilyPolicy, `${why} IP families are specified`);
}
function familiesOfAddresses(spec: ServiceSpec, errors: FieldErrors): void {
  const { clusterIPs = [] } = spec;
  for (let i = 0; i < clusterIPs.length && clusterIPs[i] !== NO_ADDRESS; i++) {
    if (i < (spec.ipFamilies?.length ?? 0)) continue;
    const family = isIpv6(clusterIPs[i]!) ? "IPv6" : "IPv4";
    if (family !== FAMILY) errors.invalid(`spec.clusterIPs[${i}]`, clusterIPs, `${family} is not configured on this cluster`);
    else (spec.ipFamilies ??= []).push(family);
  }
}

/** Gives it the addresses that its families call for, or takes those that the client named. */
export function allocateClusterIps(service: Service, context: StrategyContext): void {
  const spec = service.spec!;
  if (spec.type === "ExternalName" || spec.clusterIPs?.[0] === NO_ADDRESS) return;
  const addresses = [...spec.clusterIPs ?? []];
  (spec.ipFamilies ?? []).forEach((family, index) => {
    // One family, so at most one address; another can only come with an old object.
    if (family !== FAMILY) return;
    const asked = addresses[index] ?? "";
    if (asked === "") addresses[index] = freeAddress(service, context);
    else claimAddress(service, asked, addresses, context);
    if (index === 0) spec.clusterIP = addresses[0]!;
  });
  spec.clusterIPs = addresses;
}
function claimAddress(service: Service, text: string, all: readonly string[], context: StrategyContext): void {
  const address = parseIp(text)!;
  const refused = (why: string): void => invalid(service, (errors) => errors.invalid("spec.clusterIPs", all, `failed to allocate IP ${text}: ${why}`));
  // A dry run asks no further than this.
  if (!contains(range, address) && !context.dryRun) refused("the provided network does not match the current range");
  const number = address.length === 4 ? numberOf(address) : 0;
  if (number <= first || number >= last) refused(`the provided IP (${formatIp(address)}) is not in the valid range. The range of valid IPs is ${SERVICE_RANGE}`);
  if (!context.dryRun && takenAddresses(context).has(formatIp(address))) refused("provided IP is already allocated");
}
function freeAddress(service: Service, context: StrategyContext): string {
  // A dry run takes none; what the real server shows for one is the range's own name.
  if (context.dryRun) return textOf(first);
  const taken = takenAddresses(context);
  const free = last - first - ASKED_FOR;
  const start = Math.floor(context.random() * free);
  for (let n = 0; n < free; n++) {
    const address = textOf(first + ASKED_FOR + ((start + n) % free));
    if (!taken.has(address)) return address;
  }
  for (let n = 1; n < ASKED_FOR; n++) if (!taken.has(textOf(first + n))) return textOf(first + n);
  throw new StatusError(500, "InternalError", `Internal error occurred: failed to allocate a serviceIP for Service ${JSON.stringify(service.metadata.name)}: range is full`);
}
function takenAddresses(context: StrategyContext): Set<string> {
  const taken = new Set<string>();
  for (const { spec } of context.list("services")) for (const each of (spec as ServiceSpec | undefined)?.clusterIPs ?? []) taken.add(each);
  return taken;
}
