/** Two hosts, one leads: the leader is killed, cut off, and paused. The other takes over, and the old one writes nothing afterwards. */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { inWords, isWrite } from "../support/audit.ts";
import { until } from "../support/wait.ts";
import { appSpec, converged, createApp, editApp, freshNamespace } from "./apps.ts";
import { cut, heal } from "./cluster/cluster.ts";
import { deployHost, hostPods, hostRequests, leader, podOf, signalHost, type HostPod } from "./host.ts";

const namespace = "leader";
const names = Array.from({ length: 20 }, (_, index) => `app-${index}`);
let port = 2000;

/** Edits every app, so that whoever believes to be leader has something to write. */
async function editAll(): Promise<void> {
  port++;
  await Promise.all(names.map((name) => editApp(namespace, name, { port })));
}

/** When the new leader got the Lease, by the API server's own clock. */
function takeoverMs(pod: HostPod, sinceMs: number): number {
  const got = hostRequests(sinceMs).find((event) => podOf(event) === pod.name && isWrite(event) && event.objectRef?.resource === "leases" && (event.responseStatus?.code ?? 500) < 300);
  assert.ok(got, `the log has no request by which ${pod.name} got the Lease`);
  return Date.parse(got.stageTimestamp);
}

/** Everything the old leader tried to write once the new one had the Lease. */
function lateWrites(old: HostPod, fromMs: number): string[] {
  return hostRequests(fromMs).filter((event) => podOf(event) === old.name && isWrite(event) && event.objectRef?.resource !== "leases")
    .map((event) => `${event.requestReceivedTimestamp} ${inWords(event)}`);
}

/** Harms the leader while apps change; the other must finish the work; then the old one comes back. */
async function takeOver(harm: (old: HostPod) => Promise<void>, mend: (old: HostPod) => Promise<void>): Promise<void> {
  const old = await leader();
  const sinceMs = Date.now();
  await editAll();
  await harm(old);
  let next: HostPod;
  try {
    await editAll();
    next = await leader(old);
    await converged(namespace, names, { timeoutMs: 60_000 });
  } finally {
    await mend(old);
  }
  const fromMs = takeoverMs(next, sinceMs);
  // The old one is back, and has had every chance to write: it has asked the API server for something.
  await until("the old leader is back", () => hostRequests(Date.now() - 10_000).some((event) => podOf(event) === old.name), { timeoutMs: 90_000, everyMs: 500 });
  await editAll();
  await converged(namespace, names, { timeoutMs: 60_000 });
  assert.deepEqual(lateWrites(old, fromMs), []);
}

describe("two hosts", () => {
  before(async () => {
    await deployHost(2);
    await freshNamespace(namespace);
    for (const name of names) await createApp(namespace, name, appSpec({ replicas: 0 }));
    await converged(namespace, names);
  });

  it("the leader is killed", async () => {
    const old = await leader();
    await editAll();
    await signalHost(old, "KILL");
    await editAll();
    await converged(namespace, names, { timeoutMs: 90_000 });
    await until("both run again", async () => (await hostPods()).length === 2, { timeoutMs: 60_000 });
  });

  it("the leader is cut off", () => takeOver((old) => cut(Number(old.node.slice(1))), (old) => heal(Number(old.node.slice(1)))));

  it("the leader is paused, and wakes up believing that it leads", () => takeOver((old) => signalHost(old, "STOP"), (old) => signalHost(old, "CONT")));
});
