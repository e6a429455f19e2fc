/**
 * A real Kubernetes cluster on one machine: up to nine nodes with kubelet, containerd and runc, each in a sandbox, whose
 * network can be cut and whose plug can be pulled. One cluster at a time for each cache folder.
 */
import { existsSync, readdirSync, rmSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { until } from "../../support/wait.ts";
import { CONTROL_PLANE_IP, kubeconfigOf, makeCredentials, startBridge, startControlPlane } from "./control-plane.ts";
import { makeImages } from "./images.ts";
import { addressOf, startKubelet, startNode, startProxy } from "./node.ts";
import { BIN, HOME, HYPERKUBE, inSandbox, output, powerOff, RUN, sandboxPid, STATE } from "./sandbox.ts";

/** What this machine lacks to run a cluster, in one sentence; `undefined`: nothing. */
export function missing(): string | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "a test cluster needs Linux and root (namespaces, mounts, cgroups)";
  const unbuilt = ["hyperkube", "coredns", "init"].filter((name) => !existsSync(join(BIN, name)));
  if (unbuilt.length > 0) return `${unbuilt.join(", ")} not in ${BIN}: run tests/e2e/cluster/build.sh`;
  const programs = ["/usr/bin/containerd", "/usr/lib/cni/bridge", "/bin/busybox", "/usr/sbin/iptables", "/usr/sbin/conntrack", "/usr/sbin/runc"];
  const absent = programs.filter((path) => !existsSync(path));
  if (absent.length > 0) return `${absent.join(", ")} not there: apt-get install containerd runc containernetworking-plugins busybox-static iptables conntrack`;
  if (existsSync("/sys/fs/cgroup/cgroup.controllers")) return "this machine has cgroup version 2 only; the sandboxes are written for version 1";
  return undefined;
}

/** Brings up a control plane and `nodes` nodes; resolves when all are Ready, DNS answers and Pods can be made. */
export async function up(nodes: number, say: (line: string) => void = () => {}): Promise<void> {
  const lack = missing();
  if (lack !== undefined) throw new Error(lack);
  if (sandboxPid("cp") !== undefined) throw new Error("a cluster is up already: `down` first");
  const startedMs = performance.now();
  const tell = (what: string): void => say(`${((performance.now() - startedMs) / 1000).toFixed(1).padStart(6)} s  ${what}`);
  await down();
  makeImages(BIN, join(HOME, "images"));
  await makeCredentials();
  const numbers = Array.from({ length: nodes }, (_, index) => index + 1);
  await startBridge();
  await Promise.all([
    startControlPlane().then(() => tell("API server ready")),
    ...numbers.map((node) => startNode(node).then(() => tell(`n${node}: containerd has the images`))),
  ]);
  numbers.forEach(startKubelet);
  startProxy("cp", "n1");
  await Promise.all(numbers.map(ready));
  tell("nodes ready");
  await until("there is a service account", () => kubectl("-n", "default", "get", "serviceaccount", "default"), { everyMs: 100 });
  await until("DNS answers", () => inSandbox("cp", ["busybox", "wget", "-qO-", `http://${CONTROL_PLANE_IP}:8181/ready`]), { everyMs: 100 });
  tell("all up");
}

/** Powers a node on (again), and waits until it is Ready. */
export async function addNode(node: number): Promise<void> {
  await startNode(node);
  startKubelet(node);
  await ready(node);
}

function ready(node: number): Promise<unknown> {
  const jsonPath = "jsonpath={.status.conditions[?(@.type=='Ready')].status}";
  return until(`n${node} is Ready`, async () => await kubectl("get", "node", `n${node}`, "-o", jsonPath) === "True", { timeoutMs: 90_000, everyMs: 200 });
}

/** Takes a node off the network; everything on it goes on, alone. */
export async function cut(node: number): Promise<void> { await inSandbox("cp", ["ip", "link", "set", `vn${node}`, "down"]); }
export async function heal(node: number): Promise<void> {
  await inSandbox("cp", ["ip", "link", "set", `vn${node}`, "up"]);
  // A link that went down takes its routes along.
  await inSandbox("cp", ["ip", "route", "replace", `10.244.${node}.0/24`, "via", addressOf(node)]);
}
export function cutPower(node: number): Promise<void> { return powerOff(`n${node}`); }

export function kubectl(...args: string[]): Promise<string> {
  return inSandbox("cp", [HYPERKUBE, "kubectl", "--kubeconfig", kubeconfigOf("admin"), ...args]);
}

/** Stops everything and removes all state. Leaves binaries and images. */
export async function down(): Promise<void> {
  if (existsSync(RUN)) {
    const names = readdirSync(RUN).filter((file) => file.endsWith(".pid")).map((file) => file.slice(0, -".pid".length));
    // Nodes first: a kubelet without an API server would only complain.
    for (const name of names.sort().reverse()) await powerOff(name);
  }
  await until("the control groups are gone", async () => {
    await output("find", ["/sys/fs/cgroup", "-mindepth", "2", "-depth", "-type", "d", "-path", "/sys/fs/cgroup/*/toque*", "-exec", "rmdir", "{}", "+"]).catch(() => {});
    return !readdirSync("/sys/fs/cgroup").some((hierarchy) => existsSync(`/sys/fs/cgroup/${hierarchy}/toque`));
  }, { timeoutMs: 10_000, everyMs: 200 });
  rmSync(STATE, { recursive: true, force: true });
  rmSync(RUN, { recursive: true, force: true });
  try {
    rmdirSync("/tmp/hostpath_pv"); // Only ever a mount point.
  } catch { /* Not there, or somebody's. */ }
}
