/**
 * Caches over a FakeApi whose delay is the test's to choose: per kind, events wait until they are delivered.
 */
import { stringifyJson } from "../../../bindings/protocol/json.ts";
import type { KindRef } from "../../../bindings/protocol/manifest.ts";
import type { JsonObject, ObjectRef } from "../../../bindings/protocol/types.ts";
import { collectionPath, objectPath } from "../api.ts";
import { CREATED_AS } from "../apply/created.ts";
import { type CachedObject, type Change, type Informers, kindKey, keyOf, type ObjectKey, type Owner, type Projection, type Store } from "../contracts.ts";
import { parseSelector } from "../../values/selector.ts";
import type { FakeApi, FakeEvent } from "./fake-api.ts";

interface Metadata {
  name: string; namespace?: string; uid: string; resourceVersion: string; generation: number; deletionTimestamp?: string;
  labels?: Record<string, string>; finalizers?: string[]; annotations?: JsonObject; ownerReferences?: JsonObject[]; managedFields?: JsonObject[];
}

/** Shows the whole object but managedFields, annotations and resourceVersion, whatever the projection. */
class FakeObject implements CachedObject {
  readonly ref: ObjectRef;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation: number;
  readonly deletionTimestamp: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly finalizers: readonly string[];
  readonly owners: readonly Owner[];
  readonly applied: ReadonlyMap<string, string>;
  readonly createdAs: string | undefined;
  readonly #text: string;

  constructor(kind: KindRef, object: JsonObject) {
    const { managedFields, resourceVersion, annotations, ...metadata } = object["metadata"] as unknown as Metadata;
    const { name, namespace, uid, generation, deletionTimestamp, labels = {}, finalizers = [], ownerReferences = [] } = metadata;
    this.ref = { apiVersion: kind.apiVersion, kind: kind.kind, ...(namespace === undefined ? {} : { namespace }), name };
    this.uid = uid;
    this.resourceVersion = resourceVersion;
    this.generation = generation;
    this.deletionTimestamp = deletionTimestamp;
    this.labels = labels;
    this.finalizers = finalizers;
    this.owners = ownerReferences.map((owner) => ({ uid: owner["uid"] as string, kind: owner["kind"] as string, name: owner["name"] as string, controller: owner["controller"] === true }));
    this.applied = new Map((managedFields ?? []).filter((entry) => entry["operation"] === "Apply").map((entry) => [entry["manager"] as string, stringifyJson(entry["fieldsV1"])]));
    this.createdAs = annotations?.[CREATED_AS] as string | undefined;
    const { apiVersion, kind: kindName, metadata: raw, ...rest } = object;
    void [apiVersion, kindName, raw];
    this.#text = stringifyJson({ apiVersion: kind.apiVersion, kind: kind.kind, metadata, ...rest });
  }
  text(_projection: Projection): string {
    return this.#text;
  }
}

export class FakeStore implements Store {
  readonly namespace = undefined;
  readonly kind: KindRef;
  synced = true;
  trouble: string | undefined;
  resourceVersion: string;
  readonly reconnects: string[] = [];
  readonly #objects = new Map<ObjectKey, CachedObject>();
  readonly #changes = new Set<(change: Change) => void>();
  readonly #progress = new Set<() => void>();

