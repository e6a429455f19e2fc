import assert from "node:assert/strict";
import { test } from "node:test";
import { humanDuration } from "./duration.ts";

test("durations as kubectl shows ages", () => {
  const s = 1000, m = 60 * s, h = 60 * m, d = 24 * h;
  const shown: [number, string][] = [
    [-5 * s, "<invalid>"], [-s, "0s"], [0, "0s"], [119 * s, "119s"], [2 * m, "2m"], [2 * m + s, "2m1s"], [9 * m + 59 * s, "9m59s"], [10 * m + 5 * s, "10m"], [179 * m, "179m"],
    [3 * h, "3h"], [3 * h + m, "3h1m"], [8 * h + m, "8h"], [47 * h, "47h"], [2 * d, "2d"], [2 * d + h, "2d1h"], [8 * d + h, "8d"], [729 * d, "729d"], [730 * d, "2y"], [731 * d, "2y1d"], [8 * 365 * d + d, "8y"],
  ];
  assert.deepEqual(shown.map(([ms]) => humanDuration(ms)), shown.map(([, text]) => text));
});
