/** The API server killed and restarted; watches cut, and history forgotten while they were. */
import { before, describe, it } from "node:test";
import assert from "node:assert/strict";
import { appSpec, childrenOf, converged, createApp, editApp, freshNamespace, paths } from "./apps.ts";
import { cut, heal } from "./cluster/cluster.ts";
import { compact, killApiServer, startApiServer } from "./cluster/control-plane.ts";
import { api, deployHost, hostPods, hostRequests, leader } from "./host.ts";
import { until } from "../support/wait.ts";

const namespace = "server";
const names = Array.from({ length: 10 }, (_, index) => `app-${index}`);
const none = { replicas: 0 };

describe("the API server", () => {
  before(async () => {
    await deployHost(1);
    await freshNamespace(namespace);
    for (const name of names) await createApp(namespace, name, appSpec(none));
    await converged(namespace, names);
  });

  it("may be killed in the middle of work, and restarted: the host goes on without a restart of its own", async () => {
    const [before] = await hostPods();
    // Not awaited one by one: the kill comes while the host is busy with them.
    await Promise.all(names.map((name) => editApp(namespace, name, { port: 9000 })));
    await killApiServer();
    await startApiServer();
    await converged(namespace, names);
    await editApp(namespace, "app-0", { port: 9001 });
    await converged(namespace, ["app-0"]);
    const [after] = await hostPods();
    assert.equal(after?.name, before?.name);
    assert.equal(after?.restarts, before?.restarts);
  });

  it("may forget history while the host can't see it: 410, and nothing is missed", async () => {
    const node = Number((await leader()).node.slice(1));
    await cut(node);
    try {
      for (const name of names) await editApp(namespace, name, { port: 9100 });
      await api.must("DELETE", paths.myApp(namespace, "app-9"));
      await createApp(namespace, "app-10", appSpec(none));
      await compact();
      await killApiServer(); // It would remember the events for a while.
      await startApiServer();
    } finally {
      await heal(node);
    }
    const healedAtMs = Date.now();
    const left = [...names.slice(0, 9), "app-10"];
    await converged(namespace, left, { timeoutMs: 120_000 });
    await until("the deleted app's children are gone", async () => {
      const { deployments, services } = await childrenOf(namespace);
      return deployments.join() === left.toSorted().join() && services.join() === left.toSorted().join();
    }, { timeoutMs: 60_000 });
    const relists = hostRequests(healedAtMs).filter((event) => event.verb === "list" && event.objectRef?.resource === "myapps");
    assert.ok(relists.length > 0, "the host went on from an old resourceVersion: history was not lost, and the test shows nothing");
  });
});
