/** A Pod's status, as kubelets write it. */
import type { FieldErrors } from "../../api/field-errors.ts";
import { byteLength, dnsLabel, idNumber, subdomainName } from "../../api/names.ts";
import type { Container, ContainerStatus, LinuxContainerUser, Pod, PodSpec, PodStatus, ResourceStatus } from "../generated/types.ts";
import { checkImmutable, checkLabelKey, checkMetadataUpdate, checkOneOf, checkRequired, complain } from "../shared/checks.ts";
import { goStruct } from "../shared/go-values.ts";
import { checkIp, isDualStack } from "../shared/ip.ts";
import { checkAnnotationUpdate, checkPodAnnotations } from "./annotations.ts";
import { rulesForUpdate } from "./rules.ts";

const LISTS = ["containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"] as const;

export function checkStatusUpdate(pod: Pod, old: Pod, errors: FieldErrors): void {
  const { spec = {}, status = {} } = pod;
  const { spec: oldSpec = {}, status: before = {} } = old;
  checkMetadataUpdate(pod.metadata, old.metadata, errors);
  checkAnnotationUpdate(pod.metadata.annotations, old.metadata.annotations, "metadata.annotations", errors);
  checkPodAnnotations(pod.metadata.annotations, spec, "metadata.annotations", rulesForUpdate(oldSpec, old.metadata, true), errors);
  checkConditions(status, errors);
  const nominated = status.nominatedNodeName ?? "";
  if (nominated !== "" && nominated !== before.nominatedNodeName) {
    complain(errors, "status.nominatedNodeName", nominated, subdomainName(nominated, false));
    if ((oldSpec.nodeName ?? "") !== "") errors.forbidden("status.nominatedNodeName", "may not be set on pods that are already bound to a node");
  }
  if ((status.observedGeneration ?? 0) < 0) errors.invalid("status.observedGeneration", status.observedGeneration, "must be a non-negative integer");
  checkImmutable(status.qosClass ?? "", before.qosClass ?? "", "status.qosClass", errors);
  checkTransitions(status, before, oldSpec, errors);
  checkClaims(status, spec, errors);
  checkIps("podIPs", status.podIPs, before.podIPs, status, errors);
  if (status.hostIPs !== undefined && (status.hostIP ?? "") !== (status.hostIPs[0]!.ip ?? "")) errors.invalid("status.hostIPs[0].ip", status.hostIPs[0]!.ip ?? "", "must be equal to `hostIP`");
  checkIps("hostIPs", status.hostIPs, before.hostIPs, status, errors);
  for (const list of LISTS) status[list]?.forEach((each, index) => checkUser(each, spec, `status.${list}[${index}].user.linux`, errors));
  status.containerStatuses?.forEach((each, index) => checkAllocated(each, spec.containers, `status.containerStatuses[${index}]`, errors));
  status.initContainerStatuses?.forEach((each, index) => checkAllocated(each, spec.initContainers, `status.initContainerStatuses[${index}]`, errors));
  status.ephemeralContainerStatuses?.forEach(({ allocatedResourcesStatus = [] }, index) => {
    if (allocatedResourcesStatus.length > 0) errors.forbidden(`status.ephemeralContainerStatuses[${index}].allocatedResourcesStatus`, "must not be specified in container status");
  });
}

const OWN_CONDITIONS = ["PodScheduled", "Ready", "Initialized"];
function checkConditions({ conditions }: PodStatus, errors: FieldErrors): void {
  conditions?.forEach(({ type = "", observedGeneration = 0 }, index) => {
    const at = `status.conditions[${index}]`;
    if (observedGeneration < 0) errors.invalid(`${at}.observedGeneration`, observedGeneration, "must be a non-negative integer");
    if (!OWN_CONDITIONS.includes(type)) checkLabelKey(type, `${at}.Type`, errors);
  });
}

/** A container that has ended may run again only where it is to be restarted. */
function checkTransitions(status: PodStatus, before: PodStatus, spec: PodSpec, errors: FieldErrors): void {
  const rules = [...spec.containers ?? [], ...spec.initContainers ?? []];
  const anyMay = rules.some(({ restartPolicyRules }) => restartPolicyRules?.some(({ action }) => action === "RestartAllContainers"));
  for (const list of LISTS) {
    const containers = list === "containerStatuses" ? spec.containers : list === "initContainerStatuses" ? spec.initContainers : undefined;
    if (list !== "ephemeralContainerStatuses" && anyMay) continue;
    before[list]?.forEach((old, index) => {
      const ended = old.state?.terminated;
      const now = status[list]?.find(({ name }) => name === old.name);
      if (ended === undefined || now === undefined || now.state?.terminated !== undefined) return;
      const container = containers?.find(({ name }) => name === old.name);
      if (container === undefined || !isRestarted(container, spec, ended.exitCode ?? 0)) errors.forbidden(`status.${list}[${index}].state`, "may not be transitioned to non-terminated state");
    });
  }
}
export function isRestarted({ restartPolicy, restartPolicyRules = [] }: Container, spec: PodSpec, exitCode: number): boolean {
  for (const { exitCodes } of restartPolicyRules) {
    if (exitCodes !== undefined && (exitCodes.operator === "In") === (exitCodes.values?.includes(exitCode) ?? false)) return true;
  }
  const policy = restartPolicy ?? spec.restartPolicy;
  return policy === "Always" || (policy === "OnFailure" && exitCode !== 0);
}

