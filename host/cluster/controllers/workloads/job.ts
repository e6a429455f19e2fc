/** Job: Pods that run to an end, as many as it takes for the completions wanted, within the failures allowed. */
import { JOBS, type Job } from "../../typed/batch.ts";
import { PODS, type Pod } from "../../typed/core.ts";
import { keyOf } from "../../typed/resource.ts";
import type { Api } from "../kit/api.ts";
import { claim } from "../kit/claim.ts";
import { isTrue } from "../kit/conditions.ts";
import type { Queue } from "../kit/dispatcher.ts";
import type { Kit } from "../kit/kit.ts";
import { PodControl } from "../kit/pods.ts";
import type { Recorder } from "../kit/recorder.ts";
import { SelectorIndex } from "../kit/selectors.ts";
import { controllerOf, type Change, type Store } from "../kit/store.ts";
import { JobPass } from "./job-pass.ts";
import { isTracked, letGo } from "./job-pods.ts";
import type { Backoff } from "./job-policy.ts";

const MANAGER = "kube-controller-manager";
const OURSELVES = "kubernetes.io/job-controller";

export function isOver({ status }: Job): boolean {
  return isTrue(status?.conditions, "Complete") || isTrue(status?.conditions, "Failed");
}

export class JobController {
  readonly #kit: Kit;
  readonly #api: Api;
  readonly #events: Recorder;
  readonly #jobs: Store<Job>;
  readonly #pods: Store<Pod>;
  readonly #control: PodControl;
  readonly #queue: Queue;
  readonly #orphans: Queue;
  readonly #backoffs = new Map<string, Backoff>();

  constructor(kit: Kit) {
    this.#kit = kit;
    this.#api = kit.api(MANAGER);
    this.#events = kit.recorder("job-controller", MANAGER);
    this.#jobs = kit.store(JOBS);
    this.#pods = kit.store(PODS);
    this.#control = new PodControl(this.#api, this.#events);
    this.#queue = kit.queue("job", (key) => this.#pass(key));
    this.#orphans = kit.queue("job-orphans", (key) => this.#passOrphan(key));
    const selecting = new SelectorIndex(this.#jobs, ({ spec }) => spec.selector);
    this.#jobs.on(({ type, object }) => {
      if (type !== "DELETED") return this.#queue.add(keyOf(object));
      this.#backoffs.delete(object.metadata.uid!);
      for (const pod of this.#pods.ownedBy(object.metadata.uid!)) this.#orphans.add(keyOf(pod));
    });
    this.#pods.on((change) => this.#podChanged(change, selecting));
  }

  #podChanged({ type, object: pod, previous }: Change<Pod>, selecting: SelectorIndex<Job>): void {
    const namespace = pod.metadata.namespace!;
    const owner = controllerOf(pod);
    const before = previous === undefined ? undefined : controllerOf(previous);
    for (const each of before?.uid === owner?.uid ? [owner] : [owner, before]) if (each?.kind === "Job") this.#queue.add(`${namespace}/${each.name}`);
    if (type !== "DELETED" && isTracked(pod)) this.#orphans.add(keyOf(pod));
    if (owner !== undefined || type === "DELETED") return;
    for (const job of selecting.matching(namespace, pod.metadata.labels)) this.#queue.add(keyOf(job));
  }

  #pass(key: string): void {
    const job = this.#jobs.get(key);
    if (job === undefined || (job.spec.managedBy !== undefined && job.spec.managedBy !== OURSELVES)) return;
    const uid = job.metadata.uid!;
    if (isOver(job)) {
      this.#backoffs.delete(uid);
      for (const pod of this.#pods.ownedBy(uid)) if (isTracked(pod)) this.#orphans.add(keyOf(pod));
      return;
    }
    const pods = claim(this.#api, this.#pods, PODS, job, job.spec.selector ?? {}).sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
    const pass = new JobPass({ api: this.#api, events: this.#events, control: this.#control, kit: this.#kit }, job, pods, this.#backoffs.get(uid));
    try {
      pass.run();
    } finally {
      if (pass.backoff === undefined) this.#backoffs.delete(uid);
      else this.#backoffs.set(uid, pass.backoff);
    }
    if (pass.againInMs !== undefined) this.#queue.addAfter(key, pass.againInMs);
    if (isOver(this.#jobs.get(key) ?? job)) for (const pod of this.#pods.ownedBy(uid)) if (isTracked(pod)) this.#orphans.add(keyOf(pod));
  }

  /** A Pod that waits to be counted by a Job that is gone, or over, would wait forever. */
  #passOrphan(key: string): void {
    const pod = this.#pods.get(key);
    if (pod === undefined || !isTracked(pod)) return;
    const owner = controllerOf(pod);
    const job = owner?.kind === "Job" ? this.#jobs.get(`${pod.metadata.namespace}/${owner.name}`) : undefined;
    if (job !== undefined && job.metadata.uid === owner!.uid && !isOver(job)) return;
    letGo(this.#api, pod);
  }
}
