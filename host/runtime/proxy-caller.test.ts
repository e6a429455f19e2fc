import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Call } from "../../bindings/protocol/manifest.ts";
import { nodePlatform } from "../platform/node/index.ts";
import type { ApiRequest, Transport } from "../platform/platform.ts";
import { ApiError, type CachedObject } from "./contracts.ts";
import { ProxyCaller } from "./proxy-caller.ts";

const { text } = nodePlatform();
const MEMBERS: Call = { name: "memberList", targetKind: "Pod", port: 2379, scheme: "http", method: "POST", path: "/v3/cluster/member/list", effect: "read", timeoutMs: 3000 };
const target = { ref: { apiVersion: "v1", kind: "Pod", namespace: "ns", name: "db-0" } } as CachedObject;

function answering(status: number, body: string): { caller: ProxyCaller; sent: ApiRequest[] } {
  const sent: ApiRequest[] = [];
  const transport: Transport = {
    request: async (request) => (sent.push(request), { status, headers: {}, body: text.encodeUtf8(body) }),
    stream: () => assert.fail("a call is no stream"),
  };
  return { caller: new ProxyCaller(transport, text), sent };
}

describe("a call through the API server's proxy", () => {
  it("goes to the declared port and path of the target, and to nothing else", async () => {
    const { caller, sent } = answering(200, '{"members":[]}');
    assert.deepEqual(await caller.call({ call: MEMBERS, target, body: "{}", timeoutMs: 900 }), { status: 200, body: '{"members":[]}' });
    await caller.call({ call: { ...MEMBERS, targetKind: "Service", scheme: "https", method: "GET", path: "/health" }, target, timeoutMs: 900 });
    assert.deepEqual(sent, [
      { method: "POST", path: "/api/v1/namespaces/ns/pods/db-0:2379/proxy/v3/cluster/member/list", body: "{}", timeoutMs: 900 },
      { method: "GET", path: "/api/v1/namespaces/ns/services/https:db-0:2379/proxy/health", timeoutMs: 900 },
    ]);
  });

  it("gives what the target answered, whatever it is, but not the API server's own refusal", async () => {
    assert.deepEqual(await answering(404, "404 page not found").caller.call({ call: MEMBERS, target, timeoutMs: 1 }), { status: 404, body: "404 page not found" });
    const refusal = JSON.stringify({ kind: "Status", apiVersion: "v1", status: "Failure", reason: "ServiceUnavailable", code: 503, message: "connection refused" });
    await assert.rejects(answering(503, refusal).caller.call({ call: MEMBERS, target, timeoutMs: 1 }),
      (error) => error instanceof ApiError && error.reason === "ServiceUnavailable" && error.message === "connection refused");
  });
});
