/** A host limited to two namespaces, with the generated Roles and nothing more, on a real API server. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { inWords } from "./support/audit.ts";
import { startControlPlane, type ControlPlane } from "./support/control-plane.ts";
import { until } from "./support/wait.ts";

const root = new URL("../", import.meta.url).pathname;
const CORE = join(root, "build/myapp.wasm");
const started = await startControlPlane();
const skip = "skipped" in started ? started.skipped : false;
const plane = started as ControlPlane;

describe("a host limited to namespaces", { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), "toque-namespaces-"));
  let stop = (): void => undefined;
  after(async () => {
    stop();
    await plane.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const app = { apiVersion: "example.dev/v1", kind: "MyApp", metadata: { name: "web" }, spec: { image: "nginx:1", port: 80, replicas: 1 } };
  const myApp = (namespace: string): string => `/apis/example.dev/v1/namespaces/${namespace}/myapps/web`;

  it("serves those, by Roles there, and asks nothing of the rest", async () => {
    for (const name of ["one", "two", "three", "toque-system"]) await plane.api.apply(`/api/v1/namespaces/${name}`, { apiVersion: "v1", kind: "Namespace", metadata: { name } });
    await plane.kubectl("apply", "-f", join(root, "assembly/operators/myapp/crd.yaml"));
    const printed = spawnSync(process.execPath, ["host/cli/main.ts", "manifests", CORE, "--watch-namespace", "one,two", "--watch-namespace", "two"], { cwd: root, encoding: "utf8" });
    assert.equal(printed.status, 0, printed.stderr);
    assert.doesNotMatch(printed.stdout, /ClusterRole/);
    const file = join(folder, "manifests.yaml");
    writeFileSync(file, printed.stdout);
    await plane.kubectl("apply", "-f", file);
    for (const namespace of ["one", "two", "three"]) await until(`a MyApp in ${namespace}`, () => plane.api.apply(myApp(namespace), app));

    // The Deployment's own arguments, as its ServiceAccount.
    const { args } = (await plane.api.must("GET", "/apis/apps/v1/namespaces/toque-system/deployments/toque-myapp")).spec.template.spec.containers[0];
    assert.ok(args.join(" ").includes("--namespace one,two"), args.join(" "));
    const { kubeconfig, user } = await plane.serviceAccount("toque-system", "myapp", []);
    const given = (args as string[]).map((arg) => (arg.startsWith("/operators/") ? CORE : arg === "8080" ? "0" : arg === "0.0.0.0" ? "127.0.0.1" : arg));
    const host = spawn(process.execPath, ["host/cli/main.ts", ...given], { cwd: root, env: { ...process.env, KUBECONFIG: kubeconfig }, stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    host.stdout.on("data", (data: Buffer) => { output += data; });
    stop = () => void host.kill("SIGKILL");

    for (const namespace of ["one", "two"]) await until(`the MyApp in ${namespace} is served`, async () => (await plane.api.must("GET", myApp(namespace))).status?.observedGeneration === 1);
    await plane.api.mergePatch("/apis/apps/v1/namespaces/two/deployments/web", { spec: { replicas: 5 } });
    await until("drift is repaired", async () => (await plane.api.must("GET", "/apis/apps/v1/namespaces/two/deployments/web")).spec.replicas === 1);
    assert.equal((await plane.api.must("GET", myApp("three"))).status, undefined);
    assert.equal((await plane.api.must("GET", "/apis/apps/v1/namespaces/three/deployments")).items.length, 0);

    const requests = plane.audit().filter((event) => event.user.username === user);
    assert.deepEqual(requests.filter(({ responseStatus }) => responseStatus?.code === 403).map((event) => `${inWords(event)} ${event.requestURI}`), [], output);
    const places = new Set(requests.filter(({ objectRef }) => objectRef !== undefined).map(({ objectRef }) => objectRef!.namespace ?? "(all)"));
    assert.deepEqual([...places].sort(), ["one", "toque-system", "two"]);
  });

  it("is told a namespace that can't be one", () => {
    const done = spawnSync(process.execPath, ["host/cli/main.ts", "run", CORE, "--namespace", "one,Two"], { cwd: root, encoding: "utf8" });
    assert.deepEqual([done.status, done.stderr], [2, "toque: 'Two' can't be the name of a namespace: write them with commas between, or repeat the option\n"]);
  });
});
