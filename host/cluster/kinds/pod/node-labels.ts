/** Labels of nodes that are out of use, wherever a selector names them. */
import { labelValue } from "../../api/names.ts";
import type { LabelSelector, NodeSelectorTerm } from "../generated/types.ts";
import type { StrategyContext } from "../kind.ts";

const OUT_OF_USE: ReadonlyMap<string, string> = new Map([
  ["beta.kubernetes.io/arch", "deprecated since v1.14; use \"kubernetes.io/arch\" instead"],
  ["beta.kubernetes.io/os", "deprecated since v1.14; use \"kubernetes.io/os\" instead"],
  ["failure-domain.beta.kubernetes.io/region", "deprecated since v1.17; use \"topology.kubernetes.io/region\" instead"],
  ["failure-domain.beta.kubernetes.io/zone", "deprecated since v1.17; use \"topology.kubernetes.io/zone\" instead"],
  ["beta.kubernetes.io/instance-type", "deprecated since v1.17; use \"node.kubernetes.io/instance-type\" instead"],
  ["app.kubernetes.io/created-by", "deprecated since v1.9"],
  ["scheduler.alpha.kubernetes.io/preferAvoidPods", "deprecated since v1.22; use Taints and Tolerations instead"],
  ["node-role.kubernetes.io/master", "use \"node-role.kubernetes.io/control-plane\" instead"],
]);

export function outOfUse(label: string | undefined): string | undefined {
  return label === undefined ? undefined : OUT_OF_USE.get(label);
}

/** `values`: whether those that no label can have are told of. */
export function warnOfNodeTerm({ matchExpressions }: NodeSelectorTerm, values: boolean, path: string, { warn }: StrategyContext): void {
  matchExpressions?.forEach((each, index) => {
    const at = `${path}.matchExpressions[${index}]`;
    const why = outOfUse(each.key);
    if (why !== undefined) warn(`${at}.key: ${each.key} is ${why}`);
    if (values) each.values?.forEach((value, valueIndex) => { for (const complaint of labelValue(value)) warn(`${at}.values[${valueIndex}]: ${value} is invalid, ${complaint}`); });
  });
}
export function warnOfNodeLabels(selector: LabelSelector | undefined, path: string, { warn }: StrategyContext): void {
  selector?.matchExpressions?.forEach(({ key }, index) => {
    const why = outOfUse(key);
    if (why !== undefined) warn(`${path}.matchExpressions[${index}].key: ${key} is ${why}`);
  });
  for (const label in selector?.matchLabels) {
    const why = outOfUse(label);
    if (why !== undefined) warn(`${path}.matchLabels.${label}: ${why}`);
  }
}
