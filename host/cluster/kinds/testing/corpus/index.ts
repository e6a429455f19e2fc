/** Examples of every kind that has rules. */
import type { Corpus } from "../differential.ts";
import { controllerRevisions, daemonSets, deployments, podTemplates, replicaSets, replicationControllers, statefulSets } from "./apps.ts";
import { cronJobs, jobs } from "./batch.ts";
import { configMaps, namespaces, secrets, serviceAccounts } from "./core.ts";
import { limitRanges, resourceQuotas } from "./limits.ts";
import { autoscalers, budgets, leases, oldAutoscalers } from "./policies.ts";
import { bindings, clusterBindings, clusterRoles, priorityClasses, roles, runtimeClasses } from "./access.ts";
import { ingressClasses, ingresses, ipAddresses, networkPolicies, serviceCidrs } from "./ingress.ts";
import { endpointSlices, endpoints, events, newEvents, nodes } from "./network.ts";
import { attachments, attributesClasses, claims, csiDrivers, csiNodes, storageCapacities, storageClasses, volumes } from "./storage.ts";
import { services } from "./services.ts";
import { pods } from "./pods.ts";

export const ALL: readonly Corpus[] = [configMaps, secrets, namespaces, serviceAccounts, services, pods, claims, volumes, storageClasses, deployments, replicaSets, statefulSets,
  daemonSets, controllerRevisions, replicationControllers, podTemplates, limitRanges, resourceQuotas, jobs, cronJobs, budgets, autoscalers, oldAutoscalers, leases, endpointSlices, endpoints, nodes, events, newEvents,
  roles, clusterRoles, bindings, clusterBindings, priorityClasses, runtimeClasses, ingresses, ingressClasses, networkPolicies, ipAddresses, serviceCidrs, csiDrivers, csiNodes, storageCapacities, attachments, attributesClasses];
