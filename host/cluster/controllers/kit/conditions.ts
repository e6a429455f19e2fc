/** Conditions of workloads: a list with one entry a type, the last changed at the end. */
import type { Condition } from "../../typed/resource.ts";

export function findCondition(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}
export function isTrue(conditions: readonly Condition[] | undefined, type: string): boolean {
  return findCondition(conditions, type)?.status === "True";
}
/** Undefined where none is left: the server leaves an empty list out. */
export function withoutCondition(conditions: readonly Condition[] | undefined, type: string): Condition[] | undefined {
  const left = (conditions ?? []).filter((condition) => condition.type !== type);
  return left.length === 0 ? undefined : left;
}
/**
 * Puts `next` last, unless one of the same status and reason is there. `lastTransitionTime` moves only with the status.
 */
export function withCondition(conditions: readonly Condition[] | undefined, next: Condition): Condition[] {
  const known = findCondition(conditions, next.type);
  if (known !== undefined && known.status === next.status && known.reason === next.reason) return conditions as Condition[];
  const placed = known !== undefined && known.status === next.status ? { ...next, lastTransitionTime: known.lastTransitionTime } : next;
  return [...withoutCondition(conditions, next.type) ?? [], placed as Condition];
}
