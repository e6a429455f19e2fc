import assert from "node:assert/strict";
import { test } from "node:test";
import { parseSchedule, rfc3339In } from "./cron.ts";

const next = (text: string, after: string, zone?: string): string => rfc3339In(parseSchedule(text, zone).next(Date.parse(after))!, zone);

test("schedules are due when cron says", () => {
  const cases: [schedule: string, after: string, due: string][] = [
    ["* * * * *", "2026-11-22T14:15:16Z", "2026-11-22T14:16:00Z"], ["*/15 * * * *", "2026-11-22T14:45:00Z", "2026-11-22T15:00:00Z"],
    ["0 3 * * *", "2026-11-22T03:00:00Z", "2026-11-23T03:00:00Z"], ["30 4 1,15 * *", "2026-11-16T00:00:00Z", "2026-12-01T04:30:00Z"],
    ["0 0 29 2 *", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z"], ["0 12 * * mon-fri", "2026-11-21T00:00:00Z", "2026-11-23T12:00:00Z"],
    ["0 0 13 * fri", "2026-11-07T00:00:00Z", "2026-11-13T00:00:00Z"], ["0 0 13 * 5", "2026-11-13T00:00:00Z", "2026-11-20T00:00:00Z"],
    ["@hourly", "2026-12-31T23:30:00Z", "2027-01-01T00:00:00Z"], ["@every 90m", "2026-11-22T14:00:00Z", "2026-11-22T15:30:00Z"], ["5-10/2 8-9 * jan,JUL *", "2026-07-31T09:09:00Z", "2027-01-01T08:05:00Z"],
  ];
  for (const [schedule, after, due] of cases) assert.equal(next(schedule, after), due, `${schedule} after ${after}`);
});

test("time zones are kept to, over the days when clocks change", () => {
  assert.equal(next("0 9 * * *", "2026-11-22T09:00:00Z", "Europe/Berlin"), "2026-11-23T09:00:00+01:00");
  assert.equal(next("30 1 * * *", "2026-03-28T12:00:00Z", "Europe/Berlin"), "2026-03-29T01:30:00+01:00");
  assert.equal(next("0 12 * * *", "2026-03-29T00:30:00Z", "Europe/Berlin"), "2026-03-29T12:00:00+02:00");
  assert.equal(next("0 0 * * *", "2026-10-24T22:00:00Z", "Europe/Berlin"), "2026-10-26T00:00:00+01:00");
  assert.equal(next("0 0 1 * *", "2026-11-22T00:00:00Z", "America/New_York"), "2026-12-01T00:00:00-05:00");
});

test("what can't be read is refused in words", () => {
  for (const [text, words] of [["* * * *", /expected exactly 5 fields, found 4/], ["60 * * * *", /above maximum \(59\)/], ["a * * * *", /failed to parse int from a/], ["5-1 * * * *", /beyond end of range/], ["*/0 * * * *", /positive number/], ["@never", /unrecognized descriptor/]] as const) {
    assert.throws(() => parseSchedule(text), words);
  }
  assert.throws(() => parseSchedule("* * * * *", "Mars/Olympus"), /unknown time zone Mars\/Olympus/);
  assert.equal(parseSchedule("0 0 31 2 *").next(0), undefined);
});
