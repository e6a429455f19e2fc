/** Decimal text and binary floating point. */

/** The double that is nearest to the number between two addresses, which is one by JSON's grammar. */
export function parseNumber(at: usize, end: usize): f64 {
  return F64.parseFloat(String.UTF16.decodeUnsafe(at, end - at));
}
