/** IP addresses and ranges, as text, in the tolerant reading of the old fields and in the strict one. */
import type { FieldErrors } from "../../api/field-errors.ts";

/** 4 or 16 bytes; an IPv4 address mapped into IPv6 counts as IPv4. */
export type Address = readonly number[];

/** Leading zeros of IPv4 are decimal, as the old fields have them. Undefined for other text. */
export function parseIp(text: string): Address | undefined {
  const bytes = text.includes(":") ? parseV6(text) : parseV4(text);
  return bytes?.length === 16 && isMapped(bytes) ? bytes.slice(12) : bytes;
}
function isMapped(bytes: Address): boolean {
  return bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
}
function parseV4(text: string): number[] | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  const bytes = parts.map((part) => (/^\d+$/.test(part) ? Number(part) : 256));
  return bytes.every((byte) => byte <= 255) ? bytes : undefined;
}
function parseV6(text: string): number[] | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half, index) => groupsOf(half, index === halves.length - 1));
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined;
  if (halves.length === 1) return head.length === 16 ? head : undefined;
  const zeros = 16 - head.length - tail!.length;
  return zeros >= 2 ? [...head, ...new Array<number>(zeros).fill(0), ...tail!] : undefined;
}
/** Bytes of "a:b:c"; the last group may be an IPv4 address. */
function groupsOf(text: string, last: boolean): number[] | undefined {
  if (text === "") return [];
  const bytes: number[] = [];
  const groups = text.split(":");
  for (let i = 0; i < groups.length; i++) {
    const group = groups[i]!;
    if (last && i === groups.length - 1 && group.includes(".")) {
      const v4 = parseV4(group);
      if (v4 === undefined) return undefined;
      bytes.push(...v4);
    } else if (/^[0-9a-fA-F]{1,4}$/.test(group)) {
      const value = parseInt(group, 16);
      bytes.push(value >> 8, value & 255);
    } else {
      return undefined;
    }
  }
  return bytes;
}

