/**
 * The manifest: what `operator.yaml` and `crd.yaml` say, in the form in which it travels with a core (custom section
 * `toque:manifest`, UTF-8 JSON). The host trusts nothing else about a core.
 */
import type { Json } from "./types.ts";

export interface Manifest {
  protocol: 1;
  /** DNS label; names the field manager (`toque-<name>`), the ServiceAccount, the Lease. */
  name: string;
  version: string;
  for: PrimaryKind;
  owns: OwnedKind[];
  reads: ReadKind[];
  calls: Call[];
  /** True when the host must keep a finalizer on the primary: declared, or needed by a `uidLabel` link. */
  finalizer: boolean;
  limits: Limits;
  /**
   * Every type that a declared kind reaches, pruned to the declared fields. Keys are type names ("PodSpec"). The type of a
   * kind has `apiVersion` and `kind`, optional strings, and `metadata`, an ObjectMeta.
   */
  types: { [typeName: string]: TypeDef };
  /** The CustomResourceDefinition, as JSON. */
  crd: Json;
}

/** Identifies a kind and its REST resource. */
export interface KindRef {
  /** "apps/v1", "v1". */
  apiVersion: string;
  kind: string;
  /** "deployments". */
  plural: string;
  namespaced: boolean;
}
export interface PrimaryKind extends KindRef {
  /** Key in `Manifest.types` of the root type. */
  type: string;
  /** Whether the CRD has the status subresource. Always true today: a CRD without it is refused by the build. */
  statusSubresource: boolean;
}
export interface OwnedKind extends KindRef {
  type: string;
  link: "ownerReference" | "uidLabel";
  /** Also written by others: apply is then not forced, and the field manager includes the primary's uid. */
  shared: boolean;
  /** What the core may do with it. Default: all but `evict` (Pods: all). Narrowed by `verbs:` in operator.yaml. */
  verbs: OwnedVerb[];
}
export type OwnedVerb = "apply" | "create" | "patch" | "delete" | "evict" | "adopt";
export interface ReadKind extends KindRef {
  type: string;
  /** Secrets (and other kinds by choice): watched one by one, by name. */
  byName: boolean;
}
export interface Call {
  name: string;
  /** "Pod" or "Service". */
  targetKind: "Pod" | "Service";
  port: number;
  scheme: "http" | "https";
  method: "GET" | "POST" | "PUT" | "DELETE";
  path: string;
  /** `read` may be asked as a question; `change` only as an action after a latch; `destructive` is confirmed too. */
  effect: "read" | "change" | "destructive";
  timeoutMs: number;
  /** Present a client certificate: each call names a Secret (kubernetes.io/tls, with ca.crt). Pods over https only. */
  clientCertificate?: true;
}

/** Bounds of one pass. What exceeds them is confined to its object. */
export interface Limits {
  /** Fuel of one run of the core; the initial value of its fuel counter. */
  fuel: number;
  /** Call depth in units; the initial value of its depth counter. */
  depth: number;
  memoryMaxPages: number;
  planBytesMax: number;
  actionsMax: number;
  questionsMax: number;
  /** Runs of the core in one pass, until no question is open. */
  roundsMax: number;
}
export const DEFAULT_LIMITS: Limits = {
  fuel: 60_000_000, depth: 2_000, memoryMaxPages: 512, planBytesMax: 1 << 20, actionsMax: 500, questionsMax: 200, roundsMax: 8,
};

/** A structure with named fields. Order is the order in the generated class. */
export interface TypeDef {
  fields: { [fieldName: string]: FieldDef };
  /** x-kubernetes-map-type: atomic - one manager owns it whole. */
  atomic?: true;
}
export interface FieldDef {
  type: TypeRef;
  required?: true;
  /** The schema's default; needed where a list key has one (`protocol: TCP`). */
  default?: Json;
}
/** How a value looks. */
export type TypeRef =
  | { scalar: Scalar }
  | { object: string }
  | { list: TypeRef; listType: "atomic" | "set" | "map"; keys?: string[] }
  | { map: TypeRef; atomic?: true };
/** `integer` is 64 bits wide. `json` is any JSON, kept as its own text. `time` is RFC 3339. `bytes` is base64. */
export type Scalar = "string" | "integer" | "number" | "boolean" | "quantity" | "intOrString" | "time" | "bytes" | "json";
