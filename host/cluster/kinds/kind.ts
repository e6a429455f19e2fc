/**
 * What the API machinery needs to know of a kind. Built-in kinds are listed in `kinds/`, custom resources make theirs from
 * their CRD; the machinery treats both alike.
 */
import type { FieldErrors } from "../api/field-errors.ts";
import type { ClusterObject, Json, JsonObject } from "../model.ts";
import type { TypeTable } from "../schema/types.ts";

export interface Kind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** "DeploymentList". */
  readonly listKind: string;
  /** "deployments". */
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  readonly verbs: readonly Verb[];
  readonly types: TypeTable;
  /** Name of the root type in `types`. */
  readonly type: string;
  /** Custom resources: what the types don't say is pruned or kept by their own rules. */
  readonly custom: boolean;
  readonly status: boolean;
  readonly scale: ScalePaths | undefined;
  readonly strategy: Strategy;
  readonly columns: readonly Column[];
  /** An object's cells, in the order of the columns. The object is as it is stored, whatever version is asked for. */
  row(object: ClusterObject, nowMs: number): readonly Json[];
  /** Rows come in the order of the list unless the kind has one of its own. */
  readonly rowOrder?: (a: ClusterObject, b: ClusterObject) => number;
  /** What its row says of the object beside the cells: that it has ended. */
  readonly rowConditions?: (object: ClusterObject) => readonly Json[] | undefined;
  /** Fields that a field selector may name beside metadata.name and metadata.namespace, and how to read them. */
  readonly selectable: { readonly [path: string]: (object: ClusterObject) => string };
  /** Other served versions are converted to and from the storage version; undefined for the storage version itself. */
  readonly convert: Conversion | undefined;
  /** Custom resources: `openAPIV3Schema` of their definition. */
  readonly schema?: JsonObject;
  /** Told with every answer to a request for this version: that it is going out of use. */
  readonly warning?: string;
  /** The same objects as those of another resource, in another form (`resourceName`). */
  readonly storedAs?: string;
  /** Custom resources: what their schema keeps of a body, and the paths of what it doesn't know ("spec.foo"). */
  readonly shape?: (body: JsonObject) => { object: JsonObject; unknown: string[] };
}

export type Verb = "create" | "delete" | "deletecollection" | "get" | "list" | "patch" | "update" | "watch";

/** JSON paths with a leading dot (".spec.replicas"), as a CRD writes them. */
export interface ScalePaths { readonly specReplicas: string; readonly statusReplicas: string; readonly labelSelector: string | undefined }

export interface Conversion {
  toStorage(object: ClusterObject): ClusterObject;
  fromStorage(object: ClusterObject): ClusterObject;
}

/** A column of `kubectl get`. `priority` 0 is always shown, 1 with -o wide. */
export interface Column {
  readonly name: string;
  readonly type: "string" | "integer" | "number" | "boolean" | "date";
  readonly format: string;
  readonly description: string;
  readonly priority: number;
}

/** What a strategy may know of the world. */
export interface StrategyContext {
  /** Milliseconds since the Unix epoch. */
  readonly nowMs: number;
  readonly user: string;
  /** Reads other objects of the cluster: services' addresses, a namespace, a StorageClass. `resource` is a `resourceName`. */
  get(resource: string, namespace: string | undefined, name: string): ClusterObject | undefined;
  list(resource: string, namespace?: string): Iterable<ClusterObject>;
  /** Uniform in [0, 1), from the platform. */
  random(): number;
  /** A sentence for the client (HTTP header Warning). */
  warn(message: string): void;
  /** The API group of the request. */
  readonly group: string;
  /** "status", "scale", "eviction" ...; undefined for the object itself. */
  readonly subresource: string | undefined;
  readonly dryRun: boolean;
}

/**
 * A kind's own rules, in the order in which the machinery calls them: decode, `setDefaults`, `prepareForCreate` or
 * `prepareForUpdate`, admission, `validate...`, write. Objects handed to `setDefaults` and `prepare...` are the request's own
 * copies and are changed in place; `old` never is.
 */
export interface Strategy {
  /** Fills in what the client left out. Also runs on what a patch or an apply made. */
  setDefaults(object: ClusterObject): void;
  /** Drops what a client may not set (status), sets generation 1, allocates addresses ... */
  prepareForCreate(object: ClusterObject, context: StrategyContext): void;
  /** Keeps what may not change through this (sub)resource, bumps `metadata.generation` where the spec differs. */
  prepareForUpdate(object: ClusterObject, old: ClusterObject, context: StrategyContext): void;
  /**
   * Metadata included, under the kind's own name rule (`api/validate-metadata.ts`). When it finds nothing the machinery goes on
   * with `validateMetadata(..., pathSegment)`, as the real one does.
   */
  validate(object: ClusterObject, errors: FieldErrors, context: StrategyContext): void;
  /** The machinery has called `validateMetadata(..., pathSegment)` and `validateMetadataUpdate` before, with the same `errors`. */
  validateUpdate(object: ClusterObject, old: ClusterObject, errors: FieldErrors, context: StrategyContext): void;
  /** An update without a resourceVersion is allowed. */
  readonly unconditionalUpdate: boolean;
  /** PUT creates what isn't there. */
  readonly createOnUpdate: boolean;
  /** Seconds an object lives on after its deletion was asked for; undefined: deleted at once (unless finalizers hold it). */
  gracePeriodSeconds?(object: ClusterObject, asked: number | undefined): number | undefined;
  /** Called on the request's own copy when a deletion begins: may add finalizers, which then hold it. */
  beginDeletion?(object: ClusterObject, context: StrategyContext): void;
  /** The default propagation where the client names none: "Background" for most. */
  readonly orphansByDefault?: true;
  /** What a client that deletes without naming a propagation is warned of. */
  readonly deletionWarning?: string;
  /** Finalizers set at creation ("kubernetes.io/pvc-protection"). */
  readonly initialFinalizers?: readonly string[];
}
