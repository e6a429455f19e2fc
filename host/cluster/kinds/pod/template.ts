/** Templates of Pods, in whatever makes Pods. */
import type { FieldErrors } from "../../api/field-errors.ts";
import { validateAnnotations, validateLabels } from "../../api/validate-metadata.ts";
import type { Metadata } from "../../model.ts";
import type { PodSpec, PodTemplateSpec } from "../generated/types.ts";
import { checkAnnotationsMatch, checkPodAnnotations } from "./annotations.ts";
import { FOR_NEW_TEMPLATE, rulesForUpdate, type PodRules } from "./rules.ts";
import { checkPodSpec } from "./spec.ts";

type Template = { metadata?: Partial<Metadata>; spec?: PodSpec };

/** `old`: the template that is to be replaced. */
export function templateRules(old: PodTemplateSpec | undefined): PodRules {
  return old?.spec === undefined ? FOR_NEW_TEMPLATE : rulesForUpdate(old.spec, old.metadata, false);
}

export function checkTemplate(template: Template, path: string, rules: PodRules, errors: FieldErrors): void {
  const { metadata = {}, spec = {} } = template;
  checkTemplateMetadata(template, path, rules, errors);
  checkPodSpec(spec, undefined, `${path}.spec`, rules, errors);
  checkAnnotationsMatch(metadata, spec, `${path}.spec`, errors);
  if (spec.ephemeralContainers !== undefined) errors.forbidden(`${path}.spec.ephemeralContainers`, "ephemeral containers not allowed in pod template");
}
export function checkTemplateMetadata({ metadata = {}, spec = {} }: Template, path: string, rules: PodRules, errors: FieldErrors): void {
  if (metadata.labels !== undefined) validateLabels(metadata.labels, errors, `${path}.labels`);
  if (metadata.annotations !== undefined) validateAnnotations(metadata.annotations, errors, `${path}.annotations`);
  checkPodAnnotations(metadata.annotations, spec, `${path}.annotations`, rules, errors);
}

/** Whatever keeps Pods running wants them restarted, for ever. `kind`: "ReplicaSet". */
export function checkLastingTemplate({ spec = {} }: Template, kind: string, path: string, errors: FieldErrors): void {
  if (spec.restartPolicy !== "Always") errors.notSupported(`${path}.spec.restartPolicy`, spec.restartPolicy ?? "", ["Always"]);
  if (spec.activeDeadlineSeconds !== undefined) errors.forbidden(`${path}.spec.activeDeadlineSeconds`, `activeDeadlineSeconds in ${kind} is not Supported`);
}
