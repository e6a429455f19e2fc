/**
 * Arithmetic on quantities, which are kept as canonical text ("100m", "1Gi"). The few spellings that a cluster uses are
 * parsed once.
 */
import { nanosOf } from "../../../values/quantity.ts";

const NANO = 1_000_000_000n;
const REMEMBERED_MAX = 4096;
const remembered = new Map<string, bigint>();

/** In units of 10^-9. Text that is no quantity counts as zero: decoding has refused it. */
export function nanos(text: string): bigint {
  const known = remembered.get(text);
  if (known !== undefined) return known;
  if (remembered.size >= REMEMBERED_MAX) remembered.clear();
  const value = nanosOf(text) ?? 0n;
  remembered.set(text, value);
  return value;
}
export function isQuantity(text: string): boolean {
  return nanosOf(text) !== undefined;
}
export function compareQuantities(a: string, b: string): number {
  if (a === b) return 0;
  const left = nanos(a);
  const right = nanos(b);
  return left < right ? -1 : left > right ? 1 : 0;
}
export function isNegative(text: string): boolean {
  return text.charCodeAt(0) === 0x2d && nanos(text) < 0n;
}
export function isZero(text: string): boolean {
  return nanos(text) === 0n;
}
/** Whole units, rounded away from zero. */
export function wholeUnits(text: string): bigint {
  return roundedUp(nanos(text), NANO);
}
/** Thousandths, rounded away from zero. */
export function milliUnits(text: string): bigint {
  return roundedUp(nanos(text), 1_000_000n);
}
export function isWhole(text: string): boolean {
  return milliUnits(text) % 1000n === 0n;
}
function roundedUp(value: bigint, unit: bigint): bigint {
  const rest = value % unit;
  if (rest === 0n) return value / unit;
  return value / unit + (value < 0n ? -1n : 1n);
}

type Notation = "binary" | "decimal" | "exponent";
function notationOf(text: string): Notation {
  if (text.endsWith("i")) return "binary";
  return /[eE][+-]?\d/.test(text) ? "exponent" : "decimal";
}

/** Sum in the notation of the first one that isn't zero, as the real server's arithmetic keeps it. */
export function addQuantities(a: string, b: string): string {
  return formatQuantity(nanos(a) + nanos(b), notationOf(isZero(a) ? b : a));
}
export function subtractQuantities(a: string, b: string): string {
  return formatQuantity(nanos(a) - nanos(b), notationOf(isZero(a) ? b : a));
}
/** Rounded up to thousandths, as resource lists are when they come in. */
export function roundedToMilli(text: string): string {
  const value = nanos(text);
  return value % 1_000_000n === 0n ? text : formatQuantity(roundedUp(value, 1_000_000n) * 1_000_000n, notationOf(text));
}

const DECIMAL_SUFFIXES = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
const BINARY_SUFFIXES = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

/** Canonical: the largest suffix that leaves a whole number. Binary notation needs whole units, and at least 1024 of them. */
export function formatQuantity(value: bigint, notation: Notation): string {
  if (value === 0n) return "0";
  const size = value < 0n ? -value : value;
  if (notation === "binary" && size >= 1024n * NANO && size % NANO === 0n) {
    let amount = value / NANO;
    let power = 0;
    for (; amount % 1024n === 0n && power < BINARY_SUFFIXES.length - 1; power++) amount /= 1024n;
    return `${amount}${BINARY_SUFFIXES[power]}`;
  }
  let amount = value;
  let power = 0;
  for (; amount % 1000n === 0n && power < DECIMAL_SUFFIXES.length - 1; power++) amount /= 1000n;
  if (notation !== "exponent") return `${amount}${DECIMAL_SUFFIXES[power]}`;
  return power === 3 ? `${amount}` : `${amount}e${power * 3 - 9}`;
}
