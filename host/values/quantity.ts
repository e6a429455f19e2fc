/**
 * Kubernetes quantities ("1000m", "1", "1Gi", "1e3") compared by value: the API server answers in canonical form.
 */
const PATTERN = /^([+-]?)(\d*)(?:\.(\d*))?(?:([eE])([+-]?\d+)|(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E))?$/;
const BINARY: { [suffix: string]: bigint } = { Ki: 1n << 10n, Mi: 1n << 20n, Gi: 1n << 30n, Ti: 1n << 40n, Pi: 1n << 50n, Ei: 1n << 60n };
const DECIMAL: { [suffix: string]: number } = { n: -9, u: -6, m: -3, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
/** Kubernetes keeps nine digits after the point, rounding up (away from zero). */
const NANO_DIGITS = 9;

/** In units of 10^-9; undefined for text that is no quantity, or is absurdly large. */
export function nanosOf(text: string): bigint | undefined {
  const found = PATTERN.exec(text);
  if (found === null) return undefined;
  const [, sign, whole = "", fraction = "", e, exponent, suffix] = found;
  if (whole === "" && fraction === "") return undefined;
  const binary = suffix === undefined ? undefined : BINARY[suffix];
  const power = e !== undefined ? Number(exponent) : suffix === undefined || binary !== undefined ? 0 : DECIMAL[suffix]!;
  if (Math.abs(power) > 1000) return undefined;
  const scaled = scale(BigInt(whole + fraction) * (binary ?? 1n), power - fraction.length + NANO_DIGITS);
  return sign === "-" ? -scaled : scaled;
}

function scale(digits: bigint, power: number): bigint {
  if (power >= 0) return digits * 10n ** BigInt(power);
  const by = 10n ** BigInt(-power);
  return (digits + by - 1n) / by;
}

/** True when both are the same amount. Values may be text or numbers, as YAML authors write them. */
export function sameQuantity(a: string, b: string): boolean {
  if (a === b) return true;
  const left = nanosOf(a);
  return left !== undefined && left === nanosOf(b);
}
