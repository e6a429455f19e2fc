/** A Job's Pods as it makes them, and the finalizer that keeps each until it is counted. */
import type { Job } from "../../typed/batch.ts";
import { PODS, type Container, type EnvVar, type Pod, type PodTemplate } from "../../typed/core.ts";
import { isNotFound, type Api, type New } from "../kit/api.ts";
import { podOf } from "../kit/pods.ts";
import { COMPLETION_INDEX, FAILURE_COUNT, hasLimitPerIndex, IGNORED_COUNT, indexOf, isIndexed, judge } from "./job-policy.ts";

export const TRACKING = "batch.kubernetes.io/job-tracking";
const NAME_CHARS_MAX = 58;

export function isTracked({ metadata: { finalizers } }: Pod): boolean { return finalizers?.includes(TRACKING) === true; }

/** Lets the Pod go: it has been counted, or nobody will. */
export function letGo(api: Api, pod: Pod): void {
  const left = (pod.metadata.finalizers ?? []).filter((each) => each !== TRACKING);
  try {
    api.patch(PODS, pod, { metadata: { finalizers: left.length === 0 ? null : left } });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/** `index` -1: none. `replaced`: the failed Pod of the same index, whose failures are carried on. */
export function jobPod(job: Job, index: number, replaced: Pod | undefined): New<Pod> {
  const template = index === -1 ? job.spec.template : indexed(job, index, replaced);
  const pod = podOf(job, template);
  const finalizers = [...(template.metadata?.finalizers ?? []).filter((each) => each !== TRACKING), TRACKING];
  return { ...pod, metadata: { ...pod.metadata, finalizers, ...(index === -1 ? {} : { generateName: generateName(job, index) }) } };
}

function generateName({ metadata: { name } }: Job, index: number): string {
  const end = `-${index}-`;
  return `${name.slice(0, Math.max(0, NAME_CHARS_MAX - end.length))}${end}`;
}

function indexed(job: Job, index: number, replaced: Pod | undefined): PodTemplate {
  const { template } = job.spec;
  const { metadata, spec } = template;
  const withIndex = (container: Container): Container => (container.env?.some(({ name }) => name === "JOB_COMPLETION_INDEX") === true ? container : { ...container, env: [...container.env ?? [], INDEX_VARIABLE] });
  const failures = hasLimitPerIndex(job) ? failureCounts(job, replaced) : {};
  return {
    metadata: {
      ...metadata,
      labels: { ...metadata?.labels, [COMPLETION_INDEX]: String(index) },
      annotations: { ...metadata?.annotations, [COMPLETION_INDEX]: String(index), ...failures },
    },
    spec: {
      ...spec, hostname: `${job.metadata.name}-${index}`, containers: spec.containers.map(withIndex),
      ...(spec.initContainers === undefined ? {} : { initContainers: spec.initContainers.map(withIndex) }),
    },
  };
}

const INDEX_VARIABLE: EnvVar = { name: "JOB_COMPLETION_INDEX", valueFrom: { fieldRef: { fieldPath: `metadata.labels['${COMPLETION_INDEX}']` } } };

function failureCounts(job: Job, replaced: Pod | undefined): { [annotation: string]: string } {
  if (replaced === undefined) return { [FAILURE_COUNT]: "0" };
  const [failures, ignored] = [annotated(replaced, FAILURE_COUNT), annotated(replaced, IGNORED_COUNT)];
  const counts = job.spec.podFailurePolicy === undefined || judge(job, replaced).counts;
  const nextIgnored = ignored + (counts ? 0 : 1);
  return { [FAILURE_COUNT]: String(failures + (counts ? 1 : 0)), ...(nextIgnored === 0 ? {} : { [IGNORED_COUNT]: String(nextIgnored) }) };
}
export function annotated({ metadata: { annotations } }: Pod, name: string): number { return Number.parseInt(annotations?.[name] ?? "0", 10) || 0; }

/** Which active Pods to give up: of the same index all but one, and those of indexes that don't exist; then the least useful. */
export function toRemove(job: Job, active: readonly Pod[], atLeast: number, order: (pods: readonly Pod[], count: number) => Pod[]): Pod[] {
  if (!isIndexed(job)) return order(active, atLeast);
  const remove: Pod[] = [];
  const keep: Pod[] = [];
  const byIndex = Map.groupBy(active, indexOf);
  for (const [index, pods] of [...byIndex].sort(([a], [b]) => a - b)) {
    if (index === -1 || index >= job.spec.completions!) remove.push(...pods);
    else {
      const surplus = order(pods, pods.length - 1);
      remove.push(...surplus);
      keep.push(...pods.filter((pod) => !surplus.includes(pod)));
    }
  }
  return remove.length >= atLeast ? remove : [...remove, ...order(keep, atLeast - remove.length)];
}
