/** How a Pod wants to be spread over the cluster; and keys of labels whose values come from the Pod itself. */
import type { FieldErrors } from "../../api/field-errors.ts";
import type { LabelSelector, TopologySpreadConstraint } from "../generated/types.ts";
import { checkLabelKey, checkOneOf, checkPositive } from "../shared/checks.ts";
import { checkLabelSelector } from "../shared/label-selector.ts";
import type { PodCheck } from "./rules.ts";

export function checkTopologySpread(constraints: readonly TopologySpreadConstraint[], path: string, { rules, errors }: PodCheck): void {
  constraints.forEach((each, index) => {
    const at = `${path}[${index}]`;
    const { topologyKey = "", whenUnsatisfiable = "", minDomains, nodeAffinityPolicy, nodeTaintsPolicy } = each;
    checkPositive(each.maxSkew, `${at}.maxSkew`, errors);
    if (topologyKey === "") errors.required(`${at}.topologyKey`, "can not be empty");
    checkOneOf(whenUnsatisfiable, ["DoNotSchedule", "ScheduleAnyway"], `${at}.whenUnsatisfiable`, errors);
    if (constraints.some((other, after) => after > index && (other.topologyKey ?? "") === topologyKey && (other.whenUnsatisfiable ?? "") === whenUnsatisfiable)) {
      errors.duplicate(`${at}.{topologyKey, whenUnsatisfiable}`, `{${topologyKey}, ${whenUnsatisfiable}}`);
    }
    if (minDomains !== undefined) {
      checkPositive(minDomains, `${at}.minDomains`, errors);
      if (whenUnsatisfiable !== "DoNotSchedule") errors.invalid(`${at}.minDomains`, minDomains, `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`);
    }
    if (nodeAffinityPolicy !== undefined) checkOneOf(nodeAffinityPolicy, ["Honor", "Ignore"], `${at}.nodeAffinityPolicy`, errors);
    if (nodeTaintsPolicy !== undefined) checkOneOf(nodeTaintsPolicy, ["Honor", "Ignore"], `${at}.nodeTaintsPolicy`, errors);
    if (rules.anySpreadKeys) checkDisjointKeys(each, `${at}.matchLabelKeys`, errors);
    else checkSpreadKeys(each, at, errors);
    if (!rules.anySpreadSelector) checkLabelSelector(each.labelSelector, `${at}.labelSelector`, errors);
  });
}

/** True when there was nothing to complain about. */
export function checkSpreadKeys({ matchLabelKeys, labelSelector }: TopologySpreadConstraint, path: string, errors: FieldErrors): boolean {
  const before = errors.count;
  checkMatchLabelKeys(matchLabelKeys, undefined, labelSelector, path, errors);
  return errors.count === before;
}

/**
 * Keys that become expressions of the selector. Those are written into the stored object, so that a key in both is
 * complained about only where the expression isn't the one that was made.
 */
export function checkMatchLabelKeys(match: readonly string[] = [], mismatch: readonly string[] = [], selector: LabelSelector | undefined, path: string, errors: FieldErrors): void {
  checkKeys(match, selector, `${path}.matchLabelKeys`, errors);
  checkKeys(mismatch, selector, `${path}.mismatchLabelKeys`, errors);
  if (selector !== undefined) {
    const taken = new Set(Object.keys(selector.matchLabels ?? {}));
    for (const { key = "" } of selector.matchExpressions ?? []) {
      const index = match.lastIndexOf(key);
      if (index !== -1 && taken.has(key)) errors.invalid(`${path}[${index}]`, key, "exists in both matchLabelKeys and labelSelector");
      taken.add(key);
    }
  }
  match.forEach((key, index) => {
    if (mismatch.includes(key)) errors.invalid(`${path}.matchLabelKeys[${index}]`, key, "exists in both matchLabelKeys and mismatchLabelKeys");
  });
}
function checkKeys(keys: readonly string[], selector: LabelSelector | undefined, path: string, errors: FieldErrors): void {
  if (keys.length === 0) return;
  if (selector === undefined) errors.forbidden(path, "must not be specified when labelSelector is not set");
  else keys.forEach((key, index) => checkLabelKey(key, `${path}[${index}]`, errors));
}

/** The older rule, for objects that break the newer one already. */
function checkDisjointKeys({ matchLabelKeys = [], labelSelector }: TopologySpreadConstraint, path: string, errors: FieldErrors): void {
  if (matchLabelKeys.length === 0) return;
  if (labelSelector === undefined) errors.forbidden(path, "must not be specified when labelSelector is not set");
  matchLabelKeys.forEach((key, index) => {
    checkLabelKey(key, `${path}[${index}]`, errors);
    const taken = Object.hasOwn(labelSelector?.matchLabels ?? {}, key) || labelSelector?.matchExpressions?.some((each) => each.key === key);
    if (taken === true) errors.invalid(`${path}[${index}]`, key, "exists in both matchLabelKeys and labelSelector");
  });
}
