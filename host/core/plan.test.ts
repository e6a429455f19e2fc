import assert from "node:assert/strict";
import { test } from "node:test";
import type { Plan } from "../../bindings/protocol/types.ts";
import { parsePlan } from "./plan.ts";
import { testManifest } from "./testing/cores.ts";

const manifest = testManifest({ actionsMax: 3, questionsMax: 2, planBytesMax: 20_000 });
const base = { protocol: 1, verdict: "settled", actions: [] as unknown[], questions: [] as unknown[] };
const target = { apiVersion: "v1", kind: "Pod", namespace: "default", name: "db-0" };
const object = { apiVersion: "v1", kind: "Pod", metadata: { name: "db-0", labels: { a: "b" } }, spec: {} };
const action = (rest: object) => ({ stage: 0, reason: "why", ...rest });

function parsed(plan: unknown): Plan {
  const found = parsePlan(typeof plan === "string" ? plan : JSON.stringify(plan), manifest);
  if ("code" in found) assert.fail(`${found.code}: ${found.message}`);
  return found;
}
function refused(plan: unknown, code: string, message: RegExp): void {
  const found = parsePlan(typeof plan === "string" ? plan : JSON.stringify(plan), manifest);
  if (!("code" in found)) assert.fail(`accepted: ${JSON.stringify(plan)}`);
  assert.equal(found.code, code);
  assert.match(found.message, message);
}

test("every kind of action and question is read", () => {
  const actions = [
    { type: "apply", object, uid: "u", release: ["spec.replicas"] }, { type: "create", object }, { type: "patch", target, uid: "u", patch: { spec: null } },
    { type: "delete", target, uid: "u", propagationPolicy: "Foreground" }, { type: "evict", target, uid: "u" }, { type: "adopt", target, uid: "u" },
    { type: "latch", status: { next: 3 } }, { type: "http", call: { name: "memberAdd", target, body: "{}" } },
  ].map(action);
  for (const each of actions) assert.deepEqual(parsed({ ...base, actions: [each] }).actions, [each]);
  const questions = [
    { type: "get", id: "q", target, pollMs: 1000 }, { type: "list", id: "q", apiVersion: "v1", kind: "Pod", selector: "a=b", limit: 50 },
    { type: "http", id: "q", call: { name: "memberList", target, clientCertificate: "tls" } },
  ];
  for (const each of questions) assert.deepEqual(parsed({ ...base, questions: [each] }).questions, [each]);
  const full = { ...base, verdict: "blocked", reason: "QuorumLost", message: "1 of 3", status: { phase: "x" }, requeueAfterMs: 5_000 };
  assert.deepEqual(parsed(full), full);
});

test("what is malformed is refused with its path", () => {
  refused("", "PlanInvalid", /not JSON/);
  refused("{", "PlanInvalid", /not JSON/);
  refused("null", "PlanInvalid", /plan must be an object/);
  refused("[]", "PlanInvalid", /plan must be an object/);
  refused({ ...base, protocol: 2 }, "PlanInvalid", /plan\.protocol must be 1, not 2/);
  refused({ ...base, verdict: "done" }, "PlanInvalid", /plan\.verdict must be one of settled/);
  refused({ ...base, actions: undefined }, "PlanInvalid", /plan\.actions is missing/);
  refused({ ...base, extra: 1 }, "PlanInvalid", /unknown member "extra"/);
  refused({ ...base, requeueAfterMs: -1 }, "PlanInvalid", /requeueAfterMs is -1/);
  refused({ ...base, requeueAfterMs: 0.5 }, "PlanInvalid", /must be an integer/);
  refused({ ...base, actions: [action({ type: "explode", target })] }, "PlanInvalid", /plan\.actions\[0\]\.type must be one of apply, create/);
  refused({ ...base, actions: [action({ type: "constructor" })] }, "PlanInvalid", /actions\[0\]\.type/);
  refused({ ...base, actions: [{ type: "evict", target, uid: "u" }] }, "PlanInvalid", /actions\[0\]\.stage is missing/);
  refused({ ...base, actions: [action({ type: "delete", target })] }, "PlanInvalid", /actions\[0\]\.uid is missing/);
  refused({ ...base, actions: [action({ type: "delete", target, uid: "" })] }, "PlanInvalid", /uid may not be/);
  refused({ ...base, actions: [action({ type: "apply", object: { kind: "Pod" } })] }, "PlanInvalid", /object\.apiVersion is missing/);
  refused({ ...base, status: [] }, "PlanInvalid", /plan\.status must be an object/);
});

test("names can't become other paths", () => {
  for (const wrong of [{ ...target, name: "../secrets" }, { ...target, name: "a/b" }, { ...target, name: ".." }, { ...target, name: "a?b" }, { ...target, namespace: "a/b" }, { ...target, kind: "Po d" }, { ...target, apiVersion: "../v1" }]) {
    refused({ ...base, questions: [{ type: "get", id: "q", target: wrong }] }, "PlanInvalid", /target/);
  }
});

test("budgets", () => {
  const adopt = action({ type: "adopt", target, uid: "u" });
  parsed({ ...base, actions: [adopt, adopt, adopt] });
  refused({ ...base, actions: [adopt, adopt, adopt, adopt] }, "PlanTooLarge", /4 actions, limits\.actionsMax allows 3/);
  const question = { type: "get", id: "q", target };
  refused({ ...base, questions: [question, question, question] }, "PlanTooLarge", /3 questions, limits\.questionsMax allows 2/);
  refused({ ...base, message: "x".repeat(10_000) }, "PlanTooLarge", /bytes, limits\.planBytesMax allows 20000/);
});

test("deep nesting ends neither the parser nor what comes after it", () => {
  const nested = (levels: number) => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;
  const saying = (status: string) => `{"protocol":1,"verdict":"settled","actions":[],"questions":[],"status":${status}}`;
  parsed(saying(nested(63)));
  refused(saying(nested(64)), "PlanInvalid", /nests deeper than 64/);
  refused(saying("[".repeat(9_000)), "PlanInvalid", /not JSON/);
  const manifestLarge = testManifest();
  const deep = parsePlan(saying(nested(80_000).replace("1}", "12345678901234567890}")), manifestLarge);
  assert.ok("code" in deep && deep.code === "PlanInvalid", JSON.stringify(deep).slice(0, 200));
});

test("keys that would reach a prototype are ordinary keys", () => {
  const text = '{"protocol":1,"verdict":"settled","actions":[],"questions":[],"status":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}}';
  const plan = parsed(text);
  assert.equal(({} as { polluted?: number }).polluted, undefined);
  assert.deepEqual(Object.keys(plan.status!), ["__proto__", "constructor"]);
  refused('{"__proto__":{"protocol":1,"verdict":"settled","actions":[],"questions":[]}}', "PlanInvalid", /protocol is missing/);
});

test("integers keep 64 bits, and half characters are refused even when escaped", () => {
  const text = '{"protocol":1,"verdict":"settled","actions":[],"questions":[],"status":{"id":9223372036854775807,"half":0.5,"ok":"\\ud83d\\ude00"}}';
  assert.deepEqual(parsed(text).status, { id: 9223372036854775807n, half: 0.5, ok: "\u{1f600}" });
  refused({ ...base, message: "\ud800" }, "PlanInvalid", /lone surrogate/);
  refused(JSON.stringify({ ...base, status: { x: ["\udc00"] } }), "PlanInvalid", /lone surrogate/);
  refused(`{"protocol":1,"verdict":"settled","actions":[],"questions":[],"status":{"\\ud800":1}}`, "PlanInvalid", /lone surrogate/);
});
