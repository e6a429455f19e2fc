/** For measuring: sorts the members into ready and unready, and names the first that runs another image. */
import { Cluster, ClusterObserved, ClusterPlan, isConditionTrue, Pod, PodCondition } from "./generated";

export function reconcile(cluster: Cluster, observed: ClusterObserved): ClusterPlan {
  const plan = ClusterPlan.for(cluster);
  const ready: string[] = [];
  const unready: string[] = [];
  let outdated: Pod | null = null;
  const pods = observed.pods;
  for (let i = 0; i < pods.length; i++) {
    const pod = pods[i];
    const up = isConditionTrue<PodCondition>(pod.status.conditions, "Ready");
    if (up) ready.push(pod.metadata.name);
    else unready.push(pod.metadata.name);
    if (outdated === null && pod.spec.containers[0].image != cluster.spec.image) outdated = pod;
  }
  plan.status({ ready, unready });
  if (outdated !== null) plan.deletePod(outdated, "ImageOutdated");
  return plan;
}
