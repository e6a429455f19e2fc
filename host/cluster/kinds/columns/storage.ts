/** Volumes, and what makes them. */
import type { CSIDriver, CSINode, PersistentVolume, PersistentVolumeClaim, StorageClass, VolumeAttachment, VolumeAttributesClass } from "../generated/types.ts";
import type { Metadata } from "../../model.ts";
import { age, named, orNone, row, type AnyRow } from "./cells.ts";

const MODES = [["ReadWriteOnce", "RWO"], ["ReadOnlyMany", "ROX"], ["ReadWriteMany", "RWX"], ["ReadWriteOncePod", "RWOP"]] as const;
const OLD_CLASS = "volume.beta.kubernetes.io/storage-class";
const DEFAULT_CLASSES = ["storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"];

function modesText(modes: readonly string[] | undefined): string {
  return MODES.filter(([mode]) => modes?.includes(mode)).map(([, short]) => short).join(",");
}
function classOf({ metadata, spec }: { metadata: Metadata; spec?: { storageClassName?: string } }): string {
  return metadata.annotations?.[OLD_CLASS] ?? spec?.storageClassName ?? "";
}
const phaseOf = ({ metadata, status }: { metadata: Metadata; status?: { phase?: string } }): string => (metadata.deletionTimestamp === undefined ? status?.phase ?? "" : "Terminating");

const volumeRow = row<PersistentVolume>((volume, nowMs) => {
  const { metadata, spec = {}, status } = volume;
  const { claimRef: claim } = spec;
  return [
    metadata.name, spec.capacity?.storage ?? "0", modesText(spec.accessModes), spec.persistentVolumeReclaimPolicy ?? "", phaseOf(volume), claim === undefined ? "" : `${claim.namespace ?? ""}/${claim.name ?? ""}`,
    classOf(volume), spec.volumeAttributesClassName ?? "<unset>", status?.reason ?? "", age(volume, nowMs), spec.volumeMode ?? "<unset>",
  ];
});
const claimRow = row<PersistentVolumeClaim>((claim, nowMs) => {
  const { metadata, spec = {}, status = {} } = claim;
  const bound = (spec.volumeName ?? "") !== "";
  return [
    metadata.name, phaseOf(claim), spec.volumeName ?? "", bound ? status.capacity?.storage ?? "0" : "", bound ? modesText(status.accessModes) : "",
    classOf(claim), spec.volumeAttributesClassName ?? "<unset>", age(claim, nowMs), spec.volumeMode ?? "<unset>",
  ];
});
const classRow = row<StorageClass>((storageClass, nowMs) => {
  const { metadata, provisioner = "", reclaimPolicy = "Delete", volumeBindingMode = "Immediate", allowVolumeExpansion = false } = storageClass;
  const name = DEFAULT_CLASSES.some((each) => metadata.annotations?.[each] === "true") ? `${metadata.name} (default)` : metadata.name;
  return [name, provisioner, reclaimPolicy, volumeBindingMode, allowVolumeExpansion, age(storageClass, nowMs)];
});

/** By "Kind.group". */
export const STORAGE_ROWS: { readonly [kind: string]: AnyRow } = {
  PersistentVolume: volumeRow,
  PersistentVolumeClaim: claimRow,
  "StorageClass.storage.k8s.io": classRow,
  "VolumeAttributesClass.storage.k8s.io": named<VolumeAttributesClass>(({ driverName = "" }) => [driverName]),
  "CSIDriver.storage.k8s.io": named<CSIDriver>(({ spec = {} }) => [
    spec.attachRequired ?? true, spec.podInfoOnMount ?? false, spec.storageCapacity ?? false, spec.tokenRequests === undefined ? "<unset>" : spec.tokenRequests.map(({ audience = "" }) => audience).join(","),
    spec.requiresRepublish ?? false, orNone((spec.volumeLifecycleModes ?? []).join(",")),
  ]),
  "CSINode.storage.k8s.io": named<CSINode>(({ spec }) => [(spec?.drivers ?? []).length]),
  "VolumeAttachment.storage.k8s.io": named<VolumeAttachment>(({ spec = {}, status }) => [spec.attacher ?? "", spec.source?.persistentVolumeName ?? "", spec.nodeName ?? "", status?.attached ?? false]),
};
