/**
 * Against a real API server: the catalogue is what it says, the manifests are what it takes, and the permissions are
 * enough for what an operator does, and for nothing else.
 */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { stringify } from "yaml";
import { apiClient } from "../../tests/support/api-client.ts";
import type { ApiClient } from "../../tests/support/api-client.ts";
import { startControlPlane } from "../../tests/support/control-plane.ts";
import type { ControlPlane } from "../../tests/support/control-plane.ts";
import { until } from "../../tests/support/wait.ts";
import type { Manifest } from "../protocol/manifest.ts";
import type { JsonObject } from "../protocol/types.ts";
import { deployOf, manifestOf } from "./index.ts";
import { BUILTIN } from "./openapi/builtin.ts";
import { fetchDocuments, reduce } from "./openapi/reduce.ts";

// With this plugin a blocking owner reference needs a right of its own.
const started = await startControlPlane({ audit: [], apiServerFlags: ["--enable-admission-plugins=OwnerReferencesPermissionEnforcement"] });
const skip = "skipped" in started ? started.skipped : false;

function manifest(folder: string): Manifest {
  const read = (name: string): string => readFileSync(new URL(`testdata/${folder}/${name}`, import.meta.url), "utf8");
  const result = manifestOf(read("operator.yaml"), read("crd.yaml"));
  assert.ok("manifest" in result);
  return result.manifest;
}
const deploy = deployOf([manifest("myapp")]);

describe("with a real API server", { skip }, () => {
  const plane = started as ControlPlane;
  let operator: ApiClient;

  const install = async (objects: JsonObject[]): Promise<void> => {
    const file = join(plane.folder, "deploy.yaml");
    writeFileSync(file, objects.map((object) => stringify(object)).join("---\n"));
    await plane.kubectl("apply", "--server-side", "--validate=strict", "-f", file);
  };
  const tokenOf = async (account: string): Promise<string> => {
    const request = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} };
    return (await plane.api.must("POST", `/api/v1/namespaces/toque-system/serviceaccounts/${account}/token`, request)).status.token as string;
  };

  before(async () => {
    await install(deploy.all);
    operator = apiClient({ url: plane.url, ca: plane.ca, token: await tokenOf("myapp") });
    await until("the roles are in force", async () => (await operator.request("GET", "/apis/example.dev/v1/myapps")).status === 200);
  });
  after(async () => {
    operator.close();
    await plane.stop();
  });

  it("the catalogue is what the server says, if it is of the same version", async (t) => {
    const { version, documents } = await fetchDocuments((path) => plane.api.must("GET", path));
    if (!BUILTIN.server.endsWith(` ${version}`)) return t.skip(`the server is ${version}, the catalogue is of ${BUILTIN.server}`);
    assert.deepEqual(BUILTIN, reduce(version, documents));
  });

  it("an operator may do what its manifest says", async () => {
    const app = await plane.api.apply("/apis/example.dev/v1/namespaces/default/myapps/web", {
      apiVersion: "example.dev/v1", kind: "MyApp", metadata: { name: "web" }, spec: { image: "web:1", replicas: 1, port: 80 },
    });
    const owner = { apiVersion: "example.dev/v1", kind: "MyApp", name: "web", uid: app.metadata.uid, controller: true, blockOwnerDeletion: true };
    const labels = { app: "web" };
    const deployment = {
      apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web", ownerReferences: [owner] },
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [{ name: "app", image: "web:1" }] } } },
    };
    await operator.apply("/apis/apps/v1/namespaces/default/deployments/web", deployment);
    await operator.apply("/apis/apps/v1/namespaces/default/deployments/web", deployment);
    await operator.must("PATCH", "/apis/example.dev/v1/namespaces/default/myapps/web/status", { status: { readyReplicas: 1 } }, "application/merge-patch+json");
    for (const path of ["/apis/example.dev/v1/myapps", "/apis/apps/v1/deployments", "/api/v1/services", "/apis/autoscaling/v2/horizontalpodautoscalers"]) await operator.must("GET", path);
    await operator.must("POST", "/apis/events.k8s.io/v1/namespaces/default/events", {
      apiVersion: "events.k8s.io/v1", kind: "Event", metadata: { name: "web.1" }, eventTime: "2026-01-02T03:04:05.000000Z", type: "Normal", reason: "Created", action: "apply",
      reportingController: "toque", reportingInstance: "toque-0", regarding: { apiVersion: "example.dev/v1", kind: "MyApp", name: "web", namespace: "default" },
    });
    const lease = "/apis/coordination.k8s.io/v1/namespaces/toque-system/leases";
    await operator.must("POST", lease, { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name: "toque-myapp" } });
    const held = await operator.must("GET", `${lease}/toque-myapp`);
    await operator.must("PUT", `${lease}/toque-myapp`, { ...held, spec: { holderIdentity: "a" } });
  });

  it("and nothing else", async () => {
    const forbidden: [method: string, path: string][] = [
      ["GET", "/api/v1/secrets"], ["GET", "/api/v1/pods"], ["GET", "/apis/apps/v1/statefulsets"],
      ["DELETE", "/apis/apps/v1/namespaces/default/deployments/web"], ["DELETE", "/apis/example.dev/v1/namespaces/default/myapps/web"],
      ["PATCH", "/apis/example.dev/v1/namespaces/default/myapps/web"], ["PATCH", "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers/web"],
      ["PUT", "/apis/coordination.k8s.io/v1/namespaces/toque-system/leases/another"], ["GET", "/apis/coordination.k8s.io/v1/namespaces/toque-system/leases"],
      ["POST", "/apis/rbac.authorization.k8s.io/v1/clusterroles"], ["GET", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"],
    ];
    for (const [method, path] of forbidden) {
      const body = method === "GET" || method === "DELETE" ? undefined : {};
      const { status } = await operator.request(method, path, body, method === "PATCH" ? "application/merge-patch+json" : "application/json");
      assert.equal(status, 403, `${method} ${path}`);
    }
  });

  it("a shared host writes as its operators, each with its own rights, and as nobody else", async () => {
    await install(deployOf([manifest("myapp"), manifest("rich")], { namespace: "toque-system" }).all);
    const token = await tokenOf("toque");
    const may = async (account: string, verb: string, resource: string, ...more: string[]): Promise<string> => {
      const as = account === "" ? [] : [`--as=system:serviceaccount:toque-system:${account}`, ...more];
      return plane.kubectl("auth", "can-i", verb, resource, "-n", "default", `--token=${token}`, ...as).then((out) => out.trim(), (error: { stdout: string; stderr: string }) => error.stdout.trim() || error.stderr);
    };
    await until("the roles are in force", async () => (await may("kitchen", "create", "services")) === "yes");
    assert.deepEqual([await may("myapp", "patch", "deployments.apps"), await may("kitchen", "patch", "deployments.apps")], ["yes", "no"]);
    assert.deepEqual([await may("", "watch", "deployments.apps"), await may("", "patch", "deployments.apps")], ["yes", "no"]);
    assert.match(await may("default", "get", "pods"), /cannot impersonate/);
    // A group that is named would need a right of its own; unnamed, the account's groups come with it.
    assert.match(await may("myapp", "get", "pods", "--as-group=system:serviceaccounts"), /cannot impersonate/);
  });
});
