/** What becomes of a plan: stages, failures and what is said of them, finalizers, Secrets' values, Events. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Action, JsonObject, KubeObject, Plan } from "../../bindings/protocol/types.ts";
import { applyPod, MANIFEST, NAMESPACE, pathOf, world } from "./testing/world.ts";

const stalled = (status: JsonObject): JsonObject | undefined => ((status["conditions"] ?? []) as JsonObject[]).find(({ type }) => type === "Stalled");

describe("stages", () => {
  it("run in order, and a failure abandons what was not begun", async () => {
    const w = world(() => ({ actions: [applyPod("late", {}, { stage: 2 }), applyPod("a", {}, { stage: 1 }), applyPod("b", {}, { stage: 1 })] }));
    w.api.fault = ({ body }) => (body?.includes('"name":"a"') === true ? { status: 403, reason: "Forbidden" } : undefined);
    w.dish("d");
    await w.time.settle();
    assert.deepEqual(w.writes().filter((write) => write.includes("/pods/")), [`POST ${pathOf("pods", "a")}`]);
    w.api.fault = () => undefined;
    await w.time.advance(10_000);
    assert.deepEqual(w.seen[1]!.lastResults.map(({ outcome, message }) => [outcome, message]), [
      ["failed", "injected Forbidden"], ["abandoned", "apply Pod a did not happen"], ["abandoned", "apply Pod a did not happen"],
    ]);
    assert.deepEqual(w.seen.at(-1)!.lastResults.map(({ action: { name }, outcome }) => [name, outcome]), [["a", "done"], ["b", "done"], ["late", "done"]]);
    assert.ok(w.api.objects.has(pathOf("pods", "late")));
  });

  it("ask once, where a quota refuses them all", async () => {
    const w = world(() => ({ actions: Array.from({ length: 50 }, (_, index) => applyPod(`p${index}`)) }));
    w.api.fault = ({ path }) => (path.includes("/pods") ? { status: 403, reason: "Forbidden" } : undefined);
    w.dish("d");
    await w.time.settle();
    assert.deepEqual(w.writes().filter((write) => write.includes("/pods/")), [`POST ${pathOf("pods", "p0")}`]);
  });

  it("begin with one that is sent, and widen as they succeed", async () => {
    let count = 3;
    const w = world(() => ({ actions: Array.from({ length: count }, (_, index) => applyPod(`p${index}`)) }));
    w.dish("d");
    await w.time.settle();
    const rounds: number[] = [];
    const request = w.api.request.bind(w.api);
    let open: (() => void)[] = [];
    w.api.request = async (given) => {
      await new Promise<void>((resolve) => open.push(resolve));
      return request(given);
    };
    count = 12;
    w.api.change(pathOf("dishes", "d"), { spec: { x: 1 } });
    for (await w.time.settle(); open.length > 0; await w.time.settle()) {
      rounds.push(open.length);
      for (const resolve of open.splice(0)) resolve();
    }
    assert.deepEqual(rounds, [1, 2, 4, 2], "the three that were there already were skipped");
  });

  it("begin with their latches, one after the other", async () => {
    const latch = (status: JsonObject): Action => ({ type: "latch", stage: 0, reason: "", status });
    const w = world(({ primary }) => (primary["status"] === undefined ? { actions: [applyPod("p"), latch({ phase: "A" }), latch({ count: 1 }), latch({ count: 2 })] } : {}));
    w.dish("d");
    await w.time.settle();
    const status = `PATCH ${pathOf("dishes", "d")}/status`;
    assert.deepEqual(w.writes(), [status, status, status, `POST ${pathOf("pods", "p")}`]);
    assert.deepEqual(w.status("d"), { phase: "A", count: 2 });
  });

  it("let an adoption happen although an apply before it waits for it", async () => {
    const w = world(({ strays }) => ({
      actions: [applyPod("p"), ...strays.map((stray): Action => ({ type: "adopt", stage: 0, reason: "", target: { apiVersion: "v1", kind: "Pod", name: "p" }, uid: stray.metadata.uid! })), applyPod("late", {}, { stage: 1 })],
    }));
    w.api.put(pathOf("pods", "p"), { apiVersion: "v1", kind: "Pod", metadata: { name: "p", namespace: NAMESPACE }, spec: { image: "theirs" } });
    w.dish("d");
    await w.time.settle();
    const results = w.seen.find(({ strays, lastResults }) => strays.length === 0 && lastResults.length > 0)!.lastResults;
    assert.deepEqual(results.map(({ outcome }) => outcome).slice(0, 3), ["abandoned", "done", "abandoned"]);
    assert.ok(w.api.objects.has(pathOf("pods", "late")));
  });

  it("end when the host stops, and stopping waits for the one under way", async () => {
    const w = world(() => ({ actions: [applyPod("a"), applyPod("b", {}, { stage: 1 })] }));
    const request = w.api.request.bind(w.api);
    let open = (): void => undefined;
    w.api.request = async (given) => {
      await new Promise<void>((resolve) => (open = resolve));
      return request(given);
    };
    w.dish("d");
    await w.time.settle();
    let ended = false;
    const stopping = w.operator.stop().then(() => (ended = true));
    await w.time.settle();
    assert.equal(ended, false);
    open();
    await stopping;
    assert.deepEqual(w.writes(), [`POST ${pathOf("pods", "a")}`]);
  });
});

describe("Stalled", () => {
  it("tells why a core failed, is written once, and goes when all is well", async () => {
    let well = false;
    const w = world(() => {
      if (!well) throw new Error("abort: index out of range (reconcile.ts:7)");
      return { status: { phase: "Ready" } };
    });
    w.dish("d");
    await w.time.advance(300_000);
    assert.deepEqual(w.writes(), [`PATCH ${pathOf("dishes", "d")}/status`]);
    assert.match(String(stalled(w.status("d"))!["message"]), /reconcile.ts:7/);
    well = true;
    w.api.change(pathOf("dishes", "d"), { spec: { fixed: true } });
    await w.time.settle();
    assert.deepEqual([w.status("d")["phase"], stalled(w.status("d"))], ["Ready", undefined]);
  });

  it("keeps the conditions that the core wrote, and isn't the core's to write", async () => {
    let fail = false;
    const w = world(() => {
      if (fail) throw new Error("no");
      return { status: { conditions: [{ type: "Ready", status: "True" }, { type: "Stalled", status: "True", reason: "Mine" }] as JsonObject[] } };
    });
    w.dish("d");
    await w.time.settle();
    assert.deepEqual((w.status("d")["conditions"] as JsonObject[]).map(({ type }) => type), ["Ready"]);
    fail = true;
    w.api.change(pathOf("dishes", "d"), { spec: { x: 1 } });
    await w.time.settle();
    assert.deepEqual((w.status("d")["conditions"] as JsonObject[]).map(({ type }) => type), ["Ready", "Stalled"]);
  });

  it("says what a plan without a status was refused or blocked for, once, and what a plan with one says is left alone", async () => {
    let answer: Partial<Plan> = { verdict: "refused", reason: "InvalidObject", message: "primary.spec.port: expected integer, found string" };
    const w = world(() => answer);
    w.dish("d");
    await w.time.advance(60_000);
    assert.deepEqual(w.writes(), [`PATCH ${pathOf("dishes", "d")}/status`]);
    const { reason, message } = stalled(w.status("d")) ?? {};
    assert.deepEqual([reason, message], ["InvalidObject", "primary.spec.port: expected integer, found string"]);
    assert.deepEqual(w.logs.filter(({ level }) => level === "warn").map(({ fields }) => fields["reason"]), ["InvalidObject"]);

    answer = { verdict: "blocked", message: "somebody has to look", status: { phase: "Waiting" } };
    w.api.change(pathOf("dishes", "d"), { spec: { x: 1 } });
    await w.time.settle();
    assert.deepEqual([w.status("d")["phase"], stalled(w.status("d"))], ["Waiting", undefined]);
    answer = { verdict: "blocked", message: "somebody has to look" };
    w.api.change(pathOf("dishes", "d"), { spec: { x: 2 } });
    await w.time.settle();
    assert.deepEqual([w.status("d")["phase"], stalled(w.status("d"))!["reason"]], ["Waiting", "Blocked"]);
  });

  it("says nothing of a conflict that goes away", async () => {
    let times = 2;
    const w = world(() => ({ actions: [applyPod("p")] }));
    w.api.fault = ({ method }) => (method === "PATCH" && times-- > 0 ? { status: 409, reason: "Conflict" } : undefined);
    w.dish("d");
    await w.time.advance(10_000);
    assert.ok(w.api.objects.has(pathOf("pods", "p")));
    assert.deepEqual(w.writes().filter((write) => write.endsWith("/status")), []);
  });

  it("of one object leaves the others alone", async () => {
    const w = world(({ primary }) => {
      if (primary.metadata.name === "bad") throw new Error("poison");
      return { actions: [applyPod(`p-${primary.metadata.name}`)] };
    });
    for (const name of ["bad", "x", "y"]) w.dish(name);
    await w.time.advance(5_000);
    assert.ok(w.api.objects.has(pathOf("pods", "p-x")) && w.api.objects.has(pathOf("pods", "p-y")));
    const bad = w.seen.filter(({ primary }) => primary.metadata.name === "bad").length;
    assert.ok(bad >= 3 && bad < 12, `${bad} tries in 5 s`);
  });
});

describe("status", () => {
  it("is patched where it differs; what is wanted no more goes; the latched stays", async () => {
    let status: JsonObject = { phase: "A", count: 1 };
    const w = world(() => ({ status, actions: status["phase"] === "C" ? [{ type: "latch", stage: 0, reason: "", status: { count: 7 } }] : [] }));
    w.dish("d");
    await w.time.settle();
    status = { phase: "B" };
    w.api.change(pathOf("dishes", "d"), { spec: { x: 1 } });
    await w.time.settle();
    assert.deepEqual(JSON.parse(w.api.writes.at(-1)!.body!).status, { phase: "B", count: null });
    status = { phase: "C" };
    w.api.change(pathOf("dishes", "d"), { spec: { x: 2 } });
    await w.time.settle();
    assert.deepEqual(w.status("d"), { phase: "C", count: 7 });
  });
});

describe("the finalizer", () => {
  it("comes before the first action, and goes when the core says that all is done - confirmed", async () => {
    const w = world(({ primary, owned }) => {
      if (primary.metadata.deletionTimestamp === undefined) return { actions: [applyPod("p")] };
      if (owned.length === 0) return { verdict: "finalized" };
      return { verdict: "progressing", actions: [{ type: "delete", stage: 0, reason: "", target: { apiVersion: "v1", kind: "Pod", name: "p" }, uid: owned[0]!.metadata.uid! }] };
    }, { manifest: { finalizer: true } });
    w.dish("d");
    await w.time.settle();
    assert.deepEqual(w.writes().slice(0, 2), [`PATCH ${pathOf("dishes", "d")}`, `POST ${pathOf("pods", "p")}`]);
    w.api.change(pathOf("dishes", "d"), { metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" } });
    await w.time.settle();
    assert.deepEqual([...w.api.objects.keys()], []);
    assert.ok(w.informers.reads.filter((read) => read === "Pod list").length >= 2, "both the deletion and the last farewell were confirmed");
  });

  it("that isn't ours means that the object is left to the garbage collector", async () => {
    const w = world(() => ({ actions: [applyPod("p")] }));
    w.api.put(pathOf("dishes", "d"), { apiVersion: "example.dev/v1", kind: "Dish", metadata: { name: "d", namespace: NAMESPACE, finalizers: ["other"], deletionTimestamp: "2026-01-01T00:00:00Z" } });
    await w.time.settle();
    assert.deepEqual([w.writes(), w.seen], [[], []]);
  });
});

describe("Secrets", () => {
  const manifest = { owns: [...MANIFEST.owns, { ...MANIFEST.owns[0]!, kind: "Secret", plural: "secrets" }], reads: MANIFEST.reads.filter(({ kind }) => kind !== "Secret") };
  const secret = (from: string): Action => ({
    type: "apply", stage: 0, reason: "",
    object: {
      apiVersion: "v1", kind: "Secret", metadata: { name: "mine" },
      data: { copy: `{"$fromSecret":{"name":"${from}","key":"k"}}`, drawn: '{"$generate":{"length":20}}', plain: "cGxhaW4=" },
    } as unknown as KubeObject,
  });

  it("get their values outside the core, keep what was drawn, and rest", async () => {
    const w = world(() => ({ actions: [secret("theirs")] }), { manifest });
    w.api.put(pathOf("secrets", "theirs"), { apiVersion: "v1", kind: "Secret", metadata: { name: "theirs", namespace: NAMESPACE }, data: { k: "dmFsdWU=" } });
    w.dish("d");
    await w.time.settle();
    const data = (): JsonObject => w.api.objects.get(pathOf("secrets", "mine"))!["data"] as JsonObject;
    const first = data();
    assert.deepEqual([first["copy"], first["plain"]], ["dmFsdWU=", "cGxhaW4="]);
    assert.match(Buffer.from(first["drawn"] as string, "base64").toString(), /^[A-Za-z0-9]{20}$/);
    const writes = w.writes().length;
    w.api.change(pathOf("dishes", "d"), { spec: { x: 1 } });
    await w.time.settle();
    assert.equal(w.writes().length, writes);
    assert.deepEqual(data(), first);
    assert.ok(!w.recorded.join().includes("dmFsdWU="), "no plan holds the value");
  });

  it("that are missing fail the action in words", async () => {
    const w = world(() => ({ actions: [secret("nowhere")] }), { manifest });
    w.dish("d");
    await w.time.settle();
    assert.equal(w.api.objects.has(pathOf("secrets", "mine")), false);
    assert.equal(stalled(w.status("d"))!["reason"], "NotFound");
  });
});

describe("Events", () => {
  const events = (w: ReturnType<typeof world>): JsonObject[] => w.api.writes.filter(({ path }) => path.includes("/events")).map(({ body }) => JSON.parse(body!) as JsonObject);

  it("come from executed actions and changed verdicts, and not from resting", async () => {
    let verdict: "settled" | "blocked" = "settled";
    const w = world(() => ({ verdict, reason: verdict === "blocked" ? "QuorumLost" : "", message: "m", actions: [applyPod("p", {}, { reason: "Scaled" })] }), { options: { events: true } });
    w.dish("d");
    await w.time.settle();
    assert.deepEqual(events(w).map(({ reason, note, type }) => [reason, note, type]), [["Scaled", "apply Pod p (Scaled): m", "Normal"]]);
    w.api.change(pathOf("dishes", "d"), { spec: { x: 1 } });
    await w.time.settle();
    assert.equal(events(w).length, 1);
    verdict = "blocked";
    w.api.change(pathOf("dishes", "d"), { spec: { x: 2 } });
    await w.time.settle();
    assert.deepEqual(events(w).slice(1).map(({ reason, type }) => [reason, type]), [["QuorumLost", "Warning"]]);
  });

  it("stay within a budget, whatever happens", async () => {
    const w = world(({ primary }) => ({ actions: [applyPod(`p-${primary.metadata.name}`)] }), { options: { events: true } });
    for (let i = 0; i < 200; i++) w.dish(`d${i}`);
    await w.time.settle();
    assert.equal(w.writes().length, 200);
    assert.ok(events(w).length <= 30, `${events(w).length} Events`);
  });
});
