/** The rules of single volume sources: of those that are the same in Pods and in PersistentVolumes, and of their variants. */
import type { FieldErrors } from "../../api/field-errors.ts";
import { byteLength, dnsSubdomain, labelName, subdomainName } from "../../api/names.ts";
import type * as t from "../generated/types.ts";
import { checkDnsLabel, checkDnsSubdomain, checkOneOf, checkRequired, complain } from "../shared/checks.ts";
import { checkNoBacksteps, checkRelativePath } from "../shared/paths.ts";

const HOST_PATH_TYPES = ["", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"];

export function checkHostPath({ path: target = "", type }: t.HostPathVolumeSource, path: string, errors: FieldErrors): void {
  if (target === "") {
    errors.required(`${path}.path`);
    return;
  }
  checkNoBacksteps(target, `${path}.path`, errors);
  if (type !== undefined) checkOneOf(type, HOST_PATH_TYPES, `${path}.type`, errors);
}
export function checkGitRepo({ repository, directory = "" }: t.GitRepoVolumeSource, path: string, errors: FieldErrors): void {
  checkRequired(repository, `${path}.repository`, errors);
  checkRelativePath(directory, `${path}.directory`, errors);
}
function checkPartition(partition: number | undefined, path: string, errors: FieldErrors): void {
  if (partition !== undefined && (partition < 0 || partition > 255)) errors.invalid(`${path}.partition`, partition, "must be between 1 and 255, inclusive");
}
export function checkGcePersistentDisk({ pdName, partition }: t.GCEPersistentDiskVolumeSource, path: string, errors: FieldErrors): void {
  checkRequired(pdName, `${path}.pdName`, errors);
  checkPartition(partition, path, errors);
}
export function checkAwsElasticBlockStore({ volumeID, partition }: t.AWSElasticBlockStoreVolumeSource, path: string, errors: FieldErrors): void {
  checkRequired(volumeID, `${path}.volumeID`, errors);
  checkPartition(partition, path, errors);
}
export function checkNfs({ server, path: target = "" }: t.NFSVolumeSource, path: string, errors: FieldErrors): void {
  checkRequired(server, `${path}.server`, errors);
  checkRequired(target, `${path}.path`, errors);
  if (!target.startsWith("/")) errors.invalid(`${path}.path`, target, "must be an absolute path");
}
export function checkGlusterfs({ endpoints, path: target }: t.GlusterfsVolumeSource, path: string, errors: FieldErrors): void {
  checkRequired(endpoints, `${path}.endpoints`, errors);
  checkRequired(target, `${path}.path`, errors);
}
export function checkPersistentGlusterfs(source: t.GlusterfsPersistentVolumeSource, path: string, errors: FieldErrors): void {
  checkGlusterfs(source, path, errors);
  const namespace = source.endpointsNamespace;
  if (namespace === "") errors.invalid(`${path}.endpointsNamespace`, namespace, "if the endpointnamespace is set, it must be a valid namespace name");
  else if (namespace !== undefined) complain(errors, `${path}.endpointsNamespace`, namespace, labelName(namespace, false));
}
export function checkFlocker({ datasetName = "", datasetUUID = "" }: t.FlockerVolumeSource, path: string, errors: FieldErrors): void {
  if (datasetName === "" && datasetUUID === "") errors.required(path, "one of datasetName and datasetUUID is required");
  if (datasetName !== "" && datasetUUID !== "") errors.invalid(path, "resource", "datasetName and datasetUUID can not be specified simultaneously");
  if (datasetName.includes("/")) errors.invalid(`${path}.datasetName`, datasetName, "must not contain '/'");
}
export function checkRbd({ monitors, image }: t.RBDVolumeSource | t.RBDPersistentVolumeSource, path: string, errors: FieldErrors): void {
  if ((monitors ?? []).length === 0) errors.required(`${path}.monitors`);
  checkRequired(image, `${path}.image`, errors);
}
export function checkCephFs({ monitors }: t.CephFSVolumeSource | t.CephFSPersistentVolumeSource, path: string, errors: FieldErrors): void {
  if ((monitors ?? []).length === 0) errors.required(`${path}.monitors`);
}
export function checkCinder({ volumeID, secretRef }: t.CinderVolumeSource, path: string, errors: FieldErrors): void {
  checkRequired(volumeID, `${path}.volumeID`, errors);
  checkSecret(secretRef, `${path}.secretRef`, errors, false);
}
export function checkPersistentCinder({ volumeID, secretRef }: t.CinderPersistentVolumeSource, path: string, errors: FieldErrors): void {
  checkRequired(volumeID, `${path}.volumeID`, errors);
  checkSecret(secretRef, `${path}.secretRef`, errors, true);
}
/** `namespaced`: secrets are named with their namespace. */
function checkSecret(secret: t.SecretReference | undefined, path: string, errors: FieldErrors, namespaced: boolean): void {
  if (secret === undefined) return;
  checkRequired(secret.name, `${path}.name`, errors);
  if (namespaced) checkRequired(secret.namespace, `${path}.namespace`, errors);
}
const QUOBYTE = "must be a host:port pair or multiple pairs separated by commas";
export function checkQuobyte({ registry = "", tenant = "", volume }: t.QuobyteVolumeSource, path: string, errors: FieldErrors): void {
  if (registry === "") errors.required(`${path}.registry`, QUOBYTE);
  else if (byteLength(tenant) >= 65) errors.required(`${path}.tenant`, "must be a UUID and may not exceed a length of 64 characters");
  else for (const pair of registry.split(",")) if (!/^([^:[\]]*|\[[^[\]]*\]):[^:[\]]*$/.test(pair)) errors.invalid(`${path}.registry`, registry, QUOBYTE);
  checkRequired(volume, `${path}.volume`, errors);
}
export function checkFibreChannel({ targetWWNs = [], wwids = [], lun }: t.FCVolumeSource, path: string, errors: FieldErrors): void {
  if (targetWWNs.length === 0 && wwids.length === 0) errors.required(`${path}.targetWWNs`, "must specify either targetWWNs or wwids, but not both");
  if (targetWWNs.length === 0) return;
  if (wwids.length > 0) errors.invalid(`${path}.targetWWNs`, targetWWNs, "targetWWNs and wwids can not be specified simultaneously");
  if (lun === undefined) errors.required(`${path}.lun`, "lun is required if targetWWNs is specified");
  else checkLun(lun, path, errors);
}
function checkLun(lun: number, path: string, errors: FieldErrors): void {
  if (lun < 0 || lun > 255) errors.invalid(`${path}.lun`, lun, "must be between 0 and 255, inclusive");
}
export function checkFlexVolume({ driver, options = {} }: t.FlexVolumeSource | t.FlexPersistentVolumeSource, path: string, errors: FieldErrors): void {
  checkRequired(driver, `${path}.driver`, errors);
  for (const key in options) {
    const domain = `.${key.split("/")[0]!.toLowerCase()}`;
    if (domain.endsWith(".kubernetes.io") || domain.endsWith(".k8s.io")) errors.invalid(`${path}.options[${key}]`, key, "kubernetes.io and k8s.io namespaces are reserved");
  }
}
export function checkAzureFile({ secretName, shareName }: t.AzureFileVolumeSource, path: string, errors: FieldErrors): void {
  checkRequired(secretName, `${path}.secretName`, errors);
  checkRequired(shareName, `${path}.shareName`, errors);
}
export function checkPersistentAzureFile(source: t.AzureFilePersistentVolumeSource, path: string, errors: FieldErrors): void {
  checkAzureFile(source, path, errors);
  if (source.secretNamespace === "") errors.required(`${path}.secretNamespace`);
}
export function checkAzureDisk({ diskName, diskURI = "", cachingMode, kind }: t.AzureDiskVolumeSource, path: string, errors: FieldErrors): void {
  checkRequired(diskName, `${path}.diskName`, errors);
  checkRequired(diskURI, `${path}.diskURI`, errors);
  if (cachingMode !== undefined) checkOneOf(cachingMode, ["None", "ReadOnly", "ReadWrite"], `${path}.cachingMode`, errors);
  if (kind === undefined) return;
  checkOneOf(kind, ["Dedicated", "Managed", "Shared"], `${path}.kind`, errors);
  if (kind === "Managed" && !diskURI.startsWith("/subscriptions/")) {
    errors.notSupported(`${path}.diskURI`, diskURI, ["/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}"]);
  }
  if (kind !== "Managed" && !diskURI.startsWith("https://")) errors.notSupported(`${path}.diskURI`, diskURI, ["https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd"]);
}
export function checkVsphere({ volumePath }: t.VsphereVirtualDiskVolumeSource, path: string, errors: FieldErrors): void {
  checkRequired(volumePath, `${path}.volumePath`, errors);
}
export function checkPhoton({ pdID }: t.PhotonPersistentDiskVolumeSource, path: string, errors: FieldErrors): void {
  checkRequired(pdID, `${path}.pdID`, errors);
}
export function checkPortworx({ volumeID }: t.PortworxVolumeSource, path: string, errors: FieldErrors): void {
  checkRequired(volumeID, `${path}.volumeID`, errors);
}
export function checkScaleIo({ gateway, system, volumeName }: t.ScaleIOVolumeSource | t.ScaleIOPersistentVolumeSource, path: string, errors: FieldErrors): void {
  checkRequired(gateway, `${path}.gateway`, errors);
  checkRequired(system, `${path}.system`, errors);
  checkRequired(volumeName, `${path}.volumeName`, errors);
}
export function checkLocal({ path: target = "" }: t.LocalVolumeSource, path: string, errors: FieldErrors): void {
  if (target === "") errors.required(`${path}.path`);
  else checkNoBacksteps(target, `${path}.path`, errors);
}
export function checkStorageOs(source: t.StorageOSVolumeSource, path: string, errors: FieldErrors): void {
  checkAnyStorageOs(source, path, errors, false);
}
export function checkPersistentStorageOs(source: t.StorageOSPersistentVolumeSource, path: string, errors: FieldErrors): void {
  checkAnyStorageOs(source, path, errors, true);
}
function checkAnyStorageOs(source: t.StorageOSVolumeSource | t.StorageOSPersistentVolumeSource, path: string, errors: FieldErrors, namespaced: boolean): void {
  const { volumeName = "", volumeNamespace = "" } = source;
  if (volumeName === "") errors.required(`${path}.volumeName`);
  else checkDnsLabel(volumeName, `${path}.volumeName`, errors);
  if (volumeNamespace !== "") checkDnsLabel(volumeNamespace, `${path}.volumeNamespace`, errors);
  checkSecret(source.secretRef, `${path}.secretRef`, errors, namespaced);
}

const INITIATORS: readonly (readonly [string, RegExp])[] = [
  ["iqn", /iqn\.\d{4}-\d{2}\.([A-Za-z0-9.-]+)(:[^,;*&$|\s]+)$/], ["eui", /^eui.[A-Za-z0-9]{16}$/], ["naa", /^naa.[A-Za-z0-9]{32}$/],
];
function checkInitiator(name: string, path: string, unknown: string, errors: FieldErrors): void {
  const format = INITIATORS.find(([prefix]) => name.startsWith(prefix));
  if (format === undefined) errors.invalid(path, name, unknown);
  else if (!format[1].test(name)) errors.invalid(path, name, "must be valid format");
}
const STARTS = "must be valid format starting with iqn, eui, or naa";
const TOO_LONG = "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.";
const portalIsLong = (name: string, portal: string): boolean => byteLength(`${name}:${portal}`) > 64;

export function checkIscsi(source: t.ISCSIVolumeSource, path: string, errors: FieldErrors): void {
  checkAnyIscsi(source, path, STARTS, () => undefined, errors);
}
/** Of a Pod's volume; told beside the source, whether or not it is the volume's only one. */
export function checkIscsiName({ initiatorName, targetPortal = "" }: t.ISCSIVolumeSource, volume: string, path: string, errors: FieldErrors): void {
  if (initiatorName !== undefined && portalIsLong(volume, targetPortal)) errors.invalid(`${path}.name`, volume, TOO_LONG);
}
export function checkPersistentIscsi(source: t.ISCSIPersistentVolumeSource, name: string, path: string, errors: FieldErrors): void {
  const { initiatorName, targetPortal = "" } = source;
  checkAnyIscsi(source, path, "must be valid format", () => {
    if (initiatorName !== undefined && portalIsLong(name, targetPortal)) errors.invalid(`${path}.targetportal`, targetPortal, TOO_LONG);
  }, errors);
}
function checkAnyIscsi(source: t.ISCSIVolumeSource | t.ISCSIPersistentVolumeSource, path: string, unknown: string, checkLength: () => void, errors: FieldErrors): void {
  const { targetPortal, iqn = "", lun = 0, initiatorName, secretRef } = source;
  const persistent = unknown !== STARTS;
  checkRequired(targetPortal, `${path}.targetPortal`, errors);
  checkLength();
  if (iqn === "") errors.required(`${path}.iqn`);
  else checkInitiator(iqn, `${path}.iqn`, unknown, errors);
  checkLun(lun, path, errors);
  if ((source.chapAuthDiscovery === true || source.chapAuthSession === true) && secretRef === undefined) errors.required(`${path}.secretRef`);
  if (persistent && secretRef !== undefined) checkRequired(secretRef.name, `${path}.secretRef.name`, errors);
  if (initiatorName !== undefined) checkInitiator(initiatorName, `${path}.initiatorname`, unknown, errors);
}

export function checkDriverName(driver: string | undefined, path: string, errors: FieldErrors): void {
  if (driver === undefined || driver === "") {
    errors.required(path);
    return;
  }
  if (byteLength(driver) > 63) errors.tooLong(path, 63);
  complain(errors, path, driver, dnsSubdomain(driver.toLowerCase()));
}
export function checkCsi({ driver, nodePublishSecretRef }: t.CSIVolumeSource, path: string, errors: FieldErrors): void {
  checkDriverName(driver, `${path}.driver`, errors);
  if (nodePublishSecretRef === undefined) return;
  const { name = "" } = nodePublishSecretRef;
  if (name === "") errors.required(`${path}.nodePublishSecretRef.name`);
  else complain(errors, `${path}.name`, name, subdomainName(name, false));
}
const CSI_SECRETS = ["controllerPublishSecretRef", "controllerExpandSecretRef", "nodePublishSecretRef", "nodeExpandSecretRef"] as const;
export function checkPersistentCsi(source: t.CSIPersistentVolumeSource, path: string, errors: FieldErrors): void {
  checkDriverName(source.driver, `${path}.driver`, errors);
  checkRequired(source.volumeHandle, `${path}.volumeHandle`, errors);
  for (const field of CSI_SECRETS) if (source[field] !== undefined) checkSecretReference(source[field], `${path}.${field}`, errors);
}
function checkSecretReference({ name = "", namespace = "" }: t.SecretReference, path: string, errors: FieldErrors): void {
  if (name === "") errors.required(`${path}.name`);
  else checkDnsSubdomain(name, `${path}.name`, errors);
  if (namespace === "") errors.required(`${path}.namespace`);
  else checkDnsLabel(namespace, `${path}.namespace`, errors);
}
