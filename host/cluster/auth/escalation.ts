/**
 * Nobody grants what he doesn't hold: roles and bindings are refused to those who would give away more than they have,
 * unless they may "escalate" the role, or "bind" it.
 */
import type { Admission, AdmissionRequest } from "../api/machinery.ts";
import { sameValue } from "../api/equal.ts";
import { forbidden, notFound } from "../api/status-error.ts";
import type { ClusterObject } from "../model.ts";
import { CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, ROLE_BINDINGS, ROLES, type Authorizer, type RoleRef } from "./authorizer.ts";
import { quotedList, ruleText, uncovered, type Rule } from "./rules.ts";
import { MASTERS } from "./user.ts";

const GROUP = "rbac.authorization.k8s.io";

/** The policies of `admission`, and behind them this one. */
export function withEscalationCheck(admission: Admission, authorizer: Authorizer): Admission {
  return {
    mutate(request, context) {
      admission.mutate(request, context);
      if (request.object !== undefined) checkEscalation(authorizer, request, request.object);
    },
    validate: (request, context) => admission.validate(request, context),
  };
}

function checkEscalation(authorizer: Authorizer, request: AdmissionRequest, object: ClusterObject): void {
  const { resource, user, old } = request;
  const isRole = resource === ROLES || resource === CLUSTER_ROLES;
  if (!isRole && resource !== ROLE_BINDINGS && resource !== CLUSTER_ROLE_BINDINGS) return;
  if (user.groups.includes(MASTERS) || (old !== undefined && onlyKeeping(object, old))) return;
  if (isRole) checkRole(authorizer, request, object);
  else checkBinding(authorizer, request, object);
}

/** What the garbage collector changes gives nothing to anybody. */
function onlyKeeping(object: ClusterObject, old: ClusterObject): boolean {
  const bare = ({ metadata, ...rest }: ClusterObject): object => ({ ...rest, metadata: { ...metadata, finalizers: undefined, ownerReferences: undefined, managedFields: undefined } });
  return sameValue(bare(object), bare(old));
}

function checkRole(authorizer: Authorizer, { resource, user, namespace, kind }: AdmissionRequest, object: ClusterObject): void {
  const name = object.metadata.name ?? "";
  const attributes = { verb: "escalate", path: "", resource: { group: GROUP, resource: kind.plural, subresource: "", namespace, name } };
  if (authorizer.decide(user, attributes).allowed) return;
  const selectors = (object["aggregationRule"] as { clusterRoleSelectors?: unknown[] } | undefined)?.clusterRoleSelectors ?? [];
  if (resource === CLUSTER_ROLES && selectors.length > 0) {
    const { rules } = authorizer.rulesFor(user, "");
    const all: Rule[] = [{ verbs: ["*"], apiGroups: ["*"], resources: ["*"] }, { verbs: ["*"], nonResourceURLs: ["*"] }];
    if (uncovered(rules, all).length > 0) throw forbidden({ group: GROUP, resource: kind.plural }, name, "must have cluster-admin privileges to use the aggregationRule");
  }
  confirm(authorizer, { kind, user, namespace }, name, (object["rules"] ?? []) as unknown as Rule[]);
}

function checkBinding(authorizer: Authorizer, { user, namespace, kind }: AdmissionRequest, object: ClusterObject): void {
  const role = object["roleRef"] as unknown as RoleRef;
  const plural = role.kind === "ClusterRole" ? "clusterroles" : "roles";
  const attributes = { verb: "bind", path: "", resource: { group: GROUP, resource: plural, subresource: "", namespace, name: role.name } };
  if (authorizer.decide(user, attributes).allowed) return;
  const rules = authorizer.roleRules(role, namespace);
  if (rules === undefined) throw notFound({ group: GROUP, resource: kind.plural }, role.name);
  confirm(authorizer, { kind, user, namespace }, object.metadata.name ?? "", rules);
}

function confirm(authorizer: Authorizer, { kind, user, namespace }: Pick<AdmissionRequest, "kind" | "user" | "namespace">, name: string, wanted: readonly Rule[]): void {
  const { rules, missing } = authorizer.rulesFor(user, namespace);
  const lacking = uncovered(rules, wanted);
  if (lacking.length === 0) return;
  const told = [...new Set(lacking.map(ruleText))].sort().join("\n");
  const errors = missing.length === 0 ? "" : `; resolution errors: [${missing.join(", ")}]`;
  throw forbidden({ group: GROUP, resource: kind.plural }, name, `user ${JSON.stringify(user.name)} (groups=${quotedList(user.groups)}) is attempting to grant RBAC permissions not currently held:\n${told}${errors}`);
}
