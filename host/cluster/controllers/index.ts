/** The controllers of a cluster, all of them. */
import type { Kit } from "./kit/kit.ts";
import { ClusterRoleAggregationController } from "./lifecycle/cluster-roles.ts";
import { expireEvents } from "./lifecycle/event-ttl.ts";
import { GarbageCollector } from "./lifecycle/garbage-collector.ts";
import { NamespaceController } from "./lifecycle/namespace.ts";
import { NodeLifecycleController } from "./lifecycle/node-lifecycle.ts";
import { PodGarbageController } from "./lifecycle/pod-gc.ts";
import { ServiceAccountController } from "./lifecycle/service-accounts.ts";
import { TaintEvictionController } from "./lifecycle/taint-eviction.ts";
import { AutoscalerController } from "./policy/autoscaler.ts";
import { DisruptionController } from "./policy/disruption.ts";
import { startServiceControllers } from "./services/index.ts";
import { VolumeBindingController } from "./volumes/binding.ts";
import { VolumeProtectionController } from "./volumes/protection.ts";
import { CronJobController } from "./workloads/cron-job.ts";
import { DaemonSetController } from "./workloads/daemon-set.ts";
import { DeploymentController } from "./workloads/deployment.ts";
import { JobController } from "./workloads/job.ts";
import { deleteFinishedJobs } from "./workloads/job-ttl.ts";
import { ReplicaSetController } from "./workloads/replica-set.ts";
import { StatefulSetController } from "./workloads/stateful-set.ts";

export interface ControllersOptions {
  /** What every namespace's kube-root-ca.crt says, in PEM. */
  rootCa?: string;
}

/** Starts what a kube-controller-manager runs. It stops with the kit. */
export function startControllers(kit: Kit, options: ControllersOptions = {}): void {
  // Those who are looked at by others come first: what hears of a change first acts on it first.
  new ReplicaSetController(kit);
  new DeploymentController(kit);
  new StatefulSetController(kit);
  new DaemonSetController(kit);
  new JobController(kit);
  new CronJobController(kit);
  deleteFinishedJobs(kit);
  startServiceControllers(kit);
  new DisruptionController(kit);
  new AutoscalerController(kit);
  new VolumeBindingController(kit);
  new VolumeProtectionController(kit);
  new GarbageCollector(kit);
  new NamespaceController(kit);
  new ServiceAccountController(kit, options.rootCa ?? "");
  new ClusterRoleAggregationController(kit);
  new NodeLifecycleController(kit);
  new TaintEvictionController(kit);
  new PodGarbageController(kit);
  expireEvents(kit);
}
