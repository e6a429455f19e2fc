/**
 * The kinds that every Kubernetes API server of this version has, as `reduce.ts` found them.
 */
import type { TypeDef } from "../../protocol/manifest.ts";
import data from "./builtin.json" with { type: "json" };

export interface Builtin {
  generator: string;
  /** "kube-apiserver v1.36.3". */
  server: string;
  /** By "apps/v1 Deployment". Only kinds that can be read and watched. */
  kinds: { [key: string]: BuiltinKind };
  /** Kinds that exist, but have no watch ("v1 Binding"): for a better error. */
  unwatchable: string[];
  types: { [typeName: string]: TypeDef };
}
export interface BuiltinKind {
  plural: string;
  namespaced: boolean;
  /** Key in `types`. */
  type: string;
  /** "status", "scale", "eviction". */
  subresources: string[];
}

/** The catalogue in use. Shared: never changed. */
export const BUILTIN: Builtin = data as unknown as Builtin;
