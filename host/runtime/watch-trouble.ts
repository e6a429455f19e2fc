/**
 * What a watcher says when something is wrong, and how long it waits before it tries again.
 */
import type { KindRef } from "../../bindings/protocol/manifest.ts";
import { TransportError, type Random } from "../platform/platform.ts";
import { ApiError, kindKey } from "./contracts.ts";
import type { ListScope } from "./list.ts";

export interface WatchTuning {
  /** Objects per page of a list. */
  readonly pageSize: number;
  /** A watch is asked to last this long, up to twice as long. */
  readonly watchSecondsMin: number;
  /** A watch that brings nothing, not even a bookmark (one a minute), for so long is dropped. */
  readonly silentAfterMs: number;
  /** Wait after the second failure in a row; it doubles from there. */
  readonly backoffMsMin: number;
  readonly backoffMsMax: number;
  /** List again this long after an event was lost to damaged bytes. */
  readonly healAfterMs: number;
}

export const DEFAULT_TUNING: WatchTuning = {
  pageSize: 500, watchSecondsMin: 300, silentAfterMs: 90_000, backoffMsMin: 200, backoffMsMax: 10_000, healAfterMs: 2_000,
};

/** The first retry comes nearly at once, for most cuts are over when they are noticed; jitter keeps a fleet apart. */
export function backoffMs(failures: number, tuning: WatchTuning, random: Random): number {
  if (failures <= 1) return 10 + 40 * random.next();
  const full = Math.min(tuning.backoffMsMax, tuning.backoffMsMin * 2 ** Math.min(failures - 2, 30));
  return full * (0.5 + 0.5 * random.next());
}

/** What the server asked for, bounded: a proxy's "in an hour" must not blind an operator for an hour. */
export function retryAfterMs(error: unknown): number {
  return error instanceof ApiError && error.retryAfterS !== undefined ? Math.min(error.retryAfterS, 30) * 1000 : 0;
}

/** One sentence with the cause and the fix. */
export function troubleOf(error: unknown, verb: "list" | "watch", kind: KindRef, scope: ListScope): string {
  const what = `${kind.plural}${groupOf(kind)}`;
  const where = scope.namespace !== undefined ? `in namespace ${scope.namespace}` : kind.namespaced ? "in all namespaces" : "in the cluster";
  if (error instanceof ApiError) {
    switch (error.status) {
      case 401:
        return `the API server refuses the credentials when asked to ${verb} ${what}: renew the token or certificate. It says: ${error.message}`;
      case 403:
        return `not allowed to ${verb} ${what} ${where}: grant the verbs list and watch on ${what} (toque manifests prints the rules). The API server says: ${error.message}`;
      case 404:
        return `the API server does not serve ${kindKey(kind)} (${what}): install its CustomResourceDefinition, or check the version in operator.yaml. Waiting for it to appear`;
      default:
        return `the API server answered ${error.status} ${error.reason} when asked to ${verb} ${what}: ${error.message}`;
    }
  }
  if (error instanceof TransportError) return `can't ${verb} ${what}: ${error.message}`;
  return `can't read what the API server sent when asked to ${verb} ${what}: ${error instanceof Error ? error.message : String(error)}`;
}

/** ".apps" for "apps/v1", as RBAC and kubectl name it. */
function groupOf(kind: KindRef): string {
  const slash = kind.apiVersion.indexOf("/");
  return slash < 0 ? "" : `.${kind.apiVersion.slice(0, slash)}`;
}
