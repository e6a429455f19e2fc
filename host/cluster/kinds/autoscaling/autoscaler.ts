/** HorizontalPodAutoscalers, in the version they are stored in. */
import type { FieldErrors } from "../../api/field-errors.ts";
import { kindRules, type Rules } from "../define.ts";
import type { HorizontalPodAutoscaler, HPAScalingPolicy, HPAScalingRules } from "../generated/types.ts";
import { checkMetadata, checkMetadataUpdate, checkNonNegativeQuantity, checkOneOf } from "../shared/checks.ts";
import { checkCounts } from "../shared/status-counts.ts";
import { checkMetrics, checkReference, complaintOfVersion, type ReferenceRules } from "./metrics.ts";

const WINDOW_SECONDS_MAX = 3600;
const PERIOD_SECONDS_MAX = 1800;
const DEFAULT_UTILIZATION = 80;

const DEFAULT_UP: HPAScalingRules = { stabilizationWindowSeconds: 0, selectPolicy: "Max", policies: [{ type: "Pods", value: 4, periodSeconds: 15 }, { type: "Percent", value: 100, periodSeconds: 15 }] };
const DEFAULT_DOWN: HPAScalingRules = { selectPolicy: "Max", policies: [{ type: "Percent", value: 100, periodSeconds: 15 }] };

export const autoscalerRules: Rules<HorizontalPodAutoscaler> = {
  defaults: setDefaults,
  create(autoscaler) { autoscaler.status = { desiredReplicas: 0, currentMetrics: null }; },
  update(next, old) { next.status = old.status; },
  validate(autoscaler, errors) {
    checkMetadata(autoscaler.metadata, true, errors);
    checkSpec(autoscaler, undefined, errors);
  },
  validateUpdate(next, old, errors) {
    checkMetadataUpdate(next.metadata, old.metadata, errors);
    checkSpec(next, old, errors);
  },
  // What comes back from the storage gets its defaults again: the older form has others.
  canonicalize: setDefaults,
  subresources: {
    status: {
      update(next, old) { next.spec = old.spec; },
      validate(next, old, errors) {
        checkMetadataUpdate(next.metadata, old.metadata, errors);
        checkCounts(next.status, ["currentReplicas", "desiredReplicas"], [], errors);
      },
    },
  },
};

function setDefaults(autoscaler: HorizontalPodAutoscaler): void {
  const spec = autoscaler.spec ??= {};
  spec.minReplicas ??= 1;
  if ((spec.metrics?.length ?? 0) === 0) spec.metrics = [cpuMetric(DEFAULT_UTILIZATION)];
  if (spec.behavior === undefined) return;
  spec.behavior.scaleUp = { ...DEFAULT_UP, ...spec.behavior.scaleUp };
  spec.behavior.scaleDown = { ...DEFAULT_DOWN, ...spec.behavior.scaleDown };
}

export const autoscaler = kindRules(["autoscaling", "v2", "HorizontalPodAutoscaler"], autoscalerRules);

export function cpuMetric(averageUtilization: number): NonNullable<NonNullable<HorizontalPodAutoscaler["spec"]>["metrics"]>[number] {
  return { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization } } };
}

function checkSpec({ spec = {} }: HorizontalPodAutoscaler, old: HorizontalPodAutoscaler | undefined, errors: FieldErrors): void {
  const { minReplicas, maxReplicas = 0, scaleTargetRef = {}, metrics = [], behavior } = spec;
  const { spec: before = {} } = old ?? {};
  const least = before.minReplicas === 0 ? 0 : 1;
  if (minReplicas !== undefined && minReplicas < least) errors.invalid("spec.minReplicas", minReplicas, `must be greater than or equal to ${least}`);
  if (maxReplicas === 0) errors.required("spec.maxReplicas", "must be set and greater than 0");
  else if (maxReplicas < 0) errors.invalid("spec.maxReplicas", maxReplicas, "must be greater than or equal to 1");
  if (minReplicas !== undefined && maxReplicas < minReplicas) errors.invalid("spec.maxReplicas", maxReplicas, "must be greater than or equal to `minReplicas`");
  const same = old !== undefined && before.scaleTargetRef?.apiVersion === scaleTargetRef.apiVersion && before.scaleTargetRef?.kind === scaleTargetRef.kind;
  checkReference(scaleTargetRef, { anyVersion: same, noGroup: scaleTargetRef.kind === "ReplicationController" }, "spec.scaleTargetRef", errors);
  const odd = before.metrics?.some(({ type, object }) => type === "Object" && object !== undefined && complaintOfVersion(object.describedObject?.apiVersion ?? "", true) !== undefined) ?? false;
  const rules: ReferenceRules = { anyVersion: odd, noGroup: true };
  checkMetrics(metrics, minReplicas, rules, "spec.metrics", errors);
  if (behavior?.scaleUp !== undefined) checkScaling(behavior.scaleUp, "spec.behavior.scaleUp", errors);
  if (behavior?.scaleDown !== undefined) checkScaling(behavior.scaleDown, "spec.behavior.scaleDown", errors);
}

function checkScaling({ stabilizationWindowSeconds: window, selectPolicy, policies, tolerance }: HPAScalingRules, path: string, errors: FieldErrors): void {
  if (window !== undefined && window < 0) errors.invalid(`${path}.stabilizationWindowSeconds`, window, "must be greater than or equal to zero");
  if (window !== undefined && window > WINDOW_SECONDS_MAX) errors.invalid(`${path}.stabilizationWindowSeconds`, window, `must be less than or equal to ${WINDOW_SECONDS_MAX}`);
  if (selectPolicy !== undefined) checkOneOf(selectPolicy, ["Disabled", "Max", "Min"], `${path}.selectPolicy`, errors);
  if ((policies?.length ?? 0) === 0) errors.required(`${path}.policies`, "must specify at least one Policy");
  policies?.forEach((policy, index) => checkPolicy(policy, `${path}.policies[${index}]`, errors));
  if (tolerance !== undefined) checkNonNegativeQuantity(tolerance, `${path}.tolerance`, errors);
}
function checkPolicy({ type = "", value = 0, periodSeconds = 0 }: HPAScalingPolicy, path: string, errors: FieldErrors): void {
  checkOneOf(type, ["Percent", "Pods"], `${path}.type`, errors);
  if (value <= 0) errors.invalid(`${path}.value`, value, "must be greater than zero");
  if (periodSeconds <= 0) errors.invalid(`${path}.periodSeconds`, periodSeconds, "must be greater than zero");
  if (periodSeconds > PERIOD_SECONDS_MAX) errors.invalid(`${path}.periodSeconds`, periodSeconds, `must be less than or equal to ${PERIOD_SECONDS_MAX}`);
}
