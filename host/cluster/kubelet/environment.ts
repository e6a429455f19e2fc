/** What a container is started with: variables from values, ConfigMaps, Secrets and the Pod itself, and its command. */
import type { Kit } from "../controllers/kit/kit.ts";
import { CONFIG_MAPS, SECRETS, type Container, type EnvVar, type Pod } from "../typed/core.ts";
import { decodedSecret } from "./volumes.ts";

/** The container can't be made as long as this is missing; in the kubelet's words. */
export class ConfigError extends Error {}

interface KeyRef { name?: string; key: string; optional?: boolean }
type Values = { readonly [key: string]: string };

export function environmentOf(kit: Kit, pod: Pod, container: Container, addresses: { podIP: string; hostIP: string }): { [name: string]: string } {
  const env: { [name: string]: string } = { HOSTNAME: pod.spec.hostname ?? pod.metadata.name };
  for (const { prefix = "", configMapRef, secretRef } of container.envFrom ?? []) {
    const source = configMapRef !== undefined ? configMap(kit, pod, configMapRef.name, configMapRef.optional) : secret(kit, pod, secretRef?.name, secretRef?.optional);
    for (const [key, value] of Object.entries(source ?? {})) env[prefix + key] = value;
  }
  for (const variable of container.env ?? []) {
    const value = variable.valueFrom === undefined ? expand(variable.value ?? "", env) : valueFrom(kit, pod, container, variable, addresses);
    if (value !== undefined) env[variable.name] = value;
  }
  return env;
}

/** `$(NAME)` is filled in where there is such a variable; `$$` is a dollar sign. */
export function expand(text: string, env: Values): string {
  return text.replace(/\$\$|\$\(([^()]+)\)/g, (whole, name: string | undefined) => (name === undefined ? "$" : Object.hasOwn(env, name) ? env[name]! : whole));
}

function valueFrom(kit: Kit, pod: Pod, container: Container, variable: EnvVar, addresses: { podIP: string; hostIP: string }): string | undefined {
  const { fieldRef, configMapKeyRef, secretKeyRef, resourceFieldRef } = variable.valueFrom as {
    fieldRef?: { fieldPath: string }; configMapKeyRef?: KeyRef; secretKeyRef?: KeyRef; resourceFieldRef?: { resource: string };
  };
  if (fieldRef !== undefined) return fieldOf(pod, fieldRef.fieldPath, addresses);
  if (resourceFieldRef !== undefined) {
    const [kind, resource] = resourceFieldRef.resource.split(".") as ["limits" | "requests", string];
    return container.resources?.[kind]?.[resource] ?? "0";
  }
  const ref = configMapKeyRef ?? secretKeyRef;
  if (ref === undefined) return undefined;
  const source = configMapKeyRef !== undefined ? configMap(kit, pod, ref.name, ref.optional) : secret(kit, pod, ref.name, ref.optional);
  if (source !== undefined && Object.hasOwn(source, ref.key)) return source[ref.key];
  if (ref.optional === true) return undefined;
  throw new ConfigError(`couldn't find key ${ref.key} in ${configMapKeyRef !== undefined ? "ConfigMap" : "Secret"} ${pod.metadata.namespace}/${ref.name}`);
}

function configMap(kit: Kit, pod: Pod, name: string | undefined, optional: boolean | undefined): Values | undefined {
  const found = kit.store(CONFIG_MAPS).get(`${pod.metadata.namespace}/${name}`);
  if (found === undefined && optional !== true) throw new ConfigError(`configmap "${name}" not found`);
  return found === undefined ? undefined : found.data ?? {};
}
function secret(kit: Kit, pod: Pod, name: string | undefined, optional: boolean | undefined): Values | undefined {
  const found = kit.store(SECRETS).get(`${pod.metadata.namespace}/${name}`);
  if (found === undefined && optional !== true) throw new ConfigError(`secret "${name}" not found`);
  return found === undefined ? undefined : decodedSecret(kit.platform.text, found);
}

function fieldOf({ metadata, spec }: Pod, path: string, { podIP, hostIP }: { podIP: string; hostIP: string }): string {
  const keyed = /^metadata\.(labels|annotations)\['([^']+)'\]$/.exec(path);
  if (keyed !== null) return metadata[keyed[1] as "labels" | "annotations"]?.[keyed[2]!] ?? "";
  switch (path) {
    case "metadata.name": return metadata.name;
    case "metadata.namespace": return metadata.namespace ?? "";
    case "metadata.uid": return metadata.uid ?? "";
    case "spec.nodeName": return spec.nodeName ?? "";
    case "spec.serviceAccountName": return spec.serviceAccountName ?? "";
    case "status.hostIP": case "status.hostIPs": return hostIP;
    case "status.podIP": case "status.podIPs": return podIP;
    default: return "";
  }
}
