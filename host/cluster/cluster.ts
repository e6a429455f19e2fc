/**
 * The embedded cluster, put together: storage, kinds, the API server, and clients in process.
 */
import type { Journal } from "../platform/journal.ts";
import type { Platform, Transport } from "../platform/platform.ts";
import { InsideClient, InsideWatching } from "./api/inside.ts";
import { documentsOf } from "./api/documents.ts";
import { insideTransport } from "./api/inside-transport.ts";
import { mergingOf } from "./api/merging.ts";
import { Registry } from "./api/registry.ts";
import type { Kernel } from "./api/scope.ts";
import { ApiServer } from "./api/server.ts";
import { spokenKinds } from "./api/spoken.ts";
import type { Connections } from "./api/subresources/connect.ts";
import type { YamlCodec } from "./api/yaml.ts";
import type { KnownTokens } from "./auth/authenticate.ts";
import { Authorizer } from "./auth/authorizer.ts";
import { withEscalationCheck } from "./auth/escalation.ts";
import { ADMIN, APISERVER, type User } from "./auth/user.ts";
import { bootstrap } from "./bootstrap.ts";
import { createAdmission } from "./admission/index.ts";
import { bareKinds } from "./bare.ts";
import type { Client, Discovery, Watching } from "./client.ts";
import { CustomKinds, type ServedDefinitions } from "./crd/serving.ts";
import { keepJournal, restoreState } from "./journal.ts";
import { builtinKinds } from "./kinds/index.ts";
import type { Kind } from "./kinds/kind.ts";
import { createStorage, type StorageOptions } from "./storage/memory.ts";
import type { Storage } from "./storage/storage.ts";

export interface ClusterOptions {
  storage?: StorageOptions;
  /** Without it YAML is an unsupported media type. */
  yaml?: YamlCodec;
  /** Who has which bearer token, beside the admin. */
  tokens?: { readonly [token: string]: User };
  /** The admin's bearer token; by default one that nobody can guess. */
  adminToken?: string;
  /** What an earlier cluster's journal has: the state to go on with. None: a fresh cluster. */
  records?: readonly string[];
  /** Where every write is kept. */
  journal?: Journal;
  /** Names of built-in policies that are not to run ("ServiceAccount"). */
  disableAdmission?: readonly string[];
}

export interface Cluster {
  readonly server: ApiServer;
  readonly storage: Storage;
  readonly discovery: Discovery;
  readonly watching: Watching;
  /** Who owns the cluster, and the bearer token that says so. */
  readonly admin: User;
  readonly adminToken: string;
  /** In process, without authorization. */
  client(user: User): Client;
  /** Requests in the user's name, as over HTTP: with authorization. */
  transport(user: User): Transport;
  /** What answers requests that go on to a Pod, a Service or a node. None at first: they are refused. */
  connect(connections: Connections): void;
  /** An independent cluster in the same state. Who watches this one does not watch that one. */
  fork(platform?: Platform): Cluster;
}

export function createCluster(platform: Platform, options: ClusterOptions = {}): Cluster {
  const { storage, yaml, disableAdmission = ["ServiceAccount"], adminToken = randomToken(platform) } = options;
  const registry = new Registry();
  for (const versions of kindsByResource()) registry.add(versions);
  for (const kind of spokenKinds()) registry.add([kind], { spoken: true });
  const tokens = new Map([[adminToken, ADMIN], ...Object.entries(options.tokens ?? {})]);
  const { records = [], journal } = options;
  const kept = createStorage(storage);
  // Before anything looks: what is there is told to those who come, and is no news.
  if (records.length > 0) restoreState(kept, records);
  if (journal !== undefined) keepJournal(kept, journal, () => undefined);
  const cluster = assemble({ platform, registry, storage: kept, yaml, tokens, adminToken, disableAdmission });
  if (records.length === 0) bootstrap(cluster.client(APISERVER));
  return cluster;
}

function randomToken({ random }: Platform): string {
  return Array.from({ length: 4 }, () => Math.floor(random.next() * 2 ** 32).toString(16).padStart(8, "0")).join("");
}

/** The rules there are, and what is known of the types where there are none. */
function kindsByResource(): Iterable<Kind[]> {
  const nameOf = ({ group, version, plural }: Kind): string => `${plural}.${version}.${group}`;
  const kinds = new Map([...bareKinds(), ...builtinKinds()].map((kind) => [nameOf(kind), kind]));
  return Map.groupBy(kinds.values(), ({ group, plural }) => `${group}/${plural}`).values();
}

/** What a cluster is made of. */
interface Parts {
  readonly platform: Platform;
  readonly registry: Registry;
  readonly storage: Storage;
  readonly yaml: YamlCodec | undefined;
  readonly tokens: KnownTokens;
  readonly adminToken: string;
  readonly disableAdmission: readonly string[];
}

function assemble(parts: Parts, served?: ServedDefinitions): Cluster {
  const { platform, registry, storage, yaml, tokens, adminToken, disableAdmission } = parts;
  const authorizer = new Authorizer(storage);
  let connections: Connections | undefined;
  const kernel: Kernel = {
    get connections() { return connections; },
    platform, registry, storage, yaml, authorizer, authentication: { storage, platform, tokens },
    merging: mergingOf(registry), openapi: documentsOf(registry, platform.digest),
    admission: withEscalationCheck(createAdmission({ disabled: disableAdmission }), authorizer),
  };
  const client = (user: User): Client => new InsideClient(kernel, user);
  const watching = new InsideWatching(kernel);
  const custom = new CustomKinds({ client: client(APISERVER), watching, kinds: registry, platform, ...(served === undefined ? {} : { served }) });
  const server = new ApiServer(kernel);
  return {
    server, storage, discovery: registry, watching, admin: ADMIN, adminToken, client,
    transport: (user) => insideTransport(server, platform, user),
    connect(given) { connections = given; },
    fork: (next = platform) => assemble({ ...parts, platform: next, registry: registry.fork(), storage: storage.fork() }, custom.served),
  };
}
