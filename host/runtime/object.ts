/**
 * One version of one object in the cache: a little metadata, and the text of each projection. Small on purpose, for a
 * process holds thousands; a cached one points into nothing that it was read from.
 */
import type { KindRef } from "../../bindings/protocol/manifest.ts";
import type { ObjectRef } from "../../bindings/protocol/types.ts";
import type { CachedObject, Owner, Projection } from "./contracts.ts";
import type { CompiledProjection } from "./projection.ts";

/**
 * What to take of the objects of one kind. Immutable: who adds to it makes another, and objects remember which one they
 * were made by.
 */
export interface Recipe {
  readonly kind: KindRef;
  readonly projections: readonly CompiledProjection[];
  /** A manager counts when it is one of these, or begins with one and a dash, dot, slash or colon (`toque-etcd-<uid>`). */
  readonly managers: readonly string[];
}

export interface Metadata {
  name: string;
  namespace: string | undefined;
  uid: string;
  resourceVersion: string;
  generation: number;
  deletionTimestamp: string | undefined;
  labels: Readonly<Record<string, string>>;
  finalizers: readonly string[];
  owners: readonly Owner[];
  applied: ReadonlyMap<string, string>;
  createdAs?: string | undefined;
}

/** Makes the text of a projection that the recipe lacked; only objects read fresh can still do that. */
export type LateText = (projection: CompiledProjection) => string;

export class StoredObject implements CachedObject {
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
  readonly recipe: Recipe;
  /** In the order of `recipe.projections`. */
  readonly texts: readonly string[];
  readonly #late: LateText | undefined;

  constructor(recipe: Recipe, metadata: Metadata, texts: readonly string[], late: LateText | undefined) {
    const { apiVersion, kind } = recipe.kind;
    const { name, namespace } = metadata;
    this.ref = namespace === undefined ? { apiVersion, kind, name } : { apiVersion, kind, namespace, name };
    this.uid = metadata.uid;
    this.resourceVersion = metadata.resourceVersion;
    this.generation = metadata.generation;
    this.deletionTimestamp = metadata.deletionTimestamp;
    this.labels = metadata.labels;
    this.finalizers = metadata.finalizers;
    this.owners = metadata.owners;
    this.applied = metadata.applied;
    this.createdAs = metadata.createdAs;
    this.recipe = recipe;
    this.texts = texts;
    this.#late = late;
  }

  text(projection: Projection): string {
    const text = this.texts[this.recipe.projections.indexOf(projection as CompiledProjection)];
    if (text !== undefined) return text;
    if (this.#late !== undefined) return this.#late(projection as CompiledProjection);
    throw new Error(`${this.ref.kind} ${this.ref.name} has no text for projection ${projection.id}: ask the store that watch(kind, projection) returned, once it is synced`);
  }
}
