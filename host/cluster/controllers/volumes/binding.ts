/**
 * Claims and volumes find each other: a claim gets a volume that is there and fits, or its class's provisioner makes one.
 * Provisioners are simulated: whatever a StorageClass names as its own makes a volume at once.
 */
import { CLAIMS, VOLUMES, type PersistentVolume, type PersistentVolumeClaim } from "../../typed/core.ts";
import { STORAGE_CLASSES, type StorageClass } from "../../typed/others.ts";
import { keyOf } from "../../typed/resource.ts";
import { isAlreadyExists, type Api } from "../kit/api.ts";
import type { Queue } from "../kit/dispatcher.ts";
import { sameJson } from "../kit/hash.ts";
import type { Kit } from "../kit/kit.ts";
import type { Recorder } from "../kit/recorder.ts";
import { amountOf } from "../kit/requests.ts";
import { matcherOf } from "../kit/selectors.ts";
import type { Index, Store } from "../kit/store.ts";

const MANAGER = "kube-controller-manager";
const BIND_COMPLETED = "pv.kubernetes.io/bind-completed";
const BOUND_BY_CONTROLLER = "pv.kubernetes.io/bound-by-controller";
const PROVISIONED_BY = "pv.kubernetes.io/provisioned-by";
const SELECTED_NODE = "volume.kubernetes.io/selected-node";
const PROVISIONERS = ["volume.beta.kubernetes.io/storage-provisioner", "volume.kubernetes.io/storage-provisioner"];
const NO_PROVISIONER = "kubernetes.io/no-provisioner";

export class VolumeBindingController {
  readonly #kit: Kit;
  readonly #api: Api;
  readonly #events: Recorder;
  readonly #claims: Store<PersistentVolumeClaim>;
  readonly #volumes: Store<PersistentVolume>;
  readonly #classes: Store<StorageClass>;
  readonly #byClaim: Index<PersistentVolume>;
  readonly #provisioners = new Map<string, Recorder>();
  readonly #queue: Queue;
  readonly #volumeQueue: Queue;

