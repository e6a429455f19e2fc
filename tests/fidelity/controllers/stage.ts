/**
 * The same script against two clusters: the embedded one, under virtual time, and a real control plane with its controller
 * manager. Neither has kubelets or a scheduler here: the script says in their stead what becomes of Pods.
 */
import { createCluster } from "../../../host/cluster/cluster.ts";
import { startParts } from "../../../host/cluster/parts.ts";
import { nodePlatform } from "../../../host/platform/node/index.ts";
import { simulatedPlatform } from "../../../host/platform/simulated/index.ts";
import type { Answer, ApiClient, Loose } from "../../support/api-client.ts";

export interface Backend {
  readonly name: string;
  request(method: string, path: string, body?: unknown, contentType?: string): Promise<Answer>;
  /** Lets the controllers do what is to be done now; where time can't be moved, nothing. */
  settle(): void;
  /** Lets time pass; where it passes by itself, nothing. */
  pass(seconds: number): void;
}

export function embeddedBackend(): Backend & { stop(): void } {
  const { text, digest } = nodePlatform();
  const simulated = simulatedPlatform({ text, digest, startMs: Date.now() });
  const cluster = createCluster(simulated.platform, { disableAdmission: [] });
  const parts = startParts(cluster, simulated.platform, { nodes: 0, scheduler: false, rootCa: "CA", onProblem: (part, key, error) => { throw new Error(`${part} ${key}`, { cause: error }); } });
  simulated.settle();
  return {
    name: "embedded",
    async request(method, path, body, contentType = "application/json") {
      const headers: { [name: string]: string } = { accept: "application/json", "user-agent": "toque-test" };
      if (body !== undefined) headers["content-type"] = contentType;
      const call = { method, path, headers, body: new TextEncoder().encode(body === undefined ? "" : JSON.stringify(body)) };
      const reply = await cluster.server.handle(call, cluster.admin);
      simulated.settle();
      const answer = typeof reply.body === "string" ? reply.body : new TextDecoder().decode(reply.body);
      return { status: reply.status, body: answer === "" ? undefined : JSON.parse(answer) };
    },
    settle: () => simulated.settle(),
    pass: (seconds) => simulated.advance(seconds * 1000),
    stop: () => parts.stop(),
  };
}

export function realBackend(api: ApiClient): Backend {
  return { name: "real", request: (method, path, body, contentType) => api.request(method, path, body, contentType), settle: () => undefined, pass: () => undefined };
}

/** Where the objects of a resource are: "/apis/apps/v1 deployments". */
const ROOTS: { readonly [plural: string]: string } = {
  deployments: "/apis/apps/v1", replicasets: "/apis/apps/v1", statefulsets: "/apis/apps/v1", daemonsets: "/apis/apps/v1", controllerrevisions: "/apis/apps/v1",
  jobs: "/apis/batch/v1", cronjobs: "/apis/batch/v1", poddisruptionbudgets: "/apis/policy/v1", endpointslices: "/apis/discovery.k8s.io/v1",
  horizontalpodautoscalers: "/apis/autoscaling/v2", pods: "/api/v1", services: "/api/v1", endpoints: "/api/v1", configmaps: "/api/v1", secrets: "/api/v1",
  serviceaccounts: "/api/v1", persistentvolumeclaims: "/api/v1", events: "/api/v1",
};
const CLUSTER_WIDE: { readonly [plural: string]: string } = { namespaces: "/api/v1", nodes: "/api/v1", persistentvolumes: "/api/v1", storageclasses: "/apis/storage.k8s.io/v1", clusterroles: "/apis/rbac.authorization.k8s.io/v1" };

export const MERGE = "application/merge-patch+json";

/** What a script works with: a namespace of its own in one of the clusters. */
export class Stage {
  readonly backend: Backend;
  readonly ns: string;
  /** Called with what is there at each `look`: the embedded cluster's is kept, the real one's is compared. */
  readonly #onLook: (label: string, plurals: readonly string[]) => Promise<void>;

  constructor(backend: Backend, ns: string, onLook: (label: string, plurals: readonly string[]) => Promise<void>) {
    this.backend = backend;
    this.ns = ns;
    this.#onLook = onLook;
  }

