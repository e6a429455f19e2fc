/**
 * From a kubeconfig, or a Pod's service account, to an endpoint. Read here and not by client-node: a static token or
 * certificate is then a matter of one file and 1 MiB (client-node's KubeConfig: 34), an exec plugin is told what it is
 * told by kubectl, a refused token is fetched anew, and a mistake is named by file and field.
 */
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, isAbsolute, join } from "node:path";
import { certificatePair, checkAuthority, fixedHeader, readSource, reasonOf, tokenFile, type Source } from "./credentials.ts";
import { NO_CREDENTIALS, type Credentials, type Endpoint } from "./endpoint.ts";
import type { ExecConfig } from "./exec-plugin.ts";
import { KubeconfigError } from "./kubeconfig-error.ts";

export interface KubeconfigOptions {
  /** Default: $KUBECONFIG, then ~/.kube/config, then the service account of the Pod. */
  readonly file?: string;
  /** Default: the file's `current-context`. */
  readonly context?: string;
}

export interface Target extends Endpoint {
  /** The context's namespace; in a Pod, the Pod's. */
  readonly namespace: string | undefined;
}

type Fields = { [field: string]: unknown };
/** One entry of `clusters`, `users` or `contexts`, and where it stands. */
interface Entry { readonly name: string; readonly fields: Fields; readonly file: string; readonly path: string }
interface Loaded { clusters: Entry[]; users: Entry[]; contexts: Entry[]; currentContext: string | undefined; readonly files: string[] }

const SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

/** Finds and reads it. Throws KubeconfigError. */
export async function loadTarget(options: KubeconfigOptions = {}): Promise<Target> {
  const files = options.file !== undefined ? [options.file] : defaultFiles();
  if (files.length > 0) return readTarget(await loadAll(files, options.file !== undefined), options.context);
  const pod = inCluster();
  if (pod !== undefined) return pod;
  throw new KubeconfigError("KUBE1001", "no cluster is configured: there is no ~/.kube/config, KUBECONFIG is not set, and this is not a Pod. Give a file with --kubeconfig, or set KUBECONFIG");
}

function defaultFiles(): string[] {
  const named = (process.env["KUBECONFIG"] ?? "").split(delimiter).filter((file) => file !== "");
  if (named.length > 0) return named;
  const usual = join(homedir(), ".kube", "config");
  return existsSync(usual) ? [usual] : [];
}

/** The service account that the kubelet mounts into every Pod; undefined outside. */
export function inCluster(root = SERVICE_ACCOUNT, env: { [name: string]: string | undefined } = process.env): Target | undefined {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env;
  if (host === undefined || host === "" || !existsSync(join(root, "token"))) return undefined;
  const source = (file: string): Source => ({ field: "the Pod's service account", data: undefined, file: join(root, file) });
  const namespaceFile = join(root, "namespace");
  return {
    url: new URL(`https://${host.includes(":") ? `[${host}]` : host}:${port ?? "443"}`),
    ca: () => readSource(source("ca.crt")),
    serverName: undefined, insecure: false, proxy: undefined,
    credentials: { ...NO_CREDENTIALS, ...tokenFile(source("token")) },
    origin: "the Pod's service account",
    namespace: existsSync(namespaceFile) ? readFileSync(namespaceFile, "utf8").trim() : undefined,
  };
}

async function loadAll(files: readonly string[], must: boolean): Promise<Loaded> {
  const loaded: Loaded = { clusters: [], users: [], contexts: [], currentContext: undefined, files: [...files] };
  // Of several files in KUBECONFIG some may be missing, as kubectl has it; what is found first counts.
  const present = must || files.length === 1 ? files : files.filter((file) => existsSync(file));
  for (const file of present) {
    const config = await parseFile(file);
    loaded.currentContext ??= typeof config["current-context"] === "string" && config["current-context"] !== "" ? config["current-context"] : undefined;
    for (const [list, inner] of [["clusters", "cluster"], ["users", "user"], ["contexts", "context"]] as const) {
      for (const entry of entriesOf(config, list, inner, file)) if (!loaded[list].some(({ name }) => name === entry.name)) loaded[list].push(entry);
    }
  }
  return loaded;
}

