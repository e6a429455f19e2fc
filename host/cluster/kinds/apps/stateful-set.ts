/** StatefulSets. */
import { FieldErrors } from "../../api/field-errors.ts";
import { labelName } from "../../api/names.ts";
import { kindRules } from "../define.ts";
import type { StatefulSet, StatefulSetSpec, StatefulSetUpdateStrategy, Volume } from "../generated/types.ts";
import { setTemplateDefaults } from "../pod/defaults.ts";
import { dropSwitchedOff } from "../pod/prepare.ts";
import type { PodRules } from "../pod/rules.ts";
import { warnOfTemplate } from "../pod/warnings.ts";
import { checkLastingTemplate, checkTemplate, checkTemplateMetadata, templateRules } from "../pod/template.ts";
import { checkDnsLabel, checkMetadata, checkMetadataUpdate, checkNonNegative, checkOneOf } from "../shared/checks.ts";
import { equal } from "../shared/equal.ts";
import { goStruct } from "../shared/go-values.ts";
import { checkLabelSelector, isEmptySelector, selectorMatches, shownLabels } from "../shared/label-selector.ts";
import { checkCollisions, checkCounts } from "../shared/status-counts.ts";
import { checkClaimSpec, FOR_NEW_CLAIM } from "../volumes/claim-spec.ts";
import { setClaimDefaults, warnOfClaimSpec } from "../volumes/claim.ts";

interface Skipped { readonly serviceName?: true; readonly claims?: true; readonly template?: true }

const PARTS = ["readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas"];
/** What may change. */
const CHANGEABLE = ["replicas", "template", "updateStrategy", "minReadySeconds", "ordinals", "revisionHistoryLimit", "persistentVolumeClaimRetentionPolicy"] as const;

export const statefulSet = kindRules<StatefulSet>(["apps", "v1", "StatefulSet"], {
  defaults({ spec }) {
    if (spec === undefined) return;
    setTemplateDefaults(spec.template ??= {});
    for (const claim of spec.volumeClaimTemplates ?? []) {
      setClaimDefaults(claim);
      claim.apiVersion = "v1";
      claim.kind = "PersistentVolumeClaim";
    }
    spec.podManagementPolicy ??= "OrderedReady";
    const strategy = spec.updateStrategy ??= {};
    if (strategy.type === undefined) {
      strategy.type = "RollingUpdate";
      strategy.rollingUpdate ??= {};
    }
    if (strategy.type === "RollingUpdate" && strategy.rollingUpdate !== undefined) strategy.rollingUpdate.partition ??= 0;
    const retention = spec.persistentVolumeClaimRetentionPolicy ??= {};
    retention.whenDeleted ??= "Retain";
    retention.whenScaled ??= "Retain";
    spec.replicas ??= 1;
    spec.revisionHistoryLimit ??= 10;
  },
  create(set) {
    set.status = {};
    set.metadata.generation = 1;
    dropOff(set, undefined);
  },
  update(next, old) {
    next.status = old.status;
    dropOff(next, old);
    if (!equal(next.spec, old.spec)) next.metadata.generation = (old.metadata.generation ?? 0) + 1;
  },
  validate({ metadata, spec = {} }, errors) {
    checkMetadata(metadata, true, errors, labelName);
    checkSpec(spec, templateRules(undefined), {}, errors);
  },
  validateUpdate(next, old, errors) {
    const rules = templateRules(old.spec?.template);
    const spec = next.spec ?? {};
    const before = old.spec ?? {};
    checkMetadataUpdate(next.metadata, old.metadata, errors);
    const ofOld = new FieldErrors();
    checkSpec(before, rules, { serviceName: true, claims: true }, ofOld);
    checkSpec(spec, rules, { serviceName: true, claims: true, ...ofOld.empty ? {} : { template: true } }, errors);
    const rest: StatefulSetSpec = { ...spec };
    for (const field of CHANGEABLE) Object.assign(rest, { [field]: before[field] });
    if (!equal(rest, before)) {
      errors.forbidden("spec", "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden");
    }
  },
  warn({ metadata, spec = {} }, old, context) {
    if (metadata.generation !== old?.metadata.generation) warnOfTemplate(spec.template ?? {}, "spec.template", context);
    spec.volumeClaimTemplates?.forEach((claim, index) => warnOfClaimSpec(claim.spec ?? {}, `spec.volumeClaimTemplates[${index}]${old === undefined ? "" : ".Spec"}`, context));
    if (spec.revisionHistoryLimit! < 0) context.warn("spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended");
  },
  subresources: {
    status: {
      update(next, old) { next.spec = old.spec; },
      validate(next, old, errors) {
        checkCounts(next.status, ["replicas", "readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas", "observedGeneration", "collisionCount"], PARTS, errors, "status.readyReplicas");
        checkMetadataUpdate(next.metadata, old.metadata, errors);
        checkCollisions(next.status?.collisionCount, old.status?.collisionCount, errors);
      },
    },
  },
});

