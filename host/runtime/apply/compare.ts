/**
 * Would making the fields of an intent so change the object that is there? Compared by the schema's types: `1000m` is
 * `1`, list items are found by their keys, a value that Go leaves out when empty is equal to nothing.
 *
 * Half of the answer to "would this apply change anything": `field-set.ts` is the other half. A field that another writer
 * changed leaves our set, and a field that we no longer want is in it still, so this walk may ignore what the intent does
 * not name - except inside atomic values, which are replaced whole: there, what the intent lacks must be a default that
 * the server would fill in again.
 */
import type { FieldDef, Scalar, TypeRef } from "../../../bindings/protocol/manifest.ts";
import type { Json, JsonObject } from "../../../bindings/protocol/types.ts";
import { parseRfc3339 } from "../../values/time.ts";
import { IDENTITY } from "./metadata.ts";
import { sameQuantity } from "../../values/quantity.ts";
import { ANY_JSON, canonical, fieldOf, isObject, isZero, itemKey, type ListType, type MapType, type Types, typeNamed } from "./types.ts";

/** True when every field of `intent` is so in `live`. Both are whole objects of the type `rootType`. */
export function holdsAlready(intent: JsonObject, live: JsonObject, rootType: string, types: Types): boolean {
  for (const [name, value] of Object.entries(intent)) {
    if (name === "apiVersion" || name === "kind") continue;
    const type = fieldOf(typeNamed(types, rootType), name, true)?.type ?? ANY_JSON;
    const wanted = name === "metadata" ? withoutIdentity(value) : value;
    if (!memberHolds(wanted, live[name], type, types, false)) return false;
  }
  return true;
}

/** Equality of two values of one type, both ways; for status, where nothing is filled in. */
export function sameValue(a: Json | undefined, b: Json | undefined, type: TypeRef, types: Types): boolean {
  return memberHolds(a ?? null, b, type, types, true) && memberHolds(b ?? null, a, type, types, true);
}

function withoutIdentity(metadata: Json): Json {
  if (!isObject(metadata)) return metadata;
  return Object.fromEntries(Object.entries(metadata).filter(([name]) => !IDENTITY.has(name) && name !== "ownerReferences"));
}

function memberHolds(wanted: Json, live: Json | undefined, type: TypeRef, types: Types, atomic: boolean): boolean {
  if (live === undefined || live === null) return isZero(wanted);
  if (wanted === null) return false;
  return valueHolds(wanted, live, type, types, atomic);
}

function valueHolds(wanted: Json, live: Json, type: TypeRef, types: Types, atomic: boolean): boolean {
  if ("scalar" in type) return scalarHolds(wanted, live, type.scalar, atomic);
  if ("list" in type) return Array.isArray(wanted) && Array.isArray(live) && listHolds(wanted, live, type, types, atomic);
  if (!isObject(wanted) || !isObject(live)) return false;
  if ("map" in type) return mapHolds(wanted, live, type, types, atomic || type.atomic === true);
  const def = typeNamed(types, type.object);
  const whole = atomic || def?.atomic === true;
  for (const [name, value] of Object.entries(wanted)) {
    if (!memberHolds(value, live[name], fieldOf(def, name, false)?.type ?? ANY_JSON, types, whole)) return false;
  }
  return !whole || Object.keys(live).every((name) => Object.hasOwn(wanted, name) || isDefault(name, live[name]!, fieldOf(def, name, false)));
}

function mapHolds(wanted: JsonObject, live: JsonObject, type: MapType, types: Types, whole: boolean): boolean {
  for (const [name, value] of Object.entries(wanted)) {
    // The empty value of a map's member is a value: Go keeps it.
    if (!Object.hasOwn(live, name) || !valueHolds(value, live[name]!, type.map, types, whole)) return false;
  }
  return !whole || Object.keys(live).length === Object.keys(wanted).length;
}

function listHolds(wanted: Json[], live: Json[], type: ListType, types: Types, atomic: boolean): boolean {
  if (type.listType === "atomic" || atomic) {
    return wanted.length === live.length && wanted.every((item, index) => memberHolds(item, live[index], type.list, types, true));
  }
  const keyed = (item: Json): string => (type.listType === "set" ? canonical(item) : itemKey(item, type.keys ?? [], type.list, types));
  const places = new Map(live.map((item, index) => [keyed(item), index]));
  let last = -1;
  for (const item of wanted) {
    const place = places.get(keyed(item));
    // The order of an apply's items becomes the order of the object's.
    if (place === undefined || place < last) return false;
    if (!valueHolds(item, live[place]!, type.list, types, false)) return false;
    last = place;
  }
  return true;
}

function scalarHolds(wanted: Json, live: Json, scalar: Scalar, atomic: boolean): boolean {
  if (wanted === live) return true;
  switch (scalar) {
    case "quantity":
      return isPlain(wanted) && isPlain(live) && sameQuantity(String(wanted), String(live));
    case "time":
      return typeof wanted === "string" && typeof live === "string" && sameTime(wanted, live);
    case "bytes":
      return typeof wanted === "string" && typeof live === "string" && wanted.replace(/[\r\n]/g, "") === live;
    case "json":
      return jsonHolds(wanted, live, atomic);
    default:
      return isPlain(wanted) && isPlain(live) && typeof wanted !== "string" && typeof live !== "string" && wanted == live;
  }
}

function isPlain(value: Json): value is string | number | bigint {
  return typeof value === "string" || typeof value === "number" || typeof value === "bigint";
}

/** The server keeps seconds, or microseconds, as the field's Go type says: what it dropped is no difference. */
function sameTime(wanted: string, live: string): boolean {
  const left = parseRfc3339(wanted);
  const right = parseRfc3339(live);
  return left !== undefined && right !== undefined && left.seconds === right.seconds && left.fraction.startsWith(right.fraction);
}

function jsonHolds(wanted: Json, live: Json, atomic: boolean): boolean {
  if (atomic || !isObject(wanted) || !isObject(live)) return canonical(wanted) === canonical(live);
  return Object.entries(wanted).every(([name, value]) => Object.hasOwn(live, name) && jsonHolds(value, live[name]!, false));
}

/**
 * What API servers fill into structs inside atomic values (volumeClaimTemplates, env sources, metrics, subjects ...).
 * A wrong guess either way is harmless: too little here costs an apply that the memo then remembers.
 */
const FILLED_IN: { readonly [field: string]: readonly string[] } = {
  apiVersion: ['"v1"'], kind: ['"PersistentVolumeClaim"'], volumeMode: ['"Filesystem"'], status: ['{"phase":"Pending"}'],
  protocol: ['"TCP"'], scheme: ['"HTTP"'], path: ['"/"'], divisor: ['"0"'], defaultMode: ["420"], mode: ["420"],
  expirationSeconds: ["3600"], apiGroup: ['"rbac.authorization.k8s.io"', '""'], creationTimestamp: ["null"], optional: ["false"],
};

function isDefault(name: string, live: Json, field: FieldDef | undefined): boolean {
  if (isZero(live)) return true;
  const text = canonical(live);
  if (field?.default !== undefined && field.default !== null) return canonical(field.default) === text;
  return FILLED_IN[name]?.includes(text) ?? false;
}
