/** A Pod's spec, wherever it stands. */
import type { FieldErrors } from "../../api/field-errors.ts";
import { byteLength, dnsLabel, dnsSubdomain, dnsSubdomainWithUnderscore, rangeComplaint, subdomainName } from "../../api/names.ts";
import { validateLabels } from "../../api/validate-metadata.ts";
import type { Metadata } from "../../model.ts";
import type { PodDNSConfig, PodResourceClaim, PodSpec } from "../generated/types.ts";
import { checkLabelKey, checkOneOf, checkRequiredOneOf, complain } from "../shared/checks.ts";
import { showPodResourceClaim } from "../shared/go-values.ts";
import { checkIp } from "../shared/ip.ts";
import { checkRequirements } from "../shared/resources.ts";
import { checkVolumes } from "../volumes/pod-volumes.ts";
import { checkAffinity, checkTolerations } from "./affinity.ts";
import { visitContainers } from "./containers-of.ts";
import { checkContainers, checkEphemeralContainers, checkInitContainers } from "./containers.ts";
import { checkOperatingSystem } from "./operating-system.ts";
import { checkPodResources } from "./resources.ts";
import type { PodCheck, PodRules } from "./rules.ts";
import { checkHostProcesses, checkPodSecurity } from "./security.ts";
import { checkTopologySpread } from "./topology-spread.ts";

const NO_CLAIMS: ReadonlySet<string> = new Set();

