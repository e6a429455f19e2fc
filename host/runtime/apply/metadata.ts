/**
 * The type of `metadata`, as server-side apply sees it: the same for every kind, so no operator declares it.
 */
import type { FieldDef, TypeDef, TypeRef } from "../../../bindings/protocol/manifest.ts";

const TEXT: TypeRef = { scalar: "string" };
const OWNER = "toque:OwnerReference";
export const METADATA = "toque:ObjectMeta";

/** Members that say which object is meant, or that only the server writes: never part of what a manager owns. */
export const IDENTITY = new Set([
  "name", "namespace", "creationTimestamp", "selfLink", "uid", "clusterName", "generation", "managedFields", "resourceVersion",
]);

export const METADATA_TYPES: { readonly [name: string]: TypeDef } = {
  [METADATA]: {
    fields: {
      labels: { type: { map: TEXT } },
      annotations: { type: { map: TEXT } },
      finalizers: { type: { list: TEXT, listType: "set" } },
      ownerReferences: { type: { list: { object: OWNER }, listType: "map", keys: ["uid"] } },
      generateName: { type: TEXT },
    },
  },
  [OWNER]: {
    atomic: true,
    fields: {
      apiVersion: { type: TEXT }, kind: { type: TEXT }, name: { type: TEXT }, uid: { type: TEXT },
      controller: { type: { scalar: "boolean" } }, blockOwnerDeletion: { type: { scalar: "boolean" } },
    },
  },
};
export const METADATA_FIELD: FieldDef = { type: { object: METADATA } };
