/** All built-in kinds: their rules joined with what is known of them from the schema. */
import { BUILTIN_KINDS, BUILTIN_TYPES, type KindFacts } from "../schema/facts.ts";
import { controllerRevision } from "./apps/controller-revision.ts";
import { daemonSet } from "./apps/daemon-set.ts";
import { deployment } from "./apps/deployment.ts";
import { replicaSet } from "./apps/replica-set.ts";
import { statefulSet } from "./apps/stateful-set.ts";
import { autoscaler } from "./autoscaling/autoscaler.ts";
import { oldAutoscaler } from "./autoscaling/old-form.ts";
import { cronJob } from "./batch/cron-job.ts";
import { job } from "./batch/job.ts";
import { tableFacts } from "./columns/index.ts";
import { lease } from "./coordination/lease.ts";
import { configMap } from "./core/config-map.ts";
import { endpoints } from "./core/endpoints.ts";
import { event, newEvent } from "./core/event.ts";
import { limitRange } from "./core/limit-range.ts";
import { namespace } from "./core/namespace.ts";
import { node } from "./core/node.ts";
import { podTemplate } from "./core/pod-template.ts";
import { replicationController } from "./core/replication-controller.ts";
import { resourceQuota } from "./core/resource-quota.ts";
import { secret } from "./core/secret.ts";
import { service } from "./core/service/index.ts";
import { serviceAccount } from "./core/service-account.ts";
import { ipAddress, serviceCidr } from "./networking/addresses.ts";
import { ingressClass } from "./networking/ingress-class.ts";
import { ingress } from "./networking/ingress.ts";
import { networkPolicy } from "./networking/network-policy.ts";
import { endpointSlice } from "./discovery/endpoint-slice.ts";
import type { KindRules } from "./define.ts";
import type { Kind, Verb } from "./kind.ts";
import { podDisruptionBudget } from "./policy/pod-disruption-budget.ts";
import { pod } from "./pod/index.ts";
import { clusterRoleBinding, roleBinding } from "./rbac/bindings.ts";
import { clusterRole, role } from "./rbac/roles.ts";
import { priorityClass } from "./scheduling/priority-class.ts";
import { runtimeClass } from "./scheduling/runtime-class.ts";
import { volumeAttachment, volumeAttributesClass } from "./volumes/attachment.ts";
import { csiDriver, csiNode, csiStorageCapacity } from "./volumes/csi.ts";
import { persistentVolumeClaim } from "./volumes/claim.ts";
import { storageClass } from "./volumes/storage-class.ts";
import { persistentVolume } from "./volumes/volume.ts";

const RULES: readonly KindRules[] = [
  configMap, secret, namespace, serviceAccount, service, pod, persistentVolumeClaim, persistentVolume, storageClass, deployment, replicaSet, statefulSet,
  daemonSet, controllerRevision, replicationController, podTemplate, limitRange, resourceQuota, job, cronJob,
  podDisruptionBudget, autoscaler, oldAutoscaler, lease, endpointSlice, endpoints, node, event, newEvent,
  role, clusterRole, roleBinding, clusterRoleBinding, priorityClass, runtimeClass, ingress, ingressClass, networkPolicy, ipAddress, serviceCidr, csiDriver, csiNode, csiStorageCapacity, volumeAttachment, volumeAttributesClass,
];

export function builtinKinds(): Kind[] {
  const byName = new Map(RULES.map((rules) => [`${rules.group}/${rules.version}/${rules.kind}`, rules]));
  return BUILTIN_KINDS.flatMap((facts) => {
    const rules = byName.get(`${facts.group}/${facts.version}/${facts.kind}`);
    return rules === undefined ? [] : [joined(facts, rules)];
  });
}

function joined(facts: KindFacts, rules: KindRules): Kind {
  const { group, version, kind, name, singularName, shortNames, categories, namespaced, verbs, type, subresources } = facts;
  const has = (subresource: string): boolean => subresources.some((each) => each.name === `${name}/${subresource}`);
  return {
    group, version, kind, listKind: `${kind}List`, plural: name, singular: singularName, shortNames, categories, namespaced, verbs: verbs as Verb[],
    types: BUILTIN_TYPES, type, custom: false, status: has("status"),
    scale: has("scale") ? { specReplicas: ".spec.replicas", statusReplicas: ".status.replicas", labelSelector: undefined } : undefined,
    strategy: rules.strategy, ...tableFacts(facts), selectable: rules.selectable, convert: rules.convert,
    ...rules.warning === undefined ? {} : { warning: rules.warning }, ...rules.storedAs === undefined ? {} : { storedAs: rules.storedAs },
  };
}