async function parseFile(file: string): Promise<Fields> {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new KubeconfigError("KUBE1002", `can't read the kubeconfig ${file}: ${reasonOf(error)}. Check --kubeconfig and KUBECONFIG`, { cause: error });
  }
  // Loaded here only: a host in a Pod never needs it.
  const { parse } = await import("./yaml.ts");
  let config: unknown;
  try {
    config = parse(text, { prettyErrors: true, logLevel: "error" });
  } catch (error) {
    throw new KubeconfigError("KUBE1003", `${file} is not YAML, or cut short: ${error instanceof Error ? error.message.split("\n")[0]!.replace(/:$/, "") : String(error)}`, { cause: error });
  }
  if (!isFields(config) || !["clusters", "users", "contexts"].some((list) => list in config)) {
    throw new KubeconfigError("KUBE1003", `${file} is not a kubeconfig: it should have clusters, users and contexts`);
  }
  return config;
}

function entriesOf(config: Fields, list: string, inner: string, file: string): Entry[] {
  const entries = config[list] ?? [];
  if (!Array.isArray(entries)) throw new KubeconfigError("KUBE1003", `${list} in ${file} should be a list`);
  return entries.map((entry: unknown, i) => {
    if (!isFields(entry) || typeof entry["name"] !== "string") throw new KubeconfigError("KUBE1006", `${list}[${i}] in ${file} should have a name`);
    const fields = entry[inner] ?? {};
    if (!isFields(fields)) throw new KubeconfigError("KUBE1006", `${list}[${entry["name"]}].${inner} in ${file} should have fields`);
    return { name: entry["name"], fields, file, path: `${list}[${entry["name"]}].${inner}` };
  });
}

async function readTarget(loaded: Loaded, wanted: string | undefined): Promise<Target> {
  const where = loaded.files.join(", ");
  const names = (entries: readonly Entry[]): string => entries.map(({ name }) => name).join(", ") || "none";
  const current = wanted ?? loaded.currentContext;
  if (current === undefined) {
    throw new KubeconfigError("KUBE1004", `no context is chosen in ${where}: set current-context (kubectl config use-context NAME) or give --context. There are: ${names(loaded.contexts)}`);
  }
  const context = loaded.contexts.find(({ name }) => name === current);
  if (context === undefined) throw new KubeconfigError("KUBE1004", `there is no context "${current}" in ${where}. There are: ${names(loaded.contexts)}`);
  const find = (field: "cluster" | "user", among: readonly Entry[]): Entry => {
    const name = text(context, field);
    const found = among.find((entry) => entry.name === name);
    if (found === undefined) {
      throw new KubeconfigError("KUBE1005", `${context.path}.${field} in ${context.file} names "${name ?? ""}", but there is no such ${field}. There are: ${names(among)}`);
    }
    return found;
  };
  const cluster = find("cluster", loaded.clusters);
  const user = text(context, "user") === undefined ? undefined : find("user", loaded.users);
  return { ...readCluster(cluster), credentials: await readUser(user, cluster), namespace: text(context, "namespace") };
}

function readCluster(cluster: Entry): Omit<Endpoint, "credentials"> {
  const insecure = cluster.fields["insecure-skip-tls-verify"] === true;
  const authority = source(cluster, "certificate-authority");
  if (authority !== undefined && !insecure) checkAuthority(readSource(authority), authority.field);
  return {
    url: url(cluster, "server", ["https:", "http:"]) ?? fail(cluster, "server", "is missing: set it to the API server's address, https://HOST:PORT"),
    ca: () => (authority === undefined || insecure ? undefined : readSource(authority)),
    serverName: text(cluster, "tls-server-name"), insecure,
    proxy: url(cluster, "proxy-url", ["http:"]),
    origin: `cluster ${cluster.name} in ${cluster.file}`,
  };
}

