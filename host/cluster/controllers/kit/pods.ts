/** What several controllers ask of Pods, and how they make and delete them. */
import type { OwnerReference } from "../../model.ts";
import { PODS, type Pod, type PodTemplate } from "../../typed/core.ts";
import type { Typed } from "../../typed/resource.ts";
import { type Api, isNamespaceTerminating, messageOf, type New } from "./api.ts";
import { findCondition } from "./conditions.ts";
import { timeMs } from "./numbers.ts";
import type { Recorder } from "./recorder.ts";

export function isFinished({ status }: Pod): boolean { return status?.phase === "Succeeded" || status?.phase === "Failed"; }
/** Neither finished nor on its way out. */
export function isActive(pod: Pod): boolean { return !isFinished(pod) && pod.metadata.deletionTimestamp === undefined; }
export function isTerminating(pod: Pod): boolean { return !isFinished(pod) && pod.metadata.deletionTimestamp !== undefined; }
export function isReady({ status }: Pod): boolean { return findCondition(status?.conditions, "Ready")?.status === "True"; }

/** Since when it is ready, in milliseconds; undefined: it isn't. */
export function readySinceMs({ status }: Pod): number | undefined {
  const ready = findCondition(status?.conditions, "Ready");
  return ready?.status === "True" ? timeMs(ready.lastTransitionTime) ?? 0 : undefined;
}
/** Ready for `minReadySeconds`. */
export function isAvailable(pod: Pod, minReadySeconds: number, nowMs: number): boolean { return availableInMs(pod, minReadySeconds, nowMs) === 0; }
/** How long until it is available, if it stays ready; undefined: it isn't ready. */
export function availableInMs(pod: Pod, minReadySeconds: number, nowMs: number): number | undefined {
  const sinceMs = readySinceMs(pod);
  if (sinceMs === undefined) return undefined;
  return minReadySeconds === 0 ? 0 : Math.max(0, sinceMs + minReadySeconds * 1000 - nowMs);
}
/** The shortest of those waits, for a look when the next Pod becomes available. */
export function nextAvailableInMs(pods: readonly Pod[], minReadySeconds: number, nowMs: number): number | undefined {
  let next: number | undefined;
  for (const pod of pods) {
    const waitMs = availableInMs(pod, minReadySeconds, nowMs);
    if (waitMs !== undefined && waitMs > 0 && (next === undefined || waitMs < next)) next = waitMs;
  }
  return next;
}

/** The reference that makes `owner` the one who manages. */
export function controlledBy({ apiVersion, kind, metadata: { name, uid } }: Typed): OwnerReference {
  return { apiVersion, kind, name, uid: uid!, controller: true, blockOwnerDeletion: true };
}

/** A Pod of `owner`'s template, to be named by the server. */
export function podOf(owner: Typed, template: PodTemplate): New<Pod> {
  const { labels, annotations, finalizers } = template.metadata ?? {};
  return {
    metadata: {
      generateName: `${owner.metadata.name}-`, namespace: owner.metadata.namespace!,
      ...(labels === undefined ? {} : { labels }), ...(annotations === undefined ? {} : { annotations }),
      ownerReferences: [controlledBy(owner)], ...(finalizers === undefined ? {} : { finalizers }),
    },
    spec: template.spec,
  };
}

export class PodControl {
  readonly #api: Api;
  readonly #events: Recorder;

  constructor(api: Api, events: Recorder) {
    this.#api = api;
    this.#events = events;
  }

  create(owner: Typed, pod: New<Pod>): Pod {
    try {
      const created = this.#api.create(PODS, pod);
      this.#events.normal(owner, "SuccessfulCreate", `Created pod: ${created.metadata.name}`);
      return created;
    } catch (error) {
      if (!isNamespaceTerminating(error)) this.#events.warning(owner, "FailedCreate", `Error creating: ${messageOf(error)}`);
      throw error;
    }
  }

  delete(owner: Typed, pod: Pod): void {
    try {
      this.#api.delete(PODS, pod);
      this.#events.normal(owner, "SuccessfulDelete", `Deleted pod: ${pod.metadata.name}`);
    } catch (error) {
      this.#events.warning(owner, "FailedDelete", `Error deleting: ${messageOf(error)}`);
      throw error;
    }
  }
}
