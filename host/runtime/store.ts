/**
 * The cache of one kind. It never goes back in time: what is older than what it has seen is refused, whichever API
 * server it came from. Changes go to the listeners one by one, in the order in which they happened.
 */
import { compareResourceVersions, keyOf, type Change, type KindRef, type ObjectKey } from "./contracts.ts";
import type { StoredObject } from "./object.ts";

export type ChangeListener = (change: Change) => void;

export class ObjectStore {
  readonly kind: KindRef;
  /** Everything up to here has been delivered; "" before the first list. */
  resourceVersion = "";
  readonly #objects = new Map<ObjectKey, StoredObject>();
  readonly #byOwner = new Map<string, Set<ObjectKey>>();
  /** label -> value -> keys; a label is indexed from the first time it is asked for. */
  readonly #byLabel = new Map<string, Map<string, Set<ObjectKey>>>();
  readonly #listeners = new Set<ChangeListener>();
  #sortedKeys: ObjectKey[] | undefined;
  readonly #onListenerError: (error: unknown) => void;

  /** A listener that throws is reported and does not keep the change from the others. */
  constructor(kind: KindRef, onListenerError: (error: unknown) => void) {
    this.kind = kind;
    this.#onListenerError = onListenerError;
  }

  get size(): number {
    return this.#objects.size;
  }

  get(key: ObjectKey): StoredObject | undefined {
    return this.#objects.get(key);
  }

  list(namespace?: string): StoredObject[] {
    this.#sortedKeys ??= [...this.#objects.keys()].sort();
    const all = this.#sortedKeys.map((key) => this.#objects.get(key)!);
    return namespace === undefined ? all : all.filter((object) => object.ref.namespace === namespace);
  }

  ownedBy(uid: string): StoredObject[] {
    return this.#sorted(this.#byOwner.get(uid));
  }

  labelled(label: string, value: string): StoredObject[] {
    let values = this.#byLabel.get(label);
    if (values === undefined) {
      values = new Map();
      this.#byLabel.set(label, values);
      for (const object of this.#objects.values()) this.#indexLabel(label, values, object, keyOfObject(object));
    }
    return this.#sorted(values.get(value));
  }

  onChange(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Puts one watch event in; returns false when it is older than what is known, and dropped. */
  put(object: StoredObject): boolean {
    if (!this.#isNews(object.resourceVersion)) return false;
    this.#replaceObject(object);
    this.resourceVersion = object.resourceVersion;
    return true;
  }

  /** Takes one deletion in; `last` is the object's last state, at the resourceVersion of the deletion. */
  remove(last: StoredObject): boolean {
    if (!this.#isNews(last.resourceVersion)) return false;
    const before = this.#objects.get(keyOfObject(last));
    if (before !== undefined) this.#delete(before);
    this.resourceVersion = last.resourceVersion;
    return true;
  }

  /** Moves on without a change: a bookmark. */
  advance(resourceVersion: string): boolean {
    if (!this.#isNews(resourceVersion)) return false;
    this.resourceVersion = resourceVersion;
    return true;
  }

  /**
   * Takes in a whole list: removals of what vanished, then what changed. Unchanged objects are exchanged silently, for
   * the new ones may have more texts. False, and nothing done, when the list is older than what was seen.
   * `kept` are keys that are there but could not be read: what is cached of them stays.
   */
  replaceAll(objects: readonly StoredObject[], resourceVersion: string, kept: ReadonlySet<ObjectKey>): boolean {
    if (this.resourceVersion !== "" && compareResourceVersions(resourceVersion, this.resourceVersion) < 0) return false;
    const listed = new Set(objects.map(keyOfObject));
    for (const [key, object] of [...this.#objects]) if (!listed.has(key) && !kept.has(key)) this.#delete(object);
    for (const object of objects) {
      const key = keyOfObject(object);
      const before = this.#objects.get(key);
      if (before?.uid === object.uid && before.resourceVersion === object.resourceVersion) this.#objects.set(key, object);
      else this.#replaceObject(object);
    }
    this.resourceVersion = resourceVersion;
    return true;
  }

  #isNews(resourceVersion: string): boolean {
    return this.resourceVersion === "" || compareResourceVersions(resourceVersion, this.resourceVersion) > 0;
  }

  #replaceObject(object: StoredObject): void {
    const key = keyOfObject(object);
    let before = this.#objects.get(key);
    if (before !== undefined && before.uid !== object.uid) {
      // Another object under the same name: whoever remembers the old one must hear of its end.
      this.#delete(before);
      before = undefined;
    }
    if (before === undefined) this.#sortedKeys = undefined;
    else this.#unindex(before, key);
    this.#objects.set(key, object);
    for (const { uid } of object.owners) addTo(this.#byOwner, uid, key);
    for (const [label, values] of this.#byLabel) this.#indexLabel(label, values, object, key);
    this.#emit({ before, after: object });
  }

  #delete(object: StoredObject): void {
    const key = keyOfObject(object);
    this.#objects.delete(key);
    this.#sortedKeys = undefined;
    this.#unindex(object, key);
    this.#emit({ before: object, after: undefined });
  }

  #unindex(object: StoredObject, key: ObjectKey): void {
    for (const { uid } of object.owners) removeFrom(this.#byOwner, uid, key);
    for (const [label, values] of this.#byLabel) {
      const value = object.labels[label];
      if (value !== undefined) removeFrom(values, value, key);
    }
  }

  #indexLabel(label: string, values: Map<string, Set<ObjectKey>>, object: StoredObject, key: ObjectKey): void {
    if (Object.hasOwn(object.labels, label)) addTo(values, object.labels[label]!, key);
  }

  #sorted(keys: Set<ObjectKey> | undefined): StoredObject[] {
    return keys === undefined ? [] : [...keys].sort().map((key) => this.#objects.get(key)!);
  }

  #emit(change: Change): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(change);
      } catch (error) {
        this.#onListenerError(error);
      }
    }
  }
}

function keyOfObject(object: StoredObject): ObjectKey {
  return keyOf(object.ref.namespace, object.ref.name);
}

function addTo(index: Map<string, Set<ObjectKey>>, value: string, key: ObjectKey): void {
  const keys = index.get(value);
  if (keys === undefined) index.set(value, new Set([key]));
  else keys.add(key);
}

function removeFrom(index: Map<string, Set<ObjectKey>>, value: string, key: ObjectKey): void {
  const keys = index.get(value);
  keys?.delete(key);
  if (keys?.size === 0) index.delete(value);
}
