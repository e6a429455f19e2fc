/**
 * apply: make these fields so - and know without asking when nothing would change, for an apply that changes nothing
 * costs the API server as much as one that does. What exists is changed by server-side apply; what doesn't is created by
 * POST, the cheaper of the two, and taken over by an apply once it is to change (apply/created.ts).
 */
import { parseJson } from "../../../bindings/protocol/json.ts";
import type { ApplyAction, JsonObject, KubeObject } from "../../../bindings/protocol/types.ts";
import { collectionPath, objectPath, withQuery } from "../api.ts";
import { holdsAlready } from "../apply/compare.ts";
import { createBody, createdAs } from "../apply/created.ts";
import { fieldSetOf, ownsExactly, ownsPath } from "../apply/field-set.ts";
import { applyBody, type Intent, intentOf, linkFor, nested, valueAt, without } from "../apply/intent.ts";
import type { CachedObject } from "../contracts.ts";
import { APPLY_PATCH, JSON_TYPE } from "../writer.ts";
import { abandonedOutcome, type Act, DONE, type ExecutorContext, failedOutcome, type Outcome, SKIPPED, targetId } from "./act.ts";
import { checkTarget, type Target } from "./check.ts";
import { type Base, takeOver } from "./ownership.ts";
import { fillSecret, hasPlaceholders } from "./secret-values.ts";

/**
 * The server refuses an apply at another resourceVersion than this to an object that exists, and creates one that
 * doesn't: so an apply of what was not observed never touches what somebody else made in between.
 */
const ONLY_CREATE = "1";

/** What an apply comes to, before anything is sent. */
export type Assessment =
  | { readonly kind: "settle"; readonly outcome: Outcome }
  | { readonly kind: "send"; readonly target: Target; readonly existing: CachedObject | undefined; readonly intent: Intent; readonly hash: string };

/** Decides what `action` comes to. Pure but for the memo: `toque plan` shows it too. */
export function assessApply(context: ExecutorContext, act: Act, action: ApplyAction): Assessment {
  const { apiVersion, kind: kindName, metadata } = action.object;
  const checked = checkTarget(context.declarations, act.primary, "apply", { apiVersion, kind: kindName, name: metadata.name, ...namespaceOf(action.object) });
  if (!checked.ok) return { kind: "settle", outcome: checked.outcome };
  const { target } = checked;
  const { kind, namespace, name } = target;
  const owned = act.owned(kind, namespace, name);
  const stray = act.stray(kind, namespace, name);
  if (stray !== undefined && kind.owned?.shared !== true) return { kind: "settle", outcome: strayOutcome(act, action, target, stray) };
  const existing = owned ?? stray;
  if (action.uid !== undefined && action.uid !== existing?.uid) {
    return { kind: "settle", outcome: failedOutcome("NotOwned", `apply ${kindName} ${name}: no object of its own with uid ${action.uid} was observed`) };
  }
  const released = (action.release ?? []).map((path) => path.split("."));
  const wanted = released.reduce<JsonObject>(without, action.object) as unknown as KubeObject;
  const intent = intentOf(wanted, kind, act.primary, linkFor(kind, existing, act.primary));
  const hash = context.memo.hash(intent.text);
  if (existing !== undefined) {
    const same = assessExisting(context, act, target, existing, intent, hash);
    if (same !== undefined) return same;
  }
  return { kind: "send", target, existing, intent, hash };
}

function namespaceOf(object: KubeObject): { namespace?: string } {
  const { namespace } = object.metadata;
  return namespace === undefined ? {} : { namespace };
}

function strayOutcome(act: Act, action: ApplyAction, target: Target, stray: CachedObject): Outcome {
  const adopted = act.decided.plan.actions.some((other) => other.type === "adopt" && other.uid === stray.uid && other.stage >= action.stage);
  const what = `${target.kind.ref.kind} ${target.name}`;
  if (adopted) return abandonedOutcome(`${what} is being adopted first`);
  const adopting = act.decided.plan.actions.some((other) => other.type === "adopt" && other.uid === stray.uid);
  if (adopting) return abandonedOutcome(`${what} was adopted in this pass; the next one sees it as its own`);
  return failedOutcome("Stray", `apply ${what}: it exists and is not ours; adopt it, or remove it by hand`);
}

