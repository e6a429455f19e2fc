import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test, type TestContext } from "node:test";
import type { AddressInfo } from "node:net";
import { build } from "esbuild";
import { KubeconfigError } from "./kubeconfig-error.ts";
import { inCluster, loadTarget } from "./kubeconfig.ts";
import { connectTo } from "./transport.ts";

const folder = mkdtempSync(join(tmpdir(), "toque-kubeconfig-"));
after(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);
for (const name of ["a", "b"]) {
  execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", at(`${name}.key`), "-out", at(`${name}.crt`), "-days", "2", "-subj", `/CN=${name}`], { stdio: "ignore" });
}

type Fields = { [field: string]: unknown };
let files = 0;

/** Writes a kubeconfig with one context; the parts given replace the usual ones. */
function kubeconfig(parts: { cluster?: Fields; user?: Fields; more?: Fields }): string {
  const file = at(`config-${files++}`);
  writeFileSync(file, JSON.stringify({
    apiVersion: "v1", kind: "Config", "current-context": "dev",
    clusters: [{ name: "c", cluster: { server: "https://127.0.0.1:6443", "certificate-authority": "a.crt", ...parts.cluster } }],
    users: [{ name: "u", user: parts.user ?? { token: "t" } }],
    contexts: [{ name: "dev", context: { cluster: "c", user: "u", namespace: "shop" } }],
    ...parts.more,
  }));
  return file;
}

function plugin(name: string, script: string): string {
  writeFileSync(at(name), `#!/bin/sh\n${script}\n`);
  chmodSync(at(name), 0o755);
  return `./${name}`;
}

const authorization = async (file: string): Promise<string | undefined> => (await loadTarget({ file })).credentials.authorization();

test("a kubeconfig with everything in it, in YAML, with paths relative to it", async () => {
  writeFileSync(at("yaml"), `
apiVersion: v1
kind: Config
current-context: dev
clusters:
- name: c
  cluster: {server: "https://api.example:6443/prefix", certificate-authority: a.crt, tls-server-name: other.example, proxy-url: "http://proxy:3128"}
users:
- name: u
  user: {client-certificate: a.crt, client-key: a.key}
contexts:
- name: dev
  context: {cluster: c, user: u, namespace: shop}
- name: plain
  context: {cluster: c}
`);
  const target = await loadTarget({ file: at("yaml") });
  assert.deepEqual([target.url.href, target.serverName, target.proxy?.href, target.namespace, target.insecure], ["https://api.example:6443/prefix", "other.example", "http://proxy:3128/", "shop", false]);
  assert.match(target.ca()!, /BEGIN CERTIFICATE/);
  assert.match((await target.credentials.certificate())!.key, /PRIVATE KEY/);
  assert.equal(await (await loadTarget({ file: at("yaml"), context: "plain" })).credentials.authorization(), undefined);
});

test("tokens, passwords, and tokens in files that change", async () => {
  assert.equal(await authorization(kubeconfig({ user: { token: "abc" } })), "Bearer abc");
  assert.equal(await authorization(kubeconfig({ user: { username: "u", password: "p\u00e4" } })), `Basic ${Buffer.from("u:p\u00e4").toString("base64")}`);
  writeFileSync(at("token"), "one\n");
  const { credentials } = await loadTarget({ file: kubeconfig({ user: { tokenFile: "token" } }) });
  assert.equal(credentials.authorization(), "Bearer one");
  assert.equal(credentials.renew("Bearer one"), false, "the same token would be refused again");
  writeFileSync(at("token"), "two");
  assert.equal(credentials.authorization(), "Bearer one", "not read for each request");
  assert.equal(credentials.renew("Bearer one"), true);
  assert.equal(credentials.authorization(), "Bearer two");
  assert.equal(credentials.renew("Bearer one"), true, "another request has renewed it already");
});

test("in a Pod: address from the environment, token, CA and namespace from the mounted files", () => {
  mkdirSync(at("sa"));
  assert.equal(inCluster(at("sa"), { KUBERNETES_SERVICE_HOST: "10.96.0.1" }), undefined, "no token, no Pod");
  writeFileSync(at("sa/token"), "tok");
  writeFileSync(at("sa/ca.crt"), "CA");
  writeFileSync(at("sa/namespace"), "toque\n");
  const target = inCluster(at("sa"), { KUBERNETES_SERVICE_HOST: "fd00::1", KUBERNETES_SERVICE_PORT: "443" })!;
  assert.deepEqual([target.url.host, target.ca(), target.namespace, target.credentials.authorization()], ["[fd00::1]", "CA", "toque", "Bearer tok"]);
  assert.equal(inCluster(at("sa"), {}), undefined);
});

