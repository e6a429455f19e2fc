/** Where a Pod wants to run: node selectors, affinity to nodes and other Pods, tolerations. */
import type { FieldErrors } from "../../api/field-errors.ts";
import { labelName, labelValue, subdomainName } from "../../api/names.ts";
import type { Affinity, NodeAffinity, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, PodAffinity, PodAffinityTerm, Toleration } from "../generated/types.ts";
import { checkLabelKey, checkLabelValue, complain } from "../shared/checks.ts";
import { checkLabelSelector } from "../shared/label-selector.ts";
import type { PodRules } from "./rules.ts";
import { checkMatchLabelKeys } from "./topology-spread.ts";

const REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution";

export function checkAffinity(affinity: Affinity, path: string, rules: PodRules, errors: FieldErrors): void {
  if (affinity.nodeAffinity !== undefined) checkNodeAffinity(affinity.nodeAffinity, `${path}.nodeAffinity`, rules, errors);
  if (affinity.podAffinity !== undefined) checkPodAffinity(affinity.podAffinity, `${path}.podAffinity`, rules, errors);
  if (affinity.podAntiAffinity !== undefined) checkPodAffinity(affinity.podAntiAffinity, `${path}.podAntiAffinity`, rules, errors);
}

function checkNodeAffinity(affinity: NodeAffinity, path: string, rules: PodRules, errors: FieldErrors): void {
  if (affinity[REQUIRED] !== undefined) checkNodeSelector(affinity[REQUIRED], rules.anyNodeValues, `${path}.${REQUIRED}`, errors);
  affinity[PREFERRED]?.forEach(({ weight = 0, preference = {} }, index) => {
    const at = `${path}.${PREFERRED}[${index}]`;
    checkWeight(weight, at, errors);
    checkTerm(preference, true, `${at}.preference`, errors);
  });
}
function checkWeight(weight: number, path: string, errors: FieldErrors): void {
  if (weight <= 0 || weight > 100) errors.invalid(`${path}.weight`, weight, "must be in the range 1-100");
}

