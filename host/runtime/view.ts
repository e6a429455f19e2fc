/**
 * Where a pass looks: the caches, or fresh quorum reads. Both answer the same questions, so that a decision can be
 * made again on surer ground.
 */
import type { CachedObject, Informers, ObjectKey, Store } from "./contracts.ts";
import { keyOf } from "./contracts.ts";
import { compareObjects, type Declarations, type DeclaredKind, isOwnedBy, OWNER_LABEL } from "./declarations.ts";
import { type LabelMatch, parseSelector } from "../values/selector.ts";

export type Lookup = { state: "value"; object: CachedObject } | { state: "absent" } | { state: "unobserved"; reason: string };
export type ListLookup = { state: "value"; objects: readonly CachedObject[] } | { state: "unobserved"; reason: string };

export interface View {
  readonly primary: CachedObject | undefined;
  /** Children of the primary of one kind, in the order of Observed. */
  owned(kind: DeclaredKind): readonly CachedObject[];
  object(kind: DeclaredKind, namespace: string | undefined, name: string): Lookup | Promise<Lookup>;
  list(kind: DeclaredKind, namespace: string | undefined, selector: string, limit: number): ListLookup | Promise<ListLookup>;
}

/** The stores of one operator. */
export interface Stores {
  readonly primary: Store;
  /** Of a kind that is watched whole; undefined for kinds watched by name. */
  of(kind: DeclaredKind): Store | undefined;
  /** The cache that shows this object; starts to watch it when its kind is watched by name. */
  forObject(kind: DeclaredKind, namespace: string | undefined, name: string): Store;
  /** Resolves when `store` is synced, or after a while anyway. */
  untilSynced(store: Store): Promise<void>;
}

export class CachedView implements View {
  readonly primary: CachedObject | undefined;
  readonly #stores: Stores;

  constructor(stores: Stores, key: ObjectKey) {
    this.#stores = stores;
    this.primary = stores.primary.get(key);
  }

  owned(kind: DeclaredKind): readonly CachedObject[] {
    const store = this.#stores.of(kind);
    if (store === undefined || this.primary === undefined) return [];
    const found = kind.owned?.link === "uidLabel" ? store.labelled(OWNER_LABEL, this.primary.uid) : store.ownedBy(this.primary.uid);
    return found.length < 2 ? found : [...found].sort(compareObjects);
  }

  object(kind: DeclaredKind, namespace: string | undefined, name: string): Lookup | Promise<Lookup> {
    const store = this.#stores.forObject(kind, namespace, name);
    const key = keyOf(kind.ref.namespaced ? namespace : undefined, name);
    if (store.synced) return lookupIn(store, key);
    return this.#stores.untilSynced(store).then(() => lookupIn(store, key));
  }

  list(kind: DeclaredKind, namespace: string | undefined, selector: string, limit: number): ListLookup {
    const store = this.#stores.of(kind);
    if (store === undefined) return { state: "unobserved", reason: "WatchedByName" };
    if (!store.synced) return { state: "unobserved", reason: "NotSynced" };
    return selected(store.list(namespace), selector, limit);
  }
}

/** Reads everything past the caches. `load` first: the primary and its children come with it. */
export class FreshView implements View {
  primary: CachedObject | undefined;
  readonly #informers: Pick<Informers, "readFresh" | "listFresh">;
  readonly #declarations: Declarations;
  readonly #owned = new Map<string, CachedObject[]>();
  /** Each thing is read once: rounds of one decision see the same. */
  readonly #objects = new Map<string, Promise<Lookup>>();
  readonly #lists = new Map<string, Promise<ListLookup>>();

  constructor(informers: Pick<Informers, "readFresh" | "listFresh">, declarations: Declarations) {
    this.#informers = informers;
    this.#declarations = declarations;
  }

  /** Throws ApiError and TransportError: a premise that can't be read is not confirmed. */
  async load(namespace: string | undefined, name: string): Promise<void> {
    const { primary, owned } = this.#declarations;
    const object = await this.#informers.readFresh(primary.ref, namespace, name);
    this.primary = object;
    if (object !== undefined) await Promise.all(owned.filter((kind) => !kind.byName).map((kind) => this.#loadOwned(kind, object)));
  }

  /** Reads the children of `primary` of one kind: with the label by its selector, else by going through the namespace. */
  async #loadOwned(kind: DeclaredKind, primary: CachedObject): Promise<void> {
    const options: { namespace?: string; labelSelector?: string } = {};
    if (kind.owned?.link === "uidLabel") options.labelSelector = `${OWNER_LABEL}=${primary.uid}`;
    else if (kind.ref.namespaced && primary.ref.namespace !== undefined) options.namespace = primary.ref.namespace;
    const { items } = await this.#informers.listFresh(kind.ref, options);
    this.#owned.set(kind.id, items.filter((item) => isOwnedBy(kind, item, primary.uid)).sort(compareObjects));
  }

  owned(kind: DeclaredKind): readonly CachedObject[] {
    return this.#owned.get(kind.id) ?? [];
  }

  object(kind: DeclaredKind, namespace: string | undefined, name: string): Promise<Lookup> {
    return once(this.#objects, `${kind.id} ${keyOf(namespace, name)}`, async () => {
      const object = await this.#informers.readFresh(kind.ref, namespace, name);
      return object === undefined ? { state: "absent" } : { state: "value", object };
    });
  }

  list(kind: DeclaredKind, namespace: string | undefined, selector: string, limit: number): Promise<ListLookup> {
    return once(this.#lists, `${kind.id} ${namespace ?? ""}?${selector}`, async () => {
      const options: { namespace?: string; labelSelector?: string } = {};
      if (namespace !== undefined) options.namespace = namespace;
      if (selector !== "") options.labelSelector = selector;
      const { items } = await this.#informers.listFresh(kind.ref, options);
      return selected(items, selector, limit);
    });
  }
}

function once<T>(known: Map<string, Promise<T>>, id: string, read: () => Promise<T>): Promise<T> {
  let result = known.get(id);
  if (result === undefined) {
    result = read();
    known.set(id, result);
  }
  return result;
}

function lookupIn(store: Store, key: ObjectKey): Lookup {
  if (!store.synced) return { state: "unobserved", reason: store.trouble ?? "NotSynced" };
  const object = store.get(key);
  return object === undefined ? { state: "absent" } : { state: "value", object };
}

const matchers = new Map<string, LabelMatch | undefined>();

function selected(objects: readonly CachedObject[], selector: string, limit: number): ListLookup {
  if (!matchers.has(selector)) {
    // Selectors come from cores: a host that runs for years must not collect them.
    if (matchers.size > 10_000) matchers.clear();
    matchers.set(selector, parseSelector(selector));
  }
  const match = matchers.get(selector);
  if (match === undefined) return { state: "unobserved", reason: "InvalidSelector" };
  const found = objects.filter((object) => match(object.labels));
  // A list that is cut short would be taken for the whole: better none at all.
  if (found.length > limit) return { state: "unobserved", reason: "OverLimit" };
  return { state: "value", objects: found.sort(compareObjects) };
}
