/** A plan as the protocol's JSON. */
import { begin, encode, end, integer, quote, raw } from "../abi/encode";
import { kindEntry, REF_STRING_LIST, statusRef } from "../abi/observed-reader";
import { AnyObject, findObject } from "./objects";
import { Observed } from "./observed";
import { Action, Plan } from "./plan";
import { writeCall, writeOptional, writeQuestion, writeTarget } from "./question";

/** `observed` gives the open questions, and the uids of objects that are applied again. */
export function writePlan(plan: Plan, observed: Observed): string {
  begin();
  raw('{"protocol":1,"verdict":');
  quote(plan.verdict);
  if (plan.reason.length > 0) writeOptional(',"reason":', plan.reason);
  if (plan.message.length > 0) writeOptional(',"message":', plan.message);
  if (plan.statusWanted != 0) {
    raw(',"status":');
    encode(statusRef(), plan.statusWanted);
  }
  raw(',"actions":[');
  for (let i = 0; i < plan.actions.length; i++) {
    if (i > 0) raw(",");
    writeAction(plan.actions[i], observed);
  }
  raw('],"questions":[');
  for (let i = 0; i < observed.questions.length; i++) {
    if (i > 0) raw(",");
    writeQuestion(observed.questions[i]);
  }
  raw("]");
  if (plan.requeueAfterMs >= 0) {
    raw(',"requeueAfterMs":');
    integer(plan.requeueAfterMs);
  }
  raw("}");
  return end();
}

/** The plan of a pass that could not begin: what was observed does not fit its types. */
export function writeRefusal(message: string): string {
  begin();
  raw('{"protocol":1,"verdict":"refused","reason":"InvalidObject","message":');
  quote(message);
  raw(',"actions":[],"questions":[]}');
  return end();
}

function writeAction(action: Action, observed: Observed): void {
  raw('{"type":"' + action.type + '","stage":');
  integer(action.stage);
  raw(',"reason":');
  quote(action.reason);
  if (action.type == "apply" || action.type == "create") writeWanted(action, observed);
  else if (action.type == "latch") {
    raw(',"status":');
    encode(statusRef(), action.status);
  } else if (action.type == "http") {
    raw(',"call":');
    writeCall(action.call, action.targetKind, action.targetNamespace, action.targetName, action.body, action.clientCertificate);
  } else writeTargeted(action);
  raw("}");
}

function writeWanted(action: Action, observed: Observed): void {
  const metadata = changetype<AnyObject>(action.object).metadata;
  if (action.type == "apply") {
    // With its uid an apply can't create an object anew that somebody has just deleted.
    const seen = findObject(observed.owned[action.kindIndex], metadata.name, metadata.namespace);
    if (seen != 0) writeOptional(',"uid":', changetype<AnyObject>(seen).metadata.uid);
    if (action.released.length > 0) {
      raw(',"release":');
      encode(REF_STRING_LIST, changetype<usize>(action.released));
    }
  }
  raw(',"object":');
  encode(kindEntry(action.kindIndex).ref, action.object);
}

function writeTargeted(action: Action): void {
  const object = changetype<AnyObject>(action.object);
  raw(',"target":');
  writeTarget(object.apiVersion, object.kind, object.metadata.namespace, object.metadata.name);
  writeOptional(',"uid":', object.metadata.uid);
  writeOptional(',"propagationPolicy":', action.propagationPolicy);
  const patch = action.patch;
  if (patch !== null) {
    raw(',"patch":');
    raw(patch.text);
  }
}
