/**
 * What the host guarantees around a core (DESIGN.md, numbers 3 to 7; 8 is in least-privilege.test.ts), each shown on a small cluster in memory whose
 * caches lag as much as the test wants. Every one of these fails when its guarantee is taken out.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Action, JsonObject, Observed, Question } from "../../bindings/protocol/types.ts";
import { applyPod, NAMESPACE, pathOf, world } from "./testing/world.ts";
import { APPLY_PATCH } from "./writer.ts";

const pod = (name: string): string => pathOf("pods", name);
const names = (objects: readonly { metadata: { name: string } }[]): string[] => objects.map(({ metadata }) => metadata.name);
const uidOf = (observed: Observed, name: string): string => observed.owned.find(({ metadata }) => metadata.name === name)!.metadata.uid!;
const answered = (seen: readonly Observed[], id: string): unknown => (seen.at(-1)!.answers[id] as { value?: unknown }).value;
const removal = (observed: Observed, name: string): Action =>
  ({ type: "delete", stage: 0, reason: "", target: { apiVersion: "v1", kind: "Pod", name }, uid: uidOf(observed, name) });

describe("3: reads are dependencies", () => {
  const get: Question = { type: "get", id: "get recipe", target: { apiVersion: "v1", kind: "Recipe", namespace: NAMESPACE, name: "soup" } };
  const list: Question = { type: "list", id: "list hot", apiVersion: "v1", kind: "Recipe", namespace: NAMESPACE, selector: "taste in (hot,mild)" };
  const recipe = (name: string, labels: JsonObject, spec: JsonObject): JsonObject => ({ apiVersion: "v1", kind: "Recipe", metadata: { name, namespace: NAMESPACE, labels }, spec });

  it("re-queues when an object that was asked for changes, and only then", async () => {
    const w = world((observed) => (observed.answers[get.id] === undefined ? { questions: [get] } : {}));
    w.dish("a");
    await w.time.settle();
    assert.deepEqual(w.seen.at(-1)!.answers[get.id], { state: "absent" });
    w.api.put(pathOf("recipes", "soup"), recipe("soup", {}, { salt: 1 }));
    await w.time.settle();
    assert.equal((answered(w.seen, get.id) as { spec: JsonObject }).spec["salt"], 1);
    const passes = w.seen.length;
    w.api.put(pathOf("recipes", "stew"), recipe("stew", {}, {}));
    await w.time.settle();
    assert.equal(w.seen.length, passes, "a recipe that nobody read");
  });

  it("re-queues when an object joins, changes in, or leaves a list", async () => {
    const w = world((observed) => (observed.answers[list.id] === undefined ? { questions: [list] } : {}));
    w.dish("a");
    await w.time.settle();
    const listed = (): string[] => names(answered(w.seen, list.id) as { metadata: { name: string } }[]);
    assert.deepEqual(listed(), []);
    w.api.put(pathOf("recipes", "curry"), recipe("curry", { taste: "hot" }, {}));
    await w.time.settle();
    assert.deepEqual(listed(), ["curry"]);
    w.api.change(pathOf("recipes", "curry"), { metadata: { labels: { taste: "sour" } } });
    await w.time.settle();
    assert.deepEqual(listed(), []);
    const passes = w.seen.length;
    w.api.change(pathOf("recipes", "curry"), { spec: { x: 1 } });
    await w.time.settle();
    assert.equal(w.seen.length, passes, "it isn't in the list any more");
  });

  it("re-queues the primary when what it owns changes by hand, or is taken away", async () => {
    const w = world(() => ({ actions: [applyPod("p")] }));
    w.dish("a");
    await w.time.settle();
    w.api.change(pod("p"), { spec: { image: "by hand" } });
    await w.time.settle();
    assert.equal((w.api.objects.get(pod("p"))!["spec"] as JsonObject)["image"], "x", "drift is repaired");
    w.api.remove(pod("p"));
    await w.time.settle();
    assert.ok(w.api.objects.has(pod("p")), "and so is a deletion");
  });
});

describe("4: own writes are seen", () => {
  /** One Pod more each pass, until there are three: counts what it sees. */
  const oneMore = (observed: Observed): { actions: Action[] } =>
    ({ actions: observed.owned.length < 3 ? [{ ...applyPod(`p${observed.now.replace(/\D/g, "")}`), type: "create" } as Action] : [] });

  it("makes no decision before the cache shows what the last pass wrote", async () => {
    const w = world((observed) => ({ ...oneMore(observed), requeueAfterMs: 10 }));
    w.informers.watch({ apiVersion: "v1", kind: "Pod", plural: "pods", namespaced: true });
    w.informers.hold("Pod");
    w.dish("a");
    await w.time.advance(1000);
    assert.equal(w.writes().length, 1, "one Pod, and nothing more until it is seen");
    w.informers.release("Pod");
    await w.time.advance(1000);
    assert.equal([...w.api.objects.keys()].filter((path) => path.includes("/pods/")).length, 3);
  });

  it("waits until a deleted object is gone from the cache", async () => {
    const w = world((observed) => ({ actions: observed.owned.length > 2 ? [removal(observed, observed.owned[0]!.metadata.name)] : [], requeueAfterMs: 10 }));
    const { metadata } = w.dish("a") as unknown as { metadata: { uid: string } };
    for (const name of ["p0", "p1", "p2"]) {
      w.api.put(pod(name), { apiVersion: "v1", kind: "Pod", metadata: { name, namespace: NAMESPACE, ownerReferences: [{ uid: metadata.uid, kind: "Dish", name: "a", controller: true }] }, spec: {} });
    }
    w.informers.hold("Pod");
    await w.time.advance(1000);
    assert.deepEqual(w.writes(), [`DELETE ${pod("p0")}`]);
    assert.equal(w.seen.length, 2, "decided, and confirmed; then nothing until it is seen");
    w.informers.release("Pod");
    await w.time.advance(1000);
    assert.deepEqual(w.writes(), [`DELETE ${pod("p0")}`], "two are left, which is enough");
  });

  it("settles a write whose answer was lost by a quorum read, before anything else", async () => {
    const w = world((observed) => ({ ...oneMore(observed), requeueAfterMs: 10 }));
    w.informers.hold("Pod");
    let lost = false;
    w.api.fault = (request) => (request.method === "POST" && !lost ? ((lost = true), "lost-after") : undefined);
    w.dish("a");
    await w.time.advance(5000);
    assert.ok(w.informers.reads.some((read) => read.startsWith(`Pod ${NAMESPACE}/p`)), "it was read anew");
    assert.equal(w.writes().length, 1, "and the cache, which doesn't show it, decided nothing");
    w.informers.release("Pod");
    await w.time.advance(5000);
    assert.equal([...w.api.objects.keys()].filter((path) => path.includes("/pods/")).length, 3);
  });

  it("has a watch that stays behind connect again", async () => {
    const w = world((observed) => ({ ...oneMore(observed), requeueAfterMs: 10 }));
    w.informers.hold("Pod");
    w.dish("a");
    await w.time.advance(25_000);
    assert.equal(w.informers.store("Pod").reconnects.length, 2, "after 10 and 20 s");
  });
});

