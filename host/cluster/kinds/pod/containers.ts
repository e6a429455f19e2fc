/** A Pod's containers: the regular ones, those that come before, and those that a debugger adds. */
import type { FieldErrors } from "../../api/field-errors.ts";
import { dnsLabel, portName, portNumber } from "../../api/names.ts";
import type { Container, ContainerPort, ContainerRestartRule } from "../generated/types.ts";
import { checkOneOf, checkRequiredOneOf, complain } from "../shared/checks.ts";
import { checkRequirements } from "../shared/resources.ts";
import type { AnyContainer } from "./containers-of.ts";
import { checkEnv, checkEnvFrom } from "./env.ts";
import { checkLifecycle, checkProbe } from "./handlers.ts";
import { checkDevices, checkMounts } from "./mounts.ts";
import { checkPullPolicy } from "./pull-policy.ts";
import type { PodCheck } from "./rules.ts";
import { checkContainerSecurity, trimmed } from "./security.ts";

export function checkContainers(path: string, check: PodCheck): void {
  const { spec: { terminationGracePeriodSeconds: grace }, errors } = check;
  // Absent, it is null: the one list that is always written.
  const containers = check.spec.containers ?? [];
  if (containers.length === 0) {
    errors.required(path);
    return;
  }
  const names = new Set<string>();
  containers.forEach((container, index) => {
    const at = `${path}[${index}]`;
    const { name = "" } = container;
    checkCommon(container, at, check);
    if (names.has(name)) errors.duplicate(`${at}.name`, name);
    names.add(name);
    checkHandlers(container, grace, at, errors);
    checkRestartPolicy(container, at, errors);
  });
  checkHostPorts(containers, path, errors);
}
function checkHandlers(container: Container, grace: number | undefined, at: string, errors: FieldErrors): void {
  if (container.lifecycle !== undefined) checkLifecycle(container.lifecycle, grace, `${at}.lifecycle`, errors);
  checkProbe("livenessProbe", container.livenessProbe, grace, at, errors);
  checkProbe("readinessProbe", container.readinessProbe, grace, at, errors);
  checkProbe("startupProbe", container.startupProbe, grace, at, errors);
}

export function checkInitContainers(path: string, check: PodCheck): void {
  const { spec, errors, rules } = check;
  if (spec.initContainers === undefined) return;
  const names = new Set(spec.containers?.map(({ name = "" }) => name));
  spec.initContainers.forEach((container, index) => {
    const at = `${path}[${index}]`;
    const { name = "", restartPolicy, restartPolicyRules = [], resizePolicy } = container;
    const always = restartPolicy === "Always";
    checkCommon(container, at, check);
    if (restartPolicy === undefined) {
      if (restartPolicyRules.length > 0) errors.required(`${at}.restartPolicy`, "must specify restartPolicy when restart rules are used");
    } else {
      checkRestartPolicy(container, at, errors);
    }
    if (names.has(name)) errors.duplicate(`${at}.name`, name);
    else if (name !== "") names.add(name);
    // The real server looks at each by itself, and tells it as if it were the first.
    checkHostPorts([container], path, errors);
    if (always) checkHandlers(container, spec.terminationGracePeriodSeconds, at, errors);
    else for (const field of HANDLED) if (container[field] !== undefined) errors.forbidden(`${at}.${field}`, "may not be set for init containers without restartPolicy=Always");
    if (always || rules.restartingInitContainers) return;
    resizePolicy?.forEach((each, at) => {
      if (each.restartPolicy === "RestartContainer") errors.invalid(`${path}[${index}].resizePolicy[${at}].restartPolicy`, "RestartContainer", "must not be set to 'RestartContainer' for non-sidecar initContainers");
    });
  });
}
const HANDLED = ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"] as const;

