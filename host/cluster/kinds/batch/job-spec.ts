/** What a Job is to do: alone, and as the template of a CronJob. */
import { OMITTED, type FieldErrors } from "../../api/field-errors.ts";
import { labelKey, longerThan } from "../../api/names.ts";
import type { JobSpec, PodFailurePolicyOnExitCodesRequirement, PodFailurePolicyOnPodConditionsPattern, PodFailurePolicyRule, SuccessPolicyRule } from "../generated/types.ts";
import { setTemplateDefaults } from "../pod/defaults.ts";
import type { PodRules } from "../pod/rules.ts";
import { checkTemplate } from "../pod/template.ts";
import { warnOfTemplate } from "../pod/warnings.ts";
import type { StrategyContext } from "../kind.ts";
import { checkNonNegative, complain } from "../shared/checks.ts";
import { checkDomainPath } from "../shared/domain-path.ts";
import { goStruct } from "../shared/go-values.ts";
import { countIndexes } from "./indexes.ts";

const PARALLELISM_MAX = 100_000;
const FAILED_MAX = 100_000;
/** From so many completions on the other limits are lower. */
const COMPLETIONS_HIGH = 100_000;
const PARALLELISM_HIGH_MAX = 10_000;
const FAILED_HIGH_MAX = 10_000;
const RULES_MAX = 20;
const EXIT_CODES_MAX = 255;
const SUCCEEDED_INDEXES_BYTES_MAX = 65_536;
const MANAGED_BY_BYTES_MAX = 63;
const ACTIONS = ["Count", "FailIndex", "FailJob", "Ignore"];
const STATUSES = ["False", "True", "Unknown"];

/** Of a Job and of a template of Jobs alike: what is inside of the Pods, and of conditions. */
export function setInnerDefaults(spec: JobSpec): void {
  setTemplateDefaults(spec.template ??= {});
  for (const { onPodConditions } of spec.podFailurePolicy?.rules ?? []) for (const each of onPodConditions ?? []) each.status ||= "True";
}

export const isIndexed = ({ completionMode }: JobSpec): boolean => completionMode === "Indexed";

export function checkJobSpec(spec: JobSpec, path: string, rules: PodRules, errors: FieldErrors): void {
  for (const field of ["parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished", "backoffLimitPerIndex", "maxFailedIndexes"] as const) checkNonNegative(spec[field], `${path}.${field}`, errors);
  if (spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined) errors.required(`${path}.backoffLimitPerIndex`, "when maxFailedIndexes is specified");
  if (spec.managedBy !== undefined) checkManagedBy(spec.managedBy, `${path}.managedBy`, errors);
  checkMode(spec, path, errors);
  if (spec.podFailurePolicy !== undefined) checkFailurePolicy(spec, `${path}.podFailurePolicy.rules`, errors);
  if (spec.successPolicy !== undefined) checkSuccessPolicy(spec, `${path}.successPolicy`, errors);
  checkReplacement(spec, `${path}.podReplacementPolicy`, errors);
  checkTemplate(spec.template ?? {}, `${path}.template`, rules, errors);
  checkRestarts(spec, `${path}.template.spec.restartPolicy`, errors);
}

function checkManagedBy(name: string, path: string, errors: FieldErrors): void {
  checkDomainPath(name, path, errors);
  if (longerThan(name, MANAGED_BY_BYTES_MAX)) errors.tooLong(path, MANAGED_BY_BYTES_MAX);
}

