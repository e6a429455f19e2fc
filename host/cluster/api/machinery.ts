/**
 * The seams between the request machinery and the parts that know types, patches and policies.
 */
import type { User } from "../auth/user.ts";
import type { Kind, StrategyContext } from "../kinds/kind.ts";
import type { ClusterObject, Json, JsonObject, ManagedFieldsEntry } from "../model.ts";

/** Whose request it is, and in which version of the kind. */
export interface Fields { readonly kind: Kind; readonly manager: string; readonly subresource: string | undefined; readonly now: string }

/** Who manages which field, and how a patch changes a document. */
export interface Merging {
  /** `metadata.managedFields` of `next` after an update or patch; undefined when there is none. */
  updated(live: ClusterObject | undefined, next: ClusterObject, fields: Fields): ManagedFieldsEntry[] | undefined;
  /** Server-side apply: the object that `live` becomes. Throws the 409 of a conflict. */
  applied(live: ClusterObject | undefined, intent: ClusterObject, fields: Fields & { readonly force: boolean }): ClusterObject;
  jsonPatch(document: JsonObject, patch: Json, strict: boolean): Patched;
  mergePatch(document: JsonObject, patch: Json): Patched;
  strategicMergePatch(document: JsonObject, patch: Json, kind: Kind): Patched;
}

/** What a patch made of a document. */
export interface Patched {
  /** Still to be decoded; no object where the patch replaced it all. */
  readonly value: Json;
  /** What is unknown in the patch itself. */
  readonly unknown: readonly string[];
  /** What a refusal shows. */
  shown(): string;
  /** Carried over value by value, not decoded from text: another way to be wrong. */
  readonly byValue?: true;
}

/** One write on its way into storage, as policies see it. */
export interface AdmissionRequest {
  readonly operation: "CREATE" | "UPDATE" | "DELETE" | "CONNECT";
  readonly kind: Kind;
  /** `resourceName`. */
  readonly resource: string;
  readonly subresource: string | undefined;
  readonly namespace: string;
  readonly name: string;
  /** May be changed by `mutate`. Absent for deletions. */
  readonly object: ClusterObject | undefined;
  readonly old: ClusterObject | undefined;
  readonly user: User;
  readonly dryRun: boolean;
}

export interface Admission {
  /** Throws what refuses the request. */
  mutate(request: AdmissionRequest, context: StrategyContext): void;
  validate(request: AdmissionRequest, context: StrategyContext): void;
}
