/** ResourceQuotas. */
import type { FieldErrors } from "../../api/field-errors.ts";
import { kindRules } from "../define.ts";
import type { ResourceQuota, ResourceQuotaSpec, ScopedResourceSelectorRequirement } from "../generated/types.ts";
import { roundList } from "../pod/defaults.ts";
import { checkMetadata, checkMetadataUpdate } from "../shared/checks.ts";
import { goStruct } from "../shared/go-values.ts";
import { compareQuantities } from "../shared/quantity.ts";
import { checkAmount, checkQuotaResourceName, isStandardForQuota, type ResourceList } from "../shared/resources.ts";

const POD_SCOPES = ["Terminating", "NotTerminating", "BestEffort", "NotBestEffort", "CrossNamespacePodAffinity"];
const SCOPES = [...POD_SCOPES, "PriorityClass", "VolumeAttributesClass"];
const OPPOSITES = [["BestEffort", "NotBestEffort"], ["NotTerminating", "Terminating"]] as const;
const OF_PODS = ["pods", "cpu", "memory", "limits.cpu", "limits.memory", "requests.cpu", "requests.memory"];

export const resourceQuota = kindRules<ResourceQuota>(["", "v1", "ResourceQuota"], {
  defaults({ spec, status }) {
    roundList(spec?.hard);
    roundList(status?.hard);
    roundList(status?.used);
  },
  create(quota) { quota.status = {}; },
  update(next, old) { next.status = old.status; },
  validate({ metadata, spec = {} }, errors) {
    checkMetadata(metadata, true, errors);
    checkSpec(spec, errors);
  },
  validateUpdate(next, old, errors) {
    checkMetadataUpdate(next.metadata, old.metadata, errors);
    checkSpec(next.spec ?? {}, errors);
    const scopes = new Set(next.spec?.scopes);
    const before = new Set(old.spec?.scopes);
    if (scopes.size !== before.size || [...scopes].some((each) => !before.has(each))) errors.invalid("spec.scopes", next.spec?.scopes, "field is immutable");
  },
  warn({ spec }, old, { warn }) {
    if (old !== undefined) return;
    const hard = spec?.hard ?? {};
    for (const name of ["cpu", "memory", "storage", "ephemeral-storage"]) {
      const short = (name === "cpu" || name === "memory") && hard[`requests.${name}`] === undefined;
      const key = short ? name : `requests.${name}`;
      const { [key]: request, [`limits.${name}`]: limit } = hard;
      if (request !== undefined && limit !== undefined && compareQuantities(request, limit) > 0) warn(`ResourceQuota ${key} (${request}) should be less than limits.${name} (${limit})`);
    }
  },
  subresources: {
    status: {
      update(next, old) { next.spec = old.spec; },
      validate(next, old, errors) {
        checkMetadataUpdate(next.metadata, old.metadata, errors);
        checkAmounts(next.status?.hard, "status.hard", errors);
        checkAmounts(next.status?.used, "status.used", errors);
      },
    },
  },
});

function checkAmounts(amounts: ResourceList | undefined, path: string, errors: FieldErrors): void {
  for (const name in amounts) {
    checkQuotaResourceName(name, `${path}[${name}]`, errors);
    checkAmount(name, amounts[name]!, `${path}[${name}]`, errors);
  }
}

function checkSpec(spec: ResourceQuotaSpec, errors: FieldErrors): void {
  const { hard, scopes = [], scopeSelector } = spec;
  const counted = Object.keys(hard ?? {}).sort();
  checkAmounts(hard, "spec.hard", errors);
  for (const scope of scopes) {
    if (!SCOPES.includes(scope)) errors.invalid("spec.scopes", scopes, "unsupported scope");
    for (const name of counted) if (!isCounted(scope, name)) errors.invalid("spec.scopes", scopes, "unsupported scope applied to resource");
  }
  checkOpposites(scopes, scopes, "spec.scopes", errors);
  const at = "spec.scopeSelector.matchExpressions";
  const expressions = scopeSelector?.matchExpressions ?? [];
  for (const each of expressions) checkRequirement(each, counted, spec, at, errors);
  checkOpposites(expressions.map(({ scopeName = "" }) => scopeName), spec.scopes, at, errors);
}
function checkOpposites(scopes: readonly string[], shown: readonly string[] | undefined, path: string, errors: FieldErrors): void {
  for (const [one, other] of OPPOSITES) if (scopes.includes(one) && scopes.includes(other)) errors.invalid(path, shown, "conflicting scopes");
}

function checkRequirement(requirement: ScopedResourceSelectorRequirement, counted: readonly string[], spec: ResourceQuotaSpec, path: string, errors: FieldErrors): void {
  const { scopeName = "", operator = "", values = [] } = requirement;
  if (!SCOPES.includes(scopeName)) errors.invalid(`${path}.scopeName`, scopeName, "unsupported scope");
  for (const name of counted) if (!isCounted(scopeName, name)) errors.invalid(path, shownSelector(spec), "unsupported scope applied to resource");
  if (POD_SCOPES.includes(scopeName) && operator !== "Exists") {
    errors.invalid(`${path}.operator`, operator, "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity");
  }
  if (operator === "In" || operator === "NotIn") {
    if (values.length === 0) errors.required(`${path}.values`, "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector");
  } else if (operator === "Exists" || operator === "DoesNotExist") {
    if (values.length > 0) errors.invalid(`${path}.values`, values, "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector");
  } else {
    errors.invalid(`${path}.operator`, operator, "not a valid selector operator");
  }
}
/** Has the scope to do with what is counted? */
function isCounted(scope: string, name: string): boolean {
  if (!isStandardForQuota(name)) return true;
  if (scope === "BestEffort") return name === "pods";
  if (scope === "VolumeAttributesClass") return name === "persistentvolumeclaims" || name === "requests.storage";
  return !POD_SCOPES.includes(scope) && scope !== "PriorityClass" ? true : OF_PODS.includes(name);
}
function shownSelector({ scopeSelector }: ResourceQuotaSpec): unknown {
  return { MatchExpressions: scopeSelector?.matchExpressions?.map((each) => goStruct(each, "ScopeName:\"\" Operator:\"\" Values")) ?? null };
}
