/** RFC 3339 timestamps, as Kubernetes has them, and durations in milliseconds. */

/** Milliseconds since 1970 UTC of `2026-01-31T10:00:00Z`, fractions and offsets included; i64.MIN_VALUE if it is none. */
export function parseTime(text: string): i64 {
  if (text.length < 20 || !shape(text)) return NO_TIME;
  const year = number(text, 0, 4);
  const month = number(text, 5, 2);
  const day = number(text, 8, 2);
  const hour = number(text, 11, 2);
  const minute = number(text, 14, 2);
  const second = number(text, 17, 2);
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return NO_TIME;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60 || year < 0) return NO_TIME;
  let at = 19;
  let ms: i64 = 0;
  if (text.charCodeAt(at) == 0x2e) {
    let weight: i64 = 100;
    const from = ++at;
    for (; isDigit(text.charCodeAt(at)); at++, weight /= 10) ms += weight * (text.charCodeAt(at) - 0x30);
    if (at == from) return NO_TIME;
  }
  const offset = offsetMinutes(text, at);
  if (offset == i32.MIN_VALUE) return NO_TIME;
  const seconds = daysSince1970(year, month, day) * 86400 + hour * 3600 + (minute - offset) * 60 + second;
  return seconds * 1000 + ms;
}
export const NO_TIME: i64 = i64.MIN_VALUE;

/** `2026-01-31T10:00:00.000Z`, the form of `observed.now`. */
export function formatTime(ms: i64): string {
  return civil(ms) + "." + padded(<i32>(((ms % 1000) + 1000) % 1000), 3) + "Z";
}
/** `2026-01-31T10:00:00Z`, the form of conditions. */
export function formatSeconds(ms: i64): string {
  return civil(ms) + "Z";
}
/** Milliseconds from `from` to `to`, both RFC 3339; NO_TIME if one of them is none. */
export function millisecondsBetween(from: string, to: string): i64 {
  const a = parseTime(from);
  const b = parseTime(to);
  return a == NO_TIME || b == NO_TIME ? NO_TIME : b - a;
}

function civil(ms: i64): string {
  let seconds = (ms - (((ms % 1000) + 1000) % 1000)) / 1000;
  const secondOfDay = <i32>(((seconds % 86400) + 86400) % 86400);
  // Howard Hinnant's civil_from_days: years start in March, so that the leap day is last.
  const days = (seconds - secondOfDay) / 86400 + 719468;
  const era = (days >= 0 ? days : days - 146096) / 146097;
  const dayOfEra = <i32>(days - era * 146097);
  const yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365;
  const dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
  const shifted = (5 * dayOfYear + 2) / 153;
  const day = dayOfYear - (153 * shifted + 2) / 5 + 1;
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  const year = yearOfEra + <i32>era * 400 + (month <= 2 ? 1 : 0);
  return padded(year, 4) + "-" + padded(month, 2) + "-" + padded(day, 2) + "T"
    + padded(secondOfDay / 3600, 2) + ":" + padded((secondOfDay / 60) % 60, 2) + ":" + padded(secondOfDay % 60, 2);
}

function daysSince1970(year: i32, month: i32, day: i32): i64 {
  const y: i64 = month <= 2 ? year - 1 : year;
  const era = (y >= 0 ? y : y - 399) / 400;
  const yearOfEra = y - era * 400;
  const dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719468;
}

function daysIn(year: i32, month: i32): i32 {
  if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/** East is positive; i32.MIN_VALUE if there is no offset at `at`, or more behind it. */
function offsetMinutes(text: string, at: i32): i32 {
  const sign = text.charCodeAt(at);
  if ((sign | 0x20) == 0x7a) return at + 1 == text.length ? 0 : i32.MIN_VALUE;
  if ((sign != 0x2b && sign != 0x2d) || at + 6 != text.length || text.charCodeAt(at + 3) != 0x3a) return i32.MIN_VALUE;
  const hours = number(text, at + 1, 2);
  const minutes = number(text, at + 4, 2);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return i32.MIN_VALUE;
  return (hours * 60 + minutes) * (sign == 0x2d ? -1 : 1);
}

function shape(text: string): bool {
  return text.charCodeAt(4) == 0x2d && text.charCodeAt(7) == 0x2d && (text.charCodeAt(10) | 0x20) == 0x74
    && text.charCodeAt(13) == 0x3a && text.charCodeAt(16) == 0x3a;
}

/** -1 if it isn't one. */
function number(text: string, at: i32, digits: i32): i32 {
  let value = 0;
  for (let i = at; i < at + digits; i++) {
    if (!isDigit(text.charCodeAt(i))) return -1;
    value = value * 10 + text.charCodeAt(i) - 0x30;
  }
  return value;
}

function isDigit(unit: i32): bool {
  return <u32>(unit - 0x30) <= 9;
}

function padded(value: i32, digits: i32): string {
  return value.toString().padStart(digits, "0");
}
