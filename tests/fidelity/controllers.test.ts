/** The embedded cluster's controllers against the real kube-controller-manager: the same scripts, the same states of rest. */
import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { startControlPlane, type ControlPlane } from "../support/control-plane.ts";
import { compareScenario } from "./controllers/compare.ts";
import { SCENARIOS } from "./controllers/scenarios/index.ts";
import { embeddedBackend, realBackend } from "./controllers/stage.ts";

const started = await startControlPlane({ controllers: true, audit: [] });
const wanted = new RegExp(process.env["SCENARIO"] ?? "");

describe("controllers come to the same rest as the real ones", { skip: "skipped" in started ? started.skipped : false }, () => {
  const plane = started as ControlPlane;
  after(() => plane.stop());
  for (const scenario of SCENARIOS.filter(({ name }) => wanted.test(name))) {
    it(scenario.name, async () => {
      const embedded = embeddedBackend();
      try {
        assert.deepEqual(await compareScenario(scenario, embedded, realBackend(plane.api)), []);
      } finally {
        embedded.stop();
      }
    });
  }
});
