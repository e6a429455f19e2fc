/**
 * All watches of a process: one per kind, however many operators share it, and one per object for kinds watched by name.
 */
import type { KindRef } from "../../bindings/protocol/manifest.ts";
import type { Platform, Transport } from "../platform/platform.ts";
import { apiErrorOf, objectPath } from "./api.ts";
import { kindKey, type CachedObject, type Informers, type Projection, type Store } from "./contracts.ts";
import { Extractor } from "./extractor.ts";
import { JsonCursor } from "./json/cursor.ts";
import { currentVersion, listAll, plainBytes, type Lister, type ListScope } from "./list.ts";
import type { Recipe } from "./object.ts";
import { MergedStore } from "./merged-store.ts";
import type { CompiledProjection } from "./projection.ts";
import { randomKey, SecretHasher } from "./secrets.ts";
import { ObjectStore } from "./store.ts";
import { StoreView } from "./store-view.ts";
import { DEFAULT_TUNING, type WatchTuning } from "./watch-trouble.ts";
import { Watcher, type WatchLog } from "./watcher.ts";

export type { WatchLog, WatchTuning };

export interface InformersOptions {
  readonly transport: Transport;
  readonly platform: Platform;
  /** Watch namespaced kinds in these namespaces only, with a watch for each. Default: in all of them, with one. */
  readonly namespaces?: readonly string[] | undefined;
  /** HMAC key for Secret values (secrets.ts), 32 bytes or more. Default: random, so hashes change with each process. */
  readonly secretKey?: Uint8Array;
  readonly log?: (entry: WatchLog) => void;
  readonly tuning?: Partial<WatchTuning>;
  /** Kinds that are read fresh and never watched: what to take of them. */
  readonly known?: readonly { readonly kind: KindRef; readonly projection: Projection; readonly applyManager?: string }[];
}

export function createInformers(options: InformersOptions): Informers {
  return new SharedInformers(options);
}

interface Watched { readonly store: ObjectStore; readonly watcher: Watcher; readonly views: StoreView[] }
interface KindState {
  recipe: Recipe;
  /** By scope: "" for the kind as a whole, "namespace/" for one namespace, "namespace/name" for one object. */
  readonly watched: Map<string, Watched>;
  readonly merged: MergedStore[];
}

class SharedInformers implements Informers {
  readonly namespaces: readonly string[] | undefined;
  readonly #options: InformersOptions;
  readonly #lister: Lister;
  readonly #tuning: WatchTuning;
  readonly #kinds = new Map<string, KindState>();
  #closed = false;

  constructor(options: InformersOptions) {
    const { transport, platform } = options;
    this.#options = options;
    this.namespaces = options.namespaces === undefined ? undefined : [...new Set(options.namespaces)];
    if (this.namespaces?.length === 0) throw new Error("informers for no namespace watch nothing: leave `namespaces` out for all");
    this.#tuning = { ...DEFAULT_TUNING, ...options.tuning };
    const secrets = new SecretHasher(options.secretKey ?? randomKey(platform.random), platform.text, platform.digest);
    this.#lister = { transport, platform, extractor: new Extractor(platform.text, secrets), pageSize: this.#tuning.pageSize };
    for (const { kind, projection, applyManager } of options.known ?? []) this.#extend(this.#kind(kind), projection as CompiledProjection, applyManager);
  }

  watch(kind: KindRef, projection: Projection, options: { applyManager?: string } = {}): Store {
    const namespaces = this.#namespacesOf(kind);
    const views: readonly Store[] = namespaces.map((namespace) => this.#view(kind, projection, options.applyManager, namespace === undefined ? "" : `${namespace}/`, { namespace }));
    if (views.length === 1) return views[0]!;
    const { merged } = this.#kind(kind);
    const known = merged.find(({ parts }) => parts.every((part) => views.includes(part)));
    if (known !== undefined) return known;
    const store = new MergedStore(new Map(views.map((view, index) => [namespaces[index]!, view])));
    merged.push(store);
    return store;
  }

  /** One scope for each watch of a kind; undefined: everything. */
  #namespacesOf(kind: KindRef): readonly (string | undefined)[] {
    return kind.namespaced && this.namespaces !== undefined ? this.namespaces : [undefined];
  }

  watchOne(kind: KindRef, projection: Projection, namespace: string | undefined, name: string): Store {
    const scope = { namespace: kind.namespaced ? namespace : undefined, fieldSelector: `metadata.name=${name}` };
    return this.#view(kind, projection, undefined, `${namespace ?? ""}/${name}`, scope);
  }