async function readUser(user: Entry | undefined, cluster: Entry): Promise<Credentials> {
  if (user === undefined) return NO_CREDENTIALS;
  const cert = source(user, "client-certificate");
  const key = source(user, "client-key");
  if ((cert === undefined) !== (key === undefined)) {
    fail(user, cert === undefined ? "client-certificate" : "client-key", `is missing, while ${cert === undefined ? "the key" : "the certificate"} is there: a certificate needs both`);
  }
  const pair = cert !== undefined && key !== undefined ? certificatePair(cert, key) : {};
  const provider = user.fields["auth-provider"];
  if (isFields(provider)) {
    const { authProvider } = await import("./auth-provider.ts");
    return { ...(await authProvider(user.name, user.fields, where(user, "auth-provider"))), ...pair };
  }
  if (user.fields["exec"] !== undefined) {
    const { execPlugin } = await import("./exec-plugin.ts");
    return { ...execPlugin(execConfig(user, cluster), where(user, "exec"), dirname(user.file)), ...pair };
  }
  return { ...NO_CREDENTIALS, ...pair, ...header(user) };
}

/** Of several ways the first of these, as kubectl has it: token file, token, password. */
function header(user: Entry): Partial<Credentials> {
  const file = text(user, "tokenFile");
  if (file !== undefined) return tokenFile({ field: where(user, "tokenFile"), data: undefined, file: absolute(user, file) });
  const token = text(user, "token");
  if (token !== undefined) return fixedHeader(`Bearer ${token.trim()}`);
  const name = text(user, "username");
  if (name === undefined) return {};
  return fixedHeader(`Basic ${Buffer.from(`${name}:${text(user, "password") ?? ""}`).toString("base64")}`);
}

function execConfig(user: Entry, cluster: Entry): ExecConfig {
  const exec = user.fields["exec"];
  const command = isFields(exec) ? exec["command"] : undefined;
  if (!isFields(exec) || typeof command !== "string" || command === "") fail(user, "exec.command", "is missing: name the program that prints the credentials");
  const env = Array.isArray(exec["env"]) ? (exec["env"] as { name: string; value: string }[]) : [];
  const { server, "certificate-authority-data": authority, "tls-server-name": serverName, "insecure-skip-tls-verify": insecure } = cluster.fields;
  return {
    apiVersion: typeof exec["apiVersion"] === "string" ? exec["apiVersion"] : "client.authentication.k8s.io/v1",
    command, args: Array.isArray(exec["args"]) ? exec["args"].map(String) : [], env,
    installHint: typeof exec["installHint"] === "string" ? exec["installHint"] : undefined,
    cluster: exec["provideClusterInfo"] === true
      ? { server, "certificate-authority-data": authority, "tls-server-name": serverName, "insecure-skip-tls-verify": insecure } : undefined,
  };
}

/** `FIELD-data` in base64, or `FIELD` as a path; the data wins, as kubectl has it. */
function source(entry: Entry, field: string): Source | undefined {
  const data = text(entry, `${field}-data`);
  if (data !== undefined) return { field: where(entry, `${field}-data`), data: Buffer.from(data, "base64").toString("utf8"), file: undefined };
  const file = text(entry, field);
  return file === undefined ? undefined : { field: where(entry, field), data: undefined, file: absolute(entry, file) };
}

function url(entry: Entry, field: string, protocols: readonly string[]): URL | undefined {
  const value = text(entry, field);
  if (value === undefined) return undefined;
  const parsed = URL.canParse(value) ? new URL(value) : undefined;
  if (parsed === undefined || !protocols.includes(parsed.protocol)) {
    fail(entry, field, `is "${value}": it should begin with ${protocols.map((protocol) => `${protocol}//`).join(" or ")}`);
  }
  return parsed;
}

function text(entry: Entry, field: string): string | undefined {
  const value = entry.fields[field];
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value !== "string") fail(entry, field, "should be text: put it in quotes");
  return value;
}

function absolute(entry: Entry, file: string): string {
  return isAbsolute(file) ? file : join(dirname(entry.file), file);
}

function where(entry: Entry, field: string): string {
  return `${entry.path}.${field} in ${entry.file}`;
}

function fail(entry: Entry, field: string, problem: string): never {
  throw new KubeconfigError("KUBE1006", `${where(entry, field)} ${problem}`);
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
