/**
 * The embedded cluster, put together: storage, kinds, the API server, and clients in process.
 */
import type { Platform } from "../platform/platform.ts";
import { InsideClient, InsideWatching } from "./api/inside.ts";
import { documentsOf } from "./api/documents.ts";
import { mergingOf } from "./api/merging.ts";
import { Registry } from "./api/registry.ts";
import type { Kernel } from "./api/scope.ts";
import { ApiServer } from "./api/server.ts";
import type { YamlCodec } from "./api/yaml.ts";
import { ADMIN, APISERVER, type User } from "./auth/user.ts";
import { createAdmission } from "./admission/index.ts";
import { bareKinds } from "./bare.ts";
import type { Client, Discovery, Watching } from "./client.ts";
import { CustomKinds, type ServedDefinitions } from "./crd/serving.ts";
import { builtinKinds } from "./kinds/index.ts";
import type { Kind } from "./kinds/kind.ts";
import { createStorage, type StorageOptions } from "./storage/memory.ts";
import type { Storage } from "./storage/storage.ts";

export interface ClusterOptions {
  storage?: StorageOptions;
  /** Without it YAML is an unsupported media type. */
  yaml?: YamlCodec;
  /** Names of built-in policies that are not to run ("ServiceAccount"). */
  disableAdmission?: readonly string[];
}

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
  const { storage, yaml, disableAdmission = ["ServiceAccount"] } = options;
  const registry = new Registry();
  for (const versions of kindsByResource()) registry.add(versions);
  const cluster = assemble({
    platform, registry, connections: undefined, openapi: documentsOf(registry, platform.digest), yaml, merging: mergingOf(registry), storage: createStorage(storage), admission: createAdmission({ disabled: disableAdmission }),
  });
  bootstrap(cluster.client(ADMIN));
  return cluster;
}

/** The rules there are, and what is known of the types where there are none. */
function kindsByResource(): Iterable<Kind[]> {
  const nameOf = ({ group, version, plural }: Kind): string => `${plural}.${version}.${group}`;
  const kinds = new Map([...bareKinds(), ...builtinKinds()].map((kind) => [nameOf(kind), kind]));
  return Map.groupBy(kinds.values(), ({ group, plural }) => `${group}/${plural}`).values();
}

function assemble(kernel: Kernel, served?: ServedDefinitions): Cluster {
  const { registry, storage } = kernel;
  const client = (user: User): Client => new InsideClient(kernel, user);
  const watching = new InsideWatching(kernel);
  const custom = new CustomKinds({ client: client(APISERVER), watching, kinds: registry, platform: kernel.platform, ...(served === undefined ? {} : { served }) });
  return {
    server: new ApiServer(kernel), storage, discovery: registry, watching, admin: ADMIN, client,
    fork(platform = kernel.platform) {
      const forked = registry.fork();
      return assemble({ ...kernel, platform, registry: forked, storage: storage.fork(), merging: mergingOf(forked), openapi: documentsOf(forked, platform.digest) }, custom.served);
    },
  };
}

const NAMESPACES = ["default", "kube-node-lease", "kube-public", "kube-system"];

function bootstrap(client: Client): void {
  for (const name of NAMESPACES) {
    client.create({ group: "", version: "v1", resource: "namespaces" }, { apiVersion: "v1", kind: "Namespace", metadata: { name } });
  }
}
