/** What a Pod and its containers may do on their host. */
import type { FieldErrors } from "../../api/field-errors.ts";
import { byteLength, dnsSubdomain, idNumber } from "../../api/names.ts";
import type { AppArmorProfile, PodSecurityContext, PodSpec, SeccompProfile, SecurityContext, WindowsSecurityContextOptions } from "../generated/types.ts";
import { checkOneOf, complain } from "../shared/checks.ts";
import { showSeccompProfile, showSecurityContext } from "../shared/go-values.ts";
import { checkRelativePath } from "../shared/paths.ts";
import { visitContainers } from "./containers-of.ts";
import { isHostSysctl, type PodRules } from "./rules.ts";

const PROFILES = ["Localhost", "RuntimeDefault", "Unconfined"];

export function checkSeccompProfile(profile: SeccompProfile | undefined, path: string, errors: FieldErrors): void {
  if (profile === undefined) return;
  const { type = "", localhostProfile } = profile;
  if (type === "") errors.required(`${path}.type`, "type is required when seccompProfile is set");
  else checkOneOf(type, PROFILES, `${path}.type`, errors);
  if (type !== "Localhost") {
    if (localhostProfile !== undefined) errors.invalid(`${path}.localhostProfile`, showSeccompProfile(profile), "can only be set when seccomp type is Localhost");
  } else if (localhostProfile === undefined) {
    errors.required(`${path}.localhostProfile`, "must be set when seccomp type is Localhost");
  } else {
    checkRelativePath(localhostProfile, `${path}.localhostProfile`, errors);
  }
}