function dropOff({ spec = {} }: StatefulSet, old: StatefulSet | undefined): void {
  if (old?.spec?.updateStrategy?.rollingUpdate?.maxUnavailable === undefined) delete spec.updateStrategy?.rollingUpdate?.maxUnavailable;
  dropSwitchedOff(spec.template?.spec ?? {}, old?.spec?.template?.spec);
}

function checkSpec(spec: StatefulSetSpec, rules: PodRules, skipped: Skipped, errors: FieldErrors): void {
  const { podManagementPolicy: management = "", serviceName = "", selector } = spec;
  if (management === "") errors.required("spec.podManagementPolicy");
  else if (management !== "OrderedReady" && management !== "Parallel") errors.invalid("spec.podManagementPolicy", management, "must be 'OrderedReady' or 'Parallel'");
  checkUpdateStrategy(spec.updateStrategy ?? {}, "spec.updateStrategy", errors);
  const retention = spec.persistentVolumeClaimRetentionPolicy;
  if (retention !== undefined) for (const field of ["whenDeleted", "whenScaled"] as const) checkOneOf(retention[field], ["Retain", "Delete"], `spec.persistentVolumeClaimRetentionPolicy.${field}`, errors);
  if (skipped.claims !== true) spec.volumeClaimTemplates?.forEach((claim, index) => checkClaimSpec(claim.spec ?? {}, FOR_NEW_CLAIM, `spec.volumeClaimTemplates[${index}].spec`, errors));
  checkNonNegative(spec.replicas, "spec.replicas", errors);
  checkNonNegative(spec.minReadySeconds, "spec.minReadySeconds", errors);
  checkNonNegative(spec.ordinals?.start, "spec.ordinals.start", errors);
  if (skipped.serviceName !== true && serviceName !== "") checkDnsLabel(serviceName, "spec.serviceName", errors);
  let evaluable = true;
  if (selector === undefined || selector === null) {
    errors.required("spec.selector");
  } else {
    evaluable = checkLabelSelector(selector, "spec.selector", errors);
    if (isEmptySelector(selector)) errors.invalid("spec.selector", selector, "empty selector is invalid for statefulset");
  }
  if (evaluable) checkSetTemplate(spec, rules, skipped, errors);
  else errors.invalid("spec.selector", selector, "");
  checkLastingTemplate(spec.template ?? {}, "StatefulSet", "spec.template", errors);
}

/** Host name and subdomain are the set's own business; its claims are volumes of the Pods. */
function checkSetTemplate(set: StatefulSetSpec, rules: PodRules, skipped: Skipped, errors: FieldErrors): void {
  const { template = {}, selector, volumeClaimTemplates = [] } = set;
  const { hostname: _, subdomain: __, ...spec } = template.spec ?? {};
  const claimed = new Map(volumeClaimTemplates.map(({ metadata }) => [metadata?.name ?? "", metadata?.name ?? ""]));
  const added = [...claimed.keys()].map((name): Volume => ({ name, persistentVolumeClaim: { claimName: name } }));
  if (added.length > 0) spec.volumes = [...added, ...spec.volumes?.filter(({ name = "" }) => !claimed.has(name)) ?? []];
  const whole = { ...template, spec };
  if (!selectorMatches(selector ?? undefined, template.metadata?.labels)) errors.invalid("spec.template.metadata.labels", shownLabels(template.metadata?.labels), "`selector` does not match template `labels`");
  if (skipped.template !== true) checkTemplate(whole, "spec.template", rules, errors);
  checkTemplateMetadata(whole, "spec.template", rules, errors);
}

function checkUpdateStrategy(strategy: StatefulSetUpdateStrategy, path: string, errors: FieldErrors): void {
  const { type = "", rollingUpdate } = strategy;
  const shown = rollingUpdate === undefined ? null : goStruct(rollingUpdate, "Partition:0 MaxUnavailable");
  if (type === "") errors.required(path);
  else if (type === "OnDelete") {
    if (rollingUpdate !== undefined) errors.invalid(`${path}.rollingUpdate`, shown, "only allowed for updateStrategy 'RollingUpdate'");
  } else if (type !== "RollingUpdate") {
    errors.invalid(path, { Type: type, RollingUpdate: shown }, "must be 'RollingUpdate' or 'OnDelete'");
  } else {
    checkNonNegative(rollingUpdate?.partition, `${path}.rollingUpdate.partition`, errors);
  }
}
