/** Making and deleting a StatefulSet's Pods with their claims, and who owns the claims. */
import type { ControllerRevision, StatefulSet } from "../../typed/apps.ts";
import { CLAIMS, PODS, type PersistentVolumeClaim, type Pod } from "../../typed/core.ts";
import type { OwnerReference } from "../../model.ts";
import type { Typed } from "../../typed/resource.ts";
import { isAlreadyExists, messageOf, type Api, type New } from "../kit/api.ts";
import { TryAgain } from "../kit/dispatcher.ts";
import { REVISION_HASH, templateOf } from "../kit/history.ts";
import type { Kit } from "../kit/kit.ts";
import { controlledBy, podOf } from "../kit/pods.ts";
import type { Recorder } from "../kit/recorder.ts";
import type { Store } from "../kit/store.ts";
import { claimNameFor, isInRange, ordinalOf, POD_INDEX, POD_NAME } from "./stateful-names.ts";

/** A Pod can't be made as long as a claim of that name is on its way out. */
class ClaimLeaving extends TryAgain {}

export class StatefulPods {
  readonly #api: Api;
  readonly #events: Recorder;
  readonly #claims: Store<PersistentVolumeClaim>;
  readonly #pods: Store<Pod>;

  constructor(kit: Kit, api: Api, events: Recorder) {
    this.#api = api;
    this.#events = events;
    this.#claims = kit.store(CLAIMS);
    this.#pods = kit.store(PODS);
  }

  /** With `pending`, only its claims. */
  create(set: StatefulSet, ordinal: number, revision: ControllerRevision, pending: Pod | undefined): void {
    if (pending === undefined && this.#isStale(set, ordinal)) return;
    const name = `${set.metadata.name}-${ordinal}`;
    try {
      this.#createClaims(set, ordinal, name);
    } catch (error) {
      if (pending === undefined) this.#podEvent("create", set, name, error);
      throw error;
    }
    if (pending !== undefined) return this.settle(set, pending);
    let pod: Pod;
    try {
      pod = this.#api.create(PODS, podFor(set, ordinal, revision));
    } catch (error) {
      if (!isAlreadyExists(error)) this.#podEvent("create", set, name, error);
      throw error;
    }
    this.#own(set, pod);
    this.#podEvent("create", set, name);
  }

  delete(set: StatefulSet, pod: Pod): void {
    try {
      this.#api.delete(PODS, pod);
      this.#podEvent("delete", set, pod.metadata.name);
    } catch (error) {
      this.#podEvent("delete", set, pod.metadata.name, error);
      throw error;
    }
  }

  /** Labels that name it, and claims that belong to whom the set's policy says. */
  settle(set: StatefulSet, pod: Pod): void {
    const { name, labels } = pod.metadata;
    if (labels?.[POD_NAME] !== name && isInRange(set, ordinalOf(pod))) {
      this.#api.patch(PODS, pod, { metadata: { labels: { [POD_NAME]: name, [POD_INDEX]: String(ordinalOf(pod)) } } });
      this.#podEvent("update", set, name);
    }
    this.#own(set, pod);
  }

  #createClaims(set: StatefulSet, ordinal: number, pod: string): void {
    for (const template of set.spec.volumeClaimTemplates ?? []) {
      const name = claimNameFor(set, template, ordinal);
      const known = this.#claims.get(`${set.metadata.namespace}/${name}`);
      if (known?.metadata.deletionTimestamp !== undefined) throw new ClaimLeaving(`pvc ${name} is being deleted`);
      if (known !== undefined) continue;
      try {
        this.#api.create(CLAIMS, claimFor(set, template, name));
        this.#events.normal(set, "SuccessfulCreate", `Create Claim ${name} Pod ${pod} in StatefulSet ${set.metadata.name} success`);
      } catch (error) {
        if (isAlreadyExists(error)) continue;
        this.#events.warning(set, "FailedCreate", `Create Claim ${name} for Pod ${pod} in StatefulSet ${set.metadata.name} failed error: ${messageOf(error)}`);
        throw error;
      }
    }
  }

