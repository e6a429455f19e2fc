/**
 * What a real API server makes of objects and of changes to them, compared with our own defaults and rules, kind by kind.
 * SEED=n repeats a run; OPERATIONS=n tries more of each kind.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startControlPlane, type ControlPlane } from "../../../../tests/support/control-plane.ts";
import { compareKind, NAMESPACE } from "./differential.ts";
import { ALL } from "./corpus/index.ts";


const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9));
const operations = Number(process.env.OPERATIONS ?? 250);
const SHOWN_MAX = 5;

let plane: ControlPlane | { skipped: string };
before(async () => {
  plane = await startControlPlane({ audit: [] });
  if ("skipped" in plane) return;
  await plane.api.must("POST", "/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } });
});
after(async () => { if (!("skipped" in plane)) await plane.stop(); });

for (const corpus of ALL) {
  test(`${corpus.kind}: as a real API server has it (SEED=${seed})`, async (t) => {
    if ("skipped" in plane) {
      t.skip(plane.skipped);
      return;
    }
    const { operations: done, refused, found } = await compareKind(corpus, plane, seed, operations);
    const shown = found.slice(0, SHOWN_MAX).map(({ what, expected, actual }) => `${what}\n  real: ${JSON.stringify(expected)}\n  ours: ${JSON.stringify(actual)}`);
    assert.equal(found.length, 0, `${found.length} of ${done} differ:\n${shown.join("\n\n")}`);
    t.diagnostic(`${done} operations, ${refused} refused`);
    assert(refused >= done / 2, `only ${refused} of ${done} were refused`);
  });
}
