/**
 * What a Pod's validation depends on beside the Pod. Rules became stricter over the years; what an old object has already
 * is let through when it is updated.
 */
import { FieldErrors } from "../../api/field-errors.ts";
import type { Metadata } from "../../model.ts";
import type { PodSpec, Volume } from "../generated/types.ts";
import { labelValue } from "../../api/names.ts";
import { isEvaluable } from "../shared/label-selector.ts";
import { checkVolumePath } from "../shared/paths.ts";
import { usesIndivisibleHugePages } from "../shared/resources.ts";
import { everyContainer } from "./containers-of.ts";
import { checkSpreadKeys } from "./topology-spread.ts";

export interface PodRules {
  /** A Pod itself, not a template of Pods. */
  readonly isPod: boolean;
  readonly anyHugePages: boolean;
  readonly anySelectorValues: boolean;
  readonly anyNodeValues: boolean;
  readonly anySpreadSelector: boolean;
  readonly anySpreadKeys: boolean;
  readonly anyTokenPath: boolean;
  readonly anySysctl: boolean;
  readonly anyDeletionCost: boolean;
  readonly anySelinuxPolicy: boolean;
  readonly comparisonOperators: boolean;
  readonly hostNetworkWithOwnUsers: boolean;
  readonly devicesWithOwnUsers: boolean;
  readonly restartingInitContainers: boolean;
}

export const FOR_NEW_POD: PodRules = rules(true);
export const FOR_NEW_TEMPLATE: PodRules = rules(false);

function rules(isPod: boolean): PodRules {
  return {
    isPod, anyHugePages: false, anySelectorValues: false, anyNodeValues: false, anySpreadSelector: false, anySpreadKeys: false, anyTokenPath: false, anySysctl: false,
    anyDeletionCost: false, anySelinuxPolicy: false, comparisonOperators: false, hostNetworkWithOwnUsers: false, devicesWithOwnUsers: false, restartingInitContainers: false,
  };
}

/** What one validation of a Pod's spec hands from part to part. */
export interface PodCheck {
  readonly spec: PodSpec;
  readonly rules: PodRules;
  readonly errors: FieldErrors;
  /** The good ones. */
  readonly volumes: ReadonlyMap<string, Volume>;
  readonly claims: ReadonlySet<string>;
  /** True unless the Pod has users of its own. */
  readonly hostUsers: boolean;
}

export function rulesForUpdate(old: PodSpec, oldMetadata: Metadata | undefined, isPod: boolean): PodRules {
  const spread = old.topologySpreadConstraints ?? [];
  const ownUsers = old.hostUsers === false;
  return {
    isPod,
    anyHugePages: usesIndivisibleHugePages([...everyContainer(old)].flatMap(({ resources }) => [resources?.limits, resources?.requests]).concat(old.overhead)),
    anySelectorValues: hasInvalidAffinityValue(old),
    anyNodeValues: old.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
      ?.some((term) => term.matchExpressions?.some(({ values }) => values?.some((value) => labelValue(value).length > 0))) ?? false,
    anySpreadSelector: spread.some(({ labelSelector }) => !isEvaluable(labelSelector)),
    anySpreadKeys: spread.some((each) => !checkSpreadKeys(each, "", new FieldErrors())),
    anyTokenPath: hasOddTokenPath(old),
    anySysctl: old.securityContext?.sysctls?.some(({ name = "" }) => isHostSysctl(name, old)) ?? false,
    anyDeletionCost: !isDeletionCost(oldMetadata?.annotations?.["controller.kubernetes.io/pod-deletion-cost"]),
    anySelinuxPolicy: old.securityContext?.seLinuxChangePolicy !== undefined,
    comparisonOperators: old.tolerations?.some(({ operator }) => operator === "Lt" || operator === "Gt") ?? false,
    hostNetworkWithOwnUsers: ownUsers && old.hostNetwork === true,
    devicesWithOwnUsers: ownUsers && [...everyContainer(old)].some(({ volumeDevices = [] }) => volumeDevices.length > 0),
    restartingInitContainers: old.initContainers?.some(({ restartPolicy, resizePolicy }) => restartPolicy !== "Always" && resizePolicy?.some((each) => each.restartPolicy === "RestartContainer")) ?? false,
  };
}

function hasInvalidAffinityValue({ affinity }: PodSpec): boolean {
  return [affinity?.podAffinity, affinity?.podAntiAffinity].some((each) => [
    ...each?.requiredDuringSchedulingIgnoredDuringExecution ?? [],
    ...each?.preferredDuringSchedulingIgnoredDuringExecution?.map(({ podAffinityTerm }) => podAffinityTerm ?? {}) ?? [],
  ].some(({ labelSelector, namespaceSelector }) => !isEvaluable(labelSelector) || !isEvaluable(namespaceSelector)));
}

function hasOddTokenPath({ volumes = [] }: PodSpec): boolean {
  const errors = new FieldErrors();
  for (const { projected } of volumes) {
    for (const { serviceAccountToken } of projected?.sources ?? []) if (serviceAccountToken !== undefined) checkVolumePath(serviceAccountToken.path ?? "", "", errors);
  }
  return !errors.empty;
}

/** A 32-bit number, as little of one as "0" or "-5". Absent is fine. */
export function isDeletionCost(text: string | undefined): boolean {
  if (text === undefined) return true;
  return /^(0|-\d+|[1-9]\d*)$/.test(text) && Number(text) >= -2_147_483_648 && Number(text) <= 2_147_483_647;
}

const OF_IPC: ReadonlySet<string> = new Set([
  "kernel.sem", "kernel.shmall", "kernel.shmmax", "kernel.shmmni", "kernel.shm_rmid_forced", "kernel.shm", "kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.msg",
]);

/** Does it set what the Pod shares with its host? */
export function isHostSysctl(name: string, { hostNetwork, hostIPC }: PodSpec): "hostNetwork" | "hostIPC" | undefined {
  const dotted = normalizedSysctl(name).split("*")[0]!;
  if (hostNetwork === true && dotted.startsWith("net.")) return "hostNetwork";
  if (hostIPC === true && (OF_IPC.has(dotted) || dotted.startsWith("fs.mqueue."))) return "hostIPC";
  return undefined;
}
/** With slashes between its parts, its dots are slashes and its slashes dots. */
function normalizedSysctl(name: string): string {
  const first = /[./]/.exec(name)?.[0];
  return first === "/" ? name.replace(/[./]/g, (each) => (each === "/" ? "." : "/")) : name;
}