export function isIpv6(text: string): boolean {
  return parseIp(text)?.length === 16;
}
/** RFC 5952. */
export function formatIp(address: Address): string {
  if (address.length === 4) return address.join(".");
  const groups = Array.from({ length: 8 }, (_, i) => (address[i * 2]! << 8) | address[i * 2 + 1]!);
  let best = { start: -1, length: 1 };
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (start + length < 8 && groups[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  const hex = (from: number, to: number): string => groups.slice(from, to).map((group) => group.toString(16)).join(":");
  return best.start === -1 ? hex(0, 8) : `${hex(0, best.start)}::${hex(best.start + best.length, 8)}`;
}

/** Undefined for what no standard knows: leading zeros, or IPv4 mapped into IPv6. */
function strictness(text: string): "fine" | "zeros" | "mapped" {
  const v4 = text.slice(text.lastIndexOf(":") + 1);
  if (v4.includes(".") && v4.split(".").some((part) => part.length > 1 && part.startsWith("0"))) return "zeros";
  return text.includes(":") && parseIp(text)?.length === 4 ? "mapped" : "fine";
}

/** `known`: values of the old object, which stay allowed. True when there was nothing to complain about. */
export function checkIp(text: string, path: string, errors: FieldErrors, known: readonly string[] = []): boolean {
  if (known.includes(text)) return true;
  if (parseIp(text) === undefined) {
    errors.invalid(path, text, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
    return false;
  }
  const found = strictness(text);
  if (found === "zeros") errors.invalid(path, text, "must not have leading 0s");
  if (found === "mapped") errors.invalid(path, text, "must not be an IPv4-mapped IPv6 address");
  return found === "fine";
}
/** Strict, and in canonical spelling. */
export function checkCanonicalIp(text: string, path: string, errors: FieldErrors): boolean {
  if (!checkIp(text, path, errors)) return false;
  const canonical = formatIp(parseIp(text)!);
  if (canonical === text) return true;
  errors.invalid(path, text, `must be in canonical form ("${canonical}")`);
  return false;
}

export interface Range { readonly address: Address; readonly bits: number }

export function parseCidr(text: string): Range | undefined {
  const slash = text.indexOf("/");
  const address = slash === -1 ? undefined : parseIp(text.slice(0, slash));
  const length = text.slice(slash + 1);
  if (address === undefined || !/^\d{1,8}$/.test(length)) return undefined;
  // A mapped IPv4 address is written with the length of IPv6.
  const mapped = text.includes(":") && address.length === 4;
  const bits = mapped ? Math.max(0, Number(length) - 96) : Number(length);
  return bits <= address.length * 8 ? { address, bits } : undefined;
}
/** The range's first address. */
export function maskedAddress({ address, bits }: Range): Address {
  return address.map((byte, index) => {
    const kept = Math.min(8, Math.max(0, bits - index * 8));
    return byte & (0xff << (8 - kept)) & 0xff;
  });
}
export function formatCidr(range: Range): string {
  return `${formatIp(maskedAddress(range))}/${range.bits}`;
}
export function contains(range: Range, address: Address): boolean {
  return address.length === range.address.length && formatIp(maskedAddress({ address, bits: range.bits })) === formatIp(maskedAddress(range));
}

export function checkCidr(text: string, path: string, errors: FieldErrors, known: readonly string[] = []): boolean {
  if (known.includes(text)) return true;
  const range = parseCidr(text);
  if (range === undefined) {
    errors.invalid(path, text, "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)");
    return false;
  }
  const slash = text.indexOf("/");
  const found = strictness(text.slice(0, slash));
  const bits = text.slice(slash + 1);
  if (found === "zeros" || (bits.length > 1 && bits.startsWith("0"))) errors.invalid(path, text, "must not have leading 0s in IP or prefix length");
  else if (found === "mapped") errors.invalid(path, text, "must not have an IPv4-mapped IPv6 address");
  else if (formatIp(maskedAddress(range)) !== formatIp(range.address)) errors.invalid(path, text, "must not have bits set beyond the prefix length");
  else return true;
  return false;
}
export function checkCanonicalCidr(text: string, path: string, errors: FieldErrors): boolean {
  if (!checkCidr(text, path, errors)) return false;
  const canonical = formatCidr(parseCidr(text)!);
  if (canonical === text) return true;
  errors.invalid(path, text, `must be in canonical form ("${canonical}")`);
  return false;
}

/** One address of each family? Told as an inner error where one is no address at all. */
export function isDualStack(addresses: readonly string[], path: string, errors: FieldErrors): boolean {
  const families = addresses.map((each) => parseIp(each)?.length);
  const broken = families.indexOf(undefined);
  if (broken !== -1) errors.internal(path, `failed to check for dual stack with error:invalid IP[${broken}]: ${addresses[broken]}`);
  return broken === -1 && families.includes(4) && families.includes(16);
}

/** What an endpoint can't have. */
export function checkEndpointIp(text: string, path: string, errors: FieldErrors): void {
  const address = parseIp(text);
  if (address === undefined) {
    errors.invalid(path, text, "must be a valid IP address");
    return;
  }
  const [a, b, c] = address as [number, number, number];
  const v4 = address.length === 4;
  if (address.every((byte) => byte === 0)) errors.invalid(path, text, `may not be unspecified (${text})`);
  if (v4 ? a === 127 : address[15] === 1 && address.slice(0, 15).every((byte) => byte === 0)) errors.invalid(path, text, "may not be in the loopback range (127.0.0.0/8, ::1/128)");
  if (v4 ? a === 169 && b === 254 : a === 0xfe && (b & 0xc0) === 0x80) errors.invalid(path, text, "may not be in the link-local range (169.254.0.0/16, fe80::/10)");
  if (v4 ? a === 224 && b === 0 && c === 0 : a === 0xff && (b & 0x0f) === 0x02) errors.invalid(path, text, "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)");
}
