/**
 * RFC 3339 without `Date`: this folder runs under a virtual clock too, and has only what the platform gives.
 */
const DAY_MS = 86_400_000;

/** "2026-11-22T13:15:29.042Z": `now` of an Observed. */
export function rfc3339Ms(ms: number): string {
  return `${seconds(ms)}.${digits(mod(Math.floor(ms), 1000), 3)}Z`;
}
/** "2026-11-22T13:15:29Z": metav1.Time. */
export function rfc3339(ms: number): string {
  return `${seconds(ms)}Z`;
}
/** "2026-11-22T13:15:29.042000Z": metav1.MicroTime. */
export function rfc3339Micro(ms: number): string {
  return `${seconds(ms)}.${digits(mod(Math.floor(ms), 1000), 3)}000Z`;
}

const PATTERN = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))$/;

/** The instant in whole seconds since the epoch and its fraction's digits ("" for none); undefined for other text. */
export function parseRfc3339(text: string): { seconds: number; fraction: string } | undefined {
  const found = PATTERN.exec(text);
  if (found === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction = "", sign, offsetHour = "0", offsetMinute = "0"] = found;
  const offset = (Number(offsetHour) * 3600 + Number(offsetMinute) * 60) * (sign === "-" ? -1 : 1);
  const days = daysFromCivil(Number(year), Number(month), Number(day));
  const total = days * 86_400 + Number(hour) * 3600 + Number(minute) * 60 + Number(second) - offset;
  return { seconds: total, fraction: fraction.replace(/0+$/, "") };
}

function seconds(ms: number): string {
  const days = Math.floor(ms / DAY_MS);
  const inDay = Math.floor((ms - days * DAY_MS) / 1000);
  const { year, month, day } = civilFromDays(days);
  const time = `${digits(Math.floor(inDay / 3600), 2)}:${digits(Math.floor(inDay / 60) % 60, 2)}:${digits(inDay % 60, 2)}`;
  return `${digits(year, 4)}-${digits(month, 2)}-${digits(day, 2)}T${time}`;
}

/** Counts years from March, so that the leap day is the last of its year; eras of 400 years repeat. */
function civilFromDays(days: number): { year: number; month: number; day: number } {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor((dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day: dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1 };
}

function daysFromCivil(year: number, month: number, day: number): number {
  const marchYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(marchYear / 400);
  const yearOfEra = marchYear - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  return era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468;
}

function digits(value: number, width: number): string {
  return String(value).padStart(width, "0");
}
function mod(value: number, by: number): number {
  return ((value % by) + by) % by;
}
