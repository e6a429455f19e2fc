/** 500 MyApps with no replicas: all are served, and a host that starts anew finds nothing to write. */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import type { Loose } from "../support/api-client.ts";
import { inWords } from "../support/audit.ts";
import { until } from "../support/wait.ts";
import { appSpec, createApp, difference, freshNamespace, paths } from "./apps.ts";
import { api, deployHost, hostPods, hostRequests, hostWrites, leader, podOf, signalHost } from "./host.ts";

const namespace = "many";
const COUNT = 500;

/** How many apps have a status of their present generation. One list, not 500 reads. */
async function served(): Promise<number> {
  const { items } = await api.must("GET", paths.myApp(namespace).slice(0, -1));
  return items.filter((app: Loose) => app.status?.observedGeneration === app.metadata.generation).length;
}

describe("500 MyApps", () => {
  before(async () => {
    await deployHost(1);
    await freshNamespace(namespace);
  });

  it("are all served", async () => {
    const startedMs = performance.now();
    const names = Array.from({ length: COUNT }, (_, index) => `app-${index}`);
    const left = names.values();
    const creator = async (): Promise<void> => {
      for (const name of left) await createApp(namespace, name, appSpec({ replicas: 0 }));
    };
    await Promise.all(Array.from({ length: 10 }, creator));
    await until("all have a status", async () => await served() === COUNT, { timeoutMs: 300_000, everyMs: 250 });
    console.log(`500 MyApps served ${((performance.now() - startedMs) / 1000).toFixed(1)} s after the first was made`);
    for (const name of names.filter((_, index) => index % 25 === 0)) assert.equal(await difference(namespace, name, false), undefined);
  });

  it("give a host that starts anew nothing to write", async () => {
    const old = await leader();
    const sinceMs = Date.now();
    await signalHost(old, "KILL");
    const restarted = await until("the host runs again", async () => (await hostPods()).find((pod) => pod.restarts > old.restarts), { timeoutMs: 60_000 });
    await leader();
    // It has listed all kinds and taken a pass over each app when it serves a new one.
    await createApp(namespace, "one-more", appSpec({ replicas: 0 }));
    await until("the new one is served", async () => await served() === COUNT + 1, { timeoutMs: 180_000 });
    assert.ok(hostRequests(sinceMs).some((event) => event.verb === "list" && podOf(event) === restarted.name));
    const writes = hostWrites(sinceMs).filter((event) => event.objectRef?.name !== "one-more" && event.objectRef?.resource !== "events");
    assert.deepEqual(writes.map(inWords), []);
  });
});
