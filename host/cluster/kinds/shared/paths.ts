/** Paths of files that an object names. */
import type { FieldErrors } from "../../api/field-errors.ts";

export function checkNoBacksteps(target: string, path: string, errors: FieldErrors): boolean {
  if (!target.includes("..") || !target.split("/").includes("..")) return true;
  errors.invalid(path, target, "must not contain '..'");
  return false;
}
export function checkRelativePath(target: string, path: string, errors: FieldErrors): void {
  if (target.startsWith("/")) errors.invalid(path, target, "must be a relative path");
  checkNoBacksteps(target, path, errors);
}
/** Relative, and not one of the names that a kubelet uses itself. */
export function checkVolumePath(target: string, path: string, errors: FieldErrors): void {
  checkRelativePath(target, path, errors);
  if (target.startsWith("..") && !target.startsWith("../")) errors.invalid(path, target, "must not start with '..'");
}
export function checkMode(mode: number | undefined, path: string, errors: FieldErrors): void {
  if (mode !== undefined && (mode > 0o777 || mode < 0)) errors.invalid(path, mode, "must be a number between 0 and 0777 (octal), both inclusive");
}
