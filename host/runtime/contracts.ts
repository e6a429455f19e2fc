/**
 * The seams between the parts of the runtime. Watching (informers, stores) on one side, deciding and acting
 * (controller, executor) on the other, meet only here.
 */
import type { KindRef, Manifest } from "../../bindings/protocol/manifest.ts";
import type { ObjectRef, Observed, Plan, Result } from "../../bindings/protocol/types.ts";
import type { CoreFailure } from "../core/core.ts";

/** "namespace/name", or "name" for cluster-scoped objects. */
export type ObjectKey = string;
export function keyOf(namespace: string | undefined, name: string): ObjectKey {
  return namespace === undefined || namespace === "" ? name : `${namespace}/${name}`;
}
/** "apps/v1 Deployment": how a kind is named in maps, logs and errors. */
export function kindKey(kind: { apiVersion: string; kind: string }): string {
  return `${kind.apiVersion} ${kind.kind}`;
}

/**
 * A reduction of objects to the declared fields, compiled once from `Manifest.types`. Equal declarations share one
 * instance, so it may be used as a map key.
 */
export interface Projection {
  readonly id: string;
  /** True when this is a Secret: values are replaced by keyed hashes before the text exists. */
  readonly secret: boolean;
}

/** One version of one object, as the API server sent it. Immutable; a newer version is another instance. */
export interface CachedObject {
  readonly ref: ObjectRef;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation: number;
  readonly deletionTimestamp: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly finalizers: readonly string[];
  readonly owners: readonly Owner[];
  /** The declared fields as JSON text: the server's own spelling of every value. Same object, same text. */
  text(projection: Projection): string;
  /**
   * Server-side apply: the `fieldsV1` text of each manager's Apply entry (no subresource), keyed by manager. Only for
   * managers that `Informers` was told about; an absent manager owns nothing.
   */
  readonly applied: ReadonlyMap<string, string>;
  /** The annotation `toque.dev/created-as`: which intent created the object by POST. Known where `applied` is. */
  readonly createdAs?: string | undefined;
}
export interface Owner { readonly uid: string; readonly kind: string; readonly name: string; readonly controller: boolean }

/** What changed in a store. `before` is absent for an addition, `after` for a removal. */
export interface Change { readonly before: CachedObject | undefined; readonly after: CachedObject | undefined }

/**
 * The cache of one kind (or of one object, for kinds watched by name). Never goes back in time: within one store,
 * resourceVersions only grow.
 */
export interface Store {
  readonly kind: KindRef;
  /** The only namespace that it shows; undefined: all of them, or all that are watched. */
  readonly namespace: string | undefined;
  /** True once the first consistent list is in. Stays true. */
  readonly synced: boolean;
  /** Why it is not synced, or its watch down: one sentence for people. Undefined when all is well. */
  readonly trouble: string | undefined;
  /** The watch has delivered everything up to this resourceVersion (events, bookmarks, lists). "" before the first list. */
  readonly resourceVersion: string;
  get(key: ObjectKey): CachedObject | undefined;
  /** Sorted by key. `namespace` undefined: all. */
  list(namespace?: string): readonly CachedObject[];
  /** Objects with this uid among their owner references, sorted by key. */
  ownedBy(uid: string): readonly CachedObject[];
  /** Objects with this label, sorted by key; for links by `uidLabel`. */
  labelled(label: string, value: string): readonly CachedObject[];
  /** Called after each change, in order, synchronously with it. Returns the way to stop. */
  onChange(listener: (change: Change) => void): () => void;
  /** Called whenever `resourceVersion`, `synced` or `trouble` moves. */
  onProgress(listener: () => void): () => void;
  /** Drops the connection and watches again from where it was: for a watch that is suspected to be silent. */
  reconnect(why: string): void;
}

/** All watches of a process: one per kind, however many operators share it. */
export interface Informers {
  /** Namespaced kinds are watched in these namespaces only; undefined: in all. */
  readonly namespaces?: readonly string[] | undefined;
  /** Watches a kind. Asking again with another projection or manager extends the one watch there is. */
  watch(kind: KindRef, projection: Projection, options?: { applyManager?: string }): Store;
  /** Watches a single object: Secrets, and kinds declared `byName`. */
  watchOne(kind: KindRef, projection: Projection, namespace: string | undefined, name: string): Store;
  /** A quorum read, past every cache. `undefined`: 404. Throws ApiError or TransportError. */
  readFresh(kind: KindRef, namespace: string | undefined, name: string): Promise<CachedObject | undefined>;
  /** A quorum list; without `namespace`, of all that are watched. */
  listFresh(kind: KindRef, options: { namespace?: string; labelSelector?: string; limit?: number }): Promise<{ items: CachedObject[] }>;
  /** How far the API server itself is with this kind (in that namespace), by a quorum read of one object at most. */
  currentVersion(kind: KindRef, namespace?: string): Promise<string>;
  /** Ends every watch. */
  close(): void;
}

/** What the API server answered instead of success; `reason` is Kubernetes' own closed list (StatusReason). */
export class ApiError extends Error {
  readonly status: number;
  readonly reason: string;
  /** Seconds the server asks to wait (Retry-After, details.retryAfterSeconds). */
  readonly retryAfterS: number | undefined;
  constructor(status: number, reason: string, message: string, retryAfterS?: number) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.reason = reason;
    this.retryAfterS = retryAfterS;
  }
}

/** One decided pass, as the recorder sees it: before acting, and once more with the results. */
export interface PassRecord {
  operator: string;
  digest: string;
  key: ObjectKey;
  /** Exactly the text that the core was given, and gave. */
  observed: string;
  plan: string;
  fuelUsed: number;
}
export interface Recorder {
  decided(pass: PassRecord): void;
  acted(pass: PassRecord, results: readonly Result[]): void;
}

/** A resourceVersion that grew: `compare(a, b)` < 0 when a is older. Both must be of the same resource. */
export function compareResourceVersions(a: string, b: string): number {
  return a.length !== b.length ? a.length - b.length : a < b ? -1 : a > b ? 1 : 0;
}

export type { CoreFailure, KindRef, Manifest, ObjectRef, Observed, Plan, Result };
