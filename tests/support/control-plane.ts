/**
 * A real control plane for tests: etcd and kube-apiserver (and the controllers, if asked for) on loopback, on free ports,
 * in a temporary folder. Up in about two seconds; gone with the test, however the test ends.
 */
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { apiClient, type ApiClient } from "./api-client.ts";
import { findAssets, type Assets, type Component } from "./assets.ts";
import { AUDIT_EVERYONE, auditPolicy, readAudit, type AuditEvent, type AuditRule } from "./audit.ts";
import { etcdCompact } from "./etcd.ts";
import { openNursery, type Child, type Nursery } from "./nursery.ts";
import { makeClientCertificate, makePki } from "./pki.ts";
import { until } from "./wait.ts";

export interface ControlPlaneOptions {
  /** Start kube-controller-manager too: garbage collection, Deployments to ReplicaSets, service accounts. */
  controllers?: boolean;
  /** Audit policy rules; default: every request that is not the control plane's own. `[]`: no audit log. */
  audit?: readonly AuditRule[];
  /** Users known by a token from the start, beside `admin`; none has rights until bound to a role. */
  users?: readonly { name: string; groups?: readonly string[] }[];
  /** More flags for the API server ("--min-request-timeout=5"); they override ours. */
  apiServerFlags?: readonly string[];
}

/** RBAC rules, as in a ClusterRole. */
export interface Rule { apiGroups: string[]; resources: string[]; verbs: string[]; resourceNames?: string[] }

export interface Credentials { readonly user: string; readonly token: string; readonly kubeconfig: string }

export interface ControlPlane {
  readonly url: string;
  /** PEM. */
  readonly ca: string;
  readonly caPath: string;
  /** The admin's bearer token and kubeconfig. */
  readonly token: string;
  readonly kubeconfig: string;
  readonly etcdUrl: string;
  readonly auditLog: string;
  readonly folder: string;
  readonly pids: { readonly etcd: number; readonly apiServer: number };
  /** The admin's client. */
  readonly api: ApiClient;
  kubectl(...args: string[]): Promise<string>;
  /** How kubectl is run here; it wants `--kubeconfig` or KUBECONFIG. */
  readonly kubectlCommand: Component;
  audit(): AuditEvent[];
  /** One of `options.users`. */
  user(name: string): Credentials;
  /** Makes (or finds) a ServiceAccount, binds it to a ClusterRole with exactly `rules`, and asks for a token that lasts `seconds` (at least 600). */
  serviceAccount(namespace: string, name: string, rules: readonly Rule[], seconds?: number): Promise<Credentials>;
  /** A user known by client certificate; returns the path of its kubeconfig. */
  clientCertificate(user: string, groups?: readonly string[]): Promise<string>;
  /** Kills the API server the hard way; nobody listens on its port until `startApiServer`. */
  killApiServer(): Promise<void>;
  startApiServer(): Promise<void>;
  restartApiServer(): Promise<void>;
  /** SIGSTOP: connections stay open, nothing is answered. */
  pauseApiServer(): void;
  resumeApiServer(): void;
  /** Compacts etcd to now. The API server still remembers recent events: restart it as well to get 410 for sure. */
  compact(): Promise<void>;
  stop(): Promise<void>;
}

const ADMIN_TOKEN = "admin-token";

/**
 * Starts one, or says why it can't. Where binaries are missing, tests are to skip with `skipped` as the reason;
 * with TOQUE_REQUIRE_CLUSTER=1 that is an error instead.
 */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane | { skipped: string }> {
  const assets = findAssets();
  if (typeof assets !== "function") {
    if (process.env.TOQUE_REQUIRE_CLUSTER === "1") throw new Error(`TOQUE_REQUIRE_CLUSTER=1, but ${assets.missing}`);
    return { skipped: assets.missing };
  }
  // A free port may be taken by another before our server binds it: then the whole start is tried again.
  for (let attempt = 1; ; attempt++) {
    const nursery = openNursery("control-plane");
    try {
      return await bringUp(assets, nursery, options);
    } catch (error) {
      await nursery.end();
      if (attempt === 3 || !/address already in use/.test(String(error))) throw error;
    }
  }
}

interface Settings {
  readonly assets: Assets;
  readonly nursery: Nursery;
  readonly options: ControlPlaneOptions;
  readonly url: string;
  readonly etcdUrl: string;
  readonly port: number;
  readonly auditLog: string;
}

