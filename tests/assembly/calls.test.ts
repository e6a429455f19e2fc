/** Calls from a core in Wasm: what it asks, what it reads out of the answers, and that a change comes behind its latch. */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { parsePlan } from "../../host/core/plan.ts";
import type { Action, Answer, Plan } from "../../bindings/protocol/types.ts";
import { buildTestCore, type TestCore } from "./build.ts";

const PRIMARY = { apiVersion: "example.dev/v1", kind: "Store", metadata: { name: "db", namespace: "ns", uid: "u" } };
const SPEC = { image: "etcd:1", command: ["etcd"], keys: ["YQ==", "Yg=="] };
const POD = { apiVersion: "v1", kind: "Pod", metadata: { name: "db-0", namespace: "ns", uid: "p" }, spec: { containers: [{ name: "etcd" }] } };
const MEMBERS = "http memberList Pod ns/db-0 - {}";
const NOWHERE = "http nowhere Pod ns/db-0 -";
const RANGE = 'http range Pod ns/db-0 - {"key":"AA==","range_end":"AA==","keys_only":true}';
const value = (body: object): Answer => ({ state: "value", value: JSON.stringify(body) });
const HEADER = { header: { member_id: "18446744073709551615" } };
const ANSWERS: { [question: string]: Answer } = {
  [MEMBERS]: value({ ...HEADER, members: [{ ID: "1", name: "db-0" }, { ID: "2", clientURLs: [] }] }),
  [NOWHERE]: { state: "unobserved", reason: "HTTP404", httpStatus: 404, body: "404 page not found" },
  [RANGE]: value({ ...HEADER, kvs: [{ key: "YQ==" }], count: "1" }),
};

describe("a core that calls", () => {
  let store: TestCore;
  before(async () => { store = await buildTestCore("tests/e2e/store"); });

  function pass(answers: { [question: string]: Answer }, status: object = {}, owned: object[] = [POD]): Plan {
    const observed = { protocol: 1, mode: "reconcile", now: "2026-01-01T00:00:00.000Z", primary: { ...PRIMARY, spec: SPEC, status }, owned, strays: [], answers, lastResults: [] };
    const outcome = store.core.reconcile(JSON.stringify(observed));
    assert.ok(outcome.ok, outcome.ok ? "" : outcome.error.message);
    const plan = parsePlan(outcome.plan, store.manifest);
    assert.ok("protocol" in plan, JSON.stringify(plan));
    return plan;
  }
  const asked = (plan: Plan): string[] => plan.questions.map((question) => question.id);

  it("asks one question after the other, and nothing of a Pod that isn't there", () => {
    assert.deepEqual(asked(pass({}, {}, [])), []);
    assert.deepEqual(asked(pass({})), [MEMBERS]);
    assert.deepEqual(asked(pass({ [MEMBERS]: ANSWERS[MEMBERS]! })), [NOWHERE, RANGE]);
  });

  it("reads an answer as JSON, and names what it could not observe", () => {
    assert.deepEqual(pass(ANSWERS).status, { members: ["db-0"], nowhere: "HTTP404: 404 page not found", putting: ["Yg=="] });
    const silent = pass({ [MEMBERS]: { state: "unobserved", reason: "ServiceUnavailable", httpStatus: 503 } });
    assert.deepEqual(silent.status, { unobserved: "ServiceUnavailable", unobservedStatus: 503 });
    assert.deepEqual([silent.verdict, silent.message], ["blocked", "no members: ServiceUnavailable"]);
    assert.match(JSON.stringify(pass({ [MEMBERS]: { state: "value", value: "<html>" } }).status), /the answer is not etcd's: <html>/);
  });

  it("latches what it is about to change, in a stage before the call", () => {
    const [latch, call, ...more] = pass(ANSWERS, { putting: ["YQ=="] }).actions as [Action, Action];
    assert.deepEqual(more, []);
    assert.deepEqual(latch, { type: "latch", stage: 0, reason: "Putting", status: { putting: ["YQ==", "Yg=="] } });
    const target = { apiVersion: "v1", kind: "Pod", namespace: "ns", name: "db-0" };
    assert.deepEqual(call, { type: "http", stage: 1, reason: "KeyMissing", call: { name: "put", target, body: '{"key":"Yg==","value":"eA=="}' } });
  });
});
