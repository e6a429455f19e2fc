/**
 * create, patch, delete, evict, adopt: writes with the preconditions of what was observed.
 */
import { parseJson, stringifyJson } from "../../../bindings/protocol/json.ts";
import type {
  AdoptAction, CreateAction, DeleteAction, EvictAction, Json, JsonObject, PatchAction,
} from "../../../bindings/protocol/types.ts";
import { collectionPath, objectPath, withQuery } from "../api.ts";
import { applyBody, intentOf, linkFor, ownerReference } from "../apply/intent.ts";
import { canonical, isObject } from "../apply/types.ts";
import { ApiError, type CachedObject } from "../contracts.ts";
import { OWNER_LABEL } from "../declarations.ts";
import { APPLY_PATCH, JSON_TYPE, MERGE_PATCH } from "../writer.ts";
import { type Act, DONE, type ExecutorContext, failedOutcome, type Outcome, SKIPPED } from "./act.ts";
import { checkObserved, checkTarget, type Target } from "./check.ts";
import { fillSecret, hasPlaceholders } from "./secret-values.ts";

/** Creates once; one that is there already is left as it is. */
export async function create(context: ExecutorContext, act: Act, action: CreateAction): Promise<Outcome> {
  const { apiVersion, kind: kindName, metadata } = action.object;
  const ref = { apiVersion, kind: kindName, name: metadata.name, ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }) };
  const checked = checkTarget(context.declarations, act.primary, "create", ref);
  if (!checked.ok) return checked.outcome;
  const { kind, namespace, name } = checked.target;
  if (act.owned(kind, namespace, name) !== undefined) return SKIPPED;
  if (act.stray(kind, namespace, name) !== undefined) {
    return failedOutcome("Stray", `create ${kindName} ${name}: one exists and is not ours; adopt it, or remove it by hand`);
  }
  const intent = intentOf(action.object, kind, act.primary, linkFor(kind, undefined, act.primary));
  const body = hasPlaceholders(intent.object) ? (await fillSecret(context, act, checked.target, undefined, intent))! : intent.text;
  const path = withQuery(collectionPath(kind.ref, namespace), { fieldManager: context.declarations.managerFor(kind, act.primary.uid) });
  const written = await context.writer.write("POST", path, body, JSON_TYPE);
  context.ownWrites.wrote(act.key, kind, namespace, name, written.resourceVersion);
  return DONE;
}

/** A JSON merge patch at the observed uid and resourceVersion; skipped when the object is so already. */
export async function patch(context: ExecutorContext, act: Act, action: PatchAction): Promise<Outcome> {
  const checked = checkObserved(act, context.declarations, action);
  if (!checked.ok) return checked.outcome;
  const { object, target } = checked;
  const forbidden = hostsOwn(action.patch);
  if (forbidden !== undefined) return failedOutcome("Refused", `patch ${target.kind.ref.kind} ${target.name}: ${forbidden} is the host's to write`);
  if (patchHolds(action.patch, parseJson(object.text(target.kind.projection)))) return SKIPPED;
  const given = action.patch["metadata"];
  const metadata = { ...(isObject(given) ? given : {}), uid: object.uid, resourceVersion: object.resourceVersion };
  return writeObject(context, act, target, "PATCH", withManager(context, target), stringifyJson({ ...action.patch, metadata }), MERGE_PATCH);
}

/** Links and identity tie objects to their primary: a core may not loosen them. */
function hostsOwn(patch: JsonObject): string | undefined {
  const { metadata } = patch;
  if (!isObject(metadata)) return metadata === undefined ? undefined : "metadata";
  const field = Object.keys(metadata).find((name) => name !== "labels" && name !== "annotations" && name !== "finalizers");
  if (field !== undefined) return `metadata.${field}`;
  const { labels } = metadata;
  return labels === null || (isObject(labels) && Object.hasOwn(labels, OWNER_LABEL)) ? `metadata.labels[${OWNER_LABEL}]` : undefined;
}

/** True when merging `patch` into `live` would change nothing. */
export function patchHolds(patch: Json, live: Json | undefined): boolean {
  if (patch === null) return live === undefined || live === null;
  if (!isObject(patch)) return live !== undefined && canonical(patch) === canonical(live);
  return isObject(live) && Object.entries(patch).every(([name, value]) => patchHolds(value, live[name]));
}

