/**
 * The meter's own eyes and hands: makes MyApps and watches what becomes of them, as the admin, over one HTTP/2 connection.
 * Lean on purpose, since it shares the machine with what it measures.
 */
import { connect, constants, type ClientHttp2Session, type ClientHttp2Stream } from "node:http2";
import type { ControlPlane } from "../../support/control-plane.ts";

/** What the watches have seen of one MyApp and its two children. Times are `performance.now()`, 0: not yet. */
export interface Seen {
  generation: number;
  observedGeneration: number;
  replicas: number;
  hasDeployment: boolean;
  hasService: boolean;
  deploymentAtMs: number;
  statusAtMs: number;
  completeAtMs: number;
}

interface Waiter { done: (seen: Seen) => boolean; resolve: () => void }
interface Item { metadata: { name: string; namespace: string; resourceVersion: string; generation?: number }; spec?: { replicas?: number }; status?: { observedGeneration?: number } }
type Resource = "myapps" | "deployments" | "services";

export class World {
  /** "group/version" of the MyApps, the path to them. */
  readonly #api: string;
  readonly #session: ClientHttp2Session;
  readonly #token: string;
  readonly #seen = new Map<string, Seen>();
  readonly #waiters = new Map<string, Waiter[]>();
  /** Watch events by "resource TYPE". */
  readonly changes = new Map<string, number>();

  constructor(plane: ControlPlane, group = "example.dev") {
    this.#api = `/apis/${group}/v1`;
    this.#token = plane.token;
    this.#session = connect(plane.url, { ca: plane.ca, settings: { initialWindowSize: 1 << 24 } });
    this.#session.on("error", () => {}); // Every stream on it reports too.
    this.#session.once("connect", () => this.#session.setLocalWindowSize(1 << 24));
  }

