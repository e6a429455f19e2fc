import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { startControlPlane } from "../../../tests/support/control-plane.ts";
import { readPolicy } from "../../../tests/support/rbac-policy.ts";

const FILE = new URL("policy.json", import.meta.url);

test("the roles and bindings of a fresh cluster are those of a real one", async (t) => {
  const plane = await startControlPlane({ audit: [] });
  if ("skipped" in plane) return t.skip(plane.skipped);
  try {
    const policy = await readPolicy(plane.api);
    if (process.env["UPDATE"] === "1") writeFileSync(FILE, `${JSON.stringify(policy, null, 1)}\n`);
    assert.deepEqual(JSON.parse(readFileSync(FILE, "utf8")), policy);
  } finally {
    await plane.stop();
  }
});
