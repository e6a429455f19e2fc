/** What a client is told of a Pod, or of a template of Pods, that is right but not wise. */
import type { Metadata } from "../../model.ts";
import { labelName } from "../../api/names.ts";
import { ipWarnings } from "../core/service/warnings.ts";
import type { Container, ContainerPort, EnvVar, Pod, PodAffinity, PodSpec, PodTemplateSpec } from "../generated/types.ts";
import type { StrategyContext } from "../kind.ts";
import { isWhole } from "../shared/quantity.ts";
import type { ResourceList } from "../shared/resources.ts";
import { visitContainers, type AnyContainer } from "./containers-of.ts";
import { outOfUse, warnOfNodeTerm } from "./node-labels.ts";
import { APP_ARMOR } from "./annotations.ts";
import { isProfile } from "./prepare.ts";
import { warnOfVolumes } from "./volume-warnings.ts";

type Warn = StrategyContext["warn"];
type Meta = Partial<Metadata>;

const GONE_ANNOTATIONS = [
  ["scheduler.alpha.kubernetes.io/critical-pod", "non-functional in v1.16+; use the \"priorityClassName\" field instead"],
  ["security.alpha.kubernetes.io/sysctls", "non-functional in v1.11+; use the \"sysctls\" field instead"],
  ["security.alpha.kubernetes.io/unsafe-sysctls", "non-functional in v1.11+; use the \"sysctls\" field instead"],
] as const;
const SECCOMP_POD = "seccomp.security.alpha.kubernetes.io/pod";
const SECCOMP_CONTAINER = "container.seccomp.security.alpha.kubernetes.io/";
const SECCOMP_INSTEAD = "non-functional in v1.27+; use the \"seccompProfile\" field instead";

/** Of whatever gives its Pods names that begin with its own. */
export function warnOfHostName(name: string, { warn }: StrategyContext, whose = "in Pod names and hostnames"): void {
  const complaints = labelName(name, false);
  if (complaints.length > 0) warn(`metadata.name: this is used ${whose}, which can result in surprising behavior; a DNS label is recommended: [${complaints.join(" ")}]`);
}

export function warnOfTemplate({ metadata, spec = {} }: PodTemplateSpec, path: string, context: StrategyContext): void {
  warnOfPodSpec(spec, metadata ?? {}, `${path}.`, context);
}
/** `prefix`: "spec.template.", or nothing for a Pod itself. */
export function warnOfPodSpec(spec: PodSpec, metadata: Meta, prefix: string, context: StrategyContext): void {
  const { warn } = context;
  const at = `${prefix}spec`;
  warnOfNodes(spec, at, context);
  const annotations = metadata.annotations ?? {};
  const note = (key: string, why: string): void => { if (annotations[key] !== undefined) warn(`${prefix}metadata.annotations[${key}]: ${why}`); };
  for (const [key, why] of GONE_ANNOTATIONS) note(key, why);
  if (spec.volumes !== undefined) warnOfVolumes(spec.volumes, `${at}.volumes`, context);
  warnOfRepeats(spec, at, warn);
  warnOfFractions(spec.overhead, `${at}.overhead`, warn);
  if (spec.securityContext?.seccompProfile === undefined) note(SECCOMP_POD, SECCOMP_INSTEAD);
  visitContainers(spec, at, (container, path) => {
    const { name = "", securityContext, resources, env = [] } = container;
    if (securityContext?.seccompProfile === undefined) note(`${SECCOMP_CONTAINER}${name}`, SECCOMP_INSTEAD);
    // Of a Pod itself it is told where the field is filled in.
    const armor = `${APP_ARMOR}${name}`;
    if (prefix !== "" && securityContext?.appArmorProfile === undefined && annotations[armor] !== undefined && !isProfile(annotations[armor], spec.securityContext?.appArmorProfile)) {
      note(armor, "deprecated since v1.30; use the \"appArmorProfile\" field instead");
    }
    warnOfContainerFractions(resources, path, warn);
    if (env.length > 1) warnOfHiddenEnv(env, path, warn);
  });
  warnOfPorts(spec, at, warn);
  if (spec.terminationGracePeriodSeconds! < 0) warn(`${at}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`);
  warnOfAffinity(spec.affinity?.podAffinity, `${at}.affinity.podAffinity`, warn);
  warnOfAffinity(spec.affinity?.podAntiAffinity, `${at}.affinity.podAntiAffinity`, warn);
  spec.dnsConfig?.nameservers?.forEach((ip, index) => { for (const each of ipWarnings(`${at}.dnsConfig.nameservers[${index}]`, ip)) warn(each); });
  spec.hostAliases?.forEach(({ ip = "" }, index) => { for (const each of ipWarnings(`${at}.hostAliases[${index}].ip`, ip)) warn(each); });
}

function warnOfNodes({ nodeSelector, affinity, topologySpreadConstraints }: PodSpec, at: string, context: StrategyContext): void {
  const { warn } = context;
  for (const key in nodeSelector) {
    const why = outOfUse(key);
    if (why !== undefined) warn(`${at}.nodeSelector[${key}]: ${why}`);
  }
  const { requiredDuringSchedulingIgnoredDuringExecution: required, preferredDuringSchedulingIgnoredDuringExecution: preferred } = affinity?.nodeAffinity ?? {};
  const path = `${at}.affinity.nodeAffinity`;
  required?.nodeSelectorTerms?.forEach((term, index) => warnOfNodeTerm(term, false, `${path}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[${index}]`, context));
  preferred?.forEach(({ preference = {} }, index) => warnOfNodeTerm(preference, true, `${path}.preferredDuringSchedulingIgnoredDuringExecution[${index}].preference`, context));
  topologySpreadConstraints?.forEach(({ topologyKey = "", labelSelector }, index) => {
    const where = `${at}.topologySpreadConstraints[${index}]`;
    const why = outOfUse(topologyKey);
    if (why !== undefined) warn(`${where}.topologyKey: ${topologyKey} is ${why}`);
    if (labelSelector === undefined) warn(`${where}.labelSelector: a null labelSelector results in matching no pod`);
  });
}

