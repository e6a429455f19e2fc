/** The ReplicaSet of a template: finding it, making it, numbering it. */
import { REPLICA_SETS, type ReplicaSet } from "../../typed/apps.ts";
import type { PodTemplate } from "../../typed/core.ts";
import { isAlreadyExists, isNamespaceTerminating, messageOf, type New } from "../kit/api.ts";
import { findCondition, withCondition } from "../kit/conditions.ts";
import { sameJson, templateHash } from "../kit/hash.ts";
import { controlledBy } from "../kit/pods.ts";
import { controllerOf } from "../kit/store.ts";
import { DESIRED_REPLICAS, hasDeadline, MAX_REPLICAS, REVISION, REVISION_HISTORY, revisionOf, TEMPLATE_HASH } from "./deployment-numbers.ts";
import type { Rollout } from "./deployment-rollout.ts";

/** Annotations that a ReplicaSet does not inherit. */
const OWN = new Set([
  "kubectl.kubernetes.io/last-applied-configuration", "deprecated.deployment.rollback.to", REVISION, REVISION_HISTORY, DESIRED_REPLICAS, MAX_REPLICAS,
]);
const HISTORY_CHARS_MAX = 2000;
const NAME_CHARS_MAX = 253;

/** Whether the set is of this template, its hash label aside. */
export function isOfTemplate({ spec: { template } }: ReplicaSet, of: PodTemplate): boolean {
  if (!sameJson(template.spec, of.spec)) return false;
  const { [TEMPLATE_HASH]: _, ...labels } = template.metadata?.labels ?? {};
  const { [TEMPLATE_HASH]: __, ...wanted } = of.metadata?.labels ?? {};
  return sameJson({ ...template.metadata, labels }, { ...of.metadata, labels: wanted });
}

/** Brings annotations, revision and minReadySeconds of the set that is there up to date. */
export function adoptNewSet(rollout: Rollout, set: ReplicaSet): void {
  const { deployment, tools } = rollout;
  const annotations = annotationsFor(rollout, set.metadata.annotations ?? {}, true);
  const minReadySeconds = deployment.spec.minReadySeconds ?? 0;
  if (!sameJson(annotations, set.metadata.annotations ?? {}) || (set.spec.minReadySeconds ?? 0) !== minReadySeconds) {
    const spec = { ...set.spec, minReadySeconds };
    if (minReadySeconds === 0) delete (spec as { minReadySeconds?: number }).minReadySeconds;
    rollout.newSet = tools.api.update(REPLICA_SETS, { ...set, metadata: { ...set.metadata, annotations }, spec });
  }
  rollout.revision = annotations[REVISION];
  if (hasDeadline(deployment) && findCondition(rollout.conditions, "Progressing") === undefined) {
    rollout.conditions = withCondition(rollout.conditions, progressing(rollout, "FoundNewReplicaSet", `Found new replica set "${set.metadata.name}"`));
  }
}

/** Makes the set, as large as it may be at once. Throws for what the API refuses, after the status has told it. */
export function createNewSet(rollout: Rollout): void {
  const { deployment, tools } = rollout;
  const set = setFor(rollout);
  const name = set.metadata.name!;
  try {
    rollout.newSet = tools.api.create(REPLICA_SETS, set);
  } catch (error) {
    if (isAlreadyExists(error)) return resolveCollision(rollout, name, error);
    if (!isNamespaceTerminating(error)) {
      const message = `Failed to create new replica set "${name}": ${messageOf(error)}`;
      if (hasDeadline(deployment)) rollout.conditions = withCondition(rollout.conditions, { ...progressing(rollout, "ReplicaSetCreateError", message), status: "False" });
      tools.events.warning(deployment, "ReplicaSetCreateError", message);
      rollout.write({ ...deployment.status, ...(rollout.conditions === undefined ? {} : { conditions: rollout.conditions }) });
    }
    throw error;
  }
  if (set.spec.replicas > 0) tools.events.normal(deployment, "ScalingReplicaSet", `Scaled up replica set ${name} from 0 to ${set.spec.replicas}`);
  rollout.revision = set.metadata.annotations![REVISION]!;
  if (hasDeadline(deployment)) rollout.conditions = withCondition(rollout.conditions, progressing(rollout, "NewReplicaSetCreated", `Created new replica set "${name}"`));
}

function setFor(rollout: Rollout): New<ReplicaSet> {
  const { deployment } = rollout;
  const { spec: { template, selector, minReadySeconds }, metadata: { name, namespace } } = deployment;
  const hash = templateHash(template, rollout.collisionCount);
  const labels = { ...template.metadata?.labels, [TEMPLATE_HASH]: hash };
  return {
    metadata: {
      name: `${name.slice(0, NAME_CHARS_MAX - hash.length - 1)}-${hash}`, namespace: namespace!, labels, ownerReferences: [controlledBy(deployment)],
      annotations: annotationsFor(rollout, {}, false),
    },
    spec: {
      replicas: rollout.newSize(0),
      ...(minReadySeconds === undefined || minReadySeconds === 0 ? {} : { minReadySeconds }),
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [TEMPLATE_HASH]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
}

/** A set of that name is there and isn't ours: count the collision, and the next pass takes another name. */
function resolveCollision(rollout: Rollout, name: string, error: unknown): void {
  const { deployment, tools } = rollout;
  const there = tools.api.get(REPLICA_SETS, deployment.metadata.namespace, name);
  if (there !== undefined && controllerOf(there)?.uid === deployment.metadata.uid && isOfTemplate(there, deployment.spec.template)) {
    rollout.newSet = there;
    rollout.revision = there.metadata.annotations?.[REVISION];
    return;
  }
  rollout.write({ ...deployment.status, collisionCount: (rollout.collisionCount ?? 0) + 1 });
  throw error;
}

/** What `known` becomes: the Deployment's own annotations copied, the revision raised above those of all old sets. */
function annotationsFor(rollout: Rollout, known: { [name: string]: string }, exists: boolean): { [name: string]: string } {
  const annotations = { ...known };
  for (const [name, value] of Object.entries(rollout.deployment.metadata.annotations ?? {})) if (!OWN.has(name)) annotations[name] = value;
  const next = 1 + rollout.oldSets.reduce((most, set) => Math.max(most, revisionOf(set) ?? 0), 0);
  const had = known[REVISION];
  const hadNumber = had === undefined || had === "" ? 0 : Number.parseInt(had, 10);
  // Text that is no number was somebody's wish to keep it.
  if (Number.isNaN(hadNumber)) return annotations;
  if (hadNumber < next) {
    annotations[REVISION] = String(next);
    if (had !== undefined) annotations[REVISION_HISTORY] = withHistory(known[REVISION_HISTORY], had);
  }
  return exists ? annotations : { ...annotations, ...rollout.sizeAnnotations() };
}

/** Revisions that a set had before, the oldest dropped where they grow too many. */
function withHistory(history: string | undefined, revision: string): string {
  const revisions = history === undefined || history === "" ? [] : history.split(",");
  revisions.push(revision);
  while (revisions.length > 1 && revisions.join(",").length > HISTORY_CHARS_MAX) revisions.shift();
  return revisions.join(",");
}

function progressing({ tools }: Rollout, reason: string, message: string) {
  return { type: "Progressing", status: "True" as const, lastUpdateTime: tools.now(), lastTransitionTime: tools.now(), reason, message };
}
