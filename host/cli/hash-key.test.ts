/** The key of the hashes that stand for Secrets' values, on a real API server: one for all hosts, for good. */
import assert from "node:assert/strict";
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { stringify } from "yaml";
import { manifestOf, rbacOf } from "../../bindings/codegen/index.ts";
import type { Rule } from "../../bindings/codegen/index.ts";
import { hashKeyRules } from "../../bindings/codegen/hash-key.ts";
import { buildOperator } from "../../bindings/compile/index.ts";
import type { JsonObject } from "../../bindings/protocol/types.ts";
import { startControlPlane, type ControlPlane } from "../../tests/support/control-plane.ts";
import { until } from "../../tests/support/wait.ts";
import { nodePlatform, nodeTransport } from "../platform/node/index.ts";
import type { Log } from "../runtime/log.ts";
import { hashKey } from "./hash-key.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const OPERATOR = `name: roller
version: 0.1.0
for: example.dev/v1 Roller
owns:
  - kind: v1 ConfigMap
    fields: [metadata.annotations]
    verbs: [apply]
reads:
  - kind: v1 Secret
    fields: [data]
`;
const CRD = {
  apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition", metadata: { name: "rollers.example.dev" },
  spec: {
    group: "example.dev", scope: "Namespaced", names: { plural: "rollers", singular: "roller", kind: "Roller", listKind: "RollerList" },
    versions: [{
      name: "v1", served: true, storage: true, subresources: { status: {} },
      schema: { openAPIV3Schema: { type: "object", properties: { spec: { type: "object", properties: { secret: { type: "string" } } }, status: { type: "object", properties: { note: { type: "string" } } } } } },
    }],
  },
};
/** Notes the hash of a password where a Pod template would have it. */
const RECONCILE = `import { Dict, Roller, RollerObserved, RollerPlan } from "./generated";

