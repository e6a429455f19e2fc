/**
 * What the server itself keeps in `metadata`.
 */
import type { Random } from "../../platform/platform.ts";
import type { ClusterObject, Json, Metadata, OwnerReference } from "../model.ts";
import { inServerOrder } from "../schema/decode.ts";
import { isObject } from "../schema/json-values.ts";
import type { Scope } from "./scope.ts";
import { badRequest } from "./status-error.ts";

const NAME_LENGTH_MAX = 63;
const SUFFIX_LENGTH = 5;
/** Without vowels and what looks alike, so that no words come out. */
const SUFFIX_ALPHABET = "bcdfghjklmnpqrstvwxz2456789";

export function wipeSystemFields(metadata: Metadata): void {
  delete metadata.uid;
  delete metadata.creationTimestamp;
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  delete (metadata as { selfLink?: string }).selfLink;
}

/** The namespace of the path goes into the object; another one in it is refused. */
export function ensureNamespace(metadata: Metadata, namespace: string): void {
  const own = metadata.namespace ?? "";
  if (own === namespace) return;
  if (own !== "" && namespace !== "") throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
  if (namespace === "") delete metadata.namespace;
  else metadata.namespace = namespace;
}

export function generatedName(base: string, random: Random): string {
  let name = base.slice(0, NAME_LENGTH_MAX - SUFFIX_LENGTH);
  for (let n = 0; n < SUFFIX_LENGTH; n++) name += SUFFIX_ALPHABET[Math.floor(random.next() * SUFFIX_ALPHABET.length)];
  return name;
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** RFC 4122, version 4. */
export function uuid(random: Random): string {
  const words = [0, 0, 0, 0].map(() => Math.floor(random.next() * 0x1_0000_0000));
  const [a, b, c, d] = words as [number, number, number, number];
  const four = (word: number): string => HEX[(word >>> 8) & 0xff]! + HEX[word & 0xff]!;
  const eight = (word: number): string => four(word >>> 16) + four(word);
  return `${eight(a)}-${four(b >>> 16)}-${four((b & 0x0fff) | 0x4000)}-${four(((c >>> 16) & 0x3fff) | 0x8000)}-${four(c)}${eight(d)}`;
}

/** A reference that is there twice is dropped with a warning. */
export function dedupOwnerReferences(object: ClusterObject, scope: Scope, afterAdmission: boolean): void {
  const references = object.metadata.ownerReferences;
  if (references === undefined || references.length < 2) return;
  const kept: OwnerReference[] = [];
  const dropped: string[] = [];
  for (const reference of references) {
    if (kept.some((other) => sameReference(other, reference))) dropped.push(reference.uid);
    else kept.push(reference);
  }
  if (dropped.length === 0) return;
  const when = afterAdmission ? " after mutating admission happens" : "";
  scope.warn(`.metadata.ownerReferences contains duplicate entries${when}; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ${dropped.join(", ")}`);
  object.metadata.ownerReferences = kept;
}

function sameReference(a: OwnerReference, b: OwnerReference): boolean {
  return a.uid === b.uid && a.name === b.name && a.kind === b.kind && a.apiVersion === b.apiVersion
    && a.controller === b.controller && a.blockOwnerDeletion === b.blockOwnerDeletion;
}

/** As the real server writes it: fields in order, empty ones as Go has them, with a place for the resourceVersion. */
export function inOrder(scope: Scope, object: ClusterObject, resourceVersion: string | undefined): ClusterObject {
  const { resourceVersion: _, ...metadata } = object.metadata;
  const numbered = { ...object, metadata: resourceVersion === undefined ? metadata : { ...metadata, resourceVersion } };
  const { storage } = scope.entry;
  if (!storage.custom) return inServerOrder(numbered, storage);
  return { ...numbered, metadata: inMetadataOrder(numbered.metadata) };
}

const ORDER: readonly (keyof Metadata)[] = [
  "name", "generateName", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp",
  "deletionGracePeriodSeconds", "labels", "annotations", "ownerReferences", "finalizers", "managedFields",
];

function inMetadataOrder(metadata: Metadata): Metadata {
  const ordered: { [field: string]: unknown } = {};
  for (const field of ORDER) if (metadata[field] !== undefined && metadata[field] !== "") ordered[field] = metadata[field];
  return ordered as unknown as Metadata;
}

/** `managedFields: []` asks to forget all managers, and decoding leaves empty lists out. */
export function keepWishToForget(body: Json, object: ClusterObject): void {
  const metadata = isObject(body) ? body["metadata"] : undefined;
  const asked = metadata !== undefined && isObject(metadata) ? metadata["managedFields"] : undefined;
  if (Array.isArray(asked) && asked.length === 0) object.metadata.managedFields = [];
}
