/** What of a Pod's volumes a container sees, and where. */
import type { FieldErrors } from "../../api/field-errors.ts";
import type { VolumeDevice, VolumeMount } from "../generated/types.ts";
import { checkOneOf } from "../shared/checks.ts";
import { checkRelativePath } from "../shared/paths.ts";
import type { AnyContainer } from "./containers-of.ts";
import type { PodCheck } from "./rules.ts";

const PROPAGATIONS = ["Bidirectional", "HostToContainer", "None"];

/** Complaints about sub-paths and propagation bear the path of the list. */
export function checkMounts(container: AnyContainer, mounts: readonly VolumeMount[], path: string, { volumes, errors }: PodCheck): void {
  const { volumeDevices: devices = [] } = container;
  const taken = new Set<string>();
  mounts.forEach((mount, index) => {
    const at = `${path}[${index}]`;
    const { name = "", mountPath = "", subPath = "", subPathExpr = "" } = mount;
    if (name === "") errors.required(`${at}.name`);
    if (!volumes.has(name)) errors.notFound(`${at}.name`, name);
    if (mountPath === "") errors.required(`${at}.mountPath`);
    if (taken.has(mountPath)) errors.invalid(`${at}.mountPath`, mountPath, "must be unique");
    taken.add(mountPath);
    if (devices.some((each) => (each.name ?? "") === name)) errors.invalid(`${at}.name`, name, "must not already exist in volumeDevices");
    if (devicePaths(devices).includes(mountPath)) errors.invalid(`${at}.mountPath`, mountPath, "must not already exist as a path in volumeDevices");
    if (subPath !== "") checkRelativePath(subPath, `${path}.subPath`, errors);
    if (subPathExpr !== "") {
      if (subPath !== "") errors.invalid(`${at}.subPathExpr`, subPathExpr, "subPathExpr and subPath are mutually exclusive");
      checkRelativePath(subPathExpr, `${path}.subPathExpr`, errors);
    }
    checkPropagation(mount, container, path, errors);
  });
}
/** Of devices of one name, the last counts. */
function devicePaths(devices: readonly VolumeDevice[]): string[] {
  return devices.length === 0 ? [] : [...new Map(devices.map(({ name = "", devicePath = "" }) => [name, devicePath])).values()];
}
function checkPropagation(mount: VolumeMount, container: AnyContainer, path: string, errors: FieldErrors): void {
  const { mountPropagation, recursiveReadOnly } = mount;
  if (mountPropagation !== undefined) {
    checkOneOf(mountPropagation, PROPAGATIONS, `${path}.mountPropagation`, errors);
    if (mountPropagation === "Bidirectional" && container.securityContext?.privileged !== true) {
      errors.forbidden(`${path}.mountPropagation`, "Bidirectional mount propagation is available only to privileged containers");
    }
  }
  if (recursiveReadOnly === undefined || recursiveReadOnly === "Disabled") return;
  const at = `${path}.recursiveReadOnly`;
  if (recursiveReadOnly !== "Enabled" && recursiveReadOnly !== "IfPossible") {
    errors.notSupported(at, recursiveReadOnly, ["Disabled", "Enabled", "IfPossible"]);
    return;
  }
  if (mount.readOnly !== true) errors.forbidden(at, "may only be specified when readOnly is true");
  if (mountPropagation !== undefined && mountPropagation !== "None") errors.forbidden(at, "may only be specified when mountPropagation is None or not specified");
}

export function checkDevices(container: AnyContainer, devices: readonly VolumeDevice[], path: string, { volumes, errors }: PodCheck): void {
  const mounts = new Map(container.volumeMounts?.map(({ name = "", mountPath = "" }) => [name, mountPath]));
  const names = new Set<string>();
  const paths = new Set<string>();
  devices.forEach(({ name = "", devicePath = "" }, index) => {
    const at = `${path}[${index}]`;
    const volume = volumes.get(name);
    if (name === "") errors.required(`${at}.name`);
    if (names.has(name)) errors.invalid(`${at}.name`, name, "must be unique");
    if (volume === undefined) errors.notFound(`${at}.name`, name);
    else if (volume.persistentVolumeClaim === undefined && volume.ephemeral === undefined) {
      errors.invalid(`${at}.name`, name, "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode");
    }
    if (devicePath === "") errors.required(`${at}.devicePath`);
    if (paths.has(devicePath)) errors.invalid(`${at}.devicePath`, devicePath, "must be unique");
    if (devicePath.split("/").includes("..")) errors.invalid(`${at}.devicePath`, devicePath, "can not contain backsteps ('..')");
    else paths.add(devicePath);
    if (mounts.has(name)) errors.invalid(`${at}.name`, name, "must not already exist in volumeMounts");
    if ([...mounts.values()].includes(devicePath)) errors.invalid(`${at}.devicePath`, devicePath, "must not already exist as a path in volumeMounts");
    if (name !== "") names.add(name);
  });
}
