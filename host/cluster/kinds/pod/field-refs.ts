/** References from an environment variable or a volume to the Pod's own fields and resources. */
import type { FieldErrors } from "../../api/field-errors.ts";
import { labelKey } from "../../api/names.ts";
import type { ObjectFieldSelector, ResourceFieldSelector } from "../generated/types.ts";
import { complain } from "../shared/checks.ts";
import { isZero } from "../shared/quantity.ts";

export const VOLUME_FIELDS = ["metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"];
export const ENV_FIELDS = [
  "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs",
];
const KNOWN_FIELDS: ReadonlySet<string> = new Set([...VOLUME_FIELDS, ...ENV_FIELDS, "spec.restartPolicy", "spec.schedulerName", "status.phase"]);

/** `fields`: those that may be named here, sorted. */
export function checkFieldRef({ apiVersion = "", fieldPath = "" }: ObjectFieldSelector, fields: readonly string[], path: string, errors: FieldErrors): void {
  if (apiVersion === "") errors.required(`${path}.apiVersion`);
  else if (fieldPath === "") errors.required(`${path}.fieldPath`);
  else checkKnownField(apiVersion, fieldPath, fields, path, errors);
}
function checkKnownField(apiVersion: string, fieldPath: string, fields: readonly string[], path: string, errors: FieldErrors): void {
  const unknown = (why: string): void => errors.invalid(`${path}.fieldPath`, fieldPath, `error converting fieldPath: ${why}`);
  if (apiVersion !== "v1") {
    unknown(`unsupported pod version: ${apiVersion}`);
    return;
  }
  const subscripted = /^(.+?)\['(.*)'\]$/s.exec(fieldPath);
  if (subscripted !== null) {
    const [, map, key = ""] = subscripted;
    if (map === "metadata.annotations") complain(errors, path, key.toLowerCase(), labelKey(key.toLowerCase()));
    else if (map === "metadata.labels") complain(errors, path, key, labelKey(key));
    else unknown(`field label does not support subscript: ${fieldPath}`);
    return;
  }
  const field = fieldPath === "spec.host" ? "spec.nodeName" : fieldPath;
  if (!KNOWN_FIELDS.has(field)) unknown(`field label not supported: ${fieldPath}`);
  else if (!fields.includes(field)) errors.notSupported(`${path}.fieldPath`, field, fields);
}

const RESOURCES = ["limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage", "requests.memory"];
const SIZES = ["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"];
const isHugePages = (resource: string): boolean => resource.startsWith("requests.hugepages-") || resource.startsWith("limits.hugepages-");

export function checkResourceFieldRef({ containerName = "", resource = "", divisor = "0" }: ResourceFieldSelector, inVolume: boolean, path: string, errors: FieldErrors): void {
  if (inVolume && containerName === "") errors.required(`${path}.containerName`);
  else if (resource === "") errors.required(`${path}.resource`);
  else if (!RESOURCES.includes(resource) && !isHugePages(resource)) errors.notSupported(`${path}.resource`, resource, RESOURCES);
  if (isZero(divisor)) return;
  const sort = isHugePages(resource) ? "hugepages" : RESOURCES.includes(resource) ? resource.slice(resource.indexOf(".") + 1) : "";
  if (sort === "cpu") {
    if (divisor !== "1m" && divisor !== "1") errors.invalid(`${path}.divisor`, resource, "only divisor's values 1m and 1 are supported with the cpu resource");
  } else if (sort !== "" && !SIZES.includes(divisor)) {
    errors.invalid(`${path}.divisor`, resource, `only divisor's values ${SIZES.join(", ")} are supported with the ${sort === "ephemeral-storage" ? "local ephemeral storage" : sort} resource`);
  }
}
