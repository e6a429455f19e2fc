/** Examples of every kind that has rules. */
import type { Corpus } from "../differential.ts";
import { controllerRevisions, daemonSets, deployments, podTemplates, replicaSets, replicationControllers, statefulSets } from "./apps.ts";
import { cronJobs, jobs } from "./batch.ts";
import { configMaps, namespaces, secrets, serviceAccounts } from "./core.ts";
import { limitRanges, resourceQuotas } from "./limits.ts";
import { claims, storageClasses, volumes } from "./storage.ts";
import { services } from "./services.ts";
import { pods } from "./pods.ts";

export const ALL: readonly Corpus[] = [configMaps, secrets, namespaces, serviceAccounts, services, pods, claims, volumes, storageClasses, deployments, replicaSets, statefulSets,
  daemonSets, controllerRevisions, replicationControllers, podTemplates, limitRanges, resourceQuotas, jobs, cronJobs];
