/** One pass over a Deployment: its ReplicaSets, what is to be written of it at the end, and the two ways of rolling. */
import { DEPLOYMENTS, REPLICA_SETS, type Deployment, type DeploymentStatus, type ReplicaSet } from "../../typed/apps.ts";
import type { Condition } from "../../typed/resource.ts";
import type { Api } from "../kit/api.ts";
import { sameJson } from "../kit/hash.ts";
import type { Recorder } from "../kit/recorder.ts";
import { byCreation, byRevision, DESIRED_REPLICAS, hasHistoryLimit, isComplete, MAX_REPLICAS, maxSurge, maxUnavailable, REVISION, specReplicas, sum } from "./deployment-numbers.ts";
import { adoptNewSet, createNewSet, isOfTemplate } from "./deployment-revision.ts";

export interface RolloutTools { readonly api: Api; readonly events: Recorder; now(): string }

export class Rollout {
  readonly deployment: Deployment;
  readonly tools: RolloutTools;
  /** The ReplicaSet of the template that the Deployment has now; undefined until there is one. */
  newSet: ReplicaSet | undefined;
  /** Oldest first. */
  oldSets: ReplicaSet[];
  /** Conditions as they stand in this pass. */
  conditions: Condition[] | undefined;
  /** To be written on the Deployment, when it differs. */
  revision: string | undefined;
  collisionCount: number | undefined;

  constructor(deployment: Deployment, sets: ReplicaSet[], tools: RolloutTools) {
    this.deployment = deployment;
    this.tools = tools;
    sets.sort(byCreation);
    this.newSet = sets.find((set) => isOfTemplate(set, deployment.spec.template));
    this.oldSets = sets.filter((set) => set !== this.newSet);
    this.conditions = deployment.status?.conditions;
    this.revision = deployment.metadata.annotations?.[REVISION];
    this.collisionCount = deployment.status?.collisionCount;
  }

  get allSets(): ReplicaSet[] { return this.newSet === undefined ? this.oldSets : [...this.oldSets, this.newSet]; }
  get activeSets(): ReplicaSet[] { return this.allSets.filter(({ spec }) => spec.replicas > 0); }
  get activeOldSets(): ReplicaSet[] { return this.oldSets.filter(({ spec }) => spec.replicas > 0); }

  /** Brings the ReplicaSet of the template in line, if there is one. */
  findNewSet(): void {
    if (this.newSet !== undefined) adoptNewSet(this, this.newSet);
  }

  roll(): void {
    if (this.newSet === undefined) createNewSet(this);
    if (this.#growNew() || this.#shrinkOld()) return;
    if (isComplete(this.deployment, this.deployment.status)) this.cleanUp();
  }

  recreate(oldPodsRun: (rollout: Rollout) => boolean): void {
    let scaled = false;
    for (const set of this.activeOldSets) scaled = this.scale(set, 0) || scaled;
    if (scaled || oldPodsRun(this)) return;
    if (this.newSet === undefined) createNewSet(this);
    this.scale(this.newSet!, this.deployment.spec.replicas);
    if (isComplete(this.deployment, this.deployment.status)) this.cleanUp();
  }

  /** Sets a ReplicaSet's size; `always`: writes its annotations too when only they differ. True when the size changed. */
  scale(set: ReplicaSet, replicas: number, always = false): boolean {
    const resized = set.spec.replicas !== replicas;
    if (!resized && !always) return false;
    const annotations = { ...set.metadata.annotations, ...this.sizeAnnotations() };
    if (!resized && sameJson(annotations, set.metadata.annotations)) return false;
    const written = this.tools.api.update(REPLICA_SETS, { ...set, metadata: { ...set.metadata, annotations }, spec: { ...set.spec, replicas } });
    this.#replace(set, written);
    if (!resized) return false;
    const direction = set.spec.replicas < replicas ? "up" : "down";
    this.tools.events.normal(this.deployment, "ScalingReplicaSet", `Scaled ${direction} replica set ${set.metadata.name} from ${set.spec.replicas} to ${replicas}`);
    return true;
  }

  sizeAnnotations(): { [name: string]: string } {
    const { replicas } = this.deployment.spec;
    return { [DESIRED_REPLICAS]: String(replicas), [MAX_REPLICAS]: String(replicas + maxSurge(this.deployment)) };
  }

  /** How large the new ReplicaSet may be by now. */
  newSize(current: number): number {
    const { spec: { replicas, strategy } } = this.deployment;
    if (strategy.type === "Recreate") return replicas;
    const room = replicas + maxSurge(this.deployment) - sum(this.allSets, specReplicas);
    return room <= 0 ? current : current + Math.min(room, replicas - current);
  }

  /** Old ReplicaSets beyond the limit of the history go, the oldest revision first. */
  cleanUp(): void {
    if (!hasHistoryLimit(this.deployment)) return;
    const old = this.oldSets.filter(({ metadata }) => metadata.deletionTimestamp === undefined).sort(byRevision);
    for (const set of old.slice(0, Math.max(0, old.length - this.deployment.spec.revisionHistoryLimit!))) {
      const { status, spec, metadata } = set;
      if ((status?.replicas ?? 0) !== 0 || spec.replicas !== 0 || metadata.generation! > (status?.observedGeneration ?? 0)) continue;
      this.tools.api.delete(REPLICA_SETS, set);
    }
  }

  /** Writes what differs, at once. */
  write(status: DeploymentStatus): void {
    const { deployment } = this;
    const { annotations } = deployment.metadata;
    const renumbered = this.revision !== undefined && annotations?.[REVISION] !== this.revision;
    if (!renumbered && sameJson(status, deployment.status)) return;
    const metadata = renumbered ? { ...deployment.metadata, annotations: { ...annotations, [REVISION]: this.revision! } } : deployment.metadata;
    this.tools.api.updateStatus(DEPLOYMENTS, { ...deployment, metadata, status });
  }

  #growNew(): boolean {
    const set = this.newSet!;
    const { replicas } = this.deployment.spec;
    if (set.spec.replicas === replicas) return false;
    return this.scale(set, set.spec.replicas > replicas ? replicas : this.newSize(set.spec.replicas));
  }

  /**
   * Old Pods go as far as enough stay available, those first that serve nobody. New Pods that aren't available yet count
   * as if they never will be: a broken template must not eat the old replicas.
   */
  #shrinkOld(): boolean {
    const old = this.activeOldSets;
    if (old.length === 0) return false;
    const least = this.deployment.spec.replicas - maxUnavailable(this.deployment);
    const newUnavailable = this.newSet!.spec.replicas - (this.newSet!.status?.availableReplicas ?? 0);
    let room = sum(this.allSets, specReplicas) - least - newUnavailable;
    if (room <= 0) return false;
    let shrunk = false;
    for (const set of old) {
      const unhealthy = Math.min(room, set.spec.replicas - (set.status?.availableReplicas ?? 0));
      if (unhealthy <= 0) continue;
      room -= unhealthy;
      shrunk = this.scale(set, set.spec.replicas - unhealthy) || shrunk;
    }
    let spare = sum(this.activeSets, ({ status }) => status?.availableReplicas) - least;
    for (const set of this.activeOldSets) {
      if (spare <= 0) break;
      const less = Math.min(set.spec.replicas, spare);
      spare -= less;
      shrunk = this.scale(set, set.spec.replicas - less) || shrunk;
    }
    return shrunk;
  }

  #replace(set: ReplicaSet, written: ReplicaSet): void {
    if (this.newSet === set) this.newSet = written;
    else this.oldSets = this.oldSets.map((each) => (each === set ? written : each));
  }
}
