/** Volumes before Pods: claims must be there and bound, or wait for the node that their first Pod goes to. */
import type { Api } from "../controllers/kit/api.ts";
import type { Kit } from "../controllers/kit/kit.ts";
import { matchesNodeSelector } from "../controllers/kit/placement.ts";
import type { Store } from "../controllers/kit/store.ts";
import { CLAIMS, VOLUMES, type Node, type PersistentVolume, type PersistentVolumeClaim, type Pod, type Volume } from "../typed/core.ts";
import { STORAGE_CLASSES, type StorageClass } from "../typed/others.ts";
import type { Misfit } from "./filters.ts";

export const SELECTED_NODE = "volume.kubernetes.io/selected-node";

export interface VolumesOfPod {
  /** Why no node will do, whatever it has. */
  readonly misfit: string | undefined;
  node(node: Node): Misfit | undefined;
  /** Asks for the volumes that wait for a node; false when there are none. */
  provision(node: Node): boolean;
}

export class VolumeCheck {
  readonly #api: Api;
  readonly #claims: Store<PersistentVolumeClaim>;
  readonly #volumes: Store<PersistentVolume>;
  readonly #classes: Store<StorageClass>;

  constructor(kit: Kit, api: Api) {
    this.#api = api;
    this.#claims = kit.store(CLAIMS);
    this.#volumes = kit.store(VOLUMES);
    this.#classes = kit.store(STORAGE_CLASSES);
  }

  check(pod: Pod): VolumesOfPod {
    const bound: PersistentVolume[] = [];
    const later: PersistentVolumeClaim[] = [];
    let misfit: string | undefined;
    for (const volume of pod.spec.volumes ?? []) {
      const name = claimNameOf(pod, volume);
      if (name === undefined) continue;
      const claim = this.#claims.get(`${pod.metadata.namespace}/${name}`);
      if (claim === undefined) misfit ??= volume.ephemeral === undefined ? `persistentvolumeclaim "${name}" not found` : `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"`;
      else if (claim.metadata.deletionTimestamp !== undefined) misfit ??= `persistentvolumeclaim "${name}" is being deleted`;
      else if (claim.status?.phase === "Lost") misfit ??= `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.spec.volumeName}"`;
      else if (isBound(claim)) {
        const found = this.#volumes.get(claim.spec.volumeName!);
        if (found !== undefined) bound.push(found);
      } else if (this.#waitsForConsumer(claim)) later.push(claim);
      else misfit ??= "pod has unbound immediate PersistentVolumeClaims";
    }
    return {
      misfit,
      node: (node) => (bound.every(({ spec: { nodeAffinity } }) => nodeAffinity?.required === undefined || matchesNodeSelector(nodeAffinity.required, node))
        ? undefined : { reasons: ["node(s) didn't match PersistentVolume's node affinity"], final: true }),
      provision: (node) => {
        for (const claim of later) {
          if (claim.metadata.annotations?.[SELECTED_NODE] !== node.metadata.name) this.#api.patch(CLAIMS, claim, { metadata: { annotations: { [SELECTED_NODE]: node.metadata.name } } });
        }
        return later.length > 0;
      },
    };
  }

  #waitsForConsumer({ spec: { storageClassName } }: PersistentVolumeClaim): boolean {
    return storageClassName !== undefined && this.#classes.get(storageClassName)?.volumeBindingMode === "WaitForFirstConsumer";
  }
}

/** Bound by both sides. */
export function isBound({ spec: { volumeName }, metadata: { annotations }, status }: PersistentVolumeClaim): boolean {
  return volumeName !== undefined && volumeName !== "" && (status?.phase === "Bound" || annotations?.["pv.kubernetes.io/bind-completed"] !== undefined);
}

/** The claim that a volume of the Pod stands for: named, or the Pod's own. */
export function claimNameOf(pod: Pod, { name, persistentVolumeClaim, ephemeral }: Volume): string | undefined {
  return persistentVolumeClaim?.claimName ?? (ephemeral === undefined ? undefined : `${pod.metadata.name}-${name}`);
}