function checkMode(spec: JobSpec, path: string, errors: FieldErrors): void {
  const { completionMode: mode, completions, parallelism = 0, backoffLimitPerIndex, maxFailedIndexes } = spec;
  const tooHigh = (field: "parallelism" | "maxFailedIndexes", why: string): void => errors.invalid(`${path}.${field}`, spec[field], why);
  if (mode !== undefined && mode !== "NonIndexed" && mode !== "Indexed") errors.notSupported(`${path}.completionMode`, mode, ["NonIndexed", "Indexed"]);
  if (mode === undefined || mode === "NonIndexed") {
    for (const field of ["backoffLimitPerIndex", "maxFailedIndexes"] as const) if (spec[field] !== undefined) errors.invalid(`${path}.${field}`, spec[field], "requires indexed completion mode");
  }
  if (mode !== "Indexed") return;
  if (completions === undefined) errors.required(`${path}.completions`, "when completion mode is Indexed");
  if (parallelism > PARALLELISM_MAX) tooHigh("parallelism", `must be less than or equal to ${PARALLELISM_MAX} when completion mode is Indexed`);
  if (completions !== undefined && maxFailedIndexes !== undefined && maxFailedIndexes > completions) tooHigh("maxFailedIndexes", "must be less than or equal to completions");
  if (maxFailedIndexes !== undefined && maxFailedIndexes > FAILED_MAX) tooHigh("maxFailedIndexes", `must be less than or equal to ${FAILED_MAX}`);
  if (completions === undefined || completions <= COMPLETIONS_HIGH || backoffLimitPerIndex === undefined) return;
  const then = `when completions are above ${COMPLETIONS_HIGH} and used with backoff limit per index`;
  if (maxFailedIndexes === undefined) errors.required(`${path}.maxFailedIndexes`, `must be specified when completions is above ${COMPLETIONS_HIGH}`);
  if (parallelism > PARALLELISM_HIGH_MAX) tooHigh("parallelism", `must be less than or equal to ${PARALLELISM_HIGH_MAX} ${then}`);
  if (maxFailedIndexes !== undefined && maxFailedIndexes > FAILED_HIGH_MAX) tooHigh("maxFailedIndexes", `must be less than or equal to ${FAILED_HIGH_MAX} ${then}`);
}

function checkFailurePolicy(spec: JobSpec, path: string, errors: FieldErrors): void {
  const rules = spec.podFailurePolicy?.rules ?? [];
  if (rules.length > RULES_MAX) errors.tooMany(path, rules.length, RULES_MAX);
  const { containers = [], initContainers = [] } = spec.template?.spec ?? {};
  const names = new Set([...containers ?? [], ...initContainers].map(({ name = "" }) => name));
  rules.forEach((rule, index) => checkFailureRule(rule, spec, names, `${path}[${index}]`, errors));
}
function checkFailureRule({ action = "", onExitCodes, onPodConditions = [] }: PodFailurePolicyRule, spec: JobSpec, names: ReadonlySet<string>, path: string, errors: FieldErrors): void {
  if (action === "") errors.required(`${path}.action`, valid(ACTIONS));
  else if (action === "FailIndex") {
    if (spec.backoffLimitPerIndex === undefined) errors.invalid(`${path}.action`, action, "requires the backoffLimitPerIndex to be set");
  } else if (!ACTIONS.includes(action)) errors.notSupported(`${path}.action`, action, ACTIONS);
  if (onExitCodes !== undefined) checkExitCodes(onExitCodes, names, `${path}.onExitCodes`, errors);
  checkConditions(onPodConditions, `${path}.onPodConditions`, errors);
  if (onExitCodes !== undefined && onPodConditions.length > 0) errors.invalid(path, OMITTED, "specifying both OnExitCodes and OnPodConditions is not supported");
  if (onExitCodes === undefined && onPodConditions.length === 0) errors.invalid(path, OMITTED, "specifying one of OnExitCodes and OnPodConditions is required");
}
const valid = (values: readonly string[]): string => `valid values: [${values.map((each) => JSON.stringify(each)).join(" ")}]`;

function checkConditions(patterns: readonly PodFailurePolicyOnPodConditionsPattern[], path: string, errors: FieldErrors): void {
  if (patterns.length > RULES_MAX) errors.tooMany(path, patterns.length, RULES_MAX);
  patterns.forEach(({ type = "", status = "" }, index) => {
    complain(errors, `${path}[${index}].type`, type, labelKey(type));
    if (status === "") errors.required(`${path}[${index}].status`, valid(STATUSES));
    else if (!STATUSES.includes(status)) errors.notSupported(`${path}[${index}].status`, status, STATUSES);
  });
}
function checkExitCodes({ operator = "", containerName, values }: PodFailurePolicyOnExitCodesRequirement, names: ReadonlySet<string>, path: string, errors: FieldErrors): void {
  const codes = values ?? [];
  if (operator === "") errors.required(`${path}.operator`, valid(["In", "NotIn"]));
  else if (operator !== "In" && operator !== "NotIn") errors.notSupported(`${path}.operator`, operator, ["In", "NotIn"]);
  if (containerName !== undefined && !names.has(containerName)) errors.invalid(`${path}.containerName`, containerName, "must be one of the container or initContainer names in the pod template");
  if (codes.length === 0) errors.invalid(`${path}.values`, null, "at least one value is required");
  else if (codes.length > EXIT_CODES_MAX) errors.tooMany(`${path}.values`, codes.length, EXIT_CODES_MAX);
  codes.forEach((code, index) => {
    if (operator === "In" && code === 0) errors.invalid(`${path}.values[${index}]`, code, "must not be 0 for the In operator");
    if (codes.indexOf(code) < index) errors.duplicate(`${path}.values[${index}]`, code);
  });
  if (codes.some((code, index) => index > 0 && codes[index - 1]! > code)) errors.invalid(`${path}.values`, codes, "must be ordered");
}