test("an exec plugin is run once, told what it may know, and again when refused or expired", async (t) => {
  const command = plugin("login", `echo run >> ${at("runs")}
    echo "{\\"kind\\":\\"ExecCredential\\",\\"status\\":{\\"token\\":\\"$NAME-$(wc -l < ${at("runs")} | tr -d ' ')\\"\${UNTIL:+,\\"expirationTimestamp\\":\\"$UNTIL\\"}}}"
    echo "$KUBERNETES_EXEC_INFO" > ${at("info")}`);
  const exec = { apiVersion: "client.authentication.k8s.io/v1", command, args: [], env: [{ name: "NAME", value: "tok" }], provideClusterInfo: true, interactiveMode: "Never" };
  const { credentials } = await loadTarget({ file: kubeconfig({ user: { exec } }) });
  assert.deepEqual(await Promise.all([credentials.authorization(), credentials.authorization()]), ["Bearer tok-1", "Bearer tok-1"]);
  assert.equal(credentials.authorization(), "Bearer tok-1");
  const info = JSON.parse(execFileSync("cat", [at("info")], { encoding: "utf8" })) as { spec: { cluster: { server: string } } };
  assert.equal(info.spec.cluster.server, "https://127.0.0.1:6443");
  assert.equal(credentials.renew("Bearer tok-1"), false, "not at once again");
  t.mock.timers.enable({ apis: ["Date"], now: Date.now() + 6_000 });
  assert.equal(credentials.renew("Bearer tok-1"), true);
  const [renewed] = [credentials.authorization(), credentials.renew("Bearer tok-1")];
  assert.equal(await renewed, "Bearer tok-2");
  assert.equal(credentials.renew("Bearer tok-1"), true, "another request has renewed it already");
  assert.equal(await credentials.authorization(), "Bearer tok-2");
  const expiring = await loadTarget({ file: kubeconfig({ user: { exec: { ...exec, env: [...exec.env, { name: "UNTIL", value: "2026-01-01T00:00:00Z" }] } } }) });
  assert.equal(await expiring.credentials.authorization(), "Bearer tok-3");
  assert.equal(await expiring.credentials.authorization(), "Bearer tok-4");
});

test("an OIDC auth provider works by client-node, its token and all", async () => {
  const claims = Buffer.from(JSON.stringify({ exp: 4_000_000_000 })).toString("base64url");
  const token = `e30.${claims}.sig`;
  const user = { "auth-provider": { name: "oidc", config: { "id-token": token, "idp-issuer-url": "https://issuer.example", "client-id": "x" } } };
  assert.equal(await authorization(kubeconfig({ user })), `Bearer ${token}`);
});

