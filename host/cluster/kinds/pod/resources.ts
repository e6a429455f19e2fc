/** What all containers of a Pod ask for together, and the budget that a Pod as a whole may have. */
import type { FieldErrors } from "../../api/field-errors.ts";
import type { PodSpec } from "../generated/types.ts";
import { addQuantities, compareQuantities } from "../shared/quantity.ts";
import { checkRequirements, isHugePages, type ResourceList } from "../shared/resources.ts";
import type { PodCheck } from "./rules.ts";

type Sums = { [name: string]: string };

function add(sums: Sums, list: ResourceList | undefined): void {
  for (const name in list) sums[name] = sums[name] === undefined ? list[name]! : addQuantities(sums[name], list[name]!);
}
function raise(sums: Sums, list: ResourceList): void {
  for (const name in list) if (sums[name] === undefined || compareQuantities(list[name]!, sums[name]) > 0) sums[name] = list[name]!;
}

/**
 * The most that is asked for at any time: init containers run one after the other before the rest, but those that are
 * always restarted stay.
 */
export function totalOfContainers(spec: PodSpec, which: "requests" | "limits"): Sums {
  const total: Sums = {};
  for (const { resources } of spec.containers ?? []) add(total, resources?.[which]);
  const staying: Sums = {};
  const before: Sums = {};
  for (const { resources, restartPolicy } of spec.initContainers ?? []) {
    const own = resources?.[which];
    if (restartPolicy === "Always") {
      add(total, own);
      add(staying, own);
      raise(before, staying);
    } else {
      const together = { ...own };
      add(together, staying);
      raise(before, together);
    }
  }
  raise(total, before);
  return total;
}

export function checkPodResources(check: PodCheck, path: string): void {
  const { spec, errors, claims, rules } = check;
  const { resources, os } = spec;
  if (resources === undefined) return;
  const at = `${path}.resources`;
  if (os?.name === "windows") {
    errors.forbidden(at, "may not be set for a windows pod");
    return;
  }
  if (resources.claims !== undefined) errors.forbidden(`${at}.claims`, "claims may not be set for Resources at pod-level");
  checkRequirements(resources, { whole: true, claims, anyHugePages: rules.anyHugePages }, at, errors);
  checkBudget(spec, at, errors);
}
function checkBudget({ resources, ...spec }: PodSpec, path: string, errors: FieldErrors): void {
  const { requests = {}, limits = {} } = resources!;
  const requested = totalOfContainers(spec, "requests");
  for (const name in requested) {
    if (requests[name] !== undefined && compareQuantities(requested[name]!, requests[name]) > 0) {
      errors.invalid(`${path}.requests[${name}]`, requests[name], `must be greater than or equal to aggregate container requests of ${requested[name]!}`);
    }
  }
  const limited = totalOfContainers(spec, "limits");
  for (const name in limited) {
    if (isHugePages(name) && limits[name] !== undefined && compareQuantities(limited[name]!, limits[name]) > 0) {
      errors.invalid(`${path}.limits[${name}]`, limits[name], `must be greater than or equal to aggregate container limits of ${limited[name]!}`);
    }
  }
  spec.containers?.forEach((container, index) => {
    const own = container.resources?.limits ?? {};
    for (const name in own) {
      if (limits[name] !== undefined && compareQuantities(own[name]!, limits[name]) > 0) {
        errors.invalid(`${path}.containers[${index}][${name}].limits`, own[name]!, `must be less than or equal to pod limits of ${limits[name]}`);
      }
    }
  });
}
