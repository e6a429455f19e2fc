/**
 * The formats of strings that the real API server checks; any other is taken for a note. (The list of supported formats of
 * apiextensions; names are compared without dashes.)
 */
import { parseRfc3339 } from "../../values/time.ts";

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/;
const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const DURATION = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h)(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))*$/;
/** go-openapi's longer spelling: "3 days", "1h 2m". */
const WORDY_DURATION = /^(?:\d+\s*(?:nanoseconds?|nano|ns|microseconds?|micro|us|µs|milliseconds?|milli|ms|seconds?|sec|s|minutes?|min|m|hours?|hr|h|days?|d|weeks?|w)\s*)+$/i;
const HOSTNAME = /^(?=.{1,255}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*\.?$/i;
const EMAIL = /^[^\s@<>,;:"()[\]\\]+@[^\s@<>,;:"()[\]\\]+$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const CHECKS: { readonly [format: string]: (value: string) => boolean } = {
  datetime: (value) => value === "" || parseRfc3339(value) !== undefined,
  date: (value) => /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/.test(value),
  duration: (value) => value === "0" || DURATION.test(value) || WORDY_DURATION.test(value),
  ipv4: (value) => IPV4.test(value),
  ipv6: isIpv6,
  ip: (value) => IPV4.test(value) || isIpv6(value),
  cidr: isCidr,
  uuid: (value) => UUID.test(value),
  uuid3: (value) => UUID.test(value) && value.replaceAll("-", "")[12] === "3",
  uuid4: (value) => UUID.test(value) && value.replaceAll("-", "")[12] === "4",
  uuid5: (value) => UUID.test(value) && value.replaceAll("-", "")[12] === "5",
  byte: (value) => BASE64.test(value.replace(/[\r\n]/g, "")),
  hostname: (value) => HOSTNAME.test(value),
  email: (value) => EMAIL.test(value),
  uri: (value) => /^[a-z][a-z0-9+.-]*:/i.test(value) || value.startsWith("/"),
  mac: (value) => /^(?:[0-9a-f]{2}([:-]))(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}$/i.test(value),
  hexcolor: (value) => /^#?(?:[0-9a-f]{3}|[0-9a-f]{6})$/i.test(value),
  rgbcolor: (value) => /^rgb\(\s*(?:\d{1,3})\s*,\s*(?:\d{1,3})\s*,\s*(?:\d{1,3})\s*\)$/.test(value),
  ssn: (value) => /^\d{3}[- ]?\d{2}[- ]?\d{4}$/.test(value),
  isbn: (value) => /^(?:\d{9}[\dX]|\d{13})$/.test(value.replace(/[- ]/g, "")),
  isbn10: (value) => /^\d{9}[\dX]$/.test(value.replace(/[- ]/g, "")),
  isbn13: (value) => /^\d{13}$/.test(value.replace(/[- ]/g, "")),
  creditcard: (value) => /^\d{13,16}$/.test(value.replace(/[- ]/g, "")),
  bsonobjectid: (value) => /^[0-9a-f]{24}$/i.test(value),
};

export function formatHolds(format: string, value: string): boolean {
  const check = CHECKS[format.replaceAll("-", "")];
  return check === undefined || check(value);
}

function isIpv6(value: string): boolean {
  if (!value.includes(":") || !/^[0-9a-f:.]+$/i.test(value)) return false;
  const halves = value.split("::");
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === "" ? [] : half.split(":")));
  const last = groups.at(-1);
  const mapped = last !== undefined && last.includes(".");
  if (mapped && !IPV4.test(groups.pop()!)) return false;
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return false;
  const wanted = mapped ? 6 : 8;
  return halves.length === 2 ? groups.length < wanted : groups.length === wanted;
}

function isCidr(value: string): boolean {
  const found = /^(.*)\/(\d{1,3})$/.exec(value);
  if (found === null) return false;
  const [, address, bits] = found;
  return (IPV4.test(address!) && Number(bits) <= 32) || (isIpv6(address!) && Number(bits) <= 128);
}
