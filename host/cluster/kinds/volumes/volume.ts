/** PersistentVolumes. */
import type { FieldErrors } from "../../api/field-errors.ts";
import { labelValue } from "../../api/names.ts";
import { rfc3339 } from "../../../values/time.ts";
import { kindRules } from "../define.ts";
import type { StrategyContext } from "../kind.ts";
import type { NodeSelectorTerm, PersistentVolume, PersistentVolumeSpec, VolumeNodeAffinity } from "../generated/types.ts";
import { warnOfNodeTerm } from "../pod/node-labels.ts";
import { checkImmutable, checkMetadata, checkMetadataUpdate } from "../shared/checks.ts";
import { equal } from "../shared/equal.ts";
import { goStruct } from "../shared/go-values.ts";
import { checkVolumeSpec, setVolumeSpecDefaults, SOURCE_FIELDS } from "./volume-spec.ts";

const MOUNT_OPTIONS = "volume.beta.kubernetes.io/mount-options";
const CLASS_ANNOTATION = "volume.beta.kubernetes.io/storage-class";
/** Sorts of volumes that take mount options by annotation. */
const MOUNTED = [
  "gcePersistentDisk", "awsElasticBlockStore", "glusterfs", "nfs", "rbd", "quobyte", "iscsi", "cinder", "cephfs", "azureFile", "vsphereVolume", "azureDisk", "photonPersistentDisk",
] as const;

export const persistentVolume = kindRules<PersistentVolume>(["", "v1", "PersistentVolume"], {
  defaults(volume) {
    const { spec, status } = { spec: volume.spec ??= {}, status: volume.status ??= {} };
    status.phase ??= "Pending";
    spec.persistentVolumeReclaimPolicy ??= "Retain";
    spec.volumeMode ??= "Filesystem";
    setVolumeSpecDefaults(spec);
  },
  create(volume, { nowMs }) { volume.status = { phase: "Pending", lastPhaseTransitionTime: rfc3339(nowMs) }; },
  update(next, old) { next.status = old.status; },
  validate(volume, errors) {
    checkVolume(volume, false, errors);
    checkMountOptions(volume, errors);
  },
  validateUpdate(next, old, errors) {
    const anyNodeValues = old.spec?.nodeAffinity?.required?.nodeSelectorTerms?.some((term) => term.matchExpressions?.some(({ values }) => values?.some((value) => labelValue(value).length > 0))) ?? false;
    checkVolume(next, anyNodeValues, errors);
    checkMountOptions(next, errors);
    checkVolume(next, anyNodeValues, errors);
    checkChange(next.spec ?? {}, old.spec ?? {}, errors);
  },
  warn,
  subresources: {
    status: {
      update(next, old, { nowMs }) {
        next.spec = old.spec;
        const status = next.status ??= {};
        const before = old.status ?? {};
        const time = status.lastPhaseTransitionTime;
        if (before.phase === status.phase && time === undefined) status.lastPhaseTransitionTime = before.lastPhaseTransitionTime;
        else if (before.phase !== status.phase && (time === undefined || time === before.lastPhaseTransitionTime)) status.lastPhaseTransitionTime = rfc3339(nowMs);
      },
      validate(next, old, errors) { checkMetadataUpdate(next.metadata, old.metadata, errors); },
    },
  },
});

function checkVolume({ metadata, spec = {} }: PersistentVolume, anyNodeValues: boolean, errors: FieldErrors): void {
  checkMetadata(metadata, false, errors);
  checkVolumeSpec(spec, metadata.name ?? "", { inline: false, anyNodeValues }, "spec", errors);
}
function checkMountOptions({ metadata, spec = {} }: PersistentVolume, errors: FieldErrors): void {
  if (metadata.annotations?.[MOUNT_OPTIONS] === undefined || MOUNTED.some((field) => spec[field] !== undefined)) return;
  errors.forbidden(`metadata.annotations.${MOUNT_OPTIONS}`, "may not specify mount options for this volume type");
}

