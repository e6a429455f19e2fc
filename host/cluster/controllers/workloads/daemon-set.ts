/** DaemonSet: one Pod on every node that will have it. */
import { DAEMON_SETS, type ControllerRevision, type DaemonSet, type DaemonSetStatus } from "../../typed/apps.ts";
import { NODES, PODS, type Node, type Pod } from "../../typed/core.ts";
import { keyOf } from "../../typed/resource.ts";
import { isAlreadyExists, isNamespaceTerminating, type Api } from "../kit/api.ts";
import { claim } from "../kit/claim.ts";
import type { Queue } from "../kit/dispatcher.ts";
import { sameJson, templateHash } from "../kit/hash.ts";
import { dataOf, History, REVISION_HASH, sameData } from "../kit/history.ts";
import type { Kit } from "../kit/kit.ts";
import { isAvailable, isFinished, isReady, nextAvailableInMs, PodControl } from "../kit/pods.ts";
import type { Recorder } from "../kit/recorder.ts";
import { isEmptySelector, SelectorIndex } from "../kit/selectors.ts";
import { controllerOf, type Change, type Store } from "../kit/store.ts";
import { daemonPod, isUpdated, placementOf, targetOf } from "./daemon-pods.ts";
import { rollOver, type OnNode } from "./daemon-rollout.ts";
import { counted } from "./replica-set.ts";

const MANAGER = "kube-controller-manager";
const BURST = 250;
/** Failed Pods are deleted at a node: at once, then after waits that double from the first to the second. */
const FAILED_FIRST_MS = 1000;
const FAILED_MAX_MS = 900_000;

export class DaemonSetController {
  readonly #kit: Kit;
  readonly #api: Api;
  readonly #events: Recorder;
  readonly #sets: Store<DaemonSet>;
  readonly #pods: Store<Pod>;
  readonly #nodes: Store<Node>;
  readonly #history: History;
  readonly #control: PodControl;
  readonly #queue: Queue;
  readonly #failures = new Map<string, { waitMs: number; atMs: number }>();

