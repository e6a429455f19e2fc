import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { typesText } from "./make-types.ts";

test("the interfaces are those of the facts", () => {
  assert.equal(readFileSync(new URL("../generated/types.ts", import.meta.url), "utf8"), typesText(), "run host/cluster/kinds/testing/make-types.ts");
});
