/** Ingresses. */
import type { FieldErrors } from "../../api/field-errors.ts";
import { dnsSubdomain, labelName, pathSegment, portName, portNumber, subdomainName, wildcardSubdomain } from "../../api/names.ts";
import { ipWarnings } from "../core/service/warnings.ts";
import { kindRules } from "../define.ts";
import type { HTTPIngressPath, Ingress, IngressBackend, IngressLoadBalancerIngress, IngressRule, IngressTLS, TypedLocalObjectReference } from "../generated/types.ts";
import { checkMetadata, checkMetadataUpdate, complain } from "../shared/checks.ts";
import { countChange } from "../shared/generation.ts";
import { checkIp, parseIp } from "../shared/ip.ts";

const CLASS_ANNOTATION = "kubernetes.io/ingress.class";
const BAD_PARTS = ["//", "/./", "/../", "%2f", "%2F"];
const BAD_ENDS = ["/..", "/."];
const NO_STATUS: Ingress["status"] = { loadBalancer: {} };

export const ingress = kindRules<Ingress>(["networking.k8s.io", "v1", "Ingress"], {
  create(created) {
    created.status = NO_STATUS;
    created.metadata.generation = 1;
  },
  update(next, old) {
    next.status = old.status;
    countChange(next, old);
  },
  validate(created, errors) {
    checkIngress(created, undefined, errors);
    const annotation = created.metadata.annotations?.[CLASS_ANNOTATION];
    const name = created.spec?.ingressClassName;
    if (annotation !== undefined && name !== undefined && annotation !== name) errors.invalid(`annotations.${CLASS_ANNOTATION}`, annotation, "must match `ingressClassName` when both are specified");
  },
  validateUpdate(next, old, errors) {
    checkMetadataUpdate(next.metadata, old.metadata, errors);
    checkIngress(next, old, errors);
  },
  warn({ metadata, spec }, old, { warn }) {
    if (old === undefined && metadata.annotations?.[CLASS_ANNOTATION] !== undefined && spec?.ingressClassName === undefined) warn(`annotation ${JSON.stringify(CLASS_ANNOTATION)} is deprecated, please use 'spec.ingressClassName' instead`);
  },
  subresources: {
    status: {
      update(next, old) { next.spec = old.spec; },
      validate(next, old, errors) {
        checkMetadataUpdate(next.metadata, old.metadata, errors);
        const known = old.status?.loadBalancer?.ingress?.map(({ ip = "" }) => ip) ?? [];
        next.status?.loadBalancer?.ingress?.forEach((each, index) => checkPoint(each, known, `status.loadBalancer.ingress[${index}]`, errors));
      },
      warn({ status }, _, { warn }) {
        status?.loadBalancer?.ingress?.forEach(({ ip = "" }, index) => { for (const each of ip === "" ? [] : ipWarnings(`status.loadBalancer.ingress[${index}]`, ip)) warn(each); });
      },
    },
  },
});

function checkPoint({ ip = "", hostname = "" }: IngressLoadBalancerIngress, known: readonly string[], path: string, errors: FieldErrors): void {
  if (ip !== "") checkIp(ip, `${path}.ip`, errors, known);
  if (hostname === "") return;
  complain(errors, `${path}.hostname`, hostname, dnsSubdomain(hostname));
  if (parseIp(hostname) !== undefined) errors.invalid(`${path}.hostname`, hostname, "must be a DNS name, not an IP address");
}

function checkIngress({ metadata, spec = {} }: Ingress, old: Ingress | undefined, errors: FieldErrors): void {
  const { rules = [], defaultBackend, tls = [], ingressClassName } = spec;
  checkMetadata(metadata, true, errors);
  if (rules.length === 0 && defaultBackend === undefined) errors.invalid("spec", null, "either `defaultBackend` or `rules` must be specified");
  if (defaultBackend !== undefined) checkBackend(defaultBackend, "spec.defaultBackend", errors);
  rules.forEach((rule, index) => checkRule(rule, `spec.rules[${index}]`, errors));
  const anySecret = old?.spec?.tls?.some(({ secretName = "" }) => secretName !== "" && subdomainName(secretName, false).length > 0) ?? false;
  tls.forEach((each, index) => checkTls(each, anySecret, `spec.tls[${index}]`, errors));
  if (ingressClassName !== undefined) complain(errors, "spec.ingressClassName", ingressClassName, subdomainName(ingressClassName, false));
}