const context = (fields: Fields): Fields => ({ contexts: [{ name: "dev", context: fields }] });
const exec = (command: string): Fields => ({ exec: { apiVersion: "client.authentication.k8s.io/v1", command, installHint: "get it from https://example.dev" } });
writeFileSync(at("broken.yaml"), "clusters: [\nusers: }");
writeFileSync(at("other.yaml"), "kind: Pod");
writeFileSync(at("not-a.crt"), "hello");
for (const [what, make, code, words] of [
  ["a file that is missing", () => at("nowhere"), "KUBE1002", /can't read the kubeconfig .*nowhere: no such file\. Check --kubeconfig/],
  ["a folder", () => folder, "KUBE1002", /it is a folder/],
  ["bad YAML", () => at("broken.yaml"), "KUBE1003", /broken\.yaml is not YAML, or cut short: .*line/],
  ["another kind of file", () => at("other.yaml"), "KUBE1003", /is not a kubeconfig/],
  ["no context chosen", () => kubeconfig({ more: { "current-context": "" } }), "KUBE1004", /no context is chosen.*use-context NAME.*There are: dev/],
  ["an unknown context", () => kubeconfig({ more: { "current-context": "prod" } }), "KUBE1004", /no context "prod".*There are: dev/],
  ["an unknown cluster", () => kubeconfig({ more: context({ cluster: "x", user: "u" }) }), "KUBE1005", /contexts\[dev\]\.context\.cluster in .* names "x".*There are: c/],
  ["an unknown user", () => kubeconfig({ more: context({ cluster: "c", user: "x" }) }), "KUBE1005", /names "x", but there is no such user\. There are: u/],
  ["no server", () => kubeconfig({ cluster: { server: undefined } }), "KUBE1006", /clusters\[c\]\.cluster\.server in .* is missing/],
  ["a server that is no URL", () => kubeconfig({ cluster: { server: "localhost:6443" } }), "KUBE1006", /server in .* is "localhost:6443": it should begin with https/],
  ["a SOCKS proxy", () => kubeconfig({ cluster: { "proxy-url": "socks5://x" } }), "KUBE1006", /proxy-url in .*should begin with http:/],
  ["a number for a token", () => kubeconfig({ user: { token: 5 } }), "KUBE1006", /users\[u\]\.user\.token in .* should be text/],
  ["an authority that is missing", () => kubeconfig({ cluster: { "certificate-authority": "none.crt" } }), "KUBE1007", /can't read .*none\.crt \(clusters\[c\]\.cluster\.certificate-authority in .*\): no such file/],
  ["an authority that is none", () => kubeconfig({ cluster: { "certificate-authority": "not-a.crt" } }), "KUBE1007", /certificate-authority in .* is not a PEM certificate/],
  ["a certificate without a key", () => kubeconfig({ user: { "client-certificate": "a.crt" } }), "KUBE1006", /client-key in .* is missing, while the certificate is there/],
  ["another's key", () => kubeconfig({ user: { "client-certificate": "a.crt", "client-key": "b.key" } }), "KUBE1007", /client-key in .* is not the key of the certificate/],
  ["base64 of nothing good", () => kubeconfig({ user: { "client-certificate-data": "AAAA", "client-key-data": "AAAA" } }), "KUBE1007", /client-certificate-data in .* is not a PEM certificate/],
  ["a token file that is gone", () => kubeconfig({ user: { tokenFile: "gone" } }), "KUBE1007", /can't read .*gone \(users\[u\]\.user\.tokenFile/],
  ["a plugin that is not installed", () => kubeconfig({ user: exec("no-such-plugin") }), "KUBE1008", /users\[u\]\.user\.exec in .*: the command "no-such-plugin" is not found: get it from https:\/\/example\.dev/],
  ["a plugin that fails", () => kubeconfig({ user: exec(plugin("fails", "echo session expired >&2; exit 3")) }), "KUBE1008", /ended with code 3: session expired\. Run it by hand/],
  ["a plugin that talks nonsense", () => kubeconfig({ user: exec(plugin("talks", "echo hello")) }), "KUBE1008", /should print an ExecCredential as JSON/],
  ["a plugin that gives nothing", () => kubeconfig({ user: exec(plugin("empty", "echo '{}'")) }), "KUBE1008", /gives neither status\.token nor a certificate/],
  ["a plugin without a command", () => kubeconfig({ user: { exec: {} } }), "KUBE1006", /exec\.command in .* is missing/],
] as const) {
  test(`${what}: ${code}`, async () => {
    await assert.rejects(async () => authorization(make()), (error: unknown) => {
      assert.ok(error instanceof KubeconfigError, String(error));
      assert.equal(error.code, code, error.message);
      assert.match(error.message, words);
      return true;
    });
  });
}

test("bundled, it reads YAML, and carries client-node in a file that is loaded only for an auth provider", async () => {
  const banner = { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" };
  const built = await build({
    entryPoints: [join(import.meta.dirname, "kubeconfig.ts")], outdir: at("bundle"), bundle: true, splitting: true, format: "esm", platform: "node",
    outExtension: { ".js": ".mjs" }, banner, metafile: true, logLevel: "silent",
  });
  const script = `const { loadTarget } = await import(process.argv[1]); console.log((await loadTarget({ file: process.argv[2] })).namespace);`;
  assert.equal(execFileSync(process.execPath, ["--input-type=module", "-e", script, at("bundle/kubeconfig.mjs"), at("yaml")], { encoding: "utf8" }), "shop\n");
  const holders = Object.values(built.metafile.outputs).filter(({ inputs }) => Object.keys(inputs).some((input) => input.includes("@kubernetes/client-node")));
  assert.ok(holders.length > 0);
  const eager = Object.values(built.metafile.outputs).find(({ entryPoint }) => entryPoint?.endsWith("kubeconfig.ts") === true)!;
  assert.deepEqual(Object.keys(eager.inputs).filter((input) => input.includes("node_modules")), []);
});

test("KUBECONFIG may name several files: what is found first counts", async (t: TestContext) => {
  const first = kubeconfig({ user: { token: "first" } });
  const second = kubeconfig({ user: { token: "second" }, more: { contexts: [{ name: "other", context: { cluster: "c", user: "u" } }] } });
  const saved = process.env["KUBECONFIG"];
  t.after(() => { process.env["KUBECONFIG"] = saved; });
  process.env["KUBECONFIG"] = `${first}:${at("missing")}:${second}`;
  assert.equal(await (await loadTarget({ context: "other" })).credentials.authorization(), "Bearer first");
});

test("a failing plugin is an Auth failure of the request, with the plugin's own words", async (t) => {
  const server = createServer((_, response) => response.end());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const file = kubeconfig({ cluster: { server: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }, user: exec(plugin("angry", "echo log in again >&2; exit 1")) });
  const transport = connectTo(await loadTarget({ file }));
  await assert.rejects(transport.request({ method: "GET", path: "/" }), { name: "TransportError", failure: "Auth", message: /KUBE1008.*log in again/ });
  transport.close();
});