async function bringUp(assets: Assets, nursery: Nursery, options: ControlPlaneOptions): Promise<ControlPlane> {
  const { folder } = nursery;
  const [port, etcdPort, peerPort] = await freePorts(3) as [number, number, number];
  const auditLog = join(folder, "audit.log");
  const settings: Settings = { assets, nursery, options, port, url: `https://127.0.0.1:${port}`, etcdUrl: `http://127.0.0.1:${etcdPort}`, auditLog };
  await makePki(folder, ["IP:127.0.0.1", "DNS:localhost", "DNS:kubernetes.default.svc"]);
  const users = [{ name: "admin", groups: ["system:masters"] }, ...options.users ?? []];
  writeFileSync(join(folder, "tokens.csv"), users.map(({ name, groups = [] }) => `${name}-token,${name},${name},"${groups.join(",")}"\n`).join(""));
  for (const { name } of users) writeKubeconfig(settings, name, { token: `${name}-token` });
  writeFileSync(join(folder, "audit.yaml"), auditPolicy(options.audit ?? AUDIT_EVERYONE));
  writeFileSync(auditLog, "");

  const etcd = startEtcd(settings, peerPort);
  const server = new ApiServer(settings);
  const api = apiClient({ url: settings.url, ca: readFileSync(join(folder, "ca.crt"), "utf8"), token: ADMIN_TOKEN });
  await server.start(api, etcd);
  if (options.controllers === true) startControllers(settings);
  return controlPlane(settings, api, etcd, server);
}

function controlPlane(settings: Settings, api: ApiClient, etcd: Child, server: ApiServer): ControlPlane {
  const { nursery: { folder }, url, etcdUrl, auditLog } = settings;
  const kubeconfig = join(folder, "admin.kubeconfig");
  const caPath = join(folder, "ca.crt");
  return {
    url, caPath, kubeconfig, etcdUrl, auditLog, folder, api,
    ca: readFileSync(caPath, "utf8"),
    token: ADMIN_TOKEN,
    get pids() { return { etcd: etcd.pid, apiServer: server.pid }; },
    kubectl: (...args) => runKubectl(settings.assets, kubeconfig, args),
    kubectlCommand: kubectlOf(settings.assets),
    audit: () => readAudit(auditLog),
    user: (name) => ({ user: name, token: `${name}-token`, kubeconfig: join(folder, `${name}.kubeconfig`) }),
    serviceAccount: (namespace, name, rules, seconds) => makeServiceAccount(settings, api, namespace, name, rules, seconds),
    async clientCertificate(user, groups = []) {
      const file = `cert-${user.replaceAll(/[^a-z0-9-]/gi, "-")}`;
      await makeClientCertificate(folder, file, user, groups);
      return writeKubeconfig(settings, file, { "client-certificate": join(folder, `${file}.crt`), "client-key": join(folder, `${file}.key`) });
    },
    killApiServer: () => server.kill(),
    startApiServer: () => server.start(api, etcd),
    async restartApiServer() {
      await server.kill();
      await server.start(api, etcd);
    },
    pauseApiServer: () => server.signal("SIGSTOP"),
    resumeApiServer: () => server.signal("SIGCONT"),
    async compact() { await etcdCompact(etcdUrl); },
    async stop() {
      api.close();
      await settings.nursery.end();
    },
  };
}

function startEtcd({ assets, nursery, etcdUrl }: Settings, peerPort: number): Child {
  return nursery.start("etcd", assets("etcd") as Component, [
    "--data-dir", "etcd", "--listen-client-urls", etcdUrl, "--advertise-client-urls", etcdUrl,
    "--listen-peer-urls", `http://127.0.0.1:${peerPort}`, "--log-level", "error",
    "--unsafe-no-fsync", // The data need not survive the test.
  ]);
}

/** The API server's process, which tests kill and start again on the same port. */
class ApiServer {
  readonly #settings: Settings;
  #child: Child | undefined;