/** `anyValues`: values need not be those of labels. */
export function checkNodeSelector(selector: NodeSelector, anyValues: boolean, path: string, errors: FieldErrors): void {
  const nodeSelectorTerms = selector.nodeSelectorTerms ?? [];
  if (nodeSelectorTerms.length === 0) errors.required(`${path}.nodeSelectorTerms`, "must have at least one node selector term");
  nodeSelectorTerms.forEach((term, index) => checkTerm(term, anyValues, `${path}.nodeSelectorTerms[${index}]`, errors));
}
function checkTerm(term: NodeSelectorTerm, anyValues: boolean, path: string, errors: FieldErrors): void {
  term.matchExpressions?.forEach((each, index) => checkNodeExpression(each, anyValues, `${path}.matchExpressions[${index}]`, errors));
  term.matchFields?.forEach((each, index) => checkNodeField(each, `${path}.matchFields[${index}]`, errors));
}
function checkNodeExpression({ key, operator = "", values = [] }: NodeSelectorRequirement, anyValues: boolean, path: string, errors: FieldErrors): void {
  switch (operator) {
    case "In": case "NotIn":
      if (values.length === 0) errors.required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'");
      break;
    case "Exists": case "DoesNotExist":
      if (values.length > 0) errors.forbidden(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
      break;
    case "Gt": case "Lt":
      if (values.length !== 1) errors.required(`${path}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'");
      break;
    default:
      errors.invalid(`${path}.operator`, operator, "not a valid selector operator");
  }
  checkLabelKey(key, `${path}.key`, errors);
  if (!anyValues) values.forEach((value, index) => checkLabelValue(value, `${path}.values[${index}]`, errors));
}
function checkNodeField({ key = "", operator = "", values = [] }: NodeSelectorRequirement, path: string, errors: FieldErrors): void {
  if (operator !== "In" && operator !== "NotIn") errors.invalid(`${path}.operator`, operator, "not a valid selector operator");
  else if (values.length !== 1) errors.required(`${path}.values`, "must be only one value when `operator` is 'In' or 'NotIn' for node field selector");
  if (key !== "metadata.name") errors.invalid(`${path}.key`, key, "not a valid field selector key");
  else values.forEach((value, index) => complain(errors, `${path}.values[${index}]`, value, subdomainName(value, false)));
}

function checkPodAffinity(affinity: PodAffinity, path: string, rules: PodRules, errors: FieldErrors): void {
  affinity[REQUIRED]?.forEach((term, index) => checkPodTerm(term, `${path}.${REQUIRED}[${index}]`, rules, errors));
  affinity[PREFERRED]?.forEach(({ weight = 0, podAffinityTerm = {} }, index) => {
    const at = `${path}.${PREFERRED}[${index}]`;
    checkWeight(weight, at, errors);
    checkPodTerm(podAffinityTerm, `${at}.podAffinityTerm`, rules, errors);
  });
}
function checkPodTerm(term: PodAffinityTerm, path: string, rules: PodRules, errors: FieldErrors): void {
  checkLabelSelector(term.labelSelector, `${path}.labelSelector`, errors, rules.anySelectorValues);
  checkLabelSelector(term.namespaceSelector, `${path}.namespaceSelector`, errors, rules.anySelectorValues);
  for (const name of term.namespaces ?? []) complain(errors, `${path}.namespace`, name, labelName(name, false));
  checkMatchLabelKeys(term.matchLabelKeys, term.mismatchLabelKeys, term.labelSelector, path, errors);
  if ((term.topologyKey ?? "") === "") errors.required(`${path}.topologyKey`, "can not be empty");
  checkLabelKey(term.topologyKey, `${path}.topologyKey`, errors);
}

export const TAINT_EFFECTS = ["NoSchedule", "PreferNoSchedule", "NoExecute"];
const INTEGER = /^(0|-?[1-9]\d*)$/;

export function checkTolerations(tolerations: readonly Toleration[], path: string, rules: PodRules, errors: FieldErrors): void {
  tolerations.forEach(({ key = "", operator = "", value = "", effect = "", tolerationSeconds }, index) => {
    const at = `${path}[${index}]`;
    if (key !== "") checkLabelKey(key, `${at}.key`, errors);
    else if (operator !== "Exists") errors.invalid(`${at}.operator`, operator, "operator must be Exists when `key` is empty, which means \"match all values and all keys\"");
    if (tolerationSeconds !== undefined && effect !== "NoExecute") errors.invalid(`${at}.effect`, effect, "effect must be 'NoExecute' when `tolerationSeconds` is set");
    checkTolerationValue(operator, value, at, rules, errors);
    if (effect !== "" && !TAINT_EFFECTS.includes(effect)) errors.notSupported(`${at}.effect`, effect, TAINT_EFFECTS);
  });
}
function checkTolerationValue(operator: string, value: string, at: string, rules: PodRules, errors: FieldErrors): void {
  switch (operator) {
    case "Equal": case "": {
      const complaints = labelValue(value);
      if (complaints.length > 0) errors.invalid(`${at}.operator`, value, complaints.join(";"));
      break;
    }
    case "Exists":
      if (value !== "") errors.invalid(`${at}.operator`, value, "value must be empty when `operator` is 'Exists'");
      break;
    case "Lt": case "Gt":
      if (!rules.comparisonOperators) errors.notSupported(`${at}.operator`, operator, ["Equal", "Exists", "Lt", "Gt"]);
      else if (!INTEGER.test(value)) errors.invalid(`${at}.value`, value, value === "" ? "must be non-empty" : "must be a valid decimal integer in canonical form");
      break;
    default:
      errors.notSupported(`${at}.operator`, operator, ["Equal", "Exists"]);
  }
}
