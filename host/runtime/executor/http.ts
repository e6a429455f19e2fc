/**
 * A declared call to a Pod or Service of the operator's own. One that changes something outside Kubernetes follows a
 * latch in the same plan, so that only the host whose latch was written gets to make it.
 */
import type { HttpAction } from "../../../bindings/protocol/types.ts";
import { TransportError } from "../../platform/platform.ts";
import { callRequest, certificateProblem, ownTarget } from "../answers.ts";
import { type Act, DONE, type ExecutorContext, failedOutcome, type Outcome } from "./act.ts";

export async function http(context: ExecutorContext, act: Act, action: HttpAction): Promise<Outcome> {
  const { call } = action;
  const declared = context.declarations.calls.get(call.name);
  if (declared === undefined) return failedOutcome("Refused", `call ${call.name}: not among the calls in operator.yaml`);
  const latched = act.decided.plan.actions.some((other) => other.type === "latch" && other.stage < action.stage);
  if (declared.effect !== "read" && !latched) {
    return failedOutcome("NotLatched", `call ${call.name} changes something outside Kubernetes: latch the intent in an earlier stage of the same plan`);
  }
  const target = ownTarget(call, declared, context.declarations, act.decided.view, act.primary);
  if (target === undefined) return failedOutcome("NotOwned", `call ${call.name}: ${call.target.kind} ${call.target.name} is not one of its own`);
  const problem = certificateProblem(call, declared, act.primary);
  if (problem !== undefined) return failedOutcome("Refused", problem);
  if (context.caller === undefined) return failedOutcome("Refused", `call ${call.name}: this host makes no calls`);
  const writableMs = context.gate.writableMs();
  if (declared.effect !== "read" && writableMs <= 0) throw new TransportError("NotSent", "this host does not hold the Lease (any more): no call is made");
  const request = callRequest(call, declared, target);
  const { status, body } = await context.caller.call({ ...request, timeoutMs: Math.min(request.timeoutMs, writableMs) });
  if (status >= 200 && status <= 299) return DONE;
  return failedOutcome(`HTTP${status}`, `call ${call.name} of ${target.ref.name}: ${body.slice(0, 200).toWellFormed()}`);
}
