/** DaemonSets. */
import type { FieldErrors } from "../../api/field-errors.ts";
import { cannotBeHandled } from "../../schema/decode.ts";
import { kindRules } from "../define.ts";
import type { DaemonSet, DaemonSetSpec, DaemonSetUpdateStrategy } from "../generated/types.ts";
import { setTemplateDefaults } from "../pod/defaults.ts";
import { dropSwitchedOff } from "../pod/prepare.ts";
import type { PodRules } from "../pod/rules.ts";
import { warnOfTemplate } from "../pod/warnings.ts";
import { checkLastingTemplate, checkTemplate, templateRules } from "../pod/template.ts";
import { checkImmutable, checkMetadata, checkMetadataUpdate, checkNonNegative } from "../shared/checks.ts";
import { equal } from "../shared/equal.ts";
import { countChange } from "../shared/generation.ts";
import { goStruct } from "../shared/go-values.ts";
import { checkAtMostHundredPercent, checkIntOrPercent, numberOf } from "../shared/int-or-percent.ts";
import { checkLabelSelector, isEmptySelector, isEvaluable, selectorMatches, shownLabels } from "../shared/label-selector.ts";
import { checkCollisions, checkCounts } from "../shared/status-counts.ts";

/** A field of the inner type, which the outer one holds in this annotation. */
const TEMPLATE_GENERATION = "deprecated.daemonset.template.generation";
const COUNTS = ["currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady", "observedGeneration", "updatedNumberScheduled", "numberAvailable", "numberUnavailable", "collisionCount"];

export const daemonSet = kindRules<DaemonSet>(["apps", "v1", "DaemonSet"], {
  defaults(set) {
    const spec = set.spec ??= {};
    setTemplateDefaults(spec.template ??= {});
    const strategy = spec.updateStrategy ??= {};
    strategy.type ??= "RollingUpdate";
    if (strategy.type === "RollingUpdate") {
      const rolling = strategy.rollingUpdate ??= {};
      rolling.maxUnavailable ??= 1;
      rolling.maxSurge ??= 0;
    }
    spec.revisionHistoryLimit ??= 10;
    setGeneration(set, readGeneration(set));
  },
  create(set) {
    set.status = NO_STATUS;
    set.metadata.generation = 1;
    setGeneration(set, Math.max(1, readGeneration(set)));
    dropSwitchedOff(set.spec?.template?.spec ?? {}, undefined);
  },
  update(next, old) {
    dropSwitchedOff(next.spec?.template?.spec ?? {}, old.spec?.template?.spec);
    next.status = old.status;
    const changed = !equal(next.spec?.template, old.spec?.template);
    setGeneration(next, readGeneration(old) + (changed ? 1 : 0));
    countChange(next, old);
  },
  validate({ metadata, spec = {} }, errors) {
    checkMetadata(metadata, true, errors);
    checkSpec(spec, templateRules(undefined), errors);
  },
  validateUpdate(next, old, errors) {
    checkMetadataUpdate(next.metadata, old.metadata, errors);
    checkImmutable(next.spec?.selector, old.spec?.selector, "spec.selector", errors);
    checkSpec(next.spec ?? {}, templateRules(old.spec?.template), errors);
  },
  warn(next, old, context) {
    if (old === undefined || readGeneration(next) !== readGeneration(old)) warnOfTemplate(next.spec?.template ?? {}, "spec.template", context);
  },
  subresources: {
    status: {
      update(next, old) {
        next.spec = old.spec;
        setGeneration(next, readGeneration(old));
      },
      validate(next, old, errors) {
        checkMetadataUpdate(next.metadata, old.metadata, errors);
        checkCounts(next.status, COUNTS, [], errors);
        checkCollisions(next.status?.collisionCount, old.status?.collisionCount, errors);
      },
    },
  },
});

const NO_STATUS: DaemonSet["status"] = { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 };

/** Throws StatusError 400 where it is no number. */
function readGeneration({ metadata }: DaemonSet): number {
  const text = metadata.annotations?.[TEMPLATE_GENERATION];
  if (text === undefined) return 0;
  if (!/^[+-]?\d+$/.test(text)) throw cannotBeHandled({ version: "v1", kind: "DaemonSet" }, `strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Number(text);
}
function setGeneration({ metadata }: DaemonSet, generation: number): void {
  metadata.annotations = { ...metadata.annotations, [TEMPLATE_GENERATION]: String(generation) };
}

function checkSpec(spec: DaemonSetSpec, rules: PodRules, errors: FieldErrors): void {
  const { template = {} } = spec;
  const selector = spec.selector ?? undefined;
  checkLabelSelector(selector, "spec.selector", errors);
  if (isEvaluable(selector) && !selectorMatches(selector, template.metadata?.labels)) errors.invalid("spec.template.metadata.labels", shownLabels(template.metadata?.labels), "`selector` does not match template `labels`");
  if (selector !== undefined && isEmptySelector(selector)) errors.invalid("spec.selector", selector, "empty selector is invalid for daemonset");
  checkTemplate(template, "spec.template", rules, errors);
  checkLastingTemplate(template, "DaemonSet", "spec.template", errors);
  checkNonNegative(spec.minReadySeconds, "spec.minReadySeconds", errors);
  checkUpdateStrategy(spec.updateStrategy ?? {}, "spec.updateStrategy", errors);
  checkNonNegative(spec.revisionHistoryLimit, "spec.revisionHistoryLimit", errors);
}

function checkUpdateStrategy(strategy: DaemonSetUpdateStrategy, path: string, errors: FieldErrors): void {
  const { type = "", rollingUpdate } = strategy;
  if (type === "OnDelete") return;
  if (type !== "RollingUpdate") {
    const shown = { Type: type, RollingUpdate: rollingUpdate === undefined ? null : goStruct(rollingUpdate, "MaxUnavailable:0 MaxSurge:0") };
    errors.notSupported(path, shown, ["RollingUpdate", "OnDelete"]);
    return;
  }
  const at = `${path}.rollingUpdate`;
  const { maxUnavailable = 0, maxSurge = 0 } = rollingUpdate ?? {};
  checkIntOrPercent(maxUnavailable, `${at}.maxUnavailable`, errors);
  checkIntOrPercent(maxSurge, `${at}.maxSurge`, errors);
  checkAtMostHundredPercent(maxUnavailable, `${at}.maxUnavailable`, errors);
  checkAtMostHundredPercent(maxSurge, `${at}.maxSurge`, errors);
  const some = { unavailable: numberOf(maxUnavailable) !== 0, surge: numberOf(maxSurge) !== 0 };
  if (some.unavailable && some.surge) errors.invalid(`${at}.maxSurge`, maxSurge, "may not be set when maxUnavailable is non-zero");
  else if (!some.unavailable && !some.surge) errors.required(`${at}.maxUnavailable`, "cannot be 0 when maxSurge is 0");
}
