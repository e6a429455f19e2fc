import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Call } from "../../bindings/protocol/manifest.ts";
import { nodePlatform } from "../platform/node/index.ts";
import { type ApiRequest, type PodRequest, type Transport, TransportError } from "../platform/platform.ts";
import { ApiError, type CachedObject } from "./contracts.ts";
import { ProxyCaller } from "./proxy-caller.ts";

const { text } = nodePlatform();
const MEMBERS: Call = { name: "memberList", targetKind: "Pod", port: 2379, scheme: "http", method: "POST", path: "/v3/cluster/member/list", effect: "read", timeoutMs: 3000 };
const target = { ref: { apiVersion: "v1", kind: "Pod", namespace: "ns", name: "db-0" } } as CachedObject;

function answering(status: number, body: string, pods?: PodRequest[]): { caller: ProxyCaller; sent: ApiRequest[] } {
  const sent: ApiRequest[] = [];
  const transport: Transport = {
    request: async (request) => (sent.push(request), { status, headers: {}, body: text.encodeUtf8(body) }),
    ...(pods === undefined ? {} : { requestPod: async (request: PodRequest) => (pods.push(request), { status: 200, headers: {}, body: text.encodeUtf8("from the Pod") }) }),
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

  it("presents what is in the Secret beside the target, past the proxy", async () => {
    const secret = (data: object): string => JSON.stringify({ kind: "Secret", data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value as string).toString("base64")])) });
    const pods: PodRequest[] = [];
    const { caller, sent } = answering(200, secret({ "tls.crt": "CERT", "tls.key": "KEY", "ca.crt": "CA" }), pods);
    assert.deepEqual(await caller.call({ call: MEMBERS, target, body: "{}", clientCertificate: "db-tls", timeoutMs: 900 }), { status: 200, body: "from the Pod" });
    assert.deepEqual(sent.map(({ method, path }) => `${method} ${path}`), ["GET /api/v1/namespaces/ns/secrets/db-tls"]);
    assert.deepEqual(pods, [{ namespace: "ns", pod: "db-0", port: 2379, method: "POST", path: "/v3/cluster/member/list", body: "{}", timeoutMs: 900, tls: { cert: "CERT", key: "KEY", ca: "CA" } }]);

    const failing = (message: RegExp) => (error: unknown): boolean => error instanceof TransportError && error.failure === "NotSent" && message.test(error.message);
    const asking = { call: MEMBERS, target, clientCertificate: "db-tls", timeoutMs: 900 };
    await assert.rejects(answering(200, secret({ "tls.crt": "C", "tls.key": "K" }), []).caller.call(asking), failing(/call memberList: Secret ns\/db-tls has no ca\.crt/));
    await assert.rejects(answering(200, "").caller.call(asking), failing(/call memberList presents a client certificate, and this cluster has no way to do so/));
  });
});
