/** Jobs. */
import type { FieldErrors } from "../../api/field-errors.ts";
import { dnsLabel } from "../../api/names.ts";
import { kindRules } from "../define.ts";
import type { Job, JobSpec } from "../generated/types.ts";
import { dropSwitchedOff } from "../pod/prepare.ts";
import type { PodRules } from "../pod/rules.ts";
import { templateRules } from "../pod/template.ts";
import { warnOfHostName } from "../pod/warnings.ts";
import { checkMetadata, checkMetadataUpdate } from "../shared/checks.ts";
import { countChange } from "../shared/generation.ts";
import { checkLabelSelector, isEvaluable, selectorMatches, shownLabels } from "../shared/label-selector.ts";
import { checkJobSpec, isIndexed, setInnerDefaults, warnOfJobSpec } from "./job-spec.ts";
import { checkJobStatus } from "./job-status.ts";
import { checkSpecChange } from "./job-update.ts";

const NAME = ["job-name", "batch.kubernetes.io/job-name"] as const;
const UID = ["controller-uid", "batch.kubernetes.io/controller-uid"] as const;
const INT32_MAX = 2_147_483_647;

export const job = kindRules<Job>(["batch", "v1", "Job"], {
  defaults({ metadata, spec }) {
    if (spec === undefined) return;
    if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
    spec.parallelism ??= 1;
    spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : INT32_MAX;
    const labels = spec.template?.metadata?.labels;
    // One map with two names, until it is stored: what is added to the one the other has, too.
    if (labels !== undefined) metadata.labels ??= labels;
    spec.completionMode ??= "NonIndexed";
    spec.suspend ??= false;
    spec.podReplacementPolicy ??= spec.podFailurePolicy === undefined ? "TerminatingOrFailed" : "Failed";
    spec.manualSelector ??= false;
    setInnerDefaults(spec);
  },
  create(created) {
    if (created.spec?.manualSelector !== true) generateSelector(created);
    created.status = {};
    created.metadata.generation = 1;
    dropSwitchedOff(created.spec?.template?.spec ?? {}, undefined);
  },
  update(next, old) {
    next.status = old.status;
    dropSwitchedOff(next.spec?.template?.spec ?? {}, old.spec?.template?.spec);
    countChange(next, old);
  },
  validate(created, errors) { checkJob(created, templateRules(undefined), true, errors); },
  validateUpdate(next, old, errors) {
    const rules = templateRules(old.spec?.template);
    const labels = old.spec?.template?.metadata?.labels ?? {};
    checkJob(next, rules, labels[NAME[1]] !== undefined && labels[UID[1]] !== undefined, errors);
    checkMetadataUpdate(next.metadata, old.metadata, errors);
    checkSelected(next.spec ?? {}, rules, errors);
    checkSpecChange(next.spec ?? {}, old, errors);
  },
  warn({ metadata, spec = {} }, old, context) {
    if (old === undefined) warnOfHostName(metadata.name, context);
    if (metadata.generation !== old?.metadata.generation) warnOfJobSpec(spec, "spec", context);
  },
  // What comes back from the storage gets its defaults again.
  canonicalize({ metadata, spec }) { if (spec?.template?.metadata?.labels !== undefined) metadata.labels ??= { ...spec.template.metadata.labels }; },
  orphansByDefault: true,
  deletionWarning: "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning",
  subresources: { status: { update(next, old) { next.spec = old.spec; }, validate: checkJobStatus } },
}, { selectable: { "status.successful": ({ status }) => String(status?.succeeded ?? 0) } });

function generateSelector({ metadata, spec = {} }: Job): void {
  const { name = "", uid = "" } = metadata;
  const template = spec.template ??= {};
  const own = template.metadata ??= { name: "" };
  const shared = metadata.labels !== undefined && metadata.labels === own.labels;
  own.labels = { [NAME[0]]: name, [NAME[1]]: name, [UID[0]]: uid, [UID[1]]: uid, ...own.labels };
  if (shared) metadata.labels = { ...own.labels };
  const selector = spec.selector ??= {};
  selector.matchLabels = { [UID[1]]: uid, ...selector.matchLabels };
}

function checkJob(checked: Job, rules: PodRules, prefixed: boolean, errors: FieldErrors): void {
  const { metadata, spec = {} } = checked;
  checkMetadata(metadata, true, errors);
  checkGenerated(checked, prefixed, errors);
  checkSelected(spec, rules, errors);
  const { completions = 0 } = spec;
  if (!isIndexed(spec) || completions <= 0) return;
  const { name = "" } = metadata;
  const last = `${name}-${completions - 1}`;
  if (dnsLabel(last).length > 0) errors.invalid("metadata.name", name, `will not able to create pod with invalid DNS label: ${last}`);
}

/** The labels by which a Job finds its Pods, unless it is told otherwise. */
function checkGenerated({ metadata, spec = {} }: Job, prefixed: boolean, errors: FieldErrors): void {
  const { name = "", uid = "" } = metadata;
  if (spec.manualSelector === true || spec.selector === undefined) return;
  const expected: [string, string][] = [[UID[0], uid], [NAME[0], name], ...prefixed ? [[UID[1], uid], [NAME[1], name]] as [string, string][] : []];
  const labels = spec.template?.metadata?.labels;
  for (const [key, value] of expected) {
    const path = `spec.template.metadata.labels[${key}]`;
    if (labels?.[key] === undefined) errors.required(path, `must be '${value}'`);
    else if (labels[key] !== value) errors.invalid(path, shownLabels(labels), `must be '${value}'`);
  }
  if (isEvaluable(spec.selector) && !selectorMatches(spec.selector, Object.fromEntries(expected))) errors.invalid("spec.selector", spec.selector, "`selector` not auto-generated");
}

function checkSelected(spec: JobSpec, rules: PodRules, errors: FieldErrors): void {
  const { selector, template } = spec;
  checkJobSpec(spec, "spec", rules, errors);
  if (selector === undefined) errors.required("spec.selector");
  else checkLabelSelector(selector, "spec.selector", errors);
  const labels = template?.metadata?.labels;
  if (isEvaluable(selector) && !selectorMatches(selector, labels)) errors.invalid("spec.template.metadata.labels", shownLabels(labels), "`selector` does not match template `labels`");
}
