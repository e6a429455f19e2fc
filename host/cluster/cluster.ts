/**
 * The embedded cluster, put together: storage, kinds, the API server, and clients in process.
 */
import type { Platform } from "../platform/platform.ts";
import { InsideClient, InsideWatching } from "./api/inside.ts";
import { Registry } from "./api/registry.ts";
import type { Kernel } from "./api/scope.ts";
import { ApiServer } from "./api/server.ts";
import { ADMIN, APISERVER, type User } from "./auth/user.ts";
import { BARE_MACHINERY, bareKinds } from "./bare.ts";
import type { Client, Discovery, Watching } from "./client.ts";
import { CustomKinds, type ServedDefinitions } from "./crd/serving.ts";
import { createStorage, type StorageOptions } from "./storage/memory.ts";
import type { Storage } from "./storage/storage.ts";

export interface ClusterOptions { storage?: StorageOptions }

export interface Cluster {
  readonly server: ApiServer;
  readonly storage: Storage;
  readonly discovery: Discovery;
  readonly watching: Watching;
  /** Who owns the cluster. */
  readonly admin: User;
  /** In process, without authorization. */
  client(user: User): Client;
  /** An independent cluster in the same state. Who watches this one does not watch that one. */
  fork(platform?: Platform): Cluster;
}

export function createCluster(platform: Platform, options: ClusterOptions = {}): Cluster {
  const registry = new Registry();
  for (const versions of Map.groupBy(bareKinds(), ({ group, plural }) => `${group}/${plural}`).values()) registry.add(versions);
  const cluster = assemble({ ...BARE_MACHINERY, platform, registry, storage: createStorage(options.storage) });
  bootstrap(cluster.client(ADMIN));
  return cluster;
}

function assemble(kernel: Kernel, served?: ServedDefinitions): Cluster {
  const watching = new InsideWatching(kernel);
  const custom = new CustomKinds({ client: new InsideClient(kernel, APISERVER), watching, kinds: kernel.registry, platform: kernel.platform, ...(served === undefined ? {} : { served }) });
  return {
    server: new ApiServer(kernel), storage: kernel.storage, discovery: kernel.registry, watching, admin: ADMIN,
    client: (user) => new InsideClient(kernel, user),
    fork: (platform = kernel.platform) => assemble({ ...kernel, platform, registry: kernel.registry.fork(), storage: kernel.storage.fork() }, custom.served),
  };
}

const NAMESPACES = ["default", "kube-node-lease", "kube-public", "kube-system"];

function bootstrap(client: Client): void {
  for (const name of NAMESPACES) {
    client.create({ group: "", version: "v1", resource: "namespaces" }, { apiVersion: "v1", kind: "Namespace", metadata: { name } });
  }
}