/** Undefined: it must be sent. */
function assessExisting(
  context: ExecutorContext, act: Act, target: Target, existing: CachedObject, intent: Intent, hash: string,
): Assessment | undefined {
  const { memo, declarations, clock } = context;
  const id = targetId(target.kind, target.namespace, target.name);
  const skip: Assessment = { kind: "settle", outcome: SKIPPED };
  if (memo.isSettled(id, hash, existing.resourceVersion)) return skip;
  if (hasPlaceholders(intent.object)) return undefined;
  const live = parseJson(existing.text(target.kind.projection)) as JsonObject;
  if (nothingWouldChange(target, declarations.managerFor(target.kind, act.primary.uid), declarations.manifest.types, act.primary, existing, live, intent, hash)) {
    memo.settled(id, hash, existing.resourceVersion);
    return skip;
  }
  if (memo.isNoop(id, hash, live)) {
    memo.settled(id, hash, existing.resourceVersion);
    return skip;
  }
  const retryAfterMs = memo.contestedMs(id, hash, clock.monotonicMs());
  if (retryAfterMs <= 0) return undefined;
  const message = `apply ${target.kind.ref.kind} ${target.name}: something else undoes it again and again; see its managedFields for who`;
  return { kind: "settle", outcome: failedOutcome("Contested", message, retryAfterMs) };
}

/**
 * Every field is as the intent says, we own exactly these fields, and the link is there. `hash`: the intent's. We own what
 * our Apply entry lists; of an object that was created by POST and never applied since, what created it.
 */
export function nothingWouldChange(
  target: Target, manager: string, types: Parameters<typeof holdsAlready>[3], primary: CachedObject,
  existing: CachedObject, live: JsonObject, intent: Intent, hash: string,
): boolean {
  const metadata = intent.object["metadata"] as JsonObject;
  if (metadata["ownerReferences"] !== undefined && !hasReference(existing, primary, metadata["ownerReferences"] as JsonObject[])) return false;
  if (!holdsAlready(intent.object, withLabels(live, existing), target.kind.type, types)) return false;
  const applied = existing.applied.get(manager);
  if (isPosted(target, existing)) return applied === undefined && existing.createdAs === createdAs(hash);
  return ownsExactly(fieldSetOf(intent.object, target.kind.type, types), applied);
}

/** A shared object may be another operator's, and its annotation too. */
function isPosted({ kind }: Target, existing: CachedObject): boolean {
  return existing.createdAs !== undefined && kind.owned?.shared !== true;
}

function hasReference(existing: CachedObject, primary: CachedObject, wanted: readonly JsonObject[]): boolean {
  const controller = wanted[0]!["controller"] === true;
  return existing.owners.some((owner) => owner.uid === primary.uid && owner.controller === controller && owner.name === primary.ref.name);
}

/** Labels are always in the cache, declared or not: the owner's label is the host's own. */
function withLabels(live: JsonObject, existing: CachedObject): JsonObject {
  return { ...live, metadata: { ...(live["metadata"] as JsonObject), labels: { ...existing.labels }, finalizers: [...existing.finalizers] } };
}