  close(): void { this.#session.destroy(); }

  /** Lists and then watches the three kinds for good. */
  async watch(): Promise<void> {
    await Promise.all([
      this.#watch("myapps", `${this.#api}/myapps`),
      this.#watch("deployments", "/apis/apps/v1/deployments"),
      this.#watch("services", "/api/v1/services"),
    ]);
  }

  createApp(namespace: string, name: string): Promise<unknown> {
    const [group] = this.#api.slice("/apis/".length).split("/");
    return this.request("POST", `${this.#api}/namespaces/${namespace}/myapps`, {
      apiVersion: `${group}/v1`, kind: "MyApp", metadata: { name }, spec: { image: "nginx:1.27", replicas: 1, port: 8080 },
    });
  }

  setReplicas(namespace: string, name: string, replicas: number): Promise<unknown> {
    return this.request("PATCH", `${this.#api}/namespaces/${namespace}/myapps/${name}`, { spec: { replicas } }, "application/merge-patch+json");
  }

  /** Deletes all of a namespace; the MyApps first, so that a running operator doesn't put the rest back. */
  async wipe(namespace: string): Promise<void> {
    for (const path of [`${this.#api}/namespaces/${namespace}/myapps`, `/apis/apps/v1/namespaces/${namespace}/deployments`, `/api/v1/namespaces/${namespace}/services`]) {
      await this.request("DELETE", path, { apiVersion: "v1", kind: "DeleteOptions", propagationPolicy: "Background" });
    }
  }

  get(key: string): Seen | undefined { return this.#seen.get(key); }

  /** Resolves as soon as a watch event has made `done` true. */
  wait(key: string, done: (seen: Seen) => boolean, timeoutMs: number): Promise<void> {
    const now = this.#seen.get(key);
    if (now !== undefined && done(now)) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${key}: not there after ${timeoutMs / 1000} s: ${JSON.stringify(this.#seen.get(key))}`)), timeoutMs);
      const waiter: Waiter = { done, resolve: () => { clearTimeout(timer); resolve(); } };
      this.#waiters.set(key, [...this.#waiters.get(key) ?? [], waiter]);
    });
  }

  /** Sends one request; any status outside 2xx throws. */
  request(method: string, path: string, body?: unknown, contentType = "application/json"): Promise<{ metadata: { resourceVersion: string }; items?: Item[] }> {
    const stream = this.#open(method, path, contentType, body !== undefined);
    if (body !== undefined) stream.end(JSON.stringify(body));
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let status = 0;
      stream.on("response", (headers) => { status = Number(headers[constants.HTTP2_HEADER_STATUS]); });
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("error", reject);
      stream.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        if (status >= 200 && status < 300) resolve(JSON.parse(text));
        else reject(new Error(`${method} ${path}: ${status} ${text}`));
      });
    });
  }

  #open(method: string, path: string, contentType: string, hasBody: boolean): ClientHttp2Stream {
    const headers = { ":method": method, ":path": path, authorization: `Bearer ${this.#token}`, accept: "application/json", ...hasBody ? { "content-type": contentType } : {} };
    return this.#session.request(headers, { endStream: !hasBody });
  }

  async #watch(resource: Resource, path: string): Promise<void> {
    const list = await this.request("GET", path);
    for (const item of list.items ?? []) this.#note(resource, "LIST", item);
    this.#follow(resource, path, list.metadata.resourceVersion);
  }

  #follow(resource: Resource, path: string, from: string): void {
    let version = from;
    let rest = "";
    const stream = this.#open("GET", `${path}?watch=1&allowWatchBookmarks=true&resourceVersion=${version}`, "", false);
    stream.setEncoding("utf8");
    stream.on("data", (chunk: string) => {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const event = JSON.parse(line) as { type: string; object: Item };
        if (event.type === "ERROR") throw new Error(`the meter's watch of ${resource} broke: ${line}`);
        version = event.object.metadata.resourceVersion;
        if (event.type !== "BOOKMARK") this.#note(resource, event.type, event.object);
      }
    });
    stream.on("error", () => {});
    stream.on("close", () => { if (!this.#session.destroyed) this.#follow(resource, path, version); });
  }

  #note(resource: Resource, type: string, { metadata, spec, status }: Item): void {
    const nowMs = performance.now();
    const change = `${resource} ${type}`;
    this.changes.set(change, (this.changes.get(change) ?? 0) + 1);
    const key = `${metadata.namespace}/${metadata.name}`;
    let seen = this.#seen.get(key);
    if (seen === undefined) {
      seen = { generation: 0, observedGeneration: 0, replicas: 0, hasDeployment: false, hasService: false, deploymentAtMs: 0, statusAtMs: 0, completeAtMs: 0 };
      this.#seen.set(key, seen);
    }
    if (resource === "myapps") {
      seen.generation = metadata.generation ?? 0;
      seen.observedGeneration = status?.observedGeneration ?? 0;
      if (seen.observedGeneration > 0) seen.statusAtMs ||= nowMs;
    } else if (resource === "deployments") {
      seen.hasDeployment = type !== "DELETED";
      seen.replicas = spec?.replicas ?? 0;
      seen.deploymentAtMs ||= nowMs;
    } else {
      seen.hasService = type !== "DELETED";
    }
    if (isComplete(seen)) seen.completeAtMs ||= nowMs;
    this.#wake(key, seen);
  }

  #wake(key: string, seen: Seen): void {
    const waiting = this.#waiters.get(key);
    if (waiting === undefined) return;
    const left = waiting.filter((waiter) => {
      if (!waiter.done(seen)) return true;
      waiter.resolve();
      return false;
    });
    if (left.length === 0) this.#waiters.delete(key);
    else this.#waiters.set(key, left);
  }
}

/** Both children are there, and the status speaks of the present spec. */
export function isComplete(seen: Seen): boolean {
  return seen.hasDeployment && seen.hasService && seen.observedGeneration > 0 && seen.observedGeneration >= seen.generation;
}
