/** Cron schedules in the standard five fields, the @names and "@every", in any time zone that the engine knows. */

/** When the schedule is due next after a time, in milliseconds; undefined: never within five years. */
export interface Schedule { next(afterMs: number): number | undefined }

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const YEARS_MAX = 5;
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const NAMED: { readonly [name: string]: string } = {
  "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
};

interface Field { readonly has: ReadonlySet<number>; readonly any: boolean }
interface Civil { readonly month: number; readonly day: number; readonly weekday: number; readonly hour: number; readonly minute: number; readonly second: number; readonly year: number }

/** Throws an Error that says what is wrong with the text or the zone. */
export function parseSchedule(text: string, zone?: string): Schedule {
  const every = /^@every\s+(.+)$/.exec(text);
  if (every !== null) return everyMs(durationMs(every[1]!));
  const expression = NAMED[text] ?? text;
  if (expression.startsWith("@")) throw new Error(`unrecognized descriptor: ${text}`);
  const parts = expression.trim().split(/\s+/);
  if (parts.length !== 5) throw new Error(`expected exactly 5 fields, found ${parts.length}: [${parts.join(" ")}]`);
  const [minutes, hours, days, months, weekdays] = [
    parseField(parts[0]!, 0, 59), parseField(parts[1]!, 0, 23), parseField(parts[2]!, 1, 31), parseField(parts[3]!, 1, 12, MONTHS, 1), parseField(parts[4]!, 0, 6, DAYS, 0),
  ] as [Field, Field, Field, Field, Field];
  const civil = zone === undefined || zone === "" || zone === "UTC" || zone === "Etc/UTC" ? civilUtc : civilIn(zone);
  const dayFits = ({ day, weekday }: Civil): boolean => {
    // With both given, one of them is enough.
    const [byDay, byWeekday] = [days.has.has(day), weekdays.has.has(weekday)];
    return days.any || weekdays.any ? byDay && byWeekday : byDay || byWeekday;
  };
  return { next: (afterMs) => search(afterMs, civil, (at) => months.has.has(at.month), dayFits, (at) => hours.has.has(at.hour), (at) => minutes.has.has(at.minute)) };
}

type Fits = (at: Civil) => boolean;

function search(afterMs: number, civil: (ms: number) => Civil, month: Fits, day: Fits, hour: Fits, minute: Fits): number | undefined {
  let ms = (Math.floor(afterMs / MINUTE_MS) + 1) * MINUTE_MS;
  const lastYear = civil(ms).year + YEARS_MAX;
  for (let at = civil(ms); at.year <= lastYear; at = civil(ms)) {
    if (!month(at) || !day(at)) ms = nextMidnight(ms, at, civil);
    else if (!hour(at)) ms += HOUR_MS - at.minute * MINUTE_MS;
    else if (!minute(at)) ms += MINUTE_MS;
    else return ms;
  }
  return undefined;
}

/** Days of 23 and 25 hours included. */
function nextMidnight(ms: number, at: Civil, civil: (ms: number) => Civil): number {
  let next = ms - at.hour * HOUR_MS - at.minute * MINUTE_MS + 24 * HOUR_MS;
  const there = civil(next);
  if (there.day === at.day) next += (24 - there.hour) * HOUR_MS - there.minute * MINUTE_MS;
  else if (there.hour > 0 && there.hour < 12) {
    const earlier = next - there.hour * HOUR_MS - there.minute * MINUTE_MS;
    if (civil(earlier).day === there.day) next = earlier;
  }
  return next;
}

function everyMs(intervalMs: number): Schedule {
  return { next: (afterMs) => Math.floor(afterMs / 1000) * 1000 + intervalMs };
}

/** A duration as Go writes it: "1h30m". At least a second. */
function durationMs(text: string): number {
  const units: { [unit: string]: number } = { ms: 1, s: 1000, m: MINUTE_MS, h: HOUR_MS };
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) throw new Error(`failed to parse duration @every ${text}: time: invalid duration ${JSON.stringify(text)}`);
  let ms = 0;
  for (const [, number, , unit] of text.matchAll(/(\d+(\.\d+)?)(ms|s|m|h)/g)) ms += Number(number) * units[unit!]!;
  return Math.max(1000, Math.floor(ms / 1000) * 1000);
}

function parseField(text: string, least: number, most: number, names: readonly string[] = [], base = 0): Field {
  const has = new Set<number>();
  let any = false;
  for (const part of text.split(",")) {
    const [range = "", stepText, ...rest] = part.split("/");
    if (rest.length > 0) throw new Error(`too many slashes: ${part}`);
    const step = stepText === undefined ? 1 : numberOf(stepText, [], 0);
    if (step === 0) throw new Error(`step of range should be a positive number: ${part}`);
    let [first, last] = [least, most];
    if (range === "*" || range === "?") any ||= step === 1;
    else {
      const [from = "", to, ...more] = range.split("-");
      if (more.length > 0) throw new Error(`too many hyphens: ${part}`);
      first = numberOf(from, names, base);
      last = to !== undefined ? numberOf(to, names, base) : stepText === undefined ? first : most;
    }
    if (first < least) throw new Error(`beginning of range (${first}) below minimum (${least}): ${part}`);
    if (last > most) throw new Error(`end of range (${last}) above maximum (${most}): ${part}`);
    if (first > last) throw new Error(`beginning of range (${first}) beyond end of range (${last}): ${part}`);
    for (let value = first; value <= last; value += step) has.add(value);
  }
  return { has, any };
}

function numberOf(text: string, names: readonly string[], base: number): number {
  const named = names.indexOf(text.toLowerCase());
  if (named !== -1) return named + base;
  if (!/^\d+$/.test(text)) throw new Error(`failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Number(text);
}

function civilUtc(ms: number): Civil {
  const date = new Date(ms);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate(), weekday: date.getUTCDay(), hour: date.getUTCHours(), minute: date.getUTCMinutes(), second: date.getUTCSeconds() };
}

function civilIn(zone: string): (ms: number) => Civil {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat("en-US", { timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", weekday: "short", hour: "numeric", minute: "numeric", second: "numeric" });
  } catch {
    throw new Error(`unknown time zone ${zone}`);
  }
  return (ms) => {
    const part: { [type: string]: string } = {};
    for (const { type, value } of format.formatToParts(ms)) part[type] = value;
    return {
      year: Number(part["year"]), month: Number(part["month"]), day: Number(part["day"]), hour: Number(part["hour"]), minute: Number(part["minute"]), second: Number(part["second"]),
      weekday: DAYS.indexOf(part["weekday"]!.toLowerCase()),
    };
  };
}

/** RFC 3339 with the zone's own offset: "2026-11-22T14:15:00+01:00". */
export function rfc3339In(ms: number, zone: string | undefined): string {
  const { year, month, day, hour, minute, second } = zone === undefined || zone === "" ? civilUtc(ms) : civilIn(zone)(ms);
  const digits = (value: number): string => String(value).padStart(2, "0");
  const offset = Math.round((Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(ms / 1000) * 1000) / MINUTE_MS);
  const shift = offset === 0 ? "Z" : `${offset < 0 ? "-" : "+"}${digits(Math.floor(Math.abs(offset) / 60))}:${digits(Math.abs(offset) % 60)}`;
  return `${String(year).padStart(4, "0")}-${digits(month)}-${digits(day)}T${digits(hour)}:${digits(minute)}:${digits(second)}${shift}`;
}
