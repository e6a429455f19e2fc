/**
 * What goes wrong for reasons outside of Toque: kubeconfigs, API servers, rights, definitions, objects, modules. Each is
 * told in one sentence with the fix, with an exit code that says whose fault it is, and nothing is written by half.
 */
import assert from "node:assert/strict";
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { parse, stringify } from "yaml";
import { startControlPlane, type ControlPlane } from "./support/control-plane.ts";
import { until } from "./support/wait.ts";

const root = new URL("../", import.meta.url).pathname;
const CORE = join(root, "build/myapp.wasm");
const CRD = "assembly/operators/myapp/crd.yaml";
const USAGE = 2;
const CLUSTER = 3;
const started = await startControlPlane();
const skip = "skipped" in started ? started.skipped : false;
const plane = started as ControlPlane;
const folder = mkdtempSync(join(tmpdir(), "toque-bad-"));
after(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}
const app = (name: string, change: object = {}): string => file(`${name}.yaml`, stringify({
  apiVersion: "example.dev/v1", kind: "MyApp", metadata: { name, namespace: "default" }, spec: { image: "nginx:1", port: 80, replicas: 1 }, ...change,
}));

/** Runs to the end: one line on stderr, nothing on stdout. */
function refused(kubeconfig: string, args: readonly string[], status: number, message: RegExp): void {
  const done = spawnSync(process.execPath, ["host/cli/main.ts", ...args], { cwd: root, encoding: "utf8", env: { ...process.env, KUBECONFIG: kubeconfig } });
  assert.match(done.stderr, message);
  assert.match(done.stderr, /^toque: /);
  assert.equal(done.status, status, done.stderr);
  assert.doesNotMatch(done.stderr, /\n {4}at |Error:/, "a stack is no message");
}

