import assert from "node:assert/strict";
import { test } from "node:test";
import { simulatedPlatform } from "../../platform/simulated/index.ts";
import { createCluster } from "../cluster.ts";
import { trusting } from "./trusting.ts";

const { platform } = simulatedPlatform();
const cluster = createCluster(platform, { adminToken: "secret" });
const handler = trusting(cluster.server, cluster.admin);

async function status(headers: { [name: string]: string }): Promise<number> {
  return (await handler.handle({ method: "GET", path: "/api/v1/secrets", headers, body: new Uint8Array(0) })).status;
}

test("on loopback, who shows no credentials is the admin; who shows some is who they say", async () => {
  assert.equal(await status({ host: "127.0.0.1:8080" }), 200);
  assert.equal(await status({ host: "localhost:8080", authorization: "Bearer secret" }), 200);
  assert.equal(await status({ host: "localhost:8080", authorization: "Bearer wrong" }), 401);
});

test("impersonation holds", async () => {
  assert.equal(await status({ host: "127.0.0.1:8080", "impersonate-user": "nobody" }), 403);
});

test("web pages are refused, and names that a page may have had resolved to loopback", async () => {
  assert.equal(await status({ host: "127.0.0.1:8080", origin: "https://evil.example" }), 403);
  assert.equal(await status({ host: "127.0.0.1:8080", "sec-fetch-site": "cross-site" }), 403);
  assert.equal(await status({ host: "rebound.evil.example:8080" }), 403);
  // The real server of a cluster in the same state has no such rule.
  assert.equal(cluster.server.answer({ method: "GET", path: "/api/v1/secrets", headers: {}, body: new Uint8Array(0) }).status, 403);
});
