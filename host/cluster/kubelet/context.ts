/** What a container's program is given of its Pod, its node and the world. */
import type { ContainerRun } from "./container-run.ts";
import { environmentOf, expand } from "./environment.ts";
import type { ContainerContext, SimulatedVolume } from "./image.ts";
import type { NodeHost } from "./node-host.ts";
import type { PodWorker } from "./pod-worker.ts";
import { within } from "./volumes.ts";

/** Throws ConfigError for what is missing. */
export function contextOf(host: NodeHost, worker: PodWorker, { spec }: ContainerRun): Omit<ContainerContext, "exit" | "log" | "after" | "restarts"> {
  const { pod, ip } = worker;
  const { namespace = "", name, uid = "", labels = {} } = pod.metadata;
  const env = environmentOf(host.kit, pod, spec, { podIP: ip, hostIP: host.ip });
  return {
    pod: { namespace, name, uid, ip, node: host.name, labels, hostname: pod.spec.hostname ?? name },
    container: { name: spec.name, image: spec.image ?? "", ports: spec.ports ?? [] },
    command: (spec.command ?? []).map((word) => expand(word, env)),
    args: (spec.args ?? []).map((word) => expand(word, env)),
    env, restartPolicy: pod.spec.restartPolicy ?? "Always",
    nowMs: () => host.kit.nowMs(),
    random: () => host.kit.platform.random.next(),
    volume: (path) => mounted(host, worker, spec.name, path),
    request: (request, done) => host.network.request({ ...request, from: { namespace, node: host.name, address: ip } }, done),
  };
}

/** The mount with the longest path that holds `path`. */
function mounted(host: NodeHost, { pod }: PodWorker, container: string, path: string): SimulatedVolume | undefined {
  const spec = [...pod.spec.initContainers ?? [], ...pod.spec.containers].find(({ name }) => name === container);
  const mounts = (spec?.volumeMounts ?? []).filter(({ mountPath }) => path === mountPath || path.startsWith(`${mountPath.replace(/\/$/, "")}/`));
  const mount = mounts.sort((a, b) => b.mountPath.length - a.mountPath.length)[0];
  const volume = pod.spec.volumes?.find(({ name }) => name === mount?.name);
  if (mount === undefined || volume === undefined) return undefined;
  const opened = host.volumes.open(pod, volume, mount.readOnly === true);
  if (opened === undefined) return undefined;
  const rest = path.slice(mount.mountPath.replace(/\/$/, "").length).replace(/^\//, "");
  return within(within(opened, mount.subPath ?? ""), rest);
}
