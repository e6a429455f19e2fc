/** A Pod's volumes: each of exactly one sort, under names of their own. */
import { FieldErrors } from "../../api/field-errors.ts";
import { dnsLabel, subdomainName } from "../../api/names.ts";
import type { Metadata } from "../../model.ts";
import type { ConfigMapVolumeSource, DownwardAPIVolumeFile, ImageVolumeSource, KeyToPath, ProjectedVolumeSource, SecretVolumeSource, Volume, VolumeProjection } from "../generated/types.ts";
import { checkFieldRef, checkResourceFieldRef, VOLUME_FIELDS } from "../pod/field-refs.ts";
import { checkPullPolicy } from "../pod/pull-policy.ts";
import type { PodRules } from "../pod/rules.ts";
import { checkRequired, complain } from "../shared/checks.ts";
import { checkMode, checkVolumePath } from "../shared/paths.ts";
import { isNegative } from "../shared/quantity.ts";
import { checkClaimTemplate } from "./claim-spec.ts";
import * as source from "./sources.ts";

type Source = Exclude<keyof Volume, "name">;
type Check = (value: never, path: string, errors: FieldErrors, rules: PodRules) => void;

/** In the order in which they are told. The second name is that of the complaint about one too many, where it is another. */
const SOURCES: readonly (readonly [Source, Check, string?, string?])[] = [
  ["emptyDir", checkEmptyDir], ["hostPath", source.checkHostPath], ["gitRepo", source.checkGitRepo], ["gcePersistentDisk", source.checkGcePersistentDisk, "gcePersistentDisk", "persistentDisk"],
  ["awsElasticBlockStore", source.checkAwsElasticBlockStore], ["secret", checkSecret], ["nfs", source.checkNfs], ["iscsi", source.checkIscsi], ["glusterfs", source.checkGlusterfs],
  ["flocker", source.checkFlocker], ["persistentVolumeClaim", checkClaim], ["rbd", source.checkRbd], ["cinder", source.checkCinder], ["cephfs", source.checkCephFs, "cephFS"],
  ["quobyte", source.checkQuobyte], ["downwardAPI", checkDownwardApi, "downwarAPI"], ["fc", source.checkFibreChannel], ["flexVolume", source.checkFlexVolume], ["configMap", checkConfigMap],
  ["azureFile", source.checkAzureFile], ["vsphereVolume", source.checkVsphere], ["photonPersistentDisk", source.checkPhoton], ["portworxVolume", source.checkPortworx],
  ["azureDisk", source.checkAzureDisk], ["storageos", source.checkStorageOs], ["projected", checkProjected], ["scaleIO", source.checkScaleIo], ["csi", source.checkCsi],
  ["ephemeral", checkEphemeral], ["image", checkImage],
];
const CHECKS = new Map(SOURCES.map((each, order) => [each[0] as string, { order, check: each[1], refused: each[2] ?? each[0], at: each[3] ?? each[0] }]));

/** Returns the volumes that nothing is wrong with, by name: only those can be mounted. `metadata`: the Pod's, unless it is a template. */
export function checkVolumes(volumes: readonly Volume[] | undefined, metadata: Metadata | undefined, path: string, rules: PodRules, errors: FieldErrors): ReadonlyMap<string, Volume> {
  const good = new Map<string, Volume>();
  if (volumes === undefined) return good;
  const pod = metadata?.name ?? "";
  const created = pod === "" ? [] : volumes.filter(({ ephemeral }) => ephemeral !== undefined).map(({ name }) => `${pod}-${name}`);
  volumes.forEach((volume, index) => {
    const at = `${path}[${index}]`;
    const { name = "" } = volume;
    const before = errors.count;
    checkSource(volume, pod, at, rules, errors);
    if (name === "") errors.required(`${at}.name`);
    else complain(errors, `${at}.name`, name, dnsLabel(name));
    if (good.has(name)) errors.duplicate(`${at}.name`, name);
    if (errors.count === before) good.set(name, volume);
    const claim = volume.persistentVolumeClaim?.claimName;
    if (claim !== undefined && created.includes(claim)) errors.invalid(`${at}.persistentVolumeClaim.claimName`, claim, "must not reference a PVC that gets created for an ephemeral volume");
  });
  return good;
}

function checkSource(volume: Volume, pod: string, path: string, rules: PodRules, errors: FieldErrors): void {
  const { name = "" } = volume;
  let given: string[] = [];
  for (const field in volume) if (CHECKS.has(field) && volume[field as Source] !== undefined) given.push(field);
  if (given.length > 1) given = given.sort((a, b) => CHECKS.get(a)!.order - CHECKS.get(b)!.order);
  given.forEach((field, index) => {
    const { check, refused, at } = CHECKS.get(field)!;
    if (index > 0) errors.forbidden(`${path}.${refused}`, "may not specify more than 1 volume type");
    else check(volume[field as Source] as never, `${path}.${at}`, errors, rules);
    if (field === "iscsi") source.checkIscsiName(volume.iscsi!, name, path, errors);
    if (field === "ephemeral" && index === 0 && pod !== "" && name !== "") checkClaimName(`${pod}-${name}`, name, path, errors);
  });
  if (given.length === 0) errors.required(path, "must specify a volume type");
}
function checkClaimName(claim: string, volume: string, path: string, errors: FieldErrors): void {
  for (const complaint of subdomainName(claim, false)) errors.invalid(`${path}.name`, volume, `PVC name ${JSON.stringify(claim)}: ${complaint}`);
}

