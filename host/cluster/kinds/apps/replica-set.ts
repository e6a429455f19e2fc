/** ReplicaSets. */
import type { FieldErrors } from "../../api/field-errors.ts";
import { kindRules } from "../define.ts";
import type { ReplicaSet, ReplicaSetSpec } from "../generated/types.ts";
import { setTemplateDefaults } from "../pod/defaults.ts";
import { dropSwitchedOff } from "../pod/prepare.ts";
import type { PodRules } from "../pod/rules.ts";
import { warnOfHostName, warnOfTemplate } from "../pod/warnings.ts";
import { templateRules } from "../pod/template.ts";
import { checkImmutable, checkMetadata, checkMetadataUpdate, checkNonNegative } from "../shared/checks.ts";
import { equal } from "../shared/equal.ts";
import { checkCounts } from "../shared/status-counts.ts";
import { checkSelectorAndTemplate } from "./deployment.ts";

export const replicaSet = kindRules<ReplicaSet>(["apps", "v1", "ReplicaSet"], {
  defaults({ spec }) {
    if (spec === undefined) return;
    spec.replicas ??= 1;
    setTemplateDefaults(spec.template ??= {});
  },
  create(set) {
    set.status = {};
    set.metadata.generation = 1;
    dropSwitchedOff(set.spec?.template?.spec ?? {}, undefined);
  },
  update(next, old) {
    next.status = old.status;
    dropSwitchedOff(next.spec?.template?.spec ?? {}, old.spec?.template?.spec);
    if (!equal(next.spec, old.spec)) next.metadata.generation = (old.metadata.generation ?? 0) + 1;
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
      update(next, old) { next.spec = old.spec; },
      validate(next, old, errors) {
        checkMetadataUpdate(next.metadata, old.metadata, errors);
        checkCounts(next.status, ["replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas", "observedGeneration", "terminatingReplicas"],
          ["fullyLabeledReplicas", "readyReplicas", "availableReplicas"], errors);
      },
    },
  },
}, { selectable: { "status.replicas": ({ status }) => String(status?.replicas ?? 0) } });

function checkSpec(spec: ReplicaSetSpec, rules: PodRules, errors: FieldErrors): void {
  checkNonNegative(spec.replicas, "spec.replicas", errors);
  checkNonNegative(spec.minReadySeconds, "spec.minReadySeconds", errors);
  checkSelectorAndTemplate(spec, "deployment", rules, errors);
}
