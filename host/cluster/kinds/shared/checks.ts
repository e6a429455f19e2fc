/** The small rules that every kind is checked by. Each adds its complaints to `errors`, under `path`. */
import { sorted, type FieldErrors } from "../../api/field-errors.ts";
import { dnsLabel, dnsSubdomain, labelKey, labelName, labelValue, portName, portNumber, subdomainName, type Complaints, type NameRule } from "../../api/names.ts";
import { validateMetadata, validateMetadataUpdate } from "../../api/validate-metadata.ts";
import type { Metadata } from "../../model.ts";
import { equal } from "./equal.ts";
import { isNegative, nanos } from "./quantity.ts";

export function complain(errors: FieldErrors, path: string, value: unknown, complaints: Complaints): void {
  for (const complaint of complaints) errors.invalid(path, value, complaint);
}
export function checkNonNegative(value: number | undefined, path: string, errors: FieldErrors): void {
  if (value !== undefined && value < 0) errors.invalid(path, value, "must be greater than or equal to 0");
}
export function checkPositive(value: number | undefined, path: string, errors: FieldErrors): void {
  if ((value ?? 0) <= 0) errors.invalid(path, value ?? 0, "must be greater than zero");
}
export function checkNonNegativeQuantity(value: string, path: string, errors: FieldErrors): void {
  if (isNegative(value)) errors.invalid(path, value, "must be greater than or equal to 0");
}
export function checkPositiveQuantity(value: string, path: string, errors: FieldErrors): void {
  if (nanos(value) <= 0n) errors.invalid(path, value, "must be greater than zero");
}
/** `allowed` in the order in which it is told: sorted. */
export function checkOneOf(value: string | undefined, allowed: readonly string[], path: string, errors: FieldErrors): void {
  if (!allowed.includes(value ?? "")) errors.notSupported(path, value ?? "", allowed);
}
export function checkRequiredOneOf(value: string | undefined, allowed: readonly string[], path: string, errors: FieldErrors): void {
  if (value === undefined || value === "") errors.required(path);
  else checkOneOf(value, allowed, path, errors);
}
export function checkRequired(value: string | undefined, path: string, errors: FieldErrors, detail = ""): void {
  if (value === undefined || value === "") errors.required(path, detail);
}
export function checkDnsLabel(value: string, path: string, errors: FieldErrors): void {
  complain(errors, path, value, dnsLabel(value));
}
export function checkDnsSubdomain(value: string, path: string, errors: FieldErrors): void {
  complain(errors, path, value, dnsSubdomain(value));
}
export function checkLabelKey(value: string | undefined, path: string, errors: FieldErrors): void {
  complain(errors, path, value ?? "", labelKey(value ?? ""));
}
export function checkLabelValue(value: string, path: string, errors: FieldErrors): void {
  complain(errors, path, value, labelValue(value));
}
/** A port by number, or by the name a container gives it. */
export function checkPort(port: number | string | undefined, path: string, errors: FieldErrors): void {
  if (typeof port === "string") complain(errors, path, port, portName(port));
  else complain(errors, path, port ?? 0, portNumber(port ?? 0));
}
export function checkImmutable(value: unknown, old: unknown, path: string, errors: FieldErrors): void {
  if (!equal(value, old, path.slice(path.lastIndexOf(".") + 1))) errors.invalid(path, value ?? null, "field is immutable");
}
/** Of a map. */
export function checkImmutableMap(value: object | undefined, old: object | undefined, path: string, errors: FieldErrors): void {
  checkImmutable(value === undefined ? value : sorted(value), old, path, errors);
}

const STANDARD_FINALIZERS = ["kubernetes", "orphan", "foregroundDeletion"];

/** metadata of the kinds of the core and most others: finalizers without a domain must be known ones. */
export function checkMetadata(metadata: Metadata, namespaced: boolean, errors: FieldErrors, rule: NameRule = subdomainName): void {
  validateMetadata(metadata, namespaced, rule, errors);
  checkFinalizers(metadata.finalizers, "metadata.finalizers", errors);
}
export function checkMetadataUpdate(metadata: Metadata, old: Metadata, errors: FieldErrors): void {
  validateMetadataUpdate(metadata, old, errors);
  checkFinalizers(metadata.finalizers, "metadata.finalizers", errors);
}
function checkFinalizers(finalizers: readonly string[] | undefined, path: string, errors: FieldErrors): void {
  finalizers?.forEach((each, index) => checkFinalizer(each, `${path}[${index}]`, errors));
}
export function checkFinalizer(name: string, path: string, errors: FieldErrors): void {
  if (name.includes("/") || STANDARD_FINALIZERS.includes(name)) return;
  errors.invalid(path, name, "name is neither a standard finalizer name nor is it fully qualified");
}

export const isLabelName = (value: string): boolean => labelName(value, false).length === 0;
