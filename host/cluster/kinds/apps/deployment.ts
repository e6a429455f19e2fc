/** Deployments. */
import type { FieldErrors } from "../../api/field-errors.ts";
import { kindRules } from "../define.ts";
import type { Deployment, DeploymentSpec, DeploymentStrategy } from "../generated/types.ts";
import { setTemplateDefaults } from "../pod/defaults.ts";
import { dropSwitchedOff } from "../pod/prepare.ts";
import { warnOfHostName, warnOfTemplate } from "../pod/warnings.ts";
import { checkLastingTemplate, checkTemplate, templateRules } from "../pod/template.ts";
import type { PodRules } from "../pod/rules.ts";
import { checkImmutable, checkMetadata, checkMetadataUpdate, checkNonNegative } from "../shared/checks.ts";
import { equal } from "../shared/equal.ts";
import { goStruct } from "../shared/go-values.ts";
import { checkAtMostHundredPercent, checkIntOrPercent, numberOf } from "../shared/int-or-percent.ts";
import { checkCollisions, checkCounts } from "../shared/status-counts.ts";
import { checkLabelSelector, isEmptySelector, selectorMatches, shownLabels } from "../shared/label-selector.ts";

const COUNTS = ["observedGeneration", "replicas", "updatedReplicas", "readyReplicas", "availableReplicas", "unavailableReplicas", "terminatingReplicas", "collisionCount"];

export const deployment = kindRules<Deployment>(["apps", "v1", "Deployment"], {
  defaults({ spec }) {
    if (spec === undefined) return;
    setTemplateDefaults(spec.template ??= {});
    spec.replicas ??= 1;
    const strategy = spec.strategy ??= {};
    strategy.type ??= "RollingUpdate";
    if (strategy.type === "RollingUpdate") {
      const rolling = strategy.rollingUpdate ??= {};
      rolling.maxUnavailable ??= "25%";
      rolling.maxSurge ??= "25%";
    }
    spec.revisionHistoryLimit ??= 10;
    spec.progressDeadlineSeconds ??= 600;
  },
  create(deployment) {
    deployment.status = {};
    deployment.metadata.generation = 1;
    dropSwitchedOff(deployment.spec?.template?.spec ?? {}, undefined);
  },
  update(next, old) {
    next.status = old.status;
    dropSwitchedOff(next.spec?.template?.spec ?? {}, old.spec?.template?.spec);
    if (!equal(next.spec, old.spec) || !equal(next.metadata.annotations ?? {}, old.metadata.annotations ?? {})) next.metadata.generation = (old.metadata.generation ?? 0) + 1;
  },
  validate({ metadata, spec = {} }, errors) {
    checkMetadata(metadata, true, errors);
    checkSpec(spec, templateRules(undefined), errors);
  },
  validateUpdate(next, old, errors) {
    checkMetadataUpdate(next.metadata, old.metadata, errors);
    checkSpec(next.spec ?? {}, templateRules(old.spec?.template), errors);
    checkImmutable(next.spec?.selector, old.spec?.selector, "spec.selector", errors);
  },
  warn({ metadata, spec }, old, context) {
    if (old === undefined) warnOfHostName(metadata.name, context);
    if (metadata.generation !== old?.metadata.generation) warnOfTemplate(spec?.template ?? {}, "spec.template", context);
  },
  subresources: {
    status: {
      update(next, old) {
        next.spec = old.spec;
        if (old.metadata.labels === undefined) delete next.metadata.labels;
        else next.metadata.labels = old.metadata.labels;
      },
      validate(next, old, errors) {
        checkMetadataUpdate(next.metadata, old.metadata, errors);
        checkCounts(next.status, COUNTS, ["updatedReplicas", "readyReplicas", "availableReplicas"], errors);
        checkCollisions(next.status?.collisionCount, old.status?.collisionCount, errors);
      },
    },
  },
});

function checkSpec(spec: DeploymentSpec, rules: PodRules, errors: FieldErrors): void {
  const { minReadySeconds = 0, progressDeadlineSeconds: deadline } = spec;
  checkNonNegative(spec.replicas, "spec.replicas", errors);
  checkSelectorAndTemplate(spec, "deployment", rules, errors);
  checkStrategy(spec.strategy ?? {}, "spec.strategy", errors);
  checkNonNegative(minReadySeconds, "spec.minReadySeconds", errors);
  checkNonNegative(spec.revisionHistoryLimit, "spec.revisionHistoryLimit", errors);
  if (deadline === undefined) return;
  checkNonNegative(deadline, "spec.progressDeadlineSeconds", errors);
  if (deadline <= minReadySeconds) errors.invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds");
}

/** The same for Deployments and ReplicaSets, in nearly the same words. */
export function checkSelectorAndTemplate({ selector, template = {} }: Pick<DeploymentSpec, "selector" | "template">, kind: string, rules: PodRules, errors: FieldErrors): void {
  let evaluable = true;
  if (selector === undefined || selector === null) {
    errors.required("spec.selector");
  } else {
    evaluable = checkLabelSelector(selector, "spec.selector", errors);
    if (isEmptySelector(selector)) errors.invalid("spec.selector", selector, `empty selector is invalid for ${kind}`);
  }
  if (!evaluable) {
    errors.invalid("spec.selector", selector, "invalid label selector");
    return;
  }
  if (!selectorMatches(selector ?? undefined, template.metadata?.labels)) errors.invalid("spec.template.metadata.labels", shownLabels(template.metadata?.labels), "`selector` does not match template `labels`");
  checkTemplate(template, "spec.template", rules, errors);
  checkLastingTemplate(template, "ReplicaSet", "spec.template", errors);
}

function checkStrategy(strategy: DeploymentStrategy, path: string, errors: FieldErrors): void {
  const { type = "", rollingUpdate } = strategy;
  if (type === "Recreate") {
    if (rollingUpdate !== undefined) errors.forbidden(`${path}.rollingUpdate`, "may not be specified when strategy `type` is 'Recreate'");
  } else if (type !== "RollingUpdate") {
    const shown = { Type: type, RollingUpdate: rollingUpdate === undefined ? null : goStruct(rollingUpdate, "MaxUnavailable:0 MaxSurge:0") };
    errors.notSupported(path, shown, ["Recreate", "RollingUpdate"]);
  } else if (rollingUpdate === undefined) {
    errors.required(`${path}.rollingUpdate`, "this should be defaulted and never be nil");
  } else {
    const { maxUnavailable = 0, maxSurge = 0 } = rollingUpdate;
    const at = `${path}.rollingUpdate`;
    checkIntOrPercent(maxUnavailable, `${at}.maxUnavailable`, errors);
    checkIntOrPercent(maxSurge, `${at}.maxSurge`, errors);
    if (numberOf(maxUnavailable) === 0 && numberOf(maxSurge) === 0) errors.invalid(`${at}.maxUnavailable`, maxUnavailable, "may not be 0 when `maxSurge` is 0");
    checkAtMostHundredPercent(maxUnavailable, `${at}.maxUnavailable`, errors);
  }
}