  #view(kind: KindRef, projection: Projection, manager: string | undefined, scopeKey: string, scope: ListScope): StoreView {
    if (this.#closed) throw new Error("these informers are closed: make new ones");
    if (isSecret(kind) && !projection.secret) throw new Error("Secrets are watched with a secret projection only: compileProjection(types, type, {secret: true})");
    const state = this.#kind(kind);
    let watched = state.watched.get(scopeKey);
    if (watched === undefined) {
      watched = this.#start(state, scope);
      state.watched.set(scopeKey, watched);
    }
    this.#extend(state, projection as CompiledProjection, manager);
    const known = watched.views.find((view) => view.serves(projection, manager));
    if (known !== undefined) return known;
    const view = new StoreView(watched.store, watched.watcher, projection as CompiledProjection, manager, (error) => this.#listenerFailed(kind, error));
    watched.views.push(view);
    return view;
  }

  #kind(kind: KindRef): KindState {
    const key = kindKey(kind);
    let state = this.#kinds.get(key);
    if (state === undefined) {
      state = { recipe: { kind, projections: [], managers: [] }, watched: new Map(), merged: [] };
      this.#kinds.set(key, state);
    }
    return state;
  }

  #extend(state: KindState, projection: CompiledProjection, manager: string | undefined): void {
    const { kind, projections, managers } = state.recipe;
    const lacksProjection = !projections.includes(projection);
    const lacksManager = manager !== undefined && !managers.includes(manager);
    if (!lacksProjection && !lacksManager) return;
    state.recipe = {
      kind,
      projections: lacksProjection ? [...projections, projection] : projections,
      managers: lacksManager ? [...managers, manager] : managers,
    };
    for (const { watcher } of state.watched.values()) watcher.recipeChanged();
  }

  #start(state: KindState, scope: ListScope): Watched {
    const { kind } = state.recipe;
    const log = this.#options.log ?? ((): void => undefined);
    const views: StoreView[] = [];
    const store = new ObjectStore(kind, (error) => this.#listenerFailed(kind, error));
    const watcher = new Watcher({
      ...this.#lister, store, scope, log, tuning: this.#tuning,
      recipe: () => state.recipe,
      onProgress: () => { for (const view of [...views]) view.progressed(); },
    });
    watcher.start();
    return { store, watcher, views };
  }

  /** Somebody else's mistake: it must not stop the watch, nor keep the change from the others. */
  #listenerFailed(kind: KindRef, error: unknown): void {
    const message = `a listener failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
    this.#options.log?.({ level: "error", kind: kindKey(kind), message });
  }

  async readFresh(kind: KindRef, namespace: string | undefined, name: string): Promise<CachedObject | undefined> {
    const { transport, platform, extractor } = this.#lister;
    const response = await transport.request({ method: "GET", path: objectPath(kind, namespace, name), accept: "application/json" });
    if (response.status === 404 && saysObjectIsMissing(response.body, platform)) return undefined;
    if (response.status >= 400) throw apiErrorOf(response, platform.text);
    return extractor.extract(this.#kind(kind).recipe, new JsonCursor(plainBytes(response.body)), () => undefined, true);
  }

  currentVersion(kind: KindRef, namespace?: string): Promise<string> {
    return currentVersion(this.#lister, this.#kind(kind).recipe, namespace);
  }

  async listFresh(kind: KindRef, options: { namespace?: string; labelSelector?: string; limit?: number }): Promise<{ items: CachedObject[] }> {
    const namespaces = options.namespace === undefined ? this.#namespacesOf(kind) : [options.namespace];
    const lists = await Promise.all(namespaces.map((namespace) => this.#listFreshIn(kind, namespace, options)));
    return { items: lists.flat() };
  }

  async #listFreshIn(kind: KindRef, namespace: string | undefined, options: { labelSelector?: string; limit?: number }): Promise<CachedObject[]> {
    const listed = await listAll(this.#lister, {
      recipe: this.#kind(kind).recipe, before: () => undefined, fresh: true,
      scope: { namespace, labelSelector: options.labelSelector },
      ...(options.limit === undefined ? {} : { limit: options.limit }),
    });
    // A list that left one out would say that it isn't there.
    if (listed.malformed.length > 0) throw new Error(`can't read the list of ${kind.plural}: ${listed.malformed.join("; ")}`);
    return listed.objects;
  }

  close(): void {
    this.#closed = true;
    for (const { watched } of this.#kinds.values()) for (const { watcher } of watched.values()) watcher.close();
  }
}

function isSecret(kind: KindRef): boolean {
  return kind.apiVersion === "v1" && kind.kind === "Secret";
}

/** 404 for a kind that isn't served, or from a proxy in between, says nothing about the object. */
function saysObjectIsMissing(body: Uint8Array, platform: Platform): boolean {
  try {
    const status = JSON.parse(platform.text.decodeUtf8(body, 0, body.length)) as { reason?: unknown; details?: { name?: unknown } } | null;
    return status?.reason === "NotFound" && typeof status.details?.name === "string" && status.details.name !== "";
  } catch {
    return false;
  }
}
