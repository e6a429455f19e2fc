/**
 * Role-based access: who may do what, by the Roles and ClusterRoles and their bindings that are stored.
 */
import { forbidden, type StatusError } from "../api/status-error.ts";
import type { ClusterObject } from "../model.ts";
import type { Storage } from "../storage/storage.ts";
import { ruleAllows, type Attributes, type Rule } from "./rules.ts";
import { MASTERS, type User } from "./user.ts";

export const ROLES = "roles.rbac.authorization.k8s.io";
export const CLUSTER_ROLES = "clusterroles.rbac.authorization.k8s.io";
export const ROLE_BINDINGS = "rolebindings.rbac.authorization.k8s.io";
export const CLUSTER_ROLE_BINDINGS = "clusterrolebindings.rbac.authorization.k8s.io";

export interface RoleRef { readonly apiGroup: string; readonly kind: string; readonly name: string }
export interface Subject { readonly kind: string; readonly apiGroup?: string; readonly name: string; readonly namespace?: string }

export interface Decision {
  readonly allowed: boolean;
  /** Why, or what went wrong on the way; "" for nothing to say. */
  readonly reason: string;
}

/** What a binding gives a subject. */
interface Grant {
  /** "": everywhere. */
  readonly namespace: string;
  /** Undefined when the role isn't there. */
  readonly rules: readonly Rule[] | undefined;
  /** 'ClusterRoleBinding "a" of ClusterRole "b" to User "c"'. */
  readonly told: string;
  readonly missing: string;
}

export class Authorizer {
  readonly #storage: Storage;
  /** By subject; undefined after a change of roles or bindings. */
  #grants: Map<string, Grant[]> | undefined;

  constructor(storage: Storage) {
    this.#storage = storage;
    const changed = (): void => { this.#grants = undefined; };
    for (const resource of [ROLES, CLUSTER_ROLES, ROLE_BINDINGS, CLUSTER_ROLE_BINDINGS]) storage.watch(resource, storage.resourceVersion, changed);
  }

  decide(user: User, attributes: Attributes): Decision {
    if (user.groups.includes(MASTERS)) return { allowed: true, reason: "" };
    const missing: string[] = [];
    for (const { rules, told, missing: what } of this.#grantsOf(user, attributes.resource?.namespace ?? "")) {
      if (rules === undefined) missing.push(what);
      else if (rules.some((rule) => ruleAllows(rule, attributes))) return { allowed: true, reason: `RBAC: allowed by ${told}` };
    }
    return { allowed: false, reason: missing.length === 0 ? "" : `RBAC: ${list(missing)}` };
  }

  /** Every rule that holds for the user in a namespace. */
  rulesFor(user: User, namespace: string): { rules: Rule[]; missing: string[] } {
    const [rules, missing]: [Rule[], string[]] = [[], []];
    for (const grant of this.#grantsOf(user, namespace)) {
      if (grant.rules === undefined) missing.push(grant.missing);
      else rules.push(...grant.rules);
    }
    return { rules, missing };
  }

  /** Undefined when there is no such role. */
  roleRules({ kind, name }: RoleRef, namespace: string): readonly Rule[] | undefined {
    const role = kind === "Role" ? this.#storage.get(ROLES, `${namespace}/${name}`) : kind === "ClusterRole" ? this.#storage.get(CLUSTER_ROLES, name) : undefined;
    return role === undefined ? undefined : (role.object["rules"] ?? []) as unknown as Rule[];
  }

  *#grantsOf({ name, groups }: User, namespace: string): Generator<Grant> {
    const grants = this.#grants ??= this.#collect();
    for (const key of [`User/${name}`, ...groups.map((group) => `Group/${group}`)]) {
      for (const grant of grants.get(key) ?? []) if (grant.namespace === "" || grant.namespace === namespace) yield grant;
    }
  }

  #collect(): Map<string, Grant[]> {
    const grants = new Map<string, Grant[]>();
    for (const resource of [CLUSTER_ROLE_BINDINGS, ROLE_BINDINGS]) {
      for (const { object } of this.#storage.list(resource)) this.#add(grants, object, resource === ROLE_BINDINGS ? object.metadata.namespace! : "");
    }
    return grants;
  }

  #add(grants: Map<string, Grant[]>, binding: ClusterObject, namespace: string): void {
    const role = binding["roleRef"] as unknown as RoleRef;
    const rules = this.roleRules(role, namespace);
    const kind = namespace === "" ? "ClusterRoleBinding" : "RoleBinding";
    const bound = namespace === "" ? binding.metadata.name : `${binding.metadata.name}/${namespace}`;
    for (const subject of (binding["subjects"] ?? []) as unknown as Subject[]) {
      const key = subject.kind === "ServiceAccount" ? `User/system:serviceaccount:${subject.namespace ?? namespace}:${subject.name}` : `${subject.kind}/${subject.name}`;
      const shown = subject.kind === "ServiceAccount" ? `${subject.name}/${subject.namespace ?? namespace}` : subject.name;
      const grant: Grant = {
        namespace, rules, told: `${kind} ${JSON.stringify(bound)} of ${role.kind} ${JSON.stringify(role.name)} to ${subject.kind} ${JSON.stringify(shown)}`,
        missing: `${role.kind.toLowerCase()}.rbac.authorization.k8s.io ${JSON.stringify(role.name)} not found`,
      };
      const known = grants.get(key);
      if (known === undefined) grants.set(key, [grant]);
      else known.push(grant);
    }
  }
}

function list(messages: readonly string[]): string {
  const unique = [...new Set(messages)];
  return unique.length === 1 ? unique[0]! : `[${unique.join(", ")}]`;
}

/** The 403. */
export function denied(user: User, { verb, resource, path }: Attributes, reason: string): StatusError {
  const why = reason === "" ? "" : `: ${reason}`;
  const who = `User ${quoted(user.name)} cannot ${quoted(verb).slice(1, -1)}`;
  if (resource === undefined) return forbidden({ group: "", resource: "" }, "", `${who} path ${quoted(path)}${why}`);
  const { group, resource: plural, subresource, namespace, name } = resource;
  const what = `resource ${quoted(subresource === "" ? plural : `${plural}/${subresource}`)} in API group ${quoted(group)}`;
  const where = namespace === "" ? "at the cluster scope" : `in the namespace ${quoted(namespace)}`;
  return forbidden({ group, resource: plural }, name, `${who} ${what} ${where}${why}`);
}

/** Nothing that could be taken for HTML. */
function quoted(text: string): string {
  return JSON.stringify(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