function checkChange(next: PersistentVolumeSpec, old: PersistentVolumeSpec, errors: FieldErrors): void {
  if (!equal(sourceOf(next, old), sourceOf(old, old))) errors.forbidden("spec.persistentvolumesource", "spec.persistentvolumesource is immutable after creation\n");
  checkImmutable(next.volumeMode, old.volumeMode, "volumeMode", errors);
  if (old.nodeAffinity !== undefined && !sameButForNames(next.nodeAffinity, old.nodeAffinity)) {
    errors.invalid("nodeAffinity", showAffinity(next.nodeAffinity), "field is immutable, except for updating from beta label to GA");
  }
  if (old.volumeAttributesClassName !== undefined && next.volumeAttributesClassName === undefined) errors.forbidden("spec.volumeAttributesClassName", "update from non-nil value to nil is forbidden");
}
/** A secret for growing may be named later. */
function sourceOf(spec: PersistentVolumeSpec, old: PersistentVolumeSpec): object {
  const source = Object.fromEntries(SOURCE_FIELDS.filter((field) => spec[field] !== undefined).map((field) => [field, spec[field]])) as Partial<PersistentVolumeSpec>;
  if (spec.csi === undefined || old.csi === undefined || old.csi.controllerExpandSecretRef !== undefined) return source;
  const { controllerExpandSecretRef: _, ...csi } = spec.csi;
  return { ...source, csi };
}

/** Labels of nodes that have got new names. */
const RENAMED: { readonly [label: string]: string } = {
  "failure-domain.beta.kubernetes.io/zone": "topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/region": "topology.kubernetes.io/region",
  "beta.kubernetes.io/os": "kubernetes.io/os", "beta.kubernetes.io/arch": "kubernetes.io/arch", "beta.kubernetes.io/instance-type": "node.kubernetes.io/instance-type",
};
function sameButForNames(next: VolumeNodeAffinity | undefined, old: VolumeNodeAffinity): boolean {
  const terms = next?.required?.nodeSelectorTerms ?? [];
  const renamed = (term: NodeSelectorTerm, index: number): NodeSelectorTerm => ({
    ...term,
    matchExpressions: term.matchExpressions?.map((each, at) => {
      const key = terms[index]?.matchExpressions?.[at]?.key;
      return key !== undefined && RENAMED[each.key ?? ""] === key ? { ...each, key } : each;
    }),
  });
  return equal(next, { ...old, required: old.required === undefined ? undefined : { ...old.required, nodeSelectorTerms: old.required.nodeSelectorTerms?.map(renamed) } });
}
function showAffinity(affinity: VolumeNodeAffinity | undefined): unknown {
  if (affinity === undefined) return null;
  const expression = (each: object): object => goStruct(each, "Key:\"\" Operator:\"\" Values");
  const terms = affinity.required?.nodeSelectorTerms?.map(({ matchExpressions, matchFields }) => ({ MatchExpressions: matchExpressions?.map(expression) ?? null, MatchFields: matchFields?.map(expression) ?? null }));
  return { Required: affinity.required === undefined ? null : { NodeSelectorTerms: terms ?? null } };
}

const GONE = { cephfs: ["1.28", "1.31"], photonPersistentDisk: ["1.11", "1.16"], scaleIO: ["1.16", "1.22"], storageos: ["1.22", "1.25"], glusterfs: ["1.25", "1.26"], rbd: ["1.28", "1.31"] } as const;

function warn({ metadata, spec = {} }: PersistentVolume, _: PersistentVolume | undefined, context: StrategyContext): void {
  if (metadata.annotations?.[CLASS_ANNOTATION] !== undefined) context.warn(`metadata.annotations[${CLASS_ANNOTATION}]: deprecated since v1.8; use "storageClassName" attribute instead`);
  if (metadata.annotations?.[MOUNT_OPTIONS] !== undefined) context.warn(`metadata.annotations[${MOUNT_OPTIONS}]: deprecated since v1.31; use "mountOptions" attribute instead`);
  if (spec.persistentVolumeReclaimPolicy === "Recycle") context.warn("spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.");
  spec.nodeAffinity?.required?.nodeSelectorTerms?.forEach((term, index) => warnOfNodeTerm(term, false, `spec.nodeAffinity.required.nodeSelectorTerms[${index}]`, context));
  for (const [field, [since, dead]] of Object.entries(GONE)) {
    if (spec[field as keyof PersistentVolumeSpec] !== undefined) context.warn(`spec.${field === "storageos" ? "storageOS" : field}: deprecated in v${since}, non-functional in v${dead}+`);
  }
}