export async function apply(context: ExecutorContext, act: Act, action: ApplyAction): Promise<Outcome> {
  const assessed = assessApply(context, act, action);
  if (assessed.kind === "settle") return assessed.outcome;
  const { target, existing, intent, hash } = assessed;
  const released = action.release ?? [];
  if (existing === undefined && released.length === 0 && mayPost(target)) return post(context, act, target, intent, hash);
  if (existing !== undefined) {
    const manager = context.declarations.managerFor(target.kind, act.primary.uid);
    const base = isPosted(target, existing)
      ? await takeOver(context, act, target, existing, manager, released.length > 0)
      : { resourceVersion: existing.resourceVersion, applied: existing.applied.get(manager) };
    for (const path of released) await handOver(context, act, target, existing, base, path.split("."));
  }
  const identity = existing === undefined ? { resourceVersion: ONLY_CREATE } : { uid: existing.uid };
  if (hasPlaceholders(intent.object)) {
    const filled = await fillSecret(context, act, target, existing, intent);
    if (filled === undefined) {
      context.memo.settled(targetId(target.kind, target.namespace, target.name), hash, existing!.resourceVersion);
      return SKIPPED;
    }
    return sendApply(context, act, target, existing, { object: intent.object, text: filled }, hash, identity);
  }
  return sendApply(context, act, target, existing, intent, hash, identity);
}

/** Secrets are not, for their values are not in the cache to be compared; nor what others may apply to as well. */
function mayPost({ kind }: Target): boolean {
  return kind.owned?.shared !== true && !kind.projection.secret;
}

/** Creates an object that was not observed; 409 when somebody else did in between. */
async function post(context: ExecutorContext, act: Act, target: Target, intent: Intent, hash: string): Promise<Outcome> {
  const { kind, namespace, name } = target;
  const { declarations, memo, ownWrites, clock } = context;
  // Strict: an apply refuses fields that the server doesn't know, where a POST would drop them in silence.
  const path = withQuery(collectionPath(kind.ref, namespace), { fieldManager: declarations.managerFor(kind, act.primary.uid), fieldValidation: "Strict" });
  const written = await context.writer.write("POST", path, createBody(intent, hash), JSON_TYPE);
  ownWrites.wrote(act.key, kind, namespace, name, written.resourceVersion);
  memo.applied(targetId(kind, namespace, name), hash, written.resourceVersion, clock.monotonicMs());
  return DONE;
}

async function sendApply(
  context: ExecutorContext, act: Act, target: Target, existing: CachedObject | undefined, intent: Intent, hash: string,
  identity: { uid?: string; resourceVersion?: string },
): Promise<Outcome> {
  const { kind, namespace, name } = target;
  const { declarations, memo, ownWrites, clock } = context;
  const force = kind.owned?.shared === true ? undefined : "true";
  const path = withQuery(objectPath(kind.ref, namespace, name), { fieldManager: declarations.managerFor(kind, act.primary.uid), force });
  const written = await context.writer.write("PATCH", path, applyBody(intent, identity), APPLY_PATCH);
  ownWrites.wrote(act.key, kind, namespace, name, written.resourceVersion);
  const id = targetId(kind, namespace, name);
  if (existing !== undefined && written.resourceVersion === existing.resourceVersion) {
    memo.noop(id, hash, written.resourceVersion, parseJson(existing.text(kind.projection)) as JsonObject);
    return SKIPPED;
  }
  memo.applied(id, hash, written.resourceVersion, clock.monotonicMs());
  return DONE;
}

/**
 * Gives a field to whoever else writes it, keeping its value: a second manager applies the value that is there, at the
 * version that was seen; then our apply without it takes nothing away.
 */
async function handOver(context: ExecutorContext, act: Act, target: Target, existing: CachedObject, base: Base, path: string[]): Promise<void> {
  const { declarations, writer, ownWrites } = context;
  const { kind, namespace, name } = target;
  if (!ownsPath(base.applied, path)) return;
  const value = valueAt(parseJson(existing.text(kind.projection)), path);
  if (value === undefined) return;
  const object: JsonObject = {
    apiVersion: kind.ref.apiVersion, kind: kind.ref.kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) }, ...nested(path, value),
  };
  const body = applyBody({ object, text: JSON.stringify(object) }, { uid: existing.uid, resourceVersion: base.resourceVersion });
  const url = withQuery(objectPath(kind.ref, namespace, name), { fieldManager: `${declarations.fieldManager}-released` });
  const written = await writer.write("PATCH", url, body, APPLY_PATCH);
  ownWrites.wrote(act.key, kind, namespace, name, written.resourceVersion);
}

