/**
 * Guarantee 8: what a core may touch. An action outside the declared kinds, verbs and namespaces, or on an object that
 * isn't its own, is refused here, before it can reach the API server - whatever rights the host's account has.
 */
import type { OwnedVerb } from "../../../bindings/protocol/manifest.ts";
import type { Action, ObjectRef } from "../../../bindings/protocol/types.ts";
import type { CachedObject } from "../contracts.ts";
import { type Declarations, type DeclaredKind, namespaceFor } from "../declarations.ts";
import { type Act, failedOutcome, type Outcome } from "./act.ts";

/** What an action is about, after it passed. */
export interface Target {
  readonly kind: DeclaredKind;
  readonly namespace: string | undefined;
  readonly name: string;
}
export type Checked = { readonly ok: true; readonly target: Target } | { readonly ok: false; readonly outcome: Outcome };

/** Refusals are the operator's mistake, not the cluster's: they are reported, and waiting alone won't mend them. */
export const REFUSAL_REASONS: ReadonlySet<string> = new Set(["Refused", "Stray", "NotOwned", "NotLatched"]);

function refused(reason: string, message: string): { ok: false; outcome: Outcome } {
  return { ok: false, outcome: failedOutcome(reason, message) };
}

/** Checks kind, verb, namespace and name. */
export function checkTarget(declarations: Declarations, primary: CachedObject, verb: OwnedVerb, ref: ObjectRef): Checked {
  const operator = declarations.manifest.name;
  const kind = declarations.kind(ref);
  const what = `${verb} ${ref.kind} ${ref.name}`;
  if (kind?.owned === undefined) return refused("Refused", `${what}: ${operator} does not own ${ref.apiVersion} ${ref.kind}; declare it under owns: in operator.yaml`);
  if (!kind.owned.verbs.includes(verb)) return refused("Refused", `${what}: ${operator} may not ${verb} a ${ref.kind}; its verbs in operator.yaml are ${kind.owned.verbs.join(", ") || "none"}`);
  if (typeof ref.name !== "string" || ref.name === "") return refused("Refused", `${verb} ${ref.kind}: metadata.name is missing; a core gives every object its name`);
  const namespace = namespaceFor(kind, ref.namespace, primary);
  if (kind.ref.namespaced && namespace === undefined) return refused("Refused", `${what}: a ${ref.kind} needs a namespace, and its primary has none to give`);
  if (!declarations.covers(kind, namespace)) return refused("Refused", `${what}: it is in namespace ${namespace}, and this host watches ${declarations.namespaces!.join(", ")} only (--namespace)`);
  const outside = confusedDeputy(kind, namespace, primary);
  return outside === undefined ? { ok: true, target: { kind, namespace, name: ref.name } } : refused("Refused", `${what}: ${outside}`);
}

/** A tenant's object must not make the operator, with its greater rights, act elsewhere (CVE-2026-22872). */
function confusedDeputy(kind: DeclaredKind, namespace: string | undefined, primary: CachedObject): string | undefined {
  const home = primary.ref.namespace;
  if (home === undefined || kind.owned?.link === "uidLabel") return undefined;
  if (!kind.ref.namespaced) return `it has no namespace, its primary is in ${home}; such a kind needs link: uidLabel in operator.yaml`;
  return namespace === home ? undefined : `it is in namespace ${namespace}, its primary in ${home}; other namespaces need link: uidLabel in operator.yaml`;
}

/** Checks also that the target is an object that this pass saw as its own (or, to adopt, as a stray), with this uid. */
export function checkObserved(
  act: Act, declarations: Declarations, action: Extract<Action, { uid: string; target: ObjectRef }>,
): { readonly ok: true; readonly target: Target; readonly object: CachedObject } | { readonly ok: false; readonly outcome: Outcome } {
  const checked = checkTarget(declarations, act.primary, action.type, action.target);
  if (!checked.ok) return checked;
  const { kind, namespace, name } = checked.target;
  const object = action.type === "adopt" ? act.stray(kind, namespace, name) : act.owned(kind, namespace, name);
  if (object === undefined || object.uid !== action.uid) {
    const seen = action.type === "adopt" ? "stray" : "object of its own";
    return refused("NotOwned", `${action.type} ${kind.ref.kind} ${name}: no ${seen} with uid ${action.uid} was observed`);
  }
  return { ok: true, target: checked.target, object };
}
