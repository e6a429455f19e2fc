/**
 * Writes to the primary itself: its status, the latch before an outside call, the finalizer. All at the resourceVersion
 * that the pass observed, or that its own last write gave: two hosts can't both get past one of them.
 */
import { parseJson, stringifyJson } from "../../../bindings/protocol/json.ts";
import type { JsonObject, LatchAction } from "../../../bindings/protocol/types.ts";
import { objectPath, withQuery } from "../api.ts";
import { isObject } from "../apply/types.ts";
import { MERGE_PATCH } from "../writer.ts";
import { type Act, DONE, type ExecutorContext, type Outcome, SKIPPED } from "./act.ts";
import { patchHolds } from "./objects.ts";

/** Writes to the primary or its status subresource, and remembers the new resourceVersion. */
export async function patchPrimary(context: ExecutorContext, act: Act, patch: JsonObject, subresource?: "status"): Promise<void> {
  const { declarations, writer, ownWrites } = context;
  const { namespace, name } = act.primary.ref;
  const given = patch["metadata"];
  const metadata = { ...(isObject(given) ? given : {}), uid: act.primary.uid, resourceVersion: act.primaryVersion };
  const path = withQuery(objectPath(declarations.primary.ref, namespace, name, subresource), { fieldManager: declarations.fieldManager });
  const written = await writer.write("PATCH", path, stringifyJson({ metadata, ...without(patch, "metadata") }), MERGE_PATCH);
  if (written.resourceVersion !== "") act.primaryVersion = written.resourceVersion;
  ownWrites.wrote(act.key, declarations.primary, namespace, name, written.resourceVersion);
}

function without(object: JsonObject, name: string): JsonObject {
  const { [name]: dropped, ...rest } = object;
  void dropped;
  return rest;
}

/** Bumps the primary's resourceVersion where the latch itself would change nothing. */
const FENCE = "toque.dev/fence";

/**
 * Makes status fields so before anything of a later stage happens. When they are so already (a crash came between latch
 * and call) and a call follows, an annotation is written instead: only a write that moves the resourceVersion keeps a
 * second host from getting past the same latch.
 */
export async function latch(context: ExecutorContext, act: Act, action: LatchAction): Promise<Outcome> {
  const live = parseJson(act.primary.text(context.declarations.primary.projection)) as JsonObject;
  if (!patchHolds(action.status, live["status"])) {
    await patchPrimary(context, act, { status: action.status }, "status");
    return DONE;
  }
  if (!guardsCall(context, act, action)) return SKIPPED;
  // The version itself: it never was written here before, so the write surely changes something.
  await patchPrimary(context, act, { metadata: { annotations: { [FENCE]: act.primaryVersion } } });
  return DONE;
}

function guardsCall(context: ExecutorContext, act: Act, action: LatchAction): boolean {
  return act.decided.plan.actions.some((other) => other.type === "http" && other.stage > action.stage
    && context.declarations.calls.get(other.call.name)?.effect !== "read");
}

/** Adds the host's finalizer, unless it is there. */
export async function ensureFinalizer(context: ExecutorContext, act: Act): Promise<void> {
  const { finalizer } = context.declarations;
  const { finalizers } = act.primary;
  if (finalizers.includes(finalizer)) return;
  await patchPrimary(context, act, { metadata: { finalizers: [...finalizers, finalizer] } });
}

export async function removeFinalizer(context: ExecutorContext, act: Act): Promise<void> {
  const { finalizer } = context.declarations;
  const finalizers = act.primary.finalizers.filter((other) => other !== finalizer);
  await patchPrimary(context, act, { metadata: { finalizers: finalizers.length === 0 ? null : finalizers } });
}
