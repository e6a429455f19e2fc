/**
 * Equality as the real server means it when it asks whether something changed: an absent field, null and an empty list are
 * the same, and quantities are compared by value.
 */
import { compareQuantities, isQuantity } from "./quantity.ts";

const QUANTITIES: ReadonlySet<string> = new Set(["limits", "requests", "capacity", "allocatable", "allocatedResources", "overhead", "hard", "used", "max", "min", "default", "defaultRequest", "maxLimitRequestRatio"]);
const QUANTITY_FIELDS: ReadonlySet<string> = new Set(["sizeLimit", "divisor", "averageValue"]);

/** Objects as the server holds them: JSON, canonical. `under`: the name of the field that holds them. */
export function equal(a: unknown, b: unknown, under = ""): boolean {
  if (a === b) return true;
  if (a === undefined || a === null || b === undefined || b === null) return nothing(a) && nothing(b);
  if (typeof a !== "object" || typeof b !== "object") return QUANTITY_FIELDS.has(under) && sameAmount(a, b);
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  return Array.isArray(a) ? equalLists(a, b as unknown[]) : equalMaps(a as Loose, b as Loose, under);
}

type Loose = { readonly [key: string]: unknown };

function nothing(value: unknown): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}

function equalLists(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!equal(a[i], b[i])) return false;
  return true;
}

function equalMaps(a: Loose, b: Loose, under: string): boolean {
  const amounts = QUANTITIES.has(under);
  for (const key in a) if (!equal(a[key], b[key], key) && !(amounts && sameAmount(a[key], b[key]))) return false;
  for (const key in b) if (!(key in a) && !nothing(b[key])) return false;
  return true;
}

function sameAmount(a: unknown, b: unknown): boolean {
  return typeof a === "string" && typeof b === "string" && isQuantity(a) && isQuantity(b) && compareQuantities(a, b) === 0;
}
