/** A Pod's quality of service: how firmly its resources are promised. */
import type { PodSpec } from "../generated/types.ts";
import { addQuantities, compareQuantities, nanos } from "../shared/quantity.ts";
import type { ResourceList } from "../shared/resources.ts";

type Sums = { cpu?: string; memory?: string };
const COMPUTE = ["cpu", "memory"] as const;

/** Adds what is more than nothing; tells how many of the two there were. */
function add(sums: Sums, list: ResourceList | undefined): number {
  let count = 0;
  for (const name of COMPUTE) {
    const amount = list?.[name];
    if (amount === undefined || nanos(amount) <= 0n) continue;
    count++;
    sums[name] = sums[name] === undefined ? amount : addQuantities(sums[name], amount);
  }
  return count;
}

export function qosClassOf(spec: PodSpec): "BestEffort" | "Burstable" | "Guaranteed" {
  const requests: Sums = {};
  const limits: Sums = {};
  let guaranteed = true;
  if (spec.resources !== undefined) {
    add(requests, spec.resources.requests);
    if (spec.resources.limits !== undefined && add(limits, spec.resources.limits) < 2) guaranteed = false;
  } else {
    for (const containers of [spec.containers, spec.initContainers]) {
      for (const { resources } of containers ?? []) {
        add(requests, resources?.requests);
        if (add(limits, resources?.limits) < 2) guaranteed = false;
      }
    }
  }
  const asked = COMPUTE.filter((name) => requests[name] !== undefined);
  const capped = COMPUTE.filter((name) => limits[name] !== undefined);
  if (asked.length + capped.length === 0) return "BestEffort";
  const same = asked.length === capped.length && asked.every((name) => limits[name] !== undefined && compareQuantities(requests[name]!, limits[name]) === 0);
  return guaranteed && same ? "Guaranteed" : "Burstable";
}
