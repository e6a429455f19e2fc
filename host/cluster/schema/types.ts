/**
 * The structural types of every kind: one language for built-in kinds (from the facts of a real API server's own types) and
 * for custom resources (from their schemas). Decoding, defaulting, server-side apply, strategic merge, protobuf and OpenAPI
 * all walk these.
 */
import type { Json } from "../model.ts";

/** Types by name ("PodSpec"). A custom resource has a table of its own, with made-up names for its inner structures. */
export interface TypeTable { readonly [typeName: string]: StructType }

export interface StructType {
  /** In the order in which the server writes them. */
  readonly fields: { readonly [fieldName: string]: Field };
  /** One manager owns it whole (x-kubernetes-map-type: atomic). */
  readonly atomic?: true;
  /** Unknown fields are kept (x-kubernetes-preserve-unknown-fields). */
  readonly open?: true;
  /** A custom resource's embedded object: apiVersion, kind and metadata are known without being listed. */
  readonly embedded?: true;
  /** Built-in kinds: the Go type ("k8s.io/api/core/v1.PodSpec"), which error messages and OpenAPI name. */
  readonly go?: string;
}

export interface Field {
  readonly type: Type;
  /** Must be given (OpenAPI `required`); only custom resources are refused for it by the schema alone. */
  readonly required?: true;
  /** The schema's default. */
  readonly default?: Json;
  /** `null` is a value of it (custom resources only). */
  readonly nullable?: true;
  /**
   * Built-in kinds: when the server leaves the field out. "empty": zero values, as Go's `omitempty` does for what is no
   * pointer; "absent": only when it is not there (a pointer); "never": always written, so an absent one appears as its zero
   * value (`status: {}`, `containers: null`); "null": always written, null when it is not there (a pointer). Custom
   * resources have none: what is there is kept.
   */
  readonly omit?: "empty" | "absent" | "never" | "null";
  /** Built-in kinds: the field's number in the protobuf message, 0 when it is no part of it (apiVersion, kind). */
  readonly number?: number;
  /**
   * Built-in kinds: Go's embedded structs that hold it, outermost first, with their numbers in the protobuf messages and
   * their names. JSON knows nothing of them; type errors name them.
   */
  readonly message?: readonly { readonly number: number; readonly go: string }[];
  /** Built-in kinds: the values of an enumeration (of its items, for a list or map), for OpenAPI; decoding takes any. */
  readonly values?: readonly string[];
  /** Strategic merge patch: how a patch treats it. */
  readonly patch?: { readonly strategy?: "merge" | "replace" | "retainKeys" | "merge,retainKeys" | "replace,retainKeys"; readonly mergeKey?: string };
}

/**
 * `go`: Go's own name where a named type stands for a scalar, list or map ("v1.Protocol"); error messages have it. `key`: Go's name of a map's key. `granular`: the struct is atomic in
 * general, but not here.
 */
export type Type =
  | { readonly scalar: ScalarType; readonly go?: string }
  | { readonly struct: string; readonly granular?: true }
  | { readonly list: Type; readonly listType: "atomic" | "set" | "map"; readonly keys?: readonly string[]; readonly go?: string }
  | { readonly map: Type; readonly atomic?: true; readonly go?: string; readonly key?: string };

/**
 * `int32` and `int64` are checked for their range; `bytes` is base64; `time` RFC 3339 in whole seconds, `microTime` with six
 * digits; `any` is any JSON and one field for server-side apply unless it is an object (then by member).
 */
export type ScalarType =
  | "string" | "boolean" | "int32" | "int64" | "double" | "quantity" | "intOrString" | "time" | "microTime" | "bytes" | "any";
