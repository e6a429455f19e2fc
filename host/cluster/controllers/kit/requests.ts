/** What a Pod asks of a node: the sum of its containers, or the most that its init containers need before them. */
import { nanosOf } from "../../../values/quantity.ts";
import type { Container, PodSpec } from "../../typed/core.ts";
import type { Quantities } from "../../typed/resource.ts";

/** By resource: "cpu" in thousandths, everything else in whole units (bytes). */
export interface Amounts { [resource: string]: number }

const parsed = new Map<string, bigint>();
const PARSED_MAX = 10_000;

/** Text that is no quantity counts as nothing. */
export function amountOf(resource: string, quantity: string | number): number {
  const text = String(quantity);
  let nanos = parsed.get(text);
  if (nanos === undefined) {
    nanos = nanosOf(text) ?? 0n;
    if (parsed.size >= PARSED_MAX) parsed.clear();
    parsed.set(text, nanos);
  }
  const unit = resource === "cpu" ? 1_000_000n : 1_000_000_000n;
  return Number((nanos + unit - 1n) / unit);
}
export function amountsOf(quantities: Quantities | undefined): Amounts {
  const amounts: Amounts = {};
  for (const resource in quantities) amounts[resource] = amountOf(resource, quantities[resource]!);
  return amounts;
}

export function requestsOf({ containers, initContainers = [], overhead }: PodSpec, of: (container: Container) => Amounts = requestsOfContainer): Amounts {
  const total: Amounts = {};
  for (const container of containers) addTo(total, of(container));
  const sidecars: Amounts = {};
  const atStart: Amounts = {};
  for (const container of initContainers) {
    const own = of(container);
    if (container.restartPolicy === "Always") {
      // A sidecar goes on running beside everything that starts after it.
      addTo(total, own);
      addTo(sidecars, own);
      raiseTo(atStart, sidecars);
    } else {
      const beside = { ...own };
      addTo(beside, sidecars);
      raiseTo(atStart, beside);
    }
  }
  raiseTo(total, atStart);
  addTo(total, amountsOf(overhead));
  return total;
}

function requestsOfContainer({ resources }: Container): Amounts { return amountsOf(resources?.requests); }

export function addTo(total: Amounts, more: Amounts, times = 1): void {
  for (const resource in more) total[resource] = (total[resource] ?? 0) + times * more[resource]!;
}
function raiseTo(total: Amounts, least: Amounts): void {
  for (const resource in least) total[resource] = Math.max(total[resource] ?? 0, least[resource]!);
}
