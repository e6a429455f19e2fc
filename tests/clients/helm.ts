/** Helm on the embedded cluster: a release installed, upgraded, rolled back and taken away, by the real program. */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { embeddedServer } from "../fidelity/embedded.ts";
import { Target } from "../fidelity/target.ts";
import { cacheFolder } from "../support/assets.ts";
import { until } from "../support/wait.ts";
import type { Outcome } from "./kubectl.ts";

const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ .Release.Name }}, labels: {app: {{ .Release.Name }}}}
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {app: {{ .Release.Name }}}}
  template:
    metadata: {labels: {app: {{ .Release.Name }}}}
    spec: {containers: [{name: web, image: "{{ .Values.image }}", ports: [{containerPort: 80}]}]}
`;
const SERVICE = `apiVersion: v1
kind: Service
metadata: {name: {{ .Release.Name }}}
spec: {selector: {app: {{ .Release.Name }}}, ports: [{port: 80}]}
`;
const DEFINITION = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: charts.helm.example.dev}
spec:
  group: helm.example.dev
  scope: Namespaced
  names: {plural: charts, kind: Chart}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}]
`;

export function helmProgram(): string { return join(cacheFolder(), "peers", "helm"); }

/** One check for each command, and one for what is left. */
export async function tryHelm(): Promise<Outcome> {
  if (!existsSync(helmProgram())) {
    console.log(`helm is left out: ${helmProgram()} is not there (tests/bench/peers/build.sh makes it)`);
    return { passed: 0, failed: process.env["TOQUE_REQUIRE_CLUSTER"] === "1" ? 1 : 0 };
  }
  const { server, stop } = await embeddedServer({ parts: true });
  const folder = mkdtempSync(join(tmpdir(), "toque-helm-"));
  const target = new Target(server);
  let passed = 0;
  try {
    writeChart(folder);
    const kubeconfig = join(folder, "kubeconfig");
    writeFileSync(kubeconfig, stringify({ apiVersion: "v1", kind: "Config", "current-context": "c", clusters: [{ name: "c", cluster: { server: server.url } }], users: [{ name: "u", user: {} }], contexts: [{ name: "c", context: { cluster: "c", user: "u", namespace: "default" } }] }));
    const helm = (...args: string[]): Promise<string> => run(folder, kubeconfig, args);
    const replicas = async (): Promise<number> => (await target.get("/apis/apps/v1/namespaces/default/deployments/web")).body.status?.readyReplicas as number;
    const chart = join(folder, "chart");
    await helm("install", "web", chart, "--wait", "--timeout", "30s");
    await until("two are ready", async () => (await replicas()) === 2);
    await helm("upgrade", "web", chart, "--set", "replicas=3", "--wait", "--timeout", "30s");
    await until("three are ready", async () => (await replicas()) === 3);
    expect(await helm("history", "web"), /superseded[^]*deployed/);
    await helm("rollback", "web", "1", "--wait", "--timeout", "30s");
    await until("two again", async () => (await replicas()) === 2);
    expect(await helm("status", "web"), /STATUS: deployed/);
    expect(await helm("list"), /web\s+default\s+3/);
    expect(await helm("get", "manifest", "web"), /kind: Deployment/);
    await helm("uninstall", "web", "--wait", "--timeout", "30s");
    await until("nothing is left", async () => (await target.get("/api/v1/namespaces/default/pods")).body.items?.length === 0);
    passed = 9;
    console.log("ok   helm: install, upgrade, history, rollback, status, list, get, uninstall");
    return { passed, failed: 0 };
  } catch (error) {
    console.log(`FAIL helm: ${(error as Error).message}`);
    return { passed, failed: 1 };
  } finally {
    target.close();
    await stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function writeChart(folder: string): void {
  mkdirSync(join(folder, "chart/templates"), { recursive: true });
  mkdirSync(join(folder, "chart/crds"), { recursive: true });
  const files = {
    "Chart.yaml": stringify({ apiVersion: "v2", name: "web", version: "0.1.0" }), "values.yaml": stringify({ replicas: 2, image: "nginx:1.29" }),
    "templates/deployment.yaml": DEPLOYMENT, "templates/service.yaml": SERVICE, "crds/charts.yaml": DEFINITION,
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, "chart", name), content);
}

function run(folder: string, kubeconfig: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(helmProgram(), args, { env: { PATH: process.env["PATH"], HOME: folder, KUBECONFIG: kubeconfig } });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data: Buffer) => { output += data; });
    child.on("error", reject);
    child.on("close", (code) => (code === 0 ? resolve(output) : reject(new Error(`helm ${args.join(" ")}: exit ${code}\n${output}`))));
  });
}

function expect(output: string, pattern: RegExp): void {
  if (!pattern.test(output)) throw new Error(`${pattern} expected in:\n${output}`);
}
