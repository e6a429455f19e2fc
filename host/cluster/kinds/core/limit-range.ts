/** LimitRanges. */
import type { FieldErrors } from "../../api/field-errors.ts";
import { labelKey } from "../../api/names.ts";
import { uuid } from "../../api/metadata.ts";
import { kindRules } from "../define.ts";
import type { LimitRange, LimitRangeItem } from "../generated/types.ts";
import { roundList } from "../pod/defaults.ts";
import { checkMetadata, complain } from "../shared/checks.ts";
import { compareQuantities, milliUnits, wholeUnits } from "../shared/quantity.ts";
import { checkContainerResourceName, checkResourceName, isOvercommitAllowed } from "../shared/resources.ts";

const TYPES = ["Pod", "Container", "PersistentVolumeClaim"];
const LISTS = ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"] as const;
/** Larger amounts are not counted in thousandths. */
const MILLI_MAX = (2n ** 63n - 1n) / 1000n;

export const limitRange = kindRules<LimitRange>(["", "v1", "LimitRange"], {
  defaults({ spec }) { for (const limit of spec?.limits ?? []) setLimitDefaults(limit); },
  create({ metadata }, { random }) { if ((metadata.name ?? "") === "") metadata.name = uuid({ next: random }); },
  validate: checkLimitRange,
  validateUpdate: (next, _, errors) => checkLimitRange(next, errors),
  createOnUpdate: true,
});

function setLimitDefaults(limit: LimitRangeItem): void {
  for (const list of LISTS) roundList(limit[list]);
  if (limit.type !== "Container") return;
  limit.default = { ...limit.max, ...limit.default };
  limit.defaultRequest = { ...limit.min, ...limit.default, ...limit.defaultRequest };
}

function checkLimitRange({ metadata, spec }: LimitRange, errors: FieldErrors): void {
  checkMetadata(metadata, true, errors);
  const seen = new Set<string>();
  spec?.limits?.forEach((limit, index) => {
    const path = `spec.limits[${index}]`;
    const { type = "" } = limit;
    checkType(type, `${path}.type`, errors);
    if (seen.has(type)) errors.duplicate(`${path}.type`, type);
    seen.add(type);
    checkLimit(limit, path, errors);
  });
}

function checkType(type: string, path: string, errors: FieldErrors): void {
  const complaints = labelKey(type);
  complain(errors, path, type, complaints);
  if (complaints.length === 0 && !type.includes("/") && !TYPES.includes(type)) errors.invalid(path, type, "must be a standard limit type or fully qualified");
}

function checkLimit(limit: LimitRangeItem, path: string, errors: FieldErrors): void {
  const isPod = limit.type === "Pod";
  for (const list of LISTS) {
    const amounts = limit[list] ?? {};
    if (isPod && (list === "default" || list === "defaultRequest")) {
      if (Object.keys(amounts).length > 0) errors.forbidden(`${path}.${list}`, "may not be specified when `type` is 'Pod'");
      continue;
    }
    if (list === "maxLimitRequestRatio" && limit.type === "PersistentVolumeClaim" && limit.min?.storage === undefined && limit.max?.storage === undefined) {
      errors.required(`${path}.limits`, "either minimum or maximum storage value is required, but neither was provided");
    }
    for (const name in amounts) {
      if (isPod || limit.type === "Container") checkContainerResourceName(name, `${path}.${list}[${name}]`, errors);
      else checkResourceName(name, `${path}.${list}[${name}]`, errors);
    }
  }
  const names = new Set(LISTS.flatMap((list) => (isPod && (list === "default" || list === "defaultRequest") ? [] : Object.keys(limit[list] ?? {}))));
  for (const name of names) checkAmounts(name, limit, isPod, path, errors);
}

function checkAmounts(name: string, limit: LimitRangeItem, isPod: boolean, path: string, errors: FieldErrors): void {
  const { [name]: min } = limit.min ?? {};
  const { [name]: max } = limit.max ?? {};
  const byDefault = isPod ? undefined : limit.default?.[name];
  const request = isPod ? undefined : limit.defaultRequest?.[name];
  const ratio = limit.maxLimitRequestRatio?.[name];
  const above = (a: string | undefined, b: string | undefined): boolean => a !== undefined && b !== undefined && compareQuantities(a, b) > 0;
  const at = (list: string): string => `${path}.${list}[${name}]`;
  if (above(min, max)) errors.invalid(at("min"), min, `min value ${min} is greater than max value ${max}`);
  if (above(min, request)) errors.invalid(at("defaultRequest"), request, `min value ${min} is greater than default request value ${request}`);
  if (above(request, max)) errors.invalid(at("defaultRequest"), request, `default request value ${request} is greater than max value ${max}`);
  if (above(request, byDefault)) errors.invalid(at("defaultRequest"), request, `default request value ${request} is greater than default limit value ${byDefault}`);
  if (above(min, byDefault)) errors.invalid(at("default"), min, `min value ${min} is greater than default value ${byDefault}`);
  if (above(byDefault, max)) errors.invalid(at("default"), max, `default value ${byDefault} is greater than max value ${max}`);
  if (above("1", ratio)) errors.invalid(at("maxLimitRequestRatio"), ratio, `ratio ${ratio} is less than 1`);
  if (ratio !== undefined && min !== undefined && max !== undefined) checkRatio(ratio, min, max, at("maxLimitRequestRatio"), errors);
  if (!isOvercommitAllowed(name) && byDefault !== undefined && request !== undefined && compareQuantities(byDefault, request) !== 0) {
    errors.invalid(at("defaultRequest"), request, `default value ${byDefault} must equal to defaultRequest value ${request} in ${name}`);
  }
}

function checkRatio(ratio: string, min: string, max: string, path: string, errors: FieldErrors): void {
  const small = [ratio, min, max].every((each) => wholeUnits(each) < MILLI_MAX);
  const units = (text: string): number => Number(small ? milliUnits(text) : wholeUnits(text));
  const limit = units(max) / units(min);
  const asked = small ? Number(milliUnits(ratio)) / 1000 : Number(wholeUnits(ratio));
  if (asked > limit) errors.invalid(path, ratio, `ratio ${ratio} is greater than max/min = ${goFloat(limit)}`);
}
function goFloat(value: number): string {
  return Number.isFinite(value) ? value.toFixed(6) : Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
}