/** `metadata`: the Pod's own; templates have none. */
export function checkPodSpec(spec: PodSpec, metadata: Metadata | undefined, path: string, rules: PodRules, errors: FieldErrors): void {
  if (spec.terminationGracePeriodSeconds === undefined) errors.required(`${path}.terminationGracePeriodSeconds`);
  const volumes = checkVolumes(spec.volumes, metadata, `${path}.volumes`, rules, errors);
  const claims = spec.resourceClaims === undefined ? NO_CLAIMS : new Set(spec.resourceClaims.map(({ name = "" }) => name).filter((name) => name !== ""));
  const check: PodCheck = { spec, rules, errors, volumes, claims, hostUsers: spec.hostUsers !== false };
  if (spec.resourceClaims !== undefined) checkResourceClaims(spec.resourceClaims, metadata, `${path}.resourceClaims`, errors);
  checkContainers(`${path}.containers`, check);
  checkInitContainers(`${path}.initContainers`, check);
  checkEphemeralContainers(`${path}.ephemeralContainers`, check);
  checkPodResources(check, path);
  checkHostNetwork(spec, path, rules, errors);
  checkRequiredOneOf(spec.restartPolicy, ["Always", "OnFailure", "Never"], `${path}.restartPolicy`, errors);
  checkRequiredOneOf(spec.dnsPolicy, ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"], `${path}.dnsPolicy`, errors);
  if (spec.nodeSelector !== undefined) validateLabels(spec.nodeSelector, errors, `${path}.nodeSelector`);
  checkPodSecurity(spec.securityContext ?? {}, spec, rules, `${path}.securityContext`, errors);
  checkPlacement(spec, path, check);
  checkHostProcesses(spec, path, errors);
  if (spec.hostUsers === false) checkOwnUsers(spec, path, rules, errors);
  checkHostnameOverride(spec, path, errors);
  checkNames(spec, path, errors);
  checkLastParts(spec, path, rules, errors);
}

function checkPlacement(spec: PodSpec, path: string, check: PodCheck): void {
  const { rules, errors } = check;
  if (spec.affinity !== undefined) checkAffinity(spec.affinity, `${path}.affinity`, rules, errors);
  checkDns(spec.dnsConfig, spec.dnsPolicy, `${path}.dnsConfig`, errors);
  spec.readinessGates?.forEach(({ conditionType }, index) => checkLabelKey(conditionType, `${path}.readinessGates[${index}].conditionType`, errors));
  const gates = spec.schedulingGates ?? [];
  gates.forEach(({ name = "" }, index) => {
    const at = `${path}.schedulingGates[${index}]`;
    checkLabelKey(name, at, errors);
    if (gates.some((other, before) => before < index && (other.name ?? "") === name)) errors.duplicate(at, name);
  });
  if (spec.topologySpreadConstraints !== undefined) checkTopologySpread(spec.topologySpreadConstraints, `${path}.topologySpreadConstraints`, check);
}

function checkResourceClaims(claims: readonly PodResourceClaim[], metadata: Metadata | undefined, path: string, errors: FieldErrors): void {
  const names = new Set<string>();
  claims.forEach((claim, index) => {
    const at = `${path}[${index}]`;
    const { name = "", resourceClaimName, resourceClaimTemplateName } = claim;
    if (metadata?.annotations?.["kubernetes.io/config.mirror"] !== undefined) {
      errors.forbidden("[]", "static pods do not support resource claims");
      return;
    }
    if (name === "") errors.required(`${at}.name`);
    else if (names.has(name)) errors.duplicate(`${at}.name`, name);
    else complain(errors, `${at}.name`, name, dnsLabel(name));
    names.add(name);
    if (resourceClaimName !== undefined && resourceClaimTemplateName !== undefined) errors.invalid(at, showPodResourceClaim(claim), "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified");
    if (resourceClaimName === undefined && resourceClaimTemplateName === undefined) errors.invalid(at, showPodResourceClaim(claim), "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`");
    if (resourceClaimName !== undefined) complain(errors, `${at}.resourceClaimName`, resourceClaimName, subdomainName(resourceClaimName, false));
    if (resourceClaimTemplateName !== undefined) complain(errors, `${at}.resourceClaimTemplateName`, resourceClaimTemplateName, subdomainName(resourceClaimTemplateName, false));
  });
}

function checkHostNetwork(spec: PodSpec, path: string, rules: PodRules, errors: FieldErrors): void {
  if (spec.hostNetwork !== true) return;
  spec.containers?.forEach(({ ports }, index) => ports?.forEach(({ hostPort = 0, containerPort = 0 }, portIndex) => {
    if ((rules.isPod || hostPort !== 0) && hostPort !== containerPort) {
      errors.invalid(`${path}.containers[${index}].ports[${portIndex}].hostPort`, hostPort, "must match `containerPort` when `hostNetwork` is true");
    }
  }));
}

const SEARCH_LIST_BYTES_MAX = 2048;
function checkDns(config: PodDNSConfig | undefined, policy: string | undefined, path: string, errors: FieldErrors): void {
  if (policy === "None") {
    if (config === undefined) {
      errors.required(path, "must provide `dnsConfig` when `dnsPolicy` is None");
      return;
    }
    if ((config.nameservers ?? []).length === 0) {
      errors.required(`${path}.nameservers`, "must provide at least one DNS nameserver when `dnsPolicy` is None");
      return;
    }
  }
  if (config === undefined) return;
  const { nameservers = [], searches = [], options = [] } = config;
  if (nameservers.length > 3) errors.invalid(`${path}.nameservers`, nameservers, "must not have more than 3 nameservers");
  nameservers.forEach((each, index) => checkIp(each, `${path}.nameservers[${index}]`, errors));
  if (searches.length > 32) errors.invalid(`${path}.searches`, searches, "must not have more than 32 search paths");
  if (byteLength(searches.join(" ")) > SEARCH_LIST_BYTES_MAX) errors.invalid(`${path}.searches`, searches, "must not have more than 2048 characters (including spaces) in the search list");
  searches.forEach((each, index) => {
    const search = each.endsWith(".") ? each.slice(0, -1) : each;
    if (each !== ".") complain(errors, `${path}.searches[${index}]`, search, dnsSubdomainWithUnderscore(search));
  });
  options.forEach(({ name = "" }, index) => { if (name === "") errors.required(`${path}.options[${index}]`, "must not be empty"); });
}

/** A Pod whose users aren't those of its host can't share much else with it. */
function checkOwnUsers(spec: PodSpec, path: string, rules: PodRules, errors: FieldErrors): void {
  const why = "when `hostUsers` is false";
  if (spec.hostNetwork === true && !rules.hostNetworkWithOwnUsers) errors.forbidden(`${path}.hostNetwork`, why);
  if (spec.hostPID === true) errors.forbidden(`${path}.HostPID`, why);
  if (spec.hostIPC === true) errors.forbidden(`${path}.HostIPC`, why);
  if (rules.devicesWithOwnUsers) return;
  visitContainers(spec, path, ({ volumeDevices = [] }, at) => { if (volumeDevices.length > 0) errors.forbidden(`${at}.volumeDevices`, why); });
}
function checkHostnameOverride(spec: PodSpec, path: string, errors: FieldErrors): void {
  const name = spec.hostnameOverride;
  if (name === undefined) return;
  const at = `${path}.hostnameOverride`;
  if (spec.setHostnameAsFQDN === true) errors.forbidden(at, "may not be specified when setHostnameAsFQDN is true");
  if (spec.hostNetwork === true) errors.forbidden(at, "may not be specified when hostNetwork is true");
  if (byteLength(name) > 64) errors.tooLong(at, 64);
  complain(errors, at, name, dnsSubdomain(name));
}

function checkNames(spec: PodSpec, path: string, errors: FieldErrors): void {
  const { serviceAccountName = "", nodeName = "", activeDeadlineSeconds: deadline, hostname = "", subdomain = "" } = spec;
  if (serviceAccountName !== "") complain(errors, `${path}.serviceAccountName`, serviceAccountName, subdomainName(serviceAccountName, false));
  if (nodeName !== "") complain(errors, `${path}.nodeName`, nodeName, subdomainName(nodeName, false));
  if (deadline !== undefined && (deadline < 1 || deadline > 2_147_483_647)) errors.invalid(`${path}.activeDeadlineSeconds`, deadline, rangeComplaint(1, 2_147_483_647));
  if (hostname !== "") complain(errors, `${path}.hostname`, hostname, dnsLabel(hostname));
  if (subdomain !== "") complain(errors, `${path}.subdomain`, subdomain, dnsLabel(subdomain));
}
function checkLastParts(spec: PodSpec, path: string, rules: PodRules, errors: FieldErrors): void {
  const { priorityClassName = "", runtimeClassName, preemptionPolicy, overhead } = spec;
  if (spec.tolerations !== undefined) checkTolerations(spec.tolerations, `${path}.tolerations`, rules, errors);
  spec.hostAliases?.forEach(({ ip = "", hostnames = [] }, index) => {
    const at = `${path}.hostAliases[${index}]`;
    checkIp(ip, `${at}.ip`, errors);
    hostnames.forEach((name, nameIndex) => complain(errors, `${at}.hostnames[${nameIndex}]`, name, dnsSubdomain(name)));
  });
  if (priorityClassName !== "") complain(errors, `${path}.priorityClassName`, priorityClassName, subdomainName(priorityClassName, false));
  if (runtimeClassName !== undefined) complain(errors, `${path}.runtimeClassName`, runtimeClassName, subdomainName(runtimeClassName, false));
  if (preemptionPolicy === "") errors.required(`${path}.preemptionPolicy`);
  else if (preemptionPolicy !== undefined) checkOneOf(preemptionPolicy, ["PreemptLowerPriority", "Never"], `${path}.preemptionPolicy`, errors);
  if (overhead !== undefined) checkRequirements({ limits: overhead }, { whole: false, claims: NO_CLAIMS, anyHugePages: rules.anyHugePages }, `${path}.overhead`, errors);
  checkOperatingSystem(spec, path, errors);
  checkFileKeys(spec, path, errors);
}
/** Variables read from files: of volumes that live as long as the Pod. */
function checkFileKeys(spec: PodSpec, path: string, errors: FieldErrors): void {
  visitContainers(spec, path, ({ env }, container) => env?.forEach(({ valueFrom }, index) => {
    if (valueFrom?.fileKeyRef === undefined) return;
    const { volumeName = "" } = valueFrom.fileKeyRef;
    const at = `${container}.env[${index}].valueFrom.fileKeyRef.volumeName`;
    const volume = spec.volumes?.findLast(({ name = "" }) => name === volumeName);
    if (volume === undefined) errors.notFound(at, volumeName);
    else if (volume.emptyDir === undefined) errors.invalid(at, volumeName, "referenced volume must be of type emptyDir");
  }));
}
