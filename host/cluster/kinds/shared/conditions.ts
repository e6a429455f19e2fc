/** Conditions of the common form (metav1.Condition). */
import type { FieldErrors } from "../../api/field-errors.ts";
import { longerThan, patternComplaint } from "../../api/names.ts";
import type { Condition } from "../generated/types.ts";
import { checkLabelKey, checkOneOf } from "./checks.ts";

const REASON = "[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?";
const REASON_BYTES_MAX = 1024;
const MESSAGE_BYTES_MAX = 32_768;
const reasonPattern = new RegExp(`^${REASON}$`);

export function checkConditions(conditions: readonly Condition[], path: string, errors: FieldErrors): void {
  conditions.forEach((condition, index) => {
    const at = `${path}[${index}]`;
    const { type = "", status, observedGeneration = 0, lastTransitionTime, reason = "", message = "" } = condition;
    if (conditions.findIndex((other) => (other.type ?? "") === type) < index) errors.duplicate(`${at}.type`, type);
    checkLabelKey(type, `${at}.type`, errors);
    checkOneOf(status, ["False", "True", "Unknown"], `${at}.status`, errors);
    if (observedGeneration < 0) errors.invalid(`${at}.observedGeneration`, observedGeneration, "must be greater than or equal to zero");
    if (lastTransitionTime === undefined || lastTransitionTime === null) errors.required(`${at}.lastTransitionTime`);
    checkReason(reason, `${at}.reason`, errors);
    if (longerThan(message, MESSAGE_BYTES_MAX)) errors.tooLong(`${at}.message`, MESSAGE_BYTES_MAX);
  });
}
function checkReason(reason: string, path: string, errors: FieldErrors): void {
  if (reason === "") {
    errors.required(path);
    return;
  }
  if (!reasonPattern.test(reason)) {
    errors.invalid(path, reason, patternComplaint(
      "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'",
      REASON, "my_name", "MY_NAME", "MyName", "ReasonA,ReasonB", "ReasonA:ReasonB"));
  }
  if (longerThan(reason, REASON_BYTES_MAX)) errors.tooLong(path, REASON_BYTES_MAX);
}
