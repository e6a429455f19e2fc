/** Schedules of five fields, as crontab(5) has them, and their short forms ("@daily", "@every 5m"). */
import { durationMs } from "../shared/duration.ts";

interface Field { readonly min: number; readonly max: number; readonly names?: readonly string[] }

const FIELDS: readonly Field[] = [
  { min: 0, max: 59 }, { min: 0, max: 23 }, { min: 1, max: 31 },
  { min: 1, max: 12, names: ["", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"] },
  { min: 0, max: 6, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] },
];
const SHORT_FORMS = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];
const ZONE = /^(?:CRON_)?TZ=/;

/** Undefined for a good schedule. `isZone` tells whether a time zone is known; undefined when it is, else what is said of it. */
export function complaintOfSchedule(schedule: string, complaintOfZone: (name: string) => string | undefined): string | undefined {
  let rest = schedule;
  const zone = ZONE.exec(schedule);
  if (zone !== null) {
    const space = schedule.indexOf(" ");
    if (space === -1) return `invalid schedule format: runtime error: slice bounds out of range [${zone[0].length}:-1]`;
    const name = schedule.slice(zone[0].length, space);
    const why = complaintOfZone(name);
    if (why !== undefined) return `provided bad location ${name}: ${why}`;
    rest = schedule.slice(space).trim();
  }
  if (rest.startsWith("@")) return complaintOfShortForm(rest);
  const fields = rest.split(/\s+/).filter((each) => each !== "");
  if (fields.length !== FIELDS.length) return `expected exactly 5 fields, found ${fields.length}: [${fields.join(" ")}]`;
  for (let i = 0; i < FIELDS.length; i++) {
    for (const part of fields[i]!.split(",")) {
      const why = part === "" ? undefined : complaintOfRange(part, FIELDS[i]!);
      if (why !== undefined) return why;
    }
  }
  return undefined;
}

function complaintOfShortForm(text: string): string | undefined {
  if (SHORT_FORMS.includes(text)) return undefined;
  const every = "@every ";
  if (!text.startsWith(every)) return `unrecognized descriptor: ${text}`;
  const period = text.slice(every.length);
  const found = durationMs(period);
  return typeof found === "number" ? undefined : `failed to parse duration ${text}: ${found.wrong}`;
}

/** "3", "1-5", "*", each with a step behind a slash or without. */
function complaintOfRange(text: string, field: Field): string | undefined {
  const [range = "", stepText, ...more] = text.split("/");
  const ends = range.split("-");
  const one = ends.length === 1;
  let [start, end] = [field.min, field.max];
  if (ends[0] !== "*" && ends[0] !== "?") {
    const first = numberOf(ends[0]!, field);
    if (typeof first === "string") return first;
    const last = one ? first : numberOf(ends[1]!, field);
    if (typeof last === "string") return last;
    if (ends.length > 2) return `too many hyphens: ${text}`;
    [start, end] = [first, last];
  }
  let step = 1;
  if (more.length > 0) return `too many slashes: ${text}`;
  if (stepText !== undefined) {
    const found = numberOf(stepText, undefined);
    if (typeof found === "string") return found;
    step = found;
    if (one) end = field.max;
  }
  if (start < field.min) return `beginning of range (${start}) below minimum (${field.min}): ${text}`;
  if (end > field.max) return `end of range (${end}) above maximum (${field.max}): ${text}`;
  if (start > end) return `beginning of range (${start}) beyond end of range (${end}): ${text}`;
  return step === 0 ? `step of range should be a positive number: ${text}` : undefined;
}

function numberOf(text: string, field: Field | undefined): number | string {
  const named = text === "" ? -1 : field?.names?.indexOf(text.toLowerCase()) ?? -1;
  if (named !== -1) return named;
  const shown = JSON.stringify(text);
  if (!/^[+-]?\d+$/.test(text)) return `failed to parse int from ${text}: strconv.Atoi: parsing ${shown}: invalid syntax`;
  const number = Number(text);
  if (Math.abs(number) > Number.MAX_SAFE_INTEGER) return `failed to parse int from ${text}: strconv.Atoi: parsing ${shown}: value out of range`;
  return number < 0 ? `negative number (${number}) not allowed: ${text}` : number;
}