  constructor(kit: Kit) {
    this.#kit = kit;
    this.#api = kit.api(MANAGER);
    this.#events = kit.recorder("daemonset-controller", MANAGER);
    this.#sets = kit.store(DAEMON_SETS);
    this.#pods = kit.store(PODS);
    this.#nodes = kit.store(NODES);
    this.#history = new History(kit, this.#api, REVISION_HASH);
    this.#control = new PodControl(this.#api, this.#events);
    this.#queue = kit.queue("daemonset", (key) => this.#pass(key));
    const selecting = new SelectorIndex(this.#sets, ({ spec }) => spec.selector);
    this.#sets.on(({ object, type }) => {
      if (type !== "DELETED") this.#queue.add(keyOf(object));
    });
    this.#nodes.on((change) => {
      if (matters(change)) for (const set of this.#sets.list()) this.#queue.add(keyOf(set));
    });
    this.#pods.on(({ object: pod, previous }) => {
      const owner = controllerOf(pod);
      const before = previous === undefined ? undefined : controllerOf(previous);
      for (const each of before?.uid === owner?.uid ? [owner] : [owner, before]) if (each?.kind === "DaemonSet") this.#queue.add(`${pod.metadata.namespace}/${each.name}`);
      if (owner === undefined) for (const set of selecting.matching(pod.metadata.namespace!, pod.metadata.labels)) this.#queue.add(keyOf(set));
    });
  }

  #pass(key: string): void {
    const set = this.#sets.get(key);
    if (set === undefined || set.metadata.deletionTimestamp !== undefined) return;
    if (isEmptySelector(set.spec.selector)) {
      return this.#events.warning(set, "SelectingAll", "This daemon set is selecting all pods. A non-empty selector is required.");
    }
    claim(this.#api, this.#pods, PODS, set, set.spec.selector);
    const revisions = this.#history.of(set);
    const hash = this.#current(set, revisions).metadata.labels![REVISION_HASH]!;
    const nodes = this.#nodes.list().sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
    let failed: unknown;
    try {
      this.#place(key, set, nodes, hash);
      if (set.spec.updateStrategy.type === "RollingUpdate") this.#roll(set, nodes, hash);
      const used = new Set(this.#pods.ownedBy(set.metadata.uid!).map(({ metadata }) => metadata.labels?.[REVISION_HASH]));
      const live = revisions.filter(({ metadata }) => metadata.labels?.[REVISION_HASH] === hash || used.has(metadata.labels?.[REVISION_HASH]));
      this.#history.truncate(set, revisions, new Set(live.map(({ metadata }) => metadata.name)));
    } catch (error) {
      if (!isNamespaceTerminating(error)) failed = error;
    }
    this.#write(set, this.#status(set, nodes, hash));
    if (failed !== undefined) throw failed;
    const waitMs = nextAvailableInMs(this.#pods.ownedBy(set.metadata.uid!), set.spec.minReadySeconds ?? 0, this.#kit.nowMs());
    if (waitMs !== undefined) this.#queue.addAfter(key, waitMs);
  }

  /** The revision of the template as it is, made or made the newest where need be. */
  #current(set: DaemonSet, revisions: ControllerRevision[]): ControllerRevision {
    const data = dataOf(set.spec.template);
    const known = revisions.filter((revision) => sameData(revision.data, data));
    const number = 1 + revisions.filter((revision) => !known.includes(revision)).reduce((most, { revision }) => Math.max(most, revision), 0);
    const newest = known.at(-1);
    if (newest !== undefined) return newest.revision < number ? this.#history.renumber(newest, number) : newest;
    try {
      return this.#history.create(set, templateHash(set.spec.template, set.status?.collisionCount), number);
    } catch (error) {
      if (isAlreadyExists(error)) this.#api.updateStatus(DAEMON_SETS, { ...set, status: { ...this.#status(set, [], ""), ...set.status, collisionCount: (set.status?.collisionCount ?? 0) + 1 } });
      throw error;
    }
  }

  /** The set's Pods by the node they are on or meant for; those that ended and are going don't count. */
  #byNode(set: DaemonSet): Map<string, Pod[]> {
    const byNode = new Map<string, Pod[]>();
    for (const pod of this.#pods.ownedBy(set.metadata.uid!)) {
      const node = targetOf(pod);
      if (node === undefined || (isFinished(pod) && pod.metadata.deletionTimestamp !== undefined)) continue;
      const pods = byNode.get(node);
      if (pods === undefined) byNode.set(node, [pod]);
      else pods.push(pod);
    }
    return byNode;
  }

  /** A Pod where there should be one, and none where there should be none. */
  #place(key: string, set: DaemonSet, nodes: readonly Node[], hash: string): void {
    const byNode = this.#byNode(set);
    const create: string[] = [];
    const remove: Pod[] = [];
    for (const node of nodes) {
      const { name } = node.metadata;
      const pods = byNode.get(name);
      const { run, stay } = placementOf(set, node);
      if (run && pods === undefined) create.push(name);
      else if (stay && pods !== undefined) this.#tidy(key, set, name, pods, hash, run, create, remove);
      else if (!stay && pods !== undefined) remove.push(...pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined));
    }
    const there = new Set(nodes.map(({ metadata }) => metadata.name));
    // Meant for a node that is gone before they got there: nobody else would ever delete them.
    for (const [node, pods] of byNode) if (!there.has(node)) remove.push(...pods.filter(({ spec, metadata }) => spec.nodeName === undefined && metadata.deletionTimestamp === undefined));
    this.#apply(set, create, remove, hash);
  }

  #tidy(key: string, set: DaemonSet, node: string, pods: readonly Pod[], hash: string, run: boolean, create: string[], remove: Pod[]): void {
    const running: Pod[] = [];
    for (const pod of pods) {
      if (pod.metadata.deletionTimestamp !== undefined) continue;
      const where = `daemon pod ${keyOf(pod)} on node ${node}`;
      if (pod.status?.phase === "Failed") {
        if (!this.#mayDeleteFailed(key, set, node)) continue;
        this.#events.warning(set, "FailedDaemonPod", `Found failed ${where}, will try to kill it`);
        remove.push(pod);
      } else if (pod.status?.phase === "Succeeded") {
        this.#events.normal(set, "SucceededDaemonPod", `Found succeeded ${where}, will try to delete it`);
        remove.push(pod);
      } else running.push(pod);
    }
    running.sort((a, b) => (a.metadata.creationTimestamp! < b.metadata.creationTimestamp! ? -1 : a.metadata.creationTimestamp === b.metadata.creationTimestamp ? 0 : 1));
    if (!surges(set)) return void remove.push(...running.slice(1));
    if (running.length === 0 && run) create.push(node);
    if (running.length <= 1) return;
    const [newest, old] = [running.find((pod) => isUpdated(set, pod, hash)), running.find((pod) => !isUpdated(set, pod, hash))];
    remove.push(...running.filter((pod) => pod !== newest && pod !== old));
    const ready = newest !== undefined && isAvailable(newest, set.spec.minReadySeconds ?? 0, this.#kit.nowMs());
    if (newest !== undefined && old !== undefined && (!isReady(old) || ready)) remove.push(old);
  }

  #mayDeleteFailed(key: string, set: DaemonSet, node: string): boolean {
    const id = `${set.metadata.uid} ${node}`;
    const nowMs = this.#kit.platform.clock.monotonicMs();
    const known = this.#failures.get(id);
    const leftMs = known === undefined ? 0 : known.atMs + known.waitMs - nowMs;
    if (leftMs > 0) {
      this.#queue.addAfter(key, leftMs);
      return false;
    }
    this.#failures.set(id, { waitMs: known === undefined ? FAILED_FIRST_MS : Math.min(FAILED_MAX_MS, known.waitMs * 2), atMs: nowMs });
    return true;
  }

  #roll(set: DaemonSet, nodes: readonly Node[], hash: string): void {
    const byNode = this.#byNode(set);
    const places: OnNode[] = [];
    for (const node of nodes) {
      const { run } = placementOf(set, node);
      const pods = byNode.get(node.metadata.name);
      if (run || pods !== undefined) places.push({ node: node.metadata.name, run, pods: pods ?? [] });
    }
    const { create, remove } = rollOver(set, places, hash, this.#kit.nowMs());
    this.#apply(set, create, remove, hash);
  }

  #apply(set: DaemonSet, create: readonly string[], remove: readonly Pod[], hash: string): void {
    for (const node of create.slice(0, BURST)) this.#control.create(set, daemonPod(set, node, hash));
    for (const pod of remove.slice(0, BURST)) this.#control.delete(set, pod);
  }

  #status(set: DaemonSet, nodes: readonly Node[], hash: string): DaemonSetStatus {
    const byNode = this.#byNode(set);
    const { spec: { minReadySeconds = 0 }, metadata: { generation } } = set;
    let [desired, current, misplaced, ready, updated, available] = [0, 0, 0, 0, 0, 0];
    for (const node of nodes) {
      const pods = byNode.get(node.metadata.name) ?? [];
      if (!placementOf(set, node).run) {
        if (pods.length > 0) misplaced++;
        continue;
      }
      desired++;
      const [oldest] = [...pods].sort((a, b) => (a.metadata.creationTimestamp! < b.metadata.creationTimestamp! ? -1 : a.metadata.creationTimestamp === b.metadata.creationTimestamp ? 0 : 1));
      if (oldest === undefined) continue;
      current++;
      if (isReady(oldest)) ready++;
      if (isAvailable(oldest, minReadySeconds, this.#kit.nowMs())) available++;
      if (isUpdated(set, oldest, hash)) updated++;
    }
    return {
      currentNumberScheduled: current, numberMisscheduled: misplaced, desiredNumberScheduled: desired, numberReady: ready,
      ...counted({ observedGeneration: generation ?? 0, updatedNumberScheduled: updated, numberAvailable: available, numberUnavailable: desired - available }),
    };
  }

  #write(set: DaemonSet, status: DaemonSetStatus): void {
    const { collisionCount, conditions } = set.status ?? {};
    const whole = { ...status, ...(collisionCount === undefined ? {} : { collisionCount }), ...(conditions === undefined ? {} : { conditions }) };
    const live = this.#sets.get(keyOf(set));
    if (live !== undefined && !sameJson(whole, live.status)) this.#api.updateStatus(DAEMON_SETS, { ...live, status: whole });
  }
}

/** Whether another Pod may be beside one that is to go. */
function surges({ spec: { updateStrategy: { type, rollingUpdate } } }: DaemonSet): boolean {
  const { maxSurge } = rollingUpdate ?? {};
  return type === "RollingUpdate" && maxSurge !== undefined && maxSurge !== 0 && maxSurge !== "0%" && maxSurge !== "0";
}

/** What decides where Pods go: labels, taints, being there. */
function matters({ type, object, previous }: Change<Node>): boolean {
  if (type !== "MODIFIED" || previous === undefined) return true;
  return !sameJson(object.metadata.labels, previous.metadata.labels) || !sameJson(object.spec.taints, previous.spec.taints);
}
