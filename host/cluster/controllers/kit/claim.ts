/**
 * Adoption and release: a controller owns what its selector matches. It takes orphans that match, and lets go of what it
 * owns but no longer matches; neither once it is being deleted.
 */
import type { LabelSelector, Resource, Typed } from "../../typed/resource.ts";
import type { Api } from "./api.ts";
import { controlledBy } from "./pods.ts";
import { matcherOf } from "./selectors.ts";
import type { Store } from "./store.ts";

/** What `owner` manages after that. What is not `eligible` is left as it is, and left out. */
export function claim<T extends Typed>(api: Api, store: Store<T>, resource: Resource<T>, owner: Typed, selector: LabelSelector, eligible: (object: T) => boolean = () => true): T[] {
  const match = matcherOf(selector);
  const { uid, namespace, deletionTimestamp } = owner.metadata;
  const claimed: T[] = [];
  for (const object of store.ownedBy(uid!)) {
    if (!eligible(object)) continue;
    if (match(object.metadata.labels)) claimed.push(object);
    else if (deletionTimestamp === undefined) release(api, resource, object, uid!);
  }
  if (deletionTimestamp !== undefined) return claimed;
  for (const orphan of store.orphansIn(namespace ?? "")) {
    if (orphan.metadata.deletionTimestamp !== undefined || !match(orphan.metadata.labels) || !eligible(orphan)) continue;
    const owners = [...orphan.metadata.ownerReferences ?? [], controlledBy(owner)];
    claimed.push(api.patch(resource, orphan, { metadata: { ownerReferences: owners } }));
  }
  return claimed;
}

function release<T extends Typed>(api: Api, resource: Resource<T>, object: T, uid: string): void {
  const left = object.metadata.ownerReferences!.filter((owner) => owner.uid !== uid);
  api.patch(resource, object, { metadata: { ownerReferences: left.length === 0 ? null : left } });
}