  /** A claim that still belongs to an earlier Pod of this name, and will go with it. */
  #isStale(set: StatefulSet, ordinal: number): boolean {
    if (set.spec.persistentVolumeClaimRetentionPolicy?.whenScaled !== "Delete") return false;
    const name = `${set.metadata.name}-${ordinal}`;
    return this.#claimsOf(set, ordinal).some(({ metadata: { ownerReferences = [] } }) => ownerReferences.some((owner) => owner.kind === "Pod" && owner.name === name && this.#pods.get(`${set.metadata.namespace}/${name}`)?.metadata.uid !== owner.uid));
  }

  #claimsOf(set: StatefulSet, ordinal: number): PersistentVolumeClaim[] {
    return (set.spec.volumeClaimTemplates ?? []).map((template) => this.#claims.get(`${set.metadata.namespace}/${claimNameFor(set, template, ordinal)}`)).filter((each) => each !== undefined);
  }

  /** Claims that are to go with the set, or with a Pod that is scaled away, are owned by them. */
  #own(set: StatefulSet, pod: Pod): void {
    const { whenDeleted = "Retain", whenScaled = "Retain" } = set.spec.persistentVolumeClaimRetentionPolicy ?? {};
    const away = !isInRange(set, ordinalOf(pod));
    for (const claim of this.#claimsOf(set, ordinalOf(pod))) {
      const refs = claim.metadata.ownerReferences ?? [];
      if (refs.some((ref) => isStale(ref, set) || isStale(ref, pod))) continue;
      const others = refs.filter((ref) => ref.uid !== set.metadata.uid && ref.uid !== pod.metadata.uid);
      const foreign = (whenDeleted === "Delete" || whenScaled === "Delete") && others.some(({ controller }) => controller === true);
      const owner = foreign ? undefined : whenScaled === "Delete" && away ? pod : whenDeleted === "Delete" && !(whenScaled === "Delete" && away) ? set : undefined;
      const wanted: OwnerReference[] = owner === undefined ? others : [...others, controlledBy(owner)];
      if (wanted.length === refs.length && wanted.every((ref) => refs.some((known) => known.uid === ref.uid && known.controller === ref.controller))) continue;
      this.#api.patch(CLAIMS, claim, { metadata: { ownerReferences: wanted.length === 0 ? null : wanted } });
    }
  }

  #podEvent(verb: "create" | "delete" | "update", set: StatefulSet, pod: string, error?: unknown): void {
    const title = `${verb[0]!.toUpperCase()}${verb.slice(1)}`;
    const what = `${title} Pod ${pod} in StatefulSet ${set.metadata.name}`;
    if (error === undefined) this.#events.normal(set, `Successful${title}`, `${what} successful`);
    else this.#events.warning(set, `Failed${title}`, `${what} failed error: ${messageOf(error)}`);
  }
}

/** Names the object, but an earlier one. */
function isStale(ref: OwnerReference, { apiVersion, kind, metadata: { name, uid } }: Typed): boolean {
  return ref.apiVersion === apiVersion && ref.kind === kind && ref.name === name && ref.uid !== uid;
}

function podFor(set: StatefulSet, ordinal: number, revision: ControllerRevision): New<Pod> {
  const template = templateOf(revision);
  const pod = podOf(set, template);
  const name = `${set.metadata.name}-${ordinal}`;
  const claims = (set.spec.volumeClaimTemplates ?? []).map((each) => ({ name: each.metadata.name, persistentVolumeClaim: { claimName: claimNameFor(set, each, ordinal) } }));
  const others = (template.spec.volumes ?? []).filter((volume) => !claims.some((each) => each.name === volume.name));
  const volumes = [...claims, ...others];
  return {
    metadata: { ...pod.metadata, name, labels: { ...pod.metadata.labels, [POD_NAME]: name, [POD_INDEX]: String(ordinal), [REVISION_HASH]: revision.metadata.name } },
    spec: { ...template.spec, hostname: name, ...(set.spec.serviceName === undefined || set.spec.serviceName === "" ? {} : { subdomain: set.spec.serviceName }), ...(volumes.length === 0 ? {} : { volumes }) },
  };
}

function claimFor(set: StatefulSet, template: PersistentVolumeClaim, name: string): New<PersistentVolumeClaim> {
  const { labels, annotations } = template.metadata;
  return {
    metadata: { name, namespace: set.metadata.namespace!, labels: { ...labels, ...set.spec.selector.matchLabels }, ...(annotations === undefined ? {} : { annotations }) },
    spec: template.spec,
  };
}