export function reconcile(roller: Roller, observed: RollerObserved): RollerPlan {
  const plan = RollerPlan.for(roller);
  const secret = observed.getSecret("login");
  if (!secret.isValue) return plan.blocked("NoSecret", secret.reason);
  const data = secret.value.data;
  if (data === null) return plan.blocked("NoData", "login is empty");
  const hash = data.get("password");
  if (hash === null) return plan.blocked("NoPassword", "login has no password");
  plan.applyConfigMap({ metadata: { name: roller.metadata.name, annotations: new Dict<string>().set("hash", hash) } });
  return plan;
}
`;

const started = await startControlPlane({ audit: [] });
const skip = "skipped" in started ? started.skipped : false;

describe("the key of the hashes of Secrets' values", { skip }, () => {
  const plane = started as ControlPlane;
  const platform = nodePlatform();
  const folder = mkdtempSync(join(tmpdir(), "toque-hash-key-"));
  const hosts: ChildProcess[] = [];
  const lines: string[] = [];
  const log: Log = { write: (level, message) => lines.push(`${level} ${message}`) };
  const path = (namespace: string): string => `/api/v1/namespaces/${namespace}/secrets/toque-hash-key`;

  async function namespace(name: string): Promise<string> {
    await plane.api.must("POST", "/api/v1/namespaces", { metadata: { name } });
    return name;
  }
  /** A host's attempt, with exactly these rights in its namespace. */
  async function attempt(name: string, account: string, rules: readonly Rule[]): Promise<Uint8Array> {
    const { kubeconfig } = await plane.serviceAccount(name, account, rules);
    const { transport } = await nodeTransport({ file: kubeconfig });
    return hashKey({ transport, platform, namespace: name, log }).finally(() => transport.close());
  }

  after(async () => {
    for (const child of hosts) child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
    await plane.stop();
  });

  it("is the same for hosts that start at once, and for each later one; the rights that are printed are enough", async () => {
    const name = await namespace("together");
    await plane.serviceAccount(name, "host", hashKeyRules());
    const keys = await Promise.all([1, 2, 3, 4].map(() => attempt(name, "host", hashKeyRules())));
    const secret = await plane.api.must("GET", path(name));
    assert.equal(Buffer.from(secret.data.key, "base64").length, 32);
    assert.equal(secret.immutable, true);
    for (const key of [...keys, await attempt(name, "host", hashKeyRules())]) assert.deepEqual([...key], [...Buffer.from(secret.data.key, "base64")]);
    assert.equal((await plane.api.must("GET", path(name))).metadata.resourceVersion, secret.metadata.resourceVersion);
    assert.notDeepEqual(await attempt(await namespace("elsewhere"), "host", hashKeyRules()), keys[0]);
  });

  it("says which right is missing, and what prints it", async () => {
    const name = await namespace("forbidden");
    const [create, get] = hashKeyRules() as [Rule, Rule];
    await assert.rejects(attempt(name, "blind", [create]), /no right to get the Secret toque-hash-key in the namespace forbidden[\s\S]*'toque manifests --namespace forbidden' prints/);
    await assert.rejects(attempt(name, "idle", [get]), /no right to create Secrets in the namespace forbidden[\s\S]*'toque manifests --namespace forbidden' prints/);
  });

  it("is not taken from a Secret that holds none, and needs a namespace", async () => {
    const name = await namespace("damaged");
    await plane.api.must("POST", `/api/v1/namespaces/${name}/secrets`, { metadata: { name: "toque-hash-key" }, data: { key: "c2hvcnQ=" } });
    await assert.rejects(attempt(name, "host", hashKeyRules()), /should hold a key of 32 random bytes under 'key', and holds 5\. Delete it/);
    const { transport } = await nodeTransport({ file: plane.kubeconfig });
    await assert.rejects(hashKey({ transport, platform, namespace: "nowhere", log }).finally(() => transport.close()), /there is no namespace nowhere/);
  });

  it("is asked for until the API server answers", async () => {
    const name = await namespace("patient");
    const { transport } = await nodeTransport({ file: plane.kubeconfig });
    await plane.killApiServer();
    const key = hashKey({ transport, platform, namespace: name, log }).finally(() => transport.close());
    await until("it has tried", () => lines.some((line) => line.startsWith("warn can't get the Secret patient/toque-hash-key")));
    await plane.startApiServer();
    assert.equal((await key).length, 32);
  });

  describe("in toque run", () => {
    let core: string;

    /** In the namespace of the host; its rights are those that `toque manifests` prints. */
    async function run(kubeconfig: string): Promise<ChildProcess> {
      const child = spawn(process.execPath, ["host/cli/main.ts", "run", core, "--leader-elect", "--leader-namespace", "ops"], { cwd: ROOT, env: { ...process.env, KUBECONFIG: kubeconfig }, stdio: ["ignore", "pipe", "inherit"] });
      hosts.push(child);
      let output = "";
      child.stdout!.on("data", (data: Buffer) => { output += data; });
      await until("its caches are in", () => output.includes("caches are in") || (child.exitCode !== null && assert.fail(output)));
      return child;
    }
    const noted = async (): Promise<string | undefined> => {
      const { status, body } = await plane.api.request("GET", "/api/v1/namespaces/default/configmaps/web");
      return status === 200 ? body.metadata.annotations.hash : undefined;
    };

    before(async () => {
      const source = join(folder, "roller");
      mkdirSync(source);
      for (const [file, text] of [["operator.yaml", OPERATOR], ["crd.yaml", stringify(CRD)], ["reconcile.ts", RECONCILE]] as const) writeFileSync(join(source, file), text);
      const built = await buildOperator(source, join(folder, "build"), { debug: true });
      assert.ok(built.ok, built.ok ? "" : built.errors);
      core = built.wasmFile;
    });

    it("hashes mean the same to a host, its restart and its standby", async () => {
      await namespace("ops");
      await plane.api.must("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", CRD);
      const result = manifestOf(OPERATOR, stringify(CRD));
      assert.ok("manifest" in result);
      const file = join(folder, "rbac.yaml");
      writeFileSync(file, rbacOf(result.manifest, { namespace: "ops" }).map((object: JsonObject) => stringify(object)).join("---\n"));
      await plane.kubectl("apply", "-f", file);
      const { kubeconfig } = await plane.serviceAccount("ops", "roller", []);
      await plane.api.must("POST", "/api/v1/namespaces/default/secrets", { metadata: { name: "login" }, stringData: { password: "correct horse" } });
      await until("rollers are served", async () => (await plane.api.request("POST", "/apis/example.dev/v1/namespaces/default/rollers", { apiVersion: "example.dev/v1", kind: "Roller", metadata: { name: "web" } })).status === 201);

      const first = await run(kubeconfig);
      const hash = await until("the hash is noted", noted);
      const { data: { key }, metadata: { resourceVersion } } = await plane.api.must("GET", path("ops"));
      assert.equal(hash, createHmac("sha256", Buffer.from(key, "base64")).update("correct horse").digest("base64"));

      const second = await run(kubeconfig);
      await ended(first);
      await plane.api.must("DELETE", "/api/v1/namespaces/default/configmaps/web");
      assert.equal(await until("the other notes it again", noted), hash);
      assert.equal((await plane.api.must("GET", path("ops"))).metadata.resourceVersion, resourceVersion);
      await ended(second);
      planAndApply(hash);
    });

    async function ended(child: ChildProcess): Promise<void> {
      child.kill("SIGTERM");
      await until("the host has ended", () => child.exitCode !== null);
    }

    /** A plan sees what the host's core sees, and so can be carried out. */
    function planAndApply(hash: string): void {
      const toque = (...args: string[]): { status: number | null; stdout: string; stderr: string } =>
        spawnSync(process.execPath, ["host/cli/main.ts", ...args], { cwd: ROOT, encoding: "utf8", env: { ...process.env, KUBECONFIG: plane.kubeconfig } });
      const [file, out] = [join(folder, "planned.yaml"), join(folder, "plan.json")];
      writeFileSync(file, "apiVersion: example.dev/v1\nkind: Roller\nmetadata: {name: planned, namespace: default}\n");
      const planned = toque("plan", core, "-f", file, "-o", out, "--host-namespace", "ops");
      assert.ok(planned.stdout.includes(hash) && planned.stderr === "", planned.stdout + planned.stderr);
      assert.match(toque("apply", out).stderr, /can't tell whether Secrets are as planned: the Secret toque-system\/toque-hash-key.* is not there/);
      assert.match(toque("plan", core, "-f", file).stderr, /are not the host's.*toque-system\/toque-hash-key.* is not there/);
      const applied = toque("apply", out, "--host-namespace", "ops");
      assert.equal(applied.status, 0, applied.stderr);
    }
  });
});