  constructor(kit: Kit) {
    this.#kit = kit;
    this.#api = kit.api(MANAGER);
    this.#events = kit.recorder("persistentvolume-controller", MANAGER);
    this.#claims = kit.store(CLAIMS);
    this.#volumes = kit.store(VOLUMES);
    this.#classes = kit.store(STORAGE_CLASSES);
    this.#byClaim = this.#volumes.index(({ spec: { claimRef } }) => (claimRef === undefined ? [] : [`${claimRef.namespace}/${claimRef.name}`]));
    this.#queue = kit.queue("persistentvolume-binder", (key) => this.#passClaim(key));
    this.#volumeQueue = kit.queue("persistentvolume-binder-volumes", (name) => this.#passVolume(name));
    this.#claims.on(({ object, type }) => {
      if (type !== "DELETED") this.#queue.add(keyOf(object));
      if (object.spec.volumeName !== undefined) this.#volumeQueue.add(object.spec.volumeName);
      for (const volume of this.#byClaim.get(keyOf(object))) this.#volumeQueue.add(volume.metadata.name);
    });
    this.#volumes.on(({ type, object }) => {
      const { claimRef } = object.spec;
      if (claimRef !== undefined) this.#queue.add(`${claimRef.namespace}/${claimRef.name}`);
      if (type !== "DELETED") this.#volumeQueue.add(object.metadata.name);
      if (claimRef === undefined && type !== "DELETED") this.#offer();
    });
    this.#classes.on(() => this.#offer());
  }

  /** Whoever waits has another look. */
  #offer(): void {
    for (const claim of this.#claims.list()) if (claim.spec.volumeName === undefined) this.#queue.add(keyOf(claim));
  }

  #passClaim(key: string): void {
    const claim = this.#claims.get(key);
    if (claim === undefined) return;
    if (claim.spec.volumeName !== undefined && claim.spec.volumeName !== "") return this.#finish(claim, claim.spec.volumeName);
    if (claim.status?.phase === undefined) this.#api.updateStatus(CLAIMS, { ...claim, status: { phase: "Pending" } });
    const class_ = this.#classes.get(claim.spec.storageClassName ?? "");
    const waits = class_?.volumeBindingMode === "WaitForFirstConsumer" && claim.metadata.annotations?.[SELECTED_NODE] === undefined;
    const volume = this.#match(claim, waits);
    if (volume !== undefined) return this.#bind(this.#claims.get(key)!, volume);
    if (waits) return this.#events.normal(claim, "WaitForFirstConsumer", "waiting for first consumer to be created before binding");
    if (claim.spec.storageClassName === undefined || claim.spec.storageClassName === "") {
      return this.#events.normal(claim, "FailedBinding", "no persistent volumes available for this claim and no storage class is set");
    }
    if (class_ === undefined) return this.#events.warning(claim, "ProvisioningFailed", `storageclass.storage.k8s.io "${claim.spec.storageClassName}" not found`);
    if (class_.provisioner !== NO_PROVISIONER && claim.metadata.deletionTimestamp === undefined) this.#provision(this.#claims.get(key)!, class_);
  }

  /** A volume that is meant for the claim, or the smallest that will do. */
  #match(claim: PersistentVolumeClaim, waits: boolean): PersistentVolume | undefined {
    const meant = this.#byClaim.get(keyOf(claim)).find(({ spec }) => spec.claimRef!.uid === undefined || spec.claimRef!.uid === claim.metadata.uid);
    if (meant !== undefined || waits) return meant;
    const wanted = amountOf("storage", claim.spec.resources?.requests?.["storage"] ?? "0");
    const fitting = this.#volumes.list().filter((volume) => {
      const { spec, metadata, status } = volume;
      return spec.claimRef === undefined && metadata.deletionTimestamp === undefined && status?.phase !== "Released" && status?.phase !== "Failed" &&
        (spec.storageClassName ?? "") === (claim.spec.storageClassName ?? "") && (spec.volumeMode ?? "Filesystem") === (claim.spec.volumeMode ?? "Filesystem") &&
        sizeOf(volume) >= wanted && (claim.spec.accessModes ?? []).every((mode) => spec.accessModes?.includes(mode) === true) &&
        (claim.spec.selector === undefined || matcherOf(claim.spec.selector)(metadata.labels));
    });
    return fitting.sort((a, b) => sizeOf(a) - sizeOf(b) || (a.metadata.name < b.metadata.name ? -1 : 1))[0];
  }

  #bind(claim: PersistentVolumeClaim, volume: PersistentVolume): void {
    const { namespace, name, uid, resourceVersion } = claim.metadata;
    const byUs = { [BOUND_BY_CONTROLLER]: "yes" };
    if (volume.spec.claimRef?.uid !== uid) {
      const prebound = volume.spec.claimRef !== undefined;
      const claimRef = { kind: "PersistentVolumeClaim", namespace: namespace!, name, uid: uid!, apiVersion: "v1", resourceVersion: resourceVersion! };
      const annotations = prebound ? volume.metadata.annotations : { ...volume.metadata.annotations, ...byUs };
      this.#api.update(VOLUMES, { ...volume, metadata: { ...volume.metadata, ...(annotations === undefined ? {} : { annotations }) }, spec: { ...volume.spec, claimRef } });
    }
    const annotations = { ...claim.metadata.annotations, [BIND_COMPLETED]: "yes", ...byUs };
    const bound = this.#api.update(CLAIMS, { ...claim, metadata: { ...claim.metadata, annotations }, spec: { ...claim.spec, volumeName: volume.metadata.name } });
    this.#finish(bound, volume.metadata.name);
  }

  /** Status of a claim that names its volume. */
  #finish(claim: PersistentVolumeClaim, volumeName: string): void {
    const volume = this.#volumes.get(volumeName);
    if (volume === undefined) {
      if (claim.metadata.annotations?.[BIND_COMPLETED] === undefined || claim.status?.phase === "Lost") return;
      this.#events.warning(claim, "ClaimLost", "Bound claim has lost its PersistentVolume. Data on the volume is lost!");
      this.#api.updateStatus(CLAIMS, { ...claim, status: { phase: "Lost" } });
      return;
    }
    const { claimRef } = volume.spec;
    if (claimRef !== undefined && claimRef.uid !== undefined && claimRef.uid !== claim.metadata.uid) return;
    if (claimRef?.uid !== claim.metadata.uid || claim.metadata.annotations?.[BIND_COMPLETED] === undefined) return this.#bind(claim, volume);
    this.#grow(claim, volume);
    const status = { ...claim.status, phase: "Bound" as const, accessModes: volume.spec.accessModes!, capacity: this.#volumes.get(volumeName)!.spec.capacity! };
    if (!sameJson(status, claim.status)) this.#api.updateStatus(CLAIMS, { ...this.#claims.get(keyOf(claim))!, status });
  }

  /** A claim that asks for more gets it, where its class lets it. */
  #grow(claim: PersistentVolumeClaim, volume: PersistentVolume): void {
    const wanted = claim.spec.resources?.requests?.["storage"];
    const grows = this.#classes.get(claim.spec.storageClassName ?? "")?.allowVolumeExpansion === true;
    if (!grows || wanted === undefined || amountOf("storage", wanted) <= sizeOf(volume) || claim.status?.phase !== "Bound") return;
    this.#api.patch(VOLUMES, volume, { spec: { capacity: { storage: wanted } } });
    this.#events.normal(claim, "FileSystemResizeSuccessful", `MountVolume.NodeExpandVolume succeeded for volume "${volume.metadata.name}"`);
  }

  #provision(claim: PersistentVolumeClaim, class_: StorageClass): void {
    const { provisioner } = class_;
    let asked = claim;
    if (claim.metadata.annotations?.[PROVISIONERS[1]!] !== provisioner) {
      const annotations = { ...claim.metadata.annotations, ...Object.fromEntries(PROVISIONERS.map((each) => [each, provisioner])) };
      asked = this.#api.update(CLAIMS, { ...claim, metadata: { ...claim.metadata, annotations } });
    }
    const by = this.#provisioners.get(provisioner) ?? this.#kit.recorder(`${provisioner}_simulated`, MANAGER);
    this.#provisioners.set(provisioner, by);
    this.#events.normal(asked, "ExternalProvisioning", `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`);
    by.normal(asked, "Provisioning", `External provisioner is provisioning volume for claim "${keyOf(asked)}"`);
    const name = `pvc-${asked.metadata.uid}`;
    try {
      this.#api.create(VOLUMES, volumeFor(asked, class_, name));
      by.normal(asked, "ProvisioningSucceeded", `Successfully provisioned volume ${name}`);
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
  }

  #passVolume(name: string): void {
    const volume = this.#volumes.get(name);
    if (volume === undefined) return;
    const { claimRef, persistentVolumeReclaimPolicy } = volume.spec;
    if (claimRef?.uid === undefined) return this.#phase(volume, "Available");
    const claim = this.#claims.get(`${claimRef.namespace}/${claimRef.name}`);
    if (claim?.metadata.uid === claimRef.uid) {
      if (claim!.spec.volumeName === name) return this.#phase(volume, "Bound");
      // The claim took another: one that was bound by hand stays so, one that was made for it has no use.
      if (claim!.spec.volumeName !== undefined && volume.metadata.annotations?.[BOUND_BY_CONTROLLER] !== undefined) this.#unbind(volume);
      return;
    }
    this.#phase(volume, "Released");
    if (persistentVolumeReclaimPolicy === "Delete" && volume.metadata.deletionTimestamp === undefined) this.#api.delete(VOLUMES, volume);
  }

  #unbind(volume: PersistentVolume): void {
    const { claimRef: _, ...spec } = volume.spec;
    const { [BOUND_BY_CONTROLLER]: __, ...annotations } = volume.metadata.annotations ?? {};
    this.#api.update(VOLUMES, { ...volume, metadata: { ...volume.metadata, annotations }, spec });
  }

  #phase(volume: PersistentVolume, phase: NonNullable<PersistentVolume["status"]>["phase"]): void {
    if (volume.status?.phase === phase) return;
    this.#api.updateStatus(VOLUMES, { ...volume, status: { ...volume.status, phase: phase!, lastPhaseTransitionTime: this.#kit.now() } });
  }
}

function sizeOf({ spec }: PersistentVolume): number { return amountOf("storage", spec.capacity?.["storage"] ?? "0"); }

function volumeFor(claim: PersistentVolumeClaim, { provisioner, reclaimPolicy = "Delete", metadata }: StorageClass, name: string) {
  const { namespace, name: claimName, uid, resourceVersion } = claim.metadata;
  return {
    metadata: { name, annotations: { [PROVISIONED_BY]: provisioner } },
    spec: {
      capacity: { storage: claim.spec.resources?.requests?.["storage"] ?? "1Gi" }, accessModes: claim.spec.accessModes ?? ["ReadWriteOnce"],
      csi: { driver: provisioner.replaceAll("/", "."), volumeHandle: name },
      claimRef: { kind: "PersistentVolumeClaim", namespace: namespace!, name: claimName, uid: uid!, apiVersion: "v1", resourceVersion: resourceVersion! },
      persistentVolumeReclaimPolicy: reclaimPolicy, storageClassName: metadata.name, volumeMode: claim.spec.volumeMode ?? "Filesystem",
    },
  };
}
