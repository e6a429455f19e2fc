/** What the audit log says of the host: nothing written at rest, nothing refused, nothing asked that was not declared. Runs last. */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { inWords } from "../support/audit.ts";
import { pause } from "../support/wait.ts";
import { appSpec, converged, createApp, freshNamespace } from "./apps.ts";
import { deployHost, hostRequests, hostWrites, MYAPP } from "./host.ts";
import { pathsBeyondResources, refused, undeclared } from "./privilege.ts";

const MINUTE_MS = 60_000;
const names = ["a", "b", "c"];

describe("the host, by the audit log", () => {
  before(async () => {
    await deployHost(1);
    await freshNamespace("rest");
    for (const name of names) await createApp("rest", name, appSpec());
    await converged("rest", names, { waitForReady: true });
  });

  it("writes nothing at rest for a minute", async () => {
    // Events are written a little later than what they tell of.
    await pause(5_000);
    const sinceMs = Date.now();
    await pause(MINUTE_MS);
    assert.deepEqual(hostWrites(sinceMs).map((event) => `${inWords(event)} ${event.requestURI}`), []);
    assert.ok(hostRequests().length > 0, "the log has none of its requests: the test looks at the wrong account");
  });

  it("was never refused, in any suite", () => assert.deepEqual(refused(MYAPP), []));
  it("asked for nothing beyond the generated roles", () => assert.deepEqual(undeclared(MYAPP), []));
  it("asked for no path beyond resources but what tells it about the server", () => assert.deepEqual(pathsBeyondResources(MYAPP), []));
});