  constructor(kind: KindRef, objects: readonly CachedObject[], version: number) {
    this.kind = kind;
    this.resourceVersion = String(version);
    for (const object of objects) this.#objects.set(keyOf(object.ref.namespace, object.ref.name), object);
  }
  get(key: ObjectKey): CachedObject | undefined {
    return this.#objects.get(key);
  }
  list(namespace?: string): readonly CachedObject[] {
    const all = [...this.#objects.keys()].sort().map((key) => this.#objects.get(key)!);
    return namespace === undefined ? all : all.filter((object) => object.ref.namespace === namespace);
  }
  ownedBy(uid: string): readonly CachedObject[] {
    return this.list().filter((object) => object.owners.some((owner) => owner.uid === uid));
  }
  labelled(label: string, value: string): readonly CachedObject[] {
    return this.list().filter((object) => object.labels[label] === value);
  }
  onChange(listener: (change: Change) => void): () => void {
    this.#changes.add(listener);
    return () => void this.#changes.delete(listener);
  }
  onProgress(listener: () => void): () => void {
    this.#progress.add(listener);
    return () => void this.#progress.delete(listener);
  }
  reconnect(why: string): void {
    this.reconnects.push(why);
  }
  change(key: ObjectKey, after: CachedObject | undefined, version: string): void {
    const before = this.#objects.get(key);
    if (after === undefined) this.#objects.delete(key);
    else this.#objects.set(key, after);
    this.progress(version);
    for (const listener of [...this.#changes]) listener({ before, after });
  }
  /** A bookmark. */
  progress(version: string): void {
    this.resourceVersion = version;
    for (const listener of [...this.#progress]) listener();
  }
}

interface Waiting { readonly store: FakeStore; readonly event: FakeEvent; readonly version: string }

export class FakeInformers implements Informers {
  /** What the host under test is told to be limited to; here everything is shown all the same. */
  readonly namespaces: readonly string[] | undefined;
  readonly #api: FakeApi;
  readonly #stores = new Map<string, FakeStore>();
  readonly #held = new Set<string>();
  readonly #waiting: Waiting[] = [];
  /** Quorum reads, in order: "Pod ns/name", "Pod list". */
  readonly reads: string[] = [];

  constructor(api: FakeApi, namespaces?: readonly string[]) {
    this.#api = api;
    this.namespaces = namespaces;
    api.listeners.add((event) => this.#receive(event));
  }

  watch(kind: KindRef): FakeStore {
    let store = this.#stores.get(kindKey(kind));
    if (store === undefined) {
      store = new FakeStore(kind, this.#list(kind), this.#api.version);
      this.#stores.set(kindKey(kind), store);
    }
    return store;
  }
  watchOne(kind: KindRef): FakeStore {
    return this.watch(kind);
  }
  store(kind: string): FakeStore {
    return [...this.#stores.values()].find((store) => store.kind.kind === kind)!;
  }

  /** From now on events of these kinds wait. */
  hold(...kinds: string[]): void {
    for (const kind of kinds) this.#held.add(kind);
  }
  /** Delivers what waits, and holds no more. */
  release(...kinds: string[]): void {
    for (const kind of kinds) this.#held.delete(kind);
    for (const entry of this.#waiting.splice(0)) {
      if (this.#held.has(entry.store.kind.kind)) this.#waiting.push(entry);
      else this.#deliver(entry);
    }
  }

  async readFresh(kind: KindRef, namespace: string | undefined, name: string): Promise<CachedObject | undefined> {
    this.reads.push(`${kind.kind} ${keyOf(namespace, name)}`);
    await Promise.resolve();
    const object = this.#api.objects.get(objectPath(kind, namespace, name));
    return object === undefined ? undefined : new FakeObject(kind, object);
  }
  async listFresh(kind: KindRef, options: { namespace?: string; labelSelector?: string; limit?: number }): Promise<{ items: CachedObject[] }> {
    this.reads.push(`${kind.kind} list`);
    await Promise.resolve();
    const match = parseSelector(options.labelSelector ?? "")!;
    const items = this.#list(kind).filter((object) => match(object.labels) && (options.namespace === undefined || object.ref.namespace === options.namespace));
    // As the real ones: a part would look like the whole.
    if (options.limit !== undefined && items.length > options.limit) throw new Error(`more than ${options.limit} objects of kind ${kind.kind} match`);
    return { items };
  }
  async currentVersion(kind: KindRef): Promise<string> {
    this.reads.push(`${kind.kind} version`);
    await Promise.resolve();
    return String(this.#api.version);
  }
  close(): void {}

  #list(kind: KindRef): CachedObject[] {
    return [...this.#api.objects].filter(([path]) => isOf(kind, path)).map(([, object]) => new FakeObject(kind, object));
  }
  #receive(event: FakeEvent): void {
    for (const store of this.#stores.values()) {
      if (!isOf(store.kind, event.path)) continue;
      const entry = { store, event, version: String(this.#api.version) };
      if (this.#held.has(store.kind.kind)) this.#waiting.push(entry);
      else this.#deliver(entry);
    }
  }
  #deliver({ store, event, version }: Waiting): void {
    const { namespace, name } = ((event.after ?? event.before)!["metadata"] as { namespace?: string; name: string });
    store.change(keyOf(namespace, name), event.after === undefined ? undefined : new FakeObject(store.kind, event.after), version);
  }
}

function isOf(kind: KindRef, path: string): boolean {
  return path.startsWith(collectionPath(kind).replace(`/${kind.plural}`, "/")) && path.split("/").at(-2) === kind.plural;
}
