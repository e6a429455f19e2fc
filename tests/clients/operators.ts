/**
 * Operators written with other frameworks, as their authors ship them, on the embedded cluster: what they make, keep in line
 * and clean up must come out as on a real one.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { embeddedServer } from "../fidelity/embedded.ts";
import { Target } from "../fidelity/target.ts";
import { contestants, missingOf, ROOT, type Contestant } from "../bench/contestants.ts";
import { until } from "../support/wait.ts";
import type { Outcome } from "./kubectl.ts";

const APPS = "/apis/example.dev/v1/namespaces/default/myapps";
const DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments";
const SERVICES = "/api/v1/namespaces/default/services";

/** One operator's life: makes what an app wants, follows its edits, mends what others break, leaves nothing behind. */
export async function tryOperator(contestant: Contestant): Promise<void> {
  const { server, stop } = await embeddedServer({ parts: true });
  const folder = mkdtempSync(join(tmpdir(), "toque-operator-"));
  const target = new Target(server);
  const kubeconfig = join(folder, "kubeconfig");
  writeFileSync(kubeconfig, stringify({
    apiVersion: "v1", kind: "Config", "current-context": "c", clusters: [{ name: "c", cluster: { server: server.url } }],
    users: [{ name: "u", user: { token: server.token } }], contexts: [{ name: "c", context: { cluster: "c", user: "u", namespace: "default" } }],
  }));
  const crd = parse(readFileSync(join(ROOT, "assembly/operators/myapp/crd.yaml"), "utf8")) as unknown;
  await target.post("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", crd);
  await until("MyApp is served", async () => (await target.get(APPS)).status === 200);
  const [file, ...args] = contestant.command as [string, ...string[]];
  let output = "";
  const child = spawn(file, args, { env: { ...process.env, ...contestant.environment, KUBECONFIG: kubeconfig, METRICS: "0" } });
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data: Buffer) => { output += data; });
  const gone = new Promise((resolve) => child.once("exit", resolve));
  try {
    await life(target);
  } catch (error) {
    throw new Error(`${contestant.name}: ${(error as Error).message}\n${output.slice(-4000)}`, { cause: error });
  } finally {
    child.kill("SIGKILL");
    await gone;
    target.close();
    await stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function life(target: Target): Promise<void> {
  const replicas = async (): Promise<number | undefined> => (await target.get(`${DEPLOYMENTS}/web`)).body.spec?.replicas;
  await target.post(APPS, { apiVersion: "example.dev/v1", kind: "MyApp", metadata: { name: "web" }, spec: { image: "nginx:1.29", port: 80, replicas: 2 } });
  await until("the Deployment is made", async () => (await replicas()) === 2);
  await until("the Service is made", async () => (await target.get(`${SERVICES}/web`)).body.spec?.ports?.[0]?.port === 80);
  await until("the status says that both are ready", async () => (await target.get(`${APPS}/web`)).body.status?.readyReplicas === 2);
  await target.patch(`${APPS}/web`, { spec: { replicas: 3 } }, "merge");
  await until("the Deployment follows", async () => (await replicas()) === 3);
  await target.patch(`${DEPLOYMENTS}/web`, { spec: { replicas: 1 } }, "merge");
  await until("drift is mended", async () => (await replicas()) === 3);
  await until("three are ready", async () => (await target.get(`${APPS}/web`)).body.status?.readyReplicas === 3);
  await target.delete(`${APPS}/web`);
  await until("nothing is left", async () => (await replicas()) === undefined && (await target.get(`${SERVICES}/web`)).status === 404);
  await until("no Pod is left", async () => (await target.get("/api/v1/namespaces/default/pods")).body.items?.length === 0);
}

/** Those whose name contains one of the words; who isn't built is left out with a line. */
export async function tryOperators(wanted: readonly string[]): Promise<Outcome> {
  let [passed, failed] = [0, 0];
  for (const contestant of contestants().filter(({ name }) => wanted.length === 0 || wanted.some((each) => name.includes(each)))) {
    const missing = missingOf(contestant);
    if (missing !== undefined) {
      console.log(`${contestant.name} is left out: ${missing} is not there (tests/bench/peers/build.sh makes it)`);
      continue;
    }
    try {
      const began = performance.now();
      await tryOperator(contestant);
      console.log(`ok   ${contestant.name} (${((performance.now() - began) / 1000).toFixed(1)} s)`);
      passed++;
    } catch (error) {
      console.log(`FAIL ${(error as Error).message}`);
      failed++;
    }
  }
  return { passed, failed };
}
