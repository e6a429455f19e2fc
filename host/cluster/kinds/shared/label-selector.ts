/** Label selectors in their object form. */
import { FieldErrors, sorted } from "../../api/field-errors.ts";
import { labelValue } from "../../api/names.ts";
import { validateLabels } from "../../api/validate-metadata.ts";
import type { LabelSelector, LabelSelectorRequirement } from "../generated/types.ts";
import { checkLabelKey, checkLabelValue } from "./checks.ts";

/**
 * True when there was nothing to complain about: such a selector can be evaluated. `anyValues`: values that are no label
 * values are let through, because the old object had one.
 */
export function checkLabelSelector(selector: LabelSelector | undefined, path: string, errors: FieldErrors, anyValues = false): boolean {
  if (selector === undefined) return true;
  const before = errors.count;
  if (selector.matchLabels !== undefined) validateLabels(selector.matchLabels, errors, `${path}.matchLabels`);
  selector.matchExpressions?.forEach((each, index) => checkRequirement(each, `${path}.matchExpressions[${index}]`, errors, anyValues));
  return errors.count === before;
}

function checkRequirement(requirement: LabelSelectorRequirement, path: string, errors: FieldErrors, anyValues: boolean): void {
  const { key, operator, values = [] } = requirement;
  switch (operator) {
    case "In": case "NotIn":
      if (values.length === 0) errors.required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'");
      break;
    case "Exists": case "DoesNotExist":
      if (values.length > 0) errors.forbidden(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
      break;
    default:
      errors.invalid(`${path}.operator`, operator ?? "", "not a valid selector operator");
  }
  checkLabelKey(key, `${path}.key`, errors);
  if (!anyValues) values.forEach((value, index) => checkLabelValue(value, `${path}.values[${index}]`, errors));
}

export function hasInvalidValue(selector: LabelSelector | undefined): boolean {
  return selector?.matchExpressions?.some(({ values }) => values?.some((value) => labelValue(value).length > 0)) ?? false;
}
export function isEmptySelector(selector: LabelSelector): boolean {
  return Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions?.length ?? 0) === 0;
}

export function isEvaluable(selector: LabelSelector | undefined): boolean {
  return checkLabelSelector(selector, "", new FieldErrors());
}

/** Labels in a complaint. */
export function shownLabels(labels: Readonly<Record<string, string>> | undefined): object | null {
  return labels === undefined ? null : sorted(labels);
}

/** No selector matches nothing, an empty one everything. */
export function selectorMatches(selector: LabelSelector | undefined, labels: Readonly<Record<string, string>> | undefined): boolean {
  if (selector === undefined) return false;
  for (const key in selector.matchLabels) if (labels?.[key] !== selector.matchLabels[key]) return false;
  return selector.matchExpressions?.every(({ key = "", operator, values = [] }) => {
    const value = labels !== undefined && Object.hasOwn(labels, key) ? labels[key]! : undefined;
    switch (operator) {
      case "In": return value !== undefined && values.includes(value);
      case "NotIn": return value === undefined || !values.includes(value);
      case "Exists": return value !== undefined;
      default: return value === undefined;
    }
  }) ?? true;
}
