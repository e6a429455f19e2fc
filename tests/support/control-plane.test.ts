import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { inWords } from "./audit.ts";
import { startControlPlane, type ControlPlane } from "./control-plane.ts";
import { until } from "./wait.ts";

const started = await startControlPlane({ users: [{ name: "nobody" }] });
const skip = "skipped" in started ? started.skipped : false;

describe("a control plane of the tests", { skip }, () => {
  const plane = started as ControlPlane;
  before(() => assert.match(plane.url, /^https:\/\/127\.0\.0\.1:\d+$/));
  after(() => plane.stop());

  it("serves the admin, by client and by kubectl", async () => {
    assert.equal((await plane.api.request("GET", "/api/v1/namespaces/default")).status, 200);
    assert.match(await plane.kubectl("version", "-o", "json"), /"serverVersion"/);
  });

  it("refuses a user without rights, and its audit log says so", async () => {
    const { token } = plane.user("nobody");
    const { apiClient } = await import("./api-client.ts");
    const nobody = apiClient({ url: plane.url, ca: plane.ca, token });
    assert.equal((await nobody.request("GET", "/api/v1/secrets")).status, 403);
    nobody.close();
    const seen = await until("the refusal in the audit log", () => plane.audit().find((event) => event.user.username === "nobody"));
    assert.equal(inWords(seen), "list secrets 403");
  });

  it("gives a service account exactly its rules", async () => {
    const { apiClient } = await import("./api-client.ts");
    const account = await plane.serviceAccount("default", "reader", [{ apiGroups: [""], resources: ["configmaps"], verbs: ["list"] }]);
    const reader = apiClient({ url: plane.url, ca: plane.ca, token: account.token });
    await until("the role is in force", async () => (await reader.request("GET", "/api/v1/configmaps")).status === 200);
    assert.equal((await reader.request("GET", "/api/v1/pods")).status, 403);
    reader.close();
  });

  it("knows users by client certificate", async () => {
    const kubeconfig = await plane.clientCertificate("ann", ["cooks"]);
    assert.match(await plane.kubectl("--kubeconfig", kubeconfig, "auth", "whoami"), /ann[\s\S]*cooks/);
  });

  it("forgets history: after compaction and restart an old watch is gone", async () => {
    const { metadata: { resourceVersion } } = await plane.api.must("GET", "/api/v1/configmaps");
    await plane.api.apply("/api/v1/namespaces/default/configmaps/one", { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "one" } });
    await plane.compact();
    await plane.killApiServer();
    await assert.rejects(plane.api.request("GET", "/readyz"));
    await plane.startApiServer();
    const watch = await plane.api.request("GET", `/api/v1/configmaps?watch=1&timeoutSeconds=1&resourceVersion=${resourceVersion}`);
    assert.ok(watch.status === 410 || watch.body?.object?.code === 410, JSON.stringify(watch));
  });
});

describe("the nursery", { skip }, () => {
  it("ends everything when the test process is killed", async () => {
    const module = JSON.stringify(new URL("control-plane.ts", import.meta.url).href);
    const script = `const { startControlPlane } = await import(${module}); const plane = await startControlPlane();
      console.log(JSON.stringify({ ...plane.pids, folder: plane.folder })); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: ["ignore", "pipe", "inherit"] });
    const told = await new Promise<string>((resolve) => child.stdout.once("data", (data) => resolve(String(data))));
    const { etcd, apiServer, folder } = JSON.parse(told) as { etcd: number; apiServer: number; folder: string };
    assert.ok(existsSync(`/proc/${etcd}`) && existsSync(folder));
    child.kill("SIGKILL");
    await until("etcd, API server and folder are gone", () => ![`/proc/${etcd}`, `/proc/${apiServer}`, folder].some((path) => existsSync(path)));
  });
});
