/** Numbers that may be given as a share: "25%". */
import type { FieldErrors } from "../../api/field-errors.ts";
import { percent } from "../../api/names.ts";
import { checkNonNegative, complain } from "./checks.ts";

export function checkIntOrPercent(value: number | string | undefined, path: string, errors: FieldErrors): void {
  if (typeof value === "string") complain(errors, path, value, percent(value));
  else checkNonNegative(value, path, errors);
}
export function checkAtMostHundredPercent(value: number | string | undefined, path: string, errors: FieldErrors): void {
  if (typeof value === "string" && isPercent(value) && numberOf(value) > 100) errors.invalid(path, value, "must not be greater than 100%");
}
const isPercent = (value: string): boolean => percent(value).length === 0;

/** The number before the sign; of text that is no share, the number it begins to be, or 0. */
export function numberOf(value: number | string | undefined): number {
  if (typeof value !== "string") return value ?? 0;
  return isPercent(value) ? Number(value.slice(0, -1)) : /^[+-]?\d+$/.test(value) ? Number(value) : 0;
}
