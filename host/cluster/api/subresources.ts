/**
 * What is done to an object through a path of its own: binding a Pod to a node, evicting it.
 */
import type { ClusterObject, JsonObject } from "../model.ts";
import { deleteObject } from "./delete.ts";
import { copyOf } from "./equal.ts";
import type { Scope } from "./scope.ts";
import { conflict, notFound, notSupported } from "./status-error.ts";

export function postSubresource(scope: Scope, name: string, body: ClusterObject): void {
  switch (`${scope.entry.name}/${scope.subresource ?? ""}`) {
    case "pods/binding": return bind(scope, name, body);
    case "pods/eviction": return void deleteObject(scope, name, { gracePeriodSeconds: (body.deleteOptions as JsonObject | undefined)?.gracePeriodSeconds as number | undefined });
    default: throw notSupported(`POST of ${scope.subresource ?? ""} to ${scope.entry.name}`);
  }
}

function bind(scope: Scope, name: string, body: ClusterObject): void {
  const { kernel: { storage }, entry } = scope;
  const there = storage.get(entry.name, scope.key(name));
  if (there === undefined) throw notFound(scope.named, name);
  const node = (body.target as JsonObject | undefined)?.name as string;
  const spec = there.object.spec as JsonObject;
  if (spec.nodeName !== undefined && spec.nodeName !== "") throw conflict(scope.named, name, `pod ${name} is already assigned to node "${spec.nodeName as string}"`);
  const next = copyOf(there.object);
  (next.spec as JsonObject).nodeName = node;
  storage.put(entry.name, scope.key(name), next, there.resourceVersion);
}
