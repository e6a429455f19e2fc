/**
 * The roles and bindings that every cluster has from the start.
 */
import data from "./policy.json" with { type: "json" };
import type { ClusterObject, JsonObject } from "../model.ts";
import type { Rule } from "./rules.ts";

interface RoleText { labels?: string[]; rules?: string[]; aggregates?: string[] }
interface BindingText { role: string; subjects: string[] }
type ByName<Text> = { readonly [name: string]: Text };
const POLICY = data as { clusterRoles: ByName<RoleText>; roles: ByName<RoleText>; clusterRoleBindings: ByName<BindingText>; roleBindings: ByName<BindingText> };

const GROUP = "rbac.authorization.k8s.io";

/** Objects ready to be created, by the plural of their resource. Bindings to ServiceAccounts of namespaces that are there. */
export function bootstrapPolicy(): { readonly resource: string; readonly object: ClusterObject }[] {
  const made: { resource: string; object: ClusterObject }[] = [];
  for (const [name, text] of Object.entries(POLICY.clusterRoles)) made.push({ resource: "clusterroles", object: roleOf("ClusterRole", name, text) });
  for (const [name, text] of Object.entries(POLICY.roles)) made.push({ resource: "roles", object: roleOf("Role", name, text) });
  for (const [name, text] of Object.entries(POLICY.clusterRoleBindings)) made.push({ resource: "clusterrolebindings", object: bindingOf("ClusterRoleBinding", name, text) });
  for (const [name, text] of Object.entries(POLICY.roleBindings)) made.push({ resource: "rolebindings", object: bindingOf("RoleBinding", name, text) });
  return made;
}

function metadataOf(name: string, labels: readonly string[] = []): ClusterObject["metadata"] {
  const slash = name.indexOf("/");
  return {
    name: name.slice(slash + 1), ...(slash === -1 ? {} : { namespace: name.slice(0, slash) }),
    annotations: { "rbac.authorization.kubernetes.io/autoupdate": "true" },
    labels: { "kubernetes.io/bootstrapping": "rbac-defaults", ...Object.fromEntries(labels.map((label) => [label, "true"])) },
  };
}

function roleOf(kind: string, name: string, { labels, rules = [], aggregates }: RoleText): ClusterObject {
  const object: ClusterObject = { apiVersion: `${GROUP}/v1`, kind, metadata: metadataOf(name, labels), rules: aggregates === undefined ? rules.map(ruleOf) as unknown as JsonObject[] : null };
  if (aggregates !== undefined) object["aggregationRule"] = { clusterRoleSelectors: aggregates.map((label) => ({ matchLabels: { [label]: "true" } })) };
  return object;
}

/** "verbs groups resources names" or "verbs @urls"; "core" is the core group. */
function ruleOf(text: string): Rule {
  const [verbs = "", groups = "", resources = "", names] = text.split(" ");
  const list = (part: string): string[] => (part === "-" ? [] : part.split(","));
  if (groups.startsWith("@")) return { verbs: list(verbs), nonResourceURLs: list(groups.slice(1)) };
  return {
    verbs: list(verbs), apiGroups: list(groups).map((group) => (group === "core" ? "" : group)), resources: list(resources),
    ...(names === undefined ? {} : { resourceNames: list(names) }),
  };
}

function bindingOf(kind: string, name: string, { role, subjects }: BindingText): ClusterObject {
  const [roleKind, roleName] = split(role);
  return {
    apiVersion: `${GROUP}/v1`, kind, metadata: metadataOf(name), roleRef: { apiGroup: GROUP, kind: roleKind, name: roleName },
    subjects: subjects.map((subject): JsonObject => {
      const [subjectKind, subjectName] = split(subject);
      if (subjectKind !== "ServiceAccount") return { kind: subjectKind, apiGroup: GROUP, name: subjectName };
      const [namespace, account] = subjectName.split("/") as [string, string];
      return { kind: subjectKind, name: account, namespace };
    }),
  };
}

function split(text: string): [kind: string, name: string] {
  const space = text.indexOf(" ");
  return [text.slice(0, space), text.slice(space + 1)];
}