describe("5: destruction is confirmed", () => {
  it("recomputes from fresh reads, and executes what comes of it", async () => {
    // The cache still shows the recipe that calls for fewer Pods.
    const question: Question = { type: "get", id: "r", target: { apiVersion: "v1", kind: "Recipe", name: "r" } };
    const w = world((observed) => {
      const answer = observed.answers["r"];
      if (answer === undefined) return { questions: [question] };
      const wanted = answer.state === "value" ? ((answer.value as JsonObject)["spec"] as JsonObject)["pods"] as number : 0;
      return { actions: observed.owned.slice(wanted).map(({ metadata }) => removal(observed, metadata.name)) };
    }, { start: false });
    w.api.put(pathOf("recipes", "r"), { apiVersion: "v1", kind: "Recipe", metadata: { name: "r", namespace: NAMESPACE }, spec: { pods: 1 } });
    const { metadata } = w.dish("a") as unknown as { metadata: { uid: string } };
    for (const name of ["p0", "p1"]) {
      w.api.put(pod(name), { apiVersion: "v1", kind: "Pod", metadata: { name, namespace: NAMESPACE, ownerReferences: [{ uid: metadata.uid, kind: "Dish", name: "a", controller: true }] }, spec: {} });
    }
    w.informers.hold("Recipe");
    w.api.change(pathOf("recipes", "r"), { spec: { pods: 2 } });
    w.operator.start();
    await w.time.settle();
    assert.deepEqual(w.writes(), [], "both Pods are wanted, as a quorum read tells");
    assert.ok(w.informers.reads.includes(`Recipe ${NAMESPACE}/r`) && w.informers.reads.includes("Pod list") && w.informers.reads.includes(`Dish ${NAMESPACE}/a`));
    const [fromCache, fresh] = w.seen.slice(-2);
    assert.equal(fresh!.now, fromCache!.now, "the clock stood still");
    assert.deepEqual(w.recorded.map((plan) => (JSON.parse(plan) as { actions: [] }).actions.length), [0], "what is recorded is what was executed");
  });

  it("leaves the objects of a recreated primary alone", async () => {
    const w = world((observed) => ({ actions: observed.owned.map(({ metadata }) => removal(observed, metadata.name)) }), { start: false });
    const { metadata } = w.dish("a") as unknown as { metadata: { uid: string } };
    w.api.put(pod("p"), { apiVersion: "v1", kind: "Pod", metadata: { name: "p", namespace: NAMESPACE, ownerReferences: [{ uid: metadata.uid, kind: "Dish", name: "a", controller: true }] }, spec: {} });
    w.informers.hold("Dish");
    w.api.remove(pathOf("dishes", "a"));
    w.dish("a");
    w.operator.start();
    await w.time.settle();
    assert.deepEqual(w.writes(), []);
    assert.equal(w.seen.length, 1, "a fresh read shows another object: there is nothing to confirm");
  });
});