function checkClaims(status: PodStatus, spec: PodSpec, errors: FieldErrors): void {
  const names = new Set<string>();
  status.resourceClaimStatuses?.forEach(({ name = "", resourceClaimName }, index) => {
    const at = `status.resourceClaimStatuses[${index}]`;
    if (!spec.resourceClaims?.some((claim) => claim.name === name)) errors.invalid(`${at}.name`, name, "must match the name of an entry in `spec.resourceClaims`");
    if (names.has(name)) errors.duplicate(`${at}.name`, name);
    names.add(name);
    if (resourceClaimName !== undefined) complain(errors, `${at}.resourceClaimName`, resourceClaimName, subdomainName(resourceClaimName, false));
  });
  const extended = status.extendedResourceClaimStatus;
  if (extended === undefined) return;
  const path = "status.extendedResourceClaimStatus";
  const mappings = extended.requestMappings ?? [];
  if (mappings.length === 0) errors.required(`${path}.requestMappings`, "at least one request mapping is required");
  const seen = new Set<string>();
  mappings.forEach(({ containerName = "", resourceName = "", requestName = "" }, index) => {
    const at = `${path}.requestMappings[${index}]`;
    const container = [...spec.initContainers ?? [], ...spec.containers ?? []].findLast(({ name }) => name === containerName);
    if (container === undefined) errors.invalid(`${at}.containerName`, containerName, "must match the name of an entry in spec.initContainers.name or spec.containers.name");
    else if (container.resources?.requests?.[resourceName] === undefined) {
      errors.invalid(`${at}.resourceName`, resourceName, "must match the extended resource name of an entry in spec.initContainers.resources.requests or spec.containers.resources.requests");
    }
    complain(errors, `${path}.requestName`, requestName, dnsLabel(requestName));
    const key = JSON.stringify([containerName, resourceName, requestName]);
    if (seen.has(key)) for (const [field, value] of Object.entries({ containerName, resourceName, requestName })) errors.duplicate(`${at}.${field}`, value);
    seen.add(key);
  });
  const claim = extended.resourceClaimName ?? "";
  checkRequired(claim, `${path}.resourceClaimName`, errors);
  if (claim !== "") complain(errors, `${path}.resourceClaimName`, claim, subdomainName(claim, false));
}

type Ips = PodStatus["podIPs"];
function checkIps(field: "podIPs" | "hostIPs", ips: Ips, before: Ips, status: PodStatus, errors: FieldErrors): void {
  if (ips === undefined) return;
  const texts = ips.map(({ ip = "" }) => ip);
  const known = before?.map(({ ip = "" }) => ip);
  texts.forEach((ip, index) => checkIp(ip, `status.${field}[${index}]`, errors, known));
  if (texts.length > 1 && (!isDualStack(texts, `status.${field}`, errors) || texts.length > 2)) errors.invalid(`status.${field}`, status[field]!.map((each) => goStruct(each, "IP=ip:\"\"")), "may specify no more than one IP for each IP family");
}

function checkUser({ user }: ContainerStatus, spec: PodSpec, path: string, errors: FieldErrors): void {
  const linux = user?.linux;
  if (linux === undefined) return;
  const os = spec.os?.name ?? "linux";
  if (os === "windows") errors.forbidden(path, "cannot be set for a windows pod");
  else if (os === "linux") checkLinuxUser(linux, path, errors);
}
function checkLinuxUser({ uid = 0, gid = 0, supplementalGroups }: LinuxContainerUser, path: string, errors: FieldErrors): void {
  complain(errors, `${path}.uid`, uid, idNumber(uid));
  complain(errors, `${path}.gid`, gid, idNumber(gid));
  supplementalGroups?.forEach((group, index) => complain(errors, `${path}.supplementalGroups[${index}]`, group, idNumber(group)));
}

function checkAllocated({ name, allocatedResourcesStatus }: ContainerStatus, containers: readonly Container[] | null | undefined, path: string, errors: FieldErrors): void {
  const container = containers?.find((each) => each.name === name);
  allocatedResourcesStatus?.forEach((allocated, index) => {
    const at = `${path}.allocatedResourcesStatus[${index}]`;
    if (container !== undefined) checkAllocatedName(allocated.name ?? "", container, at, errors);
    checkHealth(allocated, at, errors);
  });
}
function checkAllocatedName(name: string, { resources }: Container, path: string, errors: FieldErrors): void {
  if (!name.startsWith("claim:")) {
    if (resources?.requests?.[name] === undefined) errors.invalid(`${path}.name`, name, "must match one of the container's resource requests");
    return;
  }
  const known = resources?.claims?.some((claim) => name === `claim:${claim.name ?? ""}${(claim.request ?? "") === "" ? "" : `/${claim.request}`}`) ?? false;
  if (!known) errors.invalid(`${path}.name`, name, "must match one of the container's resource claims in a format 'claim:<claimName>/<request>' or 'claim:<claimName>' if request is empty");
}
const HEALTH_MESSAGE_BYTES_MAX = 1024;
function checkHealth({ resources }: ResourceStatus, path: string, errors: FieldErrors): void {
  const seen = new Set<string>();
  resources?.forEach(({ resourceID = "", health, message }, index) => {
    const at = `${path}.resources[${index}]`;
    checkOneOf(health, ["Healthy", "Unhealthy", "Unknown"], `${at}.health`, errors);
    if (message === "") errors.required(`${at}.message`, "must be non-empty if specified");
    else if (message !== undefined && byteLength(message) > HEALTH_MESSAGE_BYTES_MAX) errors.tooLong(`${at}.message`, HEALTH_MESSAGE_BYTES_MAX);
    if (seen.has(resourceID)) errors.duplicate(`${at}.resourceID`, resourceID);
    seen.add(resourceID);
  });
}
