/** PodDisruptionBudgets. */
import type { FieldErrors } from "../../api/field-errors.ts";
import { kindRules } from "../define.ts";
import type { PodDisruptionBudget } from "../generated/types.ts";
import { checkOneOf } from "../shared/checks.ts";
import { checkConditions } from "../shared/conditions.ts";
import { countChange } from "../shared/generation.ts";
import { goForm } from "../shared/go-form.ts";
import { checkAtMostHundredPercent, checkIntOrPercent } from "../shared/int-or-percent.ts";
import { checkLabelSelector } from "../shared/label-selector.ts";
import { checkCounts } from "../shared/status-counts.ts";

const NO_STATUS: PodDisruptionBudget["status"] = { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 };

export const podDisruptionBudget = kindRules<PodDisruptionBudget>(["policy", "v1", "PodDisruptionBudget"], {
  create(budget) {
    budget.status = NO_STATUS;
    budget.metadata.generation = 1;
  },
  update(next, old) {
    next.status = old.status;
    countChange(next, old);
  },
  validate: checkBudget,
  validateUpdate: (next, _, errors) => checkBudget(next, errors),
  unconditionalUpdate: false,
  subresources: {
    status: {
      update(next, old) { next.spec = old.spec; },
      validate({ status }, _, errors) {
        checkConditions(status?.conditions ?? [], "status.conditions", errors);
        checkCounts(status, ["disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"], [], errors);
      },
    },
  },
});

/** Its metadata follows no rules but everybody's. */
function checkBudget({ spec = {} }: PodDisruptionBudget, errors: FieldErrors): void {
  if (spec.minAvailable !== undefined && spec.maxUnavailable !== undefined) errors.invalid("spec", goForm(spec, "PodDisruptionBudgetSpec"), "minAvailable and maxUnavailable cannot be both set");
  for (const field of ["minAvailable", "maxUnavailable"] as const) {
    if (spec[field] === undefined) continue;
    checkIntOrPercent(spec[field], `spec.${field}`, errors);
    checkAtMostHundredPercent(spec[field], `spec.${field}`, errors);
  }
  checkLabelSelector(spec.selector, "spec.selector", errors);
  if (spec.unhealthyPodEvictionPolicy !== undefined) checkOneOf(spec.unhealthyPodEvictionPolicy, ["AlwaysAllow", "IfHealthyBudget"], "spec.unhealthyPodEvictionPolicy", errors);
}
