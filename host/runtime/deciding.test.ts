/** What goes into a decision: questions and answers, strays, limits, and calls to the outside. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Action, HttpCall, JsonObject, KubeObject, Observed, Question } from "../../bindings/protocol/types.ts";
import type { CallRequest } from "./answers.ts";
import { CREATED_AS } from "./apply/created.ts";
import { applyPod, MANIFEST, NAMESPACE, pathOf, world } from "./testing/world.ts";

const get = (kind: string, name: string, namespace?: string): Question =>
  ({ type: "get", id: `get ${kind} ${name}`, target: { apiVersion: "v1", kind, name, ...(namespace === undefined ? {} : { namespace }) } });
const asking = (...questions: Question[]) => (observed: Observed): { questions: Question[] } => ({ questions: questions.filter(({ id }) => observed.answers[id] === undefined) });

describe("questions", () => {
  it("are answered together, and a plan with an open one is never executed", async () => {
    const questions = [get("Recipe", "a"), get("Recipe", "b")];
    const w = world((observed) => ({ ...asking(...questions)(observed), actions: [applyPod(Object.keys(observed.answers).length === 2 ? "right" : "wrong")] }));
    w.dish("d");
    await w.time.settle();
    assert.deepEqual(w.writes(), [`POST ${pathOf("pods", "right")}`]);
    assert.deepEqual(w.seen.slice(0, 2).map(({ answers }) => Object.keys(answers).length), [0, 2]);
  });

  it("of the last pass are answered ahead", async () => {
    const w = world(asking(get("Recipe", "a")));
    w.dish("d");
    await w.time.settle();
    w.api.change(pathOf("dishes", "d"), { spec: { x: 1 } });
    await w.time.settle();
    assert.deepEqual(w.seen.map(({ answers }) => Object.keys(answers).length), [0, 1, 1], "two runs the first time, one after");
  });

  it("that every object asks are answered ahead for the next new one, and now and then not", async () => {
    const list: Question = { type: "list", id: "list v1 Recipe ?", apiVersion: "v1", kind: "Recipe", selector: "" };
    const w = world((observed) => asking(list, get("Recipe", observed.primary.metadata.name))(observed));
    const runs = async (name: string): Promise<string[]> => {
      const before = w.seen.length;
      w.dish(name);
      await w.time.settle();
      return w.seen.slice(before).map(({ answers }) => Object.keys(answers).sort().map((id) => id.split(" ")[0]).join("+"));
    };
    const [fromNothing, ahead] = [["", "get+list"], ["list", "get+list"]];
    for (let index = 0; index < 2; index++) assert.deepEqual(await runs(`first-${index}`), fromNothing);
    for (let index = 0; index < 16; index++) assert.deepEqual(await runs(`next-${index}`), ahead);
    assert.deepEqual(await runs("anew"), fromNothing);
    assert.deepEqual(await runs("after"), ahead);
    w.api.put(pathOf("recipes", "r"), { apiVersion: "v1", kind: "Recipe", metadata: { name: "r", namespace: NAMESPACE } });
    const before = w.seen.length;
    await w.time.settle();
    assert.equal(w.seen.length - before, 20, "what was answered ahead was read all the same: its change is seen");
  });

  it("are not answered ahead once nobody asks them any more", async () => {
    let wanted = true;
    const w = world((observed) => (wanted ? asking(get("Recipe", "a"))(observed) : {}));
    for (let index = 0; index < 40; index++) {
      wanted = index < 3;
      w.dish(`d${index}`);
      await w.time.settle();
    }
    const last = w.seen.findLast(({ answers }) => Object.keys(answers).length > 0)!;
    assert.equal(last.primary.metadata.name, "d17");
  });

  it("that never end fail the object, not the host", async () => {
    const w = world((observed) => (observed.primary.metadata.name === "endless" ? { questions: [get("Recipe", `r${Object.keys(observed.answers).length}`)] } : { actions: [applyPod("p")] }));
    w.dish("endless");
    w.dish("fine");
    await w.time.settle();
    assert.equal((w.status("endless")["conditions"] as JsonObject[])[0]!["reason"], "RoundsExceeded");
    assert.ok(w.api.objects.has(pathOf("pods", "p")));
  });

  const cases: [string, Question, JsonObject][] = [
    ["of an undeclared kind", get("Secretary", "x"), { state: "unobserved", reason: "Undeclared" }],
    ["for a Secret of another namespace", get("Secret", "x", "other"), { state: "unobserved", reason: "OtherNamespace" }],
    ["with a selector that is none", { type: "list", id: "l", apiVersion: "v1", kind: "Recipe", selector: "a in b" }, { state: "unobserved", reason: "InvalidSelector" }],
    ["for more than the limit", { type: "list", id: "l", apiVersion: "v1", kind: "Recipe", selector: "", limit: 1 }, { state: "unobserved", reason: "OverLimit" }],
    ["for a list of what is watched by name", { type: "list", id: "l", apiVersion: "v1", kind: "Secret", namespace: NAMESPACE, selector: "" }, { state: "unobserved", reason: "WatchedByName" }],
  ];
  for (const [what, question, answer] of cases) {
    it(`${what} are unobserved, never empty`, async () => {
      const w = world(asking(question));
      for (const name of ["r1", "r2"]) w.api.put(pathOf("recipes", name), { apiVersion: "v1", kind: "Recipe", metadata: { name, namespace: NAMESPACE } });
      w.dish("d");
      await w.time.settle();
      assert.deepEqual(w.seen.at(-1)!.answers[question.id], answer);
    });
  }

  it("find a cache that isn't in yet unobserved", async () => {
    const question: Question = { type: "list", id: "l", apiVersion: "v1", kind: "Recipe", selector: "" };
    const w = world(asking(question));
    w.informers.store("Recipe").synced = false;
    w.dish("d");
    await w.time.settle();
    assert.deepEqual(w.seen.at(-1)!.answers["l"], { state: "unobserved", reason: "NotSynced" });
  });
});

describe("strays", () => {
  const theirs = { apiVersion: "v1", kind: "Pod", metadata: { name: "p", namespace: NAMESPACE }, spec: { image: "theirs" } };
  const adopting = (observed: Observed): { actions: Action[] } => {
    const stray = observed.strays[0];
    if (stray === undefined) return { actions: [applyPod("p")] };
    return { actions: [{ type: "adopt", stage: 0, reason: "", target: { apiVersion: "v1", kind: "Pod", name: "p" }, uid: stray.metadata.uid! }, applyPod("p", { image: "x" }, { stage: 1 })] };
  };

  it("are shown to the core, and refused when it wants to write them all the same", async () => {
    const w = world(() => ({ actions: [applyPod("p")] }));
    w.api.put(pathOf("pods", "p"), theirs);
    w.dish("d");
    await w.time.settle();
    assert.equal(w.seen[1]!.strays[0]!.metadata.name, "p");
    assert.deepEqual(w.writes().filter((write) => write.includes("/pods/")), []);
    assert.equal((w.status("d")["conditions"] as JsonObject[])[0]!["reason"], "Stray");
  });

  it("are adopted, and then are the core's own", async () => {
    const w = world(adopting);
    w.api.put(pathOf("pods", "p"), theirs);
    w.dish("d");
    await w.time.settle();
    const found = w.api.objects.get(pathOf("pods", "p"))!;
    assert.equal((found["spec"] as JsonObject)["image"], "x");
    assert.equal(((found["metadata"] as JsonObject)["ownerReferences"] as JsonObject[]).length, 1);
    assert.deepEqual(w.status("d")["conditions"] ?? [], []);
  });

  it("that another controls aren't taken from it", async () => {
    const w = world(adopting);
    w.api.put(pathOf("pods", "p"), { ...theirs, metadata: { ...theirs.metadata, ownerReferences: [{ uid: "other", kind: "Job", name: "j", controller: true }] } });
    w.dish("d");
    await w.time.settle();
    assert.deepEqual(w.writes().filter((write) => write.includes("/pods/")), []);
  });

  it("of a shared kind are written without force, by a manager of the primary's own", async () => {
    const shelf = (observed: Observed): Action => ({ type: "apply", stage: 0, reason: "", object: { apiVersion: "v1", kind: "Shelf", metadata: { name: "s" }, spec: { [observed.primary.metadata.name]: 1 } } as unknown as KubeObject });
    const w = world((observed) => ({ actions: [shelf(observed)] }));
    // Another operator created it: what it notes there is its own.
    const annotations = { [CREATED_AS]: "0123456789abcdef" };
    w.api.put(pathOf("shelves", "s"), { apiVersion: "v1", kind: "Shelf", metadata: { name: "s", namespace: NAMESPACE, annotations }, spec: { theirs: 1 } });
    const uids = ["a", "b"].map((name) => (w.dish(name)["metadata"] as JsonObject)["uid"] as string);
    await w.time.advance(60_000);
    const found = w.api.objects.get(pathOf("shelves", "s"))!;
    assert.deepEqual(found["spec"], { theirs: 1, a: 1, b: 1 });
    assert.deepEqual((found["metadata"] as JsonObject)["annotations"], annotations);
    assert.equal((found["metadata"] as JsonObject)["ownerReferences"], undefined, "it was there before us: the garbage collector must not take it");
    const queries = w.api.writes.map(({ path }) => path.split("?")[1]).sort();
    assert.deepEqual(queries, uids.map((uid) => `fieldManager=toque-chef-${uid}`).sort());
  });

  it("of a shared kind are created by apply: others apply to them, too", async () => {
    const w = world(() => ({ actions: [{ type: "apply", stage: 0, reason: "", object: { apiVersion: "v1", kind: "Shelf", metadata: { name: "s" } } as unknown as KubeObject }] }));
    w.dish("a");
    await w.time.settle();
    assert.deepEqual(w.writes(), [`PATCH ${pathOf("shelves", "s")}`]);
  });
});

describe("calls", () => {
  const pod = { apiVersion: "v1", kind: "Pod", name: "p" };
  const ask = (name: string): Question => ({ type: "http", id: `call ${name}`, call: { name: "taste", target: { ...pod, name } } });
  const answering = (body: string, status = 200): { calls: CallRequest[]; caller: { call(request: CallRequest): Promise<{ status: number; body: string }> } } => {
    const calls: CallRequest[] = [];
    return { calls, caller: { call: async (request) => (calls.push(request), { status, body }) } };
  };

  it("to Pods of its own are answered with their body as text, digits and all", async () => {
    const { calls, caller } = answering('{"id":18446744073709551615}');
    const w = world((observed) => ({ actions: [applyPod("p")], ...(observed.owned.length > 0 ? asking(ask("p"))(observed) : {}) }), { caller });
    w.dish("d");
    await w.time.settle();
    assert.deepEqual(w.seen.at(-1)!.answers["call p"], { state: "value", value: '{"id":18446744073709551615}' });
    assert.equal(calls[0]!.call.path, "/taste");
  });

  it("that fail are unobserved, with status and body; to others' Pods they aren't made", async () => {
    const { calls, caller } = answering("no", 503);
    const w = world((observed) => ({ actions: [applyPod("p")], ...(observed.owned.length > 0 ? asking(ask("p"), ask("other"))(observed) : {}) }), { caller });
    w.dish("d");
    await w.time.settle();
    assert.deepEqual(w.seen.at(-1)!.answers["call p"], { state: "unobserved", reason: "HTTP503", httpStatus: 503, body: "no" });
    assert.deepEqual(w.seen.at(-1)!.answers["call other"], { state: "unobserved", reason: "NotOwned" });
    assert.equal(new Set(calls.map(({ target }) => target.ref.name)).size, 1);
  });

  it("with a certificate that wasn't declared, without one that was, and with another namespace's aren't made", async () => {
    const { calls, caller } = answering("ok");
    const secure = { ...MANIFEST.calls[0]!, name: "secure", scheme: "https", clientCertificate: true } as const;
    const question = (id: string, call: HttpCall): Question => ({ type: "http", id, call });
    const asked = [
      question("undeclared", { name: "taste", target: pod, clientCertificate: "tls" }), question("unnamed", { name: "secure", target: pod }),
      question("elsewhere", { name: "secure", target: { ...pod, namespace: "vault" }, clientCertificate: "tls" }), question("good", { name: "secure", target: pod, clientCertificate: "tls" }),
    ];
    const w = world((observed) => ({ actions: [applyPod("p")], ...(observed.owned.length > 0 ? asking(...asked)(observed) : {}) }), { caller, manifest: { calls: [...MANIFEST.calls, secure] } });
    w.dish("d");
    await w.time.settle();
    const { answers } = w.seen.at(-1)!;
    assert.deepEqual(answers["undeclared"], { state: "unobserved", reason: "Refused", body: "call taste presents the client certificate tls: declare 'clientCertificate: true' for it in operator.yaml" });
    assert.deepEqual(answers["unnamed"], { state: "unobserved", reason: "Refused", body: "call secure: name the Secret with the client certificate that operator.yaml declares" });
    assert.deepEqual(answers["elsewhere"], { state: "unobserved", reason: "NotOwned" });
    assert.deepEqual(answers["good"], { state: "value", value: "ok" });
    assert.deepEqual(new Set(calls.map(({ call, clientCertificate }) => `${call.name} ${clientCertificate}`)), new Set(["secure tls"]));
  });

  it("as actions are refused in the same words", async () => {
    const { calls, caller } = answering("ok");
    const call: Action = { type: "http", stage: 0, reason: "", call: { name: "taste", target: pod, clientCertificate: "tls" } };
    const w = world((observed) => ({ actions: observed.owned.length > 0 ? [call] : [applyPod("p")] }), { caller });
    w.dish("d");
    await w.time.settle();
    const [condition] = w.status("d")["conditions"] as JsonObject[];
    assert.deepEqual([condition!["reason"], calls.length], ["Refused", 0]);
    assert.match(String(condition!["message"]), /declare 'clientCertificate: true'/);
  });

  const season = (latch: JsonObject | undefined, latchStage = 0): ((observed: Observed) => { actions: Action[] }) => (observed) => {
    if (observed.owned.length === 0) return { actions: [applyPod("p")] };
    if ((observed.primary["status"] as JsonObject | undefined)?.["phase"] === "Done") return { actions: [] };
    const call: Action = { type: "http", stage: 1, reason: "", call: { name: "season", target: pod } };
    return { actions: latch === undefined ? [call] : [{ type: "latch", stage: latchStage, reason: "", status: latch }, call] };
  };

  it("that change something are refused without a latch before them", async () => {
    for (const core of [season(undefined), season({ phase: "Seasoning" }, 1)]) {
      const { calls, caller } = answering("ok");
      const w = world(core, { caller });
      w.dish("d");
      await w.time.settle();
      assert.equal(calls.length, 0);
      assert.equal((w.status("d")["conditions"] as JsonObject[])[0]!["reason"], "NotLatched");
    }
  });

  it("that change something are made by one of two hosts only, even where the latch was there already", async () => {
    const { calls, caller } = answering("ok");
    const first = world(season({ phase: "Seasoning" }), { caller });
    first.dish("d");
    first.api.change(pathOf("dishes", "d"), { status: { phase: "Seasoning" } });
    await first.time.advance(10);
    calls.length = 0;
    // Two hosts at the same moment, with the same view: each latches, one gets past.
    await first.operator.stop();
    const hosts = [1, 2].map(() => world(season({ phase: "Seasoning" }), { caller, api: first.api, start: false }));
    for (const host of hosts) {
      host.informers.hold("Dish");
      host.operator.start();
    }
    for (const host of hosts) await host.time.settle();
    assert.equal(calls.length, 1);
  });
});
