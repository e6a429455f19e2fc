/** What a kubelet says of its machine. */
import type { New } from "../controllers/kit/api.ts";
import { findCondition } from "../controllers/kit/conditions.ts";
import { amountOf } from "../controllers/kit/requests.ts";
import { fnv32a } from "../controllers/kit/hash.ts";
import type { Node, NodeCondition } from "../typed/core.ts";
import type { Quantities } from "../typed/resource.ts";
import type { SimulatedNode } from "./node.ts";

const CAPACITY: Quantities = { cpu: "8", "ephemeral-storage": "100Gi", "hugepages-2Mi": "0", memory: "32Gi", pods: "110" };
const VERSION = "v1.36.3";

const HEALTHY: [type: string, status: "True" | "False", reason: string, message: string][] = [
  ["MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"],
  ["DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"],
  ["PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"],
  ["Ready", "True", "KubeletReady", "kubelet is posting ready status"],
];

export function nodeObject(node: SimulatedNode, bootId: number, now: string): New<Node> {
  const labels = {
    "beta.kubernetes.io/arch": "amd64", "beta.kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64",
    "kubernetes.io/hostname": node.name, "kubernetes.io/os": "linux", ...node.options.labels,
  };
  return {
    metadata: { name: node.name, labels, annotations: { "node.alpha.kubernetes.io/ttl": "0", "volumes.kubernetes.io/controller-managed-attach-detach": "true" } },
    spec: { podCIDR: node.podCIDR, podCIDRs: [node.podCIDR], providerID: `toque://${node.name}` },
    status: nodeStatus(node, bootId, undefined, now),
  };
}

export function nodeStatus(node: SimulatedNode, bootId: number, before: Node["status"], now: string): NonNullable<Node["status"]> {
  const capacity = { ...CAPACITY, ...node.options.capacity };
  const conditions: NodeCondition[] = HEALTHY.map(([type, status, reason, message]) => {
    const known = findCondition(before?.conditions, type);
    return { type, status, lastHeartbeatTime: now, lastTransitionTime: known?.status === status ? known.lastTransitionTime! : now, reason, message };
  });
  const others = (before?.conditions ?? []).filter(({ type }) => !HEALTHY.some(([ours]) => ours === type));
  return {
    ...before, capacity, allocatable: { ...capacity, "ephemeral-storage": String(Math.floor(amountOf("ephemeral-storage", capacity["ephemeral-storage"]!) * 0.9)) },
    conditions: [...others, ...conditions],
    addresses: [{ type: "InternalIP", address: node.ip }, { type: "Hostname", address: node.name }],
    daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    nodeInfo: {
      machineID: idOf(`${node.name} machine`), systemUUID: uuidOf(`${node.name} system`), bootID: uuidOf(`${node.name} boot ${bootId}`),
      kernelVersion: "6.12.0-simulated", osImage: "Toque simulated node", containerRuntimeVersion: "containerd://2.1.0",
      kubeletVersion: VERSION, kubeProxyVersion: "", operatingSystem: "linux", architecture: "amd64",
    },
  };
}

function idOf(seed: string): string {
  return Array.from({ length: 4 }, (_, n) => fnv32a(seed, n + 1).toString(16).padStart(8, "0")).join("");
}
function uuidOf(seed: string): string {
  const id = idOf(seed);
  return `${id.slice(0, 8)}-${id.slice(8, 12)}-4${id.slice(13, 16)}-a${id.slice(17, 20)}-${id.slice(20)}`;
}