describe("files that are no good", () => {
  const module = readFileSync(CORE);
  const atProtocol = module.indexOf('{"protocol":1') + '{"protocol":'.length;
  const other = Uint8Array.from(module, (byte, index) => (index === atProtocol ? 0x32 : byte));
  mkdirSync(join(folder, "folder"), { recursive: true });
  const whole = "apiVersion: v1\nkind: Config\nclusters: [{name: c, cluster: {server: 'https://127.0.0.1:1'}}]\n";
  const cases: [what: string, args: readonly string[], message: RegExp][] = [
    ["a kubeconfig cut short", ["run", CORE, "--kubeconfig", file("cut", whole.slice(0, 60))], /KUBE1003 \S*cut is not YAML, or cut short: .* at line 3, column \d+\n$/],
    ["a kubeconfig that isn't there", ["run", CORE, "--kubeconfig", join(folder, "none")], /KUBE1002 can't read the kubeconfig \S*none: no such file/],
    ["another file as a kubeconfig", ["run", CORE, "--kubeconfig", app("web")], /KUBE1003 \S*web.yaml is not a kubeconfig/],
    ["a module cut short", ["run", file("cut.wasm", module.subarray(0, 20_000))], /CORE2001 \S*cut.wasm is not a core: the file ends too early/],
    ["an empty module", ["inspect", file("empty.wasm", "")], /CORE2001 \S*empty.wasm is not a core: the file ends too early/],
    ["a module of another protocol", ["run", file("other.wasm", other)], /CORE2002 \S*other.wasm speaks protocol 2, this host speaks 1; use a newer host/],
    ["a component", ["inspect", file("x.component.wasm", Buffer.from("0061736d0d000100", "hex"))], /x.component.wasm is a component, .* takes the module beside it: \S*x.wasm/],
    ["a folder as a module", ["inspect", join(folder, "folder")], /can't read \S*folder: it is a folder; `toque build FOLDER` makes modules/],
    ["a folder as an object", ["plan", CORE, "--offline", "-f", join(folder, "folder")], /can't read \S*folder: it is a folder/],
    ["an object cut short", ["plan", CORE, "--offline", "-f", file("cut.yaml", "apiVersion: example.dev/v1\nkind: MyApp\nspec: {im")], /cut.yaml: Flow map .* end with a }/],
    ["an empty object", ["plan", CORE, "--offline", "-f", file("empty.yaml", "")], /empty.yaml holds no object; one MyApp is wanted/],
    ["an object of another kind", ["plan", CORE, "--offline", "-f", app("other", { kind: "YourApp" })], /holds example.dev\/v1 YourApp; myapp is for example.dev\/v1 MyApp/],
    ["a plan that isn't there", ["apply", join(folder, "none.json")], /can't read \S*none.json: there is no such file; `toque plan --out FILE` makes one/],
    ["a plan cut short", ["apply", file("cut.json", '{"toquePlan":1')], /can't read \S*cut.json: it is not JSON, or cut short/],
  ];
  for (const [what, args, message] of cases) it(what, () => refused(join(folder, "none"), args, USAGE, message));
});

describe("clusters that can't, or won't", { skip }, () => {
  const running: ChildProcess[] = [];
  after(async () => {
    for (const child of running) child.kill("SIGKILL");
    await plane.stop();
  });
  const changed = (name: string, from: string | RegExp, to: string): string => file(name, readFileSync(plane.kubeconfig, "utf8").replace(from, to));
  const plan = (name: string, change?: object): string[] => ["plan", CORE, "-f", app(name, change)];

  it("an address where nobody listens, and a name that is none", () => {
    refused(changed("gone", /127\.0\.0\.1:\d+/, "127.0.0.1:1"), plan("web"), CLUSTER, /can't plan: 127\.0\.0\.1:1: connection refused: is the API server running, and the address in `server` right\?/);
    refused(changed("nameless", /127\.0\.0\.1:\d+/, "api.invalid:6443"), plan("web"), CLUSTER, /can't plan: api\.invalid:6443: .*check `server`/);
  });
  it("a token that has expired", () => {
    const expired = changed("expired", plane.token, "expired");
    refused(expired, plan("web"), CLUSTER, /can't plan: the API server refuses the credentials \(401\): renew the token or certificate/);
    refused(expired, ["run", CORE, "--install"], CLUSTER, /can't apply the definition: the API server refuses the credentials \(401\)/);
  });
  it("a definition that is missing, or of another version", async () => {
    refused(plane.kubeconfig, plan("web"), CLUSTER, /does not serve example\.dev\/v1 MyApp: install its definition \(toque run --install, .*or check the version/);
    const later = file("later.yaml", readFileSync(join(root, CRD), "utf8").replace("name: v1\n", "name: v2\n"));
    await plane.kubectl("apply", "-f", later);
    await until("v2 is served", async () => (await plane.api.request("GET", "/apis/example.dev/v2/myapps")).status === 200);
    refused(plane.kubeconfig, plan("web"), CLUSTER, /does not serve example\.dev\/v1 MyApp/);
    await plane.kubectl("delete", "-f", later);
  });

  describe("with the definition", () => {
    before(async () => {
      await plane.kubectl("apply", "-f", join(root, CRD));
      await until("myapps are served", async () => (await plane.api.request("GET", "/apis/example.dev/v1/myapps")).status === 200);
    });

    it("a right that is missing", async () => {
      const { kubeconfig } = await plane.serviceAccount("default", "nobody", [{ apiGroups: ["example.dev"], resources: ["myapps"], verbs: ["get"] }]);
      await until("the role is in force", () => {
        refused(kubeconfig, plan("web"), CLUSTER, /can't plan: not allowed \(403\): .*cannot patch resource "myapps".*Have the right granted/);
        return true;
      });
    });
    it("an object that the definition does not allow", () => {
      const spec = { image: "nginx:1", port: 80 };
      refused(plane.kubeconfig, plan("web", { spec: { ...spec, port: "eighty" } }), USAGE, /would not take the object: \.spec\.port: expected numeric .*, got string/);
      refused(plane.kubeconfig, plan("web", { spec: { ...spec, imgae: "x" } }), USAGE, /would not take the object: \.spec\.imgae: field not declared in schema/);
      refused(plane.kubeconfig, plan("web", { spec: { ...spec, replicas: -1 } }), USAGE, /would not take the object: .*spec\.replicas.*greater than or equal to 0/);
      refused(plane.kubeconfig, plan("web", { metadata: { name: "web", namespace: "nowhere" } }), USAGE, /would not take the object: namespaces "nowhere" not found/);
    });
    it("an API server that doesn't answer", () => {
      plane.pauseApiServer();
      try {
        refused(plane.kubeconfig, plan("web"), CLUSTER, /can't plan: 127\.0\.0\.1:\d+: no answer within \d+ s: is the network or VPN up\?/);
      } finally {
        plane.resumeApiServer();
      }
    });
    it("none of it has written anything", async () => {
      assert.equal(await plane.kubectl("get", "myapps,deployments,services", "-l", "!component", "-A", "-o", "name"), "");
    });
  });

  it("an object in the cluster that does not fit its types stops nobody else, and says so itself", async () => {
    const definition = parse(readFileSync(join(root, CRD), "utf8"));
    definition.spec.versions[0].schema.openAPIV3Schema.properties.spec = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
    await plane.kubectl("apply", "-f", file("loose.yaml", stringify(definition)));
    await plane.kubectl("apply", "-f", app("good"));
    await until("the definition is loose", () => plane.kubectl("apply", "-f", app("bad", { spec: { image: "x", port: "eighty" } })));
    const host = spawn(process.execPath, ["host/cli/main.ts", "run", CORE], { cwd: root, env: { ...process.env, KUBECONFIG: plane.kubeconfig } });
    running.push(host);
    let output = "";
    host.stdout.on("data", (data: Buffer) => { output += data; });
    const condition = `jsonpath={.status.conditions[?(@.type=="Stalled")].message}`;
    await until("the object says it", async () => await plane.kubectl("get", "myapp", "bad", "-o", condition) === "primary.spec.port: expected integer, found string");
    await until("the log says it", () => /warn {2}pass .*object=default\/bad verdict=refused reason=InvalidObject message="primary\.spec\.port: expected integer, found string"/.test(output));
    await until("an Event says it", async () => /primary\.spec\.port: expected integer/.test(await plane.kubectl("get", "events", "-o", "jsonpath={..message}")));
    await until("the other is served", async () => await plane.kubectl("get", "deployments", "-o", "name") === "deployment.apps/good\n");
    host.kill("SIGTERM");
  });
});
