/**
 * What the parts of the executor share: one pass in the middle of acting, and what became of an action.
 */
import type { Action, ObjectRef, Result } from "../../../bindings/protocol/types.ts";
import type { Clock, Digest, Random, TextCodec, Transport } from "../../platform/platform.ts";
import type { Caller } from "../answers.ts";
import { type CachedObject, type Informers, type ObjectKey, keyOf } from "../contracts.ts";
import { type Declarations, type DeclaredKind } from "../declarations.ts";
import type { Decided } from "../decide.ts";
import type { ApplyMemo } from "../apply/memo.ts";
import type { Metrics } from "../metrics.ts";
import type { OwnWrites } from "../own-writes.ts";
import type { WriteGate, Writer } from "../writer.ts";

/** What executing needs from the world; one for each operator. */
export interface ExecutorContext {
  readonly declarations: Declarations;
  readonly writer: Writer;
  readonly gate: WriteGate;
  readonly ownWrites: OwnWrites;
  readonly informers: Pick<Informers, "readFresh">;
  readonly memo: ApplyMemo;
  readonly caller: Caller | undefined;
  readonly metrics: Metrics;
  /** For the values of Secrets, which never are in a cache. */
  readonly transport: Transport;
  readonly text: TextCodec;
  readonly clock: Clock;
  readonly random: Random;
  readonly digest: Digest;
}

/** One pass in the middle of acting. */
export class Act {
  readonly key: ObjectKey;
  readonly decided: Decided;
  readonly primary: CachedObject;
  /** Moves with the pass's own writes to the primary: finalizer, latches, status. */
  primaryVersion: string;
  #owned: Map<string, CachedObject> | undefined;
  #strays: Map<string, CachedObject> | undefined;

  constructor(key: ObjectKey, decided: Decided) {
    this.key = key;
    this.decided = decided;
    this.primary = decided.primary;
    this.primaryVersion = decided.primary.resourceVersion;
  }

  /** The child of this name that the core saw. */
  owned(kind: DeclaredKind, namespace: string | undefined, name: string): CachedObject | undefined {
    this.#owned ??= index(this.decided.owned.map(({ object }) => object));
    return this.#owned.get(targetId(kind, namespace, name));
  }
  stray(kind: DeclaredKind, namespace: string | undefined, name: string): CachedObject | undefined {
    this.#strays ??= index(this.decided.strays.map(({ object }) => object));
    return this.#strays.get(targetId(kind, namespace, name));
  }
}

function index(objects: readonly CachedObject[]): Map<string, CachedObject> {
  return new Map(objects.map((object) => [`${object.ref.apiVersion} ${object.ref.kind} ${keyOf(object.ref.namespace, object.ref.name)}`, object]));
}

export function targetId(kind: DeclaredKind, namespace: string | undefined, name: string): string {
  return `${kind.id} ${keyOf(namespace, name)}`;
}

/** What became of an action; and how long to leave the matter alone, where the server or the memo said so. */
export type Outcome = Omit<Result, "action"> & { readonly retryAfterMs?: number };
export interface Done { readonly action: Action; readonly result: Result; readonly retryAfterMs: number | undefined }

/** Names what an action is about, for results, logs and Events. */
export function subjectOf(action: Action, primary: CachedObject): Result["action"] {
  const ref = refOf(action, primary);
  const { apiVersion, kind, namespace, name } = ref;
  return { type: action.type, apiVersion, kind, ...(namespace === undefined ? {} : { namespace }), name };
}

function refOf(action: Action, primary: CachedObject): ObjectRef {
  switch (action.type) {
    case "apply":
    case "create": {
      const { apiVersion, kind, metadata } = action.object;
      const namespace = metadata.namespace ?? primary.ref.namespace;
      return { apiVersion, kind, ...(namespace === undefined ? {} : { namespace }), name: metadata.name };
    }
    case "latch":
      return primary.ref;
    case "http":
      return action.call.target;
    default:
      return action.target;
  }
}

export const DONE: Outcome = { outcome: "done" };
export const SKIPPED: Outcome = { outcome: "skipped" };
export function failedOutcome(reason: string, message: string, retryAfterMs?: number): Outcome {
  return { outcome: "failed", reason, message, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}
export function abandonedOutcome(message: string): Outcome {
  return { outcome: "abandoned", message };
}
