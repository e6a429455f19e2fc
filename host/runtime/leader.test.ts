/** Leadership under a clock that the test moves: who may write, and when. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { JsonObject } from "../../bindings/protocol/types.ts";
import type { ApiRequest } from "../platform/platform.ts";
import { type Host, startHost } from "./host.ts";
import { Leader } from "./leader.ts";
import { SILENT } from "./log.ts";
import { NO_METRICS } from "./metrics.ts";
import { FakeApi } from "./testing/fake-api.ts";
import { FakeInformers } from "./testing/fake-informers.ts";
import { virtualTime, type VirtualTime } from "./testing/virtual-time.ts";
import { applyPod, jsCore, MANIFEST, NAMESPACE, pathOf } from "./testing/world.ts";

const LEASE = "/apis/coordination.k8s.io/v1/namespaces/ns/leases/lock";

function candidate(api: FakeApi, time: VirtualTime, identity: string) {
  const events: string[] = [];
  const cut = { off: false };
  const transport = {
    request: (request: ApiRequest) => (cut.off ? Promise.reject(new Error("cut off")) : api.request(request)),
    stream: api.stream.bind(api),
  };
  const leader = new Leader({
    namespace: "ns", name: "lock", identity, transport, platform: time.platform, metrics: NO_METRICS, log: SILENT,
    onGained: () => void events.push("gained"), onLost: () => void events.push("lost"),
  });
  leader.start();
  return { leader, events, cut };
}

describe("the Lease", () => {
  it("has one holder; another takes it only after it ran out, by its own clock", async () => {
    const [api, time] = [new FakeApi(), virtualTime()];
    const a = candidate(api, time, "a");
    await time.advance(1);
    const b = candidate(api, time, "b");
    await time.advance(60_000);
    assert.deepEqual([a.leader.writableMs() > 0, b.leader.writableMs()], [true, 0]);
    a.cut.off = true;
    await time.advance(10_000);
    assert.equal(a.leader.writableMs(), 0, "ten seconds without renewal: it writes no more");
    assert.equal(b.leader.writableMs(), 0, "and nobody else does yet");
    await time.advance(8_000);
    assert.deepEqual([a.events, b.events], [["gained", "lost"], ["gained"]]);
    assert.equal(((api.objects.get(LEASE)!["spec"]) as JsonObject)["leaseTransitions"], 1);
  });

  it("never lets two write at a time, whoever is cut off or paused when", async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const [api, time] = [new FakeApi(), virtualTime()];
      let state = seed * 7919;
      const random = (): number => ((state = (state * 48271) % 2147483647) / 2147483647);
      const all = ["a", "b", "c"].map((identity) => candidate(api, time, identity));
      for (let step = 0; step < 60; step++) {
        const one = all[Math.floor(random() * all.length)]!;
        one.cut.off = random() < 0.5;
        await time.advance(random() * 6_000);
        const writing = all.filter(({ leader }) => leader.writableMs() > 0).length;
        assert.ok(writing <= 1, `${writing} hosts may write at step ${step} (seed ${seed})`);
      }
      for (const { cut } of all) cut.off = false;
      await time.advance(60_000);
      assert.equal(all.filter(({ leader }) => leader.leading).length, 1, `somebody leads in the end (seed ${seed})`);
    }
  });

  it("allows no write to a process that was paused past the deadline, though no timer told it", async () => {
    const [api, time] = [new FakeApi(), virtualTime()];
    const { leader } = candidate(api, time, "a");
    await time.advance(1);
    assert.ok(leader.writableMs() > 0);
    time.freeze(12_000);
    assert.equal(leader.writableMs(), 0);
  });

  it("bounds a write to the time until others may take over", async () => {
    const [api, time] = [new FakeApi(), virtualTime()];
    const { leader } = candidate(api, time, "a");
    await time.advance(1);
    time.freeze(9_000);
    assert.ok(leader.writableMs() <= 6_000);
  });

  it("is given back on stopping", async () => {
    const [api, time] = [new FakeApi(), virtualTime()];
    const a = candidate(api, time, "a");
    await time.advance(1);
    const b = candidate(api, time, "b");
    await time.advance(5_000);
    await a.leader.stop();
    await time.advance(3_000);
    assert.deepEqual(b.events, ["gained"]);
  });
});

describe("a standby", () => {
  function host(api: FakeApi, time: VirtualTime, identity: string): { host: Host; informers: FakeInformers; cut: { off: boolean } } {
    const informers = new FakeInformers(api);
    const cut = { off: false };
    const transport = { request: (request: ApiRequest) => (cut.off ? new Promise<never>(() => undefined) : api.request({ ...request, accept: identity })), stream: api.stream.bind(api) };
    const core = jsCore(MANIFEST, ({ owned, primary }) => ({ actions: owned.length === 0 ? [{ ...applyPod(`${primary.metadata.name}-${identity}`), type: "create" as const } as never] : [] }));
    return { host: startHost({ cores: [{ core }], transport, informers, platform: time.platform, lease: { namespace: "ns", name: "lock", identity }, events: false }), informers, cut };
  }
  const pods = (api: FakeApi): string[] => [...api.objects.keys()].filter((path) => path.includes("/pods/"));

  it("writes nothing, and on taking over first waits until its caches are as new as a quorum", async () => {
    const [api, time] = [new FakeApi(), virtualTime()];
    const first = host(api, time, "first");
    await time.advance(10);
    const second = host(api, time, "second");
    second.informers.hold("Pod");
    await time.advance(3_000);
    api.put(pathOf("dishes", "d"), { apiVersion: "example.dev/v1", kind: "Dish", metadata: { name: "d", namespace: NAMESPACE }, spec: {} });
    await time.advance(1_000);
    assert.deepEqual(pods(api), [pathOf("pods", "d-first")]);
    assert.deepEqual([first.host.health().leading, second.host.health().leading, second.host.health().ready], [true, false, true]);
    first.cut.off = true;
    await time.advance(30_000);
    assert.deepEqual(pods(api), [pathOf("pods", "d-first")], "the new leader does not see the Pod yet: it must not act");
    assert.equal(second.host.health().leading, false);
    second.informers.release("Pod");
    await time.advance(5_000);
    assert.equal(second.host.health().leading, true);
    assert.deepEqual(pods(api), [pathOf("pods", "d-first")]);
  });

  it("sends no write after the deadline, even from the middle of a pass", async () => {
    const [api, time] = [new FakeApi(), virtualTime()];
    const only = host(api, time, "only");
    await time.advance(3_000);
    assert.equal(only.host.health().leading, true);
    time.freeze(11_000);
    api.put(pathOf("dishes", "d"), { apiVersion: "example.dev/v1", kind: "Dish", metadata: { name: "d", namespace: NAMESPACE }, spec: {} });
    // The pass runs in the first turn after the pause, before any timer of the Lease.
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(pods(api), []);
    await only.host.stop();
  });
});
