/**
 * The annotation that `kubectl apply` keeps what it applied in. Who comes from there to server-side apply, as the manager
 * "kubectl", meets no conflicts about what was applied that way; and the annotation is kept up to date.
 */
import { type ClusterObject, type Json, type JsonObject } from "../model.ts";
import { parseJson } from "../../../bindings/protocol/json.ts";
import { compareObjects } from "./compare.ts";
import { allFields, type Conflict, otherConflicts } from "./conflicts.ts";
import { difference, type FieldSet, isEmptySet, union } from "./field-set.ts";
import { goSortedJson } from "./go-text.ts";
import { asJson, isObject } from "./json.ts";
import { ShapeMismatch, shapeOf } from "./shape.ts";
import type { Tracked } from "./tracking.ts";
import { complaintsOf } from "./validate.ts";
import { appliedSet } from "./whole-set.ts";

export const KUBECTL = "kubectl";
const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";
/** Bytes of names and values together. */
const ANNOTATIONS_MAX = 256 * 1024;

/** Those of the conflicts that remain: all of them where the annotation says nothing, none where it covers every one. */
export function fieldsAllowedByLastApplied(request: Tracked, conflicts: Conflict[]): Conflict[] {
  const allowed = lastAppliedFields(request);
  if (allowed === undefined) return conflicts;
  return isEmptySet(difference(allFields(conflicts), allowed)) ? [] : otherConflicts(conflicts, allowed);
}

/** Fields that were applied and still have the value that was applied. */
function lastAppliedFields({ live, types, type, apiVersion }: Tracked): FieldSet | undefined {
  const applied = parsed(live?.metadata.annotations?.[LAST_APPLIED]);
  const shape = shapeOf(types, type);
  if (applied === undefined || applied["apiVersion"] !== apiVersion || typeof applied["kind"] !== "string") return undefined;
  if (complaintsOf(applied, shape, false).length > 0 || complaintsOf(asJson(live!), shape, false).length > 0) return undefined;
  try {
    const { modified, added, removed } = compareObjects(applied, asJson(live!), shape);
    return difference(appliedSet(applied, shape), union(union(modified, added), removed));
  } catch (error) {
    if (error instanceof ShapeMismatch) return undefined;
    throw error;
  }
}

function parsed(text: string | undefined): JsonObject | undefined {
  if (text === undefined || text === "") return undefined;
  try {
    const found = parseJson(text);
    return isObject(found) ? found : undefined;
  } catch {
    return undefined;
  }
}

/** Where the object has the annotation, it says what was applied now; where that is too long, it goes. */
export function withLastApplied(object: ClusterObject, intent: JsonObject): ClusterObject {
  const annotations = object.metadata.annotations;
  const before = annotations?.[LAST_APPLIED];
  if (typeof before !== "string" || before === "") return object;
  const { [LAST_APPLIED]: _, ...others } = annotations!;
  const text = `${goSortedJson(withoutAnnotation(intent))}\n`;
  const changed = { ...annotations, [LAST_APPLIED]: text };
  return { ...object, metadata: { ...object.metadata, annotations: sizeOf(changed) > ANNOTATIONS_MAX ? others : changed } };
}

function withoutAnnotation(intent: JsonObject): Json {
  const metadata = intent["metadata"];
  if (!isObject(metadata) || metadata["annotations"] === undefined) return intent;
  const { annotations, ...others } = metadata;
  if (!isObject(annotations)) return { ...intent, metadata: others };
  const { [LAST_APPLIED]: _, ...kept } = annotations;
  return { ...intent, metadata: { ...others, annotations: kept } };
}

function sizeOf(annotations: { [name: string]: string }): number {
  let size = 0;
  for (const [name, value] of Object.entries(annotations)) size += utf8Length(name) + utf8Length(value);
  return size;
}

function utf8Length(text: string): number {
  let length = text.length;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit >= 0x80) length += unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 1 : 2;
  }
  return length;
}
