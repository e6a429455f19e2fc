/** NetworkPolicies. */
import type { FieldErrors } from "../../api/field-errors.ts";
import { portName, portNumber } from "../../api/names.ts";
import { cidrWarnings } from "../core/service/warnings.ts";
import { kindRules } from "../define.ts";
import type { IPBlock, NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from "../generated/types.ts";
import { checkMetadata, checkMetadataUpdate, complain } from "../shared/checks.ts";
import { countChange } from "../shared/generation.ts";
import { checkCidr, contains, maskedAddress, parseCidr } from "../shared/ip.ts";
import { checkLabelSelector } from "../shared/label-selector.ts";

export const networkPolicy = kindRules<NetworkPolicy>(["networking.k8s.io", "v1", "NetworkPolicy"], {
  defaults(policy) {
    const spec = policy.spec ??= {};
    if ((spec.policyTypes?.length ?? 0) === 0) spec.policyTypes = (spec.egress?.length ?? 0) === 0 ? ["Ingress"] : ["Ingress", "Egress"];
    for (const { ports } of [...spec.ingress ?? [], ...spec.egress ?? []]) for (const port of ports ?? []) port.protocol ??= "TCP";
  },
  create({ metadata }) { metadata.generation = 1; },
  update: (next, old) => countChange(next, old),
  validate(policy, errors) {
    checkMetadata(policy.metadata, true, errors);
    checkSpec(policy, [], errors);
  },
  validateUpdate(next, old, errors) {
    checkMetadataUpdate(next.metadata, old.metadata, errors);
    checkSpec(next, blocksOf(old).flatMap(({ block: { cidr = "", except = [] } }) => [cidr, ...except]), errors);
  },
  warn(policy, _, { warn }) {
    for (const { block: { cidr = "", except = [] }, path } of blocksOf(policy)) {
      for (const each of cidrWarnings(`${path}.cidr`, cidr)) warn(each);
      except.forEach((range, index) => { for (const each of cidrWarnings(`${path}.except[${index}]`, range)) warn(each); });
    }
  },
});

interface Side { readonly name: "ingress" | "egress"; readonly peers: "from" | "to"; readonly rules: readonly { ports?: NetworkPolicyPort[]; from?: NetworkPolicyPeer[]; to?: NetworkPolicyPeer[] }[] }
function sidesOf({ spec }: NetworkPolicy): readonly Side[] {
  return [{ name: "ingress", peers: "from", rules: spec?.ingress ?? [] }, { name: "egress", peers: "to", rules: spec?.egress ?? [] }];
}
function blocksOf(policy: NetworkPolicy): { block: IPBlock; path: string }[] {
  return sidesOf(policy).flatMap(({ name, peers, rules }) => rules.flatMap((rule, index) => rule[peers]?.flatMap(({ ipBlock }, n) => (
    ipBlock === undefined ? [] : [{ block: ipBlock, path: `spec.${name}[${index}].${peers}[${n}].ipBlock` }])) ?? []));
}

/** `known`: ranges of the old object, which stay allowed. */
function checkSpec(policy: NetworkPolicy, known: readonly string[], errors: FieldErrors): void {
  const { podSelector = {}, policyTypes = [] } = policy.spec ?? {};
  checkLabelSelector(podSelector, "spec.podSelector", errors);
  for (const { name, peers, rules } of sidesOf(policy)) {
    rules.forEach((rule, index) => {
      rule.ports?.forEach((port, n) => checkPort(port, `spec.${name}[${index}].ports[${n}]`, errors));
      rule[peers]?.forEach((peer, n) => checkPeer(peer, known, `spec.${name}[${index}].${peers}[${n}]`, errors));
    });
  }
  if (policyTypes.length > 2) errors.invalid("spec.policyTypes", policyTypes, "may not specify more than two policyTypes");
  else policyTypes.forEach((type, index) => { if (type !== "Ingress" && type !== "Egress") errors.notSupported(`spec.policyTypes[${index}]`, type, ["Ingress", "Egress"]); });
}

function checkPort({ protocol, port, endPort }: NetworkPolicyPort, path: string, errors: FieldErrors): void {
  if (protocol !== undefined && !["TCP", "UDP", "SCTP"].includes(protocol)) errors.notSupported(`${path}.protocol`, protocol, ["TCP", "UDP", "SCTP"]);
  if (typeof port === "number") {
    complain(errors, `${path}.port`, port, portNumber(port));
    if (endPort === undefined) return;
    if (endPort < port) errors.invalid(`${path}.endPort`, port, "must be greater than or equal to `port`");
    complain(errors, `${path}.endPort`, endPort, portNumber(endPort));
    return;
  }
  if (endPort !== undefined) errors.invalid(`${path}.endPort`, endPort, port === undefined ? "may not be specified when `port` is not specified" : "may not be specified when `port` is non-numeric");
  if (port !== undefined) complain(errors, `${path}.port`, port, portName(port));
}

function checkPeer({ podSelector, namespaceSelector, ipBlock }: NetworkPolicyPeer, known: readonly string[], path: string, errors: FieldErrors): void {
  checkLabelSelector(podSelector, `${path}.podSelector`, errors);
  checkLabelSelector(namespaceSelector, `${path}.namespaceSelector`, errors);
  if (ipBlock !== undefined) checkBlock(ipBlock, known, `${path}.ipBlock`, errors);
  const selected = podSelector !== undefined || namespaceSelector !== undefined;
  if (!selected && ipBlock === undefined) errors.required(path, "must specify a peer");
  else if (selected && ipBlock !== undefined) errors.forbidden(path, "may not specify both ipBlock and another peer");
}
/** As it is written: of an IPv4 range mapped into IPv6, too. */
const bitsOf = (range: string): number => Number(range.slice(range.indexOf("/") + 1));

function checkBlock({ cidr = "", except = [] }: IPBlock, known: readonly string[], path: string, errors: FieldErrors): void {
  if (cidr === "") {
    errors.required(`${path}.cidr`);
    return;
  }
  checkCidr(cidr, `${path}.cidr`, errors, known);
  const range = parseCidr(cidr);
  if (range === undefined) return;
  except.forEach((text, index) => {
    const at = `${path}.except[${index}]`;
    checkCidr(text, at, errors, known);
    const inner = parseCidr(text);
    if (inner !== undefined && (!contains(range, maskedAddress(inner)) || bitsOf(cidr) >= bitsOf(text))) errors.invalid(at, text, "must be a strict subset of `cidr`");
  });
}
