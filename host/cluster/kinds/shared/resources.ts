/** Names and amounts of resources: what a container may ask for, what a quota may count. */
import type { FieldErrors } from "../../api/field-errors.ts";
import { dnsLabel, labelKey } from "../../api/names.ts";
import { nanosOf } from "../../../values/quantity.ts";
import type { ResourceClaim, ResourceRequirements } from "../generated/types.ts";
import { checkNonNegativeQuantity, complain } from "./checks.ts";
import { compareQuantities, isWhole, wholeUnits } from "./quantity.ts";

export type ResourceList = Readonly<Record<string, string>>;

const COMPUTE = ["cpu", "memory", "ephemeral-storage"];
const COUNTED = ["pods", "resourcequotas", "services", "replicationcontrollers", "secrets", "configmaps", "persistentvolumeclaims", "services.nodeports", "services.loadbalancers"];
const STANDARD: ReadonlySet<string> = new Set([...COMPUTE.flatMap((each) => [each, `requests.${each}`, `limits.${each}`]), ...COUNTED, "storage", "requests.storage"]);
const HUGE_PAGES = "hugepages-";

export const isHugePages = (name: string): boolean => name.startsWith(HUGE_PAGES);
/** Of the cluster's own kind: without a domain, or with kubernetes.io. */
export const isNative = (name: string): boolean => !name.includes("/") || name.includes("kubernetes.io/");
export const isOvercommitAllowed = (name: string): boolean => isNative(name) && !isHugePages(name);
export const isExtended = (name: string): boolean => !isNative(name) && !name.startsWith("requests.") && labelKey(`requests.${name}`).length === 0;
const isQuotaHugePages = (name: string): boolean => isHugePages(name) || name.startsWith(`requests.${HUGE_PAGES}`);
const isStandard = (name: string): boolean => STANDARD.has(name) || isQuotaHugePages(name);
export const isStandardForQuota = (name: string): boolean => name !== "storage" && isStandard(name);
/** What a Pod as a whole may ask for. */
export const isForPods = (name: string): boolean => name === "cpu" || name === "memory" || isHugePages(name);

/** True when there was nothing to complain about. */
export function checkResourceName(name: string, path: string, errors: FieldErrors): boolean {
  const complaints = labelKey(name);
  complain(errors, path, name, complaints);
  if (complaints.length > 0) return false;
  if (name.includes("/") || isStandard(name)) return true;
  errors.invalid(path, name, "must be a standard resource type or fully qualified");
  return false;
}
export function checkContainerResourceName(name: string, path: string, errors: FieldErrors): void {
  if (name === "cpu" || name === "memory") return;
  checkResourceName(name, path, errors);
  if (!name.includes("/")) {
    if (!COMPUTE.includes(name) && !isHugePages(name)) errors.invalid(path, name, "must be a standard resource for containers");
  } else if (!isNative(name) && !isExtended(name)) {
    errors.invalid(path, name, "doesn't follow extended resource name standard");
  }
}
function checkPodResourceName(name: string, path: string, errors: FieldErrors): void {
  if (checkResourceName(name, path, errors) && !isForPods(name)) errors.notSupported(path, name, ["cpu", HUGE_PAGES, "memory"]);
}
export function checkQuotaResourceName(name: string, path: string, errors: FieldErrors): void {
  checkResourceName(name, path, errors);
  if (!name.includes("/") && !isStandardForQuota(name)) errors.invalid(path, name, "must be a standard resource for quota");
}

export function checkAmount(name: string, amount: string, path: string, errors: FieldErrors): void {
  checkNonNegativeQuantity(amount, path, errors);
  if (name === "cpu" || name === "memory") return;
  if ((COUNTED.includes(name) || isExtended(name)) && !isWhole(amount)) errors.invalid(path, amount, "must be an integer");
}

