/** Numbers in the status of whatever keeps Pods running. */
import type { FieldErrors } from "../../api/field-errors.ts";
import { checkNonNegative } from "./checks.ts";

type Counts = { readonly [field: string]: unknown };

/** None negative; `parts` not above `replicas`, availableReplicas not above readyReplicas. */
export function checkCounts(status: object | undefined, fields: readonly string[], parts: readonly string[], errors: FieldErrors, ready = "readyReplicas"): void {
  const counts = (status ?? {}) as Counts;
  const count = (field: string): number => (counts[field] as number | undefined) ?? 0;
  for (const field of fields) checkNonNegative(counts[field] as number | undefined, `status.${field}`, errors);
  for (const field of parts) if (count(field) > count("replicas")) errors.invalid(`status.${field}`, count(field), "cannot be greater than status.replicas");
  if (parts.length > 0 && count("availableReplicas") > count("readyReplicas")) errors.invalid("status.availableReplicas", count("availableReplicas"), `cannot be greater than ${ready}`);
}
/** Collisions are counted up only. */
export function checkCollisions(next: number | undefined, old: number | undefined, errors: FieldErrors): void {
  if (old !== undefined && (next === undefined || next < old)) errors.invalid("status.collisionCount", next ?? 0, "cannot be decremented");
}