/** Deletes exactly the object that was observed, as it was observed. */
export async function remove(context: ExecutorContext, act: Act, action: DeleteAction): Promise<Outcome> {
  const checked = checkObserved(act, context.declarations, action);
  if (!checked.ok) return checked.outcome;
  const { object, target } = checked;
  if (object.deletionTimestamp !== undefined) return SKIPPED;
  const propagation = action.propagationPolicy === undefined ? {} : { propagationPolicy: action.propagationPolicy };
  const body = stringifyJson({ apiVersion: "v1", kind: "DeleteOptions", preconditions: preconditions(object), ...propagation });
  return takeAway(context, act, target, object, () => context.writer.write("DELETE", objectPath(target.kind.ref, target.namespace, target.name), body, JSON_TYPE));
}

/** Like `remove`, through the Pod's disruption budget. */
export async function evict(context: ExecutorContext, act: Act, action: EvictAction): Promise<Outcome> {
  const checked = checkObserved(act, context.declarations, action);
  if (!checked.ok) return checked.outcome;
  const { object, target } = checked;
  if (object.deletionTimestamp !== undefined) return SKIPPED;
  const { namespace, name } = target;
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }) };
  const body = stringifyJson({ apiVersion: "policy/v1", kind: "Eviction", metadata, deleteOptions: { preconditions: preconditions(object) } });
  return takeAway(context, act, target, object, () => context.writer.write("POST", objectPath(target.kind.ref, namespace, name, "eviction"), body, JSON_TYPE));
}

function preconditions(object: CachedObject): JsonObject {
  return { uid: object.uid, resourceVersion: object.resourceVersion };
}

async function takeAway(
  context: ExecutorContext, act: Act, target: Target, object: CachedObject, request: () => Promise<unknown>,
): Promise<Outcome> {
  try {
    await request();
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 404) throw error;
  }
  context.ownWrites.deleted(act.key, target.kind, target.namespace, target.name, object.uid);
  return DONE;
}

/**
 * Gives a stray this operator's link, by a manager of its own: our main manager may still hold fields from an earlier
 * primary of the same name, and an apply of only the link would drop them.
 */
export async function adopt(context: ExecutorContext, act: Act, action: AdoptAction): Promise<Outcome> {
  const checked = checkObserved(act, context.declarations, action);
  if (!checked.ok) return checked.outcome;
  const { object, target } = checked;
  const { kind, namespace, name } = target;
  const controller = object.owners.find((owner) => owner.controller);
  const byLabel = kind.owned?.link === "uidLabel";
  if (!byLabel && controller !== undefined) {
    return failedOutcome("Stray", `adopt ${kind.ref.kind} ${name}: ${controller.kind} ${controller.name} controls it`);
  }
  const link: JsonObject = byLabel
    ? { labels: { [OWNER_LABEL]: act.primary.uid } }
    : { ownerReferences: [ownerReference(act.primary, kind.owned?.shared !== true)] };
  const body: JsonObject = { apiVersion: kind.ref.apiVersion, kind: kind.ref.kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }), ...link } };
  const text = applyBody({ object: body, text: stringifyJson(body) }, { uid: object.uid, resourceVersion: object.resourceVersion });
  const path = withQuery(objectPath(kind.ref, namespace, name), { fieldManager: `${context.declarations.fieldManager}-adopted`, force: "true" });
  return writeObject(context, act, target, "PATCH", path, text, APPLY_PATCH);
}

/** Not the main manager: taking over what that created by POST would make a patched field one that an apply drops. */
function withManager(context: ExecutorContext, target: Target): string {
  return withQuery(objectPath(target.kind.ref, target.namespace, target.name), { fieldManager: `${context.declarations.fieldManager}-patched` });
}

async function writeObject(
  context: ExecutorContext, act: Act, target: Target, method: "PATCH", path: string, body: string, contentType: string,
): Promise<Outcome> {
  const written = await context.writer.write(method, path, body, contentType);
  context.ownWrites.wrote(act.key, target.kind, target.namespace, target.name, written.resourceVersion);
  return DONE;
}
