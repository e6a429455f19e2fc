/** Annotations of Pods and templates that mean something, and the fields that took their place. */
import type { FieldErrors } from "../../api/field-errors.ts";
import type { Metadata } from "../../model.ts";
import type { AppArmorProfile, PodSpec, SeccompProfile, Toleration } from "../generated/types.ts";
import { checkRelativePath } from "../shared/paths.ts";
import { checkTolerations } from "./affinity.ts";
import { everyContainer, visitContainers } from "./containers-of.ts";
import { isDeletionCost, type PodRules } from "./rules.ts";

export const MIRROR = "kubernetes.io/config.mirror";
const DELETION_COST = "controller.kubernetes.io/pod-deletion-cost";
const TOLERATIONS = "scheduler.alpha.kubernetes.io/tolerations";
const SECCOMP_POD = "seccomp.security.alpha.kubernetes.io/pod";
const SECCOMP_CONTAINER = "container.seccomp.security.alpha.kubernetes.io/";
export const APP_ARMOR = "container.apparmor.security.beta.kubernetes.io/";
const LOCAL = "localhost/";

type Annotations = Readonly<Record<string, string>>;

export function checkPodAnnotations(annotations: Annotations | undefined, spec: PodSpec, path: string, rules: PodRules, errors: FieldErrors): void {
  if (annotations === undefined) return;
  if (annotations[MIRROR] !== undefined && (spec.nodeName ?? "") === "") errors.invalid(`${path}[${MIRROR}]`, annotations[MIRROR], "must set spec.nodeName if mirror pod annotation is set");
  if ((annotations[TOLERATIONS] ?? "") !== "") checkTolerationsText(annotations[TOLERATIONS]!, path, rules, errors);
  if (!rules.anyDeletionCost && !isDeletionCost(annotations[DELETION_COST])) errors.invalid(`${path}[${DELETION_COST}]`, annotations[DELETION_COST], "must be a 32bit integer");
  if (annotations[SECCOMP_POD] !== undefined) checkSeccompText(annotations[SECCOMP_POD], `${path}.${SECCOMP_POD}`, errors);
  for (const key in annotations) if (key.startsWith(SECCOMP_CONTAINER)) checkSeccompText(annotations[key]!, `${path}.${key}`, errors);
  for (const key in annotations) if (key.startsWith(APP_ARMOR)) checkAppArmorText(key, annotations[key]!, spec, path, errors);
}
function checkTolerationsText(text: string, path: string, rules: PodRules, errors: FieldErrors): void {
  let tolerations: Toleration[];
  try {
    tolerations = JSON.parse(text) as Toleration[];
  } catch {
    errors.invalid(path, TOLERATIONS, "invalid character in tolerations");
    return;
  }
  if (Array.isArray(tolerations)) checkTolerations(tolerations, `${path}.${TOLERATIONS}`, rules, errors);
}
function checkSeccompText(profile: string, path: string, errors: FieldErrors): void {
  if (["runtime/default", "docker/default", "unconfined"].includes(profile)) return;
  if (profile.startsWith(LOCAL)) checkRelativePath(profile.slice(LOCAL.length), path, errors);
  else errors.invalid(path, profile, "must be a valid seccomp profile");
}
function checkAppArmorText(key: string, profile: string, spec: PodSpec, path: string, errors: FieldErrors): void {
  const container = key.slice(APP_ARMOR.length);
  if (![...everyContainer(spec)].some(({ name = "" }) => name === container)) errors.invalid(`${path}[${key}]`, container, "container not found");
  if (profile !== "" && profile !== "runtime/default" && profile !== "unconfined" && !profile.startsWith(LOCAL)) {
    errors.invalid(`${path}[${key}]`, profile, `invalid AppArmor profile name: ${JSON.stringify(profile)}`);
  }
}

export function checkAnnotationUpdate(annotations: Annotations = {}, old: Annotations = {}, path: string, errors: FieldErrors): void {
  for (const key in old) {
    if (annotations[key] === old[key]) continue;
    if (key.startsWith(APP_ARMOR)) errors.forbidden(`${path}[${key}]`, "may not remove or update AppArmor annotations");
    if (key === MIRROR) errors.forbidden(`${path}[${key}]`, "may not remove or update mirror pod annotation");
  }
  for (const key in annotations) {
    if (old[key] !== undefined) continue;
    if (key.startsWith(APP_ARMOR)) errors.forbidden(`${path}[${key}]`, "may not add AppArmor annotations");
    if (key === MIRROR) errors.forbidden(`${path}[${key}]`, "may not add mirror pod annotation");
  }
}

/** On create, an annotation and the field that took its place must say the same. */
export function checkAnnotationsMatch({ annotations }: Partial<Metadata>, spec: PodSpec, path: string, errors: FieldErrors): void {
  if (annotations === undefined) return;
  const ofPod = spec.securityContext;
  checkSeccompMatch(annotations[SECCOMP_POD], ofPod?.seccompProfile, `${path}.securityContext.seccompProfile`, errors);
  visitContainers(spec, path, ({ name = "", securityContext }, at) => {
    checkSeccompMatch(annotations[SECCOMP_CONTAINER + name], securityContext?.seccompProfile, `${at}.securityContext.seccompProfile`, errors);
  });
  if (spec.os?.name === "windows") return;
  visitContainers(spec, path, ({ name = "", securityContext }, at) => {
    const profile = securityContext?.appArmorProfile ?? ofPod?.appArmorProfile;
    checkMatch("apparmor", annotations[APP_ARMOR + name], profile, ["runtime/default"], `${at}.securityContext.appArmorProfile`, errors);
  });
}
function checkSeccompMatch(annotation: string | undefined, profile: SeccompProfile | undefined, path: string, errors: FieldErrors): void {
  checkMatch("seccomp", annotation, profile, ["runtime/default", "docker/default"], path, errors);
}
function checkMatch(what: string, annotation: string | undefined, profile: SeccompProfile | AppArmorProfile | undefined, runtimeDefault: readonly string[], path: string, errors: FieldErrors): void {
  if (annotation === undefined || profile === undefined) return;
  const { type, localhostProfile } = profile;
  const same = type === "Unconfined" ? annotation === "unconfined"
    : type === "RuntimeDefault" ? runtimeDefault.includes(annotation)
    : type === "Localhost" ? annotation.startsWith(LOCAL) : true;
  if (!same) errors.forbidden(`${path}.type`, `${what} type in annotation and field must match`);
  else if (type === "Localhost" && annotation.slice(LOCAL.length) !== localhostProfile) errors.forbidden(`${path}.localhostProfile`, `${what} profile in annotation and field must match`);
}
