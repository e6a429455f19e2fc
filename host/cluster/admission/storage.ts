/** Policies about volumes: their class, their protection while in use, their growth. */
import type { PersistentVolumeClaim, StorageClass } from "../kinds/generated/types.ts";
import type { StrategyContext } from "../kinds/kind.ts";
import { compareQuantities } from "../kinds/shared/quantity.ts";
import type { ClusterObject } from "../model.ts";
import { objectOf, refused, type Plugin } from "./plugin.ts";

const CLAIMS = "persistentvolumeclaims";
const CLASSES = "storageclasses.storage.k8s.io";
const CLASS_ANNOTATION = "volume.beta.kubernetes.io/storage-class";
const DEFAULT_CLASS = ["storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"];

export const defaultStorageClass: Plugin = {
  name: "DefaultStorageClass", resources: [CLAIMS], operations: ["CREATE"],
  mutate(request, context) {
    const { metadata, spec = {} } = objectOf<PersistentVolumeClaim>(request);
    if (request.subresource !== undefined || spec.storageClassName !== undefined || metadata.annotations?.[CLASS_ANNOTATION] !== undefined) return;
    const found = newestDefault(context.list(CLASSES), DEFAULT_CLASS);
    if (found !== undefined) spec.storageClassName = found.metadata.name;
  },
};
/** Of classes that an annotation makes the default; of several the youngest, then by name. */
export function newestDefault(classes: Iterable<ClusterObject>, annotations: readonly string[]): ClusterObject | undefined {
  const marked = [...classes].filter(({ metadata }) => annotations.some((key) => metadata.annotations?.[key] === "true"));
  const age = ({ metadata }: ClusterObject): string => metadata.creationTimestamp ?? "";
  return marked.sort((a, b) => (age(a) === age(b) ? (a.metadata.name < b.metadata.name ? -1 : 1) : age(a) > age(b) ? -1 : 1))[0];
}

const PROTECTIONS: { readonly [resource: string]: string } = {
  persistentvolumes: "kubernetes.io/pv-protection", [CLAIMS]: "kubernetes.io/pvc-protection", "volumeattributesclasses.storage.k8s.io": "kubernetes.io/vac-protection",
};
export const storageObjectInUseProtection: Plugin = {
  name: "StorageObjectInUseProtection", resources: Object.keys(PROTECTIONS), operations: ["CREATE"],
  mutate({ object, resource, subresource }) {
    const finalizer = PROTECTIONS[resource]!;
    if (subresource !== undefined || object === undefined || object.metadata.finalizers?.includes(finalizer) === true) return;
    object.metadata.finalizers = [...object.metadata.finalizers ?? [], finalizer];
  },
};

export const persistentVolumeClaimResize: Plugin = {
  name: "PersistentVolumeClaimResize", resources: [CLAIMS], operations: ["UPDATE"],
  validate(request, context) {
    if (request.subresource !== undefined) return;
    const next = objectOf<PersistentVolumeClaim>(request);
    const old = request.old as unknown as PersistentVolumeClaim;
    const size = ({ spec }: PersistentVolumeClaim): string => spec?.resources?.requests?.storage ?? "0";
    if (compareQuantities(size(next), size(old)) <= 0) return;
    if (old.status?.phase !== "Bound") throw refused(request, "Only bound persistent volume claims can be expanded");
    if (!mayGrow(next, old, context)) throw refused(request, "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize");
  },
};
function mayGrow(next: PersistentVolumeClaim, old: PersistentVolumeClaim, context: StrategyContext): boolean {
  const classOf = ({ metadata, spec }: PersistentVolumeClaim): string => metadata.annotations?.[CLASS_ANNOTATION] ?? spec?.storageClassName ?? "";
  const name = classOf(next);
  if (name === "" || name !== classOf(old)) return false;
  return (context.get(CLASSES, undefined, name) as unknown as StorageClass | undefined)?.allowVolumeExpansion === true;
}
