/**
 * Guarantee 5: destruction is confirmed. A plan that takes something away for good is computed again from fresh quorum
 * reads of everything that the pass read, with the clock standing still; and what is executed is the plan so computed.
 * So the premise is checked ("this member is gone for good"), not only the target ("this is still the same Pod").
 */
import type { Plan } from "../../bindings/protocol/types.ts";
import type { CachedObject, Informers } from "./contracts.ts";
import type { Declarations } from "./declarations.ts";
import { decide, type Decider, type Decision, type Remembered } from "./decide.ts";
import { FreshView } from "./view.ts";

/** True when `plan` deletes, evicts, calls something declared as destructive, or lets its primary go. */
export function isDestructive(plan: Plan, declarations: Declarations): boolean {
  if (plan.verdict === "finalized") return true;
  return plan.actions.some((action) => {
    if (action.type === "delete" || action.type === "evict") return true;
    return action.type === "http" && declarations.calls.get(action.call.name)?.effect === "destructive";
  });
}

/** The decision made again. Throws ApiError and TransportError: what can't be read is not confirmed. */
export async function confirm(
  decider: Decider, informers: Pick<Informers, "readFresh" | "listFresh">, primary: CachedObject, remembered: Remembered, now: string,
): Promise<Decision> {
  const view = new FreshView(informers, decider.declarations);
  await view.load(primary.ref.namespace, primary.ref.name);
  // Recreated under the same name, it is another object: its own pass will come.
  if (view.primary !== undefined && view.primary.uid !== primary.uid) return { kind: "gone" };
  return decide(decider, view, remembered, now);
}
