/**
 * What makes a cluster of an API: controllers, scheduler, nodes with their kubelets, the network between Pods. All of them are
 * clients of the API like any other; they run under the platform's clock, and stop together.
 */
import type { Platform } from "../platform/platform.ts";
import { AUTHENTICATED, MASTERS, type User } from "./auth/user.ts";
import type { Connections } from "./api/subresources/connect.ts";
import type { Client, Discovery, Watching } from "./client.ts";
import { connectionsOf } from "./connections.ts";
import { isAlreadyExists } from "./controllers/kit/api.ts";
import { startControllers } from "./controllers/index.ts";
import { Kit } from "./controllers/kit/kit.ts";
import { Nodes, type NodesOptions } from "./kubelet/nodes.ts";
import { Network, type NetworkOptions } from "./network/network.ts";
import { Scheduler } from "./scheduler/scheduler.ts";
import { STORAGE_CLASSES } from "./typed/others.ts";

export interface PartsOptions extends NodesOptions, NetworkOptions {
  /** What every namespace's kube-root-ca.crt says, in PEM. */
  rootCa?: string;
  /** Without it Pods stay unassigned, unless somebody else assigns them. */
  scheduler?: boolean;
  /** Hears of mistakes in a part; the others go on. Default: they are kept in `problems`. */
  onProblem?: (part: string, key: string, error: unknown) => void;
}

export interface Api { readonly discovery: Discovery; readonly watching: Watching; client(user: User): Client; connect?(connections: Connections): void }

export interface Parts {
  readonly nodes: Nodes;
  readonly network: Network;
  readonly kit: Kit;
  /** Mistakes in a part, as text; empty unless something is wrong with the cluster itself. */
  readonly problems: readonly string[];
  stop(): void;
}

const PROVISIONER = "simulated.toque.dev";
const PROBLEMS_MAX = 100;

/** Starts everything on `cluster`, which may hold objects already: what their status says is running goes on. */
export function startParts(cluster: Api, platform: Platform, options: PartsOptions = {}): Parts {
  const problems: string[] = [];
  const onProblem = options.onProblem ?? ((part, key, error) => {
    if (problems.length < PROBLEMS_MAX) problems.push(`${part} ${key}: ${error instanceof Error ? error.stack ?? error.message : String(error)}`);
  });
  const kit = new Kit({
    clientOf: (component) => cluster.client({ name: `system:${component}`, groups: [MASTERS, AUTHENTICATED] }),
    watching: cluster.watching, discovery: cluster.discovery, platform, onProblem,
  });
  makeStorageClass(kit);
  startControllers(kit, options.rootCa === undefined ? {} : { rootCa: options.rootCa });
  if (options.scheduler !== false) new Scheduler(kit);
  const network = new Network(kit, options);
  const nodes = new Nodes(kit, network, options);
  cluster.connect?.(connectionsOf(nodes, network));
  return { nodes, network, kit, problems, stop: () => kit.stop() };
}

/** Claims that name no class get a volume at once. */
function makeStorageClass(kit: Kit): void {
  try {
    kit.api("admin").create(STORAGE_CLASSES, {
      metadata: { name: "standard", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
      provisioner: PROVISIONER, reclaimPolicy: "Delete", volumeBindingMode: "Immediate", allowVolumeExpansion: true,
    });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}
