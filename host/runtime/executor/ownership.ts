/**
 * Taking over an object that was created by POST: from then on our fields of it are those of an apply.
 */
import { parseJson, stringifyJson } from "../../../bindings/protocol/json.ts";
import type { JsonObject } from "../../../bindings/protocol/types.ts";
import { objectPath, send, withQuery } from "../api.ts";
import { asApplied, CREATED_AS } from "../apply/created.ts";
import { ApiError, type CachedObject } from "../contracts.ts";
import { MERGE_PATCH } from "../writer.ts";
import type { Act, ExecutorContext } from "./act.ts";
import type { Target } from "./check.ts";

/** What of an object its next apply builds on. */
export interface Base {
  readonly resourceVersion: string;
  /** `fieldsV1` of our Apply entry. */
  readonly applied: string | undefined;
}

/** `managedFields` aren't cached, and the rest of the object is not asked for. */
const METADATA_ONLY = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1, application/json";

/**
 * Turns `manager`'s Update entry into an Apply entry and drops the annotation, at the version that was just read. A
 * crash after it leaves an Apply entry that lists more than the intent: the next pass applies. `exact`: only at the
 * version that was observed. Throws ApiError (Conflict when the object moved meanwhile) and TransportError.
 */
export async function takeOver(context: ExecutorContext, act: Act, target: Target, existing: CachedObject, manager: string, exact: boolean): Promise<Base> {
  const { kind, namespace, name } = target;
  const path = objectPath(kind.ref, namespace, name);
  const metadata = await readMetadata(context, path);
  const { uid, resourceVersion } = metadata as unknown as { uid: string; resourceVersion: string };
  if (uid !== existing.uid || (exact && resourceVersion !== existing.resourceVersion)) {
    throw new ApiError(409, "Conflict", `apply ${kind.ref.kind} ${name}: it is not the one that was observed any more`);
  }
  const { managedFields, fieldsV1 } = asApplied((metadata["managedFields"] ?? []) as JsonObject[], manager);
  const patch = { metadata: { uid, resourceVersion, annotations: { [CREATED_AS]: null }, managedFields } };
  const written = await context.writer.write("PATCH", withQuery(path, { fieldManager: manager }), stringifyJson(patch), MERGE_PATCH);
  context.ownWrites.wrote(act.key, kind, namespace, name, written.resourceVersion);
  return { resourceVersion: written.resourceVersion, applied: stringifyJson(fieldsV1) };
}

async function readMetadata({ transport, text }: ExecutorContext, path: string): Promise<JsonObject> {
  const { body } = await send(transport, text, { method: "GET", path, accept: METADATA_ONLY });
  return (parseJson(text.decodeUtf8(body, 0, body.length)) as JsonObject)["metadata"] as JsonObject;
}
