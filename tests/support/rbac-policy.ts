/**
 * The roles and bindings that a real API server makes at its start, in a short form: what `host/cluster/auth/policy.json`
 * holds. `UPDATE=1 npm test -- auth/policy` writes it anew.
 */
import type { ApiClient, Loose } from "./api-client.ts";

/** "verbs groups resources names", each separated by commas, "-" for none, or "verbs @urls". */
function ruleText({ verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] }: Loose): string {
  const list = (values: string[]): string => (values.length === 0 ? "-" : values.map((each) => (each === "" ? "core" : each)).join(","));
  if (nonResourceURLs.length > 0) return `${list(verbs)} @${nonResourceURLs.join(",")}`;
  return [verbs, apiGroups, resources, ...(resourceNames.length > 0 ? [resourceNames] : [])].map(list).join(" ");
}

function roleOf({ metadata: { labels }, rules, aggregationRule }: Loose): Loose {
  const { "kubernetes.io/bootstrapping": _, ...own } = labels;
  const selected = aggregationRule?.clusterRoleSelectors.map(({ matchLabels }: Loose) => Object.keys(matchLabels)[0]);
  return { ...(Object.keys(own).length === 0 ? {} : { labels: Object.keys(own) }), ...(selected === undefined ? { rules: (rules ?? []).map(ruleText) } : { aggregates: selected }) };
}

/** "Group system:masters", "ServiceAccount kube-system/x". */
function bindingOf({ roleRef, subjects }: Loose): Loose {
  const text = ({ kind, name, namespace }: Loose): string => `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
  return { role: `${roleRef.kind} ${roleRef.name}`, subjects: (subjects ?? []).map(text) };
}

export async function readPolicy(api: ApiClient): Promise<Loose> {
  const items = async (plural: string): Promise<Loose[]> => (await api.must("GET", `/apis/rbac.authorization.k8s.io/v1/${plural}`)).items;
  const byName = (all: Loose[], of: (object: Loose) => Loose): Loose => Object.fromEntries(all.map((object) => {
    const { name, namespace } = object.metadata;
    return [namespace === undefined ? name : `${namespace}/${name}`, of(object)];
  }));
  return {
    clusterRoles: byName(await items("clusterroles"), roleOf), roles: byName(await items("roles"), roleOf),
    clusterRoleBindings: byName(await items("clusterrolebindings"), bindingOf), roleBindings: byName(await items("rolebindings"), bindingOf),
  };
}