const showRule = (rule: SuccessPolicyRule): object => goStruct(rule, "SucceededIndexes SucceededCount");

function checkSuccessPolicy(spec: JobSpec, path: string, errors: FieldErrors): void {
  const rules = spec.successPolicy?.rules ?? [];
  if (!isIndexed(spec)) {
    errors.invalid(path, { Rules: rules.length === 0 ? null : rules.map(showRule) }, "requires indexed completion mode");
    return;
  }
  if (rules.length === 0) errors.required(`${path}.rules`, "at least one rules must be specified when the successPolicy is specified");
  if (rules.length > RULES_MAX) errors.tooMany(`${path}.rules`, rules.length, RULES_MAX);
  rules.forEach((rule, index) => checkSuccessRule(rule, spec.completions ?? 0, `${path}.rules[${index}]`, errors));
}
function checkSuccessRule({ succeededCount: count, succeededIndexes: indexes }: SuccessPolicyRule, completions: number, path: string, errors: FieldErrors): void {
  if (count === undefined && indexes === undefined) errors.required(path, "at least one of succeededCount or succeededIndexes must be specified");
  let total = 0;
  if (indexes !== undefined) {
    if (longerThan(indexes, SUCCEEDED_INDEXES_BYTES_MAX)) errors.tooLong(`${path}.succeededIndexes`, SUCCEEDED_INDEXES_BYTES_MAX);
    const found = countIndexes(indexes, completions);
    if (typeof found === "number") total = found;
    else errors.invalid(`${path}.succeededIndexes`, indexes, `error parsing succeededIndexes: ${found.wrong}`);
  }
  if (count === undefined) return;
  const at = `${path}.succeededCount`;
  checkNonNegative(count, at, errors);
  if (count > completions) errors.invalid(at, count, `must be less than or equal to ${completions} (the number of specified completions)`);
  if (indexes !== undefined && count > total) errors.invalid(at, count, `must be less than or equal to ${total} (the number of indexes in the specified succeededIndexes field)`);
}

function checkReplacement({ podReplacementPolicy: policy, podFailurePolicy }: JobSpec, path: string, errors: FieldErrors): void {
  if (policy === undefined) return;
  const allowed = podFailurePolicy === undefined ? ["Failed", "TerminatingOrFailed"] : ["Failed"];
  if (!allowed.includes(policy)) errors.notSupported(path, policy, allowed);
}
function checkRestarts({ template, podFailurePolicy }: JobSpec, path: string, errors: FieldErrors): void {
  const { restartPolicy: policy = "" } = template?.spec ?? {};
  if (policy === "Always" || policy === "") errors.required(path, "valid values: \"OnFailure\", \"Never\"");
  else if (policy !== "OnFailure" && policy !== "Never") errors.notSupported(path, policy, ["OnFailure", "Never"]);
  else if (podFailurePolicy !== undefined && policy !== "Never") errors.invalid(path, policy, "only \"Never\" is supported when podFailurePolicy is specified");
}

export function warnOfJobSpec(spec: JobSpec, path: string, context: StrategyContext): void {
  if (isIndexed(spec) && (spec.completions ?? 0) > COMPLETIONS_HIGH && (spec.parallelism ?? 0) > PARALLELISM_HIGH_MAX) {
    context.warn(`${path}: In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail`);
  }
  warnOfTemplate(spec.template ?? {}, `${path}.template`, context);
}
