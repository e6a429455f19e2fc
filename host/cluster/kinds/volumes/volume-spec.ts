/** The spec of a PersistentVolume: its own, and inside a VolumeAttachment. */
import type { FieldErrors } from "../../api/field-errors.ts";
import { sorted } from "../../api/field-errors.ts";
import { subdomainName } from "../../api/names.ts";
import type { PersistentVolumeSpec } from "../generated/types.ts";
import { roundList, setAzureDiskDefaults, setIscsiDefaults, setRbdDefaults, setScaleIoDefaults } from "../pod/defaults.ts";
import { checkNodeSelector } from "../pod/affinity.ts";
import { checkOneOf, checkPositiveQuantity, complain } from "../shared/checks.ts";
import { checkAccessModes, VOLUME_MODES } from "./claim-spec.ts";
import { checkValid } from "./claim.ts";
import * as source from "./sources.ts";

type Check = (value: never, path: string, errors: FieldErrors, name: string) => void;
type Source = keyof PersistentVolumeSpec;

/** In the order in which they are told; the second name is that of the complaint about one too many, the third that of its own. */
const SOURCES: readonly (readonly [Source, Check, string?, string?])[] = [
  ["hostPath", source.checkHostPath], ["gcePersistentDisk", source.checkGcePersistentDisk, "gcePersistentDisk", "persistentDisk"], ["awsElasticBlockStore", source.checkAwsElasticBlockStore],
  ["glusterfs", source.checkPersistentGlusterfs], ["flocker", source.checkFlocker], ["nfs", source.checkNfs], ["rbd", source.checkRbd], ["quobyte", source.checkQuobyte], ["cephfs", source.checkCephFs, "cephFS"],
  ["iscsi", (value, path, errors, name) => source.checkPersistentIscsi(value, name, path, errors)], ["cinder", source.checkPersistentCinder], ["fc", source.checkFibreChannel], ["flexVolume", source.checkFlexVolume],
  ["azureFile", source.checkPersistentAzureFile], ["vsphereVolume", source.checkVsphere], ["photonPersistentDisk", source.checkPhoton], ["portworxVolume", source.checkPortworx], ["azureDisk", source.checkAzureDisk],
  ["scaleIO", source.checkScaleIo], ["local", source.checkLocal], ["storageos", source.checkPersistentStorageOs], ["csi", source.checkPersistentCsi],
];
export const SOURCE_FIELDS: readonly Source[] = SOURCES.map(([field]) => field);

const RECLAIM_POLICIES = ["Delete", "Recycle", "Retain"];
const INLINE = "in the context of inline volumes";

export function setVolumeSpecDefaults(spec: PersistentVolumeSpec): void {
  roundList(spec.capacity);
  if (spec.hostPath !== undefined) spec.hostPath.type ??= "";
  if (spec.rbd !== undefined) setRbdDefaults(spec.rbd);
  if (spec.iscsi !== undefined) setIscsiDefaults(spec.iscsi);
  if (spec.azureDisk !== undefined) setAzureDiskDefaults(spec.azureDisk);
  if (spec.scaleIO !== undefined) setScaleIoDefaults(spec.scaleIO);
}

