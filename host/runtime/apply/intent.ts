/**
 * The body of an apply: the fields that the core wants, and the link to its primary, which only the host sets.
 */
import { stringifyJson } from "../../../bindings/protocol/json.ts";
import type { Json, JsonObject, KubeObject } from "../../../bindings/protocol/types.ts";
import type { CachedObject } from "../contracts.ts";
import { type DeclaredKind, isOwnedBy, namespaceFor, OWNER_LABEL } from "../declarations.ts";

export interface Intent {
  /** Everything but uid and resourceVersion. */
  readonly object: JsonObject;
  /** Its JSON text: the same intent, the same text, whatever object it meets. */
  readonly text: string;
}

/** How the object gets tied to its primary. `none`: a shared object that was there before us. */
export type Link = "controller" | "owner" | "label" | "none";

/**
 * A shared object that somebody else made gets no link: with ours as its only owner reference the garbage collector
 * would take it away together with the primary.
 */
export function linkFor(kind: DeclaredKind, existing: CachedObject | undefined, primary: CachedObject): Link {
  const shared = kind.owned?.shared === true;
  const byLabel = kind.owned?.link === "uidLabel";
  if (!shared) return byLabel ? "label" : "controller";
  if (existing === undefined || isOwnedBy(kind, existing, primary.uid)) return byLabel ? "label" : "owner";
  return !byLabel && existing.owners.length > 0 ? "owner" : "none";
}

/** `status` never is part of an intent: servers own it, and ignore it here. */
export function intentOf(object: KubeObject, kind: DeclaredKind, primary: CachedObject, link: Link): Intent {
  const { apiVersion, kind: kindName, metadata, status, ...rest } = object;
  void status;
  const body: JsonObject = { apiVersion, kind: kindName, metadata: linkedMetadata(metadata, kind, primary, link), ...rest };
  return { object: body, text: stringifyJson(body) };
}

function linkedMetadata(given: JsonObject, kind: DeclaredKind, primary: CachedObject, link: Link): JsonObject {
  const metadata: JsonObject = { name: given["name"] ?? "" };
  const namespace = namespaceFor(kind, given["namespace"] as string | undefined, primary);
  if (namespace !== undefined) metadata["namespace"] = namespace;
  for (const name of ["labels", "annotations", "finalizers"]) {
    const value = given[name];
    if (value !== undefined && value !== null) metadata[name] = value;
  }
  if (link === "label") {
    metadata["labels"] = { ...(metadata["labels"] as JsonObject | undefined), [OWNER_LABEL]: primary.uid };
  } else if (link !== "none") {
    metadata["ownerReferences"] = [ownerReference(primary, link === "controller")];
  }
  return metadata;
}

/** The owner reference to `primary`; `controller` on objects that have no other master. */
export function ownerReference(primary: CachedObject, controller: boolean): JsonObject {
  const { apiVersion, kind, name } = primary.ref;
  const reference: JsonObject = { apiVersion, kind, name, uid: primary.uid };
  if (controller) {
    reference["controller"] = true;
    reference["blockOwnerDeletion"] = true;
  }
  return reference;
}

/** The request's body: `intent`, tied to the object that was observed, or to there being none. */
export function applyBody(intent: Intent, identity: { uid?: string; resourceVersion?: string }): string {
  return spliced(intent.text, members(identity));
}

/** An intent's text with `members` ("name":value, each with a comma) put before those of its metadata. */
export function spliced(text: string, members: string): string {
  const marker = '"metadata":{';
  const at = text.indexOf(marker) + marker.length;
  return `${text.slice(0, at)}${members}${text.slice(at)}`;
}

function members(identity: { readonly [name: string]: string | undefined }): string {
  return Object.entries(identity).map(([name, value]) => (value === undefined ? "" : `${JSON.stringify(name)}:${JSON.stringify(value)},`)).join("");
}

/** Reads the value at a dotted path of struct members. */
export function valueAt(object: Json | undefined, path: readonly string[]): Json | undefined {
  let at: Json | undefined = object;
  for (const name of path) {
    if (typeof at !== "object" || at === null || Array.isArray(at)) return undefined;
    at = at[name];
  }
  return at;
}

/** An object with only `value`, at `path`. */
export function nested(path: readonly string[], value: Json): JsonObject {
  return path.reduceRight<Json>((inner, name) => ({ [name]: inner }), value) as JsonObject;
}

/** `object` without what is at `path`; structs left empty by that go too. */
export function without(object: JsonObject, path: readonly string[]): JsonObject {
  const [name, ...rest] = path as [string, ...string[]];
  if (!Object.hasOwn(object, name)) return object;
  const { [name]: inner, ...others } = object;
  if (rest.length === 0 || typeof inner !== "object" || inner === null || Array.isArray(inner)) return rest.length === 0 ? others : object;
  const left = without(inner, rest);
  return Object.keys(left).length === 0 ? others : { ...object, [name]: left };
}
