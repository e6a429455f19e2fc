/** Ids of questions: the SDK's text and the host's are one. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { questionId } from "../../bindings/protocol/question.ts";
import type { QuestionBody } from "../../bindings/protocol/question.ts";

const spec = readFileSync(new URL("../../assembly/sdk/__tests__/sdk.spec.ts", import.meta.url), "utf8");

const questions: QuestionBody[] = [
  { type: "get", target: { apiVersion: "apps/v1", kind: "Deployment", namespace: "ns", name: "web" } },
  { type: "get", target: { apiVersion: "v1", kind: "Node", name: "node-1" } },
  { type: "list", apiVersion: "v1", kind: "Pod", namespace: "ns", selector: "app=web", limit: 50 },
  { type: "list", apiVersion: "v1", kind: "Pod", selector: "", pollMs: 1000 },
  { type: "http", call: { name: "members", target: { apiVersion: "v1", kind: "Pod", namespace: "ns", name: "db-0" }, body: "{}" } },
  { type: "http", call: { name: "members", target: { apiVersion: "v1", kind: "Pod", namespace: "ns", name: "db-0" }, clientCertificate: "tls" } },
];

describe("question ids", () => {
  const inSdk = [...spec.matchAll(/Question\(.*\.id\)\.toBe\("([^"]*)"\)/g)].map((match) => match[1]!);
  for (const [i, question] of questions.entries()) {
    it(questionId(question), () => assert.equal(questionId(question), inSdk[i]));
  }
  it("are checked all", () => assert.equal(inSdk.length, questions.length));
});