/** `inline`: inside a VolumeAttachment, where there is no object around it. `anyNodeValues`: the old one had values that are none of labels. */
export function checkVolumeSpec(spec: PersistentVolumeSpec, name: string, { inline, anyNodeValues }: { inline: boolean; anyNodeValues: boolean }, path: string, errors: FieldErrors): void {
  const { accessModes = [], capacity, persistentVolumeReclaimPolicy: policy = "", nodeAffinity } = spec;
  if (inline) {
    if (spec.claimRef !== undefined) errors.forbidden(`${path}.claimRef`, `may not be specified ${INLINE}`);
    if (capacity !== undefined) errors.forbidden(`${path}.capacity`, `may not be specified ${INLINE}`);
    if (spec.csi === undefined) errors.required(`${path}.csi`, `has to be specified ${INLINE}`);
  }
  if (accessModes.length === 0) errors.required(`${path}.accessModes`);
  checkAccessModes(accessModes, `${path}.accessModes`, errors);
  if (!inline) checkCapacity(capacity ?? {}, `${path}.capacity`, errors);
  if (policy !== "" && inline && policy !== "Retain") errors.forbidden(`${path}.persistentVolumeReclaimPolicy`, `may only be Retain ${INLINE}`);
  else if (policy !== "" && !inline) checkOneOf(policy, RECLAIM_POLICIES, `${path}.persistentVolumeReclaimPolicy`, errors);
  if (nodeAffinity !== undefined) {
    if (inline) errors.forbidden(`${path}.nodeAffinity`, `may not be specified ${INLINE}`);
    else if (nodeAffinity.required === undefined) errors.required(`${path}.nodeAffinity.required`, "must specify required node constraints");
    else checkNodeSelector(nodeAffinity.required, anyNodeValues, `${path}.nodeAffinity.required`, errors);
  }
  checkSources(spec, name, !inline && nodeAffinity !== undefined, path, errors);
  if (/^\/+(\.\/*)*$/.test(spec.hostPath?.path ?? "") && policy === "Recycle") errors.forbidden(`${path}.persistentVolumeReclaimPolicy`, "may not be 'recycle' for a hostPath mount of '/'");
  checkClasses(spec, inline, path, errors);
}

function checkCapacity(capacity: Readonly<Record<string, string>>, path: string, errors: FieldErrors): void {
  const names = Object.keys(capacity);
  if (names.length === 0) errors.required(path);
  if (names.length !== 1 || names[0] !== "storage") errors.notSupported(path, names.length === 0 ? null : sorted(capacity), ["storage"]);
  for (const name of names) {
    checkValid(capacity[name]!, `${path}[${name}]`, errors);
    checkPositiveQuantity(capacity[name]!, `${path}[${name}]`, errors);
  }
}
function checkSources(spec: PersistentVolumeSpec, name: string, placed: boolean, path: string, errors: FieldErrors): void {
  let count = 0;
  for (const [field, check, refused = field, at = field] of SOURCES) {
    if (spec[field] === undefined) continue;
    // This one alone never counts as one too many.
    if (count > 0 && field !== "flexVolume") {
      errors.forbidden(`${path}.${refused}`, "may not specify more than 1 volume type");
      continue;
    }
    count++;
    check(spec[field] as never, `${path}.${at}`, errors, name);
    if (field === "local" && !placed) errors.required(`${path}.nodeAffinity`, "Local volume requires node affinity");
  }
  if (count === 0) errors.required(path, "must specify a volume type");
}
function checkClasses({ storageClassName = "", volumeMode, volumeAttributesClassName, csi }: PersistentVolumeSpec, inline: boolean, path: string, errors: FieldErrors): void {
  if (storageClassName !== "") {
    if (inline) errors.forbidden(`${path}.storageClassName`, `may not be specified ${INLINE}`);
    else complain(errors, `${path}.storageClassName`, storageClassName, subdomainName(storageClassName, false));
  }
  if (volumeMode !== undefined && !inline) checkOneOf(volumeMode, VOLUME_MODES, `${path}.volumeMode`, errors);
  else if (volumeMode !== undefined && volumeMode !== "Filesystem") errors.forbidden(`${path}.volumeMode`, `may not specify volumeMode other than Filesystem ${INLINE}`);
  // Inside a VolumeAttachment nobody looks at it.
  if (volumeAttributesClassName === undefined || inline) return;
  if (volumeAttributesClassName === "") errors.required(`${path}.volumeAttributesClassName`, "an empty string is disallowed");
  else complain(errors, `${path}.volumeAttributesClassName`, volumeAttributesClassName, subdomainName(volumeAttributesClassName, false));
  if (csi === undefined) errors.required(`${path}.csi`, "has to be specified when using volumeAttributesClassName");
}