/** What a debugger's container can't have, in the order in which it is told. */
const NOT_EPHEMERAL = ["ports", "resources", "resizePolicy", "restartPolicy", "restartPolicyRules", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle"] as const;

export function checkEphemeralContainers(path: string, check: PodCheck): void {
  const { spec, errors } = check;
  if (spec.ephemeralContainers === undefined) return;
  const targets = new Set([...spec.containers ?? [], ...spec.initContainers ?? []].map(({ name = "" }) => name));
  const names = new Set(targets);
  spec.ephemeralContainers.forEach((container, index) => {
    const at = `${path}[${index}]`;
    const { name = "", targetContainerName: target = "" } = container;
    checkCommon(container, at, check);
    checkImageSpace(container.image, at, errors);
    if (names.has(name)) errors.duplicate(`${at}.name`, name);
    names.add(name);
    if (target !== "" && !targets.has(target)) errors.notFound(`${at}.targetContainerName`, target);
    for (const field of NOT_EPHEMERAL) if (container[field] !== undefined && !(field === "resources" && Object.keys(container.resources!).length === 0)) errors.forbidden(`${at}.${field}`, "cannot be set for an Ephemeral Container");
    container.volumeMounts?.forEach((mount, mountIndex) => {
      for (const field of ["subPath", "subPathExpr"] as const) {
        if ((mount[field] ?? "") !== "") errors.forbidden(`${at}.volumeMounts[${mountIndex}].${field}`, "cannot be set for an Ephemeral Container");
      }
    });
  });
}
/** Only Pods themselves are told of it, templates aren't. */
export function checkImageSpace(image: string | undefined, path: string, errors: FieldErrors): void {
  if (image !== undefined && trimmed(image) !== image) errors.invalid(`${path}.image`, image, "must not have leading or trailing whitespace");
}

function checkCommon(container: AnyContainer, path: string, check: PodCheck): void {
  const { errors, hostUsers } = check;
  const { name = "", image = "", ports, env, envFrom, volumeMounts, volumeDevices, resources } = container;
  if (name === "") errors.required(`${path}.name`);
  else complain(errors, `${path}.name`, name, dnsLabel(name));
  if (image === "") errors.required(`${path}.image`);
  checkRequiredOneOf(container.terminationMessagePolicy, ["File", "FallbackToLogsOnError"], `${path}.terminationMessagePolicy`, errors);
  if (ports !== undefined) checkPorts(ports, `${path}.ports`, errors);
  if (env !== undefined) checkEnv(env, `${path}.env`, errors);
  if (envFrom !== undefined) checkEnvFrom(envFrom, `${path}.envFrom`, errors);
  if (volumeMounts !== undefined) checkMounts(container, volumeMounts, `${path}.volumeMounts`, check);
  if (volumeDevices !== undefined) checkDevices(container, volumeDevices, `${path}.volumeDevices`, check);
  checkPullPolicy(container.imagePullPolicy, `${path}.imagePullPolicy`, errors);
  if (resources !== undefined) checkRequirements(resources, { whole: false, claims: check.claims, anyHugePages: check.rules.anyHugePages }, `${path}.resources`, errors);
  if (container.resizePolicy !== undefined) checkResizePolicy(container.resizePolicy, `${path}.resizePolicy`, check);
  checkContainerSecurity(container.securityContext, hostUsers, `${path}.securityContext`, errors);
}

export const PROTOCOLS = ["SCTP", "TCP", "UDP"];

function checkPorts(ports: readonly ContainerPort[], path: string, errors: FieldErrors): void {
  const names = new Set<string>();
  ports.forEach(({ name = "", containerPort = 0, hostPort = 0, protocol }, index) => {
    const at = `${path}[${index}]`;
    if (name !== "") {
      const complaints = portName(name);
      complain(errors, `${at}.name`, name, complaints);
      if (complaints.length === 0 && names.has(name)) errors.duplicate(`${at}.name`, name);
      else if (complaints.length === 0) names.add(name);
    }
    if (containerPort === 0) errors.required(`${at}.containerPort`);
    else complain(errors, `${at}.containerPort`, containerPort, portNumber(containerPort));
    if (hostPort !== 0) complain(errors, `${at}.hostPort`, hostPort, portNumber(hostPort));
    checkRequiredOneOf(protocol, PROTOCOLS, `${at}.protocol`, errors);
  });
}
function checkHostPorts(containers: readonly Container[], path: string, errors: FieldErrors): void {
  let taken: Set<string> | undefined;
  containers.forEach(({ ports }, index) => ports?.forEach(({ protocol = "", hostIP = "", hostPort = 0 }, portIndex) => {
    if (hostPort === 0) return;
    const key = `${protocol}/${hostIP}/${hostPort}`;
    taken ??= new Set();
    if (taken.has(key)) errors.duplicate(`${path}[${index}].ports[${portIndex}].hostPort`, key);
    taken.add(key);
  }));
}

/** Complaints about values bear the path of the list. */
function checkResizePolicy(policies: NonNullable<Container["resizePolicy"]>, path: string, { spec, errors }: PodCheck): void {
  const names = new Set<string>();
  policies.forEach(({ resourceName = "", restartPolicy = "" }, index) => {
    if (names.has(resourceName)) errors.duplicate(`${path}[${index}]`, resourceName);
    names.add(resourceName);
    checkRequiredOneOf(resourceName, ["cpu", "memory"], path, errors);
    checkRequiredOneOf(restartPolicy, ["NotRequired", "RestartContainer"], path, errors);
    if (spec.restartPolicy === "Never" && restartPolicy !== "NotRequired") errors.invalid(path, restartPolicy, "must be 'NotRequired' when pod `restartPolicy` is 'Never'");
  });
}

function checkRestartPolicy({ restartPolicy, restartPolicyRules = [] }: Container, path: string, errors: FieldErrors): void {
  if (restartPolicy !== undefined) checkOneOf(restartPolicy, ["Always", "Never", "OnFailure"], `${path}.restartPolicy`, errors);
  else if (restartPolicyRules.length > 0) errors.required(`${path}.restartPolicy`, "must specify restartPolicy when restart rules are used");
  if (restartPolicyRules.length > 20) errors.tooMany(`${path}.restartPolicyRules`, restartPolicyRules.length, 20);
  restartPolicyRules.forEach((rule, index) => checkRestartRule(rule, `${path}.restartPolicyRules[${index}]`, errors));
}
function checkRestartRule({ action, exitCodes }: ContainerRestartRule, path: string, errors: FieldErrors): void {
  checkOneOf(action, ["Restart", "RestartAllContainers"], `${path}.action`, errors);
  if (exitCodes === undefined) {
    errors.required(`${path}.exitCodes`, "must be specified");
    return;
  }
  checkOneOf(exitCodes.operator, ["In", "NotIn"], `${path}.exitCodes.operator`, errors);
  const { values = [] } = exitCodes;
  if (values.length > 255) errors.tooMany(`${path}.exitCodes.values`, values.length, 255);
}
