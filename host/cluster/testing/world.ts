/** A whole cluster under virtual time, for tests of its parts. */
import assert from "node:assert/strict";
import { nodePlatform } from "../../platform/node/index.ts";
import { simulatedPlatform, type Simulated } from "../../platform/simulated/index.ts";
import { createCluster, type Cluster } from "../cluster.ts";
import { Api } from "../controllers/kit/api.ts";
import { startParts, type Parts, type PartsOptions } from "../parts.ts";
import { EVENTS, PODS, type Pod, type PodSpec } from "../typed/core.ts";
import type { Condition, Resource, Typed } from "../typed/resource.ts";

export interface World extends Simulated, Parts {
  readonly cluster: Cluster;
  /** The admin's. */
  readonly api: Api;
  /** In the namespace default; fails when there is none. */
  get<T extends Typed>(resource: Resource<T>, name: string): T;
  list<T extends Typed>(resource: Resource<T>): T[];
  /** A Pod of one's own, in the namespace default. */
  run(name: string, spec: Partial<PodSpec>, labels?: { [name: string]: string }): Pod;
  pod(name?: string): Pod;
  /** "Reason: message (count)". */
  events(): string[];
  /** Says of Pods, in a kubelet's stead, that they run and are ready. */
  makeReady(which?: (pod: Pod) => boolean): void;
}

export function world(options: PartsOptions & { seed?: number } = {}): World {
  const { text, digest } = nodePlatform();
  const simulated = simulatedPlatform({ text, digest, seed: options.seed ?? 1 });
  const cluster = createCluster(simulated.platform);
  const parts = startParts(cluster, simulated.platform, { onProblem: (part, key, error) => { throw new Error(`${part} ${key}`, { cause: error }); }, ...options });
  simulated.settle();
  const api = new Api(cluster.client(cluster.admin));
  const { kit } = parts;
  return {
    ...simulated, ...parts, cluster, api,
    get: (resource, name) => {
      const found = kit.store(resource).get(resource.namespaced ? `default/${name}` : name);
      assert.ok(found, `no ${resource.kind} ${name}`);
      return found;
    },
    list: (resource) => kit.store(resource).list(),
    run: (name, spec, labels) => api.create(PODS, { metadata: { name, namespace: "default", ...(labels === undefined ? {} : { labels }) }, spec: { containers: [{ name: "main", image: "nginx" }], ...spec } }),
    pod: (name = "web") => {
      const found = kit.store(PODS).get(`default/${name}`);
      assert.ok(found, `no Pod ${name}`);
      return found;
    },
    events: () => kit.store(EVENTS).list().map(({ reason, message, count, series }) => {
      const times = series?.count ?? count ?? 1;
      return `${reason}: ${message}${times === 1 ? "" : ` (${times})`}`;
    }),
    makeReady: (which = () => true) => {
      for (const pod of kit.store(PODS).list().filter(which)) {
        if (pod.status?.phase === "Running" || pod.metadata.deletionTimestamp !== undefined) continue;
        const ready: Condition = { type: "Ready", status: "True", lastTransitionTime: kit.now(), lastProbeTime: null };
        api.updateStatus(PODS, { ...pod, status: { ...pod.status, phase: "Running", conditions: [...pod.status?.conditions ?? [], ready] } });
      }
      simulated.settle();
    },
  };
}
