/** A container's environment. */
import type { FieldErrors } from "../../api/field-errors.ts";
import { configKey, dnsLabel, envName, subdomainName } from "../../api/names.ts";
import type { ConfigMapKeySelector, EnvFromSource, EnvVar, FileKeySelector } from "../generated/types.ts";
import { complain } from "../shared/checks.ts";
import { checkNoBacksteps } from "../shared/paths.ts";
import { checkFieldRef, checkResourceFieldRef, ENV_FIELDS } from "./field-refs.ts";

export function checkEnv(variables: readonly EnvVar[], path: string, errors: FieldErrors): void {
  variables.forEach((variable, index) => {
    const at = `${path}[${index}]`;
    const { name = "" } = variable;
    if (name === "") errors.required(`${at}.name`);
    else complain(errors, `${at}.name`, name, envName(name));
    if (variable.valueFrom !== undefined) checkValueFrom(variable, `${at}.valueFrom`, errors);
  });
}

function checkValueFrom({ value = "", valueFrom = {} }: EnvVar, path: string, errors: FieldErrors): void {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = valueFrom;
  if (fieldRef !== undefined) checkFieldRef(fieldRef, ENV_FIELDS, `${path}.fieldRef`, errors);
  if (resourceFieldRef !== undefined) checkResourceFieldRef(resourceFieldRef, false, `${path}.resourceFieldRef`, errors);
  if (configMapKeyRef !== undefined) checkKeyRef(configMapKeyRef, `${path}.configMapKeyRef`, errors);
  if (secretKeyRef !== undefined) checkKeyRef(secretKeyRef, `${path}.secretKeyRef`, errors);
  if (fileKeyRef !== undefined) checkFileKeyRef(fileKeyRef, `${path}.fileKeyRef`, errors);
  const count = [fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef].filter((each) => each !== undefined).length;
  if (count === 0) errors.invalid(path, "", "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`");
  else if (value !== "") errors.invalid(path, "", "may not be specified when `value` is not empty");
  else if (count > 1) errors.invalid(path, "", "may not have more than one field specified at a time");
}
function checkKeyRef({ name = "", key = "" }: ConfigMapKeySelector, path: string, errors: FieldErrors): void {
  complain(errors, `${path}.name`, name, subdomainName(name, false));
  if (key === "") errors.required(`${path}.key`);
  else complain(errors, `${path}.key`, key, configKey(key));
}
function checkFileKeyRef({ key = "", volumeName = "", path: file = "" }: FileKeySelector, path: string, errors: FieldErrors): void {
  if (key === "") errors.required(`${path}.key`);
  else complain(errors, `${path}.key`, key, envName(key));
  if (volumeName === "") errors.required(`${path}.volumeName`);
  else complain(errors, `${path}.volumeName`, volumeName, dnsLabel(volumeName));
  if (file === "") errors.required(`${path}.path`);
  else checkNoBacksteps(file, `${path}.path`, errors);
}

/** Complaints about the number of sources bear the path of the list. */
export function checkEnvFrom(sources: readonly EnvFromSource[], path: string, errors: FieldErrors): void {
  sources.forEach(({ prefix = "", configMapRef, secretRef }, index) => {
    const at = `${path}[${index}]`;
    if (prefix !== "") complain(errors, `${at}.prefix`, prefix, envName(prefix));
    if (configMapRef !== undefined) checkRef(configMapRef, `${at}.configMapRef`, errors);
    if (secretRef !== undefined) checkRef(secretRef, `${at}.secretRef`, errors);
    if (configMapRef === undefined && secretRef === undefined) errors.invalid(path, "", "must specify one of: `configMapRef` or `secretRef`");
    else if (configMapRef !== undefined && secretRef !== undefined) errors.invalid(path, "", "may not have more than one field specified at a time");
  });
}
function checkRef({ name = "" }: { name?: string }, path: string, errors: FieldErrors): void {
  if (name === "") errors.required(`${path}.name`);
  else complain(errors, `${path}.name`, name, subdomainName(name, true));
}