function warnOfRepeats({ hostAliases = [], imagePullSecrets = [] }: PodSpec, at: string, warn: Warn): void {
  repeats(hostAliases.map(({ ip = "" }) => ip), (index, ip) => warn(`${at}.hostAliases[${index}].ip: duplicate ip ${JSON.stringify(ip)}`));
  const names = imagePullSecrets.map(({ name = "" }) => name);
  repeats(names, (index, name) => warn(`${at}.imagePullSecrets[${index}].name: duplicate name ${JSON.stringify(name)}`));
  names.forEach((name, index) => { if (name === "") warn(`${at}.imagePullSecrets[${index}].name: invalid empty name ""`); });
}
function repeats(values: readonly string[], found: (index: number, value: string) => void): void {
  const seen = new Set<string>();
  values.forEach((value, index) => {
    if (seen.has(value)) found(index, value);
    seen.add(value);
  });
}

function warnOfFractions(amounts: ResourceList | undefined, path: string, warn: Warn, names: readonly string[] = ["memory", "ephemeral-storage"]): void {
  for (const name of names) {
    const amount = amounts?.[name];
    if (amount !== undefined && !isWhole(amount)) warn(`${path}[${name}]: fractional byte value ${JSON.stringify(amount)} is invalid, must be an integer`);
  }
}
function warnOfContainerFractions(resources: Container["resources"], path: string, warn: Warn): void {
  if (resources === undefined) return;
  for (const name of ["memory", "ephemeral-storage"]) {
    warnOfFractions(resources.limits, `${path}.resources.limits`, warn, [name]);
    warnOfFractions(resources.requests, `${path}.resources.requests`, warn, [name]);
  }
}

/** The same name again is meant only where it is made from what it was. */
function warnOfHiddenEnv(env: readonly EnvVar[], path: string, warn: Warn): void {
  const seen = new Set<string>();
  env.forEach(({ name = "", value = "", valueFrom }, index) => {
    const reference = `$(${name})`;
    const bad = valueFrom !== undefined || value === reference || !value.includes(reference);
    if (seen.has(name) && bad) warn(`${path}.env[${index}]: hides previous definition of ${JSON.stringify(name)}, which may be dropped when using apply`);
    seen.add(name);
  });
}

interface Port { readonly path: string; readonly port: ContainerPort }

function warnOfPorts(spec: PodSpec, at: string, warn: Warn): void {
  const ports: Port[] = [];
  visitContainers(spec, at, (container: AnyContainer, path) => container.ports?.forEach((port, index) => ports.push({ path: `${path}.ports[${index}]`, port })));
  if (ports.length === 0) return;
  const seen = new Map<string, Port[]>();
  for (const each of ports) {
    const { port: { hostIP = "", hostPort = 0, containerPort = 0, protocol = "", name = "" }, path } = each;
    if (hostIP !== "" && hostPort === 0) warn(`${path}: hostIP set without hostPort: {Name:${name} HostPort:0 ContainerPort:${containerPort} Protocol:${protocol} HostIP:${hostIP}}`);
    const key = `${containerPort}/${protocol}`;
    const others = seen.get(key) ?? [];
    for (const other of others) {
      const { hostIP: otherIp = "", hostPort: otherPort = 0 } = other.port;
      if (hostIP === otherIp && hostPort === otherPort) warn(`${path}: duplicate port definition with ${other.path}`);
      else if (hostPort === 0 || otherPort === 0) warn(`${path}: overlapping port definition with ${other.path}`);
      else if (hostPort === otherPort && (hostIP === "") !== (otherIp === "")) warn(`${path}: dangerously ambiguous port definition with ${other.path}`);
    }
    seen.set(key, [...others, each]);
  }
  const names = new Map<string, string>();
  for (const { port: { name = "" }, path } of ports) {
    if (name === "") continue;
    const other = names.get(name);
    if (other === undefined) names.set(name, path);
    else warn(`${path}: duplicate port name ${JSON.stringify(name)} with ${other}, services and probes that select ports by name will use ${other}`);
  }
}

function warnOfAffinity(affinity: PodAffinity | undefined, path: string, warn: Warn): void {
  const why = "a null labelSelector results in matching no pod";
  affinity?.requiredDuringSchedulingIgnoredDuringExecution?.forEach(({ labelSelector }, index) => { if (labelSelector === undefined) warn(`${path}.requiredDuringSchedulingIgnoredDuringExecution[${index}].labelSelector: ${why}`); });
  affinity?.preferredDuringSchedulingIgnoredDuringExecution?.forEach(({ podAffinityTerm }, index) => {
    if (podAffinityTerm?.labelSelector === undefined) warn(`${path}.preferredDuringSchedulingIgnoredDuringExecution[${index}].podAffinityTerm.labelSelector: ${why}`);
  });
}

export function warnOfAddresses({ status }: Pod, _: Pod, { warn }: StrategyContext): void {
  for (const field of ["podIPs", "hostIPs"] as const) status?.[field]?.forEach(({ ip = "" }, index) => { for (const each of ipWarnings(`status.${field}[${index}].ip`, ip)) warn(each); });
}
