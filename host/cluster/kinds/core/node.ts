/** Nodes. */
import type { FieldErrors } from "../../api/field-errors.ts";
import { labelValue } from "../../api/names.ts";
import { kindRules } from "../define.ts";
import type { Node, NodeAddress, NodeSpec, Taint } from "../generated/types.ts";
import { roundList } from "../pod/defaults.ts";
import { checkLabelKey, checkMetadata, checkMetadataUpdate, checkPositive, checkRequiredOneOf } from "../shared/checks.ts";
import { goForm } from "../shared/go-form.ts";
import { checkCidr, parseCidr } from "../shared/ip.ts";
import { checkAmount, type ResourceList } from "../shared/resources.ts";
import { cidrWarnings } from "./service/warnings.ts";

const EFFECTS = ["NoSchedule", "PreferNoSchedule", "NoExecute"];
const FEATURE = /^[A-Z][a-zA-Z0-9]*(\/[a-zA-Z][a-zA-Z0-9]*)*$/;
const FEATURE_CHARACTERS_MAX = 253;

export const node = kindRules<Node>(["", "v1", "Node"], {
  defaults({ spec, status }) {
    if (spec !== undefined) alignRanges(spec);
    if (status === undefined) return;
    roundList(status.capacity);
    roundList(status.allocatable);
    if (status.capacity !== undefined) status.allocatable ??= { ...status.capacity };
  },
  create({ spec, status }) {
    delete spec?.configSource;
    delete status?.config;
  },
  update(next, old) {
    next.status = old.status;
    if (old.spec?.configSource === undefined) delete next.spec?.configSource;
  },
  validate: checkNode,
  validateUpdate(next, old, errors) {
    checkNode(next, errors);
    checkChange(next, old, errors);
  },
  warn({ spec = {} }, _, { warn }) {
    if (spec.configSource !== undefined) warn("spec.configSource: the feature is removed");
    if ((spec.externalID ?? "") !== "") warn("spec.externalID: this field is deprecated, and is unused by Kubernetes");
    spec.podCIDRs?.forEach((range, index) => { for (const each of cidrWarnings(`spec.podCIDRs[${index}]`, range)) warn(each); });
  },
  subresources: {
    status: {
      update(next, old) {
        next.spec = old.spec;
        if (old.status?.config === undefined) delete next.status?.config;
      },
      validate: checkChange,
    },
  },
}, { selectable: { "spec.unschedulable": ({ spec }) => String(spec?.unschedulable ?? false) } });

/** One field in two forms: the older one is the first of the newer. */
function alignRanges(spec: NodeSpec): void {
  const { podCIDR = "" } = spec;
  if (podCIDR !== "" && spec.podCIDRs?.[0] !== podCIDR) spec.podCIDRs = [podCIDR];
  if (spec.podCIDRs?.[0] !== undefined) spec.podCIDR = spec.podCIDRs[0];
}

function checkNode(checked: Node, errors: FieldErrors): void {
  const { metadata, spec = {}, status = {} } = checked;
  checkMetadata(metadata, false, errors);
  checkTaints(spec.taints ?? [], "metadata.taints", errors);
  checkResources(checked, errors);
  const swap = status.nodeInfo?.swap?.capacity;
  if (swap !== undefined) checkPositive(swap, "metadata.nodeSwapStatus.capacity", errors);
  checkFeatures(status.declaredFeatures ?? [], "status.declaredFeatures", errors);
  checkRanges(spec.podCIDRs ?? [], "spec.podCIDRs", errors);
}

function checkRanges(ranges: readonly string[], path: string, errors: FieldErrors): void {
  ranges.forEach((range, index) => checkCidr(range, `${path}[${index}]`, errors));
  if (ranges.length < 2) return;
  const families = ranges.map((range) => parseCidr(range)?.address.length);
  const broken = families.indexOf(undefined);
  if (broken !== -1) errors.internal(path, `invalid PodCIDRs. failed to check with dual stack with error:invalid CIDR[${broken}]: <nil> (invalid CIDR address: ${ranges[broken]})`);
  if (broken !== -1 || !families.includes(4) || !families.includes(16) || ranges.length > 2) errors.invalid(path, ranges, "may specify no more than one CIDR for each IP family");
}

function checkResources({ status = {} }: Node, errors: FieldErrors): void {
  const check = (amounts: ResourceList | undefined, path: string): void => { for (const name in amounts) checkAmount(name, amounts[name]!, `${path}.${name}`, errors); };
  check(status.capacity, "status.capacity");
  check(status.allocatable, "status.allocatable");
}

function checkTaints(taints: readonly Taint[], path: string, errors: FieldErrors): void {
  const seen = new Set<string>();
  taints.forEach((taint, index) => {
    const { key = "", value = "", effect = "" } = taint;
    const at = `${path}[${index}]`;
    checkLabelKey(key, `${at}.key`, errors);
    const complaints = labelValue(value);
    if (complaints.length > 0) errors.invalid(`${at}.value`, value, complaints.join(";"));
    checkRequiredOneOf(effect, EFFECTS, `${at}.effect`, errors);
    if (seen.has(`${effect} ${key}`)) errors.duplicate(at, goForm(taint, "Taint"), "taints must be unique by key and effect pair");
    seen.add(`${effect} ${key}`);
  });
}

function checkFeatures(features: readonly string[], path: string, errors: FieldErrors): void {
  features.forEach((feature, index) => {
    const shown = JSON.stringify(feature);
    if (feature.length > FEATURE_CHARACTERS_MAX) errors.invalid(`${path}[${index}]`, feature, `invalid feature name ${shown}: must be no more than ${FEATURE_CHARACTERS_MAX} characters`);
    else if (!FEATURE.test(feature)) {
      errors.invalid(`${path}[${index}]`, feature, `invalid feature name ${shown}: must start with an UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes`);
    }
    const next = features[index + 1];
    if (next === undefined) return;
    if (feature === next) errors.duplicate(`${path}[${index + 1}]`, next);
    else if (feature > next) errors.invalid(`${path}[${index + 1}]`, next, "list must be sorted alphabetically");
  });
}

function checkChange(next: Node, old: Node, errors: FieldErrors): void {
  const { spec = {}, status = {} } = next;
  const { spec: before = {} } = old;
  checkMetadataUpdate(next.metadata, old.metadata, errors);
  checkResources(next, errors);
  checkFeatures(status.declaredFeatures ?? [], "status.declaredFeatures", errors);
  const seen = new Set<string>();
  status.addresses?.forEach((address: NodeAddress, index) => {
    const shown = goForm(address, "NodeAddress");
    const key = JSON.stringify(shown);
    if (seen.has(key)) errors.duplicate(`status.addresses[${index}]`, shown);
    seen.add(key);
  });
  const ranges = spec.podCIDRs ?? [];
  const oldRanges = before.podCIDRs ?? [];
  const changes = oldRanges.length === 0 ? 0 : ranges.length !== oldRanges.length ? 1 : oldRanges.filter((range, index) => range !== ranges[index]).length;
  for (let n = 0; n < changes; n++) errors.forbidden("spec.podCIDRs", "node updates may not change podCIDR except from \"\" to valid");
  if ((before.providerID ?? "") !== "" && before.providerID !== spec.providerID) errors.forbidden("spec.providerID", "node updates may not change providerID except from \"\" to valid");
  checkTaints(spec.taints ?? [], "metadata.taints", errors);
  if ((spec.externalID ?? "") !== (before.externalID ?? "")) errors.forbidden("spec.externalID", "may not be updated");
}