  constructor(settings: Settings) { this.#settings = settings; }

  get pid(): number { return this.#child?.pid ?? -1; }
  signal(signal: NodeJS.Signals): void { this.#child?.signal(signal); }
  async kill(): Promise<void> { await this.#child?.kill(); }

  async start(api: ApiClient, etcd: Child): Promise<void> {
    const { assets, nursery } = this.#settings;
    const child = nursery.start("kube-apiserver", assets("kube-apiserver") as Component, this.#flags());
    this.#child = child;
    await until("the API server is ready", async () => {
      if (!etcd.running) return "dead";
      if (!child.running) return "dead";
      return (await api.request("GET", "/readyz")).status === 200 && "ready";
    }, { timeoutMs: 90_000 });
    for (const each of [etcd, child]) {
      if (!each.running) throw new Error(`${each.name} ended by itself (${await each.exited}):\n${each.tail()}`);
    }
  }

  #flags(): string[] {
    const { options, etcdUrl, port, auditLog } = this.#settings;
    const audit = options.audit?.length === 0 ? [] : ["--audit-policy-file=audit.yaml", `--audit-log-path=${auditLog}`, "--audit-log-mode=blocking"];
    // Without the controllers no namespace gets its default ServiceAccount, and no Pod would be let in.
    const admission = options.controllers === true ? [] : ["--disable-admission-plugins=ServiceAccount"];
    return [
      `--etcd-servers=${etcdUrl}`, "--bind-address=127.0.0.1", `--secure-port=${port}`, "--cert-dir=certs",
      "--tls-cert-file=server.crt", "--tls-private-key-file=server.key", "--client-ca-file=ca.crt", "--token-auth-file=tokens.csv",
      "--authorization-mode=RBAC", "--service-cluster-ip-range=10.96.0.0/16", "--allow-privileged=true",
      "--service-account-issuer=https://kubernetes.default.svc", "--service-account-key-file=sa.pub", "--service-account-signing-key-file=sa.key",
      ...audit, ...admission, ...options.apiServerFlags ?? [],
    ];
  }
}

function startControllers(settings: Settings): void {
  const config = join(settings.nursery.folder, "admin.kubeconfig");
  const component = settings.assets("kube-controller-manager");
  if (component === undefined) throw new Error("there is an API server, but no kube-controller-manager in the same folder");
  settings.nursery.start("kube-controller-manager", component, [
    `--kubeconfig=${config}`, `--authentication-kubeconfig=${config}`, `--authorization-kubeconfig=${config}`,
    "--leader-elect=false", "--secure-port=0", "--service-account-private-key-file=sa.key", "--root-ca-file=ca.crt",
    "--use-service-account-credentials=false",
  ]);
}

async function makeServiceAccount(settings: Settings, api: ApiClient, namespace: string, name: string, rules: readonly Rule[], seconds = 3600): Promise<Credentials> {
  const label = `${namespace}-${name}`;
  const rbac = "/apis/rbac.authorization.k8s.io/v1";
  const group = "rbac.authorization.k8s.io";
  await api.apply(`/api/v1/namespaces/${namespace}`, { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
  await api.apply(`/api/v1/namespaces/${namespace}/serviceaccounts/${name}`, { apiVersion: "v1", kind: "ServiceAccount", metadata: { name } });
  await api.apply(`${rbac}/clusterroles/${label}`, { apiVersion: `${group}/v1`, kind: "ClusterRole", metadata: { name: label }, rules });
  await api.apply(`${rbac}/clusterrolebindings/${label}`, {
    apiVersion: `${group}/v1`, kind: "ClusterRoleBinding", metadata: { name: label },
    roleRef: { apiGroup: group, kind: "ClusterRole", name: label }, subjects: [{ kind: "ServiceAccount", name, namespace }],
  });
  const request = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: { expirationSeconds: seconds } };
  const { status: { token } } = await api.must("POST", `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`, request);
  return { user: `system:serviceaccount:${namespace}:${name}`, token, kubeconfig: writeKubeconfig(settings, label, { token }) };
}

function writeKubeconfig({ nursery: { folder }, url }: Settings, name: string, user: object): string {
  const path = join(folder, `${name}.kubeconfig`);
  writeFileSync(path, JSON.stringify({
    apiVersion: "v1", kind: "Config", "current-context": "test",
    clusters: [{ name: "test", cluster: { server: url, "certificate-authority": join(folder, "ca.crt") } }],
    users: [{ name, user }], contexts: [{ name: "test", context: { cluster: "test", user: name } }],
  }, null, 1), { mode: 0o600 });
  return path;
}

function kubectlOf(assets: Assets): Component {
  return assets("kubectl") ?? { file: "kubectl", args: [] };
}

async function runKubectl(assets: Assets, kubeconfig: string, args: readonly string[]): Promise<string> {
  const kubectl = kubectlOf(assets);
  const done = await promisify(execFile)(kubectl.file, [...kubectl.args, "--kubeconfig", kubeconfig, ...args], { maxBuffer: 1 << 28 });
  return done.stdout;
}

/** Ports that were free a moment ago, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, () => new Promise<ReturnType<typeof createServer>>((resolve) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => resolve(server));
  })));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
