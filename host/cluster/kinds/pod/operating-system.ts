/** Fields that a Pod of one operating system can't have. */
import type { FieldErrors } from "../../api/field-errors.ts";
import type { PodSpec } from "../generated/types.ts";
import { checkOneOf } from "../shared/checks.ts";
import { visitContainers } from "./containers-of.ts";

export function checkOperatingSystem(spec: PodSpec, path: string, errors: FieldErrors): void {
  const name = spec.os?.name;
  if (spec.os === undefined) return;
  if (name === undefined || name === "") errors.required(`${path}.os.name`);
  else if (name === "linux") checkLinux(spec, path, errors);
  else if (name === "windows") checkWindows(spec, path, errors);
  else checkOneOf(name, ["linux", "windows"], `${path}.os`, errors);
}

function checkLinux(spec: PodSpec, path: string, errors: FieldErrors): void {
  const why = "windows options cannot be set for a linux pod";
  if (spec.securityContext?.windowsOptions !== undefined) errors.forbidden(`${path}.securityContext.windowsOptions`, why);
  visitContainers(spec, path, ({ securityContext }, at) => {
    if (securityContext?.windowsOptions !== undefined) errors.forbidden(`${at}.securityContext.windowsOptions`, why);
  });
}

/** In the order in which they are told: of the Pod itself where there is no "securityContext". */
const NOT_OF_PODS = [
  "securityContext.appArmorProfile", "securityContext.seLinuxOptions", "hostUsers", "hostPID", "hostIPC", "securityContext.seccompProfile", "securityContext.fsGroup",
  "securityContext.fsGroupChangePolicy", "securityContext.sysctls", "shareProcessNamespace", "securityContext.runAsUser", "securityContext.runAsGroup",
  "securityContext.supplementalGroups", "securityContext.supplementalGroupsPolicy", "securityContext.seLinuxChangePolicy",
];
const NOT_OF_CONTAINERS = [
  "appArmorProfile", "seLinuxOptions", "seccompProfile", "capabilities", "readOnlyRootFilesystem", "privileged", "allowPrivilegeEscalation", "procMount", "runAsUser", "runAsGroup",
] as const;
/** Set to false they are as good as absent. */
const FLAGS = ["hostPID", "hostIPC"];

function checkWindows(spec: PodSpec, path: string, errors: FieldErrors): void {
  for (const field of NOT_OF_PODS) {
    const [first, second] = field.split(".") as [keyof PodSpec, string?];
    const value: unknown = second === undefined ? spec[first] : (spec.securityContext as { [name: string]: unknown } | undefined)?.[second];
    if (value !== undefined && !(value === false && FLAGS.includes(field))) errors.forbidden(`${path}.${field}`, "cannot be set for a windows pod");
  }
  visitContainers(spec, path, ({ securityContext }, at) => {
    for (const field of NOT_OF_CONTAINERS) if (securityContext?.[field] !== undefined) errors.forbidden(`${at}.securityContext.${field}`, "cannot be set for a windows pod");
  });
}
