/** PriorityClasses. */
import { kindRules } from "../define.ts";
import type { PriorityClass } from "../generated/types.ts";
import { checkImmutable, checkMetadata, checkMetadataUpdate, checkRequiredOneOf } from "../shared/checks.ts";

const SYSTEM_PREFIX = "system-";
const SYSTEM: { readonly [name: string]: number } = { "system-node-critical": 2_000_001_000, "system-cluster-critical": 2_000_000_000 };
const USER_VALUE_MAX = 1_000_000_000;

export const priorityClass = kindRules<PriorityClass>(["scheduling.k8s.io", "v1", "PriorityClass"], {
  defaults(priority) { priority.preemptionPolicy ??= "PreemptLowerPriority"; },
  create({ metadata }) { metadata.generation = 1; },
  validate(priority, errors) {
    const { metadata, value = 0, preemptionPolicy } = priority;
    checkMetadata(metadata, false, errors);
    const why = metadata.name?.startsWith(SYSTEM_PREFIX) === true ? complaintOfSystemClass(priority) : undefined;
    if (why !== undefined) errors.forbidden("metadata.name", `priority class names with '${SYSTEM_PREFIX}' prefix are reserved for system use only. error: ${why}`);
    else if (metadata.name?.startsWith(SYSTEM_PREFIX) !== true && value > USER_VALUE_MAX) errors.forbidden("value", `maximum allowed value of a user defined priority is ${USER_VALUE_MAX}`);
    if (preemptionPolicy !== undefined) checkRequiredOneOf(preemptionPolicy, ["PreemptLowerPriority", "Never"], "preemptionPolicy", errors);
  },
  validateUpdate(next, old, errors) {
    checkMetadataUpdate(next.metadata, old.metadata, errors);
    if ((next.value ?? 0) !== (old.value ?? 0)) errors.forbidden("value", "may not be changed in an update.");
    checkImmutable(next.preemptionPolicy, old.preemptionPolicy, "preemptionPolicy", errors);
  },
});

function complaintOfSystemClass({ metadata: { name }, value = 0, globalDefault = false }: PriorityClass): string | undefined {
  if (!Object.hasOwn(SYSTEM, name)) return `${name} is not a known system priority class`;
  if (SYSTEM[name] !== value) return `value of ${name} PriorityClass must be ${SYSTEM[name]}`;
  return globalDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined;
}
