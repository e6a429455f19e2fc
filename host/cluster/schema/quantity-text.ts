/**
 * Quantities as the API server writes them: what becomes of "0.5", "1024Mi" or "1e3" when Go reads it and writes it again.
 * (`host/values/quantity.ts` compares amounts; here it is the spelling that counts.)
 *
 * The rules, observed: an amount is written with the largest suffix of its family that leaves no fraction; precision ends at
 * nano, rounded away from zero; a binary amount below 1024, or with a fraction, is written decimally, and is capped at
 * 2^63-1. A text that Go finds canonical at first sight is kept as it is, "1.500" and "+5" among them.
 */
export class QuantityError extends Error {}

const FORMAT = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const NUMERIC = "unable to parse numeric part of quantity";
const SUFFIX = "unable to parse quantity's suffix";

const DECIMAL: { [suffix: string]: number } = { "": 0, n: -9, u: -6, m: -3, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const BINARY: { [suffix: string]: number } = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };
const DECIMAL_BY_EXPONENT = new Map(Object.entries(DECIMAL).map(([suffix, exponent]) => [exponent, suffix]));
const BINARY_SUFFIXES = ["", ...Object.keys(BINARY)];
const INT64_MAX = 2n ** 63n - 1n;
/** Digits that always fit an int64. */
const INT64_DIGITS = 18;
const NANO = -9;
/** Longer texts are no amounts of anything; the real server has no limit but that of its patience. */
const LENGTH_MAX = 1000;

type Family = "decimal" | "binary" | "exponent";
/** value * 10^scale */
interface Amount { readonly value: bigint; readonly scale: number; readonly family: Family }

const COMMON = /^(?:[1-9][0-9]{0,7}(?:Ki|Mi)?|[1-9][0-9]{0,5}m)$/;
const REMEMBERED_MAX = 1000;
const remembered = new Map<string, string>();

/** The canonical text of the text (or number literal) of a request. Throws QuantityError, in the words of the real server. */
export function canonicalQuantity(text: string): string {
  const known = remembered.get(text);
  if (known !== undefined) return known;
  const canonical = canonicalOf(text);
  if (text.length < 32 && COMMON.test(text)) {
    if (remembered.size === REMEMBERED_MAX) remembered.clear();
    remembered.set(text, canonical);
  }
  return canonical;
}

const PARTS = /^([+-]?)0*([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*(?:[-+])?[0-9]*)$/;

function canonicalOf(text: string): string {
  if (text === "") throw new QuantityError(FORMAT);
  const parts = PARTS.exec(text);
  if (parts === null) throw new QuantityError(FORMAT);
  const [, sign, stripped, denominator = "", suffix] = parts as unknown as [string, string, string, string | undefined, string];
  const numerator = stripped === "" ? "0" : stripped;
  const { exponent, family } = readSuffix(suffix);
  const quick = family === "binary" ? quickBinary(text, numerator, denominator, exponent) : quickDecimal(text, numerator, denominator, exponent, family);
  if (typeof quick === "string") return quick;
  if (text.length > LENGTH_MAX) throw new QuantityError(NUMERIC);
  if (quick === undefined && !/^[+-]?\.?[0-9]/.test(text)) throw new QuantityError(NUMERIC);
  const amount = quick ?? exactly(numerator, denominator, exponent, family);
  return written(sign === "-" ? { ...amount, value: -amount.value } : amount);
}

function readSuffix(suffix: string): { exponent: number; family: Family } {
  if (suffix in DECIMAL) return { exponent: DECIMAL[suffix]!, family: "decimal" };
  if (suffix in BINARY) return { exponent: BINARY[suffix]!, family: "binary" };
  if (!/^[eE][-+]?[0-9]+$/.test(suffix)) throw new QuantityError(SUFFIX);
  const exponent = BigInt(suffix.slice(1).replace("+", ""));
  if (exponent > INT64_MAX || exponent < -INT64_MAX - 1n) throw new QuantityError(SUFFIX);
  return { exponent: Number(BigInt.asIntN(32, exponent)), family: "exponent" };
}

/** Amounts that fit an int64 are kept in it; the text itself when it looks canonical. Undefined: it does not fit. */
function quickDecimal(text: string, numerator: string, denominator: string, exponent: number, family: Family): Amount | string | undefined {
  const scale = exponent - denominator.length;
  if (numerator.length + denominator.length > INT64_DIGITS || scale < NANO) return undefined;
  const digits = numerator + denominator;
  if (scale % 3 === 0 && !digits.endsWith("000") && digits[0] !== "0") return text;
  return { value: BigInt(digits), scale, family };
}

function quickBinary(text: string, numerator: string, denominator: string, exponent: number): Amount | string | undefined {
  if (denominator !== "" || 15 - numerator.length - Math.trunc((exponent * 3) / 10) - 1 < 0) return undefined;
  const digits = BigInt(numerator);
  if (digits & 7n) return text;
  return { value: digits << BigInt(exponent), scale: 0, family: "binary" };
}

/** The way of numbers of any size: rounded to nano away from zero, binary ones capped. */
function exactly(numerator: string, denominator: string, exponent: number, family: Family): Amount {
  let value = BigInt(numerator + denominator);
  let scale = -denominator.length;
  if (family === "binary") value <<= BigInt(exponent);
  else scale += exponent;
  if (value !== 0n && scale < NANO) {
    const dropped = NANO - scale;
    // All of it may be too small to be seen, and is rounded up; no need for a number with a million zeros then.
    value = dropped > LENGTH_MAX ? 1n : divideUp(value, 10n ** BigInt(dropped));
    scale = NANO;
  }
  if (family === "binary") {
    const one = 10n ** BigInt(-scale);
    if (value > INT64_MAX * one) return { value: INT64_MAX, scale: 0, family };
    if (value < one) return { value, scale, family: "decimal" };
  }
  return { value, scale, family };
}

function divideUp(value: bigint, by: bigint): bigint {
  return (value + by - 1n) / by;
}

function written(amount: Amount): string {
  if (amount.value === 0n) return "0";
  const binary = amount.family === "binary" ? binaryOf(amount) : undefined;
  return binary ?? decimalOf(amount);
}

/** Undefined where it is to be written decimally. */
function binaryOf({ value, scale }: Amount): string | undefined {
  const one = 10n ** BigInt(-scale);
  if ((value < 1024n * one && value > -1024n * one) || value % one !== 0n) return undefined;
  let mantissa = value / one;
  let thousands = 0;
  while (mantissa % 1024n === 0n) {
    mantissa /= 1024n;
    thousands++;
  }
  return `${mantissa}${BINARY_SUFFIXES[thousands] ?? ""}`;
}

function decimalOf({ value, scale, family }: Amount): string {
  let mantissa = value;
  let exponent = scale;
  while (mantissa % 10n === 0n) {
    mantissa /= 10n;
    exponent++;
  }
  while (exponent % 3 !== 0) {
    mantissa *= 10n;
    exponent--;
  }
  if (family === "exponent") return exponent === 0 ? `${mantissa}` : `${mantissa}e${exponent}`;
  // Beyond exa there is no suffix, and the real server writes none: 1000E comes back as 1.
  return `${mantissa}${DECIMAL_BY_EXPONENT.get(exponent) ?? ""}`;
}