const PATH_BYTES_MAX = 4095;
const isSpace = /^[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+|[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$/g;
/** Without the white space around it, as Go counts white space. */
export function trimmed(text: string): string {
  return text.replace(isSpace, "");
}

export function checkAppArmorProfile(profile: AppArmorProfile | undefined, path: string, errors: FieldErrors): void {
  if (profile === undefined) return;
  const { type = "", localhostProfile } = profile;
  const at = `${path}.localhostProfile`;
  if (type === "") errors.required(`${path}.type`, "type is required when appArmorProfile is set");
  else checkOneOf(type, PROFILES, `${path}.type`, errors);
  if (type === "Localhost") {
    if (localhostProfile === undefined || localhostProfile === "") errors.required(at, "must be set when AppArmor type is Localhost");
    else if (trimmed(localhostProfile) !== localhostProfile) errors.invalid(at, localhostProfile, "must not be padded with whitespace");
    if (byteLength(localhostProfile ?? "") > PATH_BYTES_MAX) errors.tooLong(at, PATH_BYTES_MAX);
  } else if (PROFILES.includes(type) && localhostProfile !== undefined) {
    errors.invalid(at, localhostProfile, "can only be set when AppArmor type is Localhost");
  }
}

const GMSA_BYTES_MAX = 65_536;

export function checkWindowsOptions(options: WindowsSecurityContextOptions | undefined, path: string, errors: FieldErrors): void {
  if (options === undefined) return;
  const { gmsaCredentialSpecName, gmsaCredentialSpec, runAsUserName } = options;
  if (gmsaCredentialSpecName !== undefined) complain(errors, `${path}.gmsaCredentialSpecName`, gmsaCredentialSpecName, dnsSubdomain(gmsaCredentialSpecName));
  if (gmsaCredentialSpec === "") errors.invalid(`${path}.gmsaCredentialSpec`, "", "gmsaCredentialSpec cannot be an empty string");
  else if (gmsaCredentialSpec !== undefined && byteLength(gmsaCredentialSpec) > GMSA_BYTES_MAX) errors.invalid(`${path}.gmsaCredentialSpec`, gmsaCredentialSpec, "gmsaCredentialSpec size must be under 64 KiB");
  if (runAsUserName !== undefined) for (const why of userNameComplaints(runAsUserName)) errors.invalid(`${path}.runAsUserName`, runAsUserName, why);
}
const NET_BIOS = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/;
const WINDOWS_DOMAIN = /^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/;
function userNameComplaints(name: string): string[] {
  if (name === "") return ["runAsUserName cannot be an empty string"];
  if (/[\x00-\x1f\x7f]/.test(name)) return ["runAsUserName cannot contain control characters"];
  const parts = name.split("\\");
  if (parts.length > 2) return ["runAsUserName cannot contain more than one backslash"];
  const user = parts[parts.length - 1]!;
  const domain = parts.length === 2 ? parts[0]! : undefined;
  const found: string[] = [];
  if (domain !== undefined && byteLength(domain) >= 256) found.push("runAsUserName's Domain length must be under 256 characters");
  if (domain !== undefined && !NET_BIOS.test(domain) && !WINDOWS_DOMAIN.test(domain)) found.push("runAsUserName's Domain doesn't match the NetBios nor the DNS format");
  if (user === "") found.push("runAsUserName's User cannot be empty");
  else if (byteLength(user) > 104) found.push("runAsUserName's User length must not be longer than 104 characters");
  if (/^[. ]+$/.test(user)) found.push("runAsUserName's User cannot contain only periods or spaces");
  if (/["/\\:;|=,+*?<>@[\]]/.test(user)) found.push("runAsUserName's User cannot contain the following characters: \"/\\:;|=,+*?<>@[]");
  return found;
}

function checkId(id: number | undefined, path: string, errors: FieldErrors): void {
  if (id !== undefined) complain(errors, path, id, idNumber(id));
}

export function checkContainerSecurity(security: SecurityContext | undefined, hostUsers: boolean, path: string, errors: FieldErrors): void {
  if (security === undefined) return;
  const { runAsUser, runAsGroup, procMount, seccompProfile, allowPrivilegeEscalation, privileged, capabilities } = security;
  checkId(runAsUser, `${path}.runAsUser`, errors);
  checkId(runAsGroup, `${path}.runAsGroup`, errors);
  if (procMount !== undefined) checkOneOf(procMount, ["Default", "Unmasked"], `${path}.procMount`, errors);
  if (procMount === "Unmasked" && hostUsers) errors.invalid(`${path}.procMount`, procMount, "`hostUsers` must be false to use `Unmasked`");
  checkSeccompProfile(seccompProfile, `${path}.seccompProfile`, errors);
  if (allowPrivilegeEscalation === false) {
    if (privileged === true) errors.invalid(path, showSecurityContext(security), "cannot set `allowPrivilegeEscalation` to false and `privileged` to true");
    for (const added of capabilities?.add ?? []) {
      if (added === "CAP_SYS_ADMIN") errors.invalid(path, showSecurityContext(security), "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN");
    }
  }
  checkWindowsOptions(security.windowsOptions, `${path}.windowsOptions`, errors);
  checkAppArmorProfile(security.appArmorProfile, `${path}.appArmorProfile`, errors);
}

export function checkPodSecurity(security: PodSecurityContext, spec: PodSpec, rules: PodRules, path: string, errors: FieldErrors): void {
  checkId(security.fsGroup, `${path}.fsGroup`, errors);
  checkId(security.runAsUser, `${path}.runAsUser`, errors);
  checkId(security.runAsGroup, `${path}.runAsGroup`, errors);
  security.supplementalGroups?.forEach((group, index) => checkId(group, `${path}.supplementalGroups[${index}]`, errors));
  if (spec.shareProcessNamespace === true && spec.hostPID === true) errors.invalid(`${path}.shareProcessNamespace`, true, "ShareProcessNamespace and HostPID cannot both be enabled");
  if (security.sysctls !== undefined) checkSysctls(security.sysctls, spec, rules, `${path}.sysctls`, errors);
  if (security.fsGroupChangePolicy !== undefined) checkOneOf(security.fsGroupChangePolicy, ["Always", "OnRootMismatch"], `${path}.fsGroupChangePolicy`, errors);
  checkSeccompProfile(security.seccompProfile, `${path}.seccompProfile`, errors);
  checkWindowsOptions(security.windowsOptions, `${path}.windowsOptions`, errors);
  checkAppArmorProfile(security.appArmorProfile, `${path}.appArmorProfile`, errors);
  if (security.supplementalGroupsPolicy !== undefined) checkOneOf(security.supplementalGroupsPolicy, ["Merge", "Strict"], `${path}.supplementalGroupsPolicy`, errors);
  if (security.seLinuxChangePolicy !== undefined) {
    checkOneOf(security.seLinuxChangePolicy, rules.anySelinuxPolicy ? ["MountOption", "Recursive"] : ["Recursive"], `${path}.seLinuxChangePolicy`, errors);
  }
}
const SYSCTL = "^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$";
const sysctlPattern = new RegExp(SYSCTL);
function checkSysctls(sysctls: NonNullable<PodSecurityContext["sysctls"]>, spec: PodSpec, rules: PodRules, path: string, errors: FieldErrors): void {
  const names = new Set<string>();
  sysctls.forEach(({ name = "" }, index) => {
    const at = `${path}[${index}].name`;
    if (name === "") errors.required(at);
    else if (name.length > 253 || !sysctlPattern.test(name)) errors.invalid(at, name, `must have at most 253 characters and match regex ${SYSCTL}`);
    else if (names.has(name)) errors.duplicate(at, name);
    const shared = rules.anySysctl ? undefined : isHostSysctl(name, spec);
    if (shared !== undefined) errors.invalid(at, name, `may not be specified when '${shared}' is true`);
    names.add(name);
  });
}

/** Containers of Windows that are processes of the host: all of a Pod's, or none. */
export function checkHostProcesses(spec: PodSpec, path: string, errors: FieldErrors): void {
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess;
  let containers = 0;
  let hostProcesses = 0;
  visitContainers(spec, path, ({ securityContext }, at) => {
    const own = securityContext?.windowsOptions?.hostProcess;
    containers++;
    if (ofPod !== undefined && own !== undefined && ofPod !== own) {
      errors.invalid(`${at}.securityContext.windowsOptions.hostProcess`, own, `pod hostProcess value must be identical if both are specified, was ${ofPod}`);
    }
    if (own ?? ofPod ?? false) hostProcesses++;
  });
  if (hostProcesses === 0) return;
  if (hostProcesses !== containers) errors.invalid(path, "", "If pod contains any hostProcess containers then all containers must be HostProcess containers");
  if (spec.hostNetwork !== true) errors.invalid(`${path}.hostNetwork`, false, "hostNetwork must be true if pod contains any hostProcess containers");
}
