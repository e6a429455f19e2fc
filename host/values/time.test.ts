import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRfc3339, rfc3339Micro, rfc3339Ms } from "./time.ts";

test("times are those of Date, to the day and the millisecond", () => {
  for (let day = -800_000; day < 800_000; day += 97) {
    const ms = day * 86_400_000 + ((day * 7_919) % 86_400_000);
    if (new Date(ms).getUTCFullYear() < 0 || new Date(ms).getUTCFullYear() > 9999) continue;
    const text = new Date(ms).toISOString();
    assert.equal(rfc3339Ms(ms), text);
    assert.equal(rfc3339Micro(ms), text.replace("Z", "000Z"));
    assert.equal(parseRfc3339(text)!.seconds, Math.floor(ms / 1000));
  }
});

test("an instant is read in any zone; other text is not", () => {
  assert.deepEqual(parseRfc3339("2026-11-22T14:15:16.250+01:00"), { seconds: Date.parse("2026-11-22T13:15:16Z") / 1000, fraction: "25" });
  for (const text of ["", "yesterday", "2026-11-22", "2026-11-22T14:15:16"]) assert.equal(parseRfc3339(text), undefined);
});
