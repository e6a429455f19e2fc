/**
 * Conditions: `lastTransitionTime` moves only when `status` does, and their order stays, so that a status which says the
 * same is the same text and is not written again.
 */
import { formatSeconds, NO_TIME, parseTime } from "./time";

/** `existing` with `next` in place of the condition of its type, or behind the others. `C` is a generated condition class. */
export function withCondition<C>(existing: C[] | null, next: C, now: string): C[] {
  const result: C[] = [];
  let placed = false;
  const parsed = parseTime(now);
  next.lastTransitionTime = parsed == NO_TIME ? now : formatSeconds(parsed);
  if (existing !== null) {
    for (let i = 0; i < existing.length; i++) {
      const old = existing[i];
      if (old.type != next.type) {
        result.push(old);
        continue;
      }
      if (placed) continue;
      placed = true;
      const since = old.lastTransitionTime;
      if (old.status == next.status && since !== null) next.lastTransitionTime = since;
      result.push(next);
    }
  }
  if (!placed) result.push(next);
  return result;
}

/** The condition of that type, or null. */
export function findCondition<C>(conditions: C[] | null, type: string): C | null {
  if (conditions === null) return null;
  for (let i = 0; i < conditions.length; i++) if (conditions[i].type == type) return conditions[i];
  return null;
}

/** Whether there is such a condition, and its status is "True". */
export function isConditionTrue<C>(conditions: C[] | null, type: string): bool {
  const condition = findCondition<C>(conditions, type);
  return condition !== null && condition.status == "True";
}