function isDivisible(name: string, amount: string): boolean {
  const page = nanosOf(name.slice(HUGE_PAGES.length));
  if (page === undefined || page <= 0n || page % 1_000_000_000n !== 0n) return false;
  return wholeUnits(amount) % (page / 1_000_000_000n) === 0n;
}
function checkHugePages(name: string, amount: string, path: string, errors: FieldErrors): void {
  if (!isDivisible(name, amount)) errors.invalid(path, amount, `${amount} is not positive integer multiple of ${name}`);
}

/** What the requirements are those of decides on the names; `claims` are the Pod's, where there is one. */
export interface ResourceRules { readonly whole: boolean; readonly claims: ReadonlySet<string>; readonly anyHugePages: boolean }

const NOTHING: ResourceList = {};

export function checkRequirements(requirements: ResourceRequirements, rules: ResourceRules, path: string, errors: FieldErrors): void {
  const { limits = NOTHING, requests = NOTHING } = requirements;
  const seen = { compute: false, hugePages: false };
  for (const name in limits) checkOne(name, limits[name]!, rules, `${path}.limits[${name}]`, seen, errors);
  for (const name in requests) {
    const amount = requests[name]!;
    const at = `${path}.requests[${name}]`;
    checkOne(name, amount, rules, at, seen, errors, () => checkAgainstLimit(name, amount, limits[name], path, errors));
  }
  if (seen.hugePages && !seen.compute) errors.forbidden(path, "HugePages require cpu or memory");
  if (requirements.claims !== undefined) checkClaims(requirements.claims, rules.claims, `${path}.claims`, errors);
}

function checkOne(name: string, amount: string, rules: ResourceRules, at: string, seen: { compute: boolean; hugePages: boolean }, errors: FieldErrors, against?: () => void): void {
  if (rules.whole) checkPodResourceName(name, at, errors);
  else checkContainerResourceName(name, at, errors);
  checkAmount(name, amount, at, errors);
  against?.();
  if (isHugePages(name)) {
    seen.hugePages = true;
    if (!rules.anyHugePages) checkHugePages(name, amount, at, errors);
  }
  if (name === "cpu" || name === "memory") seen.compute = true;
}

function checkAgainstLimit(name: string, amount: string, limit: string | undefined, path: string, errors: FieldErrors): void {
  if (limit === undefined) {
    if (!isOvercommitAllowed(name)) errors.required(`${path}.limits`, "Limit must be set for non overcommitable resources");
    return;
  }
  const order = compareQuantities(amount, limit);
  if (order !== 0 && !isOvercommitAllowed(name)) errors.invalid(`${path}.requests`, amount, `must be equal to ${name} limit of ${limit}`);
  else if (order > 0) errors.invalid(`${path}.requests`, amount, `must be less than or equal to ${name} limit of ${limit}`);
}

function checkClaims(claims: readonly ResourceClaim[], known: ReadonlySet<string>, path: string, errors: FieldErrors): void {
  const names = new Set<string>();
  claims.forEach(({ name = "", request = "" }, index) => {
    const at = `${path}[${index}]`;
    if (name === "") {
      errors.required(at);
      return;
    }
    checkClaimRepeats(name, request, names, at, errors);
    if (known.has(name)) return;
    const choices = known.size === 0 ? " which is empty" : `: ${[...known].sort().join(", ")}`;
    errors.notFound(at, name, `must be one of the names in pod.spec.resourceClaims${choices}`);
  });
}
function checkClaimRepeats(name: string, request: string, names: Set<string>, at: string, errors: FieldErrors): void {
  if (names.has(name)) {
    errors.duplicate(at, name);
    return;
  }
  const key = request === "" ? name : `${name}/${request}`;
  if (request !== "") complain(errors, `${at}.request`, request, dnsLabel(request));
  if (names.has(key)) errors.duplicate(at, key);
  else if (request === "") for (const each of names) if (each.split("/")[0] === name && each.includes("/")) errors.duplicate(at, name);
  names.add(key);
}

export function usesIndivisibleHugePages(lists: readonly (ResourceList | undefined)[]): boolean {
  return lists.some((list) => list !== undefined && Object.keys(list).some((name) => isHugePages(name) && !isDivisible(name, list[name]!)));
}
