/**
 * What the parts of the embedded cluster hand to each other: objects as JSON, immutable once stored.
 *
 * NOTE: an object that came out of the storage, a client or a watch is shared by everybody. Nobody changes one; whoever
 * wants another one makes a copy of what differs.
 */
import type { Json, JsonObject } from "../../bindings/protocol/types.ts";

export type { Json, JsonObject };

/** A whole Kubernetes object, of any kind. */
export interface ClusterObject {
  apiVersion: string;
  kind: string;
  metadata: Metadata;
  [field: string]: Json | Metadata | undefined;
}

/** `metadata` as the server keeps it. Times are RFC 3339 in whole seconds. */
export interface Metadata {
  name: string;
  generateName?: string;
  /** Absent on cluster-scoped objects. */
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: { [key: string]: string };
  annotations?: { [key: string]: string };
  ownerReferences?: OwnerReference[];
  finalizers?: string[];
  managedFields?: ManagedFieldsEntry[];
}

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

export interface ManagedFieldsEntry {
  manager: string;
  operation: "Apply" | "Update";
  apiVersion: string;
  /** Absent where a manager came to own fields by a request that changed nothing. */
  time?: string;
  fieldsType: "FieldsV1";
  fieldsV1: JsonObject;
  /** "status", "scale"; absent for the object itself. */
  subresource?: string;
}

/** A REST resource: group "" is the core group. Identifies a kind's place in storage, whatever version a client speaks. */
export interface GroupResource { readonly group: string; readonly resource: string }
/** "deployments.apps", "pods": how messages and maps name a resource. */
export function resourceName({ group, resource }: GroupResource): string {
  return group === "" ? resource : `${resource}.${group}`;
}
/** "apps/v1", "v1". */
export function apiVersionOf(group: string, version: string): string {
  return group === "" ? version : `${group}/${version}`;
}
/** ["apps", "v1"] of "apps/v1", ["", "v1"] of "v1". */
export function groupVersionOf(apiVersion: string): [group: string, version: string] {
  const slash = apiVersion.indexOf("/");
  return slash === -1 ? ["", apiVersion] : [apiVersion.slice(0, slash), apiVersion.slice(slash + 1)];
}
