/** Deployment: rolls from one template to the next through ReplicaSets, one for each template. */
import { DEPLOYMENTS, REPLICA_SETS, type Deployment, type ReplicaSet } from "../../typed/apps.ts";
import { PODS, type Pod } from "../../typed/core.ts";
import { keyOf } from "../../typed/resource.ts";
import type { Api } from "../kit/api.ts";
import { claim } from "../kit/claim.ts";
import type { Queue } from "../kit/dispatcher.ts";
import type { Kit } from "../kit/kit.ts";
import { isFinished } from "../kit/pods.ts";
import type { Recorder } from "../kit/recorder.ts";
import { isEmptySelector, SelectorIndex } from "../kit/selectors.ts";
import { controllerOf, type Change, type Store } from "../kit/store.ts";
import { hasDeadline } from "./deployment-numbers.ts";
import { Rollout } from "./deployment-rollout.ts";
import { scaleAll, wasScaled } from "./deployment-scale.ts";
import { pausedCondition, statusOf, stuckCheckInMs, withProgress } from "./deployment-status.ts";

const MANAGER = "kube-controller-manager";

export class DeploymentController {
  readonly #kit: Kit;
  readonly #api: Api;
  readonly #events: Recorder;
  readonly #deployments: Store<Deployment>;
  readonly #sets: Store<ReplicaSet>;
  readonly #pods: Store<Pod>;
  readonly #queue: Queue;
  readonly #selecting: SelectorIndex<Deployment>;

  constructor(kit: Kit) {
    this.#kit = kit;
    this.#api = kit.api(MANAGER);
    this.#events = kit.recorder("deployment-controller", MANAGER);
    this.#deployments = kit.store(DEPLOYMENTS);
    this.#sets = kit.store(REPLICA_SETS);
    this.#pods = kit.store(PODS);
    this.#selecting = new SelectorIndex(this.#deployments, ({ spec }) => spec.selector);
    this.#queue = kit.queue("deployment", (key) => this.#pass(key));
    this.#deployments.on(({ object, type }) => {
      if (type !== "DELETED") this.#queue.add(keyOf(object));
    });
    this.#sets.on((change) => this.#setChanged(change));
    this.#pods.on(({ type, object }) => {
      if (type === "DELETED" || isFinished(object)) this.#podEnded(object);
    });
  }

  #setChanged({ object: set, previous }: Change<ReplicaSet>): void {
    const namespace = set.metadata.namespace!;
    const owner = controllerOf(set);
    const before = previous === undefined ? undefined : controllerOf(previous);
    for (const each of before?.uid === owner?.uid ? [owner] : [owner, before]) {
      if (each?.kind === "Deployment") this.#queue.add(`${namespace}/${each.name}`);
    }
    if (owner !== undefined) return;
    for (const deployment of this.#selecting.matching(namespace, set.metadata.labels)) this.#queue.add(keyOf(deployment));
  }

  /** Recreate waits for the last old Pod to end before it makes a new one. */
  #podEnded(pod: Pod): void {
    const setRef = controllerOf(pod);
    const set = setRef?.kind === "ReplicaSet" ? this.#sets.get(`${pod.metadata.namespace}/${setRef.name}`) : undefined;
    const owner = set === undefined ? undefined : controllerOf(set);
    const key = `${pod.metadata.namespace}/${owner?.name}`;
    if (owner?.kind === "Deployment" && this.#deployments.get(key)?.spec.strategy.type === "Recreate") this.#queue.add(key);
  }

  #pass(key: string): void {
    const deployment = this.#deployments.get(key);
    if (deployment === undefined) return;
    const { spec, metadata: { generation, deletionTimestamp }, status } = deployment;
    if (isEmptySelector(spec.selector)) {
      this.#events.warning(deployment, "SelectingAll", "This deployment is selecting all pods. A non-empty selector is required.");
      if ((status?.observedGeneration ?? 0) < (generation ?? 0)) this.#api.updateStatus(DEPLOYMENTS, { ...deployment, status: { ...status, observedGeneration: generation! } });
      return;
    }
    const sets = claim(this.#api, this.#sets, REPLICA_SETS, deployment, spec.selector);
    const rollout = new Rollout(deployment, sets, { api: this.#api, events: this.#events, now: () => this.#kit.now() });
    if (deletionTimestamp !== undefined) {
      rollout.findNewSet();
      rollout.write(statusOf(rollout, this.#kit.now()));
      return;
    }
    rollout.conditions = pausedCondition(deployment, this.#kit.now());
    rollout.findNewSet();
    if (spec.paused === true || wasScaled(rollout)) {
      scaleAll(rollout);
      if (spec.paused === true) rollout.cleanUp();
      rollout.write(statusOf(rollout, this.#kit.now()));
      return;
    }
    if (spec.strategy.type === "Recreate") rollout.recreate((known) => this.#oldPodsRun(known));
    else rollout.roll();
    this.#finish(key, rollout);
  }

  #finish(key: string, rollout: Rollout): void {
    const { deployment } = rollout;
    const status = withProgress(rollout, statusOf(rollout, this.#kit.now()), this.#kit);
    rollout.write(status);
    if (!hasDeadline(deployment)) return;
    // Time passing is not a change that anybody would report.
    const waitMs = stuckCheckInMs(deployment, status, this.#kit.nowMs());
    if (waitMs !== undefined) this.#queue.addAfter(key, waitMs);
  }

  #oldPodsRun({ newSet, oldSets }: Rollout): boolean {
    if (oldSets.some(({ status }) => (status?.replicas ?? 0) > 0)) return true;
    return oldSets.some((set) => set !== newSet && this.#pods.ownedBy(set.metadata.uid!).some((pod) => !isFinished(pod)));
  }
}
