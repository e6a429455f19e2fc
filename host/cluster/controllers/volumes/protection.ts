/** Claims that Pods use, and volumes that claims use, outlive their deletion until they are let go; and Pods' own claims. */
import { CLAIMS, PODS, VOLUMES, type PersistentVolume, type PersistentVolumeClaim, type Pod } from "../../typed/core.ts";
import { keyOf } from "../../typed/resource.ts";
import { claimNameOf } from "../../scheduler/volumes.ts";
import { isAlreadyExists, type Api } from "../kit/api.ts";
import type { Kit } from "../kit/kit.ts";
import type { Queue } from "../kit/dispatcher.ts";
import { controlledBy } from "../kit/pods.ts";
import type { Index, Store } from "../kit/store.ts";

const MANAGER = "kube-controller-manager";
const CLAIM_FINALIZER = "kubernetes.io/pvc-protection";
const VOLUME_FINALIZER = "kubernetes.io/pv-protection";

export class VolumeProtectionController {
  readonly #api: Api;
  readonly #claims: Store<PersistentVolumeClaim>;
  readonly #volumes: Store<PersistentVolume>;
  readonly #pods: Store<Pod>;
  readonly #users: Index<Pod>;
  readonly #claimQueue: Queue;
  readonly #volumeQueue: Queue;
  readonly #ephemeralQueue: Queue;

  constructor(kit: Kit) {
    this.#api = kit.api(MANAGER);
    this.#claims = kit.store(CLAIMS);
    this.#volumes = kit.store(VOLUMES);
    this.#pods = kit.store(PODS);
    this.#users = this.#pods.index(claimsOf);
    this.#claimQueue = kit.queue("pvc-protection", (key) => this.#passClaim(key));
    this.#volumeQueue = kit.queue("pv-protection", (name) => this.#passVolume(name));
    this.#ephemeralQueue = kit.queue("ephemeral-volume", (key) => this.#passPod(key));
    this.#claims.on(({ object }) => this.#claimQueue.add(keyOf(object)));
    this.#volumes.on(({ object }) => this.#volumeQueue.add(object.metadata.name));
    this.#pods.on(({ type, object: pod }) => {
      if ((pod.spec.volumes?.length ?? 0) === 0) return;
      if (type === "DELETED") for (const claim of claimsOf(pod)) this.#claimQueue.add(claim);
      if (type === "ADDED" && pod.spec.volumes!.some(({ ephemeral }) => ephemeral !== undefined)) this.#ephemeralQueue.add(keyOf(pod));
    });
  }

  #passClaim(key: string): void {
    const claim = this.#claims.get(key);
    if (claim === undefined) return;
    const finalizers = claim.metadata.finalizers ?? [];
    const guarded = finalizers.includes(CLAIM_FINALIZER);
    if (claim.metadata.deletionTimestamp === undefined) {
      if (!guarded) this.#api.patch(CLAIMS, claim, { metadata: { finalizers: [...finalizers, CLAIM_FINALIZER] } });
    } else if (guarded && !this.#users.get(key).some(({ spec }) => spec.nodeName !== undefined)) {
      const left = finalizers.filter((each) => each !== CLAIM_FINALIZER);
      this.#api.patch(CLAIMS, claim, { metadata: { finalizers: left.length === 0 ? null : left } });
    }
  }

  #passVolume(name: string): void {
    const volume = this.#volumes.get(name);
    if (volume === undefined) return;
    const finalizers = volume.metadata.finalizers ?? [];
    const guarded = finalizers.includes(VOLUME_FINALIZER);
    if (volume.metadata.deletionTimestamp === undefined) {
      if (!guarded) this.#api.patch(VOLUMES, volume, { metadata: { finalizers: [...finalizers, VOLUME_FINALIZER] } });
    } else if (guarded && volume.status?.phase !== "Bound") {
      const left = finalizers.filter((each) => each !== VOLUME_FINALIZER);
      this.#api.patch(VOLUMES, volume, { metadata: { finalizers: left.length === 0 ? null : left } });
    }
  }

  /** A Pod's ephemeral volumes are claims of its own. */
  #passPod(key: string): void {
    const pod = this.#pods.get(key);
    if (pod === undefined || pod.metadata.deletionTimestamp !== undefined) return;
    for (const volume of pod.spec.volumes ?? []) {
      if (volume.ephemeral === undefined) continue;
      const { metadata, spec } = volume.ephemeral.volumeClaimTemplate;
      try {
        this.#api.create(CLAIMS, { metadata: { ...metadata, name: claimNameOf(pod, volume)!, namespace: pod.metadata.namespace!, ownerReferences: [controlledBy(pod)] }, spec });
      } catch (error) {
        if (!isAlreadyExists(error)) throw error;
      }
    }
  }
}

function claimsOf(pod: Pod): string[] {
  if ((pod.spec.volumes?.length ?? 0) === 0) return [];
  const names = pod.spec.volumes!.map((volume) => claimNameOf(pod, volume)).filter((name) => name !== undefined);
  return names.map((name) => `${pod.metadata.namespace}/${name}`);
}
