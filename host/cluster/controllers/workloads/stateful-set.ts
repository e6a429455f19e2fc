/** StatefulSet: Pods with names and volumes of their own, made and renewed one after the other. */
import { STATEFUL_SETS, type ControllerRevision, type StatefulSet, type StatefulSetStatus } from "../../typed/apps.ts";
import { CLAIMS, PODS, type Pod } from "../../typed/core.ts";
import { keyOf } from "../../typed/resource.ts";
import { isAlreadyExists, type Api } from "../kit/api.ts";
import { claim } from "../kit/claim.ts";
import type { Queue } from "../kit/dispatcher.ts";
import { sameJson } from "../kit/hash.ts";
import { dataOf, hashOfData, History, sameData, STATEFUL_REVISION_HASH } from "../kit/history.ts";
import type { Kit } from "../kit/kit.ts";
import { isAvailable, isReady, nextAvailableInMs } from "../kit/pods.ts";
import { SelectorIndex } from "../kit/selectors.ts";
import { controllerOf, type Change, type Store } from "../kit/store.ts";
import { counted } from "./replica-set.ts";
import { isMember, revisionOfPod, startOf } from "./stateful-names.ts";
import { StatefulPods } from "./stateful-pods.ts";
import { arrange, nextStep, type Arrangement } from "./stateful-steps.ts";

const MANAGER = "kube-controller-manager";

interface Revisions { readonly all: ControllerRevision[]; readonly current: ControllerRevision; readonly update: ControllerRevision; readonly collisions: number }

export class StatefulSetController {
  readonly #kit: Kit;
  readonly #api: Api;
  readonly #sets: Store<StatefulSet>;
  readonly #pods: Store<Pod>;
  readonly #history: History;
  readonly #control: StatefulPods;
  readonly #queue: Queue;
  readonly #selecting: SelectorIndex<StatefulSet>;

