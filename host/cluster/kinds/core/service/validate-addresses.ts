/** Rules of a Service's addresses and their families. */
import type { FieldErrors } from "../../../api/field-errors.ts";
import type { ServiceSpec } from "../../generated/types.ts";
import { checkOneOf } from "../../shared/checks.ts";
import { checkIp, isDualStack, isIpv6 } from "../../shared/ip.ts";
import { isHeadless, NO_ADDRESS } from "./service-facts.ts";

export function checkClusterIps(spec: ServiceSpec, known: readonly string[] | undefined, errors: FieldErrors): void {
  const { type, clusterIP = "", clusterIPs = [], ipFamilies = [], ipFamilyPolicy } = spec;
  if (type === "ExternalName") return;
  const path = "spec.clusterIPs";
  const shown = spec.clusterIPs;
  if (clusterIP === "") {
    if (clusterIPs.length > 0) errors.invalid(path, shown, "must be empty when `clusterIP` is not specified");
  } else if (clusterIPs.length === 0) {
    errors.required(path);
  } else if (clusterIPs[0] !== clusterIP) {
    errors.invalid(path, shown, "first value must match `clusterIP`");
  }
  ipFamilies.forEach((family, index) => {
    checkOneOf(family, ["IPv4", "IPv6"], `spec.ipFamilies[${index}]`, errors);
    if (ipFamilies.indexOf(family) < index) errors.duplicate(`spec.ipFamilies[${index}]`, family);
  });
  if (ipFamilyPolicy !== undefined) checkOneOf(ipFamilyPolicy, ["PreferDualStack", "RequireDualStack", "SingleStack"], "spec.ipFamilyPolicy", errors);
  let sound = true;
  clusterIPs.forEach((ip, index) => {
    if (index > 0 || ip !== NO_ADDRESS) {
      if (!checkIp(ip, `${path}[${index}]`, errors, known)) sound = false;
    } else if (clusterIPs.length > 1) {
      sound = false;
      errors.invalid(path, shown, "'None' must be the first and only value");
    }
  });
  if (clusterIPs.length > 2) errors.invalid(path, shown, "may only hold up to 2 values");
  if (!sound) return;
  if (clusterIPs.length > 1 && !isDualStack(clusterIPs, path, errors)) errors.invalid(path, shown, "may specify no more than one IP for each IP family");
  if (isHeadless(spec)) return;
  clusterIPs.slice(0, ipFamilies.length).forEach((ip, index) => {
    const family = ipFamilies[index];
    if (family === "IPv4" && isIpv6(ip)) errors.invalid(`${path}[${index}]`, ip, `expected an IPv4 value as indicated by \`ipFamilies[${index}]\``);
    if (family === "IPv6" && !isIpv6(ip)) errors.invalid(`${path}[${index}]`, ip, `expected an IPv6 value as indicated by \`ipFamilies[${index}]\``);
  });
}

/** The first address and family stay; a second one may come and go. */
export function checkAddressChange(spec: ServiceSpec, old: ServiceSpec, errors: FieldErrors): void {
  if (spec.type === "ExternalName" || old.type === "ExternalName") return;
  const headless = isHeadless(spec);
  const wasHeadless = isHeadless(old);
  if (!(headless && wasHeadless)) checkKept(spec, "clusterIPs", "clusterIP", old, errors);
  if (!headless && !wasHeadless) checkKept(spec, "ipFamilies", "ipFamily", old, errors);
}
function checkKept(spec: ServiceSpec, field: "clusterIPs" | "ipFamilies", one: string, old: ServiceSpec, errors: FieldErrors): void {
  const next = spec[field] ?? [];
  const before = old[field] ?? [];
  const path = `spec.${field}`;
  const kept = "may not change once set";
  if (next.length === before.length) {
    before.forEach((each, index) => {
      // Of families, it is always the first that is named.
      if (each !== next[index]) errors.invalid(`${path}[${field === "clusterIPs" ? index : 0}]`, spec[field], kept);
    });
    return;
  }
  const shorter = next.length < before.length;
  if (shorter && (field === "clusterIPs" ? next : spec.clusterIPs ?? []).length === 0) errors.invalid(`${path}[0]`, spec[field], `primary ${one} can not be unset`);
  if (before.length > 0 && next.length > 0 && next[0] !== before[0]) errors.invalid(`${path}[0]`, spec.clusterIPs, kept);
  if (!shorter && field === "clusterIPs" && before.length > 0 && next.length === 0) errors.invalid(`${path}[0]`, spec.clusterIPs, kept);
  if (shorter && next.length === 1 && spec.ipFamilyPolicy !== "SingleStack") errors.invalid("spec.ipFamilyPolicy", spec.ipFamilyPolicy, `must be set to 'SingleStack' when releasing the secondary ${one}`);
}
