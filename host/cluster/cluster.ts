/**
 * The embedded cluster, put together: storage, kinds, the API server, and clients in process.
 */
import type { Platform } from "../platform/platform.ts";
import { ADMIN, type User } from "./auth/user.ts";
import { ApiServer } from "./api/server.ts";
import { Registry } from "./api/registry.ts";
import type { Kernel } from "./api/scope.ts";
import { BARE_MACHINERY, bareKinds } from "./bare.ts";
import { createStorage, type StorageOptions } from "./storage/memory.ts";
import type { Storage } from "./storage/storage.ts";

export interface ClusterOptions { storage?: StorageOptions }

export interface Cluster {
  readonly server: ApiServer;
  readonly storage: Storage;
  /** Who owns the cluster. */
  readonly admin: User;
}

export function createCluster(platform: Platform, options: ClusterOptions = {}): Cluster {
  const registry = new Registry();
  for (const kind of bareKinds()) registry.add([kind]);
  const kernel: Kernel = { ...BARE_MACHINERY, platform, registry, storage: createStorage(options.storage) };
  return { server: new ApiServer(kernel), storage: kernel.storage, admin: ADMIN };
}