  constructor(kit: Kit) {
    this.#kit = kit;
    this.#api = kit.api(MANAGER);
    this.#sets = kit.store(STATEFUL_SETS);
    this.#pods = kit.store(PODS);
    this.#history = new History(kit, this.#api, STATEFUL_REVISION_HASH);
    this.#control = new StatefulPods(kit, this.#api, kit.recorder("statefulset-controller", MANAGER));
    this.#selecting = new SelectorIndex(this.#sets, ({ spec }) => spec.selector);
    this.#queue = kit.queue("statefulset", (key) => this.#pass(key));
    this.#sets.on(({ object, type }) => {
      if (type !== "DELETED") this.#queue.add(keyOf(object));
    });
    this.#pods.on((change) => this.#podChanged(change));
    kit.store(CLAIMS);
  }

  #podChanged({ object: pod, previous }: Change<Pod>): void {
    const namespace = pod.metadata.namespace!;
    const owner = controllerOf(pod);
    const before = previous === undefined ? undefined : controllerOf(previous);
    for (const each of before?.uid === owner?.uid ? [owner] : [owner, before]) if (each?.kind === "StatefulSet") this.#queue.add(`${namespace}/${each.name}`);
    if (owner !== undefined) return;
    for (const set of this.#selecting.matching(namespace, pod.metadata.labels)) this.#queue.add(keyOf(set));
  }

  #pass(key: string): void {
    const set = this.#sets.get(key);
    if (set === undefined) return;
    const members = claim(this.#api, this.#pods, PODS, set, set.spec.selector, (pod) => isMember(set, pod));
    const revisions = this.#revisions(set);
    let failed: unknown;
    try {
      if (set.metadata.deletionTimestamp === undefined) this.#step(set, revisions, members);
    } catch (error) {
      failed = error;
    }
    const pods = this.#pods.ownedBy(set.metadata.uid!).filter((pod) => isMember(set, pod));
    this.#write(set, this.#status(set, revisions, pods));
    this.#history.truncate(set, revisions.all, new Set([revisions.current.metadata.name, revisions.update.metadata.name, ...pods.map(revisionOfPod)]));
    if (failed !== undefined) throw failed;
    const waitMs = nextAvailableInMs(pods, set.spec.minReadySeconds ?? 0, this.#kit.nowMs());
    if (waitMs !== undefined) this.#queue.addAfter(key, waitMs);
  }

  /** Does what may be done now. */
  #step(set: StatefulSet, { current, update }: Revisions, members: readonly Pod[]): void {
    const arrangement: Arrangement = arrange(set, members, this.#kit.nowMs());
    const step = nextStep(set, arrangement, update.metadata.name);
    for (const { ordinal, pod } of step.create) this.#control.create(set, ordinal, this.#revisionFor(set, ordinal, current, update), pod);
    for (const pod of step.settle) this.#control.settle(set, pod);
    for (const pod of step.remove) this.#control.delete(set, pod);
  }

  /** Below the partition, and while an update without one is under way, the current revision is kept. */
  #revisionFor(set: StatefulSet, ordinal: number, current: ControllerRevision, update: ControllerRevision): ControllerRevision {
    const { updateStrategy: { type, rollingUpdate } } = set.spec;
    if (type !== "RollingUpdate") return update;
    const kept = rollingUpdate === undefined ? set.status?.currentReplicas ?? 0 : rollingUpdate.partition ?? 0;
    return ordinal < startOf(set) + kept ? current : update;
  }

  #revisions(set: StatefulSet): Revisions {
    const all = this.#history.of(set);
    const newest = all.at(-1);
    const number = (newest?.revision ?? 0) + 1;
    const data = dataOf(set.spec.template);
    const equal = all.findLast((revision) => sameData(revision.data, data));
    let collisions = set.status?.collisionCount ?? 0;
    let update = equal === undefined || equal === newest ? equal : this.#history.renumber(equal, number);
    while (update === undefined) {
      try {
        update = this.#history.create(set, hashOfData(data, collisions, this.#kit.platform.text), number);
      } catch (error) {
        if (!isAlreadyExists(error)) throw error;
        collisions++;
      }
    }
    return { all, update, current: all.find(({ metadata }) => metadata.name === set.status?.currentRevision) ?? update, collisions };
  }

  #status(set: StatefulSet, { current, update, collisions }: Revisions, pods: readonly Pod[]): StatefulSetStatus {
    const { spec: { replicas, minReadySeconds = 0, updateStrategy }, metadata: { generation } } = set;
    const nowMs = this.#kit.nowMs();
    let [ready, available, ofCurrent, ofUpdate] = [0, 0, 0, 0];
    for (const pod of pods) {
      if (pod.status?.phase === "Running" && isReady(pod)) {
        ready++;
        if (isAvailable(pod, minReadySeconds, nowMs)) available++;
      }
      if (pod.metadata.deletionTimestamp !== undefined) continue;
      if (revisionOfPod(pod) === current.metadata.name) ofCurrent++;
      if (revisionOfPod(pod) === update.metadata.name) ofUpdate++;
    }
    const through = updateStrategy.type === "RollingUpdate" && ofUpdate === replicas && ready === replicas && pods.length === replicas;
    return {
      ...(generation === undefined ? {} : { observedGeneration: generation }), replicas: pods.length,
      ...counted({ readyReplicas: ready, currentReplicas: through ? ofUpdate : ofCurrent, updatedReplicas: ofUpdate }),
      currentRevision: (through ? update : current).metadata.name, updateRevision: update.metadata.name, collisionCount: collisions, availableReplicas: available,
    };
  }

  #write(set: StatefulSet, status: StatefulSetStatus): void {
    const { conditions } = set.status ?? {};
    const whole = conditions === undefined ? status : { ...status, conditions };
    if (!sameJson(whole, set.status)) this.#api.updateStatus(STATEFUL_SETS, { ...set, status: whole });
  }
}
