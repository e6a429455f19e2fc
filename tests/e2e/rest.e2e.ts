/** What the audit log says of the host: nothing written at rest, nothing refused, nothing asked that was not declared. Runs last. */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import type { Loose } from "../support/api-client.ts";
import { inWords, type AuditEvent } from "../support/audit.ts";
import { pause } from "../support/wait.ts";
import { appSpec, converged, createApp, freshNamespace } from "./apps.ts";
import { apiServerStarts } from "./cluster/control-plane.ts";
import { deployHost, hostRequests, hostWrites, manifests } from "./host.ts";

const MINUTE_MS = 60_000;
const names = ["a", "b", "c"];

interface Rule { apiGroups: string[]; resources: string[]; verbs: string[]; resourceNames?: string[] }

/** Whether the generated roles grant a request. */
function isGranted(rules: readonly Rule[], { verb, objectRef }: AuditEvent): boolean {
  const { apiGroup = "", resource = "", subresource, name } = objectRef ?? {};
  const what = subresource === undefined ? resource : `${resource}/${subresource}`;
  // Applying what is not there yet is a patch in the log, and needs create as well; the server has seen to that.
  return rules.some((rule) => rule.apiGroups.includes(apiGroup) && rule.resources.includes(what) && rule.verbs.includes(verb)
    && (rule.resourceNames === undefined || (name !== undefined && rule.resourceNames.includes(name))));
}

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

  it("was never refused, in any suite", () => {
    const starts = apiServerStarts();
    const starting = ({ requestReceivedTimestamp }: AuditEvent): boolean => starts.some(({ fromMs, toMs }) => Date.parse(requestReceivedTimestamp) >= fromMs && Date.parse(requestReceivedTimestamp) <= toMs);
    const refused = hostRequests().filter((event) => (event.responseStatus?.code === 403 || event.responseStatus?.code === 401) && !starting(event));
    assert.deepEqual(refused.map((event) => `${inWords(event)} ${event.requestURI}`), []);
  });

  it("asked for nothing beyond the generated roles", () => {
    const rules = manifests(1).filter(({ kind }) => kind === "ClusterRole" || kind === "Role").flatMap((role: Loose) => role.rules as Rule[]);
    const undeclared = new Set(hostRequests().filter((event) => event.objectRef !== undefined && !isGranted(rules, event)).map(inWords));
    assert.deepEqual([...undeclared], []);
  });

  it("asked for no path beyond resources but what tells it about the server", () => {
    const others = new Set(hostRequests().filter((event) => event.objectRef === undefined).map((event) => (event.requestURI.split("?")[0] ?? "")));
    assert.deepEqual([...others].filter((path) => !/^\/(version|api|apis|apis\/[^/]+\/[^/]+|api\/v1)$/.test(path)), []);
  });
});
