/**
 * Values that may be absent. A plain `i32` can't say "not set": it would be 0. So numbers and booleans of an object are
 * boxed: null when they are not there, `.value` when they are.
 */

/** An integer of 64 bits. */
export class Int {
  value: i64;
}
/** A number with a fraction. */
export class Float {
  value: f64;
}
export class Bool {
  value: bool;
}
/** `80` or `"http"`, as ports and budgets have it. Exactly one: a null text means the number. */
export class IntOrString {
  text: string | null = null;
  number: i64;
}

export function int(value: i64): Int {
  return { value };
}
export function float(value: f64): Float {
  return { value };
}
export function bool_(value: bool): Bool {
  return { value };
}
// In static memory: a core has nothing to run at its start.
export const yes: Bool = changetype<Bool>(memory.data<u64>([1]));
export const no: Bool = changetype<Bool>(memory.data<u64>([0]));

/** `{number: 80}` for fields that take a number or a name. */
export function intOrString(number: i64): IntOrString {
  return { text: null, number };
}
export function stringOrInt(text: string): IntOrString {
  return { text, number: 0 };
}

/** The number, or `fallback` where none is set. */
export function intOr(value: Int | null, fallback: i64): i64 {
  return value === null ? fallback : value.value;
}
export function floatOr(value: Float | null, fallback: f64): f64 {
  return value === null ? fallback : value.value;
}
/** Whether it is set, and true. */
export function isTrue(value: Bool | null): bool {
  return value !== null && value.value;
}
export function textOr(value: string | null, fallback: string): string {
  return value === null ? fallback : value;
}
/** Both absent, or both there and the same number. */
export function sameInt(a: Int | null, b: Int | null): bool {
  if (a === null || b === null) return a === b;
  return a.value == b.value;
}