function checkTls({ hosts, secretName = "" }: IngressTLS, anySecret: boolean, path: string, errors: FieldErrors): void {
  hosts?.forEach((host, index) => checkHost(host, `${path}.hosts[${index}]`, errors));
  if (!anySecret && secretName !== "") complain(errors, `${path}.secretName`, secretName, subdomainName(secretName, false));
}
function checkHost(host: string, path: string, errors: FieldErrors): void {
  complain(errors, path, host, host.includes("*") ? wildcardSubdomain(host) : dnsSubdomain(host));
}

function checkRule({ host = "", http }: IngressRule, path: string, errors: FieldErrors): void {
  if (host !== "") {
    if (parseIp(host) !== undefined) errors.invalid(`${path}.host`, host, "must be a DNS name, not an IP address");
    checkHost(host, `${path}.host`, errors);
  }
  if (http === undefined) return;
  if ((http.paths?.length ?? 0) === 0) errors.required(`${path}.http.paths`);
  http.paths?.forEach((each, index) => checkPath(each, `${path}.http.paths[${index}]`, errors));
}
function checkPath({ path: text = "", pathType, backend = {} }: HTTPIngressPath, at: string, errors: FieldErrors): void {
  const wrong = (why: string): void => errors.invalid(`${at}.path`, text, why);
  switch (pathType) {
    case undefined: case null:
      errors.required(`${at}.pathType`, "pathType must be specified");
      return;
    case "Exact": case "Prefix":
      if (!text.startsWith("/")) wrong("must be an absolute path");
      for (const part of BAD_PARTS) if (text.includes(part)) wrong(`must not contain '${part}'`);
      for (const end of BAD_ENDS) if (text.endsWith(end)) wrong(`cannot end with '${end}'`);
      break;
    case "ImplementationSpecific":
      if (text !== "" && !text.startsWith("/")) wrong("must be an absolute path");
      break;
    default:
      errors.notSupported(`${at}.pathType`, pathType, ["Exact", "ImplementationSpecific", "Prefix"]);
  }
  checkBackend(backend, `${at}.backend`, errors);
}

function checkBackend({ service, resource }: IngressBackend, path: string, errors: FieldErrors): void {
  if (resource !== undefined && service !== undefined) errors.invalid(path, "", "cannot set both resource and service backends");
  else if (resource !== undefined) checkReference(resource, `${path}.resource`, errors);
  else if (service === undefined) errors.invalid(path, "", "resource or service backend is required");
  else {
    const { name = "", port: { name: byName = "", number: byNumber = 0 } = {} } = service;
    if (name === "") errors.required(`${path}.service.name`);
    else complain(errors, `${path}.service.name`, name, labelName(name, false));
    if (byName !== "" && byNumber !== 0) errors.invalid(path, "", "cannot set both port name & port number");
    else if (byName !== "") complain(errors, `${path}.service.port.name`, byName, portName(byName));
    else if (byNumber !== 0) complain(errors, `${path}.service.port.number`, byNumber, portNumber(byNumber));
    else errors.required(path, "port name or number is required");
  }
}
/** Of anything in the same place, by its group, kind and name. */
export function checkReference({ apiGroup, kind = "", name = "" }: TypedLocalObjectReference, path: string, errors: FieldErrors): void {
  if (apiGroup !== undefined && apiGroup !== null) complain(errors, `${path}.apiGroup`, apiGroup, dnsSubdomain(apiGroup));
  for (const [field, value] of [["kind", kind], ["name", name]] as const) {
    if (value === "") errors.required(`${path}.${field}`);
    else complain(errors, `${path}.${field}`, value, pathSegment(value, false));
  }
}