function checkEmptyDir({ sizeLimit }: { sizeLimit?: string }, path: string, errors: FieldErrors): void {
  if (sizeLimit !== undefined && isNegative(sizeLimit)) errors.forbidden(`${path}.sizeLimit`, "SizeLimit field must be a valid resource quantity");
}
function checkSecret({ secretName, defaultMode, items }: SecretVolumeSource, path: string, errors: FieldErrors): void {
  checkRequired(secretName, `${path}.secretName`, errors);
  checkMode(defaultMode, `${path}.defaultMode`, errors);
  items?.forEach((each, index) => checkItem(each, `${path}.items[${index}]`, errors));
}
function checkConfigMap({ name, defaultMode, items }: ConfigMapVolumeSource, path: string, errors: FieldErrors): void {
  checkRequired(name, `${path}.name`, errors);
  checkMode(defaultMode, `${path}.defaultMode`, errors);
  items?.forEach((each, index) => checkItem(each, `${path}.items[${index}]`, errors));
}
function checkItem({ key, path: target = "", mode }: KeyToPath, path: string, errors: FieldErrors): void {
  checkRequired(key, `${path}.key`, errors);
  checkRequired(target, `${path}.path`, errors);
  checkVolumePath(target, `${path}.path`, errors);
  checkMode(mode, `${path}.mode`, errors);
}
function checkClaim({ claimName }: { claimName?: string }, path: string, errors: FieldErrors): void {
  checkRequired(claimName, `${path}.claimName`, errors);
}
function checkDownwardApi({ defaultMode, items }: { defaultMode?: number; items?: DownwardAPIVolumeFile[] }, path: string, errors: FieldErrors): void {
  checkMode(defaultMode, `${path}.defaultMode`, errors);
  items?.forEach((each) => checkDownwardFile(each, path, errors));
}
/** Complaints bear the path of the list, not of the item. */
function checkDownwardFile({ path: target = "", fieldRef, resourceFieldRef, mode }: DownwardAPIVolumeFile, path: string, errors: FieldErrors): void {
  checkRequired(target, `${path}.path`, errors);
  checkVolumePath(target, `${path}.path`, errors);
  if (fieldRef !== undefined) {
    checkFieldRef(fieldRef, VOLUME_FIELDS, `${path}.fieldRef`, errors);
    if (resourceFieldRef !== undefined) errors.invalid(path, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously");
  } else if (resourceFieldRef !== undefined) {
    checkResourceFieldRef(resourceFieldRef, true, `${path}.resourceFieldRef`, errors);
  } else {
    errors.required(path, "one of fieldRef and resourceFieldRef is required");
  }
  checkMode(mode, `${path}.mode`, errors);
}
function checkEphemeral({ volumeClaimTemplate }: NonNullable<Volume["ephemeral"]>, path: string, errors: FieldErrors): void {
  if (volumeClaimTemplate === undefined) errors.required(`${path}.volumeClaimTemplate`);
  else checkClaimTemplate(volumeClaimTemplate, `${path}.volumeClaimTemplate`, errors);
}
function checkImage({ reference, pullPolicy }: ImageVolumeSource, path: string, errors: FieldErrors, rules: PodRules): void {
  if (rules.isPod) checkRequired(reference, `${path}.reference`, errors);
  checkPullPolicy(pullPolicy, `${path}.pullPolicy`, errors);
}

function checkProjected({ defaultMode, sources }: ProjectedVolumeSource, path: string, errors: FieldErrors, rules: PodRules): void {
  checkMode(defaultMode, `${path}.defaultMode`, errors);
  const taken = new Set<string>();
  sources?.forEach((each, index) => checkProjection(each, path, `${path}.sources[${index}]`, taken, rules, errors));
}
function checkProjection(each: VolumeProjection, path: string, at: string, taken: Set<string>, rules: PodRules, errors: FieldErrors): void {
  const { secret, configMap, downwardAPI, serviceAccountToken } = each;
  const take = (target: string | undefined, shown: string): void => {
    if (target === undefined || target === "") return;
    if (taken.has(target)) errors.invalid(path, shown, "conflicting duplicate paths");
    taken.add(target);
  };
  for (const [field, keys] of [["secret", secret], ["configMap", configMap]] as const) {
    if (keys === undefined) continue;
    checkRequired(keys.name, `${at}.${field}.name`, errors);
    keys.items?.forEach((item, index) => {
      checkItem(item, `${at}.${field}.items[${index}]`, errors);
      take(item.path, keys.name ?? "");
    });
  }
  for (const file of downwardAPI?.items ?? []) {
    checkDownwardFile(file, `${at}.downwardAPI`, errors);
    take(file.path, file.path ?? "");
  }
  if (serviceAccountToken !== undefined) checkToken(serviceAccountToken, path, `${at}.serviceAccountToken`, rules, errors);
  if ([secret, configMap, downwardAPI, serviceAccountToken].filter((some) => some !== undefined).length > 1) errors.forbidden(at, "may not specify more than 1 volume type per source");
}
function checkToken({ expirationSeconds = 0, path: target = "" }: NonNullable<VolumeProjection["serviceAccountToken"]>, path: string, at: string, rules: PodRules, errors: FieldErrors): void {
  if (expirationSeconds < 600) errors.invalid(`${at}.expirationSeconds`, expirationSeconds, "may not specify a duration less than 10 minutes");
  if (expirationSeconds > 2 ** 32) errors.invalid(`${at}.expirationSeconds`, expirationSeconds, "may not specify a duration larger than 2^32 seconds");
  if (target === "") errors.required(`${path}.path`);
  else if (!rules.anyTokenPath) checkVolumePath(target, `${path}.path`, errors);
}
