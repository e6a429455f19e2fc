import assert from "node:assert/strict";
import { test } from "node:test";
import { sameQuantity } from "./quantity.ts";

test("quantities are compared by amount", () => {
  const same = [["1000m", "1"], ["0.5", "500m"], ["1Gi", "1024Mi"], ["1e3", "1k"], ["1E3", "1000"], ["1024", "1Ki"], ["0", "0m"], ["-1", "-1000m"], ["1.0", "1"], ["1E", "1000P"], ["0.1n", "1n"]] as const;
  for (const [a, b] of same) assert.ok(sameQuantity(a, b), `${a} is ${b}`);
  const different = [["1", "1m"], ["1Gi", "1G"], ["1", "-1"], ["x", "y"], ["", "0"], ["1Ki ", "1Ki"]] as const;
  for (const [a, b] of different) assert.ok(!sameQuantity(a, b), `${a} is not ${b}`);
});