describe("6: preconditions", () => {
  it("puts uid and resourceVersion on patches, deletes and evictions", async () => {
    const w = world((observed) => ({
      actions: observed.owned.flatMap((object): Action[] => {
        const target = { apiVersion: "v1", kind: "Pod", name: object.metadata.name };
        const uid = object.metadata.uid!;
        if (object.metadata.name === "patched") return [{ type: "patch", stage: 0, reason: "", target, uid, patch: { spec: { x: 1 } } }];
        return [{ type: object.metadata.name === "evicted" ? "evict" : "delete", stage: 0, reason: "", target, uid }];
      }),
    }), { start: false });
    const { metadata } = w.dish("a") as unknown as { metadata: { uid: string } };
    for (const name of ["deleted", "evicted", "patched"]) {
      w.api.put(pod(name), { apiVersion: "v1", kind: "Pod", metadata: { name, namespace: NAMESPACE, ownerReferences: [{ uid: metadata.uid, kind: "Dish", name: "a", controller: true }] }, spec: {} });
    }
    const versions = new Map([...w.api.objects].map(([path, object]) => [path, object["metadata"] as JsonObject]));
    w.operator.start();
    await w.time.settle();
    const bodyOf = (method: string, path: string): JsonObject => JSON.parse(w.api.writes.find((write) => write.method === method && write.path.startsWith(path))!.body!) as JsonObject;
    const expected = (name: string): JsonObject => ({ uid: versions.get(pod(name))!["uid"]!, resourceVersion: versions.get(pod(name))!["resourceVersion"]! });
    assert.deepEqual(bodyOf("DELETE", pod("deleted"))["preconditions"], expected("deleted"));
    assert.deepEqual((bodyOf("POST", `${pod("evicted")}/eviction`)["deleteOptions"] as JsonObject)["preconditions"], expected("evicted"));
    assert.deepEqual(bodyOf("PATCH", pod("patched"))["metadata"], expected("patched"));
  });

  it("never creates anew what it saw, and never touches what it did not see", async () => {
    const w = world(() => ({ actions: [applyPod("p")] }));
    w.dish("a");
    await w.time.settle();
    assert.equal(w.writes()[0], `POST ${pod("p")}`, "an apply of what wasn't there only creates");
    w.api.change(pod("p"), { spec: { image: "y" } });
    await w.time.settle();
    const patches = w.api.writes.filter(({ path }) => path.startsWith(pod("p"))).map(({ body }) => (JSON.parse(body!) as { metadata: JsonObject }).metadata);
    assert.equal(patches.length, 2, "taken over, and applied");
    for (const { uid } of patches) assert.equal(uid, (w.api.objects.get(pod("p"))!["metadata"] as JsonObject)["uid"]);
  });

  it("does not take over an object that somebody else made in between", async () => {
    const w = world(() => ({ actions: [applyPod("p")] }));
    w.informers.hold("Pod");
    w.api.put(pod("p"), { apiVersion: "v1", kind: "Pod", metadata: { name: "p", namespace: NAMESPACE }, spec: { image: "theirs" } });
    w.dish("a");
    await w.time.settle();
    assert.equal((w.api.objects.get(pod("p"))!["spec"] as JsonObject)["image"], "theirs");
  });
});

