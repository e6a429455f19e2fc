/** A node of the test cluster: a sandbox with containerd, kubelet and kube-proxy, plugged into the control plane's bridge. */
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { until } from "../../support/wait.ts";
import { CONTROL_PLANE_IP, kubeconfigOf } from "./control-plane.ts";
import { PAUSE_IMAGE } from "./images.ts";
import { HOME, HYPERKUBE, inSandbox, output, sandboxPid, startDaemon, startSandbox, writeState } from "./sandbox.ts";

export function addressOf(node: number): string { return `10.250.0.${10 + node}`; }
function podsOf(node: number): string { return `10.244.${node}.0/24`; }

/** Powers a node on: network, containerd with all images, routes to the Pods of the others. The kubelet is not running yet. */
export async function startNode(node: number): Promise<void> {
  const name = `n${node}`;
  await startSandbox(name);
  const bridge = ["-t", String(sandboxPid("cp")), "-n"];
  await output("nsenter", [...bridge, "sh", "-ec", `ip link add v${name} type veth peer name eth0 netns ${sandboxPid(name)}
    ip link set v${name} master node0 up; ip route replace ${podsOf(node)} via ${addressOf(node)}`]);
  await inSandbox(name, ["sh", "-ec", `ip addr add ${addressOf(node)}/24 dev eth0; ip link set eth0 up; ip route add default via ${CONTROL_PLANE_IP}`]);
  for (let other = 1; other <= 9; other++) {
    if (other !== node) await inSandbox(name, ["ip", "route", "replace", podsOf(other), "via", addressOf(other)]);
  }
  writeState(name, "etc/cni/net.d/10-pods.conflist", cniConfig(node));
  writeState(name, "etc/containerd/config.toml", containerdConfig());
  startDaemon(name, "containerd", ["containerd"]);
  await until(`containerd on ${name} answers`, () => inSandbox(name, ["ctr", "--timeout", "2s", "version"]), { everyMs: 100 });
  const images = readdirSync(join(HOME, "images")).filter((file) => file.endsWith(".tar")).sort();
  for (const image of images) await importImage(name, join(HOME, "images", image));
}

/** Gives a node's containerd an image that was not there when it started. */
export async function importImage(name: string, archive: string): Promise<void> {
  await inSandbox(name, ["ctr", "-n", "k8s.io", "image", "import", archive]);
}

export function startKubelet(node: number): void {
  const name = `n${node}`;
  const config = writeState(name, "kubelet.json", kubeletConfig(name));
  startDaemon(name, "kubelet", [HYPERKUBE, "kubelet", `--config=${config}`, `--kubeconfig=${kubeconfigOf(name)}`, `--hostname-override=${name}`, `--node-ip=${addressOf(node)}`]);
  startProxy(name, name);
}

/** Makes Service addresses work in a sandbox. */
export function startProxy(sandbox: string, node: string): void {
  const config = writeState(sandbox, "proxy.json", {
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1", kind: "KubeProxyConfiguration", mode: "iptables", clusterCIDR: "10.244.0.0/16",
    clientConnection: { kubeconfig: kubeconfigOf("kube-proxy") }, hostnameOverride: node,
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: "0s", tcpCloseWaitTimeout: "0s" }, // The machine's own: hands off.
  });
  startDaemon(sandbox, "kube-proxy", [HYPERKUBE, "kube-proxy", `--config=${config}`]);
}

function kubeletConfig(name: string): object {
  const never = "0%";
  return {
    apiVersion: "kubelet.config.k8s.io/v1beta1", kind: "KubeletConfiguration",
    failCgroupV1: false, // Since 1.35 the kubelet refuses version 1 unless told.
    cgroupDriver: "cgroupfs", cgroupRoot: `/toque/${name}`,
    containerRuntimeEndpoint: "unix:///run/containerd/containerd.sock",
    authentication: { anonymous: { enabled: true }, webhook: { enabled: false } }, authorization: { mode: "AlwaysAllow" },
    oomScoreAdj: 0, // To go below needs CAP_SYS_RESOURCE.
    clusterDomain: "cluster.local", clusterDNS: [CONTROL_PLANE_IP], resolvConf: "",
    imageGCHighThresholdPercent: 100, imageGCLowThresholdPercent: 99, // There is nowhere to pull an image from again.
    evictionHard: { "memory.available": "100Mi", "nodefs.available": never, "nodefs.inodesFree": never, "imagefs.available": never, "imagefs.inodesFree": never },
    nodeStatusUpdateFrequency: "2s", nodeLeaseDurationSeconds: 8, crashLoopBackOff: { maxContainerRestartPeriod: "2s" },
  };
}

function cniConfig(node: number): object {
  const ipam = { type: "host-local", ranges: [[{ subnet: podsOf(node) }]], routes: [{ dst: "0.0.0.0/0" }] };
  return {
    cniVersion: "0.4.0", name: "pods",
    plugins: [{ type: "bridge", bridge: "cni0", isGateway: true, hairpinMode: true, ipam }, { type: "portmap", capabilities: { portMappings: true } }],
  };
}

/** containerd 2 renamed the tables. */
function containerdConfig(): string {
  const isFirst = / v?1\./.test(execFileSync("containerd", ["--version"], { encoding: "utf8" }));
  const [version, images, runtime] = isFirst
    ? [2, "io.containerd.grpc.v1.cri", "io.containerd.grpc.v1.cri"]
    : [3, "io.containerd.cri.v1.images", "io.containerd.cri.v1.runtime"];
  const pause = isFirst ? "" : `[plugins."${images}".pinned_images]\nsandbox = "${PAUSE_IMAGE}"\n`;
  return `version = ${version}
[plugins."${runtime}"]
${isFirst ? `sandbox_image = "${PAUSE_IMAGE}"` : ""}
restrict_oom_score_adj = true
disable_apparmor = true
[plugins."${runtime}".cni]
${isFirst ? "bin_dir = \"/usr/lib/cni\"" : "bin_dirs = [\"/usr/lib/cni\"]\nconf_dir = \"/etc/cni/net.d\""}
[plugins."${images}"${isFirst ? ".containerd" : ""}]
snapshotter = "overlayfs"
${pause}`;
}
