/** ReplicationControllers. */
import type { FieldErrors } from "../../api/field-errors.ts";
import { kindRules } from "../define.ts";
import type { ReplicationController, ReplicationControllerSpec } from "../generated/types.ts";
import { setTemplateDefaults } from "../pod/defaults.ts";
import { dropSwitchedOff } from "../pod/prepare.ts";
import type { PodRules } from "../pod/rules.ts";
import { checkLastingTemplate, checkTemplate, templateRules } from "../pod/template.ts";
import { warnOfHostName, warnOfTemplate } from "../pod/warnings.ts";
import { checkMetadata, checkMetadataUpdate, checkNonNegative } from "../shared/checks.ts";
import { countChange } from "../shared/generation.ts";
import { selectorMatches, shownLabels } from "../shared/label-selector.ts";
import { checkCounts } from "../shared/status-counts.ts";

const COUNTS = ["replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas", "observedGeneration"];
const NONE = { replicas: 0 };

export const replicationController = kindRules<ReplicationController>(["", "v1", "ReplicationController"], {
  defaults({ metadata, spec }) {
    if (spec === undefined) return;
    spec.replicas ??= 1;
    if (spec.template === undefined) return;
    setTemplateDefaults(spec.template);
    const labels = spec.template.metadata?.labels;
    if (labels === undefined) return;
    spec.selector ??= { ...labels };
    metadata.labels ??= { ...labels };
  },
  create(controller) {
    controller.status = NONE;
    controller.metadata.generation = 1;
    dropSwitchedOff(controller.spec?.template?.spec ?? {}, undefined);
  },
  update(next, old) {
    next.status = old.status;
    dropSwitchedOff(next.spec?.template?.spec ?? {}, old.spec?.template?.spec);
    countChange(next, old);
  },
  validate({ metadata, spec = {} }, errors) {
    checkMetadata(metadata, true, errors);
    checkSpec(spec, templateRules(undefined), errors);
  },
  validateUpdate(next, old, errors) {
    checkMetadataUpdate(next.metadata, old.metadata, errors);
    checkSpec(next.spec ?? {}, templateRules(old.spec?.template), errors);
  },
  warn({ metadata, spec }, old, context) {
    if (old === undefined) warnOfHostName(metadata.name, context);
    // Of an update the real server tells what was unwise before it.
    if (metadata.generation !== old?.metadata.generation) warnOfTemplate((old ?? { spec }).spec?.template ?? {}, "spec.template", context);
  },
  orphansByDefault: true,
  subresources: {
    status: {
      update(next, old) { next.spec = old.spec; },
      validate(next, old, errors) {
        checkMetadataUpdate(next.metadata, old.metadata, errors);
        checkCounts(next.status, COUNTS, ["fullyLabeledReplicas", "readyReplicas", "availableReplicas"], errors);
      },
    },
  },
}, { selectable: { "status.replicas": ({ status }) => String(status?.replicas ?? 0) } });

function checkSpec(spec: ReplicationControllerSpec, rules: PodRules, errors: FieldErrors): void {
  const { selector, template } = spec;
  checkNonNegative(spec.minReadySeconds, "spec.minReadySeconds", errors);
  if (selector === undefined) errors.required("spec.selector");
  checkNonNegative(spec.replicas, "spec.replicas", errors);
  if (template === undefined) {
    errors.required("spec.template");
    return;
  }
  if (selector !== undefined && !selectorMatches({ matchLabels: selector }, template.metadata?.labels)) {
    errors.invalid("spec.template.metadata.labels", shownLabels(template.metadata?.labels), "`selector` does not match template `labels`");
  }
  checkTemplate(template, "spec.template", rules, errors);
  checkLastingTemplate(template, "ReplicationController", "spec.template", errors);
}
