/**
 * Quantities: `500m`, `1.5`, `2Gi`, `12e6`. They stay text (the server's own spelling) and are compared by value, without
 * rounding: as digits and a power of ten.
 */

/** -1, 0, 1 as `a` is less than, equal to, more than `b`. Ends the pass if one is no quantity: ask `isQuantity` first. */
export function compareQuantities(a: string, b: string): i32 {
  const left = Quantity.parse(a);
  const right = Quantity.parse(b);
  if (left === null || right === null) throw new Error("no quantity: " + (left === null ? a : b));
  return left.compare(right);
}
export function isQuantity(text: string): bool {
  return Quantity.parse(text) !== null;
}

/** digits x 10^exponent, exactly: binary suffixes are multiplied out. */
class Quantity {
  negative: bool;
  /** Without leading zeros, most significant first; empty for 0. */
  digits: string;
  exponent: i32;

  static parse(text: string): Quantity | null {
    let at = 0;
    const negative = text.charCodeAt(0) == 0x2d;
    if (negative || text.charCodeAt(0) == 0x2b) at++;
    let digits = "";
    let exponent = 0;
    let seen = 0;
    for (let fraction = false; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      if (unit == 0x2e && !fraction) {
        fraction = true;
        continue;
      }
      if (<u32>(unit - 0x30) > 9) break;
      seen++;
      if (fraction) exponent--;
      if (digits.length > 0 || unit != 0x30) digits += String.fromCharCode(unit);
    }
    if (seen == 0 || seen > 64) return null;
    const quantity: Quantity = { negative, digits, exponent };
    return quantity.scale(text.substring(at)) ? quantity : null;
  }

  private scale(suffix: string): bool {
    if (suffix.length == 0) return true;
    const decimal = DECIMAL.indexOf(suffix + ",");
    if (suffix.length == 1 && suffix != " " && decimal >= 0) {
      this.exponent += decimal / 2 * 3 - 9;
      return true;
    }
    const binary = BINARY.indexOf(suffix.charAt(0));
    if (suffix.length == 2 && suffix.charAt(1) == "i" && binary >= 0) {
      for (let i = 0; i <= binary; i++) this.digits = times1024(this.digits);
      return true;
    }
    if ((suffix.charCodeAt(0) | 0x20) != 0x65 || suffix.length < 2 || suffix.length > 5) return false;
    const first = suffix.charCodeAt(1);
    let value = 0;
    const from = first == 0x2d || first == 0x2b ? 2 : 1;
    if (from == suffix.length) return false;
    for (let i = from; i < suffix.length; i++) {
      if (<u32>(suffix.charCodeAt(i) - 0x30) > 9) return false;
      value = value * 10 + suffix.charCodeAt(i) - 0x30;
    }
    this.exponent += first == 0x2d ? -value : value;
    return true;
  }

  compare(other: Quantity): i32 {
    const zero = this.digits.length == 0;
    if (zero || other.digits.length == 0) {
      if (zero && other.digits.length == 0) return 0;
      return zero == other.negative ? 1 : -1;
    }
    if (this.negative != other.negative) return this.negative ? -1 : 1;
    const magnitude = this.compareMagnitude(other);
    return this.negative ? -magnitude : magnitude;
  }

  private compareMagnitude(other: Quantity): i32 {
    const mine = this.digits.length + this.exponent;
    const theirs = other.digits.length + other.exponent;
    if (mine != theirs) return mine < theirs ? -1 : 1;
    const length = max(this.digits.length, other.digits.length);
    const a = this.digits.padEnd(length, "0");
    const b = other.digits.padEnd(length, "0");
    return a == b ? 0 : a < b ? -1 : 1;
  }
}

/** From 10^-9 in steps of 1000; a blank stands for none. */
const DECIMAL: string = "n,u,m, ,k,M,G,T,P,E,";
/** From 2^10 in steps of 1024. */
const BINARY: string = "KMGTPE";

function times1024(digits: string): string {
  let result = "";
  let carry = 0;
  for (let i = digits.length - 1; i >= 0; i--) {
    carry += (digits.charCodeAt(i) - 0x30) * 1024;
    result = String.fromCharCode(0x30 + carry % 10) + result;
    carry /= 10;
  }
  return carry > 0 ? carry.toString() + result : result;
}
