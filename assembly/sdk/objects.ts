/**
 * What every object has, whatever its kind: generated classes start with these fields, in this order, so any of them may
 * be read as an `AnyObject`.
 */
import { Int } from "./values";

export class AnyMeta {
  name: string = "";
  namespace: string | null = null;
  uid: string | null = null;
  generation: Int | null = null;
  creationTimestamp: string | null = null;
  deletionTimestamp: string | null = null;
}
export class AnyObject {
  apiVersion: string = "";
  kind: string = "";
  metadata: AnyMeta = new AnyMeta();
}

/** Any generated object, by the fields that all of them have. */
@inline
export function anyObject<T>(object: T): AnyObject {
  return changetype<AnyObject>(changetype<usize>(object));
}

/** The one of that name; in `namespace`, unless that is null. */
export function findObject(objects: usize[], name: string, namespace: string | null): usize {
  for (let i = 0; i < objects.length; i++) {
    const metadata = changetype<AnyObject>(objects[i]).metadata;
    if (metadata.name == name && (namespace === null || metadata.namespace == namespace)) return objects[i];
  }
  return 0;
}