  path(plural: string, name?: string): string {
    const cluster = CLUSTER_WIDE[plural];
    const base = cluster === undefined ? `${ROOTS[plural]}/namespaces/${this.ns}/${plural}` : `${cluster}/${plural}`;
    return name === undefined ? base : `${base}/${name}`;
  }
  /** Throws on what is refused. */
  async must(method: string, path: string, body?: unknown, contentType?: string): Promise<Loose> {
    // A status written by hand may meet one written by a controller: the server says so, and the next try is on top of it.
    for (let tries = 0; ; tries++) {
      const { status, body: answer } = await this.backend.request(method, path, body, contentType);
      if (status >= 200 && status < 300) return answer;
      if (status !== 409 || tries === 5 || method === "POST") throw new Error(`${this.backend.name}: ${method} ${path}: ${status} ${answer?.message}`);
    }
  }
  create(plural: string, object: object): Promise<Loose> { return this.must("POST", this.path(plural), object); }
  get(plural: string, name: string): Promise<Loose> { return this.must("GET", this.path(plural, name)); }
  async list(plural: string, selector = ""): Promise<Loose[]> {
    return (await this.must("GET", `${this.path(plural)}${selector === "" ? "" : `?labelSelector=${encodeURIComponent(selector)}`}`)).items;
  }
  patch(plural: string, name: string, patch: object): Promise<Loose> { return this.must("PATCH", this.path(plural, name), patch, MERGE); }
  delete(plural: string, name: string, propagationPolicy?: string): Promise<Loose> {
    return this.must("DELETE", this.path(plural, name), propagationPolicy === undefined ? undefined : { propagationPolicy });
  }
  pass(seconds: number): void { this.backend.pass(seconds); }

  /** What a kubelet says of a Pod. */
  status(pod: string, status: object): Promise<Loose> { return this.must("PATCH", `${this.path("pods", pod)}/status`, { status }, MERGE); }
  async ready(pods: readonly Loose[], is = true): Promise<void> {
    for (const { metadata: { name } } of pods) {
      const at = new Date(Date.now() - 5000).toISOString().replace(/\.\d+Z/, "Z");
      await this.status(name, { phase: "Running", conditions: [{ type: "Ready", status: is ? "True" : "False", lastTransitionTime: at }, { type: "ContainersReady", status: is ? "True" : "False", lastTransitionTime: at }] });
    }
  }
  async end(pods: readonly Loose[], phase: "Succeeded" | "Failed", exitCode = phase === "Succeeded" ? 0 : 1): Promise<void> {
    for (const { metadata: { name }, spec } of pods) {
      const at = new Date(Date.now() - 5000).toISOString().replace(/\.\d+Z/, "Z");
      const containerStatuses = spec.containers.map((container: Loose) => ({
        name: container.name, image: container.image, imageID: "x", ready: false, restartCount: 0, lastState: {},
        state: { terminated: { exitCode, reason: exitCode === 0 ? "Completed" : "Error", startedAt: at, finishedAt: at } },
      }));
      await this.status(name, { phase, containerStatuses });
    }
  }

  /** Compares what is there of these resources, when it has come to rest. */
  look(label: string, ...plurals: string[]): Promise<void> { return this.#onLook(label, plurals); }
  /** Waits until the controllers have got so far. */
  async until(what: string, condition: () => Promise<boolean>): Promise<void> {
    const deadline = performance.now() + 60_000;
    while (!(await condition())) {
      if (performance.now() > deadline) throw new Error(`${this.backend.name}: waited in vain: ${what}`);
      if (this.backend.name === "embedded") throw new Error(`embedded: did not settle: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  /** The Pods that there are, when there are so many. */
  async pods(count: number, selector = ""): Promise<Loose[]> {
    let found: Loose[] = [];
    await this.until(`${count} Pods ${selector}`, async () => {
      found = (await this.list("pods", selector)).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
      return found.length === count;
    });
    return found;
  }
}

export interface Scenario { readonly name: string; run(stage: Stage): Promise<void> }
export function scenario(name: string, run: (stage: Stage) => Promise<void>): Scenario { return { name, run }; }
