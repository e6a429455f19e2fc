/**
 * What the cluster's own parts (controllers, scheduler, kubelets) know of the kinds they deal with: the fields that they read
 * and write. An object holds more, and keeps it: they copy and change, they never build anew what they did not make.
 */
import type { ResourceRef } from "../client.ts";
import type { Metadata } from "../model.ts";

export interface Typed { apiVersion: string; kind: string; metadata: Metadata }

/** A resource, and the type of its objects. */
export interface Resource<T extends Typed> extends ResourceRef {
  readonly kind: string;
  readonly namespaced: boolean;
  /** Never there; it ties the type to the value. */
  readonly example?: T;
}

export function resource<T extends Typed>(group: string, version: string, plural: string, kind: string, namespaced = true): Resource<T> {
  return { group, version, resource: plural, kind, namespaced };
}

/** "namespace/name", or "name" where there is no namespace: how stores and queues name an object. */
export function keyOf({ metadata: { namespace, name } }: { metadata: Metadata }): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}
/** [namespace, name] of a key. */
export function splitKey(key: string): [namespace: string | undefined, name: string] {
  const slash = key.indexOf("/");
  return slash === -1 ? [undefined, key] : [key.slice(0, slash), key.slice(slash + 1)];
}

export type Labels = { readonly [key: string]: string };

export interface LabelSelector {
  matchLabels?: { [key: string]: string };
  matchExpressions?: { key: string; operator: "In" | "NotIn" | "Exists" | "DoesNotExist"; values?: string[] }[];
}

/** Conditions of workloads; `lastTransitionTime` in RFC 3339. */
export interface Condition {
  type: string;
  status: "True" | "False" | "Unknown";
  reason?: string;
  message?: string;
  lastTransitionTime?: string;
  lastUpdateTime?: string;
  lastProbeTime?: string | null;
  observedGeneration?: number;
}

export type IntOrString = number | string;
export type Quantities = { [resource: string]: string };
