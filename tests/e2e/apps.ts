/** MyApps for the suites: making them, and what must become of them. */
import type { Loose } from "../support/api-client.ts";
import { until } from "../support/wait.ts";
import { WEB_IMAGES } from "./cluster/images.ts";
import { api } from "./host.ts";

export interface AppSpec { image: string; port: number; replicas: number }

const myApp = (namespace: string, name = ""): string => `/apis/example.dev/v1/namespaces/${namespace}/myapps/${name}`;
const deployment = (namespace: string, name = ""): string => `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`;
const service = (namespace: string, name = ""): string => `/api/v1/namespaces/${namespace}/services/${name}`;
export const paths = { myApp, deployment, service };

/** An empty namespace, for one suite. */
export async function freshNamespace(name: string): Promise<string> {
  const answer = await api.request("POST", "/api/v1/namespaces", { metadata: { name } });
  if (answer.status !== 201) throw new Error(`namespace ${name}: ${answer.body?.message}`);
  // Without it no Pod is let in.
  await until("the namespace has its service account", async () => (await api.request("GET", `/api/v1/namespaces/${name}/serviceaccounts/default`)).status === 200);
  return name;
}

export function appSpec(change: Partial<AppSpec> = {}): AppSpec {
  return { image: WEB_IMAGES[0], port: 8080, replicas: 1, ...change };
}

export function createApp(namespace: string, name: string, spec: AppSpec): Promise<Loose> {
  return api.must("POST", myApp(namespace), { apiVersion: "example.dev/v1", kind: "MyApp", metadata: { name }, spec });
}

export function editApp(namespace: string, name: string, change: Partial<AppSpec>): Promise<Loose> {
  return api.mergePatch(myApp(namespace, name), { spec: change });
}

/** What differs between an app's spec and the cluster, in a line; `undefined`: nothing. */
export async function difference(namespace: string, name: string, waitForReady: boolean): Promise<string | undefined> {
  const [app, live, front] = await Promise.all([myApp, deployment, service].map((path) => api.request("GET", path(namespace, name))));
  if (app?.status !== 200) return `no MyApp ${name}`;
  const { spec, metadata, status } = app.body;
  if (live?.status !== 200) return `${name} has no Deployment`;
  if (front?.status !== 200) return `${name} has no Service`;
  const container = live.body.spec.template.spec.containers[0];
  const pairs: [string, unknown, unknown][] = [
    ["replicas", live.body.spec.replicas, spec.replicas], ["image", container.image, spec.image],
    ["containerPort", container.ports?.[0]?.containerPort, spec.port], ["port", front.body.spec.ports[0].port, spec.port],
    ["owner of the Deployment", live.body.metadata.ownerReferences?.[0]?.uid, metadata.uid],
    ["owner of the Service", front.body.metadata.ownerReferences?.[0]?.uid, metadata.uid],
    ["observedGeneration", status?.observedGeneration, metadata.generation],
  ];
  if (waitForReady) {
    pairs.push(["readyReplicas", status?.readyReplicas ?? 0, spec.replicas]);
    pairs.push(["condition Ready", status?.conditions?.find((condition: Loose) => condition.type === "Ready")?.status, "True"]);
  }
  const wrong = pairs.find(([, is, should]) => is !== should);
  return wrong && `${name}: ${wrong[0]} is ${String(wrong[1])}, not ${String(wrong[2])}`;
}

/** Waits until the cluster is what these apps ask for. */
export async function converged(namespace: string, names: readonly string[], options: { timeoutMs?: number; waitForReady?: boolean } = {}): Promise<void> {
  const { timeoutMs = 60_000, waitForReady = false } = options;
  for (const name of names) {
    let wrong: string | undefined;
    await until(`${namespace} is as asked for`, async () => {
      wrong = await difference(namespace, name, waitForReady);
      if (wrong !== undefined) throw new Error(wrong);
      return true;
    }, { timeoutMs, everyMs: 100 });
  }
}

/** Names of all Deployments and Services of a namespace, sorted: to see that nothing is left over or doubled. */
export async function childrenOf(namespace: string): Promise<{ deployments: string[]; services: string[] }> {
  const names = async (path: string): Promise<string[]> => (await api.must("GET", path)).items.map((item: Loose) => item.metadata.name).sort();
  return { deployments: await names(deployment(namespace).slice(0, -1)), services: await names(service(namespace).slice(0, -1)) };
}