describe("7: zero writes at rest", () => {
  const core = (observed: Observed) => ({
    actions: [applyPod("p")], status: { phase: "Ready", count: observed.owned.length, conditions: [{ type: "Ready", status: "True", reason: "Up", message: "" }] },
  });

  it("needs one request for each object and one for the status, and none after", async () => {
    const w = world(core);
    w.dish("a");
    await w.time.advance(600_000);
    assert.deepEqual(w.writes(), [`POST ${pod("p")}`, `PATCH ${pathOf("dishes", "a")}/status`, `PATCH ${pathOf("dishes", "a")}/status`]);
    const transition = (w.status("a")["conditions"] as JsonObject[])[0]!["lastTransitionTime"];
    w.api.change(pathOf("dishes", "a"), { spec: { touched: true } });
    await w.time.advance(600_000);
    assert.equal(w.writes().length, 3);
    assert.equal((w.status("a")["conditions"] as JsonObject[])[0]!["lastTransitionTime"], transition);
  });

  it("writes nothing when it starts on what another process left", async () => {
    const first = world(core);
    first.dish("a");
    await first.time.settle();
    await first.operator.stop();
    const before = first.writes().length;
    const second = world(core, { api: first.api });
    await second.time.advance(60_000);
    assert.equal(second.seen.length, 1);
    assert.equal(second.writes().length, before);
  });

  it("takes back a field that it no longer wants", async () => {
    let spec: JsonObject = { image: "x", extra: 1 };
    const w = world(() => ({ actions: [applyPod("p", spec)] }));
    w.dish("a");
    await w.time.settle();
    spec = { image: "x" };
    w.api.change(pathOf("dishes", "a"), { spec: { again: 1 } });
    await w.time.settle();
    assert.deepEqual(w.api.objects.get(pod("p"))!["spec"], { image: "x" });
  });

  it("backs off from an apply that is undone again and again, and says so", async () => {
    const w = world(() => ({ actions: [applyPod("p")] }));
    w.api.listeners.add(({ path, after }) => {
      if (path === pod("p") && (after?.["spec"] as JsonObject)["image"] === "x") queueMicrotask(() => w.api.change(pod("p"), { spec: { image: "theirs" } }));
    });
    w.dish("a");
    await w.time.advance(60_000);
    const applies = w.writes().filter((write) => write === `PATCH ${pod("p")}`).length;
    assert.ok(applies >= 4 && applies <= 12, `${applies} applies in a minute`);
    assert.equal((w.status("a")["conditions"] as JsonObject[])[0]!["reason"], "Contested");
  });

  it("sends an apply that the server makes nothing of only once", async () => {
    // A default that only the server knows: it fills in what we leave empty.
    const w = world(() => ({ actions: [applyPod("p", { image: "x", list: [] })] }));
    w.dish("a");
    await w.time.settle();
    w.api.put(pod("p"), { ...w.api.objects.get(pod("p"))!, spec: { image: "x", list: ["filled"] } });
    const same = w.api.request.bind(w.api);
    w.api.request = async (request) => {
      if (!request.path.startsWith(pod("p")) || request.contentType !== APPLY_PATCH) return same(request);
      w.api.writes.push(request);
      return { status: 200, headers: {}, body: new TextEncoder().encode(JSON.stringify(w.api.objects.get(pod("p")))) };
    };
    for (let round = 0; round < 5; round++) {
      // A heartbeat: another version of the same wishes.
      w.api.change(pod("p"), { status: { round } });
      await w.time.advance(120_000);
    }
    const applies = w.api.writes.filter(({ contentType }) => contentType === APPLY_PATCH);
    assert.equal(applies.length, 2, "applied when taken over, tried once more, and remembered");
  });
});
